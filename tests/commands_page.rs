//! docs/COMMANDS.md has every command that there is, and no other.

#![cfg(all(feature = "shell", feature = "whisper", feature = "onnx", feature = "espeak"))]

use std::collections::BTreeSet;
use std::process::Command;

#[test]
fn every_command_has_its_section() {
    let help = Command::new(env!("CARGO_BIN_EXE_callwright")).arg("--help").output().expect("it runs");
    let help = String::from_utf8(help.stdout).expect("UTF-8");
    let (_, commands) = help.split_once("Commands:\n").expect("a list of commands");
    let commands =
        commands.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    let commands: BTreeSet<&str> = commands.filter(|name| *name != "help").collect();
    let page = include_str!("../docs/COMMANDS.md");
    let sections: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("## callwright ")).collect();
    assert_eq!(sections, commands);
}

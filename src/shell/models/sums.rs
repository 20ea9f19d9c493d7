//! The checksums of what is installed: `SHA256SUMS` in the folder of the models, as `sha256sum` writes and checks it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// The file.
pub const FILE: &str = "SHA256SUMS";
/// Read at a time.
const CHUNK_BYTES: usize = 1 << 16;

/// Checksum by file name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sums(BTreeMap<String, String>);

impl Sums {
    /// Those of a folder; none if it has no such file.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(why) if why.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(why) => return Err(why).with_context(|| path.display().to_string()),
        };
        let mut sums = BTreeMap::new();
        for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let place = || format!("{}:{}", path.display(), n + 1);
            let Some((sum, name)) = line.split_once([' ', '\t']) else { bail!("{}: no checksum and name", place()) };
            let sum = checked(sum).with_context(place)?;
            sums.insert(name.trim_start().trim_start_matches('*').to_owned(), sum);
        }
        Ok(Self(sums))
    }

    /// The checksum of a file.
    pub fn of(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Every file that has one.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Takes one down, in the folder's file too.
    pub fn record(&mut self, folder: &Path, name: &str, sum: &str) -> Result<()> {
        self.0.insert(name.to_owned(), sum.to_owned());
        let lines: String = self.0.iter().fold(String::new(), |mut lines, (name, sum)| {
            let _ = writeln!(lines, "{sum}  {name}"); // a string takes everything
            lines
        });
        let (path, new) = (folder.join(FILE), folder.join(format!(".{FILE}.new")));
        fs::write(&new, lines).and_then(|()| fs::rename(&new, &path)).with_context(|| path.display().to_string())
    }
}

/// A SHA-256 in lower-case digits.
pub fn checked(sum: &str) -> Result<String> {
    if sum.len() == 64 && sum.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(sum.to_ascii_lowercase());
    }
    bail!("{sum:?} is no SHA-256: it has 64 hexadecimal digits")
}

/// A finished checksum in digits.
pub fn digits(sum: Sha256) -> String {
    sum.finalize().iter().fold(String::with_capacity(64), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}"); // a string takes everything
        digits
    })
}

/// The checksum of a file.
pub fn of_file(path: &Path) -> io::Result<String> {
    let mut sum = Sha256::new();
    add_file(&mut File::open(path)?, &mut sum)?;
    Ok(digits(sum))
}

/// Adds the rest of a file to a checksum; its length.
pub fn add_file(file: &mut File, sum: &mut Sha256) -> io::Result<u64> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut length = 0;
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(length),
            read => {
                sum.update(&chunk[..read]);
                length += read as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sha256sum_wrote_is_read_and_what_is_recorded_it_can_check() {
        let folder = tempfile::tempdir().expect("a folder");
        let (a, b) = ("A".repeat(64), "b".repeat(64));
        fs::write(folder.path().join(FILE), format!("{a}  one.bin\n{b} *two.onnx\n")).expect("written");
        let mut sums = Sums::read(folder.path()).expect("good");
        assert_eq!((sums.of("one.bin"), sums.of("two.onnx")), (Some("a".repeat(64).as_str()), Some(b.as_str())));
        sums.record(folder.path(), "abc", &b).expect("written");
        assert_eq!(Sums::read(folder.path()).expect("good"), sums);
        let written = fs::read_to_string(folder.path().join(FILE)).expect("there");
        assert!(written.starts_with(&format!("{b}  abc\n")), "{written}");
    }

    #[test]
    fn a_line_that_is_no_checksum_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), format!("{}  good\nnonsense here\n", "0".repeat(64))).expect("written");
        let why = format!("{:#}", Sums::read(folder.path()).expect_err("refused"));
        assert!(why.contains("SHA256SUMS:2") && why.contains("nonsense"), "{why}");
    }

    #[test]
    fn the_checksum_is_that_of_the_known_vector() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("abc");
        fs::write(&path, "abc").expect("written");
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2, appendix B.1
        assert_eq!(of_file(&path).expect("read"), known);
    }
}

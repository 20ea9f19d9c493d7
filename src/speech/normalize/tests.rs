//! What is written and how it is spoken: tables by subject, both languages, and what holds for any text.

use super::*;

mod tables;

fn assert_spoken(language: Language, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(written, expected)| {
            let spoken = normalize(written, language);
            (spoken != *expected).then(|| format!("{written}\n  spoken   {spoken}\n  expected {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn words_without_numbers_pass_unchanged() {
    assert_spoken(Language::Zh, &[("您好，我是小王。", "您好，我是小王。"), ("", "")]);
    assert_spoken(Language::En, &[("Hello, it's Ann - may I?", "Hello, it's Ann - may I?")]);
}

proptest::proptest! {
    #[test]
    fn any_text_is_normalised_without_panic_and_no_digit_is_left(text in "[0-9.,:：/年月点%元$¥£~ a-cxpm#*+()@<>-]{0,28}") {
        holds(&text);
    }

    #[test]
    fn any_characters_are_normalised_without_panic_and_no_digit_is_left(text in "\\PC{0,30}") {
        holds(&text);
    }
}

/// No digit of any kind is left, and no sign grows beyond its longest word.
fn holds(text: &str) {
    const BYTES_A_SIGN_MAX: usize = 40;
    for language in [Language::Zh, Language::En] {
        let spoken = normalize(text, language);
        let digit = |c: char| c.is_ascii_digit() || c.is_numeric() && !c.is_alphabetic();
        assert!(!spoken.contains(digit), "{text} -> {spoken}");
        assert!(spoken.len() <= BYTES_A_SIGN_MAX * text.chars().count(), "{text} -> {spoken}");
    }
}

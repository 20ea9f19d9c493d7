//! A budget in words to a number: 一万二, 两千五以内, "twelve hundred bucks", "£1.5k". Ranges (三四千) have none.

use crate::asr::Language;
use crate::base::numerals::{ENGLISH_ONES, ENGLISH_TENS};
use crate::understanding::scan::digit_value;

/// The amount that the words of a budget name, in whatever currency; none where they name several or no amount.
pub fn amount(words: &str, language: Language) -> Option<f64> {
    match language {
        Language::Zh => mandarin(words),
        Language::En => english(words),
    }
}

fn mandarin(words: &str) -> Option<f64> {
    let numeral = |c: char| digit_value(c).is_some() || "十百千万".contains(c) || c.is_ascii_digit() || c == '.';
    // The period comes first: 一个月一百九十九.
    let words = ["一个月", "每个月", "每月", "一年", "每年", "一天"]
        .iter()
        .fold(words, |rest, period| rest.strip_prefix(period).or_else(|| rest.strip_suffix(period)).unwrap_or(rest));
    let from = words.find(numeral)?;
    let rest = &words[from..];
    let end = rest.find(|c| !numeral(c)).unwrap_or(rest.len());
    let (number, after) = rest.split_at(end);
    if after.contains(numeral) || after.starts_with('折') {
        return None;
    }
    if number.starts_with(|c: char| c.is_ascii_digit()) {
        let unit = number.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(number.len());
        let scale = match &number[unit..] {
            "" => 1.0,
            "百" => 1e2,
            "千" => 1e3,
            "万" => 1e4,
            _ => return None,
        };
        return number[..unit].parse::<f64>().ok().map(|value| value * scale);
    }
    let (mut total, mut section, mut digit, mut unit) = (0_u32, 0_u32, None::<u32>, 1_u32);
    for c in number.chars() {
        match ("十百千万".chars().position(|name| name == c), digit_value(c)) {
            (Some(3), _) => {
                total += section.checked_add(digit.take().unwrap_or(0))?.max(1).checked_mul(10_000)?;
                (section, unit) = (0, 10_000);
            }
            (Some(place), _) => {
                unit = 10_u32.pow(u32::try_from(place).ok()? + 1);
                section = section.checked_add(digit.take().unwrap_or(1) * unit)?;
            }
            (None, Some(0)) => unit = 1,
            // 三四千 is a range.
            (None, Some(value)) if digit.is_none() => digit = Some(value),
            (None, _) => return None,
        }
    }
    // 一万二 is 12,000 and 三百八 is 380, but 二十五 is 25.
    let last = digit.unwrap_or(0) * if unit >= 100 { unit / 10 } else { 1 };
    Some(f64::from(total.checked_add(section)?.checked_add(last)?))
}

fn english(words: &str) -> Option<f64> {
    let lower = words.to_ascii_lowercase().replace(',', "");
    if lower.contains("half a million") {
        return Some(5e5);
    }
    let (mut total, mut value, mut seen) = (0.0, 0.0_f64, false);
    for word in lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).filter(|word| !word.is_empty()) {
        let ones = ENGLISH_ONES.iter().position(|name| *name == word).and_then(small);
        let tens = ENGLISH_TENS.iter().position(|name| *name == word && word != "ten").and_then(small);
        let figures = word.trim_end_matches('k').parse::<f64>().ok();
        let scale = match word {
            "hundred" => Some(1e2),
            "thousand" | "grand" | "k" => Some(1e3),
            "million" => Some(1e6),
            _ => None,
        };
        match (ones.or(tens.map(|tens| tens * 10.0)), figures, scale) {
            // "two fifty" is 250, "thirty five" is 35.
            (Some(said), ..) if (1.0..10.0).contains(&value) && said >= 10.0 => value = value * 100.0 + said,
            (Some(said), ..) => value += said,
            (None, Some(_), _) if seen && value > 0.0 => return None,
            (None, Some(shown), _) => value += shown * if word.ends_with('k') { 1e3 } else { 1.0 },
            (None, None, Some(scale)) if scale > 100.0 => {
                total += value.max(1.0) * scale;
                value = 0.0;
            }
            (None, None, Some(scale)) => value = value.max(1.0) * scale,
            (None, None, None) => continue,
        }
        seen = true;
    }
    seen.then_some(total + value)
}

fn small(value: usize) -> Option<f64> {
    u8::try_from(value).ok().map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_in_words_are_numbers_where_they_are_clear() {
        let zh = [
            ("五千块以内", Some(5_000.0)),
            ("一万二", Some(12_000.0)),
            ("两千五", Some(2_500.0)),
            ("三百八十块", Some(380.0)),
            ("一百来块", Some(100.0)),
            ("一百二十万", Some(1_200_000.0)),
            ("一个月一百九十九", Some(199.0)),
            ("两百零五块", Some(205.0)),
            ("1.5万", Some(15_000.0)),
            ("99元", Some(99.0)),
            ("八折", None),
            ("三四千", None),
            ("一百五到两百万", None),
            ("微信转账", None),
        ];
        for (words, want) in zh {
            assert_eq!(amount(words, Language::Zh), want, "{words}");
        }
        let en = [
            ("fifty pounds a month", Some(50.0)),
            ("two fifty", Some(250.0)),
            ("twelve hundred bucks", Some(1_200.0)),
            ("ten grand", Some(10_000.0)),
            ("15k", Some(15_000.0)),
            ("$1,200", Some(1_200.0)),
            ("under three hundred thousand", Some(300_000.0)),
            ("two thousand five hundred", Some(2_500.0)),
            ("half a million", Some(500_000.0)),
            ("direct debit", None),
        ];
        for (words, want) in en {
            assert_eq!(amount(words, Language::En), want, "{words}");
        }
    }
}

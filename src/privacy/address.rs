//! Addresses: place names with a road and a house number, masked to the district. A business's own is not personal.

use super::{Found, Kind};
use crate::base::numerals::{ENGLISH_ONES, ENGLISH_TENS};
use crate::privacy::digits::digit;

/// What a Mandarin road or estate ends in.
const ROADS: [&str; 22] = [
    "大道", "胡同", "小区", "花园", "公寓", "大厦", "新村", "家园", "广场", "公馆", "路", "街", "巷", "弄", "苑", "庄",
    "村", "里", "道", "院", "城", "园",
];
/// What a number in an address counts; the longest first.
const NUMBERED: [&str; 14] = ["号院", "号楼", "单元", "号", "弄", "栋", "幢", "座", "楼", "室", "层", "门", "期", "房"];
/// Words that stand before an address and do not belong to it.
const BEFORE: [&str; 34] = [
    "住在",
    "住",
    "地址是",
    "地址在",
    "地址",
    "家在",
    "就在",
    "寄到",
    "寄往",
    "送到",
    "寄",
    "送",
    "发到",
    "来",
    "在",
    "是",
    "到",
    "去",
    "于",
    "往",
    "我家",
    "我们家",
    "我",
    "家",
    "给",
    "那个",
    "呢",
    "嘛",
    "写",
    "请",
    "装",
    "把",
    "的话",
    "填",
];
/// A business speaks of itself, or the customer of one.
const BUSINESS: [&str; 34] = [
    "公司",
    "门店",
    "本店",
    "我们店",
    "营业厅",
    "展厅",
    "售楼处",
    "校区",
    "网点",
    "我司",
    "总部",
    "4s店",
    "店在",
    "店里",
    "店铺",
    "厂",
    "银行",
    "学校",
    "医院",
    "营业部",
    "办公室",
    "售楼部",
    "中心",
    "分店",
    "旗舰店",
    "体验店",
    "客服",
    "我们在",
    "我们的地址",
    "我们地址",
    "门市",
    "律所",
    "机构",
    "单位",
];
const NAME_CHARS_MAX: usize = 24;
const PIECES_MAX: usize = 8;

/// The addresses of a text, in order.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found = mandarin(text);
    found.extend(english(text));
    found
}

fn mandarin(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut free_from = 0;
    for (at, _) in text.char_indices() {
        if at < free_from {
            continue;
        }
        let Some(road) = ROADS.iter().find(|road| text[at..].starts_with(**road)) else { continue };
        let after = at + road.len();
        let Some((end, pieces)) = numbers(text, after) else { continue };
        let Some(start) = name_start(text, free_from, at) else { continue };
        // "那条路三号": a road without a name, or one lone number behind an estate-like word, is no address.
        let named = text[start..at].chars().count();
        let weak = ["里", "道", "城", "园", "院", "庄", "村", "楼", "广场"].contains(road) && pieces < 2;
        if named == 0 || (weak && named < 4) {
            continue;
        }
        free_from = end;
        let near = before_name(text, start);
        if BUSINESS.iter().any(|word| near.contains(word)) {
            continue;
        }
        found.push(Found { kind: Kind::Address, span: start..end, masked: district(&text[start..end]) });
    }
    found
}

/// House, building and room numbers behind a road: where they end, and how many.
fn numbers(text: &str, from: usize) -> Option<(usize, usize)> {
    let (mut end, mut at, mut pieces) = (from, from, 0);
    while pieces < PIECES_MAX {
        let rest = &text[at..];
        let digits: usize =
            rest.chars().take_while(|c| digit(*c).is_some() || matches!(c, '十' | '百')).map(char::len_utf8).sum();
        let letter = rest.chars().next().filter(char::is_ascii_uppercase).map_or(0, char::len_utf8);
        let length = if digits > 0 { digits } else { letter };
        let number = &rest[length..];
        let number = number.strip_prefix(['之', '-']).map_or(number, |n| n.trim_start_matches(|c| digit(c).is_some()));
        let unit = NUMBERED.iter().find(|unit| number.starts_with(**unit));
        match unit {
            Some(unit) if length > 0 => {
                at += rest.len() - number.len() + unit.len();
                end = at;
                pieces += 1;
            }
            // A room at the very end: 5号楼1203.
            None if digits >= 3 && pieces > 0 => {
                end = at + digits;
                break;
            }
            Some(_) | None => {
                // 88号阳光花园5栋: a name between two numbers.
                let name: usize = rest.chars().take(6).take_while(|c| is_name(*c)).map(char::len_utf8).sum();
                let estate = rest[..name].char_indices().find_map(|(i, _)| {
                    ROADS.iter().find(|road| rest[i..].starts_with(**road)).map(|road| i + road.len())
                });
                match (estate, rest.chars().next()) {
                    (Some(estate), _) if pieces > 0 && numbers(text, at + estate).is_some() => at += estate,
                    (_, Some(' ' | '，' | ',' | '的')) if pieces > 0 && at == end => {
                        at += rest.chars().next().map_or(1, char::len_utf8);
                        continue;
                    }
                    _ => break,
                }
            }
        }
    }
    (pieces > 0).then_some((end, pieces))
}

fn is_name(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c) && digit(c).is_none() || c == '一' || c == '三' || c == '二'
}

/// Where the place names before a road begin: behind the last word that cannot belong to them.
fn name_start(text: &str, from: usize, at: usize) -> Option<usize> {
    let names: usize =
        text[from..at].chars().rev().take(NAME_CHARS_MAX).take_while(|c| is_name(*c)).map(char::len_utf8).sum();
    let start = at - names;
    let names = &text[start..at];
    let last = BEFORE
        .iter()
        .filter_map(|word| {
            // 来, 家 or 去 inside of a name (来广营) stays: a word of one character must stand in front of the city.
            let found = names.rfind(word)? + word.len();
            let short = word.chars().count() == 1;
            (!short || found <= names.len() / 2 || matches!(*word, "在" | "住")).then_some(found)
        })
        .max();
    Some(start + last.unwrap_or(0))
}

/// The words before an address that tell whose it is: the clause it stands in.
fn before_name(text: &str, start: usize) -> String {
    let clause = text[..start].rsplit(['。', '？', '！', '?', '!']).next().unwrap_or_default();
    clause.chars().rev().take(14).collect::<Vec<_>>().into_iter().rev().collect::<String>().to_lowercase()
}

/// The address down to its district, or nothing of it.
fn district(address: &str) -> String {
    let city = ["自治区", "省", "市"];
    // 小区 and 社区 are no districts.
    let estate = |end: usize| ["小区", "社区"].iter().any(|estate| address[..end].ends_with(estate));
    let mut districts = address.match_indices(['区', '县']).map(|(at, unit)| at + unit.len());
    let district = districts.rfind(|end| !estate(*end));
    let end = district.or_else(|| city.iter().filter_map(|unit| address.rfind(unit).map(|at| at + unit.len())).max());
    format!("{}****", &address[..end.unwrap_or(0)])
}

const STREETS: [&str; 26] = [
    "street",
    "road",
    "avenue",
    "lane",
    "drive",
    "close",
    "crescent",
    "terrace",
    "gardens",
    "square",
    "boulevard",
    "court",
    "place",
    "way",
    "st",
    "rd",
    "ave",
    "blvd",
    "ln",
    "grove",
    "hill",
    "parade",
    "walk",
    "row",
    "mews",
    "circle",
];
/// Streets that are ordinary words: they need "live at" or "address" before them, or a figure and a capital.
const ORDINARY: [&str; 12] =
    ["drive", "close", "court", "place", "way", "hill", "walk", "row", "circle", "square", "parade", "st"];
const NOT_A_NAME: [&str; 31] = [
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
    "mile",
    "miles",
    "of",
    "the",
    "in",
    "a",
    "to",
    "for",
    "and",
    "way",
    "percent",
    "pounds",
    "dollars",
    "people",
    "years",
    "year",
    "or",
    "on",
    "at",
    "more",
    "long",
    "half",
    "different",
    "times",
    "weeks",
];
const FLATS: [&str; 6] = ["flat", "apartment", "apt", "unit", "suite", "room"];
const BUSINESS_EN: [&str; 22] = [
    "our office",
    "sales office",
    "office is",
    "shop is",
    "branch is",
    "our store",
    "our shop",
    "our showroom",
    "our branch",
    "our address",
    "head office",
    "headquarters",
    "our company",
    "the office is",
    "the store is",
    "showroom is",
    "we are at",
    "we're at",
    "we're located",
    "we are located",
    "our clinic",
    "our school",
];

struct Word<'a> {
    start: usize,
    text: &'a str,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '\'' | '’');
    let mut words = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let length = rest.find(|c| !inner(c)).unwrap_or(rest.len());
        if length > 0 {
            words.push(Word { start: at, text: &rest[..length] });
        }
        at += length.max(rest.chars().next().map_or(1, char::len_utf8));
    }
    words
}

fn english(text: &str) -> Vec<Found> {
    let words = words(text);
    let lower: Vec<String> = words.iter().map(|word| word.text.to_ascii_lowercase()).collect();
    let numeric = |word: &str| {
        is_number_word(word) || word.trim_end_matches(['a', 'b', 'c']).parse::<u32>().is_ok_and(|n| n < 100_000)
    };
    let mut found = Vec::new();
    let mut free_from = 0;
    for (street, name) in lower.iter().enumerate() {
        if street < free_from || !STREETS.contains(&name.as_str()) {
            continue;
        }
        // A number, then one to three words that are names, then the street.
        let number = (1..=3).filter_map(|back| street.checked_sub(back + 1)).find(|at| numeric(&lower[*at]));
        let Some(mut first) = number else { continue };
        if lower[first + 1..street].iter().any(|word| NOT_A_NAME.contains(&word.as_str()) || numeric(word)) {
            continue;
        }
        while first > free_from && numeric(&lower[first - 1]) {
            first -= 1;
        }
        let before = text[..words[first].start].to_ascii_lowercase();
        let near = before.char_indices().rev().nth(39).map_or(before.as_str(), |(at, _)| &before[at..]);
        let said = ["live", "address", "home", "i'm at", "house", "deliver", "send it", "flat", "post it"];
        let written = words[first].text.starts_with(|c: char| c.is_ascii_digit())
            && words[first + 1].text.starts_with(|c: char| c.is_ascii_uppercase());
        let sure = written || said.iter().any(|word| near.contains(word));
        if (ORDINARY.contains(&name.as_str()) && !sure) || BUSINESS_EN.iter().any(|word| near.contains(word)) {
            continue;
        }
        if first >= 2 && FLATS.contains(&lower[first - 2].as_str()) {
            first -= 2; // "flat 3, 22 Baker Street"
        } else if first >= 1 && FLATS.contains(&lower[first - 1].as_str()) {
            first -= 1;
        }
        let (last, city) = tail(text, &words, street);
        free_from = last + 1;
        let end = words[last].start + words[last].text.len();
        let masked = city.map_or_else(|| "****".to_owned(), |city| format!("****, {city}"));
        found.push(Found { kind: Kind::Address, span: words[first].start..end, masked });
    }
    found
}

/// The last word of an address behind its street: flat, city and postcode where they follow; and the city.
fn tail<'a>(text: &str, words: &'a [Word<'a>], street: usize) -> (usize, Option<&'a str>) {
    let (mut last, mut city) = (street, None);
    let gap = |at: usize| &text[words[at].start + words[at].text.len()..words[at + 1].start];
    if last + 2 < words.len() && FLATS.contains(&words[last + 1].text.to_ascii_lowercase().as_str()) {
        last += 2;
    }
    let comma = |at: usize| gap(at).starts_with(',') || gap(at) == " in ";
    if last + 1 < words.len() && (comma(last) || words[last + 1].text == "in") {
        let at = if words[last + 1].text == "in" { last + 2 } else { last + 1 };
        let capital = |word: &Word<'_>| {
            word.text.starts_with(|c: char| c.is_ascii_uppercase()) && !word.text.contains(|c: char| c.is_ascii_digit())
        };
        if let Some(word) = words.get(at).filter(|word| capital(word)) {
            city = Some(word.text);
            last = at;
        }
    }
    // A postcode: NW1 6XE, or five figures.
    let postcode = |at: usize| {
        words.get(at).is_some_and(|word| word.text.len() >= 3 && word.text.contains(|c: char| c.is_ascii_digit()))
    };
    if postcode(last + 1) && last + 1 < words.len() && gap(last).len() <= 2 {
        last += 1;
        if postcode(last + 1) && gap(last) == " " && words[last + 1].text.len() == 3 {
            last += 1;
        }
    }
    (last, city)
}

fn is_number_word(word: &str) -> bool {
    word == "hundred" || ENGLISH_ONES.contains(&word) || ENGLISH_TENS[1..].contains(&word)
}

//! Addresses: place names with a road and a house number, masked to the district. A business's own is not personal.

use std::sync::LazyLock;

use regex::Regex;

use super::{Found, Kind};
use crate::base::numerals::{ENGLISH_ONES, ENGLISH_TENS};
use crate::privacy::digits::digit;

/// Words that stand before an address and do not belong to it.
const BEFORE: &str = "住在|地方是?|地点是?|位置是?|门牌号?(?:是|码)?|[地住]址(?:是|在|改成|写)?|家在|就在|寄[到往]|送到|发到|装在|收货(?:地址)?|(?:快递|包裹|东西|外卖|直接)?[放搁寄]|改[成为到]|换[成到]|搬[到去]|现在|我们?家|老家|的话|那个|我爸|我妈|在|住";
/// Words of one character that stand there; inside of a name (来广营) they stay.
const BEFORE_SHORT: &str = "寄送来是到去于往我你您家给呢嘛写请装把填发就老";
/// A business speaks of itself, or the customer of one.
const BUSINESS: &str = "你们[^，。]{0,6}在|你们店|公司|门店|本店|我们店|营业厅|展厅|售楼处|校区|网点|我司|总部|4s店|店在|店里|店铺|银行|学校|医院|营业部|办公室|售楼部|中心|分店|旗舰店|体验店|客服|我们在|我们的地址|我们地址|门市|律所|机构|单位|营业点|事务所|工厂|酒店|诊所";
/// It is somebody's home after all.
const HOME: &str = "我家|住在|家住|住的?是|自己家|收货|收件|家里|宿舍";
/// What a Mandarin road or estate ends in.
const ROADS: &str = "大道|胡同|小区|花园|公寓|大厦|新村|家园|广场|公馆|[路街巷弄苑庄村里道院城园区坊湾庭居府]";
/// What an estate or a building behind a house number ends in, too much of a word to begin with.
const ESTATES: &str =
    "大楼|商厦|国际|名[都邸]|天下|世家|[华首]府|中心|商城|宿舍|家属院|大院|华城|新城|[湖山郡墅岸谷洲台轩阁港塔国]";
/// Roads and estates whose last character is also an ordinary word: they need a longer name or more numbers.
const ROADS_WEAK: &str = "里道城园院庄村区坊湾庭居府";

struct Rules {
    /// A road and the numbers behind it; the first group is the road, the second the numbers.
    road: Regex,
    /// An estate without such a word: numbers of a building and a room. Its first group is empty.
    estate: Regex,
    piece: Regex,
    before: Regex,
    business: Regex,
    /// Behind an address: it is that of a business.
    shop: Regex,
    home: Regex,
    english_business: Regex,
    english_tail: Regex,
    /// Behind an address: it is that of a business.
    english_shop: Regex,
    postcode: Regex,
}

static RULES: LazyLock<Option<Rules>> = LazyLock::new(|| {
    let (figures, words) = ("[0-9０-９]", "[零〇一二三四五六七八九十百两幺]");
    let number = format!("(?:[甲乙丙丁东西南北附A-Za-z]?(?:{figures}{{1,6}}|{words}{{1,6}})|[A-Za-z甲乙丙丁东西南北])");
    let unit = "(?:号院|号楼|号|弄|栋|幢|座|楼|室|层|门|期|房|单元|户|巷|段|区|组|队|排)";
    // 5-2-401: building, unit and room.
    let hyphened = format!("{figures}{{1,4}}(?:[-－]{figures}{{1,4}}[-－]{figures}{{2,5}}|[-－]{figures}{{3,5}})");
    let piece = format!("(?:{number}(?:[-－之杠]{number})*{unit}(?:之{number}|附{number}号?|[A-Z]\\b)?|{hyphened})");
    let room = format!("(?:[甲乙丙丁]?{figures}{{1,5}}(?:[-－]{figures}{{1,5}})+|{figures}{{3,5}}|{words}{{3,5}})");
    let name = format!("(?:[\\p{{Han}}A-Za-z]{{1,10}}?(?:{ROADS}|{ESTATES}))");
    let joint = "[，, 的]?";
    let building = format!("\\p{{Han}}{{2,8}}?{number}(?:号楼|栋|幢|座)");
    let numbers = format!("{name}?{piece}(?:{joint}(?:{name}?{piece}|{building})){{0,7}}(?:{joint}{name}?{room})?");
    Some(Rules {
        road: Regex::new(&format!("({ROADS})({numbers})")).ok()?,
        estate: Regex::new(&format!("()((?:{number}(?:号楼|栋|幢|座)){joint}(?:{piece}{joint})*(?:{number}(?:单元|室|层|楼)|{room})(?:{joint}{piece})*(?:{joint}{room})?)")).ok()?,
        piece: Regex::new(&piece).ok()?,
        before: Regex::new(&format!("(?:{BEFORE})")).ok()?,
        business: Regex::new(BUSINESS).ok()?,
        shop: Regex::new(&format!("^(?:的|那个|那家|这个|这家)(?:{BUSINESS}|店)")).ok()?,
        home: Regex::new(HOME).ok()?,
        english_business: Regex::new(&format!("\\b(?:{BUSINESS_EN})\\b")).ok()?,
        english_tail: Regex::new(ENGLISH_TAIL).ok()?,
        english_shop: Regex::new("^,? (?:the|your) (?:shop|store|branch|office|showroom|restaurant)\\b").ok()?,
        postcode: Regex::new("(?i)\\b[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}\\b").ok()?,
    })
});

const NAME_CHARS_MAX: usize = 24;
/// More numerals in a row are a number that was read out, no name.
const NUMERALS_MAX: usize = 3;

/// The addresses of a text, in order.
pub(super) fn find(text: &str) -> Vec<Found> {
    let Some(rules) = &*RULES else { return Vec::new() };
    let mut found = mandarin(text, &rules.road, rules, 1);
    for piece in mandarin(text, &rules.estate, rules, 3) {
        if found.iter().all(|known| piece.span.end <= known.span.start || known.span.end <= piece.span.start) {
            found.push(piece);
        }
    }
    found.extend(english(text, rules));
    found
}

/// The addresses whose numbers `pattern` finds, with names of at least so many characters.
fn mandarin(text: &str, pattern: &Regex, rules: &Rules, name_chars_min: usize) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut from = 0;
    while let Some(hit) = pattern.captures_at(text, from) {
        let (Some(road), Some(numbers)) = (hit.get(1), hit.get(2)) else { break };
        let start = name_start(text, found.last().map_or(0, |last| last.span.end), road.start(), rules);
        let named = text[start..road.start()].chars().count();
        // "那条路三号": a road without a name; or one lone number behind an estate-like word.
        let weak = ROADS_WEAK.contains(road.as_str()) && !road.is_empty();
        let houses = rules
            .piece
            .find_iter(numbers.as_str())
            .filter(|piece| !piece.as_str().ends_with(['段', '巷', '区']))
            .count();
        // 子十 in 房子十二号楼: the number goes on to the left.
        let torn = text[..road.start()].chars().next_back().is_some_and(|c| digit(c).is_some() || "十百".contains(c));
        if named < name_chars_min || road.is_empty() && torn || houses == 0 || weak && houses < 2 && named < 4 {
            from = road.start() + text[road.start()..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        from = numbers.end();
        let near = before_name(text, start);
        let after: String = text[from..].chars().take(8).collect();
        let business = rules.business.is_match(&near) || rules.shop.is_match(&after);
        if business && !rules.home.is_match(&near) && !rules.home.is_match(&after) {
            continue;
        }
        found.push(Found { kind: Kind::Address, span: start..from, masked: district(&text[start..from]) });
    }
    found
}

/// Where the place names before a road begin: behind the last word that cannot belong to them.
fn name_start(text: &str, from: usize, at: usize, rules: &Rules) -> usize {
    let (mut start, mut numerals) = (at, 0);
    for (before, c) in text[from..at].char_indices().rev().take(NAME_CHARS_MAX) {
        numerals = if digit(c).is_some() { numerals + 1 } else { 0 };
        if !('\u{4e00}'..='\u{9fff}').contains(&c) || numerals > NUMERALS_MAX {
            break;
        }
        start = from + before;
    }
    let names = &text[start..at];
    let long = rules.before.find_iter(names).map(|word| word.end()).last().unwrap_or(0);
    let short = names[long..].chars().take_while(|c| BEFORE_SHORT.contains(*c)).map(char::len_utf8).sum::<usize>();
    start + long + short
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

const STREETS: [&str; 40] = [
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
    "parkway",
    "highway",
    "trail",
    "rise",
    "view",
    "green",
    "quay",
    "wharf",
    "cres",
    "dr",
    "ct",
    "loop",
    "plaza",
    "broadway",
];
/// Streets that are ordinary words: they need "live at" or "address" before them, or a figure and a capital.
const ORDINARY: [&str; 17] = [
    "drive", "close", "court", "place", "way", "hill", "walk", "row", "circle", "square", "parade", "st", "rise",
    "view", "green", "trail", "loop",
];
const NOT_A_NAME: [&str; 29] = [
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
    "mile",
    "miles",
    "of",
    "in",
    "a",
    "to",
    "for",
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
const FLATS: [&str; 7] = ["flat", "apartment", "apt", "unit", "suite", "room", "floor"];
const BUSINESS_EN: &str = "(?:your|the|their|our) (?:[a-z]+ )?(?:store|shop|branch|office|showroom|company|restaurant|clinic|salon|dealership|garage|school|hotel|gym|surgery|bank|hospital|warehouse|pub|caf[eé]|library|church|station|supermarket|depot|studio|factory|site|practice|dentist)(?:'s)?|our office|sales office|(?:the |my |her |his )?office is|(?:the )?shop is|(?:the )?branch is|our store|our shop|our showroom|our branch|our address|head office|headquarters|our company|the store is|showroom is|we're located|we are located|our clinic|our school|find our|company is";
const SAID: [&str; 12] = [
    "live", "living", "address", "home", "i'm at", "house", "deliver", "send it", "flat", "post it", "ship it",
    "my place",
];
/// Behind the street: flat, city, state and postcode, as far as they are written so.
const ENGLISH_TAIL: &str = r"^(?:,? (?i:flat|apartment|apt|unit|suite|room|floor)\.? #?[0-9A-Za-z]+)?(?:(?:, in |, | in )(?:(?:St\. )?[A-Z][a-z']+(?: [A-Z][a-z']+){0,2})|,? (?i:london|bristol|leeds|manchester|york|oxford|cambridge|brighton|glasgow|edinburgh|cardiff|birmingham|liverpool|sheffield|nottingham|reading|sydney|melbourne|brisbane|perth|chicago|boston|seattle|denver|dallas|austin|houston|new york|brooklyn|toronto|vancouver|dublin|singapore))?(?:,? (?:[A-Z][a-z]+|[A-Z]{2,3})\b)?(?:,? (?:(?i:[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2})|[0-9]{5}(?:-[0-9]{4})?|[0-9]{4})\b)?(?:, (?i:flat|apartment|apt|unit|suite|room) [0-9A-Za-z]+)?";
/// The longest name between number and street, in words.
const STREET_WORDS_MAX: usize = 3;

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

fn english(text: &str, rules: &Rules) -> Vec<Found> {
    let words = words(text);
    let lower: Vec<String> = words.iter().map(|word| word.text.to_ascii_lowercase()).collect();
    let mut found: Vec<Found> = Vec::new();
    for (street, name) in lower.iter().enumerate() {
        // "Oak Hill Lane": the last of them is the street.
        let goes_on = lower.get(street + 1).is_some_and(|next| STREETS.contains(&next.as_str()))
            && text[words[street].start + name.len()..].starts_with(' ');
        if goes_on
            || !STREETS.contains(&name.as_str())
            || found.last().is_some_and(|last| last.span.end > words[street].start)
        {
            continue;
        }
        let behind = words[street].start + words[street].text.len();
        let tail = rules.english_tail.find(&text[behind..]).map_or("", |tail| tail.as_str());
        let named = || named_house(text, &words, street).filter(|_| rules.postcode.is_match(tail));
        let Some(mut first) = house(&words, &lower, street).or_else(named) else { continue };
        let before = text[..words[first].start].to_ascii_lowercase();
        let near = before.char_indices().rev().nth(39).map_or(before.as_str(), |(at, _)| &before[at..]);
        let capital =
            words[first + 1..=street].iter().any(|word| word.text.starts_with(|c: char| c.is_ascii_uppercase()));
        let written = words[first].text.starts_with(|c: char| c.is_ascii_digit()) && capital;
        let sure = written || rules.postcode.is_match(tail) || SAID.iter().any(|word| near.contains(word));
        let shop = rules.english_shop.is_match(&text[behind + tail.len()..]);
        let business = (shop || rules.english_business.is_match(near))
            && !["home", "live", "deliver"].iter().any(|word| near.contains(word));
        if (ORDINARY.contains(&name.as_str()) && !sure) || business {
            continue;
        }
        if first >= 2 && FLATS.contains(&lower[first - 2].as_str()) {
            first -= 2; // "flat 3, 22 Baker Street"
        } else if first >= 1 && FLATS.contains(&lower[first - 1].as_str()) {
            first -= 1;
        }
        let city = tail.split([',', ' ']).find(|word| {
            word.len() > 2
                && word.bytes().all(|b| b.is_ascii_alphabetic())
                && !FLATS.contains(&word.to_ascii_lowercase().as_str())
        });
        let masked = city.map_or_else(|| "****".to_owned(), |city| format!("****, {city}"));
        let span = words[first].start..behind + tail.len();
        match found.last_mut() {
            // "Waterside Court, 9 Canal Street" is one.
            Some(last) if &text[last.span.end..span.start] == ", " => {
                (last.span.end, last.masked) = (span.end, masked);
            }
            Some(_) | None => found.push(Found { kind: Kind::Address, span, masked }),
        }
    }
    found
}

/// The first word of a house with a name before a street, "The Old Rectory, Church Lane": capitals without a gap.
fn named_house(text: &str, words: &[Word<'_>], street: usize) -> Option<usize> {
    let is_name = |at: &usize| words[*at].text.starts_with(|c: char| c.is_ascii_uppercase());
    let joined = |at: &usize| {
        let end = words[*at].start + words[*at].text.len();
        matches!(&text[end..words[at + 1].start], " " | ", ")
    };
    (0..street).rev().take_while(|at| is_name(at) && joined(at)).last()
}

/// The house number before a street: a number, then one to three words that are names.
fn house(words: &[Word<'_>], lower: &[String], street: usize) -> Option<usize> {
    let numeric = |word: &str| {
        is_number_word(word) || word.trim_end_matches(['a', 'b', 'c']).parse::<u32>().is_ok_and(|n| n < 100_000)
    };
    let mut first =
        (1..=STREET_WORDS_MAX).filter_map(|back| street.checked_sub(back + 1)).find(|at| numeric(&lower[*at]))?;
    let names = &lower[first + 1..street];
    if names.iter().any(|word| NOT_A_NAME.contains(&word.as_str()) || numeric(word))
        || names == ["the"] && words[street].text == lower[street]
    {
        return None;
    }
    // "one hundred and three Queens Drive"
    while first > 0 && numeric(&lower[first]) && is_number_word(&lower[first]) {
        let and = first >= 2 && lower[first - 1] == "and" && is_number_word(&lower[first - 2]);
        let back = if and { 2 } else { usize::from(is_number_word(&lower[first - 1])) };
        if back == 0 {
            break;
        }
        first -= back;
    }
    Some(first)
}

fn is_number_word(word: &str) -> bool {
    word == "hundred" || word == "thousand" || ENGLISH_ONES.contains(&word) || ENGLISH_TENS[1..].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert!(RULES.is_some());
    }
}

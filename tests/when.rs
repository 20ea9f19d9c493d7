//! Spoken times: words in, a moment out, and the moment in words again. "Now" is Friday, 20 November 2026, 14:30 in China
//! where nothing else is said.

#![allow(clippy::unwrap_used)] // helpers of tests

use callwright::asr::Language::{self, En, Zh};
use callwright::understanding::when::{DayPart, Precision, Vague, find, resolve, spoken};
use proptest::prelude::*;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

fn friday() -> OffsetDateTime {
    moment("2026-11-20T14:30:00+08:00")
}

fn moment(text: &str) -> OffsetDateTime {
    OffsetDateTime::parse(text, &Rfc3339).unwrap()
}

/// "11-21 15:00" with a year in front where it is not 2026, and a letter for the precision.
fn shown(text: &str, language: Language, now: OffsetDateTime) -> String {
    let Some(found) = resolve(text, language, now) else { return "-".to_owned() };
    let at = found.at;
    let year = if at.year() == now.year() { String::new() } else { format!("{}-", at.year()) };
    let precision = match found.precision {
        Precision::Time => "",
        Precision::Part(DayPart::Dawn) => " dawn",
        Precision::Part(DayPart::Morning) => " morning",
        Precision::Part(DayPart::Noon) => " noon",
        Precision::Part(DayPart::Afternoon) => " afternoon",
        Precision::Part(DayPart::Evening) => " evening",
        Precision::Day => " day",
        Precision::Vague(Vague::Days) => " days",
        Precision::Vague(Vague::Week) => " week",
        Precision::Vague(Vague::Month) => " month",
        Precision::Vague(Vague::MonthStart) => " month start",
        Precision::Vague(Vague::MonthMiddle) => " month middle",
        Precision::Vague(Vague::MonthEnd) => " month end",
        Precision::Vague(Vague::Year) => " year",
    };
    let time = (at.hour(), at.minute());
    format!("{year}{:02}-{:02} {:02}:{:02}{precision}", u8::from(at.month()), at.day(), time.0, time.1)
}

fn table(language: Language, now: OffsetDateTime, rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(text, want)| shown(text, language, now) != *want)
        .map(|(text, want)| {
            format!("{text}: want {want}, got {} of {:?}", shown(text, language, now), find(text, language))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn a_time_that_takes_back_another_replaces_it_and_keeps_its_day() {
    let rows = [
        ("明天下午三点，哦不对，四点吧", "11-21 16:00"),
        ("不是周三，是周四", "11-26 10:00 day"),
        ("周六下午两点，不，周日", "11-22 14:00"),
        ("后天，不，大后天", "11-23 10:00 day"),
    ];
    table(Zh, friday(), &rows);
    let rows = [
        ("tomorrow at five, no wait, make it six", "11-21 18:00"),
        ("not wednesday, thursday", "11-26 10:00 day"),
        ("saturday at three, sorry, I mean sunday", "11-22 15:00"),
    ];
    table(En, friday(), &rows);
}

#[test]
fn feasts_seasons_and_last_weekdays_are_days_to_come() {
    let rows = [
        ("元旦前能交房吗", "12-31 10:00 days"),
        ("过了年再联系我", "2027-02-14 10:00 days"),
        ("暑假再报", "2027-07-01 10:00 month"),
        ("双十一那会儿", "2027-11-11 10:00 days"),
    ];
    table(Zh, friday(), &rows);
    let rows = [
        ("before Christmas", "12-25 10:00 days"),
        ("next spring", "2027-04-01 10:00 month"),
        ("on the last friday of the month", "11-27 10:00 day"),
        ("last friday I was away", "-"),
    ];
    table(En, friday(), &rows);
}

#[test]
fn mandarin_days_with_a_time_are_put_on_the_calendar() {
    let rows = [
        ("明天下午三点", "11-21 15:00"),
        ("明天下午三点再打给我", "11-21 15:00"),
        ("后天上午十点", "11-22 10:00"),
        ("大后天晚上七点半", "11-23 19:30"),
        ("今晚八点", "11-20 20:00"),
        ("今天晚上八点以后", "11-20 20:00"),
        ("明晚七点", "11-21 19:00"),
        ("明早九点", "11-21 09:00"),
        ("明天早上八点半", "11-21 08:30"),
        ("明天中午十二点", "11-21 12:00"),
        ("明天中午一点", "11-21 13:00"),
        ("明天下午三点一刻", "11-21 15:15"),
        ("明天下午三点三刻吧", "11-21 15:45"),
        ("明天下午差五分四点", "11-21 15:55"),
        ("明天下午四点差五分", "11-21 15:55"),
        ("明天15:30可以", "11-21 15:30"),
        ("明天 下午 3点", "11-21 15:00"),
        ("明天十五点三十分", "11-21 15:30"),
        ("明天下午3点半左右", "11-21 15:30"),
        ("明天，下午三点吧", "11-21 15:00"),
        ("明天吧，下午三点", "11-21 15:00"),
        ("下午三点吧明天", "11-21 15:00"),
        ("明天三点", "11-21 15:00"),
        ("明天十点", "11-21 10:00"),
        ("明天的两点钟", "11-21 14:00"),
        ("周五上午十点半吧", "11-27 10:30"),
        ("周一下午两点", "11-23 14:00"),
        ("星期天上午九点", "11-22 09:00"),
        ("礼拜天晚上六点", "11-22 18:00"),
        ("礼拜三下午四点", "11-25 16:00"),
        ("下周三下午三点", "11-25 15:00"),
        ("下个礼拜三的下午两点钟左右", "11-25 14:00"),
        ("下周五三点半", "11-27 15:30"),
        ("下下周一上午十点", "11-30 10:00"),
        ("这周六上午十一点", "11-21 11:00"),
        ("周三三点半", "11-25 15:30"),
        ("你后天中午十二点一刻来电话", "11-22 12:15"),
        ("十二月三号上午十点", "12-03 10:00"),
        ("12月3日下午2点", "12-03 14:00"),
        ("二十五号下午三点二十", "11-25 15:20"),
        ("下个月五号上午九点", "12-05 09:00"),
        ("明年一月八号下午四点", "2027-01-08 16:00"),
        ("2027年3月5日上午10点", "2027-03-05 10:00"),
        ("明天这个时候", "11-21 14:30"),
        ("明天下午两三点", "11-21 14:00"),
        ("明天下午三点到四点之间", "11-21 15:00"),
        ("明天下午三点以前", "11-21 14:30"),
        ("今天下午五点零五分", "11-20 17:05"),
        ("明天上午十点多", "11-21 10:00"),
        ("明天凌晨一点", "11-21 01:00"),
        ("今晚十二点", "11-21 00:00"),
        ("周日晚上9点", "11-22 21:00"),
        ("明儿下午三点", "11-21 15:00"),
        ("今晚零点", "11-21 00:00"),
    ];
    table(Zh, friday(), &rows);
}

#[test]
fn a_bare_mandarin_hour_is_the_next_one_between_nine_and_eight() {
    let rows = [
        ("三点给我回电话", "11-20 15:00"),
        ("三点半", "11-20 15:30"),
        ("两点半", "11-20 14:30"),
        ("两点二十", "11-21 14:20"),
        ("十点", "11-21 10:00"),
        ("八点", "11-20 20:00"),
        ("九点吧", "11-21 09:00"),
        ("五点一刻打来", "11-20 17:15"),
        ("差十分五点", "11-20 16:50"),
        ("15:45", "11-20 15:45"),
        ("15:00再打", "11-20 15:00"),
        ("下午三点", "11-20 15:00"),
        ("上午十点左右", "11-21 10:00"),
        ("晚上八点", "11-20 20:00"),
        ("中午十二点半", "11-21 12:30"),
        ("三四点吧", "11-20 15:00"),
        ("十二点", "11-21 12:00"),
        ("下午两点", "11-21 14:00"),
    ];
    table(Zh, friday(), &rows);
}

#[test]
fn mandarin_days_and_parts_without_a_time_say_so() {
    let rows = [
        ("明天", "11-21 10:00 day"),
        ("后天", "11-22 10:00 day"),
        ("大后天再说", "11-23 10:00 day"),
        ("明天下午", "11-21 15:00 afternoon"),
        ("明天上午打给我", "11-21 10:00 morning"),
        ("今天下午", "11-20 15:00 afternoon"),
        ("今晚", "11-20 19:00 evening"),
        ("晚上吧", "11-20 19:00 evening"),
        ("上午", "11-21 10:00 morning"),
        ("下班以后吧", "11-20 18:30 evening"),
        ("晚上下班以后才有空", "11-20 18:30 evening"),
        ("周末都排满了，周一吧", "11-23 10:00 day"),
        ("明天下班后", "11-21 18:30 evening"),
        ("明天午饭后", "11-21 13:30 afternoon"),
        ("下周二晚上有空", "11-24 19:00 evening"),
        ("周六", "11-21 10:00 day"),
        ("星期五", "11-27 10:00 day"),
        ("下周三", "11-25 10:00 day"),
        ("周末", "11-21 10:00 day"),
        ("这周末", "11-21 10:00 day"),
        ("下周末", "11-28 10:00 day"),
        ("礼拜天", "11-22 10:00 day"),
        ("十二月一号", "12-01 10:00 day"),
        ("五号", "12-05 10:00 day"),
        ("二十八号", "11-28 10:00 day"),
        ("下个月十五号", "12-15 10:00 day"),
        ("三天后", "11-23 10:00 day"),
        ("过三天", "11-23 10:00 day"),
        ("一周后", "11-27 10:00 day"),
        ("两个星期以后", "12-04 10:00 day"),
        ("一月一号", "2027-01-01 10:00 day"),
        ("明天不行后天吧", "11-22 10:00 day"),
        ("明天下午不行，后天吧", "11-22 10:00 day"),
        ("今天没空，明天上午九点", "11-21 09:00"),
        ("周一我要开会，周二吧", "11-24 10:00 day"),
    ];
    table(Zh, friday(), &rows);
}

#[test]
fn mandarin_delays_count_from_now() {
    let rows = [
        ("半小时后", "11-20 15:00"),
        ("半个小时以后打过来", "11-20 15:00"),
        ("过半小时", "11-20 15:00"),
        ("过两个小时", "11-20 16:30"),
        ("一个小时之后", "11-20 15:30"),
        ("一个半小时后", "11-20 16:00"),
        ("十分钟以后", "11-20 14:40"),
        ("二十分钟后再打", "11-20 14:50"),
        ("过一刻钟", "11-20 14:45"),
        ("三个钟头后", "11-20 17:30"),
        ("40分钟后", "11-20 15:10"),
        ("再过一个小时吧", "11-20 15:30"),
        ("24小时后", "11-21 14:30"),
    ];
    table(Zh, friday(), &rows);
}

#[test]
fn vague_mandarin_times_are_marked_so() {
    let rows = [
        ("过两天", "11-22 10:00 days"),
        ("过几天再联系", "11-23 10:00 days"),
        ("两三天后", "11-22 10:00 days"),
        ("下周", "11-23 10:00 week"),
        ("下个星期吧", "11-23 10:00 week"),
        ("下下周", "11-30 10:00 week"),
        ("这周", "11-20 14:30 week"),
        ("下个月再说", "12-01 10:00 month"),
        ("月底", "11-28 10:00 month end"),
        ("我合约月底到期", "11-28 10:00 month end"),
        ("下个月初", "12-03 10:00 month start"),
        ("下月中旬", "12-15 10:00 month middle"),
        ("三月份", "2027-03-01 10:00 month"),
        ("年底", "12-28 10:00 month end"),
        ("明年", "2027-01-10 10:00 year"),
        ("国庆后", "2027-10-08 10:00 days"),
        ("国庆节以后", "2027-10-08 10:00 days"),
        ("元旦过后", "2027-01-04 10:00 days"),
        ("过完年吧", "2027-02-14 10:00 days"),
        ("年后", "2027-02-14 10:00 days"),
        ("春节以后再说", "2027-02-14 10:00 days"),
        ("节后", "2027-01-04 10:00 days"),
        ("半年后", "2027-05-21 10:00 days"),
        ("两个月后", "2027-01-19 10:00 days"),
    ];
    table(Zh, friday(), &rows);
}

#[test]
fn mandarin_words_that_are_no_time_to_come_give_none() {
    let none = [
        "",
        "改天再说吧",
        "能不能便宜一点",
        "你们几点上班",
        "合约十二个月太长",
        "我现在用的才六十多块",
        "有两点我不明白",
        "有三点要求",
        "打九点五折",
        "三点五个百分点",
        "十五号楼",
        "坐三号线",
        "昨天下午三点",
        "上周五",
        "上个月办的",
        "三年前买的",
        "用了两年",
        "今天上午",
        "今天下午两点",
        "明天不行",
        "一百二十块钱",
        "五个人",
        "不需要",
        "等一下",
        "第三天",
        "我妈今年六十",
        "二十年",
    ];
    table(Zh, friday(), &none.map(|text| (text, "-")));
}

#[test]
fn english_days_with_a_time_are_put_on_the_calendar() {
    let rows = [
        ("tomorrow at three", "11-21 15:00"),
        ("ring me tomorrow at three in the afternoon please", "11-21 15:00"),
        ("tomorrow at nine in the morning", "11-21 09:00"),
        ("tomorrow morning at ten", "11-21 10:00"),
        ("tomorrow at nine thirty in the morning", "11-21 09:30"),
        ("tomorrow evening at seven", "11-21 19:00"),
        ("tomorrow at 3pm", "11-21 15:00"),
        ("3pm tomorrow", "11-21 15:00"),
        ("at 3:30 p.m. tomorrow", "11-21 15:30"),
        ("Try me on Monday at 3:30 pm.", "11-23 15:30"),
        ("monday at half past two", "11-23 14:30"),
        ("Tuesday around ten", "11-24 10:00"),
        ("next Tuesday at quarter to five", "11-24 16:45"),
        ("next friday morning at eleven", "11-27 11:00"),
        ("friday at four", "11-27 16:00"),
        ("wednesday at quarter past one", "11-25 13:15"),
        ("on thursday at five to six", "11-26 17:55"),
        ("sunday at twenty past seven in the evening", "11-22 19:20"),
        ("monday week at ten", "11-30 10:00"),
        ("the day after tomorrow around noon", "11-22 12:00"),
        ("the day after tomorrow at two", "11-22 14:00"),
        ("at quarter to eight tonight", "11-20 19:45"),
        ("tonight at eight", "11-20 20:00"),
        ("this evening at half seven", "11-20 19:30"),
        ("call at three o clock tomorrow", "11-21 15:00"),
        ("tomorrow at three o'clock", "11-21 15:00"),
        ("december the third at ten", "12-03 10:00"),
        ("on the fifth of december at two pm", "12-05 14:00"),
        ("the 25th at four", "11-25 16:00"),
        ("5 december at 16:15", "12-05 16:15"),
        ("tomorrow after six", "11-21 18:00"),
        ("tomorrow before three", "11-21 14:30"),
        ("tomorrow at noon", "11-21 12:00"),
        ("saturday at midday", "11-21 12:00"),
        ("this time tomorrow", "11-21 14:30"),
        ("tomorrow between two and four", "11-21 14:00"),
        ("tomorrow at nine oh five", "11-21 09:05"),
        ("tomorrow at ten to eight in the evening", "11-21 19:50"),
        ("friday next week at eleven a m", "11-27 11:00"),
        ("monday, at about three", "11-23 15:00"),
        ("tomorrow say around four ish", "11-21 16:00"),
    ];
    table(En, friday(), &rows);
}

#[test]
fn a_bare_english_hour_is_the_next_one_between_nine_and_eight() {
    let rows = [
        ("call at half past four", "11-20 16:30"),
        ("quarter to five", "11-20 16:45"),
        ("at three", "11-20 15:00"),
        ("3pm", "11-20 15:00"),
        ("around ten", "11-21 10:00"),
        ("after six o'clock", "11-20 18:00"),
        ("at nine forty five p m", "11-20 21:45"),
        ("at nine", "11-21 09:00"),
        ("noon", "11-21 12:00"),
        ("at two", "11-21 14:00"),
        ("half past two", "11-20 14:30"),
        ("five o'clock", "11-20 17:00"),
        ("10am", "11-21 10:00"),
        ("15:30", "11-20 15:30"),
        ("by five please", "11-20 17:00"),
        ("at eight thirty", "11-21 08:30"),
        ("three in the afternoon", "11-20 15:00"),
        ("seven this evening", "11-20 19:00"),
        ("ten in the morning", "11-21 10:00"),
        ("half three", "11-20 15:30"),
    ];
    table(En, friday(), &rows);
}

#[test]
fn english_days_and_parts_without_a_time_say_so() {
    let rows = [
        ("tomorrow", "11-21 10:00 day"),
        ("tomorrow morning", "11-21 10:00 morning"),
        ("tomorrow afternoon would suit me", "11-21 15:00 afternoon"),
        ("this evening", "11-20 19:00 evening"),
        ("tonight", "11-20 19:00 evening"),
        ("this afternoon", "11-20 15:00 afternoon"),
        ("in the morning", "11-21 10:00 morning"),
        ("in the evening", "11-20 19:00 evening"),
        ("next friday morning would be fine", "11-27 10:00 morning"),
        ("next Tuesday", "11-24 10:00 day"),
        ("on Wednesday", "11-25 10:00 day"),
        ("friday", "11-27 10:00 day"),
        ("this saturday", "11-21 10:00 day"),
        ("Monday week", "11-30 10:00 day"),
        ("a week on tuesday", "12-01 10:00 day"),
        ("a week from today", "11-27 10:00 day"),
        ("at the weekend", "11-21 10:00 day"),
        ("this weekend", "11-21 10:00 day"),
        ("next weekend", "11-28 10:00 day"),
        ("on the fifth", "12-05 10:00 day"),
        ("on the twenty fifth", "11-25 10:00 day"),
        ("the 1st of next month", "12-01 10:00 day"),
        ("december the fifth", "12-05 10:00 day"),
        ("on the fifth of december", "12-05 10:00 day"),
        ("january 8th", "2027-01-08 10:00 day"),
        ("in two days", "11-22 10:00 day"),
        ("three days from now", "11-23 10:00 day"),
        ("in a week", "11-27 10:00 day"),
        ("in a fortnight", "12-04 10:00 day"),
        ("after work", "11-20 18:30 evening"),
        ("tomorrow after lunch", "11-21 13:30 afternoon"),
        ("tomorrow lunchtime", "11-21 12:00 noon"),
        ("first thing tomorrow", "11-21 09:00 morning"),
        ("no not monday tuesday evening", "11-24 19:00 evening"),
        ("tomorrow is no good, thursday", "11-26 10:00 day"),
        ("the day after tomorrow", "11-22 10:00 day"),
    ];
    table(En, friday(), &rows);
}

#[test]
fn english_delays_count_from_now() {
    let rows = [
        ("maybe in half an hour", "11-20 15:00"),
        ("in two hours", "11-20 16:30"),
        ("in an hour", "11-20 15:30"),
        ("in about an hour", "11-20 15:30"),
        ("in an hour and a half", "11-20 16:00"),
        ("in ten minutes", "11-20 14:40"),
        ("in about twenty minutes", "11-20 14:50"),
        ("an hour from now", "11-20 15:30"),
        ("half an hour from now", "11-20 15:00"),
        ("in two and a half hours", "11-20 17:00"),
        ("in a couple of hours", "11-20 16:30"),
        ("in 45 minutes", "11-20 15:15"),
        ("in a quarter of an hour", "11-20 14:45"),
    ];
    table(En, friday(), &rows);
}

#[test]
fn vague_english_times_are_marked_so() {
    let rows = [
        ("sometime next week", "11-23 10:00 week"),
        ("later this week", "11-20 14:30 week"),
        ("next month", "12-01 10:00 month"),
        ("in march", "2027-03-01 10:00 month"),
        ("end of the month", "11-28 10:00 month end"),
        ("at the end of the month", "11-28 10:00 month end"),
        ("early next month", "12-03 10:00 month start"),
        ("mid december", "12-15 10:00 month middle"),
        ("in a few days", "11-23 10:00 days"),
        ("in a couple of days", "11-22 10:00 days"),
        ("after christmas", "12-28 10:00 days"),
        ("after the holidays", "2027-01-04 10:00 days"),
        ("in the new year", "2027-01-10 10:00 year"),
        ("next year", "2027-01-10 10:00 year"),
        ("in two months", "2027-01-19 10:00 days"),
        ("the week after next", "11-30 10:00 week"),
        ("at the end of the year", "12-28 10:00 month end"),
    ];
    table(En, friday(), &rows);
}

#[test]
fn english_words_that_are_no_time_to_come_give_none() {
    let none = [
        "",
        "there are three of us",
        "i pay twenty five pounds a month",
        "not one of them works",
        "call me later",
        "may i ask who you are",
        "after two years with them i left",
        "yesterday at three",
        "last friday",
        "two days ago",
        "i have two kids",
        "at least try",
        "for twelve months",
        "the first one",
        "the second option",
        "this morning",
        "today at two",
        "how are you",
        "i'm sixty five",
        "we march on",
        "at one point it broke",
        "four hundred",
        "on time",
        "one moment",
        "just a second",
        "tomorrow won't work",
    ];
    table(En, friday(), &none.map(|text| (text, "-")));
}

#[test]
fn an_hour_that_is_past_today_is_not_moved_silently_when_today_was_named() {
    let evening = moment("2026-11-20T19:30:00+08:00");
    let rows = [
        ("今天三点", "-"),
        ("今天下午", "-"),
        ("三点", "11-21 15:00"),
        ("今晚", "11-20 19:30 evening"),
        ("今晚七点", "-"),
        ("今天九点", "11-20 21:00"),
        ("下午", "11-21 15:00 afternoon"),
    ];
    table(Zh, evening, &rows);
    table(En, evening, &[("today at three", "-"), ("tonight", "11-20 19:30 evening"), ("at three", "11-21 15:00")]);
}

#[test]
fn weeks_begin_on_monday() {
    let sunday = moment("2026-11-22T10:00:00+08:00");
    table(Zh, sunday, &[("下周三", "11-25 10:00 day"), ("周三", "11-25 10:00 day"), ("周末", "11-22 10:00 day")]);
    table(En, sunday, &[("next wednesday", "11-25 10:00 day"), ("wednesday", "11-25 10:00 day")]);
    let monday = moment("2026-11-23T10:00:00+08:00");
    table(Zh, monday, &[("下周三", "12-02 10:00 day"), ("周三", "11-25 10:00 day"), ("周一", "11-30 10:00 day")]);
    table(En, monday, &[("next wednesday", "12-02 10:00 day"), ("this wednesday", "11-25 10:00 day")]);
}

#[test]
fn a_day_that_a_month_lacks_is_looked_for_in_the_next() {
    let february = moment("2027-02-10T10:00:00+08:00");
    table(Zh, february, &[("三十一号", "03-31 10:00 day"), ("二月二十九号", "2028-02-29 10:00 day")]);
    table(En, february, &[("on the thirty first", "03-31 10:00 day")]);
}

#[test]
fn a_moment_is_read_back_in_mandarin() {
    let rows = [
        ("明天下午三点", "明天周六下午三点"),
        ("后天上午十点半", "后天周日上午十点半"),
        ("今晚八点", "今天晚上八点"),
        ("下周三下午两点", "十一月二十五号周三下午两点"),
        ("明天中午十二点一刻", "明天周六中午十二点一刻"),
        ("明天下午五点零五分", "明天周六下午五点零五分"),
        ("明天下午", "明天周六下午"),
        ("下周五", "十一月二十七号周五"),
        ("明年一月八号上午九点", "明年一月八号周五上午九点"),
        ("下周", "下周"),
        ("月底", "这个月底"),
        ("下个月", "下个月"),
        ("三月份", "明年三月"),
        ("过两天", "十一月二十二号前后"),
        ("明年", "明年"),
    ];
    for (text, want) in rows {
        let found = resolve(text, Zh, friday()).unwrap();
        assert_eq!(spoken(&found, friday(), Zh), want, "{text}");
    }
}

#[test]
fn a_moment_is_read_back_in_english() {
    let rows = [
        ("tomorrow at three", "tomorrow, Saturday, at three in the afternoon"),
        ("tonight at eight", "today at eight in the evening"),
        (
            "next tuesday at half past four",
            "on Tuesday, the twenty-fourth of November, at half past four in the afternoon",
        ),
        ("monday at quarter to ten", "on Monday, the twenty-third of November, at quarter to ten in the morning"),
        ("tomorrow at noon", "tomorrow, Saturday, at noon"),
        ("tomorrow morning", "tomorrow, Saturday, in the morning"),
        ("this evening", "this evening"),
        ("tomorrow", "tomorrow, Saturday"),
        ("next week", "next week"),
        ("end of the month", "at the end of this month"),
        ("in march", "in March"),
        ("in a few days", "around the twenty-third of November"),
        ("tomorrow at 3:25 pm", "tomorrow, Saturday, at three twenty-five in the afternoon"),
    ];
    for (text, want) in rows {
        let found = resolve(text, En, friday()).unwrap();
        assert_eq!(spoken(&found, friday(), En), want, "{text}");
    }
}

/// Pieces that times are made of, and some that they are not.
const PIECES: &str = "明天 后天 大后天 今晚 下周 下下周 三 五 周 星期 礼拜天 周末 月底 下个月 十二月 一 号 二十 半 个 小时 后 过 两 分钟 \
    天 三点 半 一刻 差 五分 晚上 八点 中午 上午 十点 左右 15:30 99:99 国庆 年 明年 以前 的 吧 ， 不行 二月 三十号 \
    tomorrow next tuesday week half past four quarter to five 3pm this evening in an hour on the fifth monday \
    end of month noon around ten at december twenty first days before 13:61 0 99999999999 ago last a";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_moment_lies_in_the_past_and_every_one_can_be_said(
        pieces in prop::collection::vec(prop::sample::select(PIECES.split_whitespace().collect::<Vec<_>>()), 1..8),
        spaces in any::<bool>(),
        seconds in 0_i64..9_000_000_000,
        offset in -12_i32..=14,
        language in prop::sample::select(vec![Zh, En]),
    ) {
        let now = OffsetDateTime::from_unix_timestamp(seconds).unwrap()
            .to_offset(time::UtcOffset::from_hms(i8::try_from(offset).unwrap(), 0, 0).unwrap());
        let text = pieces.join(if spaces { " " } else { "" });
        if let Some(found) = resolve(&text, language, now) {
            prop_assert!(found.at >= now, "{text}: {} before {now}", found.at);
            prop_assert!(found.at - now < Duration::days(366 * 200), "{text}: {}", found.at);
            prop_assert_eq!(found.at.offset(), now.offset());
            prop_assert!(!spoken(&found, now, language).is_empty());
            prop_assert!(text.contains(find(&text, language).unwrap()));
        }
    }

    #[test]
    fn any_text_is_borne(text in any::<String>(), language in prop::sample::select(vec![Zh, En])) {
        let _ = resolve(&text, language, friday());
    }

    #[test]
    fn what_is_read_back_is_understood_as_the_same_moment(
        minutes in 1_i64..60 * 24 * 25,
        language in prop::sample::select(vec![Zh, En]),
    ) {
        let at = friday() + Duration::minutes(minutes);
        prop_assume!(at.hour() > 0); // midnight belongs to two days
        let said = spoken(&callwright::understanding::when::Moment { at, precision: Precision::Time }, friday(), language);
        let heard = resolve(&said, language, friday());
        prop_assert_eq!(heard.map(|heard| (heard.at, heard.precision)), Some((at, Precision::Time)), "{}", said);
    }
}

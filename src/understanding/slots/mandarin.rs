//! Mandarin spans: times, amounts, people, places. A cursor eats words from the front of the text.

use super::longest_span;

const PARTS: &str = "早上 早晨 清早 上午 中午 午后 下午 傍晚 晚上 夜里 凌晨 下班 饭后 午休";
const DAYS: &str = "\
    今天 今日 明天 明日 大后天 后天 今晚 明晚 明早 今早 周末 月初 月中 月底 年初 年底 年后 节后 过完年 明年";
const UNITS: &str = "小时 钟头 分钟 天 星期 礼拜 周 月 年";
const TAILS: &str = "以后 之后 过后 左右 前后 以前 之前 的时候 后 前";
const AFTER: &str = "以后 之后 过后 后";

/// The day and time, if one is named.
pub(super) fn when(text: &str) -> Option<String> {
    longest_span(text, text.char_indices().map(|(at, _)| at), |rest| {
        let mut cursor = Cursor { rest };
        let mut found = 0;
        loop {
            if cursor.day() || cursor.relative() || cursor.take(PARTS) || cursor.clock(found > 0) {
                found = rest.len() - cursor.rest.len();
            } else if found == 0 || cursor.take_while(|c| c == '的' || c == ' ') == 0 {
                break;
            }
        }
        if found > 0 {
            cursor.rest = &rest[found..];
            cursor.take(TAILS);
            found = rest.len() - cursor.rest.len();
        }
        found
    })
}

/// An amount of money.
pub(super) fn amount(text: &str) -> Option<String> {
    longest_span(text, text.char_indices().map(|(at, _)| at), |rest| {
        let mut cursor = Cursor { rest };
        if !cursor.number() {
            return 0;
        }
        let vague = cursor.take("多 来 几");
        let named = cursor.take("块钱 元钱 块 元 人民币");
        let length = rest.len() - cursor.rest.len();
        // "六十多" is money only where nothing else is counted: "三百多兆" is not.
        let ends = cursor.rest.is_empty() || cursor.take("， 。 ？ , . 吧 左右 的样子");
        if named || (vague && ends) { length } else { 0 }
    })
}

/// How many people, or for whom.
pub(super) fn who(text: &str) -> Option<String> {
    let count = longest_span(text, text.char_indices().map(|(at, _)| at), |rest| {
        let mut cursor = Cursor { rest };
        let counted = cursor.number() && cursor.take("个人 口人 口 位 个孩子 个小孩 个老人");
        if counted { rest.len() - cursor.rest.len() } else { 0 }
    });
    let relation = || {
        longest_span(text, text.char_indices().map(|(at, _)| at), |rest| {
            let mut cursor = Cursor { rest };
            if !cursor.take("我 我们") {
                return 0;
            }
            let relations = "爸妈 父母 家里人 家人 老婆 老公 孩子 儿子 女儿 媳妇 公司 爸 妈";
            if cursor.take(relations) { rest.len() - cursor.rest.len() } else { 0 }
        })
    };
    let for_whom = ["给我", "帮我", "替我"].iter().any(|cue| text.contains(cue));
    count.or_else(|| if for_whom { relation() } else { None })
}

/// The place after 在, up to the word that makes it one.
pub(super) fn place(text: &str) -> Option<String> {
    const ENDS: [char; 9] = ['省', '市', '区', '县', '镇', '村', '路', '街', '号'];
    const CHARS_MAX: usize = 12;
    let (_, after) = text.split_once("住在").or_else(|| text.split_once('在'))?;
    let clause: String = after.chars().take(CHARS_MAX).take_while(|c| c.is_alphanumeric()).collect();
    let end = clause
        .char_indices()
        .filter(|&(at, c)| at > 0 && ENDS.contains(&c))
        .map(|(at, c)| at + c.len_utf8())
        .next_back()?;
    Some(clause[..end].to_owned())
}

struct Cursor<'a> {
    rest: &'a str,
}

impl Cursor<'_> {
    /// Eats the longest of `words` that stands here.
    fn take(&mut self, words: &str) -> bool {
        let longest = words.split(' ').filter(|word| self.rest.starts_with(word)).map(|word| word.len()).max();
        self.rest = &self.rest[longest.unwrap_or(0)..];
        longest.is_some()
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> usize {
        let length = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        self.rest = &self.rest[length..];
        length
    }

    fn number(&mut self) -> bool {
        self.take_while(|c| c.is_ascii_digit() || "零一二两三四五六七八九十百千万".contains(c)) > 0
    }

    /// Runs `pattern`; what it ate comes back if it fails.
    fn attempt(&mut self, pattern: impl FnOnce(&mut Self) -> bool) -> bool {
        let before = self.rest;
        let found = pattern(self);
        if !found {
            self.rest = before;
        }
        found
    }

    fn day(&mut self) -> bool {
        self.take(DAYS) || self.attempt(Self::week) || self.attempt(Self::month) || self.attempt(Self::date)
    }

    /// 周五, 下周, 下个礼拜三.
    fn week(&mut self) -> bool {
        let which = self.take("下下个 下下 下个 下 这个 这 本");
        if !self.take("周 星期 礼拜") {
            return false;
        }
        self.take("一 二 三 四 五 六 日 天 末") || which
    }

    /// 下个月初, 这个月十五号.
    fn month(&mut self) -> bool {
        if !self.take("下个月 下月 这个月 本月") {
            return false;
        }
        let _ = self.take("初 中 底") || self.attempt(|c| c.number() && c.take("号 日"));
        true
    }

    /// 十二月三号, 三月份, 十五号.
    fn date(&mut self) -> bool {
        if !self.number() {
            return false;
        }
        if self.take("号 日") {
            return true;
        }
        if !self.take("月份 月") {
            return false;
        }
        self.attempt(|c| c.number() && c.take("号 日"));
        true
    }

    /// 半个小时以后, 过两天.
    fn relative(&mut self) -> bool {
        self.attempt(|c| {
            let past = c.take("再过 过");
            if !(c.take("半 几") || c.number()) {
                return false;
            }
            c.take("个");
            c.take("半");
            c.take(UNITS) && (c.take(AFTER) || past)
        })
    }

    /// 三点半, 十点一刻, 15:30. Alone, "一点" and "两点" are rather "a bit" and "two points".
    fn clock(&mut self, after_a_day: bool) -> bool {
        self.attempt(|c| {
            let vague = c.rest.starts_with("一点") || c.rest.starts_with("两点");
            if !c.number() {
                return false;
            }
            if c.take(": ：") {
                return c.number();
            }
            if !c.take("点") {
                return false;
            }
            let minutes = c.take("半 钟 整 一刻 三刻")
                || c.attempt(|c| {
                    c.number() && {
                        c.take("分钟 分");
                        true
                    }
                });
            minutes || after_a_day || !vague
        })
    }
}

//! Mandarin spans: amounts, people, places. A cursor eats words from the front of the text.

use super::longest_span;

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
}

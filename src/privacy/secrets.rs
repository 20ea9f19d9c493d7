//! Secrets: digits behind the name of a code (验证码, CVV, PIN) or before it, and passwords of letters and digits.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::digits::{Group, runs};
use super::{Found, Kind};

/// Behind their name digits are a secret.
const NAMES: &str = "验证码|校验码|动态码|短信码|确认码|激活码|授权码|支付码|密码|口令|安全码|后三位|背面三位|(?:收到|那个|这个|这|那|来|短信|发)的?(?:数字)?码|pin码|(?:背面|背后|后面)的?(?:那|这|末)?(?:三|3)(?:位|个?数)字?|(?:^|[，。, ])码(?:是|[：:])|[四六46]位数字?|短信(?:上|里)?(?:面|头)?(?:写|说|显示|来|发)(?:的|过来的?)?|(?:刚|才|收)(?:刚)?(?:来|收|到|发来)(?:到|了)?的?(?:那)?(?:条)?短信|(?:跳|弹|蹦)出来(?:的|一个|个)?(?:是)?|\
    \\b(?:cvv2?|cvc|cvn|pin(?: number)?|pass ?code|pass ?word|pass ?phrase|otp|(?:verification|security|authori[sz]ation|memorable|one[- ]time|access|confirmation|authentication|auth|login|sms|text|six[- ]digit|four[- ]digit|my|the) (?:pass ?)?code|code (?:i got|they sent|is|it says|says|you sent|was)|code|(?:digits|numbers?|three) on the back|security number|text (?:message )?(?:says|said|reads)|texted (?:me|over)|memorable (?:pin|number))\\b";
/// A code of these is nobody's: area code, promo code.
const OTHER_CODES: &str = "\\b(?:area|zip|error|post|promo|promotional|discount|voucher|coupon|dress|country|dialling|error|sort|bar|qr|exit|status|colour|color|source|product|referral|campaign|door|reference|order|tax) code";
/// What may stand between the name and the digits, in characters.
const GAP_CHARS_MAX: usize = 16;
const GAP_CHARS_MAX_ENGLISH: usize = 26;
/// The gap speaks of something else.
const OTHER: &str =
    "手机|电话|订单|客服|发到|号码|拨打|年|月|尾号|[。？?！;；]|\\b(?:phone|order|number|call|account|ending)\\b";
/// A code is not followed by these: 验证码是6位, 60秒内有效.
const UNITS: &str =
    "^(?:位|秒|分钟|次|个|小时|天|遍|条|元|块|[ -]?(?:digit|minute|second|time|character|hour|day|number))";
/// Digits are the secret that is named behind them.
const BEHIND: &str = "^(?:[^，。,0-9]{0,5}[，,](?:这|那|这个|那个|就)是[^，。0-9]{0,6}(?:验证码|校验码)(?:[，。]|$)|[，,。. ]*(?:(?:给|发|报)你了?[，, ]*(?:是)?(?:验证码|校验码)|[^，。,0-9]{0,5}(?:的|是|为)(?:验证码|校验码|动态码|安全码)(?:[，。,. 吧呢啊啦]|$)|(?:就|这|这个|那|那个|这就|那就)?(?:是|为)?(?:我|你们?|您)?(?:的|发的|给的|收到的)?(?:验证码|校验码|密码|安全码|动态码|口令)(?:[，。,. 吧呢啊啦]|$)|这个(?:验证码|密码)|[^。，,0-9]{0,2}是不是(?:这|那)个?(?:码|数)|(?:that's|that is|is that|is|it's|as|was)? ?(?:what|my|the|your)? ?(?:is )?(?:the |my )?(?:card )?(?:verification |security |access |one[- ]time )?(?:code|pin|password|passcode|cvv|otp)\\b(?: number)?(?:[,.?]|$| it| you| they| for| i)))";
/// A password of letters and digits.
const PASSWORD: &str = "(?:密码|口令|\\b(?:pass ?word|pass ?phrase|passcode)(?:'s)?)(?:呢|嘛|就|应该|好像|[ :：,，])*(?:是|为|设的是|改成了?|is|was)?(?:[ :：,，])*([A-Za-z0-9@#$%&*!_.-]{4,32})";
const DIGITS: std::ops::RangeInclusive<usize> = 3..=8;

struct Rules {
    names: Regex,
    other_codes: Regex,
    other: Regex,
    units: Regex,
    behind: Regex,
    password: Regex,
}

static RULES: LazyLock<Option<Rules>> = LazyLock::new(|| {
    // Beside Han characters a Latin word ends too: CVV是.
    let regex = |pattern: &str| Regex::new(&format!("(?i){}", pattern.replace("\\b", r"(?-u:\b)"))).ok();
    Some(Rules {
        names: regex(NAMES)?,
        other_codes: regex(OTHER_CODES)?,
        other: regex(OTHER)?,
        units: regex(UNITS)?,
        behind: regex(BEHIND)?,
        password: regex(PASSWORD)?,
    })
});

/// The secrets of a text, in order.
pub(super) fn find(text: &str) -> Vec<Found> {
    let Some(rules) = &*RULES else { return Vec::new() };
    let mut found = Vec::new();
    for run in runs(text) {
        // The longest that fits: digits that go on without a comma belong to it.
        let apart = |end: usize| {
            run.get(end)
                .is_none_or(|next| text[run[end - 1].end..next.start].contains(|c: char| !matches!(c, ' ' | '-')))
        };
        let end = (1..=run.len()).rev().find(|end| apart(*end) && rules.secret(text, &run[..*end]));
        if let Some(end) = end {
            let length = run[..end].iter().map(|group| group.digits.len()).sum();
            found.push(secret(run[0].start..run[end - 1].end, length));
        }
    }
    for hit in rules.password.captures_iter(text).filter_map(|hit| hit.get(1)) {
        let word = hit.as_str().trim_end_matches(['.', ',', '!']);
        let mixed = word.bytes().any(|b| b.is_ascii_digit()) && word.bytes().any(|b| b.is_ascii_alphabetic());
        let span = hit.start()..hit.start() + word.len();
        if mixed {
            found.retain(|known: &Found| known.span.end <= span.start || span.end <= known.span.start);
            found.push(secret(span, word.len()));
        }
    }
    found
}

/// Whether a text asks for, or names, a secret and gives no digits after it: the digits may come next.
pub(super) fn awaits(text: &str) -> bool {
    let Some(rules) = &*RULES else { return false };
    let name = rules.names.find_iter(text).last();
    name.is_some_and(|name| {
        let few = |run: &Vec<Group>| run.iter().map(|group| group.digits.len()).sum::<usize>() < *DIGITS.start();
        runs(&text[name.end()..]).iter().all(few)
    })
}

pub(super) fn secret(span: Range<usize>, chars: usize) -> Found {
    Found { kind: Kind::Secret, span, masked: "*".repeat(chars) }
}

/// Whether so many digits may be a code.
pub(super) fn fits(digits: usize) -> bool {
    DIGITS.contains(&digits)
}

impl Rules {
    /// Digits behind the name of a secret, or before 是验证码.
    fn secret(&self, text: &str, groups: &[Group]) -> bool {
        let (Some(first), Some(last)) = (groups.first(), groups.last()) else { return false };
        let length: usize = groups.iter().map(|group| group.digits.len()).sum();
        let after = &text[last.end..];
        if !fits(length) || first.plus || self.units.is_match(after) {
            return false;
        }
        if self.behind.is_match(after) && !self.other_codes.is_match(after) {
            return true;
        }
        let before = &text[..first.start];
        let Some(name) = self.names.find_iter(before).last() else { return false };
        let gap = &before[name.end()..];
        let most = if gap.is_ascii() { GAP_CHARS_MAX_ENGLISH } else { GAP_CHARS_MAX };
        let led = &before[..name.end()];
        let other = self.other_codes.find_iter(led).last().is_some_and(|other| other.end() > name.start());
        gap.chars().count() <= most && !self.other.is_match(gap) && !other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert!(RULES.is_some());
    }
}

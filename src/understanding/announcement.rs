//! What answers instead of a person (domain §2), from its words: a network's announcement, a mailbox, a screening
//! assistant. The number's state outranks the service that announces it (domain §10).

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::patterns::Patterns;

/// What answered a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Announcement {
    /// The number does not exist.
    Dead,
    /// Service is suspended, as for unpaid bills.
    Suspended,
    /// Switched off.
    Off,
    /// Out of coverage, not to be reached for now.
    Unreachable,
    /// In another call.
    Busy,
    /// A mailbox, a secretary service or a personal greeting.
    Assistant,
    /// Calls to it are restricted.
    Barred,
    /// A robot that asks for the caller's name or reason.
    Screener,
    /// Rang out.
    NoAnswer,
    /// A person.
    Human,
}

impl Announcement {
    /// In the order of the model's classes.
    pub const ALL: [Self; 10] = [
        Self::Dead,
        Self::Suspended,
        Self::Off,
        Self::Unreachable,
        Self::Busy,
        Self::Assistant,
        Self::Barred,
        Self::Screener,
        Self::NoAnswer,
        Self::Human,
    ];

    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Suspended => "suspended",
            Self::Off => "off",
            Self::Unreachable => "unreachable",
            Self::Busy => "busy",
            Self::Assistant => "assistant",
            Self::Barred => "barred",
            Self::Screener => "screener",
            Self::NoAnswer => "no_answer",
            Self::Human => "human",
        }
    }
}

/// Words of a robot that asks who is calling and why.
const SCREENER: &str = "call(?:ing)? screen|screening|say your name and|state your name|record your name|(?:name|who you are) and (?:the )?(?:reason|purpose|why)|reason for (?:your |the |calling)|why you(?:'re| are) calling|\
    virtual assistant|call assistant|using a (?:screening|call)|(?:before|and) i(?:'ll| will)? (?:try to )?connect|see if (?:he|she|they|this person)|tell me (?:who|why) (?:you|is|this)|\
    (?:机主|号主|主人|他|她)的?(?:的)?(?:智能|电话|语音|AI|私人|通话)?(?:助理|助手|管家|秘书|应答)[^。]{0,30}(?:什么事|哪位|您是|有何|事由|原因|转达|转告|贵姓|谁|目的)|\
    (?:智能|语音|AI|电话|通话|来电|移动|联通|电信|通信)(?:助理|助手|秘书|管家|应答)[^。？]{0,40}(?:来意|什么事|哪位|您是|有何|事由|原因|转达|转告|贵姓|谁|目的)|来电(?:原因|目的|事由)|代接[^。]{0,20}(?:什么事|哪位|谁|原因|转达|转告)|\
    (?:什么事|哪位|您是谁|贵姓|来意)[^。]{0,30}(?:转达|转告|转给)(?:给)?(?:机主|他|她|主人)|请(?:您)?说明(?:您的)?来(?:意|电)|通话筛选|来电筛选|筛选来电|说(?:出|明|一下)您的(?:姓名|名字)(?:和|以及|与)";

/// A mailbox, a greeting, a service that takes messages.
const ASSISTANT: &str = "语音信箱|语音邮箱|请[^。]{0,10}留言|(?:后|声|可以|进行|语音)留言|留言(?:请|信箱|后|服务)|[滴嘀哔嘟]的?一?声(?:后|之后|响)|提示音(?:后|之后|响)|秘书台|小秘书|来电提醒|漏话|漏接|通信助理|来电助手|短信(?:的)?(?:方式|形式)?(?:通知|提醒|转告|告知)(?:机主|对方|用户)|\
    voice ?mail|mailbox|voice messag|answer(?:ing|phone) (?:machine|service)|answerphone|(?:after|at) the (?:tone|beep|signal)|leave (?:me |us )?(?:a |your |an? )?(?:short |brief |detailed )?(?:message|name|number)|(?:can't|cannot|can not|unable to|not able to|couldn't|aren't able to) (?:come to|get to|take|answer|reach|pick up) (?:the|my|your|our) (?:phone|call)|\
    get back to you|return your call|you(?:'ve| have) reached (?:the (?:voice|mail|office)|[a-z]+[^.]{0,40}(?:sorry|not|leave|away))|(?:i'm|i am) (?:away from|not here|unavailable|not available)[^.]{0,30}(?:phone|desk|now|call|message)|record (?:a|your) message|missed call (?:alert|notification|service)|notif(?:y|ied)[^.]{0,20}(?:text|sms|message)|我(?:现在)?(?:不方便|不在|没法|无法)接(?:听)?(?:您的)?电话[^。]{0,20}(?:请|稍后|回)";

/// States of the number, the strongest first. Mandarin with what a recogniser makes of it, English halves too.
const STATES: [(&str, Announcement); 7] = [
    (
        "空号|恐号|空浩|(?:号码|电话)[^。]{0,6}(?:不存在|有误|错误|不正确|未启用|没有启用|未使用)|(?:不存在|未启用)的?号码|不是有效|查证后?再拨|核对后?再拨|核实后?再拨|(?:does not|doesn't|not|dose not) exist|(?:invalid|unallocated|unassigned|incorrect|vacant) number|number[^.]{0,30}(?:is not valid|invalid|not in service|no longer in service|is not recogni[sz]ed|not been recogni[sz]ed|has been disconnected|is disconnected|incorrect|incomplete|is not assigned)|check (?:the )?number|disconnected or (?:is )?no longer|not a working number|ceased",
        Announcement::Dead,
    ),
    (
        "停机|停鸡|听机|欠费|(?:暂停|停止)(?:服务|使用)|余额不足|(?:service|number|phone|subscriber)[^.]{0,30}suspended|out of service|temporarily (?:out of service|disconnected|suspended)|insufficient (?:balance|credit)|overdue",
        Announcement::Suspended,
    ),
    (
        "关机|关鸡|官机|关记|关闭手机|手机已关|(?:powered?|power|switched|switch|turned|turn|is) ?off\\b|power(?:ed)? down",
        Announcement::Off,
    ),
    (
        "(?:呼叫|呼入|来电|拨入|通话|被叫)(?:功能)?(?:受|被|已)?(?:限制|受限|禁止)|限制(?:呼叫|呼入|来电|拨入)|呼入受限|(?:设置|开启|启用)了?[^。，]{0,6}(?:限制|拒绝|拒接|拒收|免打扰|防骚扰)|无权(?:呼叫|拨打)|拒接(?:您的)?(?:来电|陌生)|不接受(?:您的)?(?:来电|呼叫)|barred|restrict(?:ed|ion|ions)|not accept(?:ing)? (?:your |incoming |any |this |unknown )*calls?|does not (?:accept|allow)[^.]{0,20}calls|blocked|do not disturb|permission to call",
        Announcement::Barred,
    ),
    (
        "正在通话|通[话化花]中|通话之中|正忙|用户忙|[占战]线|线路(?:繁)?忙|繁忙|(?:被叫|对方|用户|电话)[^。，]{0,3}忙|is busy|are busy|line(?:s)? (?:is|are) (?:busy|engaged)|engaged|(?:on|in) (?:the |another |a )(?:phone|line|call|conversation)|speaking to someone else|call waiting",
        Announcement::Busy,
    ),
    (
        "(?:无法|不能|未能|五法|没法|暂)(?:接通|接同|连接|连通|接听)|不在(?:服务区|网|覆盖)|服务区(?:内|外)?|信号(?:覆盖|区)|暂时(?:联系|接)不(?:上|通)|无法联系|无法到达|cannot be (?:connected|reached|completed)|can't be (?:connected|reached)|can not be (?:connected|reached|complete)|could not be (?:connected|reached|completed)|not (?:be )?reachable|unreachable|not in (?:the )?service area|out of (?:the )?(?:coverage|reach|range|service area|area)|coverage area|temporarily unavailable|(?:is|are) (?:currently |temporarily |presently )?(?:unavailable|not available)",
        Announcement::Unreachable,
    ),
    (
        "无人(?:接听|应答)|无应答|没有?人?(?:接听|应答)|(?:no|not) answer(?:ing|ed)?|(?:did|does|is) not answer|no one (?:is )?(?:available|answer)|no reply",
        Announcement::NoAnswer,
    ),
];

/// Announcements that name no reason: the number is not reached, if no service says that it answers for it.
const VAGUE: &str = "请稍后再[拨播波]|稍后再试|(?:please )?(?:try|call|dial|redial) (?:again )?later|the (?:subscriber|number|party|customer|person|user|mobile)[^.]{0,12}you(?:'ve| have)? (?:dial|call)(?:l?ed)?|[您你]所?[拨呼播]打?的?(?:的)?(?:用户|电话|号码|机主)";

/// What only an announcement says.
const MARKERS: &str = "this (?:number|mobile|subscriber)|[您你]?所?(?:拨打|拨叫|呼叫|拨的|播打)的?|该用户|被叫|机主|此号码|对方(?:已|正|手机|电话|号码|暂|不在)|用户(?:已|正|不|暂|忙)|请(?:您)?(?:稍后|查证|核对|核实|不要挂机|挂机|勿挂机)|[已己以](?:关机|停机|欠费)|是空号|不在服务区|暂时无法|暂停服务|对不起|很抱歉|sorry|the (?:subscriber|number|party|customer|person|user|mobile|telephone|phone|line|call)|your call|you (?:have |'ve )?(?:dial|call)(?:l)?ed|subscriber|please|此用户|来电提醒|呼叫限制|限制呼入|通话中|呼叫转移|中国(?:移动|联通|电信)";
/// A person who speaks of themselves, so that the words of an announcement are their own.
const PERSON: &str = "^(?:喂|唉|哎|哦|啊|嗯)*[，,。 ]*(?:我(?:的)?(?:手机|这边|这会|现在|在|正|刚|要|今天|没|马上|快|电话)|你(?:是)?(?:谁|哪)|什么事|哪位)|^(?:hello|hi|yes|yeah|no)?[,. ]*(?:i'm|i am|i was|my phone|my battery|it's me|who)\\b";

struct Rules {
    screener: Patterns<()>,
    assistant: Patterns<()>,
    states: Patterns<Announcement>,
    vague: Patterns<()>,
    markers: Patterns<()>,
    person: Patterns<()>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
    screener: Patterns::new(&[(SCREENER, ())]),
    assistant: Patterns::new(&[(ASSISTANT, ())]),
    states: Patterns::new(&STATES),
    vague: Patterns::new(&[(VAGUE, ())]),
    markers: Patterns::new(&[(MARKERS, ())]),
    person: Patterns::new(&[(PERSON, ())]),
});

/// Longer texts are cut: no announcement is longer.
const TEXT_CHARS_MAX: usize = 1_000;

/// What is speaking on the line, from its words, in either language: what the model reads in them, or where it is not sure
/// the rules.
pub fn announcement(text: &str, read: Option<Announcement>) -> Announcement {
    read.unwrap_or_else(|| by_rules(text))
}

fn by_rules(text: &str) -> Announcement {
    let end = text.char_indices().nth(TEXT_CHARS_MAX).map_or(text.len(), |(at, _)| at);
    // A recogniser puts blanks into Mandarin; between Latin words they stay.
    let text = unspaced(&text[..end]).replace('’', "'");
    let rules = &*RULES;
    let assistant = rules.assistant.first(&text).is_some();
    if rules.person.first(&text).is_some() && !assistant {
        return Announcement::Human;
    }
    let marked = rules.markers.first(&text).is_some();
    let state = rules.states.first(&text).filter(|_| marked);
    if let Some(state @ (Announcement::Dead | Announcement::Suspended | Announcement::Off)) = state {
        return state;
    }
    if rules.screener.first(&text).is_some() {
        return Announcement::Screener;
    }
    // A service that only tells the owner leaves the state as it is; one that takes a message is what answered.
    let takes = ["留言", "信箱", "声后", "音后", "message", "mailbox", "voicemail", "voice mail", "秘书"];
    let lower = text.to_lowercase();
    match state {
        Some(state) if !assistant || !takes.iter().any(|word| lower.contains(word)) => state,
        Some(_) | None if assistant => Announcement::Assistant,
        Some(state) => state,
        // An announcement that names no reason.
        None if marked && rules.vague.first(&text).is_some() => Announcement::Unreachable,
        None => Announcement::Human,
    }
}

/// The text without blanks beside Han characters.
fn unspaced(text: &str) -> String {
    let han = |c: Option<char>| c.is_some_and(|c| ('\u{4e00}'..='\u{9fff}').contains(&c) || "，。、！？".contains(c));
    let mut tight = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_whitespace() && (han(tight.chars().next_back()) || han(chars.peek().copied())) {
            continue;
        }
        tight.push(c);
    }
    tight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        let rules = &*RULES;
        let single = [&rules.screener, &rules.assistant, &rules.vague, &rules.markers, &rules.person];
        assert_eq!(single.map(Patterns::len), [1; 5]);
        assert_eq!(rules.states.len(), STATES.len());
    }
}

//! What the moment and the words decide where the model cannot (domain §10): 嗯 is a yes after a question and no more
//! than a nod while the agent speaks; of two wishes in one sentence the one that binds most wins.

use std::sync::LazyLock;

use super::patterns::Patterns;
use super::{Action, Intent, Meaning, Reading, emotion, slots};
use crate::asr::Language;
use crate::compliance;

/// What the agent did last, as far as it changes a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LastAct {
    /// Not known.
    #[default]
    Unknown,
    /// Opened the call: who calls, and may I take a minute.
    Greet,
    /// Presented or explained, or is still speaking.
    Tell,
    /// Asked something: it is not known what.
    Ask,
    /// Asked a question of yes or no.
    AskYesNo,
    /// Asked who, what, when, where, how much.
    AskOpen,
    /// Offered to book, send or sign up.
    Offer,
    /// Read something back.
    Confirm,
    /// Answered a question or an objection.
    Answer,
    /// Took leave.
    Bye,
}

/// Words in the name of an act, the first row that fits decides.
const ACTS: [(&str, LastAct); 9] = [
    ("confirm|verif|read_?back|read back|repeat_?back|recap|summar|确认|核对|复述", LastAct::Confirm),
    ("^(?:good)?bye|farewell|goodbye|hang_?up|告别|结束语|再见", LastAct::Bye),
    (
        "offer|clos(?:e|ing)|propos|invit|book|schedul|appoint|recommend|upsell|trial|邀约|促成|成交|预约|推荐",
        LastAct::Offer,
    ),
    ("greet|opening|^open$|hello|introduce|self_intro|disclos|开场|问候|自我介绍", LastAct::Greet),
    ("yes_?no|yes/no|qualif|check|permission|是否", LastAct::AskYesNo),
    (
        "open_?question|(?:ask|question|request|probe|collect|询问|提问)[a-z_ ]*(?:open|what|when|who|where|how|why|which|need|budget|time|date|place|address|reason|name|number|amount|contact|size|用途|需求|预算|时间|地点|姓名|原因)",
        LastAct::AskOpen,
    ),
    ("ask|question|query|request|probe|inquir|enquir|survey|询问|提问|追问", LastAct::Ask),
    ("answer|respon|repl(?:y|ied)|handle|resolve|rebut|objection|clarif|回答|解答|答复|异议", LastAct::Answer),
    (
        "inform|tell|told|present|pitch|explain|statement|speak|talk|notice|notif|describ|quote|介绍|说明|陈述|讲解|告知|报价",
        LastAct::Tell,
    ),
];

/// What the agent's own sentence does, the first row that fits decides. The first two hold of any sentence, the others of
/// a question.
const SENTENCES: [(&str, LastAct); 5] = [
    (
        "再见[。！!]?$|祝您[^。]{0,12}[。！!]?$|\\b(?:goodbye|bye)[.! ]*$|have a (?:good|nice|great|lovely) \\w+[.! ]*$",
        LastAct::Bye,
    ),
    ("对吗|对吧|是吗|没错吧|正确吗|对不对|确认一下|is that (?:right|correct)|(?:right|correct)\\?$", LastAct::Confirm),
    (
        "(?:帮|给|为|替)[您你][^。？]{0,12}(?:办|开通|预约|登记|发|安排|下单|报名|订|留|寄|约|申请|转)|(?:shall|should|can|may|could) (?:i|we) (?:\\w+ )?(?:book|send|sign|set|put|arrange|reserve|order|enrol|enroll|transfer|call)|would you like (?:me|us|to)|want me to",
        LastAct::Offer,
    ),
    (
        "什么|哪|谁|多少|几[个点号天年位口]|怎么|为何|多久|多大|\\b(?:what|which|who|whose|where|when|why|how)\\b",
        LastAct::AskOpen,
    ),
    ("", LastAct::AskYesNo),
];
/// How many rows of [`SENTENCES`] need no question.
const OF_ANY_SENTENCE: usize = 2;

static ACT_NAMED: LazyLock<Patterns<LastAct>> = LazyLock::new(|| Patterns::new(&ACTS));
static SENTENCE_SAID: LazyLock<[Patterns<LastAct>; 2]> = LazyLock::new(|| {
    let (any, question) = SENTENCES.split_at(OF_ANY_SENTENCE);
    [Patterns::new(any), Patterns::new(question)]
});

impl LastAct {
    /// In the order of the model's vocabulary.
    pub const ALL: [Self; 10] = [
        Self::Unknown,
        Self::Greet,
        Self::Tell,
        Self::Ask,
        Self::AskYesNo,
        Self::AskOpen,
        Self::Offer,
        Self::Confirm,
        Self::Answer,
        Self::Bye,
    ];

    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Greet => "greet",
            Self::Tell => "tell",
            Self::Ask => "ask",
            Self::AskYesNo => "ask_yesno",
            Self::AskOpen => "ask_open",
            Self::Offer => "offer",
            Self::Confirm => "confirm",
            Self::Answer => "answer",
            Self::Bye => "bye",
        }
    }

    /// Reads the name of an act or of a state, or the agent's own words: "ask_budget", "confirm", "您看可以吗？".
    pub fn read(act: &str) -> Self {
        let act = act.trim().to_lowercase();
        if let Some(exact) = Self::ALL.into_iter().find(|known| known.id() == act) {
            return exact;
        }
        if act.contains(['。', '，', '？', '?', '！', ',', '!', ' ']) || act.ends_with(['吗', '呢', '吧']) {
            return Self::of_sentence(&act);
        }
        ACT_NAMED.first(&act).unwrap_or_default()
    }

    /// What the agent's own words do; without a question they tell.
    pub fn of_sentence(said: &str) -> Self {
        let last = said.trim_end_matches(|c: char| c.is_whitespace()).to_lowercase();
        let start = last.trim_end_matches(['。', '？', '?', '！', '!', '.']).rfind(['。', '？', '?', '！', '!', '.']);
        let last = start
            .and_then(|at| last.get(at..))
            .map_or(last.as_str(), |rest| rest.trim_start_matches(['。', '？', '?', '！', '!', '.', ' ']));
        let asks = last.ends_with(['?', '？']) || ["吗", "呢", "吗。"].iter().any(|end| last.ends_with(end));
        let [any, question] = &*SENTENCE_SAID;
        any.first(last).or_else(|| asks.then(|| question.first(last)).flatten()).unwrap_or(Self::Tell)
    }

    /// Whether a question is open.
    pub const fn asks(self) -> bool {
        match self {
            Self::Ask | Self::AskYesNo | Self::AskOpen | Self::Offer | Self::Confirm => true,
            Self::Unknown | Self::Greet | Self::Tell | Self::Answer | Self::Bye => false,
        }
    }
}

/// Wishes that bind, the most binding first, by explicit words.
const WISHES: [(&str, Action); 6] = [
    (
        "(?:删除|删掉|删了|清除|抹掉|注销)[^。，]{0,8}(?:信息|资料|数据|号码|电话|记录|账号)|(?:信息|资料|数据|号码|电话|记录)[^。，]{0,10}(?:删除|删掉|删了|清除|抹掉|撤销)|撤回[^。，]{0,8}(?:同意|授权)|取消[^。，]{0,4}授权|(?:有|存|留|掌握)了?我(?:的)?(?:哪些|什么)(?:信息|资料|数据|个人信息)|更正我的?(?:信息|资料)",
        Action::PrivacyRequest,
    ),
    (
        r"(?:delete|erase|remove|wipe) (?:all )?(?:of )?my (?:\w+ )?(?:data|details|information|info|record|records|account)|withdraw (?:my |that )?consent|right to be forgotten|(?:what|which) (?:data|information|details) (?:do )?you (?:have|hold|keep|store) (?:on|about)|copy of my (?:data|information)|correct my (?:data|details|information|record)",
        Action::PrivacyRequest,
    ),
    (
        "(?:我?要|去|会|准备|直接|马上|肯定|已经|想|就)(?:去)?(?:投诉|举报)|投诉(?:你|你们|到|电话|渠道|部门)|举报你|(?:打|找|去)(?:一二三一五|一二三零零|12315|12300|12345|12321|工信部|消协|银保监)|报警|曝光你",
        Action::Complain,
    ),
    (
        r"(?:make|file|lodge|put in|raise) (?:a|an official|a formal) complaint|i(?:'ll| will|'m going to| want to| am going to|'d like to) (?:complain|report)|report(?:ing)? you|ombudsman|trading standards|\bsue\b|\bofcom\b|my solicitor|see you in court",
        Action::Complain,
    ),
    (
        "转(?:接)?(?:到)?(?:一下)?(?:人工|真人|客服|专员)|人工(?:客服|服务|坐席)|(?:找|换|叫|让|要|跟|和)(?:个|一个|你们)?(?:真人|活人|人工|经理|领导|主管|负责人)(?:来|跟|和|说|聊|接|讲|谈|过来)|(?:找|换)(?:个|一个)?(?:真人|活人|人工)",
        Action::RequestHuman,
    ),
    (
        r"(?:speak|talk|put me through|transfer me|pass me) (?:to|with) (?:a|an|the|some|your)? ?(?:real |actual |live |human )*(?:person|human|agent|operator|manager|supervisor|representative|advisor|adviser|somebody|someone|rep)|(?:real|live|actual) (?:person|human) please|human (?:agent|operator|please)|get me (?:a|your) (?:human|person|manager|supervisor)",
        Action::RequestHuman,
    ),
];
/// Just before a wish these turn it round.
const NOT: &str = r"(?:不是|不|别|没|没有|不用|不需要|不想|不会)(?:要|想|去|再|给我|帮我)?$|(?:not|n't|no need to|never|without)\s(?:\w+\s){0,3}$";

static WISHED: LazyLock<Vec<(regex::Regex, Action)>> = LazyLock::new(|| {
    let compile =
        |(pattern, action): &(&str, Action)| Some((regex::Regex::new(&format!("(?i){pattern}")).ok()?, *action));
    WISHES.iter().filter_map(compile).collect()
});
static TURNED: LazyLock<Patterns<()>> = LazyLock::new(|| Patterns::new(&[(NOT, ())]));

/// A word or two that nod or agree, and nothing else.
const NODS: &str = "嗯 嗯嗯 嗯嗯嗯 哦 噢 喔 啊 对 对对 对对对 是 是的 是啊 好 好的 好好 好好好 行 可以 没错 嗯对 嗯好 对的 哦哦 嗯是的 好嘞 ok okay \
    mm mmm mhm uh-huh uhhuh yeah yes yep right sure fine i_see go_on all_right alright got_it of_course uh_huh mm_hmm yes_yes yeah_yeah oh_right i_know";

fn nods(text: &str) -> bool {
    let words: Vec<String> = text
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let (joined, run) = (words.join("_"), words.concat());
    !words.is_empty() && NODS.split_whitespace().any(|nod| nod == joined || nod == run)
}

/// With these a thing is declined: no to it, and not out of place.
const DECLINES: [&str; 8] = ["不用", "不必", "不需要", "别", "不要", "no need", "don't", "no more"];
/// What the model took for an opt-out is never sure to be something else.
const SPARED_MOST: f32 = 0.6;
/// Weary words alone: little enough that the customer is asked.
const WEARY_CONFIDENCE: f32 = 0.45;

/// The model's guess, overruled where the words bind: nothing outranks an opt-out (rule C2), then come data, complaint
/// and a wish for a person (domain §10).
fn binding(guess: Intent, text: &str) -> Intent {
    let sure =
        |action| Intent { action, confidence: if guess.action == action { guess.confidence.max(0.9) } else { 0.9 } };
    if compliance::opts_out(text) {
        return Intent { action: Action::ObjStopCalling, confidence: 1.0 };
    }
    if guess.action == Action::ObjStopCalling {
        let instead = if compliance::redirects(text) {
            Action::Callback
        } else if compliance::spares(text) {
            if DECLINES.iter().any(|word| text.contains(word)) { Action::Deny } else { Action::OutOfScope }
        } else {
            return guess;
        };
        return Intent { action: instead, confidence: guess.confidence.min(SPARED_MOST) };
    }
    if compliance::is_weary(text) {
        return Intent { action: Action::ObjStopCalling, confidence: WEARY_CONFIDENCE };
    }
    let text = text.replace('’', "'");
    let wish = WISHED.iter().find_map(|(regex, action)| {
        let hit = regex.find_iter(&text).find(|hit| TURNED.first(&text[..hit.start()]).is_none())?;
        (!hit.is_empty()).then_some(*action)
    });
    match wish {
        Some(wish) if rank(wish) < rank(guess.action) => sure(wish),
        Some(wish) if wish == guess.action => sure(wish),
        Some(_) | None => guess,
    }
}

/// How much a wish binds: the lowest most.
fn rank(action: Action) -> u8 {
    const ORDER: [Action; 4] = [Action::ObjStopCalling, Action::PrivacyRequest, Action::Complain, Action::RequestHuman];
    ORDER.iter().position(|known| *known == action).and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

/// What an utterance means in its moment: the model's guess put right by the agent's last act and by words that bind,
/// and what the words tell. The one way from words to [`Meaning`], for calls and commands alike.
pub fn meaning(reading: &Reading, text: &str, language: Language, last: LastAct) -> Meaning {
    let intent = in_context(reading.intent, text, last);
    let emotion = emotion(text, intent.action, reading.emotion);
    Meaning { intent, slots: slots(text, language), emotion, feeling: reading.feeling }
}

/// The guess as the moment has it, overruled where the words bind.
fn in_context(guess: Intent, text: &str, last: LastAct) -> Intent {
    let nod = guess.action == Action::Affirm && last == LastAct::Tell && nods(text);
    // A nod answers a question, whatever was asked; whether it takes an offer is the model's to tell.
    let answers = nods(text) && last.asks() && guess.action != Action::Accept;
    let action = if answers || guess.action == Action::Backchannel && last.asks() {
        Action::Affirm
    } else if nod {
        Action::Backchannel
    } else {
        guess.action
    };
    binding(Intent { action, ..guess }, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(action: Action) -> Intent {
        Intent { action, confidence: 0.7 }
    }

    #[test]
    fn every_pattern_compiles() {
        assert_eq!((WISHED.len(), TURNED.len(), ACT_NAMED.len()), (WISHES.len(), 1, ACTS.len()));
        assert_eq!(SENTENCE_SAID.each_ref().map(Patterns::len), [OF_ANY_SENTENCE, SENTENCES.len() - OF_ANY_SENTENCE]);
    }

    #[test]
    fn an_act_is_known_by_any_name_and_by_the_agents_own_words() {
        let rows = [
            ("tell", LastAct::Tell),
            ("ask_open", LastAct::AskOpen),
            ("ask_budget", LastAct::AskOpen),
            ("ask", LastAct::Ask),
            ("question", LastAct::Ask),
            ("QUALIFY", LastAct::AskYesNo),
            ("confirm_time", LastAct::Confirm),
            ("close", LastAct::Offer),
            ("opening", LastAct::Greet),
            ("inform_price", LastAct::Tell),
            ("handle_objection", LastAct::Answer),
            ("goodbye", LastAct::Bye),
            ("开场白", LastAct::Greet),
            ("邀约", LastAct::Offer),
            ("您看可以吗？", LastAct::AskYesNo),
            ("好的。请问您什么时候方便？", LastAct::AskOpen),
            ("那我帮您预约明天上午，可以吗？", LastAct::Offer),
            ("明天上午十点，对吗？", LastAct::Confirm),
            ("这款套餐每月九十九元。", LastAct::Tell),
            ("祝您生活愉快，再见。", LastAct::Bye),
            ("Shall I book it for you?", LastAct::Offer),
            ("What would you use it for?", LastAct::AskOpen),
            ("It has no setup fee. Do you have one already?", LastAct::AskYesNo),
            ("That's Tuesday at ten, is that right?", LastAct::Confirm),
            ("It comes with a year's warranty.", LastAct::Tell),
            ("", LastAct::Unknown),
            ("xyz", LastAct::Unknown),
        ];
        for (act, want) in rows {
            assert_eq!(LastAct::read(act), want, "{act}");
        }
    }

    #[test]
    fn a_nod_is_a_yes_only_after_a_question() {
        let rows = [
            (Action::Backchannel, "嗯", "ask_budget", Action::Affirm),
            (Action::Backchannel, "mm", "Shall I book it?", Action::Affirm),
            (Action::Affirm, "对", "inform_price", Action::Backchannel),
            (Action::Affirm, "uh huh", "explain", Action::Backchannel),
            (Action::Affirm, "对，就这样办", "inform_price", Action::Affirm),
            (Action::Affirm, "好的", "", Action::Affirm),
            (Action::Backchannel, "嗯", "", Action::Backchannel),
            (Action::Affirm, "可以", "您看可以吗？", Action::Affirm),
        ];
        for (action, text, last, want) in rows {
            assert_eq!(in_context(guess(action), text, LastAct::read(last)).action, want, "{text} after {last:?}");
        }
    }

    #[test]
    fn of_two_wishes_the_one_that_binds_most_wins() {
        let rows = [
            ("给我转人工，不然我投诉你们", Action::Complain),
            ("你们再骚扰我，我就去工信部投诉，别再打了", Action::ObjStopCalling),
            ("把我的信息删除，我要投诉", Action::PrivacyRequest),
            ("太贵了，帮我转人工吧", Action::RequestHuman),
            ("我不是要投诉，就是问问", Action::AskPrice),
            ("不用转人工", Action::AskPrice),
            ("put me through to a real person or I'll report you", Action::Complain),
            ("delete my data and stop calling me", Action::ObjStopCalling),
            ("please delete all my data", Action::PrivacyRequest),
            ("I don't want to speak to a manager", Action::AskPrice),
            ("how much is it", Action::AskPrice),
        ];
        for (text, want) in rows {
            assert_eq!(binding(guess(Action::AskPrice), text).action, want, "{text}");
        }
    }

    #[test]
    fn a_model_that_heard_an_opt_out_is_not_overruled() {
        assert_eq!(binding(guess(Action::ObjStopCalling), "转人工").action, Action::ObjStopCalling);
    }
}

//! How a customer feels, by their words and what they mean. Rules: what they do not show is [`Emotion::Calm`].

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::Action;
use super::patterns::Patterns;

/// How a customer feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Emotion {
    /// Nothing shows.
    #[default]
    Calm,
    /// Wants it shorter or over.
    Impatient,
    /// Is cross.
    Angry,
    /// Would like to have it.
    Interested,
    /// Does not follow.
    Confused,
}

/// The strongest first.
const WORDS: [(&str, Emotion); 8] = [
    (
        "烦死|烦不烦|真烦|很烦|太烦|烦人|没完没了|有完没完|骚扰|气死|气人|什么玩意|有病|神经病|滚|去死|他妈|妈的|你妈|傻[逼叉子]|混蛋|王八|闭嘴|不要脸|缺德|恶心|垃圾|骗子吧[你您]|[你您]们?(?:这些|这帮|就是|都是|全是)?骗子|死骗子|骗子公司|没人管|乱扣|多扣|坑我|骗我|又是[你您]们|怎么又|投诉|举报|再打(?:我)?就|第[几三四五六七八九十]次了|几十遍|[八五十]百遍|你们(?:到底)?(?:想|要)干(?:什么|嘛|啥)|过分|忍(?:不|无)|火大|别再打|少来(?:这套|烦)|报警|受够",
        Emotion::Angry,
    ),
    (
        r"sick (?:of|and tired)|i've told you|told you (?:people|lot)|fed up|harass|how many times|bloody|\bdamn|\bhell\b|furious|angry|fuck|\bshit\b|piss|disgust|outrageous|ridiculous|shut up|idiot|stupid|leave me alone|sue you|report you|complain|scam(?:mer)?s? (?:again|off)|pestering|had enough|enough already|appalling|a disgrace|nerve of|stop (?:bloody )?(?:calling|ringing|bothering)|screw you|liars?",
        Emotion::Angry,
    ),
    (
        "快点|快说|说重点|讲重点|挑重点|长话短说|赶紧(?:说|讲|的)?|别啰[嗦唆]|别罗嗦|啰[嗦唆]|直接说|简单(?:点|说)|简短|废话|行了行了|好了好了|知道了知道了|听过了|说过了|没空听|没工夫|没功夫|别绕|别说那么多|说完了(?:吗|没)|[一几]句话说|有(?:话|事)快|急着|赶时间|到底(?:多少|是什么|什么|要|能不能|有没有)|就说(?:多少|行不行|能不能)",
        Emotion::Impatient,
    ),
    (
        r"get to the point|make it (?:quick|short|brief)|hurry|cut to the chase|haven't got (?:all day|time)|don't have (?:all day|time for)|be quick|be brief|just tell me|keep it (?:short|brief)|yeah yeah|yes yes yes|yes yes|spit it out|come on|in a rush|in a hurry|skip (?:the|to)|i've heard (?:this|it)|enough talk|what(?:'s| is) (?:the|your) point|quickly please|long story short|bottom line|are you done|you(?:'ve)? (?:already )?(?:said|told me) that",
        Emotion::Impatient,
    ),
    (
        "听不懂|没听懂|没懂|不懂|不太懂|什么意思|啥意思|没明白|不明白|不太明白|没太明白|不大明白|搞不懂|搞不清|弄不明白|弄不清|糊涂|一头雾水|怎么回事|没搞懂|没搞明白|绕晕|听晕|晕了|怎么理解|啥叫|什么叫|看不懂|分不清|越听越|没太听明白|说的是什么|没理解|不理解",
        Emotion::Confused,
    ),
    (
        r"what do you mean|don't understand|do not understand|didn't understand|don't get it|don't follow|not following|confus|lost me|i'm lost|makes? no sense|doesn't make sense|not sure what|what does (?:that|this|it) mean|what's that supposed|don't quite (?:get|see)|how do you mean|puzzled|over my head|you(?:'ve)? lost|bit unclear|not clear",
        Emotion::Confused,
    ),
    (
        "感兴趣|挺好|不错|挺不错|听起来(?:可以|还行|蛮)|蛮好|太好了|有意思|想了解|想试|试试|想办|想要|怎么办理|怎么报名|可以啊|好啊|真的吗|这么(?:便宜|划算|好|优惠)|划算|心动|合适|正好需要|正需要|正想|刚好(?:需要|想)|那就办|给我(?:来|办|订|留)|我要(?:办|买|订|报)|加(?:个)?微信|有兴趣|挺划算",
        Emotion::Interested,
    ),
    (
        r"\binterest(?:ed|ing)\b|sounds (?:good|great|nice|interesting|lovely|reasonable|fair)|that's (?:good|great|cheap|a good)|i'd (?:like|love) to|tell me more|sign me up|i'll take|how do i (?:sign|join|order|get)|not bad|good deal|really\?|let's do|i want (?:to try|one|it)|like the sound|that works|count me in|perfect|brilliant|great|could use (?:that|one)",
        Emotion::Interested,
    ),
];

/// Words of interest that are turned round.
const NOT_INTERESTED: &str = r"不感兴趣|没(?:有)?兴趣|不想(?:要|办|了解|试)|不合适|不划算|不需要|不错过|不用|不要|not (?:really |very |at all )?interest|no interest|n't interest|aren't interest|don't want|no thank|not (?:for me|great|good|sounds)|wouldn't";

struct Rules {
    words: Patterns<Emotion>,
    not_interested: Patterns<()>,
}

static RULES: LazyLock<Rules> =
    LazyLock::new(|| Rules { words: Patterns::new(&WORDS), not_interested: Patterns::new(&[(NOT_INTERESTED, ())]) });

/// The emotion that the words of a customer, who means `action`, show.
pub fn emotion(text: &str, action: Action) -> Emotion {
    let text = text.replace('’', "'");
    let rules = &*RULES;
    let cool = rules.not_interested.first(&text).is_some();
    let shown =
        rules.words.counts(&text).map(|(shown, _)| shown).find(|shown| !(cool && *shown == Emotion::Interested));
    if shown == Some(Emotion::Angry) || matches!(action, Action::Abuse | Action::Complain) {
        return Emotion::Angry;
    }
    match shown {
        Some(Emotion::Interested) if POLITE.contains(&action) => Emotion::Calm,
        Some(shown) => shown,
        None if action == Action::ObjStopCalling => Emotion::Impatient,
        None if action == Action::ObjComplex => Emotion::Confused,
        None if BUYS.contains(&action) => Emotion::Interested,
        None => Emotion::Calm,
    }
}

/// "Sounds good", said with these, is politeness.
const POLITE: [Action; 5] = [Action::ObjNoNeed, Action::ObjPrice, Action::ObjLater, Action::Goodbye, Action::Thanks];
/// Who means these is interested, whatever the words.
const BUYS: [Action; 6] =
    [Action::Accept, Action::AskFinalPrice, Action::AskDelivery, Action::Book, Action::GiveContact, Action::AskProcess];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!((RULES.words.len(), RULES.not_interested.len()), (WORDS.len(), 1));
    }
}

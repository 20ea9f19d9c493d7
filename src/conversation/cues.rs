//! Data: words that tell by themselves what an utterance does to the deal, whatever the model makes of it: a bare yes or
//! no, an order, a refusal, a wish to think, a request to be called. Judged clause by clause, so that "if it were
//! cheaper I'd sign up" is no order. Texts as a recogniser writes them, with or without punctuation.

use crate::asr::Language;

/// What the words of one utterance tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cues {
    /// The utterance is nothing but this.
    pub bare: Option<Bare>,
    /// It orders.
    pub orders: bool,
    /// It turns the offer down.
    pub refuses: Option<Firmness>,
    /// It puts the decision off.
    pub hesitates: bool,
    /// The one who is called is not known there.
    pub strangers: bool,
    /// It is a question.
    pub asks: bool,
    /// It asks to be called.
    pub calls: bool,
    /// It is about coming, not about calling.
    pub visits: bool,
    /// It gives or asks for an account or address.
    pub contacts: bool,
    /// The customer means to call us: no need to call them.
    pub will_call: bool,
    /// It says goodbye.
    pub leaves: bool,
    /// It speaks of a reminder.
    pub reminders: bool,
    /// It asks what if, or whether one may leave again.
    pub what_if: bool,
    /// It asks to be brief.
    pub presses: bool,
    /// It is short of time.
    pub rushed: bool,
    /// It wants it soon.
    pub hurries: bool,
    /// It speaks as one who has it already, or names a quantity: a buying signal.
    pub plans: bool,
}

/// A whole utterance of a word or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare {
    Yes,
    No,
    /// Nothing else, that is all.
    Nothing,
    Mm,
    Bye,
    Thanks,
}

/// How plain a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Firmness {
    /// It may answer the last question only.
    Mild,
    /// It means the offer.
    Plain,
}

/// Finds the cues of an utterance.
pub(super) fn cues(text: &str, language: Language) -> Cues {
    let lower = text.to_lowercase().replace('’', "'");
    let table = match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    };
    let clauses: Vec<String> = match language {
        Language::Zh => lower.split(ZH_STOPS).map(joined).filter(|clause| !clause.is_empty()).collect(),
        Language::En => lower.split(EN_STOPS).map(spaced).filter(|clause| clause.trim() != "").collect(),
    };
    let whole = match language {
        Language::Zh => joined(&lower),
        Language::En => spaced(&lower),
    };
    let says = |list: &'static str| phrases(list, language).any(|phrase| whole.contains(phrase.as_str()));
    let clause_says = |list: &'static str, but: &'static str| {
        clauses.iter().any(|clause| {
            let has = |list: &'static str| phrases(list, language).any(|phrase| clause.contains(phrase.as_str()));
            has(list) && !has(but)
        })
    };
    let refuses = if clause_says(table.refuses, table.refuses_not) {
        Some(Firmness::Plain)
    } else {
        clause_says(table.declines, table.declines_not).then_some(Firmness::Mild)
    };
    // In English the word that asks comes first: "happy where I am" asks nothing.
    let asks = phrases(table.asks, language).any(|word| match language {
        Language::Zh => whole.contains(word.as_str()),
        Language::En => clauses.iter().any(|clause| clause.starts_with(word.as_str())),
    });
    Cues {
        bare: bare(&clauses, table, language),
        orders: clause_says(table.orders, table.orders_not),
        refuses,
        hesitates: clause_says(table.hesitates, table.hesitates_not),
        strangers: says(table.strangers),
        asks: lower.trim_end().ends_with(['?', '？']) || asks,
        calls: clause_says(table.calls, table.calls_not),
        visits: says(table.visits),
        contacts: says(table.contacts),
        will_call: says(table.will_call),
        leaves: says(table.leaves),
        reminders: says(table.reminders),
        what_if: says(table.what_if),
        presses: says(table.presses),
        rushed: says(table.rushed),
        hurries: says(table.hurries),
        plans: says(table.plans),
    }
}

const ZH_STOPS: [char; 9] = ['，', '。', '？', '！', '；', ',', '.', '?', '!'];
const EN_STOPS: [char; 6] = [',', '.', '?', '!', ';', '—'];

fn joined(clause: &str) -> String {
    clause.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Words parted and enclosed by single spaces, so that a phrase is found at the edges of words only.
fn spaced(clause: &str) -> String {
    let words = clause.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
    words.fold(" ".to_owned(), |joined, word| joined + word + " ")
}

fn phrases(list: &'static str, language: Language) -> impl Iterator<Item = String> {
    let mark = match language {
        Language::Zh => "",
        Language::En => " ",
    };
    list.split('|').filter(|phrase| !phrase.is_empty()).map(move |phrase| format!("{mark}{phrase}{mark}"))
}

/// What the utterance is if it is nothing else: each clause a yes, no, mm, thanks or goodbye; the last of them that
/// says most.
fn bare(clauses: &[String], table: &Table, language: Language) -> Option<Bare> {
    let lists = [
        (Bare::Yes, table.yes),
        (Bare::No, table.no),
        (Bare::Nothing, table.nothing),
        (Bare::Mm, table.mm),
        (Bare::Bye, table.bye),
        (Bare::Thanks, table.thanks),
    ];
    let mut found = None;
    for clause in clauses {
        let mut rest = match language {
            Language::Zh => clause.as_str(),
            Language::En => clause.trim(),
        };
        while !rest.is_empty() {
            // The longest word of any list; "好的好的" and "yes yes" are a yes as well.
            let longest = lists
                .iter()
                .flat_map(|(bare, list)| list.split('|').map(move |word| (*bare, word)))
                .filter(|(_, word)| {
                    rest.strip_prefix(word).is_some_and(|after| {
                        language == Language::Zh || !after.starts_with(|c: char| c.is_alphanumeric() || c == '\'')
                    })
                })
                .max_by_key(|(_, word)| word.len());
            let (bare, word) = longest?;
            rest = rest[word.len()..].trim_start();
            if matches!(word, "不" | "没" | "i'm not" | "i don't" | "it's not" | "it isn't") && !rest.is_empty() {
                return None; // it denies what follows
            }
            found = Some(match (found, bare) {
                // "No, that's fine" is polite and still a no.
                (Some(Bare::No), Bare::Yes) if table.still_no.split('|').any(|kind| kind == word) => Bare::No,
                // "No, thanks", "all right, bye": the yes or no matters, and a goodbye most.
                (Some(before), Bare::Mm | Bare::Thanks) if before != Bare::Mm => before,
                (Some(Bare::Bye), _) => Bare::Bye,
                (_, bare) => bare,
            });
        }
    }
    found
}

/// The phrases of a language, `|` between them.
struct Table {
    yes: &'static str,
    no: &'static str,
    /// A yes that does not take back the no before it.
    still_no: &'static str,
    nothing: &'static str,
    mm: &'static str,
    bye: &'static str,
    thanks: &'static str,
    orders: &'static str,
    /// With one of these in the clause it is no order.
    orders_not: &'static str,
    refuses: &'static str,
    refuses_not: &'static str,
    declines: &'static str,
    declines_not: &'static str,
    hesitates: &'static str,
    hesitates_not: &'static str,
    strangers: &'static str,
    asks: &'static str,
    calls: &'static str,
    calls_not: &'static str,
    visits: &'static str,
    contacts: &'static str,
    will_call: &'static str,
    leaves: &'static str,
    reminders: &'static str,
    what_if: &'static str,
    presses: &'static str,
    rushed: &'static str,
    hurries: &'static str,
    plans: &'static str,
}

const ZH: Table = Table {
    yes: "好|好的|好啊|好吧|好呀|好嘞|好好|行|行啊|行吧|行的|可以|可以的|可以啊|可以吧|对|对的|对啊|对对|是|是的|是啊|没错|\
          没问题|嗯好|嗯行|嗯对|嗯可以|成|中|要|要的|同意|确认|确定|方便|有空|愿意|当然|当然可以|那好|那行|那可以|就这样吧|\
          就这么定|就这么办|好的吧|没意见|ok|okay|在的|够|够的|够了|够用|够用了|挺好|挺好的|不错|还行|还可以|也行|也可以|倒也可以|\
          凑合|也凑合|倒也行|听得见|能听见|听得到|在听|在听呢|你说|您说|你讲|您讲|说|说吧|讲|讲吧|你说吧|说说看|请说|请讲|在听你说",
    no: "不|不用|不用了|不要|不要了|不行|不可以|没有|不是|不是的|不对|不了|不方便|没空|不需要|\
         不需要了|不必|不必了|不想|不愿意|不同意|不够|不够用|不好|不太好|不太行|不怎么样|没|不太方便|不用不用",
    still_no: "好|好的|可以|可以的|挺好|挺好的|不错|够|够了|够用|够用了|没问题|没意见|ok|okay",
    nothing: "没有了|没了|没别的了|没别的|没有别的了|没有其他的了|没其他的了|没什么了|没什么别的了|就这些|就这个|没事了|没问题了",
    mm: "嗯|嗯嗯|哦|噢|喔|啊|呃|额|诶|唉|哎|那|这样啊|这样|哦哦|是吗|真的|知道了|明白|明白了|了解|了解了|我知道|晓得了|呢|了|啦|吧|呀|听着|看|那倒|倒",
    bye: "再见|拜拜|拜|先这样|那先这样|就这样|先挂了|我挂了|挂了|挂了啊|先这样吧|回见|那就这样",
    thanks: "谢谢|谢谢你|谢谢您|谢了|多谢|感谢|辛苦了|辛苦|麻烦了|麻烦你了|麻烦您了|谢谢啊",
    orders: "帮我办|给我办|替我办|办一个|办一份|办一下|办上|办了吧|就办|那办|办吧|我办|要办|想办|办理吧|确认办|登记吧|给我登记|\
             帮我登记|登记一个|登记一下|登记上|报名吧|给我报|帮我报|我报一个|报一个|报上|下单|给我下|帮我下|开通吧|给我开|帮我开|\
             就开|订一|定一个|帮我订|给我订|我要了|要一份|要一个|来一份|来一个|来一套|我买|买一|买了|就它了|就这个|就它吧|成交|\
             换上吧|给我换|帮我换|那就换|就换|试试吧|试试呗|试一下吧|试一试|先试|试听吧|给我弄|弄一个|给我装|帮我装|给我安排|\
             帮我安排|我参加|参加吧|我去|我会去|会到|一定到|一定去|准时到|分期吧|期吧|就分|那就分|给我分|帮我分|签吧|定下来|就定|按你说的办|听你的|依你|可以办|弄吧|搞一个|整一个|开一个|装一个|装吧|换吧|升级吧|给我升|\
             帮我升|就升|那就升|报吧|报个名|约一个|约个|帮我约|给我约|预约一下|申请吧|帮我申请|给我申请|提交吧|那就申请|要这个|\
             选这个|就选|到时候去|到时候过去|到时候来|到时过去|都去|我们去|会去的|肯定去|一定来|准去|准来|会来|给我留|帮我留|算我一个|就这么定了|那就要",
    orders_not: "改天|不|没|别|怎么|多少|多久|吗|呢|什么|如果|要是|的话|考虑|想想|再说|以后|之后|几|哪|能|为什么|干嘛|干什么|就算|\
                 换个人|换一个人|换人|先把|资料|老公|老婆|家里人|报案|报警|投诉|举报|删|我去看|我去问|我去网|我去营|我去店|骗",
    refuses: "不需要|没兴趣|不感兴趣|没有兴趣|没啥兴趣|没需求|没有需要|没这个需要|用不上|用不着|用不到|不办|不想办|不打算|不考虑|\
              没必要|不买|不想买|不换|不想换|不去了|不参加|不上了|不报|不装|不试|不想试|不想要|不想弄|不弄|去不了|来不了|参加不了|\
              去不成|没法去|没法来|没办法去|不能去|不能来|来不成|不感冒|别推销|别说了|别介绍了|免谈|拒绝|不合适|不太需要|不接受|不做|不贷|不分了|不用分期|不要分期|不折腾|不搞|不凑热闹|没必要|不用办|不用换|不用报|\
              不想了解|不听了|不想听|不想办|不来了|不去|真不用|真的不用|没意思",
    refuses_not: "提醒|短信|不需要押金|不需要预存|不买别|吗|能不能|多少|怎么|不需要的话|要是|如果|不办的话|不会|是不是|如何|不合适可以|不合适能|\
                  再说|考虑考虑|再考虑|不考虑别|是|不换号",
    declines: "不用了|不用啦|算了|不要了|不用不用|谢谢不用|不必了|免了",
    declines_not: "提醒|算了一|算了算|吗|担心|客气|着急|不要紧|怎么|多少|能|等|再打|打电话|联系|要不要|解释|重复|资料|发",
    hesitates: "也许|或许|看情况|说不准|说不好|不一定|不好说|可能吧|考虑|想想|想一想|再看看|再看|比较|商量|回头再|回头说|以后再|再说吧|再说|改天|过段时间|过阵子|不着急|不急|先不定|\
                看看再|了解一下再|研究",
    hesitates_not: "不考虑|没考虑|不用想|不用考虑|不想想|我着急|赶紧",
    strangers: "打错|拨错|没这个人|没有这个人|不认识这个人|不认识他|不认识她|没有姓|我不姓|这个号我刚|号码我刚|以前的机主|原来的机主|前机主",
    asks: "吗|什么|多少|怎么|哪|几点|几天|几个|几年|几号|几岁|几月|几期|谁|为啥|能不能|可不可以|是不是|有没有|行不行|好不好|呢",
    calls: "打给我|打过来|打来|再打|给我打|回电|来电话|打电话|联系我|打我|打吧|打他|打她|通话|电话联系|回我电话|给我来|给他打|给她打|再联系",
    calls_not: "别|不用|不要|老给|总给|一直给|怎么打|谁打|打错|你打|为什么",
    visits: "上门|到店|过去|过来看|来看|去看|去你们|营业厅|门店|试驾|看房|参观|见面|面谈|来一趟|跑一趟",
    contacts: "加微信|加个微信|加我微信|加一下微信|我的微信|微信号|微信是|邮箱是|邮箱地址|我的邮箱|我的号码是|我的电话是",
    will_call: "我联系你|我再联系|自己联系|我会联系|我打给你|我给你打|我找你|我主动联系|需要我找|我给你们打|我打你们|联系你们|找你们",
    leaves: "再见|拜拜|挂了|先这样|就这样吧|回见|先挂|挂电话",
    reminders: "提醒|短信",
    what_if: "提前|随时|要是|如果|万一|中途",
    presses: "说重点|讲重点|挑重点|重点说|长话短说|快点|快一点|快说|赶紧说|直接说|简单说|简短|别啰嗦|别绕|废话|磨叽|捡重要的|\
              说要点|有话直说|有事说事",
    rushed: "赶时间|没时间|没空|没工夫|没功夫|忙着呢|正忙|在忙",
    hurries: "尽快|马上|今天就|现在就|立刻|赶紧办|赶快|越快越好|急用|着急用|等着用|急着|快点办|明天就要",
    plans: "我们用的话|我用的话|用的话|要是用|要两个|要三个|要两份|要几个|两套|三套|两个号|三个号|两台|三台|办两|办三|几个人一起",
};

const EN: Table = Table {
    yes: "yes|yeah|yep|yup|yes please|ok|okay|sure|fine|that's fine|alright|all right|right then|go ahead|go on|go on then|of course|\
          sounds good|sounds fine|sounds great|that works|works for me|great|perfect|lovely|correct|that's right|that's correct|\
          exactly|definitely|absolutely|i am|i do|it is|please do|why not|good|brilliant|cool|no problem|fair enough|yes i confirm|\
          i confirm|confirmed|yes that's right|please|speaking|i suppose so|i guess so|that's it",
    no: "not enough|not enough really|not quite|no|nope|nah|not really|i don't|i'm not|it isn't|it's not|no i don't|not now|no it isn't|not at all|never|no sorry",
    still_no: "ok|okay|fine|that's fine|alright|all right|good|great|lovely|perfect|cool|brilliant|no problem|that's it",
    nothing: "that's all|no that's all|nothing else|no nothing else|no that's it|that's everything|that's all thanks|\
              no that's everything|all good",
    mm: "mm|mmm|mm hmm|mhm|uh huh|uh|um|er|oh|ah|i see|right|hmm|really|oh right|oh i see|got it|understood|well|so|and|then|hm|it|that's|oh okay",
    bye: "bye|goodbye|bye bye|bye now|cheers bye|talk later|speak soon|see you|speak later|have a good day|take care|good day",
    thanks: "thanks|thank you|thank you very much|thanks a lot|cheers|ta|much appreciated|many thanks|thanks very much|appreciate it",
    orders: "sign me up|let's|i'll go for|go for that|go with that|i'll go with|book it|get started|i'd like that|i'd like to try|i'd like one|\
             i'm up for|where do i sign|i'll take one|do it for me|i'll take it|i'll take that|i'll have it|i'll have that|let's do it|let's do that|let's go ahead|let's go for it|\
             i'll go for it|go for it|put me down|put my order in|put the order in|put it through|count me in|i'd like to sign up|\
             i want to sign up|i'll sign up|i'll try it|give it a go|give it a try|give it a shot|give it a whirl|set that up|set this up|sort that out for me|submit it|be there|\
             i'll give it a|happy to go ahead|go ahead with it|\
             go ahead and|i'd like to go ahead|i want it|i'd like to order|i'll order|get me one|set it up|set me up|let's get it|\
             switch me over|i'll switch|i'll be there|i'll come|i'll come along|i'll attend|we'll be there|we'll come|see you there|\
             i'd love to come|put us down|sign us up|let's try it|i'm happy with that|happy with that|you've convinced me|i'll do it|\
             i'll do that|do it then|enrol me|enrol her|enrol him|register me|i'm sold|sold|i'd like to take|we'll take it|twelve months then",
    orders_not: "let's see|let's leave|let's talk|let's say|let's think|let's wait|let's hear|let's be|if|not|don't|won't|can't|couldn't|wouldn't|before|think|how|what|when|why|unless|until|maybe|might|never|later|could i|could you|could we|\
                 would have|who|did|someone|is there|person|human|manager|complaint|off",
    refuses: "not interested|no interest|don't need|don't want|don't really want|don't fancy|no point|not worth|not bothered|not keen|\
              i'm sorted|all set|stick with|sticking with|staying with|won't make it|not able to|unable to|not for me|not for us|no use to|no use for|i'll pass|i'll leave it|leave it|forget it|not doing it|\
              i'm not doing|no thank you|no thanks|not going to|won't be taking|happy with what i|happy with what we|happy where|quite happy|perfectly happy|very happy with|really no|no really|can't i'm afraid|afraid i can't|happy as i am|\
              happy as we are|can't make it|can't come|won't be able to|won't be coming|not coming|not buying|rather not|\
              i'd rather not|count me out|changed my mind|cancel that|don't bother|have to decline|decline|not signing|\
              doesn't suit|don't trust|no need for|i'm fine as i am|i'm good thanks|i'm fine thanks|no i'm fine|no i'm good|\
              honestly i'm fine|not what i want|not what i need|we don't use|i don't use",
    refuses_not: "reminder|reminders|a text|sure if|unless|calls|if i|if it|what if|do i need|can i|don't need to|think about|don't want to lose|rush|these calls|called|\
                  don't want to rush|don't want to miss|don't want to decide|decide|decide yet|call me|ring me",
    declines: "i'm fine|i'm good|i'm all right|i'm alright|we're fine|we're good|not today|not for now|no need|not this time",
    declines_not: "reminder|reminders|a text|if|but|ring|call|hurry|rush|worry|with that|to hear|to know|explain",
    hesitates: "later please|later on|maybe then|i'll see|we'll see|check first|have to check|need to check|think about|think it over|have a think|sleep on it|look into it|have a look|let me think|mull|consider|not sure|\
                not ready|decide later|compare|shop around|talk to my|speak to my|discuss|run it past|need time|get back to you|\
                not in a hurry|no hurry|some other time|another time|maybe later|see how it goes",
    hesitates_not: "don't need to think|no need to think|not going to",
    strangers: "wrong number|old number|wrong person|by that name|called that|nobody here called|no one here called|previous tenant|\
                previous tenants|previous owner|just got this number|only just got this number|doesn't live here|never lived here",
    asks: "what|how|when|where|who|why|which|is it|is there|do you|does it|can i|could i|are you|are there|would it|will it",
    calls: "call me|call back|call us|ring me|ring back|ring us|phone me|give me a ring|give me a call|give us a call|give us a ring|\
            try me|try again|call again|ring him|ring her|call him|call her|get me|catch me|reach me|reach him|reach her|try him|\
            try her|bell|call tomorrow|ring tomorrow|ring on|call on|phone back|phone tomorrow|phone after|phone on|ring after|call after|call then|ring then",
    calls_not: "don't|stop|no need|never|not|why|who|keep|did|quit",
    visits: "come in|come over|come by|come round|pop in|drop in|visit|in person|showroom|at the shop|see you|test drive|viewing",
    contacts: "whatsapp|wechat|my email|email is|my number is|email address",
    will_call: "i'll get in touch|i'll be in touch|i'll call you|i'll ring you|i'll contact you|i'll come back to you|i'll get back|\
                i'll let you know|i will call|i will ring|i'll give you a",
    leaves: "bye|goodbye|talk later|hang up|hanging up|speak later|got to go|gotta go|have to go|that's all thanks|cheerio",
    reminders: "reminder|reminders|remind me|a text|text me",
    what_if: "early|any time|anytime|at any point|if i|if we|what if|later on|change my mind|halfway",
    presses: "get to the point|come to the point|what's the point|get on with it|bottom line|make it short|make it quick|be quick|be brief|cut to the chase|in a nutshell|hurry up|keep it short|spit it out|\
              short version|quickly please|just tell me",
    rushed: "in a hurry|in a rush|no time|haven't got time|haven't got long|don't have time|don't have long|short of time|\
             pressed for time|got to dash|bit busy|quite busy|really busy",
    hurries: "asap|as soon as possible|right away|straight away|today if|how soon|immediately|urgent|in a rush to|this week if|need it by|now please",
    plans: "when we use|when i use|when we have|once we have|if we use|two of them|three of them|two lines|three lines|two phones|\
            three phones|for two|for three|a couple of",
};

#[cfg(test)]
mod tests {
    use super::*;

    fn bares(language: Language, rows: &[(&str, Option<Bare>)]) {
        for &(text, want) in rows {
            assert_eq!(cues(text, language).bare, want, "{text}");
        }
    }

    #[test]
    fn a_bare_answer_is_told_from_a_sentence() {
        let rows = [
            ("好的好的", Some(Bare::Yes)),
            ("嗯，可以。", Some(Bare::Yes)),
            ("哦", Some(Bare::Mm)),
            ("不用了，谢谢", Some(Bare::No)),
            ("好，谢谢，再见", Some(Bare::Bye)),
            ("好的明天打给我", None),
            ("不贵", None),
            ("不够", Some(Bare::No)),
            ("", None),
        ];
        bares(Language::Zh, &rows);
        let rows = [
            ("Yes, that's right.", Some(Bare::Yes)),
            ("mm hmm", Some(Bare::Mm)),
            ("no, nothing else", Some(Bare::Nothing)),
            ("cheers, bye", Some(Bare::Bye)),
            ("thank you", Some(Bare::Thanks)),
            ("yes but what does it cost", None),
        ];
        bares(Language::En, &rows);
    }

    #[test]
    fn an_order_is_none_when_it_asks_doubts_or_denies() {
        for text in ["行，那给我办一个", "那办吧", "对确认办", "可以，帮我登记一个，谢谢", "行我去"]
        {
            assert!(cues(text, Language::Zh).orders, "{text}");
        }
        for text in ["怎么办啊", "那算了不办了", "要是便宜点我就办", "能办吗", "我考虑一下再办", "给我换个人来"]
        {
            assert!(!cues(text, Language::Zh).orders, "{text}");
        }
        for text in ["alright let's do it", "sure, sign me up", "okay put me down for twelve months then"] {
            assert!(cues(text, Language::En).orders, "{text}");
        }
        for text in ["I might sign up if it were cheaper", "forget it, I'm not doing it", "what if I go for it"] {
            assert!(!cues(text, Language::En).orders, "{text}");
        }
    }

    #[test]
    fn a_refusal_of_the_offer_is_told_from_a_mild_no() {
        let rows = [
            ("没兴趣", Some(Firmness::Plain)),
            ("那算了不办了我不想被绑住", Some(Firmness::Plain)),
            ("算了吧", Some(Firmness::Mild)),
            ("不用担心", None),
            ("需要押金吗", None),
        ];
        for (text, want) in rows {
            assert_eq!(cues(text, Language::Zh).refuses, want, "{text}");
        }
        assert_eq!(cues("no I'm not interested, end of", Language::En).refuses, Some(Firmness::Plain));
        assert_eq!(cues("I'm fine", Language::En).refuses, Some(Firmness::Mild));
        assert_eq!(cues("I don't need to think about it", Language::En).refuses, None);
    }

    #[test]
    fn who_calls_whom_is_told_apart() {
        assert!(cues("明天下午三点再打给我", Language::Zh).calls);
        let own = cues("不用再打了我看完自己联系你们", Language::Zh);
        assert!(own.will_call && !own.calls);
        let own = cues("no need to ring me, I'll get in touch", Language::En);
        assert!(own.will_call && !own.calls);
    }
}

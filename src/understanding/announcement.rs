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

/// What a model makes of a text, to be joined with the rules.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnnouncementGuess {
    /// What it takes the words for.
    pub announcement: Announcement,
    /// Probability that it is right, 0 to 1.
    pub confidence: f32,
}

/// A robot that answers for the owner, by its name; to be a screener it must ask something.
const ROBOT: &str = "(?:智能|AI|人工智能|语音|电话|通话|通信|来电|接听|移动|联通|电信|小米|华为|荣耀|私人|专属|数字)的?(?:电话|语音|接听|代接|通话)?(?:助理|助手|管家|秘书|应答|机器人)|智能(?:接听|应答|代接)|代接|代[为你您]?接听|小爱|小艺|小布|小欧|siri|机主|号主|(?:正在)?(?:为|替|帮)(?:他|她|主人|机主)接(?:听)?|(?:他|她|主人)的(?:助理|助手|管家)";
const ROBOT_ASKS: &str = "什么事|啥事|何事|何贵干|有何|有事|哪位|您是|你是谁|您怎么称呼|怎么称呼|贵姓|姓名|来意|事由|来电(?:原因|目的)|目的|转达|转告|转述|帮您|请讲|请说|[您你]说|我记|记下|记录|什么需要|身份|告诉我|告知我|什么可以";
/// Only a robot asks in these words.
const SCREENER: &str = "screen(?:ing|ed)\\b|call screen|robo ?call|identify yourself|(?:say|state|tell (?:us|me)) who you are|(?:say|state) your name and (?:your )?(?:company|business)|(?:virtual|digital|ai|automated|smart|phone|call|robot|google|truecaller|voice) (?:assistant|receptionist|secretary|answering agent)|(?:i'm|this is) (?:siri|alexa|bixby|gemini)\\b|assistant here|assistant of|(?:answering|taking calls|picking up) (?:for|on behalf)|(?:see|ask(?:ing)?|check(?:ing)?) (?:if|whether) (?:he|she|they|this person|the person|someone)|(?:before|and) i(?:'ll| will| can)? (?:try to )?connect|before connecting|to (?:be )?connect(?:ed)?[^.]{0,25}(?:press|say|state)|(?:say|state)[^.]{0,40}to (?:be )?connect|what number comes after|tele ?marketer|call control|robot, press|\
    the (?:person|party|subscriber) you(?:'re| are|'ve| have)? (?:call|try|reach)\\w*[^.]{0,60}(?:who is|who you|why you|your name|the reason|the purpose)|\
    来电(?:原因|目的|事由|身份|确认)|(?:说明|说出|报出|报上|报一下|告知)(?:一下)?(?:您|你)的?(?:来意|身份|姓名|名字|来电)|防?(?:止|避免)?骚扰[^。]{0,20}(?:请先|说明|说出)|(?:稍后|再|立即|为您)(?:为您)?(?:询问|接通)(?:对方|机主)|(?:通话|来电)(?:筛选|过滤)|(?:来电|通话)(?:正在)?被?(?:筛选|过滤)|(?:筛选|过滤)来电|说明[您你]是谁|转成文字|说(?:出|明|一下)您的(?:姓名|名字)";
/// Asked by a robot, or by a mailbox in passing.
const SCREENER_WEAK: &str = "(?:say|state|record|announce) your (?:full )?name|(?:reason|purpose) (?:for|of) (?:your |the )?call(?:ing)|purpose of (?:your|the) call|(?:name|who you are) and (?:the )?(?:reason|purpose|why)";

/// A mailbox, a greeting that was recorded, a service that takes messages.
const MAILBOX: &str = "语音信箱|留言信箱|语音邮箱|语音邮件|语音留言|录音留言|电话留言|留言系统|请[^。？]{0,12}留[下言]|(?:后|声|可以|进行|您)留言|留言(?:请|信箱|后|服务|给机主)|(?:需要?|要|否)(?:给[^。]{0,4})?留言(?:，?请|按|$)|留下(?:您|你)的|您的留言|[滴嘀哔嘟]的?一?声(?:后|之后|响)|(?:提示|滴|嘀|嘟|哔)音?(?:声)?(?:后|之后|响)|秘书台|录音完毕|开始录音|(?:我|本人)[^。，]{0,8}(?:无法|不能|不便|不方便|没法)接听?(?:您|你)的(?:电话|来电)|(?:我|本人)[^。，]{0,8}(?:无法|不能|不便|不方便)接听(?:电话)?，?(?:有事)?，?(?:请(?:您)?(?:稍|留|发|加)|尽快)|不(?:方)?便接听[^。]{0,20}(?:短信|信息|通知|告知|转告)|尽快(?:给)?(?:您|你)?(?:回[电复]|回您|联系您)|(?:下班|非工作|非营业)时间|已经?下班[^。]{0,20}(?:请|(?:工作|营业|上班|服务)时间)|\
    (?:普通话|人工|业务|咨询)[^。]{0,8}请按|\
    voice ?mail (?:box|of|service|system|for|has|is|and)|voicemail(?:box| of| service| system| for| has| is|[,.]| and)|(?:to|the|a|her|his|our|their) (?:voice ?mail|mail ?box)$|(?:to|this is|reached|through to)[^.]{0,20}voice ?mail|mailbox|voice messag|voice sms|messaging service|answer(?:ing|phone) (?:machine|service)|answerphone|(?:after|at) the (?:tone|beep|signal)|when you hear the|just wait for the tone|record (?:a|your) (?:voice )?message|your message has been|you know what to do|audix|\
    (?:please|to|and|just|then|can|may|either|or|,|^|\\.|later) ?(?:leave|drop) (?:me |us |it )?(?:a |your |an? |the )?(?:short |brief |detailed |quick )?(?:voice ?)?(?:message|name|number|details)|(?:leave|send) me a (?:message|text) and|\
    (?:can't|cannot|can not|unable to|not able to|couldn't|aren't able to|can't seem to) (?:come to|get to|take|answer|reach|pick up) (?:the|my|your|our) (?:phone|call)|(?:i'll|we'll|i will|we will|and) (?:ring|call|get back to|text|return)[^.]{0,12}(?:you back|back to you|to you|your call)|get back to you as|return your call|sorry (?:i|we) missed (?:you\\b|your call)|\
    you(?:'ve| have) reached (?:the (?:voice|mail|office|home|desk|phone)|[a-z]+[^.]{0,40}(?:sorry|not |leave|away|closed|can't))|(?:our )?(?:office|lines?|store) (?:is|are) (?:now |currently )?closed|away from (?:my|the) (?:phone|desk) or|probably[^.]{0,30}(?:text|leave|try|message)|(?:for|to speak)[^.]{0,30}press (?:one|two|1|2)\\b|press (?:one|two|three|four|five|nine|zero|hash|star|pound|[0-9])\\b";
/// A service that tells the owner; the number's state outranks it.
const NOTICE: &str = "来电提醒|漏话|漏接|通信助理|来电助手|小秘书|(?:短信|信息)(?:的)?(?:方式|形式)?(?:通知|提醒|转告|告知)|(?:通知|告知|提醒)(?:机主|对方|用户)|missed call (?:alert|notification|service)|(?:notify|notified|inform(?:ed)?|tell)[^.]{0,20}(?:text|sms|message|customer|subscriber|that you called)";
/// A service that opens with its own name is what answered.
const SERVICE_FIRST: &str = "^(?:您好|你好|欢迎使用)?[，,。]*(?:这里是|我是|欢迎使用)?[^，。]{0,6}(?:通信助理|来电提醒|小秘书台?|秘书台|来电助手)(?:业务|服务)?(?:为您服务|[，。]|$)";

/// States of the number, the strongest first. Mandarin with what a recogniser makes of it, English halves too.
const STATES: [(&str, Announcement); 7] = [
    (
        "空号|恐号|空[浩好耗]|(?:号码|电话|用户|账号)[^。，]{0,6}(?:不存在|有误|错误|不正确|无效|失效|作废|过期|更改|变更|改号|注销|销户|取消|[未没](?:有)?(?:用户)?(?:开通|启用|使用|登记|分配|注册|激活|投入))|已?(?:改号|销户)|不存在的?(?:号码|用户)|没有(?:[您你]所?拨[打叫]?的)?(?:这个|该|此)?(?:电话)?(?:号码|用户)|位数不|号码[^。，]{0,4}不对|未(?:启用|分配|登记)的?号码|不是有效|[查核][证对实询明](?:号码)?[后之]*(?:再|重新)?[拨打]|加拨(?:零|0|区号)|(?:does not|doesn't|not|dose not|didn't) exist|(?:invalid|unallocated|unassigned|incorrect|vacant|non-working) number|(?:unallocated|unassigned|not allocated|not assigned|no such number|nonexistent)|number[^.]{0,45}(?:not valid|no longer valid|invalid|not in (?:service|use)|no longer in (?:service|use)|(?:not|n't) (?:been )?recogni[sz]ed|(?:has been|is|was|been)(?: permanently)? (?:changed|disconnected|cancelled)|changed or|incorrect|incomplete|not assigned|not connected|not working)|(?:check|verify) (?:the )?number|disconnected or (?:is )?no longer|not a working number|ceased|(?:completed?|connected) as diall?ed|unobtainable",
        Announcement::Dead,
    ),
    (
        "[停听][机鸡]|欠费|(?:暂停|停止)[^，。]{0,6}(?:服务|使用|通话)|[停报]用|报停|保号|余额不足|被?冻结|(?:service|number|phone|subscriber|account|line|customer)[^.]{0,40}(?:suspended|inactive|deactivated|discontinued|on hold)|suspended|(?:temporarily|currently) (?:out of service|disconnected|suspended|deactivated|inactive)|out of service|insufficient (?:balance|credit|funds)|overdue|unpaid|non-?payment",
        Announcement::Suspended,
    ),
    (
        "[关官观]机|关[鸡记]|关闭手机|手机已?关|[没未](?:有)?开机|(?:powered?|power|switched|switch|turned|turn|is|is currently|is now|phone) ?off\\b|(?:switched|turned|powered) (?:their |his |her |the )?(?:phone |mobile )?off|power(?:ed)? down",
        Announcement::Off,
    ),
    (
        "(?:呼叫|呼入|呼出|来电|拨入|通话|被叫|主叫|号码)(?:功能)?(?:受|被|已)*(?:限制|受限|禁止|拦截|拒绝|屏蔽)|(?:限制|禁止|不能|不可|无法)(?:呼[叫入出]|来电|拨[入打])|(?:设置|开启|启用|开通|打开|加入)[了为]?[^。，]{0,8}(?:限制|拒绝|拒接|拒收|打扰|勿扰|骚扰|拦截|黑名单)|黑名单|[没无](?:有)?(?:权|拨打)[^。]{0,10}(?:呼叫|拨打|权限)|权限|拒接|拒绝(?:您|你|接|了|陌)|不(?:接受|允许)[^。]{0,6}(?:来电|呼叫|被叫|呼入)|(?:来电|呼叫|电话)[^。，]{0,4}(?:被拒|拒绝|拦截)|防火墙|[仅只](?:限|能)呼出|call (?:barr|block)|barred|restrict(?:ed|ion|ions)?\\b|not accept(?:ing)? (?:your |incoming |any |this |unknown |anonymous |private )*calls?|does not (?:accept|allow)[^.]{0,20}calls|blocked|reject(?:ed|ing)|declined|not (?:allowed|permitted|authori[sz]ed)|cannot receive|do not disturb|permission to call",
        Announcement::Barred,
    ),
    (
        "(?:正在|[和跟与]别人)通[话化花]|通[话化花](?:之)?中|讲话中|使用中|正忙|用户忙|忙线|[占战]线|[线网]路?络?(?:正|繁)?忙|繁忙|(?:被叫|对方|用户|电话)[^。，]{0,3}忙|busy|engaged|(?:on|in) (?:the |another |a )(?:phone|line|call|conversation)|(?:speaking|talking) (?:to|with) (?:someone|somebody|another)|is (?:talking|speaking)|knows you are waiting|call waiting",
        Announcement::Busy,
    ),
    (
        "(?:无法|不能|未能|没能|五法|没法|暂|不便|不方便)(?:接通|接同|连接|连通|接听|接(?:，|$|请))|未(?:接通|连接)|不在(?:服务|网|覆盖)|唔喺服务|服务区(?:内|外)?|服务范围|信号|(?:暂时|目前|现在)?(?:联系|接)不(?:上|通)|(?:无法|未能)(?:联系|联络|到达)|未有回应|飞行模式|盲区|网络故障|(?:cannot|can't|can not|could not|couldn't|unable to|not) (?:be )?(?:connect|reach|complete|put)|(?:not|un) ?(?:be )?reachable|unreachable|(?:service|coverage) area|out(?:side)? (?:of )?(?:the )?(?:network )?(?:coverage|reach|range|service area|area)|no (?:signal|network|coverage)|temporarily unavailable|(?:is|are)(?: currently| temporarily| presently)? (?:unavailable|not available|not responding)|did not go through|network (?:difficult|error|problem|fail)|technical (?:difficult|problem)",
        Announcement::Unreachable,
    ),
    (
        "(?:无|没有?|暂无|没有)人(?:接|应)|[无未没](?:有)?(?:应答|接听|回应|人应)|[响振]铃超时|(?:no|not) answer(?:ing|ed)?|(?:did|does|is)(?: not|n't) answer|(?:no one|nobody) (?:is )?(?:available|answer)|no reply|no response|(?:not|n't|didn't) pick(?:ing)? up",
        Announcement::NoAnswer,
    ),
];

/// The one who was called, as only an announcement speaks of them.
const CALLED: &str = "[您你]所?(?:拨打|拨叫|呼叫|拨|播打|播|打)(?:的|嘅|出的)(?:的)?(?:用户|电话|号码|机主|手机|分机|客户|移动|固定|是)|(?:该|此|这个|被叫)(?:用户|号码|机主)|呼叫的(?:用户|号码)|^打的(?:电话|用户|号码)(?:[已正暂无不]|是空)|用户|机主|被叫|\
    you(?:'ve| have)? (?:just )?(?:diall?ed|called|reached|requested)\\b|you(?:'re| are|'ve| have) (?:been |currently )?(?:trying to |attempting to )?(?:dial|call|ring|reach)(?:l?ing)?\\b|(?:number|subscriber|user|customer|phone|party|person) you (?:dial|call)\\b|non-?working number|this (?:line|number|mobile|phone|subscriber|customer)|(?:the|that|your|dialled|dialed) (?:[a-z]+ ){0,2}(?:subscriber|called party|customer|number|telephone|mobile|extension|recipient|party)\\b|subscriber|your call\\b|calls (?:to|from) this|no such number";
/// What an announcement says beside it.
const FORMAL: &str = "对不起|抱歉|号码|对方|来电|呼叫|线路|网络|分机|[已己以](?:关机|停机|欠费)|请(?:您|你)?(?:不要|勿)?(?:稍|挂|迟|查|核|重|等)|稍后再|中国(?:移动|联通|电信)|[您你]的(?:电话|来电|呼叫|主叫|权限)|[您你]没有|通话中|sorry|please|hang up|hold on|try (?:again|later)|incoming|circuits|network|call(?:s|ing)? (?:restrict|barr)|there is no (?:answer|reply)|no one is|nobody is|not allowed";
/// An announcement that names no reason.
const VAGUE: &str = "[您你]所?(?:拨打|拨叫|呼叫|拨|播打|打)(?:的|嘅)(?:用户|电话|号码|机主)|请(?:您|你)?稍[后候]再[拨播波试]|\
    the (?:[a-z]+ ){0,2}(?:subscriber|number|party|customer|person|user|mobile)[^.]{0,12}you(?:'ve| have| are|'re)? (?:trying to )?(?:dial|call|reach)";

/// A person who speaks of themselves or of another, so that the words of an announcement are their own.
const SELF: &str = "^(?:喂|唉|哎|欸|诶|哟)|^(?:你好|您好|hello|hi|hey|yes|yeah|yep|speaking|good (?:morning|afternoon|evening)|[你您]说|请讲|讲)[，。,.!？? ]*(?:你好|您好|hello|hi|speaking|哪位|请讲|[你您]说|哪里|请问)?[，。,.!？? ]*$|我(?:[^们方司公将会的]|的(?:手机|电话|号)|$)|咱|俺|[吗呢呀嘛啦]|[吧啊](?:[，。？]|$)|谁|啥|怎么|\
    \\b(?:i|i've|i'll|i'd|i'm (?:[a-rt-z]|s[a-np-z]|so [a-z]+ing)\\w*|me|my|mine|mum|mom|dad|mate|we don't|we're not|we do not|we aren't|isn't it|who's|what's)\\b|\\?$";
const OTHER: &str = "他|她|你们|老板|老公|老婆|爱人|我妈|我爸|\\b(?:he|he's|she|she's|him|his|her)\\b";
/// A person, whatever else stands there: the owner's kin, one who got a message or takes one.
const PERSON: &str = "我是(?:机主|他|她)(?:本人|的?(?:老婆|老公|爱人|同事|儿子|女儿|家人|朋友|妈|爸|家属|媳妇|员工|太太|先生))|机主是我|我就是机主|我(?:从来|从不|一般|都|没|刚才?)[^，。]{0,4}[听用收]|留什么言|给你留|你?要?留言给谁|你(?:刚才|之前)?(?:留|打)[^。]{0,6}(?:吗|呢|了吧)|\
    \\b(?:got|heard|checked|listened to|left) (?:your|his|her|the|a|my|that|you)\\b[^.]{0,25}(?:voice ?mail|message)|(?:let it go|goes) to (?:voice ?mail|message)|did you\\b[^.]{0,25}(?:voice ?mail|message)|(?:take|pass on) a message|leave (?:a|your) message with|(?:do|would) you (?:want|like|care) to leave|closed[^.]{0,12}\\b(?:i'm|love|mate|come back)|state your business then|what's the reason";

/// What only people say, where the words of no announcement stand: whatever a model thinks of it.
const PEOPLE: &str = "打错|骚扰|推销|机器人|听不清|没听[到清见]|听得[到见]|大声|不需要|本人|没有?这个人|查无|这回事|是我的|明天(?:再)?[来打]|已经下班|放(?:门口|前台|驿站)|快递|外卖|开车|信号不|显示(?:是)?(?:外地|骚扰)|哪里找|找哪[位个]|您哪里|哪个?(?:单位|公司)|有什么可以帮|贷款|打你电话|正在给[您你]|\
    ^(?:嗯|好的?|行|在的?|说|对|哦|您好|你好)*[，。]*(?:收到|[您你]说|请?说|请讲|哪里|哪位|请?(?:您)?稍等|说)?[，。]*(?:请?(?:您)?稍等|请讲)?$|^(?:您好|你好|喂)，(?:这里是)?[^，。]{1,10}(?:部|台|室|所|店|中心|公司|售后|科|处|速运|物业)$|\
    wrong (?:number|person)|who (?:is|are|was) (?:this|it|you|that)\\b|what do you want|what company|are you (?:a (?:robot|real|bot|machine|person|human)|real|trying)|is (?:this|that|it) (?:a |an |about |the )?(?:robot|recording|automated|scam|real|about|for pick)|how did you|(?:hold|hang) on (?:a|one)|just a (?:moment|second|minute|sec)|^(?:please )?hold on$|^(?:yeah,? |yes,? )?go (?:ahead|on)|say (?:that |it )?again|speak up|breaking up|terrible|rubbish|speaking$|speaking[,.] (?:how|who|what)|^(?:(?:hi|hello|hey|yes)[, ]+)?(?:this is|it's) [a-z]+(?: here)?$|^[a-z]+ here$|no one (?:here|of that)|nobody (?:here|of that|called)|no,? thank|not interested|(?:don't|do not|stop) call(?:ing)? (?:this|here|again|me)|(?:hers|his|theirs|mine) any ?more|\\blove$|^sorry (?:love|mate|pal)|isn't here|not here|do not call list|signal's|line's|(?:state your|business) (?:business|line)|^reception$|thank(?:s| you) for calling[^.]{0,30}(?:speaking|how can|how may)|^(?:[a-z]+ ){1,2}here[,. ]|^no[, ]";

struct Rules {
    robot: Patterns<()>,
    robot_asks: Patterns<()>,
    screener: Patterns<()>,
    screener_weak: Patterns<()>,
    mailbox: Patterns<()>,
    notice: Patterns<()>,
    service_first: Patterns<()>,
    states: Patterns<Announcement>,
    called: Patterns<()>,
    formal: Patterns<()>,
    vague: Patterns<()>,
    speaks_of_self: Patterns<()>,
    speaks_of_other: Patterns<()>,
    person: Patterns<()>,
    people: Patterns<()>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let one = |pattern| Patterns::new(&[(pattern, ())]);
    Rules {
        robot: one(ROBOT),
        robot_asks: one(ROBOT_ASKS),
        screener: one(SCREENER),
        screener_weak: one(SCREENER_WEAK),
        mailbox: one(MAILBOX),
        notice: one(NOTICE),
        service_first: one(SERVICE_FIRST),
        states: Patterns::new(&STATES),
        called: one(CALLED),
        formal: one(FORMAL),
        vague: one(VAGUE),
        speaks_of_self: one(SELF),
        speaks_of_other: one(OTHER),
        person: one(PERSON),
        people: one(PEOPLE),
    }
});

/// Longer texts are cut: no announcement is longer.
const TEXT_CHARS_MAX: usize = 1_000;

/// What is speaking on the line, from its words, in either language.
pub fn announcement(text: &str) -> Announcement {
    announcement_with(text, None)
}

/// The same with a model's guess. A clear person is never a machine, and whom the model is sure to be a person is none
/// either; then a cause that is named outranks the model, which decides where none is.
pub fn announcement_with(text: &str, guess: Option<AnnouncementGuess>) -> Announcement {
    let guess = guess.map(|guess| guess.announcement);
    match by_rules(text) {
        Told::Cause(Announcement::Human) => Announcement::Human,
        Told::Cause(_) if guess == Some(Announcement::Human) => Announcement::Human,
        Told::Cause(cause) => cause,
        Told::NoCause => guess.unwrap_or(Announcement::Unreachable),
        Told::Nothing => guess.unwrap_or(Announcement::Human),
    }
}

/// What words alone tell.
enum Told {
    /// A machine's class by the wording of its cause, or a clear person.
    Cause(Announcement),
    /// An announcement that names no cause.
    NoCause,
    Nothing,
}

fn by_rules(text: &str) -> Told {
    let end = text.char_indices().nth(TEXT_CHARS_MAX).map_or(text.len(), |(at, _)| at);
    let text = plain(&text[..end]);
    let says = |pattern: &Patterns<()>| pattern.first(&text).is_some();
    let rules = &*RULES;
    if says(&rules.person) {
        return Told::Cause(Announcement::Human);
    }
    let called = says(&rules.called);
    let of_self = says(&rules.speaks_of_self);
    let personal = of_self || !called && says(&rules.speaks_of_other);
    let state = rules.states.first(&text).filter(|_| !personal && (called || says(&rules.formal)));
    if let Some(state @ (Announcement::Dead | Announcement::Suspended | Announcement::Off)) = state {
        return Told::Cause(state);
    }
    let mailbox = says(&rules.mailbox);
    let asks = says(&rules.robot) && says(&rules.robot_asks) && !text.contains("留言");
    if asks || says(&rules.screener) || says(&rules.screener_weak) && !mailbox {
        return Told::Cause(Announcement::Screener);
    }
    if mailbox || says(&rules.service_first) {
        return Told::Cause(Announcement::Assistant);
    }
    if let Some(state) = state {
        return Told::Cause(state);
    }
    if personal {
        return Told::Cause(Announcement::Human);
    }
    if says(&rules.notice) {
        return Told::Cause(Announcement::Assistant);
    }
    if says(&rules.vague) {
        return Told::NoCause;
    }
    if says(&rules.people) { Told::Cause(Announcement::Human) } else { Told::Nothing }
}

/// Traditional characters of announcements, and the simplified ones that the patterns are written in.
const TRADITIONAL: &str = "撥電話號碼暫時無請後關機線應對語轉駁戶沒開錄聲誤確認設歡謝來處繫務區範圍嘅遲佔擾絕權辦費續詢證實續變銷啟動發見們個這裡說誰為麼問訊隨從與聽員過現內將達嚟進銀滿寫讓還幫總經給記並";
const SIMPLIFIED: &str = "拨电话号码暂时无请后关机线应对语转驳户没开录声误确认设欢谢来处系务区范围的迟占扰绝权办费续询证实续变销启动发见们个这里说谁为么问讯随从与听员过现内将达来进银满写让还帮总经给记并";

/// As the patterns are written: simplified, straight apostrophes, no blanks beside Han characters.
fn plain(text: &str) -> String {
    let simplify =
        |c: char| TRADITIONAL.chars().zip(SIMPLIFIED.chars()).find(|(from, _)| *from == c).map_or(c, |(_, to)| to);
    let simple: String = text.chars().map(|c| if c == '’' { '\'' } else { simplify(c) }).collect();
    unspaced(&simple)
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
        let single = [
            &rules.robot,
            &rules.robot_asks,
            &rules.screener,
            &rules.screener_weak,
            &rules.mailbox,
            &rules.notice,
            &rules.service_first,
            &rules.called,
            &rules.formal,
            &rules.vague,
            &rules.speaks_of_self,
            &rules.speaks_of_other,
            &rules.person,
            &rules.people,
        ];
        assert_eq!(single.map(Patterns::len), [1; 14]);
        assert_eq!(rules.states.len(), STATES.len());
        assert_eq!(TRADITIONAL.chars().count(), SIMPLIFIED.chars().count());
    }

    #[test]
    fn a_guess_decides_but_never_makes_a_clear_person_a_machine() {
        let guess = |announcement, confidence| Some(AnnouncementGuess { announcement, confidence });
        let strange = "ni bo da de dian hua";
        assert_eq!(announcement_with(strange, guess(Announcement::Off, 0.95)), Announcement::Off);
        assert_eq!(announcement_with(strange, None), Announcement::Human);
        assert_eq!(announcement_with("hello", guess(Announcement::Assistant, 1.0)), Announcement::Human);
        assert_eq!(announcement_with("喂，你是谁啊", guess(Announcement::Screener, 1.0)), Announcement::Human);
        assert_eq!(announcement_with("您拨打的号码是空号", None), Announcement::Dead);
    }
}

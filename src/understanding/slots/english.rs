//! Data: English words that tell for whom, what, where, why and how much. The first group of a pattern is the span.
//! Case does not matter but for names, which are written so.

use std::sync::LazyLock;

use super::{Cues, Patterns};

const NUMBER: &str = r"(?:\d[\d,.]*k?|(?:a |half a )?(?:couple of |few )?(?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|dozen|grand)(?:[ -](?:and )?|\b))+)";
pub(super) const RELATIONS: &str = "mother|mum|mom|father|dad|wife|husband|sons?|daughters?|parents|kids|children|child|family|brothers?|sisters?|partner|girlfriend|boyfriend|fiancee?|grandmother|grandfather|grandson|granddaughter|grandparents|grandad|grandma|nan|gran|nephew|niece|aunt|uncle|cousin|flatmate|roommate|company|business|team|staff|boss|little one|eldest|youngest|in-laws|mother in law|father in law|baby|toddler|boys|girls|employees|clinic|practice|restaurant|firm";
/// A relation with what stands before it.
const WHOSE: &str = r"(?:my|our|the|his|her) (?:\w+[- ](?:year[- ]old )?){0,2}?";
/// What may stand behind an amount.
const PER: &str = r"(?: (?:a|per|each|every) (?:month|year|week|day|head|person|user|seat))?";
const NAME: &str = r"(?-i:[A-Z][a-z'’-]+(?: [A-Z][a-z'’-]+){0,2})";
const PLACE: &str = r"(?-i:[A-Z][\w'’]+(?: [A-Z][\w'’]+){0,3})";

/// By slot, the surer patterns first.
pub(super) static CUES: LazyLock<Cues> = LazyLock::new(|| Cues {
    who: Patterns::new(&[
        &format!(
            r"\b({NUMBER} ?(?:or so )?(?:people|kids|children|adults|employees|staff|users|colleagues|students|agents|drivers|reps|salespeople|workers|managers|engineers|nurses|teachers|tenants|guests|of us|in the (?:family|house|team|office)))\b"
        ),
        &format!(r"\b((?:a |my |our )?(?:family|team|household|company|office|staff) of (?:about )?{NUMBER})"),
        &format!(
            r"\b((?:my (?:own )?(?:{RELATIONS}) and (?:i\b|me|myself|my (?:{RELATIONS})))|(?:just )?me and (?:my|the) \w+)\b"
        ),
        &format!(r"\b(?:for|cover|insure) ({WHOSE}(?:{RELATIONS}))\b"),
        &format!(
            r"\b((?:my|our|the) (?:\w+[- ]year[- ]old |sales |whole |elder |older |younger |little |two |three )?(?:{RELATIONS}))(?:,? (?:keeps?|goes|watch(?:es)?|streams?|struggles?|loves?|hates?|works?|does|do|can't|wants?|needs?|uses?|would|is|are|likes?|has|have|who|started|could|she's|he's|they're|decides|asked|said|will))\b"
        ),
        &format!(
            r"^(?:yes|yeah|well|oh|it's|for)?,? ?((?:my|our) (?:\w+[- ]year[- ]old |two |three )?(?:{RELATIONS}))(?:[.!,]|$)"
        ),
        r"\b(?:for|it's|just|only) (the two of us|the whole (?:family|office|team|company)|both of us|the wife|the kids|just me|only me|myself|me)\b",
        r"\b(a couple of us|both of us|the two of us|just the (?:one|two|three|four) of us)\b",
        &format!(
            r"\b(?:my name is|my name's|my full name is|name is|name's|this is|it's|i'm called|call me|you're speaking (?:to|with)|you're talking to) ({NAME})(?:$|[,.!?]|\s)"
        ),
        &format!(
            r"(?:^|[,.] |\bno )(?:hi |hello |yes |yeah )?(?:i'm|i am|it's) ({NAME})(?:$|[,.!?]| from| and| here| speaking| calling)"
        ),
        &format!(r"^(?:hi |hello |yes |yeah )?,? ?({NAME}) (?:here|speaking)\b"),
        &format!(r"\b(?:put it (?:under|in)|under the name(?: of)?|in the name of|book it under|ask for) ({NAME})"),
        r"\bwe're (an? (?:small |family |local |little |tiny |big |medium )?(?:bakery|restaurant|caf[eé]|salon|school|clinic|charity|shop|firm|agency|studio|garage|practice|start-?up|company|business|church|gym|hotel|pub|farm|factory|nursery|warehouse|law firm|dental practice))\b",
        r"\b(?:my name is|my name's|you're speaking to) ((?-i:[a-z']+)(?: (?-i:[a-z']+))?)(?:$|[,.!?])",
        r"\bthis is ((?-i:[a-z']+)(?: (?-i:[a-z']+))?) (?:here|speaking|calling|from)\b",
        &format!(
            r"(?:^|[,.] ?|\b(?:because|since|and|that|so|but|when) )((?:my|our) (?:\w+[- ]year[- ]old |two |three )?(?:{RELATIONS}))\b"
        ),
    ]),
    what: Patterns::new(&[
        &format!(r"\b(?:{RELATIONS}) (?:wants?|needs?)\s+(?:to )?([^,.?!]+)"),
        r"\b(?:i (?:just |really |only |also )?(?:need|want)|we (?:just |really |only |also )?(?:need|want)|looking for|looking to|looking at|looking into|i'd (?:just |really )?(?:like|want|need)|i'll need|we'd need|we'll need|we'd (?:just |really )?like|i would like|mostly for|mainly for|i'm after|we're after|interested in|i could do with|we could do with|i use it for|we use it for|all i need is|what i need is|what i want is|what we need is|what we want is|thinking (?:of|about)|hoping (?:to|for)|trying to|planning to|shopping (?:around )?for|enquiring about|inquiring about|asking about|calling about)\s+(?:(?:to )?(?:get|buy|find|have|book|order) |getting |buying )?(?:to )?([^,.?!]+)",
        r"\b(?:i'm currently on|we're currently on|i'm on|we're on|i'm with|we're with|i currently have|at the moment i have|at the moment we have|i'm using|we're using|we use|i use|i've got|we've got)\s+([^,.?!]+)",
        r"(?:^|[,.] )(something (?:that|with|for|to|a bit|more|less)[^,.?!]+)",
        r"^(?:it's |just |maybe |probably )?(?:some |a |an )?([a-z][a-z ]{3,28}?) for (?:both|my|our|a|me)\b",
    ]),
    place: Patterns::new(&[
        r"\b(?:live|lives|living|based|located|work|working|moved|moving|move|house is|flat is|office is|shop is|offices are|are over|am over|we're over|i'm over|i'm out|deliver|branch|store|somewhere|anywhere|property|place|home|flat|school)\s+(?:in|near|at|to|around|just outside|outside|by|on|close to)\s+([^,.?!]+)",
        &format!(
            r"\b(?:i'm|we're|i am|we are|it's|she's|he's|they're)\s+(?:down |up |just |right |out |over )?(?:in|near|from|outside|at)\s+({PLACE}|(?:the )?(?:north|south|east|west|centre|center|suburbs|city|countryside)[^,.?!]*|[a-z]+(?:shire|ton|ham|ford|chester|pool|bury|mouth|burgh|field|wich)\b|london|leeds|glasgow|bristol|cardiff|paris|new york|chicago|boston|dallas|seattle|texas|california|florida|toronto|sydney|dublin|york|derby|kent|essex|cornwall|devon|wales|scotland)"
        ),
        &format!(r"\b(?:in|near|from|outside|around|to) ((?:north |south |east |west |central )?{PLACE})"),
        r"\b(?:near|close to|next to|opposite|not far from) (the [a-z]+(?: [a-z]+)?)\b",
    ]),
    why: Patterns::new(&[
        r"\b(?:because of|because|'cause|cos|since|due to|the reason is|the reason being|the problem is|the trouble is|the issue is|thing is|so that)\s+(?:that )?((?:i|we|my|our|the|it|it's|he|she|they|nobody|there|i'm|we're|he's|she's)\b[^,.?!]*)",
        r"\b((?:i'm|we're|i am|we are) (?:moving|getting married|having a baby|expecting|retiring|starting (?:a|my|our|up)|changing (?:jobs|schools)|going (?:abroad|freelance)|expanding|growing|renovating|extending|redoing)\b[^,.?!]*)",
        r"\b((?:my|our|the) [\w' ]{1,20}? (?:doesn't|don't|won't|isn't|aren't|went up|has gone up|stream all day|died|packed in) ?[^,.?!]*)",
        r"\b(it's (?:a mess|a nightmare|a pain|not enough|too \w+|so slow|falling apart|out of date|getting (?:old|small|tight|slow)\w*)[^,.?!]*)",
        r"\b((?:it|they) (?:arrived|came|turned up) (?:broken|damaged|late|wrong|faulty|smashed)[^,.?!]*?)(?: and i\b| so\b|[,.?!]|$)",
        r"\b(?:because of|due to|thanks to)\s+([^,.?!]+)",
        r"\b(?:it's mostly|it's mainly|mainly|mostly|it's just)\s+(?:that )?((?:the|my|our|it|we|i)\s[^,.?!]+)",
        r"\b((?:my|our|the|it)\s?[\w' ]{0,24}?(?:keeps?|is always|always|constantly|never) (?:\w+ing|runs? out|drops?|breaks?|works|too slow|enough|slow|down|going up)[^,.?!]*)",
        r"\b((?:we|i) (?:keep|always|constantly) (?:running|run|losing|lose|getting|get|going|go|missing|miss)[^,.?!]*)",
        r"\b((?:my|our|the|he's|she's|he|she|we|they|nobody|no one|it's|it)\b(?: [\w']+){0,4}? ?(?:broke(?: down)?|broken|outgrew|outgrown|is selling|failing|struggling|falling behind|is ending|runs? out|ran out|expir(?:es|ed|ing)|doesn't work|stopped working|too (?:slow|small|old|expensive|big|noisy|far)|went (?:up|bust)|going up|has gone up|died|is dying|got made redundant|is retiring|follows up|leaks?|let us down|let me down|put (?:the|my|our) \w+ up|put up|got cut|cutting out|cut out|went freelance|crash(?:es|ed)|freez(?:es|ing)|is a mess|can't cope|raised|fell|moved|lost)\b[^,.?!]*)",
        r"\b(?:we just had|we had|we're having|i'm having|i had|i've got) ((?:a|another|our|my) (?:baby|second|third|child|accident|operation|new job)[^,.?!]*)",
    ]),
    how: Patterns::new(&[
        &format!(r"\b(between {NUMBER} and {NUMBER}{PER})\b"),
        &format!(r"([£$€]\s?{NUMBER}(?:k)?{PER})"),
        &format!(
            r"\b({NUMBER}\s?(?:pounds?|quid|dollars|bucks|euros|yuan|pence|grand|thousand|million|k\b|a month|a year|a week){PER})"
        ),
        r"\b((?:half|a quarter of) a million|(?:a|one) (?:hundred )?(?:grand|thousand))\b",
        &format!(r"\b({NUMBER}\s?(?:a|per) (?:month|year|week))"),
        r"\b(\d[\d.,]*k)\b",
        &format!(r"\bbudget(?: is|'s| of| would be)? ((?:about |around |roughly |maybe |up to )?{NUMBER})"),
        &format!(
            r"\b((?:under|up to|no more than|not more than|less than|below|around|about|at most|max(?:imum)?(?: of)?|spend|pay|afford|maybe)\s{NUMBER})(?:\s?(?:a month|tops|max|at most|or so))?(?:[,.?!]| for\b|\s?$)"
        ),
        &format!(r"\b({NUMBER}) ?(?:tops|max|at most)\b"),
        r"\b(?:by|with|using|through|via|on|pay|paying)\s+(direct debit|credit card|debit card|card|bank transfer|cash|paypal|(?:in )?instal?ments|invoice|standing order|finance|cheque)\b",
        r"\b(monthly|yearly|annually|quarterly|in instal?ments|online|in person|over the phone)\b(?:,| would| is| please|$|\.)",
    ]),
});

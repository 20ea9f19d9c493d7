//! Data: English words that tell for whom, what, where, why and how much. The first group of a pattern is the span.

use std::sync::LazyLock;

use super::{Cues, Patterns};

const NUMBER: &str = r"(?:\d[\d,.]*|(?:a |half a )?(?:couple of |few )?(?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|dozen)[ -]?(?:and )?)+)";
const RELATIONS: &str = "mother|mum|mom|father|dad|wife|husband|son|sons|daughter|daughters|parents|kids|children|child|family|brother|sister|partner|girlfriend|boyfriend|grandmother|grandfather|grandson|granddaughter|nan|gran|nephew|niece|company|business|team|office|staff|shop|boss|little one|eldest|youngest";
/// What may stand behind an amount.
const PER: &str = r"(?: (?:a|per|each|every) (?:month|year|week|day|head|person|user|seat))?";

/// By slot, the surer patterns first.
pub(super) static CUES: LazyLock<Cues> = LazyLock::new(|| Cues {
    who: Patterns::new(&[
        &format!(
            r"\b({NUMBER} ?(?:or so )?(?:people|kids|children|adults|employees|staff|users|colleagues|students|of us|in the (?:family|house|team)))\b"
        ),
        &format!(r"\b((?:a )?(?:family|team|household|company|office|staff) of (?:about )?{NUMBER})"),
        &format!(r"\b(my (?:own )?(?:{RELATIONS}) and (?:i|me|my (?:{RELATIONS})))\b"),
        &format!(r"\bfor ((?:my|our|the|his|her) (?:\w+[- ])?(?:{RELATIONS}))\b"),
        &format!(
            r"\b((?:my|our) (?:\w+[- ]year[- ]old )?(?:{RELATIONS}))(?:,? (?:wants?|needs?|uses?|would|is|likes?|has|who|started|could|she's|he's))\b"
        ),
        &format!(r"^(?:yes|yeah|well|oh|it's|for)?,? ?((?:my|our) (?:\w+[- ]year[- ]old )?(?:{RELATIONS}))[.!]?$"),
        r"\b(?:for|it's|just|only) (myself|me|just me|only me|the two of us|the whole family|both of us|the wife|the kids)\b",
    ]),
    what: Patterns::new(&[
        r"\b(?:i need|we need|i want|we want|i'm looking for|we're looking for|looking for|i'd like|we'd like|mostly for|mainly for|i'm after|we're after|interested in|i could do with|we could do with|i use it for|we use it for|all i need is|what i need is|what i want is)\s+(?:some |a |an )?(?:to )?([^,.?!]+)",
        r"\b(?:i'm currently on|we're currently on|i'm on|we're on|i currently have|at the moment i have|at the moment we have|i'm using|we're using|we use|i use|i've got|we've got)\s+([^,.?!]+)",
    ]),
    place: Patterns::new(&[
        r"\b(?:live|lives|living|based|located|work|working|moved|moving|move|house is|flat is|office is|shop is|offices are|are over|am over|we're over|i'm over|i'm out|deliver)\s+(?:in|near|at|to|around|just outside|outside|by|on)\s+([^,.?!]+)",
        r"\b(?:i'm|we're|i am|we are|it's|she's|he's|they're)\s+(?:down |up |just |right |out )?(?:in|near|from|outside)\s+([A-Z][\w']+(?: [A-Z][\w']+)*|(?:the )?(?:north|south|east|west|centre|center|suburbs|city|countryside)[^,.?!]*|[a-z]+(?:shire|ton|ham|ford|chester|pool|bury|mouth|burgh|field|wich)\b|london|leeds|glasgow|bristol|cardiff|paris|new york|chicago|boston|dallas|seattle|texas|california|florida|toronto|sydney|dublin|york|derby|kent|essex|cornwall|devon|wales|scotland)",
    ]),
    why: Patterns::new(&[
        r"\b(?:because|'cause|cos|since|due to|the reason is|the reason being|the problem is|the trouble is|the issue is|thing is|so that)\s+(?:that )?([^,.?!]+)",
        r"\b(?:it's mostly|it's mainly|mainly|mostly|it's just)\s+(?:that )?((?:the|my|our|it|we|i)\s[^,.?!]+)",
        r"\b((?:my|our|the|it)\s?[\w' ]{0,24}?(?:keeps?|is always|always|constantly|never) (?:\w+ing|runs? out|drops?|breaks?|works|too slow|enough|slow|down)[^,.?!]*)",
        r"\b((?:we|i) (?:keep|always|constantly) (?:running|run|losing|lose|getting|get|going|go|missing|miss)[^,.?!]*)",
    ]),
    how: Patterns::new(&[
        &format!(r"([£$€]\s?{NUMBER}(?:k)?{PER})"),
        &format!(r"\b({NUMBER}\s?(?:pounds?|quid|dollars|bucks|euros|yuan|pence|grand){PER})"),
        &format!(r"\b({NUMBER}\s?(?:a|per) (?:month|year|week))"),
        &format!(
            r"\b((?:under|up to|no more than|not more than|less than|below|around|about|at most|max(?:imum)?(?: of)?)\s{NUMBER})(?:\s?(?:a month|tops|max|at most|or so))?(?:[,.?!]|$)"
        ),
        r"\b(?:by|with|using|through|via|on)\s+(direct debit|credit card|debit card|card|bank transfer|cash|paypal|instal?ments|invoice|standing order|finance|cheque)\b",
        r"\b(monthly|yearly|annually|in instal?ments|online|in person|over the phone)\b(?:,| would| is| please|$|\.)",
    ]),
});

//! Data: what an agent must not say in English, by class. Lower and upper case are the same.

use super::{Rules, Violation};

/// In the order of [`Violation::ALL`].
pub(super) const RULES: &[Rules] = &[
    Rules {
        class: Violation::FalsePromise,
        phrases: &[
            r"\b(?:guarantee|promise|swear|assure you|give you my word)\b[^.?!]{0,40}\b(?:lose \w+|approved?|accepted|pass|cure|win|get in(?:to)?|go(?:es)? up|double|fix(?:es)? everything|work(?:s)? for|grades?|succeed|results?|promotion)\b",
            r"\b(?:will|'ll)\s(?:definitely|certainly|absolutely|surely|always|100%)\s(?:\w+\s){0,3}(?:get|pass|be approved|work|win|cure|go up|double|succeed|improve)\b",
            r"\b(?:bound|certain|sure|guaranteed) to (?:\w+\s){0,3}(?:double|get|pass|be|win|go up|work|succeed|improve|increase)\b",
            r"\b(?:one hundred percent|100%|hundred percent) (?:certain|sure|guaranteed|approval)|guaranteed (?:pass|approval|success|results|cure|acceptance)|\bfor good,? guaranteed|everybody [^.?!]{0,30}gets? a job|no exceptions",
            r"\b(?:can't|cannot|can not) (?:possibly )?(?:go wrong|fail)|(?:will|'ll) never (?:have a problem|break|fail|go wrong)|never break down|(?:absolutely |completely )?no risk|works for (?:everyone|everybody)|every single time|you have my word|i guarantee it\b",
            r"\b(?:will|'ll) cure\b",
            r"no doubt about it|as good as (?:approved|done|guaranteed|in the bag)|in the bag\b|mark my words|dead cert|straight as\b|never let you down|foolproof|works every time|miracle|instant results|overnight results|can't fail|sure[- ]fire|no way (?:it|you) (?:can |could |will )?(?:fail|be refused)|(?:will|'ll) (?:get|land|make) (?:you|your (?:kid|child|son|daughter)) (?:a job|into|straight|top|the)|(?:i|we) (?:can )?promise (?:you )?(?:it|you|that)[^.?!]{0,10}(?:will|'ll) (?:never|always|definitely)|be (?:slim|cured|rich|debt[- ]free|fluent) in",
        ],
        innocent_after: r"(?:n't|not|never|nobody|no one|cannot|without)\b[^.?!]{0,20}|\bif [^.?!]{0,20}",
        innocent_in: r"\b(?:profit|return|invest|capital|fund|shares|yield|market)|depends on|vary|call you back|within (?:a|one) day|can't promise|don't guarantee|nobody can|not sure",
    },
    Rules {
        class: Violation::AbsoluteClaim,
        phrases: &[
            r"\b(?:number one|no\. ?1|the leading|world'?s (?:leading|best|first|number one)|top[- ]rated|world[- ]class|market leader|unbeatable|second to none|one of a kind|unrivall?ed|unmatched|unique in|the ultimate)\b",
            r"\bthe (?:very )?(?:best|fastest|cheapest|greatest|safest|strongest|lowest|most (?:advanced|reliable|trusted|effective|powerful|popular|affordable)|finest|biggest|highest quality)\b[^.?!]{0,24}\b(?:market|country|uk|world|ever|history|industry|there (?:is|are)|you can get|anywhere|of all|deal|network|price|provider|company|system|car|teachers|service|in town|around)\b",
            r"\bare the best\b|\bthe best there (?:is|are)|lowest price ever|cheapest [^.?!]{0,20}you can get|(?:won't|will not|can't|cannot) find (?:a |anything )?(?:cheaper|better)|nobody else (?:can|offers|has)|no other (?:company|provider|product)|nothing (?:beats|like it|compares)|the only (?:product|company|provider|one) (?:that|which|with|to)|comes close",
            r"\bno side effects|(?:100%|one hundred percent|absolutely|completely) (?:natural|safe|perfect)|it's perfect",
            r"(?:simply )?no (?:better|faster|cheaper|finer|safer) \w+|\bthe (?:finest|lowest prices?|top|best)\b[^.?!]{0,14}\bin (?:the|town|this)\b|there's no comparison|can't be beaten|best in (?:class|town|the)|leaves? (?:all )?(?:the )?(?:others|rest|competition) (?:behind|standing)|nobody (?:beats|comes close|does it better|else)|zero complaints|everyone loves|undisputed|never been beaten|unlike anything|the gold standard|number 1\b|better than (?:anyone|everyone|all)",
        ],
        innocent_after: r"(?:n't|not|never)\b[^.?!]{0,16}|\b(?:what|when|which|who)[^.?!]{0,14}",
        innocent_in: r"can't say|best to |best time|do my best|for you\?",
    },
    Rules {
        class: Violation::GuaranteedReturn,
        phrases: &[
            r"\b(?:guaranteed?|promise|assured?|certain)\b[^.?!]{0,30}\b(?:percent|return|profits?|yield|interest|income|money back|capital|dividend)",
            r"\b(?:return|returns|profits?|yield|principal|interest|capital|income)\b[^.?!]{0,30}\b(?:guaranteed|certain|completely safe|assured|100% safe)",
            r"(?:can't|cannot|can not|can never|never) (?:possibly )?lose|no way (?:you|to|that you) (?:can |could )?lose|(?:risk[- ]free|zero[- ]risk|no risk)[^.?!]{0,30}(?:return|invest|profit|yield|income|high)|zero[- ]risk invest|it's risk[- ]free",
            r"double your (?:money|investment|savings)|a sure thing|(?:fund|shares?|stock|price|coin|gold)\b[^.?!]{0,10}(?:always goes? up|will (?:definitely |certainly |surely )?go up|can only go up)|no matter what the market|if you lose[^.?!]{0,20}we (?:cover|pay|refund)|as safe as (?:a|the) bank|easy money|make a profit[^.?!]{0,10}guaranteed|back within a (?:month|year),? guaranteed",
            r"rain or shine|(?:zero|no) chance of (?:los|a loss)|(?:can't|never) go(?:es)? down|risk is zero|guaranteed to (?:earn|grow|double|make|profit)|money for nothing|free money|(?:month|year),? without fail|come what may|nothing to lose|(?:guarantee|promise)[^.?!]{0,16}(?:earn|make) at least|fixed return whatever|never lost (?:a penny|money)|you'll (?:always )?(?:earn|make|get) (?:at least )?\w+ percent",
        ],
        innocent_after: r"(?:n't|not|never|nobody|no investment|anybody who says)\b[^.?!]{0,24}|\bno ",
        innocent_in: r"(?:not|n't|never|no) (?:be )?(?:guarantee|promise)|at risk|past performance|being honest|may get back less|no investment|house price",
    },
    Rules {
        class: Violation::Inducement,
        phrases: &[
            r"today only|only today|(?:if|unless) you (?:don't |do not )?(?:sign|decide|buy|order)[^.?!]{0,14}(?:now|today)?[^.?!]{0,14}(?:gone|lose|miss)|(?:only|just) (?:\w+ )?(?:\w+ )?(?:left|places? left|remaining)|last chance|act now|(?:sign|buy|order|decide|pay) (?:up )?(?:right )?now\b|hurry(?: up)?|be quick|going fast|nearly gone|almost gone|now or never|don't wait",
            r"(?:offer|deal|price)[^.?!]{0,10}(?:ends|expires) in (?:\w+ )?(?:minutes?|hours?|seconds?)|never (?:see|get) (?:this|that|such) (?:price|offer|deal|a)|everyone's (?:grabbing|buying|taking)|miss out|(?:right now|or) [^.?!]{0,10}(?:give it|goes) to (?:somebody|someone) else|have to decide (?:right )?now",
            r"under the table|slip you|kickback|cash back if you sign|cash under|between you and me i'll (?:pay|give)|cancel (?:it )?later|helps? my numbers|(?:pay|give) you (?:\w+ ){0,4}(?:personally|privately|out of my own pocket)",
            r"just (?:say|put|write|tell|tick)\b[^.?!]{0,40}(?:you|your|that|yes)|tell (?:the|your) (?:bank|doctor|insurer|lender)[^.?!]{0,10}(?:it's|that|you)|say yes to everything|on the form[^.?!]{0,10}(?:put|write|say)",
            r"this (?:minute|second)|on the side|before it's too late|(?:time|places|spaces|stock) (?:is|are) running out|almost sold out|limited (?:spots|places|spaces|seats)|while (?:stocks|it) lasts?|won't last|before (?:someone|somebody) else|(?:say|tell them|put|write) (?:that )?you(?:'ve| have|'re| are)? (?:never|not|don't|earn)|leave (?:that|it) (?:out|off) (?:the|of)|don't (?:mention|declare|disclose) (?:your|that|the) (?:ill|loan|smok|debt|condition|claim)|a little (?:extra|something) for you|snap it up|once in a lifetime|in your own pocket|nobody checks|(?:go|goes|sail) straight through",
        ],
        innocent_after: r"(?:n't|not|never|no)\b[^.?!]{0,12}",
        innocent_in: r"honestly|take your time|no hurry|don't have to decide|won't rush",
    },
    Rules {
        class: Violation::Concealment,
        phrases: &[
            r"(?:don't|do not|needn't|no need to|not|don't have to|never) (?:need to |have to |worry about |bother |ask |think |mind )*(?:about )?(?:read(?:ing)?|look(?:ing)? at|know(?:ing)?|ask(?:ing)?|check(?:ing)?|worry)?\s?(?:about |at )?(?:the |our |any of the )?(?:contract|small print|fine print|terms|charges|fees?|penalty|penalties|policy|exclusions|agreement|cancellation fee|conditions|details|customer service)",
            r"(?:forget|skip|ignore|never mind)[^.?!]{0,12}(?:contract|small print|fine print|terms|fee|penalty|agreement|warning|exclusions|conditions|charges)",
            r"(?:don't|do not) (?:tell|mention (?:it |this )?to|let) (?:your |the )?(?:wife|husband|family|partner|kids|children|parents|bank|company|boss|anyone at)|don't mention (?:this|it|that) on|between us|off the record",
            r"(?:rather|can't|cannot|won't|don't) (?:not )?put (?:that|it|this) in (?:the |a )?(?:contract|writing)|just tick the box|just sign(?: (?:it|here|this|now|and))?(?:[,.!]|$)|don't have to read|sign first|(?:just|only) a formality|better if your (?:family|wife|husband|partner) doesn't know|don't (?:usually |normally )?tell (?:the )?customers|(?:fees|charges|exclusions|terms|penalties)[^.?!]{0,6}(?:don't matter|aren't (?:something|important)|do not matter)|(?:isn't|aren't) something you need to (?:know|worry)",
            r"go through all (?:those|the|these)|let's not (?:bring up|mention|talk about|get into)|(?:doesn't|don't|needn't) (?:have to |need to )?(?:find out|know about)|no need to (?:read|check|look|go through)|(?:keep|kept) (?:it|this) (?:quiet|a secret|to yourself|from your)|(?:little )?secret|nobody reads|nobody needs to know|(?:don't|do not) (?:show|tell|let) [^.?!]{0,20}(?:wife|husband|family|lawyer|parents|son|daughter|partner)|leave (?:that|it) out of|not (?:going to|gonna) (?:bore|trouble) you with the (?:fees|terms|details|small)|trust me on the",
        ],
        innocent_after: r"\b(?:please|never)[^.?!]{0,8}",
        innocent_in: r"password|code|\bpin\b|read the (?:contract|terms) carefully|in the email|let me explain|to read$",
    },
    Rules {
        class: Violation::Threat,
        phrases: &[
            r"take you to court|you'll (?:regret|be sorry)|(?:we|i) know where you (?:live|work)|come to your (?:house|home|work)|or else|blacklist|be arrested|get you arrested|face the consequences|send the bailiffs|bailiffs round|make me come|something bad|your own fault|you'd better (?:pay|sign|agree)|watch your back|ruin (?:you|your)",
            r"credit (?:score |rating |record )?(?:will|is going to) be (?:ruined|damaged|affected|destroyed)|never get a (?:loan|mortgage|job)|cut off your (?:line|phone|service|internet)|(?:we'll|we will|i'll|i will) (?:tell|call|inform|contact) your (?:employer|boss|family|wife|husband|neighbou?rs|school)|(?:we'll|we will|i'll) (?:freeze|block|close) your (?:account|card)|delete all your|call every contact|policy will be void",
            r"coming round\b|see what happens|hate for your|wouldn't want (?:anything|something|your)|(?:contact|ring|call|visit|speak to|write to) your (?:boss|family|employer|parents|neighbou?rs|work)|legal action|debt collectors|final warning|last warning|make your life|you'll pay for (?:this|that|it)|don't make me|seize your|report you to (?:the )?(?:police|immigration|tax)|black ?mark|nobody will (?:lend|insure)|you(?:'ll| will) lose your (?:house|home|job|car)|ruin your",
        ],
        innocent_after: r"(?:won't|will not|never|not going to|not)\s(?:\w+\s){0,2}",
        innocent_in: r"to install|to repair|that's fine|if you lose|threatens you|no obligation",
    },
    Rules {
        class: Violation::Insult,
        phrases: &[
            r"(?:are|you're|you are|how|so|being|don't be)\s(?:\w+\s)?(?:stupid|dumb|thick|pathetic|ridiculous|cheap|deaf|crazy|mad|an idiot|useless|slow)\b|\bidiot\b|\bmoron\b|\bimbecile\b|\bloser\b|\bold fool\b|\byou fool\b|shut up|go to hell|get lost|fuck|\bshit\b|\bbastard|\bbitch|piss off|screw you|too poor|people like you|waste (?:of )?my time|wasting my time|what's wrong with you|(?:have|got) (?:the|any) brains?|even a child",
            r"thick as|such a (?:moron|fool|baby|coward)|no wonder you're|stingy|tight[- ]fisted|cheapskate|brain ?dead|dimwit|clueless|ignorant|nitwit|simple[- ]minded|get a life|do you even (?:have|understand)|too (?:old|slow|stupid|thick|poor|dim) to|shame on you|too dumb|use your (?:head|brain)|not very bright|peasant|waste of space|dumbass|jerk\b|scum",
        ],
        innocent_after: r"(?:\bnot\b|don't call me|sorry for)[^.?!]{0,14}",
        innocent_in: r"idiot proof|idiot-proof|don't call me|not a stupid",
    },
    Rules {
        class: Violation::PrivacyLeak,
        phrases: &[
            r"your (?:neighbou?r|son|daughter|colleague|ex-?(?:husband|wife)|ex|friend|husband|wife|sister|brother|boss|mother|father|mum|mom|dad|partner|cousin|nephew|niece|flatmate)(?:'s)?\b[^.?!]{0,40}\b(?:owes?|behind on|earns|has a loan|loan is overdue|missed (?:\w+ )?payments?|borrowed|hasn't paid|in debt|number is|was diagnosed|has (?:cancer|two cards|\w+ thousand)|call records|policy|is on benefits|overdue)",
            r"(?:another|other|previous) (?:customer|client|parent|patient)s?(?:'s|')?\b[^.?!]{0,30}\b(?:file|details|numbers?|account|has|record)|(?:numbers|details|addresses) of (?:the )?(?:other|another)|list of (?:clients|customers)|(?:mr|mrs|ms|miss) \w+(?:'s)?[^.?!]{0,20}(?:address is|number is|on benefits|owes|has a loan|date of birth)|(?:his|her|their) (?:medical records?|date of birth|bank account|salary|social security|credit)|(?:next door|neighbou?r|upstairs|downstairs)[^.?!]{0,20}(?:diagnosed|owes|cancer|debt)|emergency contact|number is 0\d|call records",
            r"your (?:neighbou?r|son|daughter|colleague|ex|friend|husband|wife|sister|brother|boss|cousin|nephew|niece|mother|father|uncle|aunt)\b[^.?!]{0,30}\b(?:months? behind|behind on|diabetes|divorced|pregnant|in rehab|depress\w+|bankrupt|convicted|arrested|salary|makes \w+ thousand|hiv|overdrawn|in arrears|can't pay|didn't pay|loan)\b|(?:number|address|details) of (?:a|another|one of our) (?:customer|client|patient|parent)|a customer of ours[^.?!]{0,30}(?:number|ask|call)|(?:his|her) (?:number|address|salary|pin) is",
        ],
        innocent_after: r"(?:can't|cannot|never|won't|not)\b[^.?!]{0,24}",
        innocent_in: r"can't share|would have to call|never give|ask your friend|kept safe|our number|your own policy",
    },
    Rules {
        class: Violation::Impersonation,
        phrases: &[
            r"(?:i'm|i am|this is|we're|we are|calling|it's)\s(?:\w+\s){0,3}?(?:from|with|of|on behalf of|the|at|an officer with)?\s?(?:the |your |a )?(?:police|tax office|hmrc|irs|court|government|fbi|cia|social security(?: administration)?|microsoft|amazon|apple support|council|bank's fraud|fraud department|energy regulator|regulator|ofcom|immigration|customs|ministry|sheriff|head office)\b",
            r"i'm (?:your|a friend of your|the) (?:child's |son's |daughter's )?(?:teacher|doctor|son|daughter|nephew|lawyer|manager|boss|grandson|bank manager)|a friend of your|your bank's fraud",
            r"(?:i'm|i am|this is|we're) (?:definitely |certainly |really |absolutely )?not (?:a |an )?(?:robot|machine|bot|ai|computer|recording)|i'm (?:a )?(?:real|actual|human)\b|(?:of course|yes) i'm (?:a )?(?:human|real|person)|talking to a (?:human|real|person)|no machine here|flesh and blood|a real person,? (?:not|i)",
            r"fraud (?:team|squad|unit)|(?:i'm|i am|this is|we're|speaking as) (?:a|an|the) (?:police|detective|officer|inspector|judge|sheriff|customs|federal|tax inspector|government)\b|warrant for your|(?:i'm|this is|i am) (?:from|at) your (?:bank|school|son's|daughter's|child's|doctor|landlord|employer)|(?:i'm|i am) (?:really )?not a (?:ro)?bot\b|sitting (?:right )?(?:here )?in (?:the|my|an) office|internal revenue|medicare|visa security|i'm your (?:grandson|nephew|landlord|bank manager|neighbou?r)|actual human|as human as you|i'm no (?:robot|machine)",
        ],
        innocent_after: r"(?:beware of|people who|callers who|if (?:someone|anyone|somebody)|not|never|pretend)\b[^.?!]{0,30}",
        innocent_in: r"beware|never ask|not from|put you through|not a person|check with|say they're",
    },
    Rules {
        class: Violation::Disparagement,
        phrases: &[
            r"\b(?:they|they're|them|their|that (?:company|brand|lot|provider)|the other (?:company|lot|provider|guys)|other companies|all the others|the others|everyone else|our competitors?|the competition|competitors?|your current (?:provider|insurer|bank|supplier|company|plan)|vodafone|bt|o2|verizon|at&t|sky|virgin|aviva|axa)\b[^.?!]{0,40}\b(?:crooks|rubbish|terrible|rip(?:ping|s)? you off|bankrupt|scammers?|overcharg\w+|joke|cheats?|cheating|raided|sell your data|fall apart|never pay|worst|cowboys|dreadful|garbage|lie|liars|lies|thieves|awful|useless|regrets? it|aren't even qualified|crap|dishonest|frauds?|trash|horrible|robbing)\b",
            r"being robbed by|don't (?:buy from|trust|use) (?:them|that|those)|stay away from (?:them|that)",
            r"\b(?:(?:the )?other (?:insurers|companies|providers|banks|schools|dealers|firms|agencies)|your (?:current|present|old) (?:supplier|provider|insurer|bank|school|firm)|their \w+|those guys|that (?:school|firm|shop|bank|agency)|the (?:guys|shop|firm) (?:down|across|next))\b[^.?!]{0,40}\b(?:thieves|junk|go(?:ing)? (?:under|bust)|barge pole|useless|scams?|fake|sham|shady|cut corners|never answer|hacked|lousy|second[- ]rate|inferior|unreliable|con (?:artists|men)|nightmare|fleece\w*|sinking|incompetent|crooked|dodgy|rubbish|broken|losing (?:all )?(?:their )?customers)\b|total junk|\bbarge pole",
        ],
        innocent_after: r"(?:not|n't|never)\b[^.?!]{0,20}",
        innocent_in: r"use our name|rather not comment|don't speak badly|also offer",
    },
    Rules {
        class: Violation::OverCollection,
        phrases: &[
            r"\b(?:what's|what is|tell me|give me|read me|can i have|may i have|i need|i'll need|send me|could i have|let me have|read out)\b[^.?!]{0,40}\b(?:passwords?|pin|cvv|code (?:you|that)|security code|three digits|six digits|card number|social security|login|security answers|maiden name|passport)\b",
            r"which school[^.?!]{0,30}class|how much (?:money )?(?:do you have|have you got)[^.?!]{0,12}(?:savings|bank|account)|your religion|any illnesses|do you have any (?:disease|medical)|access to your contacts|are you pregnant|share your screen|screen with me|who did you vote|phone numbers? of (?:your|all your) (?:family|friends)|how is your marriage|photo of your (?:passport|id|card)|remote access|install anydesk|sexual orientation",
            r"long number on (?:the|your) card|(?:code|digits|three numbers?) on the back|one[- ]time (?:code|password)|code (?:that )?(?:just )?(?:arrived|came|we sent|i sent)|political views|read (?:it|them|that|the code) (?:out )?to me|online banking (?:details|login|password)|(?:photo|picture|scan|selfie) (?:of|with) your (?:passport|id|card|driving)|bank balance|medical history|sexual(?:ity| orientation)|who you live with|when (?:are you|is the house) (?:out|empty)|expiry date and|how much (?:is )?(?:in )?your (?:bank|savings)",
        ],
        innocent_after: r"(?:don't|never|not|nobody|won't|no one)\b[^.?!]{0,30}",
        innocent_in: r"need no|never ask|don't tell|nobody from|yourself on|bring your",
    },
    Rules {
        class: Violation::Persistence,
        phrases: &[
            r"don't (?:hang up|go|say no)\b|hear me out|(?:keep|won't stop) (?:calling|ringing|phoning)|won't take no|take no for an answer|(?:ring|call|try you) again (?:tomorrow )?(?:whether|if you hang)|even if you hang up|whether you like it|not letting you go|call (?:you )?from another number|can't say no|come on,? just|haven't heard the best|one more minute|just one more thing",
            r"(?:you (?:said|say|told|don't want|refused|'ve refused)|you've refused|you're not interested|said no|no means)\b[^.?!]{0,40}(?:\bbut\b|\bstill\b|\bhowever\b|\bbecause\b|need more|even though)[^.?!]{0,60}",
            r"before you go[^.?!]{0,40}don't want|even though you (?:don't|said)|i (?:hear|understand|know)[^.?!]{0,30}(?:not interested|don't want)[^.?!]{0,6}(?:but|still|however)",
            r"(?:one|another|a) more (?:minute|chance|second)|until you change your mind|keep on (?:ringing|calling)|(?:heard|know|understand|get|appreciate) (?:that )?you (?:say|said|aren't|weren't|don't|didn't|told)[^.?!]{0,50}(?:\bbut\b|though|still|give me|however)|you (?:really )?ought to (?:consider|reconsider)|\breconsider|i'm not done|let me (?:just )?finish|not going to stop|every day until|(?:you'll|you will) hear from me|don't be so hasty|surely you can|no is not|won't let you go|before you hang up",
        ],
        innocent_after: r"(?:won't|not)\b[^.?!]{0,10}",
        innocent_in: r"transfer|putting you through|put you through|removed from|won't bother|won't call",
    },
];

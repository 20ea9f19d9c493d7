//! Data: the tables.

use super::*;

#[test]
fn mandarin_numbers() {
    assert_spoken(
        Language::Zh,
        &[
            ("0、10、15、105、110、1010个", "零、十、十五、一百零五、一百一十、一千零一十个"),
            ("10005元、120000、2200、100000000元", "一万零五元、十二万、两千二百、一亿元"),
            ("1234567元", "一百二十三万四千五百六十七元"),
            ("12,345,678元", "一千二百三十四万五千六百七十八元"),
            ("20000个", "两万个"),
            ("200002人", "二十万零二人"),
            ("3.14", "三点一四"),
            ("0.5", "零点五"),
            ("12.0", "十二"),
            ("１２３元", "一百二十三元"),
            ("-5", "负五"),
            ("2个2位2天2次2年2小时2分钟", "两个两位两天两次两年两小时两分钟"),
            ("第2次，2月2号，2楼，2班", "第二次，二月二号，二楼，二班"),
            ("12个，22天，20个", "十二个，二十二天，二十个"),
            ("2万，2千，2百，2亿", "两万，两千，二百，两亿"),
            ("12万8千", "十二万八千"),
            ("2万5", "两万五"),
            ("1.5倍", "一点五倍"),
            ("100+城市，5000+用户", "一百多城市，五千多用户"),
            ("1000000用户", "一百万用户"),
            ("①办理②激活", "一办理二激活"),
        ],
    );
}

#[test]
fn mandarin_money() {
    assert_spoken(
        Language::Zh,
        &[
            ("每月99元，一共1299.5元", "每月九十九元，一共一千二百九十九点五元"),
            ("¥99/月，￥1,299.50，$20", "九十九元每月，一千二百九十九点五元，二十美元"),
            ("原价199.00元", "原价一百九十九元"),
            ("2元，200块，2块5，3毛", "两元，两百块，两块五，三毛"),
            ("3块5毛2分", "三块五毛两分"),
            ("5角，2角", "五角，两角"),
            ("1.5万元，2亿元，3000万", "一点五万元，两亿元，三千万"),
            ("¥1.2万", "一点二万元"),
            ("¥2", "两元"),
            ("¥99元", "九十九元"),
            ("¥99-199", "九十九到一百九十九元"),
            ("¥99~¥199", "九十九到一百九十九元"),
            ("-¥50", "负五十元"),
            ("£10，€15.5，HK$100，US$5", "十英镑，十五点五欧元，一百港币，五美元"),
            ("100 RMB，50USD", "一百元，五十美元"),
            ("RMB 99，CNY88", "九十九元，八十八元"),
            ("100美元", "一百美元"),
            ("99元/月，19.9元/次", "九十九元每月，十九点九元每次"),
            ("99元起", "九十九元起"),
            ("100-200元", "一百到两百元"),
            ("打8折，8.5折，98折，7折", "打八折，八五折，九八折，七折"),
            ("满300减50", "满三百减五十"),
            ("每G5块", "每G五块"),
            ("0.01元", "零点零一元"),
        ],
    );
}

#[test]
fn mandarin_dates() {
    assert_spoken(
        Language::Zh,
        &[
            ("2026-11-20", "二零二六年十一月二十日"),
            ("2026/1/5", "二零二六年一月五日"),
            ("2026.11.20", "二零二六年十一月二十日"),
            ("2026-11-21到期，11月21日15:00", "二零二六年十一月二十一日到期，十一月二十一日十五点"),
            ("2026年2月2号 2：05", "二零二六年二月二号 两点零五分"),
            ("11月20日", "十一月二十日"),
            ("11/20前", "十一月二十日前"),
            ("截止11/20", "截止十一月二十日"),
            ("在3/5到期", "在三月五日到期"),
            ("12/31", "十二月三十一日"),
            ("2026/11", "二零二六年十一月"),
            ("2026年", "二零二六年"),
            ("2026-2027年", "二零二六到二零二七年"),
            ("2008年到2010年", "二零零八年到二零一零年"),
            ("1990年代", "一九九零年代"),
            ("90后，95后，00后", "九零后，九五后，零零后"),
            ("11月20-22日", "十一月二十到二十二日"),
            ("1月1日", "一月一日"),
            ("10月2日", "十月二日"),
            ("周一-周五", "周一到周五"),
            ("双11，双12", "双十一，双十二"),
            ("618大促", "六幺八大促"),
            ("11.11购物节", "双十一购物节"),
            ("26号", "二十六号"),
            ("2周年", "两周年"),
        ],
    );
}

#[test]
fn mandarin_times() {
    assert_spoken(
        Language::Zh,
        &[
            ("15:30", "十五点三十分"),
            ("下午3点半", "下午三点半"),
            ("下午3:30", "下午三点三十分"),
            ("3pm", "下午三点"),
            ("3:30 PM", "下午三点三十分"),
            ("9am，8 pm", "上午九点，晚上八点"),
            ("12pm", "中午十二点"),
            ("12:00", "十二点"),
            ("0:00", "零点"),
            ("8:05", "八点零五分"),
            ("2:00", "两点"),
            ("2点", "两点"),
            ("上午9:00-11:30", "上午九点到十一点三十分"),
            ("9:00~18:00", "九点到十八点"),
            ("10:30:15", "十点三十分"),
            ("3点15分", "三点十五分"),
            ("30分钟，90秒", "三十分钟，九十秒"),
            ("1h30min", "一小时三十分钟"),
            ("2h", "两小时"),
            ("30s", "三十秒"),
            ("24小时", "二十四小时"),
            ("7*24小时，7×24", "七乘二十四小时，七乘二十四"),
            ("明天下午2点", "明天下午两点"),
        ],
    );
}

#[test]
fn mandarin_shares_ranges_and_fractions() {
    assert_spoken(
        Language::Zh,
        &[
            ("降了12.5%，5‰", "降了百分之十二点五，千分之五"),
            ("100%", "百分之百"),
            ("200%", "百分之两百"),
            ("0.5‰", "千分之零点五"),
            ("5 %", "百分之五"),
            ("5-8%", "百分之五到八"),
            ("5%-8%", "百分之五到百分之八"),
            ("-3%", "负百分之三"),
            ("±5%", "正负百分之五"),
            ("3.5个百分点", "三点五个百分点"),
            ("年利率3.65%", "年利率百分之三点六五"),
            ("3-5天", "三到五天"),
            ("3~5天，3—5天，3–5天", "三到五天，三到五天，三到五天"),
            ("2-3天", "两到三天"),
            ("2～3个", "两到三个"),
            ("5-10倍", "五到十倍"),
            ("1/3，2/5，3/4", "三分之一，五分之二，四分之三"),
            ("½", "二分之一"),
            ("3:2", "三比二"),
            ("1:1", "一比一"),
            ("≥18岁", "大于等于十八岁"),
            ("≈100", "约一百"),
            ("3+2", "三加二"),
            ("3×4", "三乘四"),
            ("约~30天", "约三十天"),
        ],
    );
}

#[test]
fn mandarin_ordinals_codes_and_telephone_numbers() {
    assert_spoken(
        Language::Zh,
        &[
            ("第1，第2名，第10期", "第一，第二名，第十期"),
            ("No.1", "第一"),
            ("请拨10086或400-811-8888", "请拨幺零零八六或四零零，八幺幺，八八八八"),
            ("手机13812345678，尾号1107", "手机幺三八，幺二三四，五六七八，尾号幺幺零七"),
            ("138 1234 5678", "幺三八，幺二三四，五六七八"),
            ("138-1234-5678", "幺三八，幺二三四，五六七八"),
            ("+86 13812345678", "加八六，幺三八，幺二三四，五六七八"),
            ("010-12345678", "零幺零，幺二三四，五六七八"),
            ("(010)12345678", "零幺零，幺二三四，五六七八"),
            ("0755-2345678转802", "零七五五，二三四，五六七八转八零二"),
            ("021 6888 8888", "零二幺，六八八八，八八八八"),
            ("4008118888", "四零零，八幺幺，八八八八"),
            ("95588，95533，12315", "九五五八八，九五五三三，幺二三幺五"),
            ("拨打110、打120", "拨打幺幺零、打幺二零"),
            ("分机8012", "分机八零幺二"),
            ("工号1024", "工号幺零二四"),
            ("验证码是302918", "验证码是三零二九幺八"),
            ("尾号是0011", "尾号是零零幺幺"),
            ("订单A20261120", "订单A二零二六，幺幺二零"),
            ("CRH380", "CRH三八零"),
            ("卡号6222021234567890", "卡号六二二二，零二幺二，三四五六，七八九零"),
            ("房间1107", "房间幺幺零七"),
            ("邮编100080", "邮编幺零零零八零"),
            ("转人工请按0，退订请按2，结束按#键", "转人工请按零，退订请按二，结束按井号键"),
            ("按*号键", "按星号键"),
            ("按1", "按一"),
            ("192.168.1.1", "幺九二点幺六八点幺点幺"),
            ("V2.0.1版", "V二点零点一版"),
            ("007", "零零七"),
        ],
    );
}

#[test]
fn mandarin_units_letters_and_links() {
    assert_spoken(
        Language::Zh,
        &[
            ("60GB流量，5G网络，1000M宽带", "六十GB流量，五G网络，一千兆宽带"),
            ("300Mbps，1Gbps", "三百兆，一G"),
            ("500兆", "五百兆"),
            ("-3℃，80㎡，80m²", "负三摄氏度，八十平方米，八十平方米"),
            ("100km，2km，60km/h", "一百公里，两公里，六十公里每小时"),
            ("5kg，2kg，500g，10mg", "五公斤，两公斤，五百克，十毫克"),
            ("5cm，3mm，2m", "五厘米，三毫米，两米"),
            ("3kWh，5000mAh，65W", "三度，五千毫安时，六十五瓦"),
            ("500ml，2L", "五百毫升，两升"),
            ("2.4GHz", "二点四吉赫"),
            ("30 min", "三十分钟"),
            ("5G套餐，4K，3D", "五G套餐，四K，三D"),
            ("iPhone 15", "iPhone 十五"),
            ("A4纸", "A四纸"),
            ("service@starbridge.cn", "service 艾特 starbridge 点 CN"),
            ("www.starbridge.com", "WWW 点 starbridge 点 com"),
            ("https://starbridge.cn/help", "starbridge 点 CN 斜杠 help"),
            ("li_lei-01@163.com", "li 下划线 lei 杠 零一 艾特 幺六三 点 com"),
            ("QQ12345678", "QQ幺二三四，五六七八"),
            ("A&B", "A和B"),
            ("是/否", "是或否"),
            ("😀您好👍🏻！", "您好！"),
            ("**重要**：<b>首月</b>半价", "重要：首月半价"),
            ("[官网](https://a.cn/x)下单", "官网下单"),
            ("好的~", "好的"),
            ("AT&amp;T", "AT和T"),
            ("8Ω☆★", "八Ω"),
        ],
    );
}

#[test]
fn english_numbers_and_ordinals() {
    assert_spoken(
        Language::En,
        &[
            ("1,000,000 and 100,012", "one million and one hundred thousand twelve"),
            ("0, 7, 13, 20, 21, 99", "zero, seven, thirteen, twenty, twenty-one, ninety-nine"),
            (
                "100, 101, 110, 1000, 1001",
                "one hundred, one hundred one, one hundred ten, one thousand, one thousand one",
            ),
            ("3.14", "three point one four"),
            ("0.5", "zero point five"),
            ("12.0", "twelve"),
            ("-5", "minus five"),
            ("5k, 2.5M users, 3bn", "five thousand, two point five million users, three billion"),
            ("10k+", "ten thousand plus"),
            ("3x faster", "three times faster"),
            ("12th, 20th, 31st", "twelfth, twentieth, thirty-first"),
            ("1st, 2nd, 3rd, 5th, 9th", "first, second, third, fifth, ninth"),
            ("100th, 101st", "one hundredth, one hundred first"),
            ("#1", "number one"),
            ("No. 5", "number five"),
            ("100+ shops", "one hundred plus shops"),
            ("~30 days", "about thirty days"),
            ("≥18", "at least eighteen"),
            ("2 + 2 = 4", "two plus two equals four"),
            ("① order ② pay", "one order two pay"),
        ],
    );
}

#[test]
fn english_money() {
    assert_spoken(
        Language::En,
        &[
            (
                "It is $99/month, or $1,299.50.",
                "It is ninety-nine dollars per month, or one thousand two hundred ninety-nine dollars and fifty cents.",
            ),
            ("¥1, 99 yuan, RMB 59, $1", "one yuan, ninety-nine yuan, fifty-nine yuan, one dollar"),
            ("$1.5 million", "one point five million dollars"),
            ("£19, £9.50, £1", "nineteen pounds, nine pounds and fifty pence, one pound"),
            ("£0.50, $0.99", "fifty pence, ninety-nine cents"),
            ("50p, 99¢, 1p", "fifty pence, ninety-nine cents, one penny"),
            ("$0.01", "one cent"),
            ("£1.01", "one pound and one penny"),
            ("€15.20", "fifteen euros and twenty cents"),
            ("£2.5m, $3bn, £5k", "two point five million pounds, three billion dollars, five thousand pounds"),
            ("£10-20", "ten to twenty pounds"),
            ("£10-£20", "ten to twenty pounds"),
            ("-£50", "minus fifty pounds"),
            ("US$5, HK$100, A$20", "five US dollars, one hundred Hong Kong dollars, twenty Australian dollars"),
            ("99 USD, 20 GBP, 5 EUR", "ninety-nine dollars, twenty pounds, five euros"),
            ("$10.00", "ten dollars"),
            ("£19/mo", "nineteen pounds per month"),
            ("$100 off", "one hundred dollars off"),
            ("£19.99 p.a.", "nineteen pounds and ninety-nine pence per year"),
            ("$2 trillion", "two trillion dollars"),
        ],
    );
}

#[test]
fn english_dates() {
    assert_spoken(
        Language::En,
        &[
            ("2026-11-21", "November twenty-first, twenty twenty-six"),
            ("2026/1/5", "January fifth, twenty twenty-six"),
            ("Nov. 3, May 22, 2026 and the 5th", "November third, May twenty-second, twenty twenty-six and the fifth"),
            ("20 November 2026", "the twentieth of November, twenty twenty-six"),
            ("the 20th of November", "the twentieth of November"),
            ("20 Nov", "the twentieth of November"),
            ("Sept 5", "September fifth"),
            ("November 2026", "November twenty twenty-six"),
            ("on 11/20", "on November twentieth"),
            ("by 3/5", "by March fifth"),
            ("12/31", "December thirty-first"),
            ("11/20/2026", "November twentieth, twenty twenty-six"),
            ("20/11/2026", "November twentieth, twenty twenty-six"),
            ("in 2005, 1999 people", "in two thousand five, one thousand nine hundred ninety-nine people"),
            ("since 1905, by 1900", "since nineteen oh five, by nineteen hundred"),
            ("the 1990s, the 90s", "the nineteen nineties, the nineties"),
            ("2026-2027", "twenty twenty-six to twenty twenty-seven"),
            ("Nov 20-22", "November twentieth to twenty-second"),
            ("May I call?", "May I call?"),
            ("in 2010", "in twenty ten"),
            ("1st January", "first January"),
        ],
    );
}

#[test]
fn english_times() {
    assert_spoken(
        Language::En,
        &[
            (
                "at 15:00, 15:30, 9:05 am, 9:30, 0:15",
                "at three PM, three thirty PM, nine oh five AM, nine thirty, twelve fifteen AM",
            ),
            ("3 p.m. or 10am.", "three PM or ten AM."),
            ("12:00", "twelve o'clock"),
            ("12 noon", "twelve noon"),
            ("12pm", "twelve PM"),
            ("3pm", "three PM"),
            ("9am-5pm", "nine AM to five PM"),
            ("9-11am", "nine to eleven AM"),
            ("9:00-17:30", "nine o'clock to five thirty PM"),
            ("half past 3", "half past three"),
            ("10:30:15", "ten thirty"),
            ("24/7", "twenty-four seven"),
            ("3-5 days & 24/7", "three to five days and twenty-four seven"),
            ("30 min, 1 min, 2 hrs, 1 hr", "thirty minutes, one minute, two hours, one hour"),
            ("30s, 5 secs", "thirty seconds, five seconds"),
            ("1h", "one hour"),
            ("2 yrs, 12 mos", "two years, twelve months"),
            ("8 o'clock", "eight o'clock"),
            ("tomorrow at 3", "tomorrow at three"),
            ("9 to 5", "nine to five"),
        ],
    );
}

#[test]
fn english_shares_ranges_and_fractions() {
    assert_spoken(
        Language::En,
        &[
            ("5% or 2.5 %", "five percent or two point five percent"),
            ("100%, 0.5%", "one hundred percent, zero point five percent"),
            ("5-8%", "five to eight percent"),
            ("5%-8%", "five percent to eight percent"),
            ("-3%", "minus three percent"),
            ("±5%", "plus or minus five percent"),
            ("5‰", "five per thousand"),
            ("20% off", "twenty percent off"),
            ("3-5 days", "three to five days"),
            ("3–5 days, 3~5 days", "three to five days, three to five days"),
            ("1/2, 1/3, 2/3, 3/4, 1/4", "one half, one third, two thirds, three quarters, one quarter"),
            ("½ price", "one half price"),
            ("5/8", "five eighths"),
            ("3:1", "three to one"),
            ("16:9", "sixteen to nine"),
            ("COVID-19", "COVID nineteen"),
            ("10-fold", "ten-fold"),
            ("18-24 months", "eighteen to twenty-four months"),
            ("2.5-3.5", "two point five to three point five"),
            ("a 12-month contract", "a twelve-month contract"),
        ],
    );
}

#[test]
fn english_telephone_numbers_and_codes() {
    assert_spoken(
        Language::En,
        &[
            ("800-555-1234", "eight double oh, triple five, one two three four"),
            ("13812345678", "one three eight, one two three four, five six seven eight"),
            ("020 7946 0958", "oh two oh, seven nine four six, oh nine five eight"),
            ("07700 900123", "oh double seven double oh, nine double oh one two three"),
            ("+44 20 7946 0958", "plus double four, two oh, seven nine four six, oh nine five eight"),
            ("+1 555 123 4567", "plus one, triple five, one two three, four five six seven"),
            ("1-800-555-0199", "one, eight double oh, triple five, oh one double nine"),
            ("(555) 123-4567", "triple five, one two three, four five six seven"),
            ("555-1234", "triple five, one two three four"),
            ("ext. 42", "extension four two"),
            ("dial 911", "dial nine double one"),
            ("call 111", "call triple one"),
            ("press 9", "press nine"),
            ("code 12345", "code one two three four five"),
            ("ending in 1107", "ending in double one oh seven"),
            ("order number 10045", "order number one double oh four five"),
            ("PIN 1234", "PIN one two three four"),
            ("account 22223333", "account double two double two, double three double three"),
            ("flight BA2490", "flight BA two four nine oh"),
            ("A4", "A four"),
            ("192.168.1.1", "one nine two dot one six eight dot one dot one"),
            ("v2.0.1", "v two point zero point one"),
            ("press #", "press hash"),
            ("press *", "press star"),
        ],
    );
}

#[test]
fn english_units_letters_and_links() {
    assert_spoken(
        Language::En,
        &[
            ("60GB, 1 GB, 300Mbps, 5G", "sixty gigabytes, one gigabyte, three hundred megabits per second, five G"),
            ("1Gbps, 500 MB, 2TB", "one gigabit per second, five hundred megabytes, two terabytes"),
            ("5kg, 1 km, 20 cm, 3mm", "five kilograms, one kilometer, twenty centimeters, three millimeters"),
            ("5 lbs, 6 ft, 10 miles", "five pounds, six feet, ten miles"),
            ("60 mph, 100 km/h", "sixty miles per hour, one hundred kilometers per hour"),
            ("20°C, -3 °F, 20℃", "twenty degrees Celsius, minus three degrees Fahrenheit, twenty degrees Celsius"),
            ("80 m², 900 sq ft", "eighty square meters, nine hundred square feet"),
            ("3 kWh, 1 kWh, 65W", "three kilowatt hours, one kilowatt hour, sixty-five watts"),
            ("5000mAh", "five thousand milliamp hours"),
            ("2.4GHz", "two point four gigahertz"),
            ("500 ml, 2L", "five hundred milliliters, two liters"),
            ("4K, 3D", "four K, three D"),
            ("iPhone 15", "iPhone fifteen"),
            ("help@starbridge.co.uk", "help at starbridge dot co dot UK"),
            ("www.starbridge.com", "WWW dot starbridge dot com"),
            ("https://starbridge.com/offers", "starbridge dot com slash offers"),
            ("ann_lee-01@mail.com", "ann underscore lee dash zero one at mail dot com"),
            ("e.g. calls, i.e. minutes, etc.", "for example calls, that is minutes, et cetera"),
            ("Mr. Lee, Mrs. Wu, Dr. Ho", "Mister Lee, Missus Wu, Doctor Ho"),
            ("data & calls", "data and calls"),
            ("A vs. B", "A versus B"),
            ("approx. 5", "approximately five"),
            ("Star Ltd.", "Star Limited"),
            ("😀 Hello 👍🏻!", " Hello !"),
            ("**Half** <b>price</b>", "Half price"),
            ("[our site](https://a.com/x)", "our site"),
            ("AT&amp;T", "AT and T"),
            ("and/or", "and or"),
        ],
    );
}

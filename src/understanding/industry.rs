//! The industry that a customer's words show (taxonomy.toml `industries`); "any" where they do not.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::patterns::Patterns;

/// What the talk is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Industry {
    /// The words do not tell.
    Any,
    /// Insurance.
    Insurance,
    /// Banking and credit.
    Banking,
    /// Lessons and courses.
    Education,
    /// Goods bought at a distance.
    Ecommerce,
    /// Telephone and internet.
    Telecom,
    /// Homes, bought and rented.
    Property,
    /// Cars.
    Auto,
    /// Software as a service.
    Saas,
}

const WORDS: [(&str, Industry); 16] = [
    (
        "保险|保单|投保|理赔|重疾|寿险|医疗险|意外险|车险|受益人|保费|退保|续保|犹豫期|养老险|保额|百万医疗|免赔|健康告知|重疾险|保障型|投被保|年金|商业险|交强险|被保人|核保",
        Industry::Insurance,
    ),
    (
        r"\binsur(?:ance|er|ed)\b|\bpolicy ?holder|\bpremiums?\b|\bclaims?\b.{0,20}\bpolicy|\bbeneficiary|\bdeductible|life cover|\bunderwrit|\bcover for\b|\bno claims\b|\bcritical illness|\bpay ?out\b|\bpolic(?:y|ies)\b",
        Industry::Insurance,
    ),
    (
        "信用卡|贷款|借款|利率|年利率|分期|额度|征信|存款|理财|银行卡|还款|账单|房贷|年费|网银|提现|放款|逾期|取现|办卡|利息|借点?钱|想贷|贷[一二两三四五六七八九十\\d]|周转|抵押|刷卡|信贷|银行|卡债|积分兑换|定期|基金|最低还款|借[一二两三四五六七八九十]+万|借[五六七八九]",
        Industry::Banking,
    ),
    (
        r"credit card|\bloans?\b|\binterest rate|\bapr\b|\bmortgage|\binstal?ments?\b|credit (?:limit|score)|savings account|\boverdraft|bank account|repayments?\b|balance transfer|\brefinanc|\bdebts?\b|\bborrow|\bsavings\b|\bcredit (?:score|check|union)|\binvest(?:ing|ments?)|\bbank\b|\bISA\b|\bcurrent account",
        Industry::Banking,
    ),
    (
        "课程|上课|试听|培训|老师|孩子.{0,6}(?:学|补|课)|辅导|学费|班级|考研|英语课|数学课|补课|报班|一对一|学校|网课|课时|作业|年级|外教|钢琴|编程课|英语班|[英语数学文物理化]+班|班课|初[一二三]|高[一二三]|小学|中考|高考|不及格|少儿编程|编程|校区|报名|开学|暑假|寒假|兴趣班|口语|雅思|托福|家教|少儿英语|书法|舞蹈|画画|吉他|一起学|跟不上",
        Industry::Education,
    ),
    (
        r"\blessons?\b|\bcourses?\b|\bclass(?:es)?\b|\bteachers?\b|\btutor|\btuition|\bpupil|\bschool\b|\btrial lesson|\bcurriculum|\bexam\b|\bexams\b|\bgcses?\b|\ba[- ]levels?\b|\bsat prep|\bhomework\b|\bmaths\b|\bspanish\b|\bchemistry\b|\bphysics\b|\bphonics\b|\bhomeschool|\blearn\b|\bgrades?\b|\breading age|\bstudy(?:ing)?\b|\bdegree\b|\btutors?|\blessons?",
        Industry::Education,
    ),
    (
        "快递|包邮|发货|退货|下单|订单|七天无理由|尺码|旗舰店|物流|退换|收货|优惠券|网购|淘宝|京东|拼多多|直播间|店铺|买的[^，。]{0,6}(?:衣服|鞋|裤)|换货|运费|客服发|到货|快件|缺货|商品|买家|码数|顺丰",
        Industry::Ecommerce,
    ),
    (
        r"\bparcel|\bshipping\b|\bship it|\breturns? policy|\bonline order|\border number|\bvoucher|\bcheckout\b|\bcourier|\brefund.{0,10}order|out of stock|\bmy order\b|\bdelivery (?:date|time|charge)|\brefunds?\b|\bdelivered\b|\bonline shop|\bwebsite order|\bexchange (?:it|them) for|\bsize\b.{0,12}(?:small|large|up|down)",
        Industry::Ecommerce,
    ),
    (
        "流量|宽带|套餐|话费|网速|手机卡|通话分钟|携号|5G|4G|WiFi|光纤|路由器|副卡|月租|合约机|千兆|百兆|信号|电信|联通|移动公司|中国移动|上网|网络|网费|家里网|网老|掉线|联网|手机号|限速|号卡|网慢|话费|100兆|[一二三五]百兆|改套餐|信号差|打游戏",
        Industry::Telecom,
    ),
    (
        r"\bbroadband\b|\bmobile data\b|\bgigs?\b|\bgigabytes?\b|\bsim\b|\bwi-?fi\b|\bphone plan|\brouter\b|\bfib(?:re|er)\b|\bdata plan|\broaming\b|\bhandset|\b5g\b|\bdata\b.{0,12}(?:month|plan|limit|run)|\brunning out of data|\bunlimited data|\bphone bill|\bfaster (?:connection|internet|speeds?)|\binternet\b|\bsignal\b|\bdownload speeds?|\bcontract phone|\bphone contract|\bnetwork\b|text messages and|\btexts\b|\bminutes and (?:data|texts)",
        Industry::Telecom,
    ),
    (
        "楼盘|买套|户型|首付|看房|二手房|房价|样板间|售楼|房子|小区|平米|平方|学区房|租房|中介费|买房|换房|房东|房租|租个?[^，。]{0,4}居|居室|楼层|毛坯|朝南|电梯房|新房|期房|现房|学区|开发商|[两三四]房|交房|物业费|精装|三居|两居|三室|两室",
        Industry::Property,
    ),
    (
        r"\bflat\b.{0,20}(?:rent|buy|bed)|\bapartment|\bestate agent|\bdown payment on (?:a|the) (?:house|home)|\bbedrooms?\b|\bviewing\b|\bsquare (?:met|feet|foot)|\blandlord|\bproperty\b|\bhouse price|show ?flat|\bflat\b|\brent(?:al|ing|ed)?\b|\blandlord|\bmove in\b|\btenan|\bgarden flat|\bdetached|\bterraced|\bfirst[- ]time buyer|\bconservatory|\bhouse\b|\brealtor|\bcondo|\bbuy a (?:house|home)|\bfor the house\b",
        Industry::Property,
    ),
    (
        "试驾|这车|那车|这辆|4S店|提车|SUV|新能源车|电动车|油耗|续航|保养|裸车|落地价|置换|车型|二手车|车贷|买车$|买车[^险]|换车|排量|轿车|充电桩|电车|的车(?:[^险位库]|$)|车开了|车子?(?:坏|老)|[五七]座|落地[，。价]|落地$|油车|混动|车子|[买换]个?[^，。]{0,6}车(?:[^险]|$)|新车|全景天窗|倒车|首保|插混|车贷|开车上班|天窗",
        Industry::Auto,
    ),
    (
        r"\btest drive|\bdealership|\bsuv\b|\belectric car|\bmileage\b|\bhybrid\b|\btrade[- ]in\b|\bhatchback|\bsedan|\bhorsepower|\bnew car\b|\bused car|\bmpg\b|\bev\b|\belectric model|\bseven[- ]seat|\bcar\b|\bcars\b|\bpick[- ]?up truck|\bdiesel\b|\bpetrol\b|\bdriving range|\bleas(?:e|ing)\b.{0,15}(?:car|vehicle)|\bboot\b",
        Industry::Auto,
    ),
    (
        "系统对接|(?-u:\\b)(?:CRM|ERP|SaaS|API)(?-u:\\b)|软件(?:[^园学工]|$)|账号数|接口|部署|私有化|云服务|管理系统|办公系统|子账号|数据导出|客户管理|后台|小程序开发|坐席|外呼|报表|排班|考勤|进销存|企业版|企业微信|对接|自动化|线索|财务系统|办公|权限管理|免费试用版|开户数|管不过来",
        Industry::Saas,
    ),
    (
        r"\bcrm\b|\berp\b|\bsoftware\b|\bsaas\b|\bapi\b|\bintegrat(?:e|ion)|\bper seat|\blicen[cs]es? (?:per|for)|\bdeploy|\bon[- ]prem|\bdashboard\b|\bworkflow|user accounts|\bcloud\b|\bleads\b|\bspreadsheets?\b|\bsalesforce\b|\bbooking system|\bonboard|\bsubscription tier|\busers? (?:licen|account|at)|\bsystem that\b|\binvoicing\b|\bautomat(?:e|ion)",
        Industry::Saas,
    ),
];

/// Words that several industries have, each here with the likeliest: they count half, and so never against the others.
const WEAK: [(&str, Industry); 16] = [
    (
        "保障|理赔|赔付?|住院|报销|受益|续保|到期[^，。]{0,4}续|车[^，。]{0,10}到期|得续|体检|高血压|糖尿病|既往症|出过?险|门诊|买一?份|交多少年|保[到终]|意外|养老",
        Industry::Insurance,
    ),
    (
        r"\bcover(?:ed|s|age)?\b|\bexcess\b|\brenewal|\bpre[- ]existing|\bhospital|\bclaims?\b|\bno claims|\bpay out|\bdependants?\b|\bfuneral|\bfamily if i",
        Industry::Insurance,
    ),
    (
        "能?贷多少|月薪|流水|还清|提前还|违约金|卡|借[^，。]{0,4}万|[万千](?:块)?[一二三四五两]年还|要用钱|手头紧|利|息|存|理财|收益|风险等级|审批|下款|免年费|刷几",
        Industry::Banking,
    ),
    (
        r"\bconsolidate|\brepay|\boverpay|\bpayment holiday|\bearly (?:repayment|settlement)|\bcards?\b|\brates?\b|\bcredit\b|\bfixed (?:for|rate)|\btransfer fee|\bgrand to\b|\blend",
        Industry::Banking,
    ),
    (
        "上小学|一节课|一个班|一对[一二三四]|小班|考[个研证级]|在职|学历|孩子[^，。]{0,6}(?:初|高|年级|成绩|基础)|补补|不及格|偏科|周末上|师资|教材|进度|985|单词|口语|听力|学[^区费校]|小班|大班",
        Industry::Education,
    ),
    (
        r"\byear (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven)\b|\balgebra|\bfrench\b|\bgerman\b|\bclassroom|\bgroups?\b|\bgrade\b|\bfail(?:ing|ed)\b|\bbrush up|\bpiano|\bguitar|\bqualifi|\bcertificate|\bonline or\b|\bbeginners?\b|\bmock\b|\b11 plus|\bcollege\b|\buniversity\b",
        Industry::Education,
    ),
    (
        "还没到|没收到货|换大?一?[码号]|买[小大]了|[两三四五几]箱|送到|从哪儿?发|码|开胶|掉色|色差|质量问题|退吗|能退|现货|正品|签收|赠品|满减|下架|补货|专票|颜色",
        Industry::Ecommerce,
    ),
    (
        r"\bpackage\b|\bin stock|\brestock|\breplacement|\barrived\b|\breturn\b|\bship\b|\bdeliver|\bsizes?\b|\bcolou?rs?\b|\bpostage|\bcart\b|\bmedium or\b|\bexchange\b|\bpromo code|\bfaulty\b",
        Industry::Ecommerce,
    ),
    (
        "[多少几十百]个?G|兆|分钟数|漫游|携|转网|信号|打电话|卡顿|看视频|打游戏|断网|能装吗|装机|猫|主卡|靓号|村里|刷视频",
        Industry::Telecom,
    ),
    (
        r"\bkeep my number|\bspeeds?\b|\bstream|\bupstairs\b|\bbuffer|\bcoverage map|\bdropping\b|\bminutes\b|\bunlimited\b|\bport(?:ing)? my\b|\beSIM\b|\bdata\b|\bcalls? abroad|\blandline|\bengineer\b",
        Industry::Telecom,
    ),
    (
        "首付|月供|按揭|公积金|容积率|朝[南北东西]|采光|车位|小?[一二两三四]居|物业|地铁|租[^，。]{0,6}(?:近|的)|两证|中介|户口|落户|绿化|产权|离公司近|学校边上|住得|合租|押一付|装修好|精装|阳台|平层|[二两三四]房",
        Industry::Property,
    ),
    (
        r"\b(?:one|two|three|four|five)[- ]bed|\bgarden\b|\bdeposit|\bground rent|\bparking\b|\bleasehold|\bfreehold|\bcouncil tax|\bcommut|\bmove (?:house|home)|\bnear the (?:station|school)|\bservice charge|\bfurnished|\bpets\b|\bbalcony|\bcatchment|\bbathrooms?\b|\bloft\b",
        Industry::Property,
    ),
    (
        "车(?:[^位库站间行票程险]|$)|[五七]座|质保|油|跑滴滴|电池|充电|裸|落地|上牌|购置税|底盘|百公里|试一?试",
        Industry::Auto,
    ),
    (
        r"\bmiles\b|\bspare wheel|\bgallon|\bgolf\b|\bseats\b|\bengine\b|\bautomatic\b|\bmanual\b|\bestate\b|\bservice history|\bmot\b|\bpart[- ]ex|\bcharge(?:r|s)?\b.{0,12}home|\bpcp\b|\bdrive\b|\btyres?\b|\bvan\b|\btoyota|\bford\b|\bbmw",
        Industry::Auto,
    ),
    (
        "表格|考勤|打卡|业务员|钉钉|导出来?|导入|老系统|系统|权限|账号|数据|客户[^，。]{0,4}(?:带走|跟进|乱)|记客户|上云|对账|库存|并发|试用|二次开发|打通|流程|审批流|多少个?人用|按人头|按年付费",
        Industry::Saas,
    ),
    (
        r"\bexcel\b|\boutlook\b|\bper user|\ba user\b|\busers?\b|\blog ?in\b|\bsync|\bsales team|\bleads?\b|\bgdpr|\bexport|\bimport\b|\bfree trial|\badmins?\b|\breporting|\breps\b|\bteam\b|\bdata (?:migrat|export)|\bplug ?in|\bslack\b|\bhosted\b|\bpipeline\b|\bsingle sign",
        Industry::Saas,
    ),
];

static RULES: LazyLock<[Patterns<Industry>; 2]> = LazyLock::new(|| [Patterns::new(&WORDS), Patterns::new(&WEAK)]);

/// The industry most of whose words stand in a text, weak ones counting half; `Any` when none do, or several as often.
pub fn industry(text: &str) -> Industry {
    let mut counts: Vec<(Industry, usize)> = Vec::new();
    let [strong, weak] = &*RULES;
    for (shown, times) in strong.counts(text).map(|(shown, times)| (shown, 2 * times)).chain(weak.counts(text)) {
        match counts.iter_mut().find(|(known, _)| *known == shown) {
            Some((_, count)) => *count += times,
            None => counts.push((shown, times)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let mut first = counts.iter().filter(|(_, count)| *count == most).map(|(shown, _)| *shown);
    match (first.next(), first.next()) {
        (Some(shown), None) => shown,
        (Some(_), Some(_)) | (None, _) => Industry::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(RULES.each_ref().map(Patterns::len), [WORDS.len(), WEAK.len()]);
    }

    #[test]
    fn an_industry_is_named_where_the_words_show_it() {
        let rows = [
            ("我宽带快到期了", Industry::Telecom),
            ("试听课怎么约", Industry::Education),
            ("这个重疾险保费多少", Industry::Insurance),
            ("信用卡年费多少", Industry::Banking),
            ("什么时候能看房", Industry::Property),
            ("试驾要预约吗", Industry::Auto),
            ("能和我们的CRM对接吗", Industry::Saas),
            ("七天无理由退货吗", Industry::Ecommerce),
            ("how fast is the broadband", Industry::Telecom),
            ("can I book a test drive", Industry::Auto),
            ("is the trial lesson free", Industry::Education),
            ("what's the interest rate on the loan", Industry::Banking),
            ("多少钱", Industry::Any),
            ("买车险还是买流量", Industry::Any),
            ("who is this", Industry::Any),
            ("", Industry::Any),
        ];
        for (text, want) in rows {
            assert_eq!(industry(text), want, "{text}");
        }
    }
}

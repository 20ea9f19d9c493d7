//! 5W1H in what customers say of their own accord: one slot a row, verbatim; and utterances that tell nothing.

use callwright::asr::Language::{self, En, Zh};
use callwright::understanding::{Slot, slots};

fn table(language: Language, rows: &[(Slot, &str, &str)]) {
    let got = |slot, text| slots(text, language).get(slot).map(str::to_owned);
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(slot, text, want)| got(*slot, text).as_deref().unwrap_or("-") != *want)
        .map(|(slot, text, want)| format!("{slot:?} of {text}: want {want}, got {:?}", got(*slot, text)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn mandarin_utterances_tell_their_slots_verbatim() {
    use Slot::{How, What, When, Where, Who, Why};
    let rows = [
        (Who, "给我女儿报", "我女儿"),
        (Who, "我们公司二十来个人", "二十来个人"),
        (Who, "我家四口人", "四口人"),
        (Who, "就我自己用", "我自己"),
        (Who, "帮我妈办的", "我妈"),
        (Who, "给孩子用", "孩子"),
        (Who, "一家三口都用", "一家三口"),
        (Who, "我儿子想学编程", "我儿子"),
        (Who, "大概三十个员工", "三十个员工"),
        (Who, "给我们公司买", "我们公司"),
        (Who, "老两口在家", "老两口"),
        (Who, "我们两个人住", "两个人"),
        (Who, "是我老公用", "我老公"),
        (Who, "我女儿今年八岁", "我女儿"),
        (What, "我需要大流量", "大流量"),
        (What, "我想要一个便宜点的套餐", "一个便宜点的套餐"),
        (What, "主要用来看视频", "看视频"),
        (What, "想了解一下宽带", "宽带"),
        (What, "想学钢琴", "钢琴"),
        (What, "现在用的是移动的套餐", "移动的套餐"),
        (What, "想买一辆SUV", "SUV"),
        (What, "希望能打电话便宜点，因为我常出差", "打电话便宜点"),
        (Where, "在朝阳这边", "朝阳"),
        (Where, "我住在浦东新区", "浦东新区"),
        (Where, "我在上海工作", "上海"),
        (Where, "公司在南山区科技路", "南山区科技路"),
        (Where, "我家在幸福小区", "幸福小区"),
        (Where, "住海淀那边", "海淀"),
        (Where, "我是成都的", "成都"),
        (Where, "在天河附近", "天河"),
        (Why, "主要是流量老不够", "流量老不够"),
        (Why, "因为我常出差", "我常出差"),
        (Why, "网速太慢，主要是看视频总卡", "看视频总卡"),
        (Why, "家里的网老是掉线", "家里的网老是掉线"),
        (Why, "主要是信号不好", "信号不好"),
        (Why, "为了孩子上学", "孩子上学"),
        (Why, "由于合同快到期了", "合同快到期了"),
        (Why, "孩子数学成绩一直跟不上", "孩子数学成绩一直跟不上"),
        (How, "两百以内", "两百以内"),
        (How, "每个月大概一百二十块钱", "一百二十块钱"),
        (How, "我现在才五十多", "五十多"),
        (How, "预算三千左右", "三千左右"),
        (How, "不超过五百", "五百"),
        (How, "一百来块吧", "一百来块"),
        (How, "月租99元左右", "99元左右"),
        (How, "可以分期付款吗，我想分期", "分期付款"),
        (How, "我想用微信付", "微信付"),
        (How, "十五万以内的车", "十五万以内"),
        (When, "我下个月到期", "下个月"),
        (When, "周六上午有空", "周六上午"),
        (When, "月底之前要用", "月底之前"),
        (When, "晚上八点以后打", "晚上八点以后"),
        (Who, "这个多少钱", "-"),
        (Who, "我考虑一下", "-"),
        (Where, "我在开车", "-"),
        (Where, "我在开会", "-"),
        (Where, "我在外面", "-"),
        (Where, "你们在哪里", "-"),
        (Why, "你好", "-"),
        (How, "有三百多兆", "-"),
        (How, "合约十二个月", "-"),
        (What, "真的不需要谢谢你啊", "-"),
        (When, "晚上下班以后才有空", "晚上下班以后"),
        (Why, "流量老不够用啊每个月都得买加油包", "流量老不够用"),
        (What, "再见", "-"),
    ];
    table(Zh, &rows);
}

#[test]
fn english_utterances_tell_their_slots_verbatim() {
    use Slot::{How, What, When, Where, Who, Why};
    let rows = [
        (Who, "there are four of us", "four of us"),
        (Who, "it's for my mother", "my mother"),
        (Who, "we have about twenty people", "twenty people"),
        (Who, "it's for my daughter", "my daughter"),
        (Who, "just for myself", "myself"),
        (Who, "my wife and I", "my wife and I"),
        (Who, "we're a family of five", "a family of five"),
        (Who, "my son wants to learn piano", "my son"),
        (Who, "for the kids really", "the kids"),
        (Who, "a team of twelve", "a team of twelve"),
        (Who, "my eight year old daughter", "my eight year old daughter"),
        (Who, "for our company", "our company"),
        (What, "I need more data because we stream a lot", "more data"),
        (What, "I'm looking for something cheaper", "something cheaper"),
        (What, "I want unlimited calls", "unlimited calls"),
        (What, "mostly for watching films", "watching films"),
        (What, "I'm after a faster connection", "a faster connection"),
        (What, "we're on the basic plan", "the basic plan"),
        (What, "I'd like to learn English", "learn English"),
        (What, "we use it for video calls", "video calls"),
        (What, "all I need is texts and calls", "texts and calls"),
        (Where, "I live in Leeds", "Leeds"),
        (Where, "we're based in the north of England", "the north of England"),
        (Where, "I'm in Bristol", "Bristol"),
        (Where, "our office is near King's Cross", "King's Cross"),
        (Where, "we live just outside Oxford, by the river", "Oxford"),
        (Where, "I work in Manchester but I live in Salford", "Manchester"),
        (Where, "we moved to Kent", "Kent"),
        (Why, "because we stream a lot", "we stream a lot"),
        (Why, "the problem is it's too slow", "it's too slow"),
        (Why, "my broadband keeps dropping out", "my broadband keeps dropping out"),
        (Why, "we keep running out of data", "we keep running out of data"),
        (Why, "the reason is my contract ends", "my contract ends"),
        (Why, "it's mainly the signal at home", "the signal at home"),
        (How, "I pay about twenty five pounds a month", "twenty five pounds a month"),
        (How, "under £30", "£30"),
        (How, "no more than forty", "no more than forty"),
        (How, "up to fifty a month", "fifty a month"),
        (How, "by direct debit", "direct debit"),
        (How, "around twenty quid", "twenty quid"),
        (How, "$45 per month", "$45 per month"),
        (How, "I'd pay by card", "card"),
        (How, "200 dollars a year", "200 dollars a year"),
        (When, "my contract ends next month", "next month"),
        (When, "saturday morning is good", "saturday morning"),
        (When, "after six o'clock", "after six o'clock"),
        (When, "by the end of the month", "by the end of the month"),
        (Who, "how much is it", "-"),
        (Who, "let me think about it", "-"),
        (Where, "I'm in a meeting", "-"),
        (Where, "I'm in a hurry", "-"),
        (Where, "I'm driving", "-"),
        (Why, "hello", "-"),
        (How, "there are three of us", "-"),
        (How, "twelve months is too long", "-"),
        (What, "no thanks", "-"),
        (What, "I want it deleted", "-"),
        (Who, "I'd have to run it past my husband first", "-"),
        (What, "who is this", "-"),
    ];
    table(En, &rows);
}

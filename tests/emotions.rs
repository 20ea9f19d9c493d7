//! A customer's feeling by words and action.

use callwright::understanding::Emotion::{self, *};
use callwright::understanding::{Action, emotion};

#[test]
fn feelings_show_in_the_words_or_in_what_is_meant() {
    let rows: [(&str, Action, Emotion); 62] = [
        ("不会是骗子吧", Action::ObjScam, Calm),
        ("多扣了我六十块钱到现在没人管", Action::ObjBadHistory, Angry),
        ("烦死了，天天打", Action::ObjStopCalling, Angry),
        ("你们有完没完", Action::ObjStopCalling, Angry),
        ("再打我就投诉了", Action::Complain, Angry),
        ("滚", Action::Abuse, Angry),
        ("这都第五次了", Action::ObjStopCalling, Angry),
        ("骗子吧你们", Action::ObjScam, Angry),
        ("我要去工信部告你们", Action::Complain, Angry),
        ("I'm sick of these calls", Action::ObjStopCalling, Angry),
        ("how many times do I have to tell you", Action::ObjStopCalling, Angry),
        ("this is harassment", Action::Complain, Angry),
        ("for god's sake leave me alone", Action::ObjStopCalling, Angry),
        ("you bloody people again", Action::Abuse, Angry),
        ("说重点", Action::ObjBusy, Impatient),
        ("快点说，我赶时间", Action::ObjBusy, Impatient),
        ("别啰嗦了，直接说多少钱", Action::AskPrice, Impatient),
        ("行了行了知道了", Action::Backchannel, Impatient),
        ("到底多少钱", Action::AskPrice, Impatient),
        ("别给我打电话了", Action::ObjStopCalling, Impatient),
        ("get to the point", Action::ObjBusy, Impatient),
        ("make it quick", Action::ObjBusy, Impatient),
        ("I haven't got all day", Action::ObjBusy, Impatient),
        ("yeah yeah just tell me the price", Action::AskPrice, Impatient),
        ("I'm in a hurry", Action::ObjBusy, Impatient),
        ("please take me off the list", Action::ObjStopCalling, Impatient),
        ("听不懂你在说什么", Action::Repeat, Confused),
        ("什么意思啊", Action::AskFeatures, Confused),
        ("没太明白，再说一遍", Action::Repeat, Confused),
        ("这个怎么回事，我都绕晕了", Action::AskFeatures, Confused),
        ("搞不清楚这两个有什么区别", Action::AskComparison, Confused),
        ("太复杂了", Action::ObjComplex, Confused),
        ("what do you mean by that", Action::AskFeatures, Confused),
        ("sorry I don't follow", Action::Repeat, Confused),
        ("you've lost me", Action::Repeat, Confused),
        ("I'm a bit confused", Action::Repeat, Confused),
        ("it's all too complicated", Action::ObjComplex, Confused),
        ("听起来不错", Action::Affirm, Interested),
        ("挺好的，怎么办理", Action::AskProcess, Interested),
        ("那就给我办一个吧", Action::Accept, Interested),
        ("什么时候能送到", Action::AskDelivery, Interested),
        ("我想了解一下", Action::AskFeatures, Interested),
        ("这么便宜啊，挺划算", Action::Affirm, Interested),
        ("加个微信吧", Action::GiveContact, Interested),
        ("sounds good", Action::Affirm, Interested),
        ("I'd like to know more, tell me more", Action::AskFeatures, Interested),
        ("sign me up", Action::Accept, Interested),
        ("what's the total with everything", Action::AskFinalPrice, Interested),
        ("我不感兴趣", Action::ObjNoNeed, Calm),
        ("没兴趣", Action::ObjNoNeed, Calm),
        ("太贵了", Action::ObjPrice, Calm),
        ("嗯", Action::Backchannel, Calm),
        ("多少钱一个月", Action::AskPrice, Calm),
        ("我考虑一下", Action::ObjThink, Calm),
        ("I'm not interested", Action::ObjNoNeed, Calm),
        ("who is this", Action::AskIdentity, Calm),
        ("no thanks", Action::ObjNoNeed, Calm),
        ("how much is it a month", Action::AskPrice, Calm),
        ("你是哪里", Action::AskIdentity, Calm),
        ("我在开车", Action::ObjDriving, Calm),
        ("I'm driving", Action::ObjDriving, Calm),
        ("", Action::OutOfScope, Calm),
    ];
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(text, action, want)| emotion(text, *action, None) != *want)
        .map(|(text, action, want)| format!("{text}: want {want:?}, got {:?}", emotion(text, *action, None)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

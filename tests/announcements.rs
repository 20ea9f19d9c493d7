//! What answers instead of a person, by its words: networks' announcements in their usual wordings, mailboxes, screening
//! assistants, and people.

use callwright::understanding::Announcement::{self, *};
use callwright::understanding::announcement;

fn table(want: Announcement, texts: &[&str]) -> Vec<String> {
    texts
        .iter()
        .filter(|text| announcement(text) != want)
        .map(|text| format!("want {want:?}, got {:?}: {text}", announcement(text)))
        .collect()
}

#[test]
fn announcements_mailboxes_assistants_and_people_are_told_apart() {
    let wrong = [
        table(
            Dead,
            &[
                "您好，您拨打的号码是空号，请查证后再拨",
                "对不起，您所拨打的号码不存在，请核对后再拨",
                "您拨打的号码有误，请查证后再拨",
                "sorry the number you dialed does not exist please check it and dial later",
                "您好 您拨打的 号码是 空号",
                "The number you have dialled has not been recognised",
                "the number you have reached is not in service",
                "you have dialed an invalid number",
                "对不起，您拨打的号码是恐号",
                "this number has been disconnected",
                "对不起，您拨叫的号码未启用",
                "sorry the number you have dialed dose not exist",
            ],
        ),
        table(
            Suspended,
            &[
                "您好，您拨打的用户已停机",
                "对不起，您所拨打的电话已停机，如需帮助请垂询",
                "您拨打的电话因欠费已停机",
                "sorry the number you dialed is out of service",
                "对不起您拨打的号码已暂停服务",
                "the subscriber you have dialed has been suspended sorry the number is suspended",
            ],
        ),
        table(
            Off,
            &[
                "您好，您所拨打的电话已关机，请稍后再拨",
                "对不起，您拨打的用户已关机",
                "sorry the subscriber you dialed is power off",
                "sorry the phone you dialed is powered off please try again later",
                "您拨打的电话已关机，我们将以短信的方式通知机主",
                "您拨打的用户已关机，来电提醒业务将为您短信通知对方",
                "the mobile you are calling has been switched off",
                "您拨打的电话已关鸡请稍后再拨",
            ],
        ),
        table(
            Unreachable,
            &[
                "您好，您拨打的电话暂时无法接通，请稍后再拨",
                "对不起，您拨打的用户不在服务区",
                "sorry the subscriber you dialed cannot be connected for the moment please redial later",
                "the person you are calling is not available please try again later",
                "您所拨打的电话无法接通",
                "the number you have called is out of the coverage area",
                "您拨打的电话五法接通请稍后再播",
                "the mobile phone you are calling is not reachable",
                "您拨打的用户暂时无法接听，请稍后再拨",
            ],
        ),
        table(
            Busy,
            &[
                "您好，您拨打的电话正在通话中，请稍后再拨",
                "对不起，您拨打的用户正忙，请稍后再拨",
                "sorry the subscriber you dialed is busy now please dial later",
                "the line is busy please try later",
                "您拨打的电话正在通化中",
                "请不要挂机，您拨打的用户正在通话中",
                "the person you are calling is on another call",
                "对方正在通话，请稍后再拨",
            ],
        ),
        table(
            Assistant,
            &[
                "您拨打的用户无法接听，请在滴声后留言",
                "你好，这里是语音信箱，听到提示音后请留言",
                "您好，已为您转接到秘书台，请留言",
                "您拨打的用户已启用来电提醒功能",
                "Your call has been forwarded to an automatic voice message system",
                "Hi, you've reached Tom, leave a message after the tone",
                "I can't come to the phone right now, please leave your name and number",
                "please leave a message after the beep",
                "welcome to the voicemail of oh seven seven",
                "我现在不方便接电话，请稍后联系或者留言",
                "the person you are calling is not available please leave a message after the tone",
                "您好，这里是来电提醒，您的来电已短信通知机主",
                "sorry I missed your call I'll get back to you as soon as I can",
                "嘟一声后请留言，录音完毕请挂机",
            ],
        ),
        table(
            Barred,
            &[
                "对不起，您拨打的用户已设置呼入限制",
                "您的呼叫受限",
                "对不起，您拨打的用户设置了呼叫限制",
                "the number you have dialed is call restricted sorry incoming calls are barred",
                "the subscriber does not accept this call sorry",
                "对不起，该用户限制呼入",
            ],
        ),
        table(
            Screener,
            &[
                "您好，我是机主的智能助理，请问您找他有什么事",
                "你好，我是语音助手，请问您是哪位，我可以帮您转达",
                "Hi, the person you're calling is using a screening service, please say your name and why you're calling",
                "please state your name and the reason for your call and I'll see if this person is available",
                "if you record your name and reason for calling I'll see if this person is available",
                "我是机主的AI助理，请说明来电原因",
                "您好，我是他的电话秘书，请问您有什么事，我会转告机主",
                "您好，这里是小米智能助理，请说明来意",
                "我是移动秘书，请问您有什么事需要转告",
                "this is a call assistant, may I ask who is calling and why you are calling",
            ],
        ),
        table(
            NoAnswer,
            &[
                "您拨打的电话暂时无人接听，请稍后再拨",
                "sorry the subscriber you dialed is not answering please try later",
                "您好，您拨打的用户无人应答",
                "there is no answer please try again later",
            ],
        ),
        table(
            Human,
            &[
                "喂，你好",
                "谁啊",
                "我是王总的秘书，您有什么事",
                "我手机快没电了要关机",
                "我在开会，一会儿打给你",
                "我正忙着呢",
                "hello",
                "who is this please",
                "I'm busy right now call me later",
                "my phone was switched off sorry",
                "你打错了吧",
                "我的号码早就停机了，现在用这个",
                "喂，哪位",
                "yes speaking",
                "",
                "不好意思刚才在通话",
                "你要留言给谁",
                "请问您是哪位",
                "who's calling please",
                "what's it about",
                "我这边信号不好",
                "等一下啊，我让他接电话",
            ],
        ),
    ]
    .concat();
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

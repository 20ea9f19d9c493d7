//! Data: words of telesales whose characters have more than one reading, and how they are read.

use super::{Piece, pieces};

#[test]
fn words_of_telesales_are_read_as_people_say_them() {
    for (words, read) in WORDS {
        assert_eq!(pieces(words), [Piece::Pinyin((*read).to_owned())], "{words}");
    }
}

const WORDS: &[(&str, &str)] = &[
    (
        "银行卡，行业，行情，同行，外行，行不行",
        "yin2 hang2 ka3, hang2 ye4, hang2 qing2, tong2 hang2, wai4 hang2, xing2 bu5 xing2",
    ),
    ("进行，执行，行程，央行，分行，发行", "jin4 xing2, zhi2 xing2, xing2 cheng2, yang1 hang2, fen1 hang2, fa1 xing2"),
    (
        "招行，长期，长度，校长，家长，成长",
        "zhao1 hang2, chang2 qi1, chang2 du4, xiao4 zhang3, jia1 zhang3, cheng2 zhang3",
    ),
    (
        "增长，长大，时长，多长，延长，部长",
        "zeng1 zhang3, zhang3 da4, shi2 chang2, duo1 chang2, yan2 chang2, bu4 zhang3",
    ),
    (
        "重复，重新，重点，重要，体重，重庆",
        "chong2 fu4, chong2 xin1, zhong4 dian3, zhong4 yao4, ti3 zhong4, chong2 qing4",
    ),
    (
        "双重，重置，重疾，还款，还有，还清",
        "shuang1 chong2, chong2 zhi4, zhong4 ji2, huan2 kuan3, hai2 you3, huan2 qing1",
    ),
    (
        "偿还，还钱，还贷，归还，还没，还本付息",
        "chang2 huan2, huan2 qian2, huan2 dai4, gui1 huan2, hai2 mei2, huan2 ben3 fu4 xi1",
    ),
    (
        "还信用卡，提前还，每月还，还多少，了解，好了",
        "huan2 xin4 yong4 ka3, ti2 qian2 huan2, mei3 yue4 huan2, huan2 duo1 shao5, liao3 jie3, hao3 le5",
    ),
    (
        "办不了，受不了，用得了，免了，到了，了结",
        "ban4 bu5 liao3, shou4 bu5 liao3, yong4 de5 liao3, mian3 le5, dao4 le5, liao3 jie2",
    ),
    ("得到，觉得，还得，您得，我得，必须得", "de2 dao4, jue2 de5, hai2 dei3, nin2 dei3, wo3 dei3, bi4 xu1 dei3"),
    (
        "取得，获得，值得，记得，说得对，算得上",
        "qu3 de2, huo4 de2, zhi2 de5, ji4 de5, shuo1 de5 dui4, suan4 de5 shang4",
    ),
    ("划得来，得空，地址，地方，慢慢地，目的", "hua2 de5 lai2, de2 kong4, di4 zhi3, di4 fang5, man4 man4 de5, mu4 di4"),
    ("的确，着急，看着，着手，数量，数据", "di2 que4, zhao2 ji2, kan4 zhe5, zhuo2 shou3, shu4 liang4, shu4 ju4"),
    (
        "数一数，人数，量一下，质量，流量，测量",
        "shu3 yi5 shu3, ren2 shu4, liang2 yi2 xia4, zhi4 liang4, liu2 liang4, ce4 liang2",
    ),
    (
        "商量，尽量，差价，差别，差不多，出差",
        "shang1 liang5, jin3 liang4, cha1 jia4, cha1 bie2, cha4 bu5 duo1, chu1 chai1",
    ),
    ("差额，差一点，利率，效率，率先，汇率", "cha1 e2, cha4 yi4 dian3, li4 lü4, xiao4 lü4, shuai4 xian1, hui4 lü4"),
    ("费率，调整，调查，空调，调额，调高", "fei4 lü4, tiao2 zheng3, diao4 cha2, kong1 tiao2, tiao2 e2, tiao2 gao1"),
    ("调动，下调，参加，参考，单位，保单", "diao4 dong4, xia4 tiao2, can1 jia1, can1 kao3, dan1 wei4, bao3 dan1"),
    ("账单，简单，会计，会员，机会，降价", "zhang4 dan1, jian3 dan1, kuai4 ji4, hui4 yuan2, ji1 hui4, jiang4 jia4"),
    ("降低，投降，教育，教我，教您，教材", "jiang4 di1, tou2 xiang2, jiao4 yu4, jiao1 wo3, jiao1 nin2, jiao4 cai2"),
    ("角色，角度，主角，便宜，方便，随便", "jue2 se4, jiao3 du4, zhu3 jue2, pian2 yi5, fang1 bian4, sui2 bian4"),
    (
        "为什么，因为，认为，成为，作为，称为",
        "wei4 shen2 me5, yin1 wei4, ren4 wei2, cheng2 wei2, zuo4 wei2, cheng1 wei2",
    ),
    ("称呼，对称，职称，传真，传记，倒闭", "cheng1 hu5, dui4 chen4, zhi2 cheng1, chuan2 zhen1, zhuan4 ji4, dao3 bi4"),
    ("倒计时，倒是，分期，分量，部分，成分", "dao4 ji4 shi2, dao4 shi4, fen1 qi1, fen4 liang4, bu4 fen5, cheng2 fen4"),
    ("充分，身份证，积分，过分，号码，好奇", "chong1 fen4, shen1 fen4 zheng4, ji1 fen1, guo4 fen4, hao4 ma3, hao4 qi2"),
    ("爱好，喝水，间隔，时间，房间，中间", "ai4 hao4, he1 shui3, jian4 ge2, shi2 jian1, fang2 jian1, zhong1 jian1"),
    ("卡住，发卡，看护，看看，空闲，有空", "qia3 zhu4, fa1 ka3, kan1 hu4, kan4 kan5, kong4 xian2, you3 kong4"),
    ("没空，空间，填空，乐意，快乐，累计", "mei2 kong4, kong1 jian1, tian2 kong4, le4 yi4, kuai4 le4, lei3 ji4"),
    ("积累，太累，没收，没有，困难，切换", "ji1 lei3, tai4 lei4, mo4 shou1, mei2 you3, kun4 nan5, qie1 huan4"),
    ("一切，亲切，曲线，任务，分散，多少", "yi2 qie4, qin1 qie4, qu1 xian4, ren4 wu5, fen1 san4, duo1 shao5"),
    ("首付，宿舍，舍不得，提供，供应，供房", "shou3 fu4, su4 she4, she3 bu5 de5, ti2 gong1, gong1 ying4, gong1 fang2"),
    ("应该，应用，适应，应付，相信，相机", "ying1 gai1, ying4 yong4, shi4 ying4, ying4 fu5, xiang1 xin4, xiang4 ji1"),
    ("兴趣，兴业，高兴，压力，要求，需要", "xing4 qu4, xing1 ye4, gao1 xing4, ya1 li4, yao1 qiu2, xu1 yao4"),
    ("转账，转接，转速，装载，下载，记载", "zhuan3 zhang4, zhuan3 jie1, zhuan4 su4, zhuang1 zai4, xia4 zai4, ji4 zai3"),
    ("正好，只有，一只，中奖，中国，看中", "zheng4 hao3, zhi3 you3, yi4 zhi1, zhong4 jiang3, zhong1 guo2, kan4 zhong4"),
    ("种类，几种，著名，咨询，折扣，打折", "zhong3 lei4, ji3 zhong3, zhu4 ming2, zi1 xun2, zhe2 kou4, da3 zhe2"),
    ("抽查，挂号，几乎，几个，佣金，结果", "chou1 cha2, gua4 hao4, ji1 hu1, ji3 ge4, yong4 jin1, jie2 guo3"),
    ("登记，尽快，尽力，尽管，模式，模样", "deng1 ji4, jin3 kuai4, jin4 li4, jin3 guan3, mo2 shi4, mu2 yang4"),
    ("强迫，勉强，处理，好处，到处，弹性", "qiang3 po4, mian3 qiang3, chu3 li3, hao3 chu4, dao4 chu4, tan2 xing4"),
    ("都是，成都，首都，干净，干部，给予", "dou1 shi4, cheng2 du1, shou3 du1, gan1 jing4, gan4 bu4, ji3 yu3"),
    ("供给，更新，更好，更改，更换，冠军", "gong1 ji3, geng1 xin1, geng4 hao3, geng1 gai3, geng1 huan4, guan4 jun1"),
    ("观看，哪里，那里，假期，真假，请假", "guan1 kan4, na3 li5, na4 li5, jia4 qi1, zhen1 jia3, qing3 jia4"),
    ("将来，大小，当天，当时，上当，适当", "jiang1 lai2, da4 xiao3, dang4 tian1, dang1 shi2, shang4 dang4, shi4 dang4"),
    ("当作，答应，答复，背景，背包，屏幕", "dang4 zuo4, da1 ying5, da2 fu4, bei4 jing3, bei1 bao1, ping2 mu4"),
    ("厦门，大厦，创伤，创业，担保，负担", "xia4 men2, da4 sha4, chuang1 shang1, chuang4 ye4, dan1 bao3, fu4 dan1"),
    ("透露", "tou4 lu4"),
];

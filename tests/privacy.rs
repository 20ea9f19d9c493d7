//! Personal data: what is found, how it is masked, and what is left alone. All numbers are made up.

#![allow(clippy::unwrap_used)] // helpers of tests

use callwright::privacy::{Kind, Session, Tier, find, mask};
use proptest::prelude::*;

/// (kind, text, masked) of everything found.
fn all(text: &str) -> Vec<(Kind, String, String)> {
    find(text).into_iter().map(|piece| (piece.kind, text[piece.span.clone()].to_owned(), piece.masked)).collect()
}

fn table(kind: Kind, rows: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (text, span, masked) in rows {
        let want = vec![(kind, (*span).to_owned(), (*masked).to_owned())];
        if all(text) != want {
            wrong.push(format!("{text}\n    want {want:?}\n    got  {:?}", all(text)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn mobiles_are_found_however_they_are_written_or_said() {
    let rows = [
        ("我电话13800138000", "13800138000", "138****8000"),
        ("138 0013 8000", "138 0013 8000", "138****8000"),
        ("138-0013-8000，记一下", "138-0013-8000", "138****8000"),
        ("１３８００１３８０００", "１３８００１３８０００", "138****8000"),
        ("一三八零零一三八零零零", "一三八零零一三八零零零", "138****8000"),
        ("幺三八洞洞幺三八洞洞洞", "幺三八洞洞幺三八洞洞洞", "138****8000"),
        ("我的手机是幺三八，零零幺三，八零零零", "幺三八，零零幺三，八零零零", "138****8000"),
        ("一三九 呃 零零一三 然后 八零零零", "一三九 呃 零零一三 然后 八零零零", "139****8000"),
        ("一八六二勾拐五四三二幺", "一八六二勾拐五四三二幺", "186****4321"),
        ("+8613800138000", "+8613800138000", "+86138****8000"),
        ("+86 138 0013 8000", "+86 138 0013 8000", "+86138****8000"),
        ("86 13800138000", "86 13800138000", "+86138****8000"),
        ("008613800138000", "008613800138000", "+86138****8000"),
        ("my number is +1 415 555 2671", "+1 415 555 2671", "+1******2671"),
        ("+44 7700 900123", "+44 7700 900123", "+44******0123"),
        ("call me on 07700 900123", "07700 900123", "077****0123"),
        (
            "oh seven seven double oh nine double oh one two three",
            "oh seven seven double oh nine double oh one two three",
            "077****0123",
        ),
        ("my cell is 415-555-2671", "415-555-2671", "415***2671"),
        (
            "it's four one five, five five five, two six seven one",
            "four one five, five five five, two six seven one",
            "415***2671",
        ),
        ("reach me at (415) 555-2671", "(415) 555-2671", "415***2671"),
        (
            "plus four four seven seven zero zero nine zero zero one two three",
            "plus four four seven seven zero zero nine zero zero one two three",
            "+44******0123",
        ),
        (
            "zero seven triple seven, nine hundred, one two three",
            "zero seven triple seven, nine hundred, one two three",
            "077****0123",
        ),
        ("+852 9123 4567", "+852 9123 4567", "+852****4567"),
        ("微信同号 1 3 8 0 0 1 3 8 0 0 0", "1 3 8 0 0 1 3 8 0 0 0", "138****8000"),
        ("你打我13800138000这个吧", "13800138000", "138****8000"),
    ];
    table(Kind::Mobile, &rows);
}

#[test]
fn a_number_that_is_said_anew_replaces_what_it_corrects() {
    let whole = "一三八零零幺三，不对，零零幺四，八零零零";
    assert_eq!(all(whole), [(Kind::Mobile, whole.to_owned(), "138****8000".to_owned())]);
    let both = all("13912345678，不对，是13812345679");
    let masks: Vec<&str> = both.iter().map(|(_, _, masked)| masked.as_str()).collect();
    assert_eq!(masks, ["139****5678", "138****5679"]);
}

#[test]
fn identity_numbers_need_a_date_and_the_check_character() {
    let rows = [
        ("身份证号11010519491231002X", "11010519491231002X", "110105**********2X"),
        ("我的身份证是110105 19491231 002x", "110105 19491231 002x", "110105**********2X"),
        ("一一零一零五一九四九一二三一零零二X", "一一零一零五一九四九一二三一零零二X", "110105**********2X"),
        ("幺幺洞幺洞五，幺九四九幺二三幺，洞洞二叉", "幺幺洞幺洞五，幺九四九幺二三幺，洞洞二叉", "110105**********2X"),
        ("440524188001010014", "440524188001010014", "440524**********14"),
        (
            "one one oh one oh five one nine four nine one two three one oh oh two x",
            "one one oh one oh five one nine four nine one two three one oh oh two x",
            "110105**********2X",
        ),
    ];
    table(Kind::IdCard, &rows);
    for text in ["110105194912310021", "11010519491331002X", "11010519491232002X", "1101051949123100"] {
        assert!(all(text).iter().all(|(kind, ..)| *kind != Kind::IdCard), "{text}");
    }
}

#[test]
fn bank_cards_pass_luhn() {
    let rows = [
        ("卡号6222 0200 0000 0000 000", "6222 0200 0000 0000 000", "***************0000"),
        ("4111 1111 1111 1111", "4111 1111 1111 1111", "************1111"),
        (
            "my card is four one one one, one one one one, one one one one, one one one one",
            "four one one one, one one one one, one one one one, one one one one",
            "************1111",
        ),
        ("四幺幺幺幺幺幺幺幺幺幺幺幺幺幺幺", "四幺幺幺幺幺幺幺幺幺幺幺幺幺幺幺", "************1111"),
        ("5500-0000-0000-0004", "5500-0000-0000-0004", "************0004"),
    ];
    table(Kind::BankCard, &rows);
    for text in
        ["4111 1111 1111 1112", "订单号4111111111111111", "tracking number 4111111111111111", "0000000000000000"]
    {
        assert_eq!(all(text), [], "{text}");
    }
}

#[test]
fn secrets_are_digits_behind_their_name() {
    let rows = [
        ("验证码是483920", "483920", "******"),
        ("我收到的验证码是四八三九二零", "四八三九二零", "******"),
        ("密码是 8 8 6 6 2 2", "8 8 6 6 2 2", "******"),
        ("卡背面的安全码是739", "739", "***"),
        ("483920是验证码", "483920", "******"),
        ("the code is 483920", "483920", "******"),
        ("my PIN is four two seven one", "four two seven one", "****"),
        ("the verification code they sent is 991 203", "991 203", "******"),
        ("CVV 123", "123", "***"),
        ("password: 20201234", "20201234", "********"),
        ("短信验证码，呃，是 7 7 2 1", "7 7 2 1", "****"),
    ];
    table(Kind::Secret, &rows);
    let innocent = [
        "请不要把验证码告诉任何人",
        "验证码是6位数字",
        "验证码60秒内有效",
        "验证码有效期5分钟",
        "验证码123分钟",
        "您的密码我们不会问",
        "a 6-digit code",
        "the code expires in 300 seconds",
        "never share your password",
        "验证码发到您手机，客服电话95588",
    ];
    for text in innocent {
        assert_eq!(all(text), [], "{text}");
    }
}

#[test]
fn addresses_are_masked_to_the_district() {
    let rows = [
        ("我住在北京市朝阳区建国路88号院5号楼1203室", "北京市朝阳区建国路88号院5号楼1203室", "北京市朝阳区****"),
        ("寄到上海市浦东新区世纪大道100号", "上海市浦东新区世纪大道100号", "上海市浦东新区****"),
        ("地址是杭州市西湖区文三路三百号", "杭州市西湖区文三路三百号", "杭州市西湖区****"),
        ("我家在天河区体育西路12号302室", "天河区体育西路12号302室", "天河区****"),
        ("幸福小区5栋2单元301", "幸福小区5栋2单元301", "****"),
        ("送到南山区科技园路一号", "南山区科技园路一号", "南山区****"),
        ("I live at 22 Baker Street, London NW1 6XE", "22 Baker Street, London NW1 6XE", "****, London"),
        ("my address is flat 3, 14 Park Road", "flat 3, 14 Park Road", "****"),
        ("we live at twenty two acacia avenue", "twenty two acacia avenue", "****"),
    ];
    table(Kind::Address, &rows);
    let innocent = [
        "我们公司在北京市朝阳区建国路88号",
        "我们的门店在中山路12号",
        "营业厅在人民路5号",
        "我住在朝阳区",
        "在路上",
        "一路上",
        "坐三号线",
        "走两条街",
        "our office is at 22 Baker Street",
        "it's a 5 minute drive",
        "a one way street",
        "三号楼那边有人",
        "我们售楼处在滨江路99号",
        "二十四小时",
        "five miles down the road",
    ];
    for text in innocent {
        assert_eq!(all(text), [], "{text}");
    }
}

#[test]
fn mailboxes_are_found_written_and_spoken() {
    let rows = [
        ("发到zhang.san@163.com吧", "zhang.san@163.com", "z***@163.com"),
        (
            "my email is john.smith+news@mail.example.co.uk.",
            "john.smith+news@mail.example.co.uk",
            "j***@mail.example.co.uk",
        ),
        ("zhang san at 163 dot com", "zhang san at 163 dot com", "z***@163.com"),
        ("it's john dot smith at gmail dot com", "john dot smith at gmail dot com", "j***@gmail.com"),
        ("邮箱是zhangsan艾特163点com", "zhangsan艾特163点com", "z***@163.com"),
        ("我的邮箱wang88艾特qq点com", "wang88艾特qq点com", "w***@qq.com"),
        ("lisi 艾特 幺六三 点 com，谢谢", "lisi 艾特 幺六三 点 com", "l***@163.com"),
        (
            "mary underscore jones at outlook dot com thanks",
            "mary underscore jones at outlook dot com",
            "m***@outlook.com",
        ),
        ("bob at company dot co dot uk", "bob at company dot co dot uk", "b***@company.co.uk"),
        ("123456@qq.com", "123456@qq.com", "1***@qq.com"),
    ];
    table(Kind::Email, &rows);
    for text in ["at the dot com boom", "meet me at three", "@小王", "看看 www.163.com", "三点艾特我", "a@b"] {
        assert_eq!(all(text), [], "{text}");
    }
}

#[test]
fn other_numbers_are_left_alone() {
    let innocent = [
        "our helpline is 1-800-555-0199",
        "客服热线400-800-1234",
        "请拨打95588",
        "总机010-88886666",
        "电话88886666",
        "my account number is 6123 4567",
        "about my order, the code for card 4111 1111 1111 1112",
        "0755 8888 6666",
        "电话02188886666",
        "一千三百八十块",
        "一万三千八百元",
        "二零二六年十一月二十号",
        "2026-11-20 14:30",
        "订单号13800138000123",
        "订单13800138000",
        "iPhone15 Pro Max",
        "iPhone13800138000",
        "套餐199元100G",
        "20261120143000",
        "1234567890",
        "12345678901",
        "10086",
        "我今年三十五",
        "大概一百二三十",
        "九九八十一",
        "call 0800 123 4567",
        "+44 20 7946 0958",
        "+1 800 555 1234",
        "+86 10 8888 6666",
        "version 2.13.8",
        "the year 2026",
        "order number 0770 0900 123",
        "twenty twenty six",
        "one two three",
        "价格是13800138000元",
        "100到200之间",
        "3.1415926535",
        "5:30到6:30",
        "model 13800138000",
        "一二三四五六七",
        "第一二三名",
        "sixteen seventeen eighteen",
        "单号是SF1380013800012",
        "一百一十一",
        "four hundred and fifteen pounds",
        "the 5552671 batch",
        "020 8888 8888",
    ];
    let wrong: Vec<_> = innocent.iter().filter(|text| !all(text).is_empty()).map(|text| (text, all(text))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn several_pieces_in_one_sentence_are_told_apart() {
    let text = "我叫张三，电话13800138000，身份证11010519491231002X，邮箱zs@qq.com，住在朝阳区建国路1号";
    let kinds: Vec<Kind> = find(text).into_iter().map(|piece| piece.kind).collect();
    assert_eq!(kinds, [Kind::Mobile, Kind::IdCard, Kind::Email, Kind::Address]);
    assert_eq!(mask("电话13800138000，谢谢"), "电话138****8000，谢谢");
}

#[test]
fn a_number_read_out_over_several_utterances_is_found_where_it_ends() {
    let play = |turns: &[&str]| {
        let mut session = Session::default();
        turns
            .iter()
            .map(|turn| {
                let found = session.find(turn);
                found.into_iter().map(|piece| (piece.kind, turn[piece.span.clone()].to_owned(), piece.masked)).collect()
            })
            .collect::<Vec<Vec<_>>>()
    };
    let mobile = play(&["我的电话是一三八", "零零一三", "嗯", "八零零零"]);
    assert_eq!(mobile[..3], [vec![], vec![], vec![]]);
    assert_eq!(mobile[3], [(Kind::Mobile, "八零零零".to_owned(), "138****8000".to_owned())]);
    let id = play(&["110105", "19491231", "002X"]);
    assert_eq!(id[2], [(Kind::IdCard, "002X".to_owned(), "110105**********2X".to_owned())]);
    let card = play(&["four one one one", "one one one one", "one one one one", "one one one one"]);
    assert_eq!(card[3][0].0, Kind::BankCard);
    let american = play(&["four one five", "five five five", "two six seven one"]);
    assert_eq!(american[2], [(Kind::Mobile, "two six seven one".to_owned(), "415***2671".to_owned())]);
    let corrected = play(&["一三八零零幺三", "不对，一三九零零幺三", "八零零零"]);
    assert_eq!(corrected[2], [(Kind::Mobile, "八零零零".to_owned(), "139****8000".to_owned())]);
    let secret = play(&["验证码我看一下", "四八三九二零"]);
    assert_eq!(secret[1], [(Kind::Secret, "四八三九二零".to_owned(), "******".to_owned())]);
    assert_eq!(play(&["一三八", "这个多少钱一个月", "零零一三八零零零"])[2], []);
    let mut asked = Session::default();
    asked.asked("请问您收到的验证码是多少");
    assert_eq!(asked.find("483920")[0].kind, Kind::Secret);
}

#[test]
fn kinds_have_tiers_and_debug_output_shows_no_digits() {
    assert_eq!((Kind::IdCard.tier(), Kind::Mobile.tier()), (Tier::Private, Tier::Sensitive));
    assert!(!format!("{:?}", find("电话13800138000")).contains("0013"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_borne_and_spans_are_substrings_in_order(
        pieces in prop::collection::vec(prop_oneof![
            prop::sample::select(vec!["138", "0013", "8000", "+", "plus ", "double ", "oh ", "seven ", "一三八", "叉", "X", "@",
                "艾特", "点", "com", " at ", " dot ", "验证码", "路", "5号", "朝阳区", "呃", "，", " ", "Street", "22 ", "密码是", "００"]).prop_map(str::to_owned),
            any::<String>(),
        ], 0..12),
    ) {
        let text = pieces.concat();
        let found = find(&text);
        let mut before = 0;
        for piece in &found {
            prop_assert!(piece.span.start >= before && text.get(piece.span.clone()).is_some_and(|span| !span.is_empty()));
            before = piece.span.end;
        }
        let mut session = Session::default();
        for piece in session.find(&text) {
            prop_assert!(text.get(piece.span).is_some());
        }
        let _ = mask(&text);
    }

    #[test]
    fn a_mask_does_not_leak_what_it_hides(
        begin in prop::sample::select(vec!["13", "15", "17", "18", "19"]),
        rest in "[0-9]{9}",
        lead in prop::sample::select(vec!["", "电话", "call me on "]),
        tail in prop::sample::select(vec!["", "，谢谢", " thanks"]),
    ) {
        let number = format!("{begin}{rest}");
        let shown = mask(&format!("{lead}{number}{tail}"));
        prop_assert_eq!(shown, format!("{lead}{}****{}{tail}", &number[..3], &number[7..]));
    }

    #[test]
    fn every_true_identity_number_is_found(
        area in 110_000_u32..659_000, year in 1920_u32..2020, month in 1_u32..=12, day in 1_u32..=28, order in 0_u32..1000,
    ) {
        const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let body = format!("{area}{year:04}{month:02}{day:02}{order:03}");
        let sum: u32 = body.chars().zip(WEIGHTS).map(|(c, weight)| c.to_digit(10).unwrap() * weight).sum();
        let number = format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]));
        let found = all(&number);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].0, Kind::IdCard);
        prop_assert!(!found[0].2.contains(&number[6..14]));
    }
}

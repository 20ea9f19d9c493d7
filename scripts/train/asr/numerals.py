"""Numbers, dates, times, prices and digit strings as people say them, in Mandarin and English.

Own text: carriers around numbers are written here, the numbers are drawn. Output is normalised text
(zh: characters, en: lower-case words). Used for the random share of the training text and for the
numbers test set (with another seed).
"""
ZH = "零一二三四五六七八九"
EN_ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
           "seventeen eighteen nineteen").split()
EN_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
EN_ORDINALS = ("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
               "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth").split()
EN_MONTHS = "january february march april may june july august september october november december".split()
EN_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛"


def split(words):
    return words.split()


def zh_number(n):
    """0 … 99,999,999 as Chinese numerals."""
    if n < 10:
        return ZH[n]
    if n < 20:
        return "十" + (ZH[n - 10] if n > 10 else "")
    for size, name in ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if n >= size:
            head, rest = divmod(n, size)
            text = (zh_number(head) if size == 10_000 else ZH[head]) + name
            if not rest:
                return text
            gap = "零" if size > 10 and rest < size // 10 else ""
            teen = "一" if 10 <= rest < 20 else ""
            return text + gap + teen + zh_number(rest)
    raise ValueError(n)


def zh_digits(rng, count):
    """Digits one by one; in about a third of the strings one is said 幺."""
    one = "幺" if rng.random() < 0.35 else "一"
    return "".join(one if c == "一" else c for c in (rng.choice(ZH) for _ in range(count)))


def zh_phone(rng):
    """A mobile number of 11 digits, often 幺 for one."""
    one = "幺" if rng.random() < 0.4 else "一"
    return one + "".join(one if c == "一" else c for c in rng.choice(ZH[3:]) + "".join(rng.choice(ZH) for _ in range(9)))


def zh_price(rng):
    n = rng.choice([rng.randrange(1, 100), rng.randrange(1, 100) * 10, rng.randrange(100, 1000), rng.randrange(1, 100) * 100,
                    rng.randrange(1, 100) * 1000, rng.randrange(1, 60) * 10_000, rng.randrange(1000, 10_000)])
    text = zh_number(n)
    if text.startswith("二") and rng.random() < 0.7 and len(text) > 1 and text[1] in "百千万":
        text = "两" + text[1:]
    if n < 1000 and rng.random() < 0.12:
        return text + "块" + rng.choice(ZH[1:])
    return text + rng.choice(split("块 块钱 元 块钱左右 多块 _")).replace("_", "")


def zh_time(rng):
    hour = rng.choice(split("一 两 三 四 五 六 七 八 九 十 十一 十二"))
    minute = rng.choice(["", "", "半", "钟", "一刻", "多", zh_number(rng.randrange(1, 12) * 5) + "分", zh_number(rng.randrange(10, 60))])
    return rng.choice(split("早上 上午 中午 下午 晚上 _ _")).replace("_", "") + hour + "点" + minute


def zh_day(rng):
    return rng.choice([
        lambda: rng.choice(split("今天 明天 后天 大后天 昨天 下周 这周末 周末 下个月 月底 月初")),
        lambda: rng.choice(split("周 星期 礼拜 下周 这周 下个星期")) + rng.choice("一二三四五六日"),
        lambda: zh_number(rng.randrange(1, 13)) + "月" + zh_number(rng.randrange(1, 32)) + rng.choice("号号日"),
        lambda: zh_number(rng.randrange(1, 32)) + "号",
        lambda: "二零" + rng.choice("一二") + rng.choice(ZH) + "年" + rng.choice(["", zh_number(rng.randrange(1, 13)) + "月"]),
    ])()


def zh_slot(rng):
    """One utterance around a number."""
    pick = lambda words: rng.choice(split(words)).replace("_", "")
    return rng.choice([
        lambda: pick("我的电话是 我的手机号是 号码是 你记一下 打这个号码 微信号是 你打 手机 _ _ 我电话") + zh_phone(rng),
        lambda: pick("我想贷 我需要 大概要 最多 我的预算是 我只有 大概 一共 要 就 不到 差不多 我出 _ _") + zh_price(rng) + pick("_ _ 吧 可以吗 行吗 太贵了 的话还行"),
        lambda: pick("一个月 每个月 一年 月供 工资 首付 一次 押金 手续费 别人家才 你们要") + zh_price(rng) + pick("_ _ 吗 可以吗 太贵了 还行 是吧"),
        lambda: pick("_ _ 那就 我 等到 要不") + zh_day(rng) + zh_time(rng) + pick("_ 可以 吧 有空 再打给我 行吗 怎么样 以后 左右 打过来"),
        lambda: pick("_ _ 我 那就 等") + zh_day(rng) + pick("_ 可以 吧 以后再说 有时间 上午 下午 晚上 没空 再说 之前"),
        lambda: pick("我今年 孩子 他今年 我爸 我妈 孩子今年 _") + zh_number(rng.randrange(1, 90)) + "岁" + pick("_ 了 半 多"),
        lambda: zh_digits(rng, rng.choice([3, 4, 5, 6, 7, 8])),
        lambda: pick("我要 来 办 买 先订 有 就 还有 等 用了 已经") + pick("一 两 三 四 五 六 七 八 九 十 十几 几 半 二十 三十")
        + pick("个 套 份 年 个月 张 天 分钟 个小时 次 台 人 家 遍 万 周"),
        lambda: pick("尾号 验证码是 工号 身份证后四位是 门牌号 房间号 卡号后四位 邮编 _ 分机") + zh_digits(rng, rng.choice([3, 4, 4, 6])),
        lambda: pick("利息 _ 优惠 年化 打了 首付") + "百分之" + zh_number(rng.randrange(1, 100)) + pick("_ 吗 太高了 可以吗 左右 点五"),
        lambda: pick("我姓 免贵姓 是 找 我是 叫我 _ _") + rng.choice(SURNAMES) + pick("_ 先生 女士 总 经理 老师 小姐 师傅") + pick("_ _ 不在 是我 在开会 吗"),
        lambda: pick("房子 面积 大概 _ 我家") + zh_number(rng.randrange(20, 400)) + pick("平 平米 多平 个平方"),
        lambda: zh_number(rng.randrange(0, 200)),
        lambda: zh_number(rng.randrange(200, 99_999)),
        lambda: zh_number(rng.randrange(1, 100)) + "点" + rng.choice(ZH) + pick("_ 折 个点 万 倍"),
        lambda: "第" + zh_number(rng.randrange(1, 30)) + pick("个 次 天 期 年 遍"),
        lambda: zh_number(rng.randrange(2, 12)) + "到" + zh_number(rng.randrange(12, 40)) + pick("个 天 块 岁 万 分钟"),
        lambda: zh_day(rng), lambda: zh_time(rng), lambda: zh_price(rng),
    ])()


def en_number(n):
    """0 … 999,999 in words."""
    if n < 20:
        return EN_ONES[n]
    if n < 100:
        return EN_TENS[n // 10] + (" " + EN_ONES[n % 10] if n % 10 else "")
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if n >= size:
            return f"{en_number(n // size)} {name}" + (" " + en_number(n % size) if n % size else "")
    raise ValueError(n)


def en_digits(rng, count):
    zero = "oh" if rng.random() < 0.2 else "zero"
    return " ".join(zero if d == 0 else EN_ONES[d] for d in (rng.randrange(10) for _ in range(count)))


def en_price(rng):
    n = rng.choice([rng.randrange(1, 100), rng.randrange(1, 100) * 10, rng.randrange(1, 100) * 100, rng.randrange(1, 200) * 1000])
    return en_number(n) + rng.choice([" dollars", "", " bucks", " a month", " dollars a month", " a year"])


def en_time(rng):
    hour = EN_ONES[rng.randrange(1, 13)]
    minute = rng.choice(["", "", " thirty", " fifteen", " o'clock", " forty five", " " + en_number(rng.randrange(10, 60))])
    return rng.choice(["", "", "half past ", "quarter to "] if not minute else [""]) + hour + minute + rng.choice(
        ["", "", " am", " pm", " in the morning", " in the afternoon", " tonight"])


def en_day(rng):
    return rng.choice([
        lambda: rng.choice(EN_DAYS) + rng.choice(["", "", " morning", " afternoon", " evening"]),
        lambda: rng.choice(["today", "tomorrow", "tonight", "tomorrow morning", "tomorrow afternoon", "next week", "next month", "next year"]),
        lambda: rng.choice(EN_MONTHS) + " " + rng.choice(EN_ORDINALS),
        lambda: "the " + rng.choice(EN_ORDINALS) + rng.choice(["", " of " + rng.choice(EN_MONTHS)]),
    ])()


def en_slot(rng):
    """One utterance around a number."""
    pick = lambda words: rng.choice(words.split("|"))
    return rng.choice([
        lambda: pick("my number is |it's |the number is |call me on |you can reach me at ||") + en_digits(rng, rng.choice([7, 8, 10])),
        lambda: pick("the code is |my pin is |account number |ending in |extension ||") + en_digits(rng, rng.choice([3, 4, 4, 6])),
        lambda: pick("call me at |at |around |after |before |how about |let's say |") + en_time(rng),
        lambda: pick("call me |on |how about |i'm free |try me |maybe |call back |") + en_day(rng) + pick("|| at " + en_time(rng)),
        lambda: pick("i have |about |my budget is |i need |it costs |i pay |i'm paying |that's |only |less than |more than ") + en_price(rng),
        lambda: pick("give me |i need |we have |i want |about |just |in ") + en_number(rng.randrange(1, 60))
        + pick(" minutes| hours| days| weeks| of them| people| years| months| employees| lines"),
        lambda: pick("i'm |i am |my son is |she is |he's ") + en_number(rng.randrange(1, 95)) + pick("| years old"),
        lambda: en_number(rng.randrange(1, 100)) + " percent" + pick("| off| discount| interest"),
        lambda: en_number(rng.randrange(0, 1000)), lambda: en_day(rng), lambda: en_time(rng), lambda: en_price(rng),
    ])()

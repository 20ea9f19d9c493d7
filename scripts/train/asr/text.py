"""What is said in training: labelled utterances, general dialogue, random numbers, words and joins.

`TextSampler.draw()` gives (lang, parts): normalised text in one to three parts, with a pause between
parts when spoken; `parts == []` is a recording without speech. No drawn text crosses the held-out lines.

Shares: 5% nothing, 60% zh, 35% en (the committed weights: 68 and 28 in the first half); of the speech 46% labelled,
27% general, 27% random (the older shards: 21 and 33).
"""
import csv
import io
import json
import random
import re
import sys
import zipfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import heldout  # noqa: E402
import numerals  # noqa: E402

ZH_CHARS_MAX, EN_WORDS_MAX = 22, 14  # a general line; joins may be longer
JOIN_CHARS_MAX, JOIN_WORDS_MAX = 34, 22  # about 8 s of speech
SILENT_SHARE, ZH_SHARE = 0.05, 0.60 / 0.95
LABELLED_SHARE, GENERAL_SHARE = 0.46, 0.27  # of the speech; the rest is random
# said on the telephone, outside GB2312 level 1
ZH_COLLOQUIAL = "嗯幺呗诶嘞呃哎唉哦噢喔嘿嗨咦哼啦咯喽嘛呐哟嗷甭啥咋俩仨您咱呦嗳哇"
# words everyone says, beside those that the dialogue corpora give
ZH_WORDS = (
    "准备 单位 待会儿 一共 拿到 到底 花钱 交费 房租 工资 银行 医院 学校 老师 朋友 父母 儿子 女儿 同事 客户 经理 老板 邮箱 地址 "
    "小区 公司 工厂 账户 密码 短信 视频 文件 资料 合同 协议 签字 盖章 材料 证件 护照 驾照 户口 存款 转账 取钱 还款 欠款 额度 账单 "
    "发票 收据 押金 定金 尾款 全款 分期 利率 年化 逾期 罚款 退货 换货 维修 安装 配送 快递 物流 仓库 库存 品牌 质量 型号 颜色 尺寸 "
    "价格 折扣 促销 活动 会员 积分 优惠券 投诉 骚扰 诈骗 机器人 人工 客服 真人 录音 微信 支付宝 刷卡 扫码 登记 预约 取消 开通 套餐 "
    "流量 宽带 网费 话费 充值 保险 理赔 贷款 征信 社保 公积金 抵押 担保 首付 月供 装修 物业 学费 课程 老公 老婆 爱人 家里人 没兴趣 "
    "不感兴趣 不需要 没空 在忙 开会 开车 上班 不方便 晚点 回头 考虑 商量 对比 便宜 太贵 手续费 售后 保修 试用 退款 区别 效果 案例 "
    "正规 官方 授权 工号 领导 负责 总部 分公司 营业执照 隐私 号码 黑名单 拉黑 挂了 再见 谢谢 不好意思 麻烦 听不清 没听懂 再说一遍 大声 信号"
).split()


def clean(text, lang, words_max=EN_WORDS_MAX):
    """Normalised line of a general source, or None when it is of the wrong length or not speakable."""
    if lang == "zh":
        if re.search(r"[A-Za-z\[\]]|\d\d", text):
            return None
        line = heldout.normalise(text, "zh")
        return line if 2 <= len(line) <= ZH_CHARS_MAX and all("一" <= c <= "鿿" for c in line) else None
    text = re.sub(r"\d+", lambda m: f" {numerals.en_number(int(m[0]))} " if len(m[0]) < 6 else "\0", text)
    line = heldout.normalise(text, "en")
    return line if 1 <= len(line.split()) <= words_max and re.fullmatch(r"[a-z' ]+", line) else None


def general_lines(data_dir, lang):
    """Lines of the dialogue corpora in `data_dir`/text that can be spoken; long ones are cut at punctuation."""
    folder = Path(data_dir) / "text"
    raw = []
    if lang == "zh":
        with zipfile.ZipFile(folder / "dialog_zh_crosswoz.zip") as outer:
            for name in outer.namelist():
                with zipfile.ZipFile(io.BytesIO(outer.read(name))) as inner:
                    for dialogue in json.loads(inner.read(inner.namelist()[0])).values():
                        raw += [message["content"] for message in dialogue["messages"]]
        with zipfile.ZipFile(folder / "emotion_zh_cped.zip") as archive:
            table = io.StringIO(archive.read("cped_test.csv").decode("utf-8-sig"))
            raw += [row["Utterance"] for row in csv.DictReader(table)]
        raw = [part for line in raw for part in ([line] if len(line) <= ZH_CHARS_MAX else re.split("[，。！？；、,!?; ]", line))]
    else:
        with zipfile.ZipFile(folder / "intent_en_train.zip") as archive:
            for name in ("banking77_train.csv", "hwu64_kfold1_train_intents.csv"):
                rows = csv.reader(io.StringIO(archive.read(name).decode("utf-8")))
                raw += [row[0] for row in rows if row and row[0] != "text"]
            clinc = json.loads(archive.read("clinc150_data_full.json"))
            raw += [text for part, rows in clinc.items() if "train" in part or part.startswith("oos") for text, _ in rows]
    return sorted({line for line in (clean(text, lang) for text in raw) if line})


def labelled(lang):
    """Normalised labelled utterances of customers and agents, as often as they were written."""
    rows = heldout.labelled_lines(lang) + heldout.spoken_lines(lang)
    lines = (heldout.normalise(text, lang) for _, text in rows)
    return [line for line in lines if line and (lang == "en" or all("一" <= c <= "鿿" for c in line))]


class TextSampler:
    """Draws what is said. Reads the labelled files once: make a new one for each shard."""

    def __init__(self, data_dir, characters):
        self.held = {lang: heldout.held_out(lang) for lang in ("zh", "en")}
        known = set(characters)
        fits = lambda line, lang: (lang == "en" or known >= set(line)) and not self.held[lang].crosses(line)
        self.labelled = {lang: [t for t in labelled(lang) if lang == "en" or known >= set(t)] for lang in ("zh", "en")}
        self.general = {lang: [t for t in general_lines(data_dir, lang) if fits(t, lang)] for lang in ("zh", "en")}
        self.characters = sorted(known)
        self.words = {"zh": self._zh_words(), "en": self._en_words()}

    def _zh_words(self):
        """Words of pypinyin's phrase list that the corpora contain, the frequent ones more often."""
        from pypinyin.phrases_dict import phrases_dict
        corpus = "\n".join(self.general["zh"] + self.labelled["zh"])
        grams = Counter(corpus[i:i + n] for n in (2, 3) for i in range(len(corpus) - n))
        words = [w for w in phrases_dict if len(w) in (2, 3) and grams[w] >= 1 and set(w) <= set(self.characters)]
        return [w for w in words for _ in range(min(4, 1 + grams[w] // 5))] + ZH_WORDS * 4

    def _en_words(self):
        counts = Counter(w for t in self.general["en"] + self.labelled["en"] for w in t.split())
        return [w for w, n in sorted(counts.items()) if n >= 2 for _ in range(min(6, n // 3 + 1))]

    def draw(self, rng):
        """(lang, parts of normalised text); no part list and no joined text crosses the held-out lines."""
        lang = "zh" if rng.random() < ZH_SHARE else "en"
        if rng.random() < SILENT_SHARE:
            return lang, []
        for _ in range(20):
            parts = self._parts(lang, rng)
            joined = ("" if lang == "zh" else " ").join(parts)
            size = len(heldout.units(joined, lang))
            if 0 < size <= (JOIN_CHARS_MAX if lang == "zh" else JOIN_WORDS_MAX) and not self.held[lang].crosses(joined):
                return lang, parts
        return lang, []

    def _parts(self, lang, rng):
        kind = rng.random()
        if kind < LABELLED_SHARE and self.labelled[lang]:
            return self._maybe_split(rng.choice(self.labelled[lang]), lang, rng)
        if kind < LABELLED_SHARE + GENERAL_SHARE:
            return self._maybe_split(rng.choice(self.general[lang]), lang, rng)
        kind = rng.random()
        glue = "" if lang == "zh" else " "
        if kind < 0.45:
            return [(numerals.zh_slot if lang == "zh" else numerals.en_slot)(rng)]
        if kind < 0.80:
            return [glue.join(rng.choice(self.words[lang]) for _ in range(rng.choice((1, 1, 2, 2, 3, 4)) + (lang == "en")))]
        if kind < 0.85 and lang == "zh":
            return ["".join(rng.choice(self.characters) for _ in range(rng.randrange(1, 5)))]
        pool = (self.labelled[lang] or self.general[lang]) + self.general[lang][:2000]
        parts = [rng.choice(pool) for _ in range(rng.choice((2, 2, 2, 3)))]
        return parts if rng.random() < 0.5 else [glue.join(parts)]

    @staticmethod
    def _maybe_split(text, lang, rng):
        """Now and then a hesitation inside: the text in two parts."""
        whole = heldout.units(text, lang)
        if len(whole) < 4 or rng.random() > 0.12:
            return [text]
        cut = rng.randrange(1, len(whole))
        glue = "" if lang == "zh" else " "
        return [glue.join(whole[:cut]), glue.join(whole[cut:])]


def gb2312_level_1():
    """The 3,755 characters of GB2312 level 1."""
    pairs = (bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return {c for c in (pair.decode("gb2312", "ignore") for pair in pairs) if c}


def characters_of_vocabulary(data_dir):
    """Level-1 characters, colloquial ones and every character of the labelled and held-out lines."""
    chars = gb2312_level_1() | set(ZH_COLLOQUIAL) | set("".join(ZH_WORDS)) | set(numerals.SURNAMES)
    chars |= set("".join(labelled("zh")))
    counts = Counter("".join(general_lines(data_dir, "zh")))
    chars |= {c for c, n in counts.items() if n >= 3}
    return sorted(c for c in chars if "一" <= c <= "鿿")

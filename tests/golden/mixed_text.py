# SPDX-License-Identifier: Apache-2.0
"""Seeded lines of mixed text that try a tokenizer: scripts, digits, code, spaces, oddities."""

import random
from collections.abc import Callable

ENGLISH = ("the of and to in is that it was for on are with as his they at be this from have or by "
           "one had not but what all were when we there can an your which their said if do will "
           "each about how up out them then she many some so these would other into has more her "
           "two like him see time could no make than first been its who now people my made over "
           "did down only way find use may water long little very after words called just where "
           "most know get through back much before go good new write our used me man too any day "
           "same right look think also around another came come work three word must because "
           "Internationalisation antidisestablishmentarianism lighthouse Reykjavík naïve café "
           "don't we'll I'm they've she'd it's o'clock rock'n'roll JOHN'S we’re").split()
SCRIPTS = {
    "chinese": "今天天气很好我们去公园散步吧他说这个问题不容易回答人工智能正在改变世界龘靐齉爩，。！？「」、",
    "japanese": "これはペンです。東京タワーへ行きましょう、カタカナとひらがな、ｶﾅ、々〆ヶー",
    "korean": "안녕하세요 오늘은 날씨가 좋습니다 한국어 문장을 만들어 봅시다 값 읽다 ㅋㅋㅋ",
    "arabic": "مرحبا بالعالم هذا نص عربي قصير للاختبار السَّلَامُ عَلَيْكُمْ ، ؟ ٣٤٥ كتاب",
    "hebrew": "שלום עולם זהו טקסט קצר לבדיקה בְּרֵאשִׁית בָּרָא ״ציטוט״ מה נשמע",
    "hindi": "नमस्ते दुनिया यह एक छोटा वाक्य है क्षत्रिय ज्ञान हिन्दी १२३ श्री कृष्ण ।",
    "thai": "สวัสดีชาวโลก นี่คือประโยคสั้นๆ ภาษาไทยไม่มีช่องว่าง ๔๕๖",
    "tamil": "வணக்கம் உலகம் இது ஒரு சிறிய வாக்கியம் கொள்கை ௧௨௩",
    "russian": "Съешь же ещё этих мягких французских булок, да выпей чаю. Ёлка № 5",
    "greek": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία; ὦ ἄνδρες Ἀθηναῖοι ς Σ",
    "vietnamese": "Tôi có thể ăn thủy tinh mà không hại gì đường phố Nguyễn Huệ",
    "turkish": "İstanbul'da yaşıyorum, ığüşöç ĞÜŞİÖÇ pijamalı hasta yağız şoföre",
    "polish": "Zażółć gęślą jaźń pchnąć w tę łódź jeża lub ośm skrzyń fig",
    "georgian": "გამარჯობა მსოფლიო ეს არის მოკლე ტექსტი",
    "amharic": "ሰላም ለዓለም ይህ አጭር ጽሑፍ ነው ፩፪፫",
    "gothic": "𐌰𐌱𐌲 𐌳𐌴𐌵 𝔊𝔬𝔱𝔥𝔦𝔠 𝒮𝒸𝓇𝒾𝓅𝓉 𝟘𝟙𝟚 𠀀𠀁𠮷",
}
EMOJI = ["😀", "🎉", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇫🇷", "🇺🇳", "❤️", "☕", "1️⃣", "🧑🏿‍🚀", "🫠", "✅", "⚠️"]
DIGITS = ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹",
          "०१२३४५६७८९", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒"]
FRACTIONS = list("½⅓¼¾⅔⅕⅛⅞²³¹⁰⁴₂₃①②⑳ⅠⅣⅫ㈠㊿〇")
SYMBOLS = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~€£¥§¶©®™°±×÷…–—‘’“”«»†‡•←→⇒∀∑√∞≈≠≤≥♠♣█░")
COMBINING = ["e\u0301", "a\u0308\u0323", "n\u0303", "o\u0302\u0301", "Z\u0351\u036b\u0343\u036a",
             "\u1100\u1161\u11a8", "q\u0307\u0323", "\u0915\u094d\u0937", "\u05e9\u05c1"]
SPACES = [" ", "  ", "   ", "    ", "\t", "\t\t", " \t", "\n", "\n\n", "\r\n", "\n \n", "        ",
          "\u00a0", "\u3000", "\u2003", "\u200b", "\u2028", "\u202f", "\ufeff", "\u0085", "\v",
          "\f"]
CONTROL = [chr(c) for c in (0, 1, 2, 7, 8, 14, 27, 28, 31, 127, 0x80, 0x9f, 0xad, 0x200e, 0x202e,
                            0xe000, 0xfffd, 0xffff, 0x10ffff, 0x1f)]
CODE = [
    "for (size_t i = 0; i < n; ++i) {{ total += values[i] * {n}; }}",
    "def {w}(self, x: int = {n}) -> str:\n    return f\"{{x!r:>{n}}}\"\n",
    "\tif err != nil {{\n\t\treturn nil, fmt.Errorf(\"{w}: %w\", err)\n\t}}\n",
    "SELECT * FROM {w} WHERE id = {n} AND name LIKE '%{w}%';",
    "<div class=\"{w}\" id='{w}-{n}'>{w} &amp; {w}</div>",
    "git commit -m \"{w} {w}\" && make -j{n} 2>&1 | tee {w}.log",
    "#include <{w}.h>\n#define MAX_{w} 0x{n:x}ULL\n",
    "let {w} = {w}.iter().map(|x| x?.{w}::<u8>()).collect::<Vec<_>>();",
    "{{\"{w}\": [{n}, -{n}.5e-7, null, true], \"{w}\\n\": \"\\u00e9\"}}",
    "    @staticmethod\n    def _{w}__{w}(*args, **kwargs): ...",
]
MARKDOWN = ["# {w} {w}\n\n- **{w}** _{w}_\n- [ ] {w}\n", "```python\n{w} = {n}\n```\n",
            "| {w} | {n} |\n|---|---:|\n", "> {w} {w}\n\n1. {w}\n2. {w}\n",
            "[{w}](https://{w}.org/{n})"]
URLS = ["https://www.{w}.example/{w}/{n}?q={w}+{w}&lang=en#s{n}", "mailto:{w}.{w}@{w}.example",
        "C:\\Users\\{w}\\{w} ({n}).txt", "/usr/share/{w}/{w}-{n}.{n}.tar.gz", "192.168.{n}.1:8080"]


class Writer:
    """Makes lines of each kind from one seeded generator."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)

    def words(self, low: int, high: int) -> list[str]:
        return [self.random.choice(ENGLISH) for _ in range(self.random.randint(low, high))]

    def fill(self, patterns: list[str]) -> str:
        pattern = self.random.choice(patterns)
        while "{w}" in pattern:
            pattern = pattern.replace("{w}", self.random.choice(ENGLISH), 1)
        return pattern.format(n=self.random.choice((0, 1, 7, 42, 255, 1024, 65536, 20261123)))

    def prose(self) -> str:
        words = self.words(4, 30)
        marks = ("", "", "", "", ",", ".", ";", "!", "?\"", ")")
        marked = [w + self.random.choice(marks) for w in words]
        return " ".join(marked).capitalize()

    def script(self) -> str:
        text = self.random.choice(list(SCRIPTS.values()))
        start = self.random.randrange(max(1, len(text) - 4))
        return text[start:start + self.random.randint(4, 60)]

    def scripts(self) -> str:
        return self.random.choice(("", " ", " / ")).join(
            [self.script(), " ".join(self.words(1, 4)), self.script()])

    def number(self) -> str:
        digits = self.random.choice(DIGITS)
        return "".join(self.random.choice(digits) for _ in range(self.random.randint(1, 12)))

    def numbers(self) -> str:
        joints = (" ", ".", ",", "-", "/", ":", "x", " €", "%", "e", "_")
        return "".join(self.number() + self.random.choice(joints) for _ in range(8))

    def pick(self, items: list[str], count: int, joints: tuple[str, ...] = ("", " ")) -> str:
        return "".join(self.random.choice(items) + self.random.choice(joints)
                       for _ in range(self.random.randint(1, count)))

    def fractions(self) -> str:
        parts = [*self.words(1, 3), self.pick(FRACTIONS, 3), self.number(), self.pick(FRACTIONS, 2)]
        self.random.shuffle(parts)
        return self.random.choice(("", " ")).join(parts)

    def spaced(self) -> str:
        return "".join(self.random.choice((w, w.upper(), "")) + self.random.choice(SPACES)
                       for w in self.words(3, 14))

    def controlled(self) -> str:
        return "".join(w + self.random.choice(CONTROL) for w in self.words(2, 6))

    def symbols(self) -> str:
        return self.pick(SYMBOLS + self.words(1, 2), 24)

    def combined(self) -> str:
        return self.pick(COMBINING, 6) + " ".join(self.words(1, 3)) + self.pick(COMBINING, 3)

    def emoji(self) -> str:
        return " ".join(self.words(0, 4)) + self.pick(EMOJI, 5) + "".join(self.words(0, 2))

    def long_word(self) -> str:
        kind = self.random.randrange(4)
        if kind == 0:
            return "".join(self.random.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(120))
        if kind == 1:
            return self.random.choice("aA=-_.#*0!~ \n") * self.random.randint(5, 90)
        return "".join(w.capitalize() for w in self.words(6, 16))

    def contractions(self) -> str:
        ends = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'T", "'LL", "’s",
                "''", "' s", "'ſ"]
        return " ".join(w + self.random.choice(ends) for w in self.words(2, 8))

    def random_characters(self) -> str:
        ranges = ((0x20, 0x7e), (0xa1, 0x24f), (0x391, 0x3a1), (0x410, 0x44f), (0x5d0, 0x5ea),
                  (0x621, 0x63a), (0x905, 0x939), (0x4e00, 0x9fa5), (0xac00, 0xd7a3),
                  (0x2190, 0x21ff), (0x1f600, 0x1f64f))
        return "".join(chr(self.random.randint(*self.random.choice(ranges)))
                       for _ in range(self.random.randint(3, 40)))


def lines(count: int, seed: int) -> list[str]:
    writer = Writer(seed)
    kinds: list[Callable[[], str]] = [
        writer.prose, writer.prose, writer.script, writer.script, writer.scripts, writer.numbers,
        writer.fractions, writer.spaced, writer.spaced, writer.controlled, writer.symbols,
        writer.combined, writer.emoji, writer.long_word, writer.contractions,
        writer.random_characters, lambda: writer.fill(CODE), lambda: writer.fill(CODE),
        lambda: writer.fill(MARKDOWN), lambda: writer.fill(URLS)]
    made: list[str] = ["", " ", "a", "\n", "½"]
    seen = set(made)
    while len(made) < count:
        line = kinds[len(made) % len(kinds)]()
        if line not in seen:
            seen.add(line)
            made.append(line)
    return made

"""Good texts damaged in every way that hands, editors, disks and malice damage them; the same damage for a seed."""

import random
import re
from collections.abc import Callable

#: Tokens that mean something to a parser, a number reader or a terminal.
TOKENS = (
    *":-[]{},#&*!|>'\"%@`?~=.;", "\n", "\t", " ", "\r", "\0", "\x1b[31m", "\ufeff", "\u2028", "\x85", "\ud800", "é",
    "null", "true", "no", "!!int ", "!!python/object/apply:os.system ", "---\n", "...\n", "*a ", "&a ", "<<: ", "? ",
    "0x", ".nan", "-.inf", "1e400", "1e-400", "-0", "1_000", "9" * 400, "0x" + "f" * 5000, "7 N", "45 deg", "3 furlong",
    "extends: ", "../../../etc/passwd", "x" * 5000, '"\\0"', '"\\ud800"', "''", '""', "[[[[", "]]]]", "{}", "[]",
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z_][\w ]*[\w]|[A-Za-z]")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_UNIT = re.compile(r"(?<=\d )(?:N m|N/mm|mm|ms|s|min|deg|N|MPa|kPa|Pa s|kg|1)\b")
_NUMBERS = (
    "0",
    "-1",
    "1e400",
    "-1e30",
    "1e30",
    "1e-30",
    "nan",
    ".nan",
    ".inf",
    "0x10",
    "1,5",
    "1_0",
    "2.",
    "",
    "true",
)
_UNITS = (
    "",
    "N",
    "mm",
    "m",
    "ms",
    "s",
    "deg",
    "rad",
    "MPa",
    "kPa",
    "Nm",
    "N m",
    "furlong",
    "%",
    "kg",
    "N mm/rad",
)

#: A value in a YAML or TOML file, block or flow; and what stands in the place of one.
_VALUE = re.compile(r"(?<=: )[^\n,{}\[\]#]+|(?<== )[^\n,{}\[\]#]+")
_VALUES = (
    "", "null", "true", "0", "-1", "3", "1e400", "[]", "{}", "[1, 2, 3]", "[[[]]]", "{a: 1}", "{kind: thrust}", "450 N",
    "7.5 N m", "150 ms", "30 deg", "0.5 Pa s", "12 mm", "L4", "L4-L5", "L4-L5 left", "L1-S1", "thorax", "static",
    "dynamic", "none", "moment", "thrust", "coarse", "&x 3", "*x", "!!str 3", "|\n  text", "'a b'", '"a\\tb"', "1:30",
    "2020-01-01", "[450 N, 450 N]", "{L4-L5: 2}", "{L4-L5 left: 10 min}", "9" * 30, "-1e5 N", "1e5 s", "1 um", "1 us",
)  # fmt: skip

Damage = Callable[[random.Random, str], str]


def _span(draw: random.Random, text: str, longest: int = 40) -> tuple[int, int]:
    start = draw.randrange(len(text) + 1)
    return start, min(len(text), start + draw.randint(0, longest))


def cut(draw: random.Random, text: str) -> str:
    """Leave something out."""
    start, end = _span(draw, text)
    return text[:start] + text[end:]


def insert(draw: random.Random, text: str) -> str:
    """Put a token in."""
    start, _ = _span(draw, text)
    return text[:start] + draw.choice(TOKENS) + text[start:]


def replace(draw: random.Random, text: str) -> str:
    """Put a token in place of a few characters."""
    start, end = _span(draw, text, 6)
    return text[:start] + draw.choice(TOKENS) + text[end:]


def truncate(draw: random.Random, text: str) -> str:
    """End the file early."""
    return text[: draw.randrange(len(text) + 1)]


def flip(draw: random.Random, text: str) -> str:
    """Change a few characters by one bit."""
    letters = list(text)
    for _ in range(draw.randint(1, 8)):
        if letters:
            place = draw.randrange(len(letters))
            letters[place] = chr(ord(letters[place]) ^ (1 << draw.randrange(7)))
    return "".join(letters)


def misspell(draw: random.Random, text: str) -> str:
    """Exchange, double, drop or capitalise a letter of a word."""
    found = list(_WORD.finditer(text))
    if not found:
        return text
    word = draw.choice(found)
    letters = list(word[0])
    place = draw.randrange(len(letters))
    kind = draw.randrange(4)
    if kind == 0 and place + 1 < len(letters):
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
    elif kind == 1:
        letters.insert(place, letters[place])
    elif kind == 2:
        del letters[place]
    else:
        letters[place] = letters[place].swapcase()
    return text[: word.start()] + "".join(letters) + text[word.end() :]


def _exchange(pattern: re.Pattern[str], choices: tuple[str, ...]) -> Damage:
    def exchange(draw: random.Random, text: str) -> str:
        found = list(pattern.finditer(text))
        if not found:
            return text
        hit = draw.choice(found)
        return text[: hit.start()] + draw.choice(choices) + text[hit.end() :]

    return exchange


def swap_values(draw: random.Random, text: str) -> str:
    """Put the value of one key where another's stands."""
    found = list(_VALUE.finditer(text))
    if len(found) < 2:
        return text
    first, second = sorted(draw.sample(found, 2), key=lambda hit: hit.start())
    between = text[first.end() : second.start()]
    return text[: first.start()] + second[0] + between + first[0] + text[second.end() :]


def swap_lines(draw: random.Random, text: str) -> str:
    """Exchange two lines."""
    lines = text.split("\n")
    first, second = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return "\n".join(lines)


def repeat_lines(draw: random.Random, text: str) -> str:
    """Give some lines again: twice, or very often."""
    lines = text.split("\n")
    start = draw.randrange(len(lines))
    some = lines[start : start + draw.randint(1, 4)]
    times = draw.choice((1, 1, 1, 2, 30, 3000))
    return "\n".join([*lines[:start], *(some * times)[:20_000], *lines[start:]])


def indent(draw: random.Random, text: str) -> str:
    """Move a line to the right or to the left."""
    lines = text.split("\n")
    place = draw.randrange(len(lines))
    lines[place] = draw.choice(("", " ", "  ", "\t", "      ")) + lines[place].lstrip()
    return "\n".join(lines)


def nest(draw: random.Random, text: str) -> str:
    """Put a value into many brackets, or a list into itself."""
    start, end = _span(draw, text, 12)
    depth = draw.choice((1, 2, 5, 40, 300, 5000))
    if draw.random() < 0.2:
        return f"{text[:start]}&a [*a, *a]{text[end:]}"
    left, right = draw.choice((("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")))
    return text[:start] + left * depth + text[start:end] + right * depth + text[end:]


def graft(draw: random.Random, text: str) -> str:
    """Put a piece of the file somewhere else in it."""
    start, end = _span(draw, text, 200)
    place = draw.randrange(len(text) + 1)
    return text[:place] + text[start:end] + text[place:]


def bomb(draw: random.Random, text: str) -> str:
    """Append aliases of aliases, a very long line, or very many keys."""
    kind = draw.randrange(4)
    if kind == 0:
        rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1} '] * 9)}]" for n in range(1, 9)]
        return text + "\n" + "\n".join(rows)
    if kind == 1:
        return text + "\n" + "x" * draw.choice((10_000, 300_000, 1_100_000))
    if kind == 2:
        return text + "\n" + "\n".join(f"k{n}: 1" for n in range(draw.choice((100, 30_000))))
    token, times = draw.choice(TOKENS), draw.choice((100, 50_000))
    return text + "\n" + token * min(times, 1_500_000 // len(token) + 1)


DAMAGES: tuple[Damage, ...] = (
    cut, insert, replace, truncate, flip, misspell, misspell, misspell, swap_lines, repeat_lines, indent, nest, graft,
    swap_values, swap_values, _exchange(_VALUE, _VALUES), _exchange(_VALUE, _VALUES), _exchange(_VALUE, _VALUES),
    _exchange(_NUMBER, _NUMBERS), _exchange(_NUMBER, _NUMBERS), _exchange(_UNIT, _UNITS), _exchange(_UNIT, _UNITS),
)  # fmt: skip


def damaged(draw: random.Random, text: str) -> bytes:
    """Return `text` with one to five damages, as bytes; one in fifty is no text at all afterwards."""
    for _ in range(draw.choice((1, 1, 1, 2, 3, 5))):
        text = draw.choice(DAMAGES)(draw, text)
    if draw.random() < 0.02:
        text = bomb(draw, text)
    data = text[:1_500_000].encode("utf-8", "surrogatepass")
    kind = draw.randrange(100)
    if kind == 0:
        return text.encode("utf-16", "surrogatepass")
    if kind == 1:
        return draw.randbytes(draw.choice((0, 1, 20, 3000)))
    if kind == 2 and data:
        place = draw.randrange(len(data))
        return data[:place] + draw.randbytes(3) + data[place:]
    return data

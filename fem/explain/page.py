"""An explanation as one HTML page that needs nothing else."""

from collections.abc import Sequence
from html import escape
from typing import Final

from fem.explain.judgement import Judgement, Run
from fem.explain.presentation import cells, runs_of
from fem.explain.sentences import LIMITS, sentences

_HEAD: Final = (
    "",
    "pops",
    "probability",
    "margin",
    "largest strain [%]",
    "nearest to its limit [1]",
    "goes first",
    "margin, from −1 to 1",
)
_STYLE: Final = """
body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222; background: #fff; }
table { border-collapse: collapse; margin: 1em 0; font-size: 0.9em; }
th, td { padding: 0.3em 0.7em; border-bottom: 1px solid #ccc; text-align: right; }
th:first-child, td:first-child { text-align: left; }
.bar { position: relative; width: 10em; height: 0.9em; background: #eee; }
.bar span { position: absolute; top: 0; bottom: 0; }
.short { background: #d55e00; } .far { background: #0072b2; }
.note { color: #555; font-size: 0.9em; }
"""


def explanation_page(told: Judgement) -> str:
    """Return the page: the answer in sentences, the runs in a table, what the model cannot say."""
    first, second, *rest = sentences(told)
    title = f"What keeps {told.target} from popping?"
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p class='note'>{escape(told.title)}</p>",
        f"<p><strong>{escape(first)} {escape(second)}</strong></p>",
        *[f"<p>{escape(sentence)}</p>" for sentence in rest],
        "<h2>The runs</h2>",
        *_table(runs_of(told)),
        "<p class='note'>Strain is the largest of any ligament. The limit is its sub-failure strain: ! past it, "
        "x past failure.</p>",
        "<h2>What this can and cannot say</h2>",
        "<ul>",
        *[f"<li>{escape(sentence)}</li>" for sentence in LIMITS],
        "</ul>",
    ]
    head = f"<meta charset='utf-8'><title>{escape(title)}</title><style>{_STYLE}</style>"
    lines = [
        "<!doctype html>",
        "<html lang='en'>",
        f"<head>{head}</head>",
        "<body>",
        *body,
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _table(runs: Sequence[Run]) -> list[str]:
    head = "".join(f"<th>{escape(name)}</th>" for name in _HEAD)
    return ["<table>", f"<tr>{head}</tr>", *[_row(run) for run in runs], "</table>"]


def _row(run: Run) -> str:
    one = run.outcome
    said = ["-"] * 6 if one is None else cells(one)
    shown = "" if one is None else _bar(one.margin)
    texts = [f"<td>{escape(text)}</td>" for text in (run.change.words, *said)]
    return f"<tr>{''.join(texts)}<td>{shown}</td></tr>"


def _bar(margin: float) -> str:
    """Return a bar from the middle to the margin, cut off at −1 and 1."""
    end = 50.0 * (1.0 + max(-1.0, min(1.0, margin)))
    left, width = min(50.0, end), abs(end - 50.0)
    kind = "far" if margin >= 0.0 else "short"
    return (
        f"<div class='bar'><span class='{kind}' style='left: {left:.1f}%; width: {width:.1f}%'></span></div>"
    )

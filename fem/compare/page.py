"""A comparison as one HTML page that needs no network and no script."""

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import Final

from fem.compare.comparison import Comparison, noise_sentences
from fem.compare.differences import SAME, Difference, Pair
from fem.compare.screen import written
from fem.compare.values import bare_name

_WORDS: Final = ("place", "quantity", "unit")
_NUMBERS: Final = ("difference", "noise")
_ADVICE: Final = (
    "Research and teaching only, no medical advice: pain or stiffness that lasts belongs with a professional."
)


def comparison_page(comparison: Comparison) -> str:
    """Return the whole page: what was compared, noise and remarks, a table for each pair and section."""
    style = files("fem.compare").joinpath("page.css.txt").read_text(encoding="utf-8")
    names = " / ".join(subject.label for subject in comparison.subjects)
    body = "\n".join(
        [*_head(comparison), *(part for pair in comparison.pairs for part in _pair(comparison, pair))]
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(names)}</title>\n<style>\n{style}</style></head>\n<body><main>\n{body}\n<p>{_ADVICE}</p>\n</main></body></html>\n"
    )


def _head(comparison: Comparison) -> Iterator[str]:
    yield "<h1>Comparison of results</h1>"
    yield f"<p>Compared: {escape(comparison.aligned)}. A difference within its noise cannot be told from none.</p>"
    yield from _list(
        "Results", [f"{s.label} ({s.result.status}): {s.result.path}" for s in comparison.subjects]
    )
    yield from _list("Noise", noise_sentences(comparison))
    yield from _list("Notes", comparison.remarks)


def _pair(comparison: Comparison, pair: Pair) -> Iterator[str]:
    first, second = (comparison.subjects[number].label for number in (pair.first, pair.second))
    counts = ", ".join(f"{count} {verdict}" for verdict, count in pair.counts().items())
    yield f"<h2>{escape(second)} against {escape(first)}</h2><p>{escape(counts)}</p>"
    for section in dict.fromkeys(found.value.section for found in pair.differences):
        own = [found for found in pair.differences if found.value.section == section]
        yield f"<h3>{escape(section or 'joints')}</h3>"
        yield f'<div class="wide" tabindex="0" role="region" aria-label="{escape(section or "joints")}">'
        yield f"<table><thead><tr>{_heads(first, second)}</tr></thead><tbody>"
        yield from (_row(found) for found in sorted(own, key=lambda found: found.verdict == SAME))
        yield "</tbody></table></div>"


def _heads(first: str, second: str) -> str:
    words = "".join(f'<th scope="col">{name}</th>' for name in _WORDS)
    numbers = "".join(
        f'<th scope="col" class="number">{escape(name)}</th>' for name in (first, second, *_NUMBERS)
    )
    return f'{words}{numbers}<th scope="col">verdict</th>'


def _row(found: Difference) -> str:
    value = found.value
    words = [value.place.replace(".", " "), bare_name(value.name), value.unit]
    numbers = [
        written(found.first, ""),
        written(found.second, ""),
        written(found.size, ""),
        written(found.floor.size, "", 2),
    ]
    cells = [f"<td>{escape(word)}</td>" for word in words]
    cells += [f'<td class="number">{escape(number)}</td>' for number in numbers]
    kind = "same" if found.verdict == SAME else "other"
    return f'<tr class="{kind}">{"".join(cells)}<td>{escape(found.verdict)}</td></tr>'


def _list(title: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield f"<h2>{title}</h2><ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"

"""Tables of a study between the two marks of a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fem.errors import UsageError
from fem.results.atomic import write_text
from fem.sensitivity.analysis import Analysis
from fem.sensitivity.inputs import Input
from fem.sensitivity.presentation import between, counts, markdown_rows, remarks

BEGIN: Final = "<!-- sensitivity: begin -->"
END: Final = "<!-- sensitivity: end -->"


def check_page(page: Path) -> None:
    """Raise `UsageError` for a page that cannot be read or has no place for the tables."""
    try:
        text = page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the page {page} cannot be read ({error})") from None
    if not 0 <= text.find(BEGIN) < text.find(END):
        raise UsageError(f"the page {page} has no place for the tables; write {BEGIN} and {END} into it")


def put_tables(page: Path, told: Analysis, most: int) -> Path:
    """Put the tables between the marks of a page."""
    head, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    return write_text(page, "\n".join([f"{head}{BEGIN}", "", *_lines(told, most), "", f"{END}{tail}"]))


def _lines(told: Analysis, most: int) -> Iterator[str]:
    yield f"{counts(told)}; seed {told.seed}."
    for answer in told.answers:
        yield from ("", f"### {answer.output.meaning[0].upper()}{answer.output.meaning[1:]}", "")
        yield from (f"`{answer.output.name}`, {between(answer)} in this design.", "")
        yield from markdown_rows(told, answer, most)
    yield ""
    yield from (f"- {sentence}" for sentence in remarks(told))
    yield from ("", "### Ranges", "", "| input | range | kind | source | why |", "|---" * 5 + "|")
    yield from (_range(one) for one in told.inputs)


def _range(one: Input) -> str:
    cells = (one.meaning, one.range_text, one.kind, one.source, " ".join(one.note.split()))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

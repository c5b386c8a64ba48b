"""Pages of the documentation as a test reads them: their blocks of commands and files, and their links.

A remark on the line above a fence says what a block is: ``file: NAME`` (the reader saves it), ``add to NAME
after: TEXT`` or ``before: TEXT`` (the reader adds it to a file of the project), ``slow``, ``needs: PACKAGE``,
``exit code: N``, ``by hand`` (opens a window) or ``install``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"

_BLOCK = re.compile(
    r"^(?:<!-- (?P<remark>[^\n]*?) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its remark, language and text."""

    remark: str
    language: str
    text: str

    def says(self, word: str) -> str | None:
        """Return what the remark says after `word`, None if it does not begin with it."""
        return self.remark.removeprefix(word).strip() if self.remark.startswith(word) else None


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    return [
        Block(found["remark"] or "", found["language"], found["text"])
        for found in _BLOCK.finditer(page.read_text())
    ]


def links(page: Path) -> Iterator[str]:
    """Yield the targets of a page's links that stay inside the project."""
    for found in _LINK.finditer(_CODE.sub("", page.read_text())):
        if "://" not in found["target"]:
            yield found["target"]


def anchors(page: Path) -> set[str]:
    """Return the anchors that a code host makes from the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", _CODE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def save(block: Block, folder: Path) -> bool:
    """Do what a reader does with a block that belongs into a file; whether it is one."""
    name = block.says("file:")
    if name is not None:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text)
        return True
    added = re.fullmatch(r"add to (?P<file>\S+) (?P<where>after|before): (?P<line>.+)", block.remark)
    if added is None:
        return False
    file = folder / added["file"]
    lines = file.read_text().splitlines()
    places = [number for number, line in enumerate(lines) if line.startswith(added["line"])]
    assert len(places) == 1, f"{added['file']}: '{added['line']}' begins {len(places)} lines"
    at = places[0] + (added["where"] == "after")
    file.write_text("\n".join([*lines[:at], *block.text.splitlines(), "", *lines[at:], ""]))
    return True

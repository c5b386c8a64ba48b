"""Links from the pages to files outside `docs`: right on a code host as they stand, made right here for built pages.

Two pages from elsewhere are built as well (`COPIES`); a link to any other file outside becomes its path in words.
"""

import os
import re
from pathlib import Path
from typing import Any, Final

from sphinx.application import Sphinx

DOCS: Final = Path(__file__).parents[1]
ROOT: Final = DOCS.parent

#: File outside `docs` -> the page that it becomes.
COPIES: Final = {
    "cases/README.md": "reference/shipped_cases.md",
    "benchmarks/README.md": "reference/benchmarks.md",
}

_LINK: Final = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)")


def setup(app: Sphinx) -> dict[str, Any]:
    """Look at every page as it is read."""
    app.connect("source-read", _rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def copy_pages() -> None:
    """Copy the pages of `COPIES` to where they are built."""
    for origin, copy in COPIES.items():
        text = (ROOT / origin).read_text(encoding="utf-8")
        file = DOCS / copy
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def _rewrite(app: Sphinx, page: str, source: list[str]) -> None:
    source[0] = rewritten(source[0], f"{page}.md")


def rewritten(text: str, page: str) -> str:
    """Return the text of `page` (a path inside `docs`) with its links to files outside made right."""
    origins = {copy: origin for origin, copy in COPIES.items()}
    home = ROOT / origins[page] if page in origins else DOCS / page

    def link(found: re.Match[str]) -> str:
        path = Path(os.path.normpath(home.parent / found["target"]))
        try:
            inside = path.relative_to(ROOT).as_posix()
        except ValueError:
            return found[0]  # not ours: Sphinx says so
        if not path.exists():
            return found[0]  # broken: Sphinx says so
        if inside in COPIES:
            path = DOCS / COPIES[inside]
        elif not path.is_relative_to(DOCS):
            return found["text"] if inside in found["text"] else f"{found['text']} (`{inside}`)"
        target = os.path.relpath(path, (DOCS / page).parent)
        return f"[{found['text']}]({target}{found['anchor'] or ''})"

    return _LINK.sub(link, text)

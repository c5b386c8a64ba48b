"""Pieces of Markdown: pages, tables, and text in which nothing is taken for a mark by accident."""

import inspect
import re
from collections.abc import Iterable, Sequence


def page(title: str, opening: str, parts: Iterable[str]) -> str:
    """Return a page: title, opening sentence, parts."""
    return "\n\n".join((f"# {title}", opening, *parts)).rstrip() + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("\n", " ") for cell in line) + " |" for line in lines)


def plain(text: str) -> str:
    """Return `text` with all that Markdown would read as marks made harmless, code in backticks kept."""
    parts = re.split(r"(`+[^`]*`+)", text)
    marked = [
        f"`{part.strip('`')}`" if index % 2 else re.sub(r"([\\*_<>\[\]$|{}#~])", r"\\\1", part)
        for index, part in enumerate(parts)
    ]
    return "".join(marked).replace("|", "\\|").replace("\\\\|", "\\|")


def code(text: object) -> str:
    """Return `text` in backticks, fit for a cell of a table."""
    return f"`{str(text).replace('|', chr(92) + '|')}`"


def prose(docstring: str) -> str:
    """Return a docstring as Markdown: paragraphs as text, what is indented as it stands."""
    blocks = []
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(docstring)):
        lines = [line for line in paragraph.splitlines() if not re.fullmatch(r"\s*-{3,}\s*", line)]
        if lines and lines[0].strip() in ("Notes", "Parameters", "Attributes"):
            heading = lines.pop(0).strip()
            if heading != "Notes":
                blocks.append("```text\n" + "\n".join(lines) + "\n```")
                continue
        indented = [line.startswith("    ") for line in lines]
        if lines and any(indented):
            first = indented.index(True)
            blocks += [plain(" ".join(lines[:first]))] if first else []
            blocks.append("```text\n" + inspect.cleandoc("\n".join(["", *lines[first:]])) + "\n```")
        elif lines:
            blocks.append(plain(" ".join(lines)))
    return "\n\n".join(blocks).replace("::\n", ":\n")

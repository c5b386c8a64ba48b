"""Write what the program says to bad input into docs/reliability.md, by giving it that input.

    python docs/messages.py [--write]

Prints the tables, or with `--write` puts them between their marks.
"""

import argparse
import contextlib
import io
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent))

from bad_inputs import GOOD, INPUTS, Bad

ROOT = Path(__file__).parents[1]
PAGE = Path(__file__).with_name("reliability.md")
BEGIN, END = "<!-- messages: written by docs/messages.py -->", "<!-- end of messages -->"
_LONGEST = 300
_HOME = "/home/you/spine"


def section() -> str:
    """Return the tables, marks included."""
    parts = [BEGIN, ""]
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / "meshes").mkdir()
        (folder / "cases").mkdir()
        (folder / "empty").mkdir()
        shutil.copy(ROOT / "meshes" / "lumbar.yaml", folder / "meshes")
        for title, inputs in INPUTS.items():
            parts += [f"#### {title}", "", "| given | the program says |", "| --- | --- |"]
            parts += [f"| {one.given} | {_cell(message(one, folder))} |" for one in inputs]
            parts += [""]
    return "\n".join([*parts, END])


def message(bad: Bad, folder: Path) -> str:
    """Return what the program says to a bad input, given in `folder`."""
    if bad.data:
        return _said_of_data(bad.data)
    assert bad.old in GOOD, bad.given
    files: dict[str, str | bytes] = {
        "my_case.yaml": GOOD.replace(bad.old, bad.new) if bad.old else GOOD,
        **bad.files,
    }
    for name, content in files.items():
        (folder / name).write_bytes(_content(content))
    try:
        return _said(bad.command, folder)
    finally:
        for name in files:
            (folder / name).unlink()


def _content(content: str | bytes) -> bytes:
    if isinstance(content, str) and content.startswith("RECIPE:"):
        _, old, new = content.replace(": ", "\0").split(":")
        recipe = (ROOT / "meshes" / "lumbar.yaml").read_text(encoding="utf-8")
        old, new = old.replace("\0", ": "), new.replace("\0", ": ")
        assert old in recipe
        content = recipe.replace(old, new, 1)
    return content.encode() if isinstance(content, str) else content


def _said(command: tuple[str, ...], folder: Path) -> str:
    from fem.cli.main import main

    heard = io.StringIO()
    with _inside(folder), contextlib.redirect_stderr(heard), contextlib.redirect_stdout(io.StringIO()):
        code = main(command)
    assert code == 2, f"exit code {code}: {heard.getvalue()}"
    return heard.getvalue().replace(str(folder), _HOME)


def _said_of_data(text: str) -> str:
    from fem.errors import ParameterError
    from fem.literature import load_sources
    from fem.literature.read import parse_set

    try:
        parse_set("study", text, load_sources())
    except ParameterError as error:
        return str(error)
    raise AssertionError("the data file was accepted")


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _cell(text: str) -> str:
    """Return the lines of a message as a cell of a Markdown table; the count at the end of a check is left out."""
    lines = [line for line in text.splitlines() if " error(s) in " not in line]
    shown = (line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…" for line in lines)
    return "<br>".join(f"`` {line} ``" if "`" in line else f"`{line}`" for line in shown).replace("|", "\\|")


def main() -> None:
    """Print the tables, or write them."""
    parser = argparse.ArgumentParser(description="What the program says to bad input.")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/reliability.md")
    if not parser.parse_args().write:
        print(section())
        return
    text = PAGE.read_text(encoding="utf-8")
    before, mark, rest = text.partition(BEGIN)
    assert mark, f"{PAGE} has no mark {BEGIN}"
    PAGE.write_text(before + section() + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()

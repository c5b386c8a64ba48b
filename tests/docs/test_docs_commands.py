"""Every block of commands in the tutorial and the how-tos runs as it stands, in a folder like the project's."""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

import fem
from fem.cli.main import facetgap
from oracles.pages import DOCS, Block, blocks, save

ROOT = DOCS.parent
PAGES = [DOCS / "tutorial.md", *sorted((DOCS / "howto").glob("*.md"))]
ALL_PAGES = [*sorted(DOCS.glob("*.md")), *PAGES[1:], ROOT / "README.md", ROOT / "cases" / "README.md"]
#: What a reader who changes the project works on.
SOURCES = ("fem", "tests", "pyproject.toml")

pages = pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the cases are, as the pages take it; results of one page are there for the next."""
    return project(tmp_path_factory.mktemp("project"))


def project(folder: Path) -> Path:
    """Make `folder` look like the project to a reader, with the files that the tutorial makes."""
    for name in ("cases", "meshes"):
        (folder / name).symlink_to(ROOT / name)
    for block in blocks(DOCS / "tutorial.md"):
        save(block, folder)
    programs = folder / "bin"
    programs.mkdir()
    for name, module in (("facetgap", "fem"), ("pytest", "pytest")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        program.chmod(0o755)
    (programs / "python").symlink_to(sys.executable)
    return folder


def run(block: Block, folder: Path) -> None:
    """Run a block of commands in a shell that stops at the first that fails."""
    sources = folder if (folder / "fem").exists() else Path(fem.__file__).parents[1]
    paths = {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(sources)}
    done = subprocess.run(
        ["bash", "-e", "-c", block.text],
        cwd=folder,
        env={**os.environ, **paths},
        capture_output=True,
        text=True,
        check=False,
    )
    expected = int(block.says("exit code:") or 0)
    assert done.returncode == expected, f"{block.text}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


def work_through(page: Path, folder: Path, slow: bool) -> None:
    """Do what a page says, from top to bottom."""
    for block in blocks(page):
        if save(block, folder) or block.language != "sh" or block.remark in ("by hand", "install"):
            continue
        needed = block.says("needs:")
        if needed is not None and importlib.util.find_spec(needed) is None:
            continue
        if slow or block.remark != "slow":
            run(block, folder)


def place_for(page: Path, folder: Path, tmp_path: Path) -> Path:
    """Return where to work: a copy of the sources for a page that changes them."""
    if not any(block.remark.startswith("add to") for block in blocks(page)):
        return folder
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    return project(tmp_path)


@pages
@pytest.mark.case
def test_the_commands_of_a_page_run(page: Path, folder: Path, tmp_path: Path) -> None:
    work_through(page, place_for(page, folder, tmp_path), slow=False)


@pages
@pytest.mark.slow
def test_the_long_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    place = place_for(page, tmp_path, tmp_path)
    work_through(page, place if (place / "bin").exists() else project(place), slow=True)


@pytest.mark.parametrize("page", ALL_PAGES, ids=[page.stem for page in ALL_PAGES])
def test_every_command_is_one_that_the_program_takes(page: Path) -> None:
    """Those that are not run, too: long ones, those that open a window, and those of all other pages."""
    for block in blocks(page):
        text = block.text.replace("\\\n", " ") if block.language == "sh" else ""
        for line in text.splitlines():
            words = shlex.split(line.strip().replace("$factor", "1"), comments=True)
            if words[:1] == ["facetgap"] and words[1:] != ["--version"]:
                parse(words[1:])


def parse(words: list[str]) -> None:
    """Let click read a command without running it."""
    context = click.Context(facetgap, info_name="facetgap")
    command: click.Command | None = facetgap
    while isinstance(command, click.Group):
        command = command.get_command(context, words[0])
        words = words[1:]
    assert command is not None
    command.make_context(command.name, words, parent=context)


def test_the_rules_see_a_wrong_command() -> None:
    with pytest.raises(click.UsageError):
        parse(["run", "--sett", "a=b", "case.yaml"])


def test_installation_is_told_as_the_project_declares_it() -> None:
    text = next(block.text for block in blocks(DOCS / "tutorial.md") if block.remark == "install")
    assert 'pip install ".[view]"' in text
    assert "\nview = [" in (ROOT / "pyproject.toml").read_text()

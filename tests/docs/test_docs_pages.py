"""The documentation builds without a warning, needs no network, and its links lead somewhere on a code host too."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from oracles.pages import DOCS, anchors, links

ROOT = DOCS.parent
#: Pages that are written when the documentation is built.
BUILT = DOCS / "reference"
PAGES = sorted(
    page for page in DOCS.rglob("*.md") if BUILT not in page.parents and "_build" not in page.parts
)
NEEDED = ("sphinx", "myst_parser", "furo", "latex2mathml")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as a browser sees them."""
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        pytest.skip("the extra 'docs' is not installed")
    folder = tmp_path_factory.mktemp("pages")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-d", str(folder / "read"),
         str(DOCS), str(folder / "html")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder / "html"


def test_every_page_is_built(built: Path) -> None:
    for page in PAGES:
        assert (built / page.relative_to(DOCS).with_suffix(".html")).is_file()


def test_no_page_asks_the_network_for_anything(built: Path) -> None:
    for page in built.rglob("*.html"):
        fetched = re.findall(
            r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"((?:https?:)?//[^\"]+)", page.read_text()
        )
        assert fetched == [], page.name
    for sheet in built.rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text()), sheet.name


def test_formulas_are_written_out(built: Path) -> None:
    text = (built / "theory.html").read_text()
    assert text.count("<math") > 100
    assert "$$" not in text


def test_the_reference_holds_what_the_code_holds(built: Path) -> None:
    from fem.cli.main import COMMANDS
    from fem.literature import available
    from fem.materials.cable import CABLE_LAWS
    from fem.results.quantities import TABLES

    pages = {page.stem: page.read_text() for page in (built / "reference").glob("*.html")}
    for table, layout in TABLES.items():
        assert f"{table}.csv" in pages["columns"]
        assert all(f">{name}<" in pages["columns"] for name in layout.columns())
    assert all(f">{name}<" in pages["laws"] for name in CABLE_LAWS)
    assert all(f">{name}<" in pages["data"] for name in available())
    assert all(
        f">{key}<" in pages["case_keys"] for key in ("phases", "time_to_peak", "reflex", "recess_volume")
    )
    found = sum(f"facetgap {name}" in pages["commands"] for name in COMMANDS)
    assert found >= len(COMMANDS) - 1, "one may be missing from an installation"


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(DOCS)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if BUILT in file.parents:
            assert f'"{file.stem}"' in (DOCS / "generate.py").read_text() or "shipped_cases" in file.name
            continue
        assert file.exists(), f"{page.name}: {target}"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), f"{page.name}: {target}"

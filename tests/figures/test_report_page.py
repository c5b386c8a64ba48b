"""The page: an independent parser reads it, nothing in it comes from elsewhere, Chromium shows it."""

import base64
import html.parser
import importlib.util
import os
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from fem.cli import report
from fem.errors import UsageError
from fem.figures.data import open_results
from fem.report.page import report_text, write_report
from fem.report.pictures import inline

pytestmark = pytest.mark.case

VOID = {"meta", "link", "img", "br", "hr", "input"}
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
)  # fmt: skip


class Reader(html.parser.HTMLParser):
    """Follows nesting; keeps elements with their attributes, headings and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.headings: list[int] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attributes}))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def page(thrust: Path) -> str:
    (one,) = open_results([thrust])
    return report_text(one, pictures=importlib.util.find_spec("pyvista") is not None)


def test_nothing_is_fetched(page: str) -> None:
    for tag, attributes in read(page).elements:
        assert tag not in ("script", "iframe", "object", "embed", "base"), tag
        for name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster"):
            if name in attributes:
                assert attributes[name].startswith(("data:", "#")), f"{tag} {name}={attributes[name][:60]}"
    assert "@import" not in page
    assert not re.search(r"url\((?!#|data:)", page)


def test_links_lead_somewhere_and_names_are_unique(page: str) -> None:
    elements = read(page).elements
    names = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(names) == len(set(names))
    for _, attributes in elements:
        for key in ("href", "aria-labelledby"):
            wanted = attributes.get(key, "").removeprefix("#")
            assert not wanted or wanted.startswith("data:") or wanted in names, wanted
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(names)


def test_headings_come_in_order(page: str) -> None:
    levels = read(page).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_it_can_be_used_without_eyes_or_mouse(page: str) -> None:
    reader = read(page)
    assert reader.all("html")[0]["lang"] == "en"
    assert reader.all("meta")[1]["content"].startswith("width=device-width")
    assert all(len(image["alt"]) > 30 for image in reader.all("img"))
    assert all(image["role"] == "img" and image["aria-label"] for image in reader.all("svg"))
    assert reader.all("th")
    assert all(cell.get("scope") in ("col", "row") for cell in reader.all("th"))
    assert len(reader.all("caption")) == len(reader.all("table"))
    regions = [one for one in reader.all("div") if one.get("class") == "wide"]
    assert all(one["tabindex"] == "0" and one["aria-label"] for one in regions)
    assert reader.all("a")[0]["href"] == "#answer", "the first stop skips to the answer"
    assert "prefers-color-scheme: dark" in page


def test_it_says_what_matters(page: str) -> None:
    text = re.sub(r"\s+", " ", " ".join(read(page).text))
    for phrase in (
        "Does the facet joint L4-L5 left pop",
        "of the draws of the uncertain inputs pop",
        "Margin ",
        "Most strained ligament: L4-L5",
        "Strain = (length − reference length) / reference length",
        "belongs with a professional",
        "It cannot say",
        "Newton iterations",
        "not accounted for",
        "SHA-256",
        "cavitation.nucleation_pressure",
        "Remus R, Lipphaus A",
        "film.rest_thickness",
    ):
        assert phrase in text, phrase
    assert "None" not in text.split()
    assert "nan" not in text.split()


def test_pictures_are_inside_it(page: str) -> None:
    images = read(page).all("img")
    if importlib.util.find_spec("pyvista") is None:
        pytest.skip("PyVista is not installed")
    if not images:
        assert "could not draw off screen" in page
        pytest.skip("no graphics libraries here")
    assert len(images) == 2
    for image in images:
        body = base64.b64decode(image["src"].partition("base64,")[2], validate=True)
        assert body[:8] == b"\x89PNG\r\n\x1a\n"
        assert 20_000 < len(body) < 700_000


def test_without_pyvista_the_page_says_so(bend: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "pyvista" else found(name, *rest)
    )
    (one,) = open_results([bend])
    text = report_text(one)
    assert "pictures need PyVista, which is not installed" in text
    assert "No verdict on a pop" in text
    assert "without muscles" in text


def test_the_command_writes_beside_the_result_and_escapes_titles(bend: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sly"
    shutil.copytree(bend, folder)
    run = (folder / "run.json").read_text()
    (folder / "run.json").write_text(run.replace('"L4 bends"', '"<b>L4</b> & more"'))
    answer = CliRunner().invoke(report.command, [str(folder), "--no-pictures"])
    assert answer.exit_code == 0, answer.output
    text = (folder / "report.html").read_text()
    assert answer.output.strip() == str(folder / "report.html")
    assert "&lt;b&gt;L4&lt;/b&gt; &amp; more" in text
    assert "--no-pictures" in text
    with pytest.raises(UsageError, match=r"\.html"):
        write_report(folder, tmp_path / "report.pdf")


def test_an_interrupted_run_is_reported_as_one(bend: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    shutil.copytree(bend, folder, ignore=shutil.ignore_patterns("fields", "results.pvd", "summary.json"))
    run = (folder / "run.json").read_text()
    (folder / "run.json").write_text(run.replace('"status": "complete"', '"status": "interrupted"', 1))
    (one,) = open_results([folder])
    text = report_text(one, pictures=False)
    assert "This run is interrupted" in text
    read(text)


def test_names_in_a_drawing_become_unique() -> None:
    head = '<?xml?><svg width="3pt" viewBox="0 0 1 1" xmlns="http://x"><metadata>m</metadata>'
    text = inline(f'{head}<g id="a"/><use xlink:href="#a"/><path clip-path="url(#a)"/></svg>', "gap")
    assert text.count("gap-a") == 3
    assert "http" not in text
    assert "metadata" not in text
    assert "width" not in text


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
@pytest.mark.parametrize("width", [1200, 500])
def test_chromium_shows_it_without_overflow(page: str, tmp_path: Path, width: int) -> None:
    asked = (
        "document.documentElement.scrollWidth",
        "innerWidth",
        "document.querySelectorAll('svg').length",
        "[...document.images].filter(i=>i.naturalWidth).length",
    )
    probe = f"<script>document.title='WIDTH '+[{','.join(asked)}].join(' ')</script>"
    file = tmp_path / "page.html"
    file.write_text(page.replace("</body>", f"{probe}</body>"))
    done = subprocess.run(
        [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},900", "--dump-dom",
         file.as_uri()],
        capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    found = re.search(r"<title>WIDTH (\d+) (\d+) (\d+) (\d+)</title>", done.stdout)
    assert found, done.stderr[-2000:]
    needed, given, drawings, images = map(int, found.groups())
    assert needed <= given, "the page is wider than the window"
    assert drawings >= 5
    assert images == len(read(page).all("img"))

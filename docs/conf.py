"""How the pages are built: ``sphinx-build -W -b html docs docs/_build``. Nothing is fetched from a network."""

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS), str(DOCS / "extensions"), str(DOCS.parent)]

import generate  # noqa: E402
import outside  # noqa: E402
from sphinx.application import Sphinx  # noqa: E402

from fem import __version__  # noqa: E402

generate.write_all(DOCS / "reference")
outside.copy_pages()

project = "facetgap"
author = copyright = "the facetgap authors"
version = release = __version__

extensions = ["myst_parser", "mathml", "outside"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
exclude_patterns = ["_build", "README.md"]

html_theme = "furo"
html_title = f"facetgap {release}"
html_math_renderer = "mathml"
html_static_path = ["static"]
html_css_files = ["facetgap.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "footer_icons": [],
    "announcement": "Research and teaching only, not medical advice. "
    "Pain or stiffness that lasts belongs with a professional.",
}


def setup(app: Sphinx) -> None:
    """Let a page that nobody has put into a list of `index.md` yet be found all the same."""
    app.connect("source-read", _list_the_rest)


def _list_the_rest(app: Sphinx, page: str, source: list[str]) -> None:
    if page != "index":
        return
    named = set(re.findall(r"^[\w/]+$", source[0], re.MULTILINE))
    rest = sorted(file.stem for file in DOCS.glob("*.md") if file.stem not in {*named, "index"})
    if rest:
        lines = ["```{toctree}", ":caption: More", ":maxdepth: 1", "", *rest, "```"]
        source[0] += "\n" + "\n".join(lines) + "\n"

"""The pages that show how the model stands against experiments: docs/validation.md and the table of the README.

    python benchmarks/validation_table.py --write [FOLDER]    from FOLDER/validation.json of `facetgap validate --run`
    python benchmarks/validation_table.py --check             are the pages of the comparisons as they are? (no runs)

The document is kept as docs/validation.json; page and table are made from it and from nothing else. Returns 1 where one
of them is out of date.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fem.results.atomic import write_json, write_text
from fem.validate.declared import declared
from fem.validate.page import summary_lines, thrust_sentence, validation_page
from fem.validate.runs import wanted_runs

ROOT = Path(__file__).resolve().parents[1]
README, PAGE, DOCUMENT = (
    ROOT / "README.md",
    ROOT / "docs" / "validation.md",
    ROOT / "docs" / "validation.json",
)
FIRST, LAST = "<!-- validation -->", "<!-- end validation -->"


def block(document: Mapping[str, Any]) -> list[str]:
    """Return the lines between the marks of the README."""
    capsules = [one for one in document["comparisons"] if one["key"].startswith("thrust.capsule.L")]
    return ["", *summary_lines(document), "", f"Capsules in the default thrust: {thrust_sentence(capsules)}"]


def with_block(text: str, lines: list[str]) -> str:
    """Return the README with the lines between its marks.

    Raises
    ------
    ValueError
        Where the marks are missing.
    """
    if FIRST not in text or LAST not in text:
        raise ValueError(f"{README.name} has no marks {FIRST} and {LAST}")
    head, _, rest = text.partition(FIRST)
    return "\n".join([f"{head}{FIRST}", *lines, f"{LAST}{rest.partition(LAST)[2]}"])


def stale(document: Mapping[str, Any], page: str, readme: str) -> list[str]:
    """Return what is out of date, without looking at runs."""
    found = []
    if document["key"] != declared().key:
        found.append(f"{DOCUMENT.name} is of other comparisons or other published numbers")
    if page != validation_page(document):
        found.append(f"{PAGE.name} is not what {DOCUMENT.name} makes")
    if readme != with_block(readme, block(document)):
        found.append(f"the table in {README.name} is not what {DOCUMENT.name} makes")
    if any(run["state"] != "complete" for run in document["runs"]):
        found.append("runs are missing or failed: facetgap validate --run")
    now = {one.run.name: one.hash for one in wanted_runs(declared(), ROOT / "cases", ROOT / "results")}
    if aged := [run["name"] for run in document["runs"] if run["inputs"] != now.get(run["name"])]:
        found.append(
            f"{len(aged)} runs are of other inputs than cases and data have now: facetgap validate --run"
        )
    return found


def main() -> int:
    """Write the pages, or say what is out of date."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "results" / "validation")
    parser.add_argument("--write", action="store_true", help="write document, page and table")
    parser.add_argument("--check", action="store_true", help="say what is out of date")
    options = parser.parse_args()
    if options.write:
        document = json.loads((options.folder / "validation.json").read_text(encoding="utf-8"))
        write_json(DOCUMENT, document)
        write_text(PAGE, validation_page(document))
        write_text(README, with_block(README.read_text(encoding="utf-8"), block(document)))
    else:
        document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    found = stale(document, PAGE.read_text(encoding="utf-8"), README.read_text(encoding="utf-8"))
    print("\n".join(found) or "the pages are of these comparisons", file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())

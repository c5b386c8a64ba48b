"""Write the reference pages from the code itself, each time the pages are built: they cannot fall behind it.

`docs/conf.py` calls this. The pages go to ``docs/reference/``, which is not under version control.
"""

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

from case_reference import case_keys
from marks import code, page, plain, prose, table


def write_all(folder: Path) -> None:
    """Write every reference page into `folder`; a page that has not changed is left alone."""
    folder.mkdir(exist_ok=True)
    pages = {
        "commands": commands(),
        "case_keys": case_keys(),
        "columns": columns(),
        "laws": laws(),
        "data": data_sets(),
    }
    for name, text in pages.items():
        file = folder / f"{name}.md"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


# --- commands -------------------------------------------------------------------------------------------------------


def commands() -> str:
    """Return the page of all commands with all their options, as ``--help`` prints them."""
    import click

    from fem.cli.main import facetgap
    from fem.errors import FacetgapError

    root = click.Context(
        facetgap,
        info_name="facetgap",
        max_content_width=88,
        terminal_width=88,
        help_option_names=["-h", "--help"],
    )
    parts = []
    for name in facetgap.list_commands(root):
        try:
            found = facetgap.get_command(root, name)
        except FacetgapError:
            continue  # a command that this installation lacks
        if found is not None:
            parts += list(_help_of(found, f"facetgap {name}", root, "##"))
    opening = (
        "Results go to stdout, progress and warnings to stderr; `--json` prints one document with a `version`. "
        "Exit codes: 0 done, 1 a bug, 2 wrong input, 3 no convergence (the last good state is kept), "
        "4 an expectation was missed, 5 an optional tool is missing, 130 and 143 interrupted."
    )
    return page("Commands", opening, parts)


def _help_of(command: Any, name: str, parent: Any, heading: str) -> Iterator[str]:
    import click

    context = click.Context(
        command, info_name=name.split()[-1], parent=parent, max_content_width=88, terminal_width=88
    )
    yield f"{heading} {name}"
    yield f"```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None:
                yield from _help_of(found, f"{name} {inner}", context, "###")


# --- columns --------------------------------------------------------------------------------------------------------


def columns() -> str:
    """Return the page of table columns and summary keys, from the catalogue of the results."""
    from fem.results.quantities import CAVITATION, SECTIONS, TABLES, TOTALS

    parts = ["## Tables"]
    for name, layout in TABLES.items():
        keys = ", ".join(code(key) for key in layout.keys)
        parts += [f"### {name}.csv", f"Rows are named by {keys}.", _quantities(layout.values)]
    parts += ["## Summary"]
    for name, quantities in SECTIONS.items():
        parts += [f"### {name}", _quantities(quantities)]
        parts += ["### facets, cavitation", _quantities(CAVITATION)] if name == "facets" else []
    for name, quantities in TOTALS.items():
        parts += [f"### {name or 'of the whole run'}", _quantities(quantities)]
    opening = (
        "What each result table (a CSV file, one row per step and structure) and each entry of `summary.json` holds. "
        "[What a run leaves behind](../results.md) says how they are defined and read."
    )
    return page("Result columns and summary keys", opening, parts)


def _quantities(quantities: Iterable[Any]) -> str:
    rows = ((code(one.name), plain(one.unit), plain(one.meaning)) for one in quantities)
    return table(("name", "unit", "meaning"), rows)


# --- laws -----------------------------------------------------------------------------------------------------------


def laws() -> str:
    """Return the page of all laws: equation, parameters with units and ranges, data sets that use them."""
    from fem.film import laws as film
    from fem.materials import damage, relaxation, volumetric
    from fem.materials.cable import CABLE_LAWS
    from fem.materials.muscle import activation, hill, reflex
    from fem.materials.solid import INVARIANT_LAWS
    from fem.materials.surface import foundation

    sections: dict[str, dict[str, Any]] = {
        "Strands and cables": dict(CABLE_LAWS),
        "Solids": dict(INVARIANT_LAWS),
        "Volume": _laws_of(volumetric),
        "Surfaces in contact": _laws_of(foundation),
        "Stress that fades": {"": relaxation.PronySeries},
        "Damage": _laws_of(damage),
        "Muscles": _laws_of(hill) | _laws_of(activation) | _laws_of(reflex),
        "Synovial film": _laws_of(film),
    }
    parts = []
    for title, found in sections.items():
        parts.append(f"## {title}")
        for name, law in found.items():
            parts += list(_law(name, law))
    opening = (
        "Each law as its docstring gives it, with the constants it declares. Names in code are those that data sets "
        "and case files use. The [theory](../theory.md) says where each one acts."
    )
    return page("Laws", opening, parts)


def _laws_of(module: Any) -> dict[str, Any]:
    from fem.parameters import parameters_of

    own = (
        item for item in vars(module).values() if inspect.isclass(item) and item.__module__ == module.__name__
    )
    laws = [item for item in own if hasattr(item, "__dataclass_fields__") and parameters_of(item)]
    return {f" {item.__name__}": item for item in laws}


def _law(name: str, law: Any) -> Iterator[str]:
    from fem.parameters import parameters_of

    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", law.__name__).lower()
    yield f"### {words.capitalize()}"
    registered = name != "" and not name.startswith(" ")
    sets = ", ".join(code(one) for one in _users(name)) if registered else ""
    if registered:
        yield f"Name: {code(name)}." + (f" Data sets: {sets}." if sets else "")
    yield prose(law.__doc__ or "")
    declared = parameters_of(law)
    if declared:
        rows = ((code(key), plain(one.meaning), _range(one.range_text)) for key, one in declared.items())
        yield table(("constant", "meaning", "legal range"), rows)


def _range(text: str) -> str:
    """Return a legal range with the sign of infinity, and without the unit 1."""
    return plain(text.replace("inf", "∞").removesuffix(" 1"))


def _users(law: str) -> list[str]:
    from fem.literature import available, load

    return [name for name in available() if law in load(name).texts.values()]


# --- data sets ------------------------------------------------------------------------------------------------------


def data_sets() -> str:
    """Return the page of the literature data: sets, how many numbers of which kind, and all sources."""
    from collections import Counter

    from fem.literature import available, load, load_sources
    from fem.literature.datum import KINDS

    sources, used = load_sources(), Counter[str]()
    rows = []
    for name in available():
        data = load(name).data
        kinds = Counter(datum.kind for datum in data.values())
        used.update(datum.source for datum in data.values())
        counts = ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind])
        cited = ", ".join(sorted({code(datum.source) for datum in data.values()}))
        rows.append((code(name), plain(load(name).scope), counts, cited))
    kinds_said = table(("kind", "says that the number is"), ((code(k), plain(v)) for k, v in KINDS.items()))
    cited_rows = (
        (code(key), str(used[key]), plain(one.citation()), plain(one.held))
        for key, one in sorted(sources.items())
    )
    opening = (
        "Every number from the literature stands in a data file with unit, source, place in the source and kind. "
        "`facetgap show CASE` lists those that a case rests on, `facetgap literature used CASE` their sources."
    )
    return page(
        "Literature data",
        opening,
        (
            kinds_said,
            "## Sets",
            table(("set", "for", "numbers", "sources"), rows),
            "## Guarding patterns",
            "Activations that a case asks for by name; [guarding](../guarding.md) says what they do.",
            _patterns(),
            "## Sources",
            "What was *at hand* says how much of a source was read when its numbers were taken.",
            table(("key", "numbers", "publication", "at hand"), cited_rows),
        ),
    )


def _patterns() -> str:
    from fem.case.guarding import read_pattern, shipped_patterns

    patterns = (read_pattern(name, "L4-L5 left") for name in shipped_patterns())
    rows = ((code(one.name), one.kind, code(one.source), plain(one.note)) for one in patterns)
    return table(("name", "kind", "source", "stands for"), rows)


if __name__ == "__main__":
    write_all(Path(__file__).parent / "reference")

"""Write the columns of every result table into docs/results.md, from the catalogue of the program.

    python docs/result_columns.py [--write]

Prints the section, or with `--write` puts it between its marks.
"""

import argparse
from pathlib import Path

from fem.results.quantities import TABLES
from fem.results.tables import HISTORY_COLUMNS, STEP_COLUMNS

PAGE = Path(__file__).with_name("results.md")
BEGIN, END = "<!-- columns: written by docs/result_columns.py -->", "<!-- end of columns -->"

#: Who or what a row is of; unit and meaning of the columns that every table begins with.
KEYS = {
    "step": ("", "number of the load step; 0 is the settled state before any load"),
    "time_s": ("s", "time since the start of the case"),
    "phase": ("", "name of the phase in the case"),
    "level": ("", "motion segment, such as `L4-L5`; for `levels.csv` also the span of all"),
    "bundle": ("", "ligament, with its side where it has one: `CL left`"),
    "strand": ("", "number of the strand in its bundle"),
    "joint": ("", "facet joint, such as `L4-L5 left`"),
    "fascicle": ("", "name of the fascicle"),
    "group": ("", "muscle it belongs to"),
    "side": ("", "left or right"),
}
#: Columns of ``history.csv``.
HISTORY = {
    "load_fraction": ("1", "share of the phase's loads that acts"),
    "iterations": ("1", "Newton iterations of the step"),
    "residual": ("1", "unbalanced force at its end, over the largest force in the model"),
    "stored_mJ": ("mJ", "energy held in everything elastic"),
    "work_mJ": ("mJ", "work of the loads since the start"),
    "dissipated_mJ": ("mJ", "heat since the start"),
    "kinetic_mJ": ("mJ", "energy in motion"),
    "muscles_mJ": ("mJ", "work of the active part of the muscles since the start"),
}


def section() -> str:
    """Return the section, marks included."""
    parts = [
        BEGIN,
        "",
        "Every table begins with these columns:",
        "",
        *rows({name: KEYS[name] for name in STEP_COLUMNS}),
    ]
    parts += [
        "",
        "### history.csv",
        "",
        "One row a step.",
        "",
        *rows({name: HISTORY[name] for name in HISTORY_COLUMNS}),
    ]
    for name, layout in TABLES.items():
        columns = {key: KEYS.get(key, ("", "")) for key in layout.keys}
        columns |= {quantity.name: (quantity.unit, quantity.meaning) for quantity in layout.values}
        parts += [
            "",
            f"### {name}.csv",
            "",
            f"One row a step and {' and '.join(layout.keys[:3])}.",
            "",
            *rows(columns),
        ]
    return "\n".join([*parts, "", END])


def rows(columns: dict[str, tuple[str, str]]) -> list[str]:
    """Return a Markdown table of column -> (unit, meaning)."""
    head = ["| column | unit | holds |", "| --- | --- | --- |"]
    return [*head, *(f"| `{name}` | {unit} | {meaning} |" for name, (unit, meaning) in columns.items())]


def main() -> None:
    """Print the section, or write it."""
    parser = argparse.ArgumentParser(description="Columns of the result tables.")
    parser.add_argument("--write", action="store_true", help="put the section into docs/results.md")
    if not parser.parse_args().write:
        print(section())
        return
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(before + section() + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()

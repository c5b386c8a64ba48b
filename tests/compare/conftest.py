"""Made-up results to compare: a small spine whose gaps and strains are known at every time."""

import copy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "results"))

from fake_spine import fake_cavitation, fake_info, fake_model, fake_parts, fake_record

from fem.results.folder import claim

#: A case with a thrust that is largest half a second after the start of its phase.
SETTINGS: dict[str, Any] = {
    "version": 1,
    "spine": {"levels": "L4-S1", "resolution": "coarse"},
    "target": "L4-L5 left",
    "phases": [
        {"name": "settle", "kind": "static", "duration": "0 s"},
        {
            "name": "bend",
            "kind": "dynamic",
            "duration": "1 s",
            "loads": [{"kind": "thrust", "on": "L4", "peak": "400 N", "time_to_peak": "0.4 s"}],
        },
    ],
    "muscles": {"level": 0.0},
}
#: Makes a finished result folder: name, factor on gaps and strains, changes of the settings, steps.
Maker = Callable[..., Path]


def changed(settings: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the settings with dotted keys (``spine__resolution``) set."""
    new = copy.deepcopy(settings)
    for key, value in changes.items():
        *outer, leaf = key.split("__")
        branch = new
        for name in outer:
            branch = branch[name]
        branch[leaf] = value
    return new


def scaled(tables: dict[str, dict[str, list[Any]]], factor: float) -> dict[str, dict[str, list[Any]]]:
    """Return the tables with gaps, strains and rotations times a factor."""
    touched = ("gap", "strain", "_deg", "force")
    return {
        name: {
            column: [value * factor if isinstance(value, float) else value for value in values]
            if any(part in column for part in touched)
            else values
            for column, values in table.items()
        }
        for name, table in tables.items()
    }


def kill(folder: Path, running: str) -> None:
    """Leave a folder as a run that was killed leaves it."""
    (folder / "run.json").write_text(running)
    (folder / "summary.json").unlink()
    for file in folder.glob("*.csv"):
        file.rename(file.with_name(f"{file.name}.partial"))


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Return what makes a result folder of four steps, 0 to 0.75 s."""

    def maker(name: str, factor: float = 1.0, film: bool = False, end: bool = True, **changes: Any) -> Path:
        steps = changes.pop("steps", range(4))
        info = fake_info(
            name=Path(name).name, settings=changed(SETTINGS, **changes), resolved_text="version: 1\n"
        )
        folder = claim(tmp_path / name, info)
        assert folder is not None
        folder.start(type(fake_model())(("L4-L5", "L5-S1"), dof=1234, target="L4-L5 left"), fake_parts())
        for step in steps:
            record = fake_record(step)
            tables = scaled({key: dict(table) for key, table in record.tables.items()}, factor)
            folder.add(fake_record(step, tables=tables))
        if film:
            folder.conclude(fake_cavitation())
        running = (folder.path / "run.json").read_text()
        folder.finish("complete")
        if not end:
            kill(folder.path, running)
        return folder.path

    return maker

"""Read a result folder: what a run left, without its fields. Errors say what is wrong and what to do."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from fem.errors import UsageError
from fem.results.fields import SERIES_FILE
from fem.results.provenance import FORMAT_VERSION
from fem.results.summary import SUMMARY_VERSION
from fem.results.tables import PARTIAL_SUFFIX

RUN_FILE: Final = "run.json"
SUMMARY_FILE: Final = "summary.json"


@dataclass(frozen=True, slots=True)
class Result:
    """A run as read back: `run` is ``run.json``, `summary` is ``summary.json`` (empty while it runs)."""

    path: Path
    run: Mapping[str, Any]
    summary: Mapping[str, Any]

    @property
    def status(self) -> str:
        """Return running, complete, failed or interrupted."""
        return str(self.run["status"])


def read_result(path: Path) -> Result:
    """Read a result folder, or the folder of a ``run.json`` or ``summary.json``; fields stay on disk.

    Raises
    ------
    UsageError
        When there is no result, a file is cut off, or a newer facetgap wrote it.
    """
    folder = path.parent if path.is_file() else path
    run = read_run(folder)
    summary: Mapping[str, Any] = {}
    if (folder / SUMMARY_FILE).is_file() or run["status"] == "complete":
        summary = read_summary(folder / SUMMARY_FILE)
    return Result(folder, run, summary)


def read_run(folder: Path) -> dict[str, Any]:
    """Return ``run.json`` of a result folder."""
    if not folder.exists():
        raise UsageError(f"there is no result folder {folder}; `facetgap run CASE` makes one")
    if not (folder / RUN_FILE).is_file():
        raise UsageError(f"{folder} is not a result folder: it holds no {RUN_FILE}")
    run = _read_json(folder / RUN_FILE, FORMAT_VERSION)
    if "status" not in run:
        raise UsageError(f"{folder / RUN_FILE} has no status; it was not written by facetgap")
    return run


def read_summary(file: Path) -> dict[str, Any]:
    """Return a ``summary.json``."""
    if not file.is_file():
        raise UsageError(f"{file} is missing; the run did not end or the folder was copied in part")
    return _read_json(file, SUMMARY_VERSION)


def read_table(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a table such as ``ligaments`` as texts; of a running job, those written so far."""
    for file in (folder / f"{name}.csv", folder / f"{name}.csv{PARTIAL_SUFFIX}"):
        if file.is_file():
            with file.open(encoding="utf-8", newline="") as lines:
                return list(csv.DictReader(lines))
    raise UsageError(f"{folder} holds no table {name}.csv")


def field_times(folder: Path) -> list[tuple[float, Path]]:
    """Return (time [s], ``.vtm`` file) of every step whose fields were kept.

    Raises
    ------
    UsageError
        When the run kept no fields, or the index cannot be read.
    """
    file = folder / SERIES_FILE
    if not file.is_file():
        raise UsageError(f"{folder} holds no fields ({SERIES_FILE} is missing)")
    try:
        root = ElementTree.parse(file).getroot()
    except ElementTree.ParseError as error:
        raise UsageError(f"{file} cannot be read ({error}); run the case again with --force") from error
    return [
        (float(entry.attrib["timestep"]), folder / entry.attrib["file"]) for entry in root.iter("DataSet")
    ]


def _read_json(file: Path, newest: int) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file} is cut off or damaged ({error}); run the case again with --force"
        ) from error
    version = document.get("version") if isinstance(document, dict) else None
    if not isinstance(version, int):
        raise UsageError(f"{file} has no version; it was not written by facetgap")
    if version > newest:
        raise UsageError(
            f"{file} has layout version {version}, this facetgap reads up to {newest}; install a newer one"
        )
    return dict(document)

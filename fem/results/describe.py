"""What a file is, in words: a result folder, a summary, a mesh file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from fem.errors import UsageError
from fem.results.fields import SERIES_FILE
from fem.results.read import SUMMARY_FILE, field_times, read_summary
from fem.results.salvage import OpenedResult, open_result
from fem.results.screen import result_table

_VTK_FILES: Final = {".vtu": "unstructured grid", ".vtm": "multi-block file", ".pvd": "time series"}
_HEAD_BYTES: Final = 1 << 20


def describe(path: Path, width: int = 80) -> str:
    """Return what `path` holds, in words.

    Raises
    ------
    UsageError
        When it is missing, or of no kind that facetgap knows.
    """
    if not path.exists():
        raise UsageError(f"there is no file or folder {path}")
    if path.is_dir() or path.name == "run.json":
        return describe_result(open_result(path), width)
    if path.name == SUMMARY_FILE or path.suffix == ".json":
        return result_table(read_summary(path), width)
    if path.suffix in _VTK_FILES:
        return describe_vtk(path)
    if path.suffix in (".yaml", ".yml"):
        raise UsageError(f"{path} is a case or a recipe: `facetgap show {path}` puts it in words")
    raise UsageError(f"{path}: unknown kind; expected a result folder, a .json, .vtu, .vtm or .pvd file")


def describe_result(result: OpenedResult, width: int) -> str:
    """Return a result folder in words: what ran, when, on what, and its table; also of one that was cut off."""
    run = result.run
    versions = run.get("versions", {})
    lines = [
        f"{result.name}: {run.get('title', 'title not known')}",
        f"status {result.status}" + (f": {run['message']}" if run.get("message") else ""),
        f"started {run.get('started', 'at a time not known')}"
        + (f", finished {run['finished']}" if "finished" in run else ""),
        f"facetgap {versions.get('facetgap', 'version not known')}, {run.get('steps', 'not known how many')} steps, "
        f"inputs {str(run.get('input_hash', 'not known'))[:12]}",
        *[f"  {entry['role']}: {entry['path']}" for entry in run.get("inputs", [])],
        *_mesh_lines(run),
        *_field_lines(result),
        *[f"warning: {text}" for text in run.get("warnings", [])],
        *[f"note: {text}" for text in result.remarks],
    ]
    table = "\n" + result_table(result.summary, width) if result.summary else ""
    return "\n".join(lines) + "\n" + table


def describe_vtk(path: Path) -> str:
    """Return a VTK file's kind, sizes and arrays, from its XML head."""
    text = path.read_bytes()[:_HEAD_BYTES].split(b"<AppendedData")[0]
    closed = text if text.rstrip().endswith(b"</VTKFile>") else text + b"</VTKFile>"
    try:
        root = ElementTree.fromstring(closed)
    except ElementTree.ParseError as error:
        raise UsageError(f"{path} cannot be read as a VTK file ({error})") from error
    lines = [f"{path}: {_VTK_FILES[path.suffix]}"]
    for piece in root.iter("Piece"):
        lines.append(f"{piece.get('NumberOfPoints')} points, {piece.get('NumberOfCells')} cells")
        for kind in ("PointData", "CellData"):
            names = [str(array.get("Name")) for part in piece.iter(kind) for array in part]
            lines.append(f"{kind}: {', '.join(names) or 'none'}")
    for entry in root.iter("DataSet"):
        stamp = f"t = {entry.get('timestep')} s: " if entry.get("timestep") else f"{entry.get('name')}: "
        lines.append(f"  {stamp}{entry.get('file')}")
    return "\n".join(lines) + "\n"


def _mesh_lines(run: Mapping[str, Any]) -> list[str]:
    sizes = run.get("mesh_sizes", {})
    return ["mesh: " + ", ".join(f"{count} {name}" for name, count in sizes.items())] if sizes else []


def _field_lines(result: OpenedResult) -> list[str]:
    try:
        times = field_times(result.path)
    except UsageError as error:
        return ["no fields kept" if not (result.path / SERIES_FILE).is_file() else f"fields: {error}"]
    return [f"fields at {len(times)} times, {times[0][0]:g} … {times[-1][0]:g} s"] if times else []

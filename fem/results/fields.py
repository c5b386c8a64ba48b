"""Field files: ``results.pvd`` -> ``fields/step_0000.vtm`` -> ``fields/step_0000/<part>.vtu``.

ParaView and PyVista open the ``.pvd``. It is rewritten whole after each step, so a running job can be opened;
all paths are relative, so the folder can be moved. Integer arrays (``level``, ``ligament``) number the entries
of name tables (``level_names``) in the field data of each ``.vtm``, which ``run.json`` repeats.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

from fem.mesh.vtu import write_vtm, write_vtu
from fem.results.atomic import write_text
from fem.results.record import Part, PartFields, StepRecord, check_fields

SERIES_FILE: Final = "results.pvd"
FIELDS_FOLDER: Final = "fields"


class FieldSeries:
    """Writes the fields of one run, step after step, into `folder`."""

    def __init__(self, folder: Path, parts: Sequence[Part]) -> None:
        names = [part.name for part in parts]
        if len(set(names)) != len(names):
            raise ValueError(f"two parts have the same name: {', '.join(names)}")
        self.folder, self.parts = folder, tuple(parts)
        self.names = name_tables(self.parts)
        self._entries: list[tuple[float, str]] = []
        self._kept: dict[str, dict[str, bytes]] = {}

    def write(self, record: StepRecord) -> Path:
        """Write every part at this step, then list the step in ``results.pvd``.

        Raises
        ------
        ValueError
            When fields are missing or do not fit, or time does not grow: viewers show one state per time.
        """
        self.check(record)
        step = f"step_{record.step:04d}"
        blocks = {part.name: self._write_part(part, record, step) for part in self.parts}
        fields = self.folder / FIELDS_FOLDER
        write_vtm(fields / f"{step}.vtm", blocks, time=record.time_s, names=self.names)
        self._entries.append((record.time_s, f"{FIELDS_FOLDER}/{step}.vtm"))
        return write_text(self.folder / SERIES_FILE, series_text(self._entries))

    def memory(self) -> list[tuple[float, str]]:
        """Return what a checkpoint keeps: the steps written so far."""
        return list(self._entries)

    def restore(self, memory: Sequence[tuple[float, str]]) -> None:
        """Go on from a `memory`; what was written after it goes."""
        self._entries = [(float(time), str(file)) for time, file in memory]
        listed = {Path(file).stem for _, file in self._entries}
        if listed:
            write_text(self.folder / SERIES_FILE, series_text(self._entries))
        else:
            (self.folder / SERIES_FILE).unlink(missing_ok=True)
        for entry in list((self.folder / FIELDS_FOLDER).glob("*")):
            if entry.is_dir() and entry.name not in listed:
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.is_file() and entry.stem not in listed:
                entry.unlink(missing_ok=True)

    def check(self, record: StepRecord) -> None:
        """Raise, as `write` would, where the record cannot be written."""
        if record.fields is None:
            raise ValueError(f"step {record.step} comes without fields")
        names, expected = set(record.fields), {part.name for part in self.parts}
        if names != expected:
            raise ValueError(
                f"step {record.step} has fields for {sorted(names)}, parts are {sorted(expected)}"
            )
        for part in self.parts:
            check_fields(part, record.fields[part.name])
        if self._entries and record.time_s <= self._entries[-1][0]:
            last = self._entries[-1][0]
            raise ValueError(f"step {record.step}: time must grow, {record.time_s} s comes after {last} s")

    def _write_part(self, part: Part, record: StepRecord, step: str) -> Path:
        assert record.fields is not None
        fields = record.fields[part.name]
        before = self._kept.get(part.name, {})
        kept = {name: before.get(name, b"") for name in constant_arrays(part, fields)}
        self._kept[part.name] = kept
        return write_vtu(
            self.folder / FIELDS_FOLDER / step / f"{part.name}.vtu",
            part.points,
            part.connectivity,
            part.offsets,
            part.types,
            point_data={"displacement": fields.displacement, **part.point_data, **fields.point_data},
            cell_data={**part.cell_data, **fields.cell_data},
            kept=kept,
        )


def constant_arrays(part: Part, fields: PartFields) -> set[str]:
    """Return the names of the arrays of a part that are the same in every step: packed once, written each time."""
    at_points, at_cells = set(part.point_data), set(part.cell_data)
    changing = {"displacement", *fields.point_data, *fields.cell_data}
    mesh = {"Points", "connectivity", "offsets", "types"}
    # A name that means one thing at points and another at cells is packed anew.
    return ((at_points ^ at_cells) - changing - mesh) | (mesh - at_points - at_cells - changing)


def name_tables(parts: Sequence[Part]) -> dict[str, tuple[str, ...]]:
    """Return the name tables of all parts; two tables of one name must agree."""
    names: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for key, table in part.field_data.items():
            if names.setdefault(key, tuple(table)) != tuple(table):
                raise ValueError(f"part {part.name} has another table {key!r} than a part before it")
    return names


def series_text(entries: Sequence[tuple[float, str]]) -> str:
    """Return a ParaView collection that lists (time [s], relative file)."""
    rows = [f'<DataSet timestep="{time:.9g}" part="0" file={quoteattr(file)}/>' for time, file in entries]
    head = '<VTKFile type="Collection" version="1.0" byte_order="LittleEndian"><Collection>'
    return "\n".join(['<?xml version="1.0"?>', head, *rows, "</Collection></VTKFile>", ""])

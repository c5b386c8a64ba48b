"""One run, one folder: made, filled step by step, finished. Every file in it is whole at any moment."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fem.errors import FacetgapError, UsageError
from fem.results import provenance
from fem.results.atomic import entry_text, write_json, write_text
from fem.results.cavitation import Cavitation, merged
from fem.results.energy import energy_sentence
from fem.results.expect import Expectation, judge
from fem.results.fields import FieldSeries
from fem.results.film_motion import FilmMotion, write_motion
from fem.results.read import RUN_FILE, SUMMARY_FILE
from fem.results.record import ModelInfo, Part, RunInfo, StepRecord
from fem.results.repetitions import Repetitions, with_repetitions, write_repetitions
from fem.results.risks import risks
from fem.results.scene import SCENE_FILE, scene_text
from fem.results.summary import Outcome, SummaryBuilder
from fem.results.tables import TableSet
from fem.results.takeover import CASE_FILE, LOG_FILE, RESOLVED_FILE, clear, up_to_date

STATUSES: Final = ("complete", "failed", "interrupted")


def claim(path: Path, info: RunInfo, *, force: bool = False) -> "ResultFolder | None":
    """Make or take over the result folder of a run; return None when a complete result is up to date.

    A failed, interrupted or dead run of the same inputs is done again; `force` replaces any other result.

    Raises
    ------
    UsageError
        When the folder holds something else, another run's result, or a job that still runs.
    """
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file; a result needs a folder, choose another with -o")
    if path.is_dir() and any(path.iterdir()):
        if up_to_date(path, info, force):
            return None
        clear(path)
    return ResultFolder(path, info)


class ResultFolder:
    """Writes one run. Order of calls: `start` once the model is built, `add` per step, `finish`.

    `finish` may come at any time, also before `start`, and always leaves an openable result.
    """

    def __init__(self, path: Path, info: RunInfo) -> None:
        self.path, self.info = path, info
        self._begin = time.perf_counter()
        self._model: ModelInfo | None = None
        self._parts: tuple[Part, ...] = ()
        self._series: FieldSeries | None = None
        self._builder = SummaryBuilder()
        self._unwritten: StepRecord | None = None
        self._warnings: list[str] = []
        self._cavitation: Cavitation | None = None
        self._repetitions: Repetitions | None = None
        self._ready: dict[str, str] = {}
        path.mkdir(parents=True, exist_ok=True)
        self._tables = TableSet(path)
        self._run = self._first_entries()
        self._write_run()
        write_text(path / CASE_FILE, info.case_text)
        write_text(path / RESOLVED_FILE, info.resolved_text)
        write_text(path / LOG_FILE, "")

    def start(self, model: ModelInfo, parts: Sequence[Part]) -> None:
        """Record the built model and the undeformed parts that the field files will show."""
        self._model, self._parts = model, tuple(parts)
        self._series = FieldSeries(self.path, parts)
        tables = {key: list(table) for key, table in self._series.names.items()}
        self._run.update(
            mesh_sizes=dict(model.mesh_sizes),
            dof=model.dof,
            literature=list(model.literature),
            names={"levels": list(model.levels), "parts": [part.name for part in parts], **tables},
        )
        self._ready = {key: entry_text(key, self._run[key]) for key in ("names", "inputs", "literature")}
        write_text(self.path / SCENE_FILE, scene_text(self.path, self.info.title, {}, self._parts))
        self._write_run()

    def add(self, record: StepRecord) -> None:
        """Add one converged step to tables, summary and fields; a record that does not fit leaves no trace.

        Fields that are not kept are not looked at, unless the step turns out to be the last.
        """
        if record.keep_fields and record.fields is not None and self._series is not None:
            self._series.check(record)
        self._tables.append(record)
        self._builder.add(record)
        self._unwritten = record if record.fields is not None else None
        if record.keep_fields:
            self._write_fields()
        self._run.update(steps=self._run["steps"] + 1, last_step=record.step, last_time_s=record.time_s)
        self._write_run()

    def keep_motion(self, motion: FilmMotion) -> None:
        """Keep how the joints moved, for replays of their films."""
        write_motion(self.path, motion)

    def conclude(self, cavitation: Cavitation) -> None:
        """Keep the verdicts for the summary, and say them in the log."""
        self._cavitation = cavitation
        for sentence in cavitation.sentences(self._model.target if self._model else None):
            self.log(sentence)

    def keep_repetitions(self, repetitions: Repetitions) -> None:
        """Keep what repeating the case has done so far, in a file of its own and for the summary."""
        self._repetitions = repetitions
        write_repetitions(self.path, repetitions)

    def log(self, text: str) -> None:
        """Append a line to ``log.txt``, stamped with the seconds since the start."""
        with (self.path / LOG_FILE).open("a", encoding="utf-8") as file:
            file.write(f"[{self.elapsed():9.3f} s] {text}\n")

    def warn(self, text: str) -> None:
        """Keep a warning in ``run.json`` and in the log."""
        self._warnings.append(text)
        self.log(f"warning: {text}")

    def elapsed(self) -> float:
        """Return wall-clock seconds since the folder was claimed."""
        return time.perf_counter() - self._begin

    def finish(
        self,
        status: str,
        message: str = "",
        expect: Sequence[Expectation] = (),
        reported: Mapping[str, Mapping[str, float]] | None = None,
    ) -> dict[str, Any]:
        """Close every file, judge the expectations, write the summary; return it.

        Parameters
        ----------
        status : one of `STATUSES`.
        message : why the run did not complete, one sentence.
        expect : what the case must show; judged only when the run is complete.
        reported : further sections of the summary, ``section -> name -> number``.
        """
        if status not in STATUSES:
            raise ValueError(f"a run ends as one of {', '.join(STATUSES)}, not {status!r}")
        try:
            self._write_fields()
        except (FacetgapError, ValueError) as error:
            self.warn(f"the fields of the last step could not be written: {error}")
        self._tables.close()
        outcome = Outcome(status, self.elapsed(), message)
        summary = self._builder.build(self._model, outcome, reported)
        if self._cavitation is not None:
            summary = merged(summary, self._cavitation)
        if self._repetitions is not None:
            summary = with_repetitions(summary, self._repetitions)
        if self._model is not None and self._model.limits:
            summary["risks"] = risks(summary, self._model.limits)
        if "energy" in summary:
            self.log(energy_sentence(summary["energy"]))
        if expect and status == "complete":
            summary["expect"] = [verdict.entry() for verdict in judge(expect, summary)]
        write_json(self.path / SUMMARY_FILE, summary)
        write_text(self.path / SCENE_FILE, scene_text(self.path, self.info.title, summary, self._parts))
        self._run.pop("process", None)
        self._run.update(status=status, finished=provenance.now(), wall_s=summary["wall_s"], summary=summary)
        if message:
            self._run["message"] = message
            self.log(f"{status}: {message}")
        self._write_run()
        return summary

    def _write_fields(self) -> None:
        if self._unwritten is not None and self._series is not None:
            self._series.write(self._unwritten)
        self._unwritten = None

    def _write_run(self) -> None:
        write_json(self.path / RUN_FILE, {**self._run, "warnings": self._warnings}, self._ready)

    def _first_entries(self) -> dict[str, Any]:
        info = self.info
        return {
            "version": provenance.FORMAT_VERSION,
            "status": "running",
            "name": info.name,
            "title": info.title,
            "input_hash": provenance.input_hash(info),
            "fingerprint": provenance.fingerprint(info),
            "inputs": [{"role": file.role, "path": file.path, "sha256": file.sha256} for file in info.inputs],
            "command": list(info.command),
            "started": provenance.now(),
            "process": provenance.process(),
            "machine": provenance.machine(),
            "versions": provenance.versions(),
            "steps": 0,
        }

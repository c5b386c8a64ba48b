"""One run, one folder: made, filled step by step, finished. Every file in it is whole at any moment."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fem.errors import FacetgapError, UsageError
from fem.results import provenance
from fem.results.atomic import entry_text, write_json, write_text
from fem.results.cavitation import Cavitation, merged
from fem.results.checkpoint import CHECKPOINT_FILE, Memory, read_checkpoint, write_checkpoint
from fem.results.energy import energy_sentence, energy_warning
from fem.results.expect import Expectation, judge
from fem.results.fields import FieldSeries
from fem.results.film_motion import FilmMotion, write_motion
from fem.results.lock import leave, take
from fem.results.read import RUN_FILE, SUMMARY_FILE, read_run
from fem.results.record import ModelInfo, Part, RunInfo, StepRecord
from fem.results.repetitions import Repetitions, with_repetitions, write_repetitions
from fem.results.risks import risks
from fem.results.scene import SCENE_FILE, scene_text
from fem.results.summary import Outcome, SummaryBuilder
from fem.results.tables import TableSet
from fem.results.takeover import (
    CASE_FILE,
    LOG_FILE,
    RESOLVED_FILE,
    clear,
    cut_back,
    held_by,
    holds_something,
    refuse_failed,
    up_to_date,
)

STATUSES: Final = ("complete", "failed", "interrupted")
#: Entries of ``run.json`` that say how far a run is.
_STEPS: Final = ("steps", "last_step", "last_time_s")


def claim(path: Path, info: RunInfo, *, force: bool = False, resume: bool = False) -> "ResultFolder | None":
    """Make or take over the result folder of a run; return None when a complete result is up to date.

    A failed, interrupted or dead run of the same inputs is done again, or goes on from its checkpoint with `resume`;
    `force` replaces any other result.

    Raises
    ------
    UsageError
        When the folder holds something else, another run's result, or a job that still runs; with `resume`, when the
        run failed, or its checkpoint cannot be used.
    """
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file; a result needs a folder, choose another with -o")
    path.mkdir(parents=True, exist_ok=True)
    if not take(path):
        raise UsageError(held_by(path))
    try:
        checkpoint = None
        if holds_something(path):
            if up_to_date(path, info, force):
                leave(path)
                return None
            if resume:
                refuse_failed(path)
                checkpoint = read_checkpoint(path, provenance.input_hash(info))
        return ResultFolder(path, info, checkpoint)
    except BaseException:
        leave(path)
        raise


class ResultFolder:
    """Writes one run. Order of calls: `start` once the model is built, `add` per step, `finish`.

    `finish` may come at any time, also before `start`, and always leaves an openable result.

    Attributes
    ----------
    checkpoint : what a run that was stopped left to go on from; None for one that begins.
    """

    def __init__(self, path: Path, info: RunInfo, checkpoint: Memory | None = None) -> None:
        self.path, self.info, self.checkpoint = path, info, checkpoint
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
        self._run = provenance.first_entries(info)
        if checkpoint is None:
            self._write_run()  # before anything of an earlier result goes: from here on the folder holds this run
            clear(path)
            write_text(path / LOG_FILE, "")
        self._tables = TableSet(path) if checkpoint is None else self._taken_up(checkpoint["folder"])
        write_text(path / CASE_FILE, info.case_text)
        write_text(path / RESOLVED_FILE, info.resolved_text)

    def start(self, model: ModelInfo, parts: Sequence[Part]) -> None:
        """Record the built model and the undeformed parts that the field files will show."""
        self._model, self._parts = model, tuple(parts)
        self._series = FieldSeries(self.path, parts)
        if self.checkpoint is not None:
            self._series.restore(self.checkpoint["folder"]["series"])
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

    def show_last(self, record: StepRecord) -> None:
        """Take over the step that a checkpoint was taken at, whose fields may still be wanted."""
        if self.checkpoint is not None and self.checkpoint["folder"]["unwritten"]:
            self._unwritten = record

    def whereabouts(self) -> str:
        """Return up to where a run that goes on had come, in words."""
        steps = {} if self.checkpoint is None else self.checkpoint["folder"]["steps"]
        if "last_step" not in steps:
            return "from the settled spine"
        return f"after step {steps['last_step']}, t = {steps['last_time_s']:.6g} s"

    def keep_checkpoint(self, memory: Memory) -> None:
        """Keep all that is needed to go on from the last step; of the solver and the observers that is `memory`."""
        own = {
            "elapsed": self.elapsed(),
            "started": self._run["started"],
            "steps": {name: self._run[name] for name in _STEPS if name in self._run},
            "warnings": self._warnings,
            "tables": self._tables.memory(),
            "series": [] if self._series is None else self._series.memory(),
            "summary": self._builder.memory(),
            "unwritten": self._unwritten is not None,
        }
        write_checkpoint(self.path, self._run["input_hash"], {**memory, "folder": own})

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

    def recovered(self, stage: str, text: str) -> None:
        """Count that the solver went through a stage of recovery, and say it in the log."""
        self._builder.count_recovery(stage)
        self.log(f"recovery: {text}")

    def warn(self, text: str) -> None:
        """Keep a warning in ``run.json`` and in the log; once, also where a run that goes on comes to it again."""
        if text in self._warnings:
            return
        self._warnings.append(text)
        self.log(f"warning: {text}")

    @property
    def warnings(self) -> tuple[str, ...]:
        """Everything that was warned of so far."""
        return tuple(self._warnings)

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
            return self._finish(status, message, expect, reported)
        finally:
            leave(self.path)

    def _finish(
        self,
        status: str,
        message: str,
        expect: Sequence[Expectation],
        reported: Mapping[str, Mapping[str, float]] | None,
    ) -> dict[str, Any]:
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
            if warning := energy_warning(summary["energy"]):
                self.warn(warning)
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
        if status != "interrupted":  # nothing is left to do, or nothing that could succeed
            (self.path / CHECKPOINT_FILE).unlink(missing_ok=True)
        return summary

    def _taken_up(self, memory: Memory) -> TableSet:
        """Go on from a checkpoint; return the tables as they were then."""
        before = read_run(self.path)
        resumed = [*before.get("resumed", []), {"at": provenance.now(), **memory["steps"]}]
        self._begin -= memory["elapsed"]
        self._run.update(memory["steps"], started=memory["started"], resumed=resumed)
        self._warnings = list(memory["warnings"])
        self._builder.restore(memory["summary"])
        self._write_run()
        cut_back(self.path, memory["tables"])
        self.log(f"going on {self.whereabouts()}")
        return TableSet(self.path, memory["tables"])

    def _write_fields(self) -> None:
        if self._unwritten is not None and self._series is not None:
            self._series.write(self._unwritten)
        self._unwritten = None

    def _write_run(self) -> None:
        write_json(self.path / RUN_FILE, {**self._run, "warnings": self._warnings}, self._ready)

"""Every trial that was solved, kept as it comes: a fit that was stopped goes on where it was."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from fem.calibrate.trial import Response, Trial

#: Solves trials and gives their responses one by one, in order; several are in work at once where it can.
Solve = Callable[[Sequence[Trial]], Iterable[Response]]


class TrialStore:
    """Trials and their responses in a file of JSON lines, for one fingerprint of the plan.

    A file of another plan is begun anew; a last line cut short by a stop is left out.
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self._path, self._fingerprint = path, fingerprint
        self._found: dict[str, Response] = {}
        self.solved = 0
        if not self._read():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"version": 1, "fingerprint": fingerprint}) + "\n", encoding="utf-8")

    @property
    def count(self) -> int:
        """How many trials are kept."""
        return len(self._found)

    def through(self, solve: Solve) -> Solve:
        """Return a `solve` that looks here first, and keeps here what it had to solve."""

        def solve_new(trials: Sequence[Trial]) -> list[Response]:
            keys = [_key(trial) for trial in trials]
            new = {key: trial for key, trial in zip(keys, trials, strict=True) if key not in self._found}
            for key, response in zip(new, solve(list(new.values())) if new else [], strict=True):
                self._keep(key, response)
            return [self._found[key] for key in keys]

        return solve_new

    def _keep(self, key: str, response: Response) -> None:
        line = {
            "trial": key, "rotation": response.rotation, "pressure_rise": response.pressure_rise,
            "failure": response.failure,
        }  # fmt: skip
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._found[key] = response
        self.solved += 1

    def _read(self) -> bool:
        """Read what is kept; False where there is nothing of this plan."""
        try:
            first, *lines = self._path.read_text(encoding="utf-8").split("\n")
            if json.loads(first).get("fingerprint") != self._fingerprint:
                return False
        except (OSError, ValueError, AttributeError):
            return False
        whole = lines[:-1] if lines else []
        for line in whole:
            try:
                kept = json.loads(line)
                response = Response(tuple(kept["rotation"]), tuple(kept["pressure_rise"]), kept["failure"])
                self._found[kept["trial"]] = response
            except (ValueError, KeyError, TypeError):
                continue
        if lines and lines[-1]:  # cut short: end its line, so that the next one stands alone
            with self._path.open("a", encoding="utf-8") as file:
                file.write("\n")
        return True


def _key(trial: Trial) -> str:
    """Return what tells a trial from others of the same plan."""
    moved = [
        (parameter.part, parameter.names, number)
        for parameter, number in zip(trial.parameters, trial.numbers, strict=True)
    ]
    text = json.dumps([str(trial.case), trial.resolution, trial.moments, moved])
    return hashlib.sha256(text.encode()).hexdigest()[:32]

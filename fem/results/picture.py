"""A picture of a result, drawn off screen by PyVista in a process of its own.

VTK ends its process where a machine has no graphics libraries; ours survives that and says what is missing.
"""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import fem
from fem.errors import MissingToolError, UsageError
from fem.results.moment import remarks, shown_joint, telling_time
from fem.results.read import Result, field_times
from fem.results.scene import (
    ACTIVATION_TITLE,
    GAP_COLOURS,
    GAP_TITLE,
    STRAIN_COLOURS,
    STRAIN_TITLE,
    activation_limit,
    gap_limit,
    strain_limit,
)

INSTALL_PYVISTA: Final = "pip install 'facetgap[view]'"
INSTALL_GRAPHICS: Final = "apt-get install -y libgl1 libegl1 libosmesa6"
_TIMEOUT_S: Final = 600.0


def draw_picture(
    result: Result, output: Path, time: float | None = None, views: Sequence[str] = (), *, bare: bool = False
) -> Path:
    """Draw the kept step nearest to `time` [s] into a PNG file; return its path.

    Parameters
    ----------
    time : default: when the target's capsule, or the most strained ligament, is longest.
    views : of ``strain``, ``lateral``, ``joint``, ``muscles``; default: strain, joint, and muscles where there are any.
    bare : without title and remarks, for a page that has its own.

    Raises
    ------
    UsageError
        When the run kept no fields or `output` is not a PNG.
    MissingToolError
        When PyVista or the graphics libraries it needs are missing.
    """
    if output.suffix.lower() != ".png":
        raise UsageError(f"pictures are written as .png; {output} has another ending")
    if not result.run.get("names", {}).get("parts"):
        raise UsageError(f"{result.path} holds no parts to draw")
    shown, file = nearest_step(result.path, telling_time(result.summary) if time is None else time)
    output.parent.mkdir(parents=True, exist_ok=True)
    names = list(result.run["names"].get("joint_names", ()))
    joint = shown_joint(result.summary)
    request = {
        "blocks": str(file),
        "output": str(output.resolve()),
        "title": "" if bare else str(result.run.get("title", "")),
        "remarks": [] if bare else remarks(result.summary),
        "views": list(views),
        "joint": joint,
        "joint_number": names.index(joint) if joint in names else -1,
        "time": shown,
        "strain_title": STRAIN_TITLE,
        "strain_limit": strain_limit(result.summary),
        "strain_colours": STRAIN_COLOURS,
        "gap_title": GAP_TITLE,
        "gap_limit": gap_limit(result.summary),
        "gap_colours": GAP_COLOURS,
        "activation_title": ACTIVATION_TITLE,
        "activation_limit": activation_limit(result.summary),
    }
    run_drawing("fem.results.draw", json.dumps(request))
    return output


def nearest_step(folder: Path, time: float | None) -> tuple[float, Path]:
    """Return (time [s], file) of the kept step nearest to `time`, the last one by default."""
    steps = field_times(folder)
    if not steps:
        raise UsageError(f"{folder} holds no step to show; its run ended before the first one")
    shown, file = steps[-1] if time is None else min(steps, key=lambda step: abs(step[0] - time))
    if not file.is_file():
        raise UsageError(f"{file} is missing; the folder was copied in part")
    return shown, file


def run_drawing(module: str, request: str) -> None:
    """Run a drawing module in a child process with `request` on its standard input.

    Raises
    ------
    MissingToolError
        With the line that installs what is missing.
    """
    if importlib.util.find_spec("pyvista") is None:
        raise MissingToolError(
            f"pictures need PyVista, which is not installed; install it: {INSTALL_PYVISTA}"
        )
    search = [str(Path(fem.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, search))}
    child = subprocess.run(
        [sys.executable, "-m", module],
        input=request,
        text=True,
        capture_output=True,
        env=environment,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if child.returncode != 0:
        lines = child.stderr.strip().splitlines()
        reason = lines[-1] if lines else f"it ended with code {child.returncode}"
        raise MissingToolError(
            f"PyVista could not draw off screen ({reason}); on Debian or Ubuntu install: {INSTALL_GRAPHICS}"
        )

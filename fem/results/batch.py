"""A picture of a result by ParaView without a window: its scene ``view.py``, run by ``pvbatch``."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from fem.errors import MissingToolError, UsageError
from fem.results.read import Result
from fem.results.scene import SCENE_FILE

INSTALL_PARAVIEW: Final = "apt-get install -y paraview python3-paraview xvfb xauth, or www.paraview.org"
_TIMEOUT_S: Final = 600.0
#: A virtual screen looks for a free number before it takes it: of two that start at once, one fails.
_TRIES: Final = 2


def batch_command() -> list[str] | None:
    """Return what runs a ParaView script without a window; None where that is not installed."""
    program = shutil.which("pvbatch")
    if program is None:
        return None
    if sys.platform != "linux" or os.environ.get("DISPLAY"):
        return [program]
    screen = shutil.which("xvfb-run")
    # ParaView's own builds draw without any screen; Debian's needs a virtual one.
    return [program] if screen is None else [screen, "-a", program]


def draw_with_paraview(result: Result, output: Path, time: float | None = None) -> Path:
    """Draw the scene of a result at the kept step nearest to `time` [s] into a PNG file; return its path.

    Raises
    ------
    UsageError
        When there is no scene, or `output` is not a PNG.
    MissingToolError
        When ParaView is missing or cannot draw here.
    """
    scene = result.path / SCENE_FILE
    if output.suffix.lower() != ".png":
        raise UsageError(f"pictures are written as .png; {output} has another ending")
    if not scene.is_file():
        raise UsageError(f"{result.path} holds no {SCENE_FILE}; the run ended before its model was built")
    command = batch_command()
    if command is None:
        raise MissingToolError(f"pvbatch is not installed; install ParaView: {INSTALL_PARAVIEW}")
    output.parent.mkdir(parents=True, exist_ok=True)
    asked = [] if time is None else [repr(time)]
    for _ in range(_TRIES):
        child = subprocess.run(
            [*command, str(scene.resolve()), str(output.resolve()), *asked],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        if child.returncode == 0 and output.is_file():
            break
    else:
        lines = (child.stderr or child.stdout).strip().splitlines()
        reason = lines[-1] if lines else f"it ended with code {child.returncode}"
        raise MissingToolError(f"pvbatch could not draw {scene} ({reason}); for Debian: {INSTALL_PARAVIEW}")
    return output

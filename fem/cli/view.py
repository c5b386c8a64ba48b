"""``facetgap view``: open a result in ParaView, or draw a picture of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from fem.results.read import Result


@click.command("view")
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "--screenshot", type=click.Path(path_type=Path), help="Draw a picture (.png) instead of opening ParaView."
)
@click.option(
    "--time",
    type=float,
    help="Time to show in the picture [s]; default: when the target's capsule is longest.",
)
@click.option(
    "--with", "program", type=click.Choice(("pyvista", "paraview")),
    help="What draws the picture; default: PyVista, without it ParaView's pvbatch.",
)  # fmt: skip
def command(result: Path, screenshot: Path | None, time: float | None, program: str | None) -> None:
    """Open RESULT (a result folder) in ParaView, or draw a picture of it without a screen (--screenshot)."""
    from fem.errors import UsageError
    from fem.results.read import read_result

    found = read_result(result)
    if screenshot is not None:
        click.echo(_draw(found, screenshot, time, program))
        return
    if program is not None:
        raise UsageError("--with goes with --screenshot; the window is always ParaView's")
    if time is not None:
        raise UsageError("--time goes with --screenshot; ParaView has its own time control")
    open_paraview(found.path)


def _draw(result: "Result", file: Path, time: float | None, program: str | None) -> Path:
    """Draw with the program that was asked for, else with the one that is there."""
    from importlib.util import find_spec

    from fem.results.batch import batch_command, draw_with_paraview
    from fem.results.picture import draw_picture

    if program == "paraview" or (program is None and find_spec("pyvista") is None and batch_command()):
        return draw_with_paraview(result, file, time)
    return draw_picture(result, file, time)


def open_paraview(folder: Path) -> None:
    """Start ParaView with the scene of a result folder and return at once."""
    from fem.errors import MissingToolError, UsageError
    from fem.results.scene import SCENE_FILE

    scene = folder / SCENE_FILE
    if not scene.is_file():
        raise UsageError(f"{folder} holds no {SCENE_FILE}; the run ended before its model was built")
    program = shutil.which("paraview")
    if program is None:
        raise MissingToolError(
            "ParaView is not installed; install it (apt-get install -y paraview, or www.paraview.org), "
            f"or draw a picture: facetgap view {folder} --screenshot view.png"
        )
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise UsageError(
            "ParaView needs a display and there is none (DISPLAY is not set); draw a picture instead: "
            f"facetgap view {folder} --screenshot view.png"
        )
    subprocess.Popen([program, f"--state={scene}"], start_new_session=True)
    click.echo(f"opened {scene} in ParaView", err=True)

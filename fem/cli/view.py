"""``facetgap view``: open a result in ParaView, or draw a picture of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click


@click.command("view")
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "--screenshot", type=click.Path(path_type=Path), help="Draw a picture (.png) instead of opening ParaView."
)
@click.option("--time", type=float, help="Time to show in the picture [s]; default: the end.")
def command(result: Path, screenshot: Path | None, time: float | None) -> None:
    """Open RESULT (a result folder) in ParaView, or draw it with PyVista (--screenshot)."""
    from fem.errors import UsageError
    from fem.results.picture import draw_picture
    from fem.results.read import read_result

    found = read_result(result)
    if screenshot is not None:
        click.echo(draw_picture(found, screenshot, time))
        return
    if time is not None:
        raise UsageError("--time goes with --screenshot; ParaView has its own time control")
    open_paraview(found.path)


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

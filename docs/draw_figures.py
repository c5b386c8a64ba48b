"""Draw the figures that docs/plots.md shows, from one solved thrust: ``python docs/draw_figures.py RESULT``.

The scene by ParaView, the page by Chromium where both are installed; all pictures small enough for a repository.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from fem.figures.catalogue import draw
from fem.figures.data import open_results
from fem.report.page import write_report
from fem.results.batch import draw_with_paraview
from fem.results.read import read_result

PICTURES = Path(__file__).parent / "pictures"
KINDS = ("load", "strain", "gap", "maps")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--hide-scrollbars",
)


def shrink(file: Path, name: str, width: int) -> Path:
    """Keep a picture `width` pixels wide and in 255 colours."""
    with Image.open(file) as image:
        height = round(image.height * width / image.width)
        small = image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    target = PICTURES / name
    small.quantize(255, Image.Quantize.FASTOCTREE).save(target, optimize=True)
    return target


def main(arguments: list[str]) -> None:
    """Draw scene, figures and page of one result."""
    if len(arguments) != 1:
        raise SystemExit("name one result folder, for example: results/thrust_l45_fast")
    folder = Path(arguments[0])
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        print(shrink(draw_with_paraview(read_result(folder), place / "scene.png"), "thrust_scene.png", 1200))
        for drawing in draw(KINDS, open_results([folder])).drawings:
            (place / "figure.png").write_bytes(drawing.image("png"))
            print(shrink(place / "figure.png", f"thrust_{drawing.name}.png", 800))
        browser = shutil.which("chromium")
        if browser is None:
            return
        page = write_report(folder, place / "report.html")
        shot = place / "page.png"
        asked = ("--window-size=1100,1350", f"--screenshot={shot}", f"--user-data-dir={place / 'profile'}")
        subprocess.run([browser, *FLAGS, *asked, page.as_uri()], check=True, capture_output=True)
        print(shrink(shot, "thrust_report.png", 800))


if __name__ == "__main__":
    main(sys.argv[1:])

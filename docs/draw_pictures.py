"""Draw the pictures of the documentation from solved cases: ``python docs/draw_pictures.py results/flexion …``."""

import sys
from pathlib import Path

from fem.results.picture import draw_picture
from fem.results.read import read_result

PICTURES = Path(__file__).parent / "pictures"


def main(folders: list[str]) -> None:
    """Draw the end of each result into ``docs/pictures/<case>.png``."""
    if not folders:
        raise SystemExit("name the result folders to draw, for example: results/flexion")
    for folder in folders:
        result = read_result(Path(folder))
        print(draw_picture(result, PICTURES / f"{result.run['name']}.png"))


if __name__ == "__main__":
    main(sys.argv[1:])

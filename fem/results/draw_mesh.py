"""Draw a built spine with PyVista: ``python -m fem.results.draw_mesh`` with a JSON request on stdin.

Started as a process of its own by ``facetgap mesh show``, since VTK may end it where graphics libraries are missing.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyvista

from fem.results.draw import aim, lines_of

_SIZE: Final = (1800, 1200)
_BONE, _DISC, _FACET, _EDGE = "#ede3cc", "#7d95ac", "#c0504d", "#8a8272"
_VIEWS: Final = (
    ("lateral, from the left", (0.0, 1.0, 0.0)),
    ("posterior, from the left", (-1.0, 0.75, 0.30)),
)
_RADIUS: Final = 0.6
#: Ligament (without its side) -> colour; the palette of Okabe and Ito, distinct to colour-blind eyes.
_LIGAMENTS: Final = {
    "ALL": "#0072b2",
    "PLL": "#56b4e9",
    "LF": "#e69f00",
    "CL": "#cc79a7",
    "ISL": "#009e73",
    "SSL": "#000000",
    "ITL": "#d55e00",
}


def main() -> None:
    """Read the request, draw both views, write the picture."""
    request = json.load(sys.stdin)
    blocks = pyvista.read(request["blocks"])
    parts = {name: blocks[name] for name in blocks.keys()}  # noqa: SIM118 (iterating gives blocks)
    plotter = pyvista.Plotter(shape=(1, 2), off_screen=True, window_size=list(_SIZE), border=False)
    plotter.set_background("white", all_renderers=True)
    for column, (name, direction) in enumerate(_VIEWS):
        plotter.subplot(0, column)
        add_parts(plotter, parts)
        aim(plotter, parts, np.array(direction))
        plotter.add_text(name, position="lower_right", font_size=9, color="black")
        plotter.add_axes(xlabel="anterior", ylabel="left", zlabel="up", color="black")
    plotter.subplot(0, 0)
    plotter.add_text(request["title"], position="upper_left", font_size=11, color="black")
    plotter.subplot(0, 1)
    labels = [[name, colour] for name, colour in _LIGAMENTS.items()] + [["facet", _FACET], ["disc", _DISC]]
    plotter.add_legend(labels, bcolor="white", size=(0.15, 0.26), loc="upper left", face="rectangle")
    plotter.screenshot(request["output"])
    plotter.close()


def add_parts(plotter: Any, parts: Mapping[str, Any]) -> None:
    """Add bones and discs with their element edges, facets, and strands in the colour of their ligament."""
    for name, part in parts.items():
        if name.startswith(("bone", "disc")):
            skin = part.extract_surface(algorithm="dataset_surface")
            colour = _BONE if name.startswith("bone") else _DISC
            plotter.add_mesh(skin, color=colour, show_edges=True, edge_color=_EDGE, line_width=0.5)
    if parts["facets"].n_cells:
        plotter.add_mesh(parts["facets"], color=_FACET)
    ligaments = parts["ligaments"]
    if not ligaments.n_cells:
        return
    names = [str(name) for name in ligaments.field_data["ligament_names"]]
    lines = lines_of(ligaments)
    for ligament, colour in _LIGAMENTS.items():
        numbers = [i for i, name in enumerate(names) if name.partition(" ")[0] == ligament]
        cells = np.flatnonzero(np.isin(ligaments.cell_data["ligament"], numbers))
        if cells.size:
            strands = pyvista.PolyData(lines.points, lines=lines.lines.reshape(-1, 3)[cells].ravel())
            plotter.add_mesh(strands.tube(radius=_RADIUS, n_sides=8), color=colour)


if __name__ == "__main__":
    main()

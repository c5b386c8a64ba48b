"""Draw one state of a result with PyVista: ``python -m fem.results.draw`` with a JSON request on stdin.

The only module of the results that loads VTK; `fem.results.picture` starts it.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyvista

#: Width and height of one view.
_SIZE: Final = (900, 1200)
_BONE: Final = "#ede3cc"
_DISC: Final = "#7d95ac"
_TUBE_RADIUS: Final = 0.75
_MUSCLE_RADIUS: Final = 1.8
_MARGIN: Final = 1.25
_VIEWS: Final = (
    ("posterior, from the left", (-1.0, 0.75, 0.30), "strain"),
    ("lateral, from the left", (0.0, 1.0, 0.0), "gap"),
)
#: A view of its own, so that muscles hide neither ligaments nor facets.
_MUSCLE_VIEW: Final = ("muscles, posterior, from the left", (-1.0, 0.75, 0.30), "activation")


def main() -> None:
    """Read the request, draw the views side by side, write the picture."""
    request = json.load(sys.stdin)
    parts = deformed_parts(request["blocks"])
    views = (*_VIEWS, _MUSCLE_VIEW) if has_cells(parts, "muscles") else _VIEWS
    size = [len(views) * _SIZE[0], _SIZE[1]]
    plotter = pyvista.Plotter(shape=(1, len(views)), off_screen=True, window_size=size, border=False)
    plotter.set_background("white", all_renderers=True)
    for column, (name, direction, bar) in enumerate(views):
        plotter.subplot(0, column)
        shown = {part: grid for part, grid in parts.items() if part != "muscles" or bar == "activation"}
        add_parts(plotter, shown, request, bar)
        aim(plotter, shown, np.array(direction))
        plotter.add_text(name, position="lower_right", font_size=9, color="black")
        plotter.enable_depth_peeling(number_of_peels=8)
        plotter.add_axes(xlabel="anterior", ylabel="left", zlabel="up", color="black")
    plotter.subplot(0, 0)
    heading = f"{request['title']}\nt = {request['time']:.3f} s"
    plotter.add_text(heading, position="upper_left", font_size=12, color="black")
    plotter.enable_anti_aliasing("ssaa")
    plotter.screenshot(request["output"])
    plotter.close()


def deformed_parts(file: str) -> dict[str, Any]:
    """Return part name -> grid, moved by its displacement."""
    blocks = pyvista.read(file)
    parts = {name: blocks[name] for name in blocks.keys()}  # noqa: SIM118 (iterating gives blocks)
    return {
        name: part.warp_by_vector("displacement")
        if part.n_points and "displacement" in part.point_data
        else part
        for name, part in parts.items()
    }


def add_parts(plotter: Any, parts: Mapping[str, Any], request: Mapping[str, Any], bar: str) -> None:
    """Add every part that belongs in a view; `bar` names its colour bar, muscles are in the one of that name."""
    if has_cells(parts, "bone"):
        bone = parts["bone"].extract_surface(algorithm="dataset_surface")
        plotter.add_mesh(bone, color=_BONE, opacity=0.45, smooth_shading=True, split_sharp_edges=True)
    for name in ("disc", "block"):
        if has_cells(parts, name):
            solid = parts[name].extract_surface(algorithm="dataset_surface")
            plotter.add_mesh(solid, color=_DISC)
    if bar == "activation":
        tubes = lines_of(parts["muscles"]).tube(radius=_MUSCLE_RADIUS, n_sides=10)
        style = bar_style(request["activation_title"])
        add_coloured(plotter, tubes, "activation", (0.0, request["activation_limit"]), "viridis_r", style)
        return
    if has_cells(parts, "facets"):
        limit = request["gap_limit"]
        style = bar_style(request["gap_title"])
        add_coloured(plotter, parts["facets"], "gap", (-limit, limit), "coolwarm_r", bar == "gap" and style)
    if has_cells(parts, "ligaments"):
        tubes = lines_of(parts["ligaments"]).tube(radius=_TUBE_RADIUS, n_sides=10)
        style = bar_style(request["strain_title"])
        limits = (0.0, request["strain_limit"])
        add_coloured(plotter, tubes, "strain", limits, "plasma", bar == "strain" and style)


def add_coloured(
    plotter: Any, mesh: Any, array: str, limits: tuple[float, float], colours: str, bar: Any
) -> None:
    """Add a mesh coloured by an array; `bar` holds the colour bar's settings, or is False for none."""
    if array not in mesh.array_names:
        plotter.add_mesh(mesh, color="grey")
        return
    options = {"show_scalar_bar": True, "scalar_bar_args": bar} if bar else {"show_scalar_bar": False}
    # A copy per view: PyVista shares the colour map of meshes that are the same object.
    plotter.add_mesh(mesh.copy(), scalars=array, clim=limits, cmap=colours, **options)


def bar_style(title: str) -> dict[str, Any]:
    """Return the settings of a horizontal colour bar."""
    return {
        "title": title,
        "color": "black",
        "n_labels": 5,
        "fmt": "%.3g",
        "width": 0.6,
        "height": 0.075,
        "position_x": 0.05,
        "position_y": 0.02,
        "title_font_size": 22,
        "label_font_size": 18,
    }


def lines_of(grid: Any) -> Any:
    """Return the grid's lines as a poly-data with the cell data; `tube` needs that type."""
    lines = pyvista.PolyData(grid.points, lines=np.asarray(grid.cells))
    for name in list(grid.cell_data):
        lines.cell_data[name] = grid.cell_data[name]
    return lines


def has_cells(parts: Mapping[str, Any], name: str) -> bool:
    """Return whether the part exists and holds something."""
    return name in parts and parts[name].n_cells > 0


def aim(plotter: Any, parts: Mapping[str, Any], direction: np.ndarray[Any, Any]) -> None:
    """Point a parallel camera at the whole model from `direction` (3,)."""
    bounds = np.array([part.bounds for part in parts.values() if part.n_points]).reshape(-1, 3, 2)
    low, high = bounds[:, :, 0].min(axis=0), bounds[:, :, 1].max(axis=0)
    forward = -direction / np.linalg.norm(direction)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    half = (high - low) / 2
    half_width, half_height = float(np.abs(right) @ half), float(np.abs(up) @ half)
    scale = max(half_height * _MARGIN, half_width * _MARGIN * _SIZE[1] / _SIZE[0])
    # The model sits above the middle, since the colour bars lie below it.
    focus = (low + high) / 2 - up * 0.12 * scale
    place = focus - forward * 10.0 * scale
    plotter.camera_position = [tuple(place), tuple(focus), (0.0, 0.0, 1.0)]
    plotter.enable_parallel_projection()
    plotter.camera.parallel_scale = scale
    plotter.renderer.reset_camera_clipping_range()


if __name__ == "__main__":
    main()

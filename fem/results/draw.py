"""Draw one state of a result with PyVista: ``python -m fem.results.draw`` with a JSON request on stdin.

The only module of the results that loads VTK; `fem.results.picture` starts it.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyvista
from matplotlib.colors import LinearSegmentedColormap

#: Width and height of one view.
_SIZE: Final = (900, 1200)
_BONE: Final = "#ede3cc"
_DISC: Final = "#7d95ac"
_TUBE_RADIUS: Final = 1.0
_MUSCLE_RADIUS: Final = 1.8
_MARGIN: Final = 1.25
#: Half the height of the view of one joint, over the size of its surface.
_NEAR: Final = 1.3
#: How far beside a joint its name stands, over the size of the model.
_ASIDE: Final = 0.4
#: View -> what its heading says, where it is seen from with the left side near (for `joint`, what is added to the
#: normal of its surface), which colour bar it has.
_VIEWS: Final = {
    "strain": ("posterior, from the {side}", (-1.0, 0.75, 0.30), "strain"),
    "lateral": ("lateral, from the {side}", (0.0, 1.0, 0.0), "gap"),
    "joint": ("{joint}, close, from the {side}", (-0.5, 0.3, 0.3), "gap"),
    "muscles": ("muscles, posterior, from the {side}", (-1.0, 0.75, 0.30), "activation"),
}


def main() -> None:
    """Read the request, draw the views side by side, write the picture."""
    request = json.load(sys.stdin)
    parts = deformed_parts(request["blocks"])
    views = request.get("views") or default_views(parts, request)
    size = [len(views) * _SIZE[0], _SIZE[1]]
    plotter = pyvista.Plotter(shape=(1, len(views)), off_screen=True, window_size=size, border=False)
    plotter.set_background("white", all_renderers=True)
    for column, name in enumerate(views):
        plotter.subplot(0, column)
        draw_view(plotter, parts, request, name)
    plotter.subplot(0, 0)
    heading = "\n".join([request["title"], f"t = {request['time']:.3f} s", *request.get("remarks", ())])
    plotter.add_text(heading, position="upper_left", font_size=10, color="black")
    plotter.enable_anti_aliasing("ssaa")
    plotter.screenshot(request["output"])
    plotter.close()


def default_views(parts: Mapping[str, Any], request: Mapping[str, Any]) -> list[str]:
    """Return strain, the joint of interest (without one the side), and muscles, which would hide both."""
    near = "joint" if joint_cells(parts, request).size else "lateral"
    return ["strain", near, *(["muscles"] if has_cells(parts, "muscles") else [])]


def draw_view(plotter: Any, parts: Mapping[str, Any], request: Mapping[str, Any], view: str) -> None:
    """Draw one view of `_VIEWS` into the current subplot."""
    words, towards, bar = _VIEWS[view]
    joint = request.get("joint") or ""
    side = "right" if joint.endswith("right") else "left"
    direction = np.array(towards) * (1.0, -1.0 if side == "right" else 1.0, 1.0)
    shown = {part: grid for part, grid in parts.items() if part != "muscles" or bar == "activation"}
    add_parts(plotter, shown, request, bar)
    cells = joint_cells(parts, request)
    near = parts["facets"].extract_cells(cells) if cells.size else None
    if view == "joint" and near is not None:
        aim(plotter, {"joint": near}, direction + outward(near, direction))
        plotter.camera.parallel_scale = _NEAR * near.length
        plotter.renderer.reset_camera_clipping_range()
    else:
        aim(plotter, shown, direction)
        if near is not None and view == "strain":
            reach = _ASIDE * max(
                np.ptp(np.reshape(grid.bounds, (3, 2)), axis=1).max() for grid in shown.values()
            )
            point_out(plotter, np.array(near.center), joint, reach * (-1.0 if side == "right" else 1.0))
    plotter.add_text(words.format(side=side, joint=joint), position="lower_right", font_size=9, color="black")
    plotter.enable_depth_peeling(number_of_peels=8)
    plotter.add_axes(xlabel="anterior", ylabel="left", zlabel="up", color="black")


def outward(surface: Any, direction: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the mean normal (3,) of a surface, turned to the side that `direction` looks from."""
    normals = surface.extract_surface(algorithm="dataset_surface").compute_normals(point_normals=False)
    mean = np.asarray(normals.cell_data["Normals"]).mean(axis=0)
    return np.asarray(mean * np.sign(mean[1] * direction[1]) / np.linalg.norm(mean))


def point_out(plotter: Any, place: np.ndarray[Any, Any], name: str, reach: float) -> None:
    """Write a joint's name beside the spine, `reach` [mm] to its left (right if negative), with a line to the joint."""
    label = place + np.array([0.6 * abs(reach), 0.8 * reach, 0.0])
    plotter.add_mesh(pyvista.Line(place, label), color="black", line_width=2)
    plotter.add_point_labels([label], [name], always_visible=True, shape_color="white", point_size=1, font_size=22,
                             text_color="black", show_points=False)  # fmt: skip


def joint_cells(parts: Mapping[str, Any], request: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """Return the cells of the facets that belong to the joint of the request; none without one."""
    number = request.get("joint_number", -1)
    if number < 0 or not has_cells(parts, "facets") or "joint" not in parts["facets"].cell_data:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(parts["facets"].cell_data["joint"] == number)


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
        plotter.add_mesh(
            bone,
            color=_BONE,
            opacity=0.15 if bar == "gap" else 0.35,
            smooth_shading=True,
            split_sharp_edges=True,
        )
    for name in ("disc", "block"):
        if has_cells(parts, name) and bar != "gap":
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
        add_coloured(
            plotter, parts["facets"], "gap", (-limit, limit), request["gap_colours"], bar == "gap" and style
        )
    if has_cells(parts, "ligaments"):
        tubes = lines_of(parts["ligaments"]).tube(radius=_TUBE_RADIUS, n_sides=10)
        style = bar_style(request["strain_title"])
        limits = (0.0, request["strain_limit"])
        add_coloured(plotter, tubes, "strain", limits, request["strain_colours"], bar == "strain" and style)


def add_coloured(
    plotter: Any, mesh: Any, array: str, limits: tuple[float, float], colours: Any, bar: Any
) -> None:
    """Add a mesh coloured by an array; `bar` holds the colour bar's settings, or is False for none."""
    if array not in mesh.array_names:
        plotter.add_mesh(mesh, color="grey")
        return
    options = {"show_scalar_bar": True, "scalar_bar_args": bar} if bar else {"show_scalar_bar": False}
    # A copy per view: PyVista shares the colour map of meshes that are the same object.
    plotter.add_mesh(mesh.copy(), scalars=array, clim=limits, cmap=colour_map(colours), **options)


def colour_map(colours: Any) -> Any:
    """Return a named map as it is; of pairs (share, colour) a smooth map."""
    if isinstance(colours, str):
        return colours
    return LinearSegmentedColormap.from_list("facetgap", [(share, colour) for share, colour in colours])


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

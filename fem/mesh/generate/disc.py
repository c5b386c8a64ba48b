"""A disc as hexahedra: the endplate layout carried from the lower endplate to the upper one in layers."""

from typing import Final

import numpy as np

from fem.anatomy.disc_shape import DiscShape
from fem.arrays import FloatArray, IntArray, frozen, frozen_index
from fem.errors import MeshError
from fem.mesh.generate.endplate import NUCLEUS_EDGE, EndplateLayout, endplate_layout, endplate_surface
from fem.mesh.tagged_mesh import TaggedMesh

LAYERS: Final = {"coarse": 4, "standard": 6, "fine": 8}
DISC_PARTS: Final = ("annulus", "nucleus")


def build_disc(shape: DiscShape, resolution: str) -> TaggedMesh:
    """Return the disc's mesh in global coordinates.

    Parameters
    ----------
    shape : measures and place of the disc.
    resolution : ``coarse``, ``standard`` or ``fine``.

    Returns
    -------
    TaggedMesh
        Parts ``annulus`` and ``nucleus``; node sets and surfaces ``upper endplate``, ``lower endplate`` and
        ``outer``; cell and point data as described at `TaggedMesh`.

    Raises
    ------
    MeshError
        When the two endplates touch or cross.
    """
    layout = endplate_layout(resolution)
    layers = LAYERS[resolution]
    lower = endplate_surface(layout, shape.lower, shape.nucleus, into_body=-1.0)
    upper = endplate_surface(layout, shape.upper, shape.nucleus, into_body=1.0)
    _require_space(shape, lower, upper)
    fraction = np.linspace(0.0, 1.0, layers + 1)
    local = np.vstack([_layer(layout, lower, upper, shape.bulge, s) for s in fraction])
    per_layer = len(layout.points)
    return TaggedMesh(
        points=frozen(shape.frame.to_global(local)),
        cells=frozen_index(_stack(layout.quads, layers, per_layer)),
        part=frozen_index(np.tile(layout.ring < 0, layers)),
        part_names=DISC_PARTS,
        nodes=_node_sets(layout, layers),
        surfaces=_surfaces(layout, layers),
        cell_data=_cell_data(layout, layers),
        point_data={"height_fraction": frozen(np.repeat(fraction, per_layer))},
    )


def _layer(
    layout: EndplateLayout, lower: FloatArray, upper: FloatArray, bulge: float, fraction: float
) -> FloatArray:
    """Return the nodes (n, 3) of the layer at `fraction` of the height, bulged outwards as a parabola."""
    plane = (1.0 - fraction) * lower + fraction * upper
    radius = np.hypot(layout.points[:, 0], layout.points[:, 1])
    across = np.clip((radius - NUCLEUS_EDGE) / (1.0 - NUCLEUS_EDGE), 0.0, 1.0)
    outward = np.zeros_like(plane)
    outward[:, :2] = layout.points / np.maximum(radius, NUCLEUS_EDGE)[:, None]
    return plane + 4.0 * fraction * (1.0 - fraction) * bulge * across[:, None] * outward


def _require_space(shape: DiscShape, lower: FloatArray, upper: FloatArray) -> None:
    smallest = float((upper[:, 2] - lower[:, 2]).min())
    if smallest <= 0.0:
        raise MeshError(
            f"disc {shape.level}: its endplates cross (smallest height {smallest:.2f} mm); "
            "give it more height or less wedge in the recipe"
        )


def _stack(quads: IntArray, layers: int, per_layer: int) -> IntArray:
    base = np.arange(layers)[:, None, None] * per_layer + quads
    return np.concatenate([base, base + per_layer], axis=2).reshape(-1, 8)


def _node_sets(layout: EndplateLayout, layers: int) -> dict[str, IntArray]:
    count = len(layout.points)
    outer = np.arange(layers + 1)[:, None] * count + layout.boundary
    return {
        "lower endplate": frozen_index(np.arange(count)),
        "upper endplate": frozen_index(np.arange(count) + layers * count),
        "outer": frozen_index(outer.ravel()),
    }


def _surfaces(layout: EndplateLayout, layers: int) -> dict[str, IntArray]:
    count = len(layout.points)
    ring, ahead = layout.boundary, np.roll(layout.boundary, -1)
    side = np.column_stack([ring, ahead, ahead + count, ring + count])
    outer = np.arange(layers)[:, None, None] * count + side
    return {
        "lower endplate": frozen_index(layout.quads[:, ::-1]),
        "upper endplate": frozen_index(layout.quads + layers * count),
        "outer": frozen_index(outer.reshape(-1, 4)),
    }


def _cell_data(layout: EndplateLayout, layers: int) -> dict[str, FloatArray]:
    centre = layout.points[layout.quads].mean(axis=1)
    depth = np.where(layout.ring < 0, 1.0, (layout.ring + 0.5) / layout.annulus_rings)
    columns = {
        "lamella": layout.ring.astype(np.float64),
        "lamella_depth": depth,
        "azimuth": np.arctan2(centre[:, 1], centre[:, 0]),
    }
    return {name: frozen(np.tile(column, layers)) for name, column in columns.items()}

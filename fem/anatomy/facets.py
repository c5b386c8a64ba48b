"""Facet joints from the recipe: two nearly conforming articular surfaces that face each other."""

from dataclasses import replace

import numpy as np

from fem.anatomy.frames import MIRROR
from fem.anatomy.recipe import FacetRow, FacetTable
from fem.anatomy.spine import ArticularSurface, FacetJoint, Frame
from fem.anatomy.vocabulary import level_vertebrae
from fem.arrays import FloatArray, frozen

_GRID = np.stack(np.meshgrid([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], indexing="ij"), axis=-1)


def facet_joint(level: str, side: str, table: FacetTable, disc: Frame) -> FacetJoint:
    """Return the facet joint of a level and side, in global coordinates.

    Parameters
    ----------
    level, side : for example ``L4-L5`` and ``left``.
    table : the recipe's facet table.
    disc : frame of the level's disc, in which the rows are given.

    Notes
    -----
    In joint coordinates (u, v), with half width a, half height b, and n the superior surface's normal::

        superior  X = c + a u e_u + b v e_v + (a u)²/(2 R) n        (hollow across, straight along its height)
        inferior  X = superior + (g_c - (g_c - g_r) (u² + v²)) n    (the joint space narrows to the rim)
    """
    row = table.rows[level]
    upper, lower = level_vertebrae(level)
    axes = joint_axes(row)
    hollow = (0.5 * row.width * _GRID[..., 0]) ** 2 / (2.0 * table.curvature_radius)
    space = table.gap_centre - (table.gap_centre - table.gap_rim) * np.sum(_GRID**2, axis=-1)
    across = np.stack([0.5 * row.width * _GRID[..., 0], 0.5 * row.height * _GRID[..., 1]], axis=-1)
    flat = np.array([row.ahead, row.lateral, row.above]) + across @ axes[:2]
    superior = flat + (hollow - 0.5 * table.gap_centre)[..., None] * axes[2]
    inferior = superior + space[..., None] * axes[2]
    # reversing u turns the normal round: the inferior surface looks back, and so would a mirror image
    inferior = inferior[::-1]
    if side == "right":
        superior, inferior = superior[::-1] * MIRROR, inferior[::-1] * MIRROR
    return FacetJoint(
        name=f"{level} {side}",
        level=level,
        side=side,
        superior=ArticularSurface(lower, frozen(disc.to_global(superior))),
        inferior=ArticularSurface(upper, frozen(disc.to_global(inferior))),
        cartilage_thickness=table.cartilage_thickness,
    )


def spaced(joint: FacetJoint, factor: float) -> FacetJoint:
    """Return the joint with `factor` times the space between its surfaces; the inferior facet comes nearer or goes."""
    if factor == 1.0:
        return joint
    superior, inferior = joint.superior.control, joint.inferior.control[::-1]
    moved = superior + factor * (inferior - superior)
    return replace(joint, inferior=replace(joint.inferior, control=frozen(moved[::-1])))


def joint_axes(row: FacetRow) -> FloatArray:
    """Return rows (3, 3): across (anteromedial), along (up) and normal of the left superior facet.

    The joint plane stands at `row.angle` to the sagittal plane; by `row.lean` its top tips forward and outwards,
    so that the superior facet faces backwards, inwards and a little up.
    """
    sine, cosine = np.sin(row.angle), np.cos(row.angle)
    across = np.array([cosine, -sine, 0.0])
    outward = np.array([sine, cosine, 0.0])
    along = np.cos(row.lean) * np.array([0.0, 0.0, 1.0]) + np.sin(row.lean) * outward
    return np.stack([across, along, np.cross(across, along)])


def surface_point(surface: ArticularSurface, u: FloatArray, v: FloatArray) -> FloatArray:
    """Return points (..., 3) of a biquadratic surface at parameters `u`, `v` (...,)."""
    point: FloatArray = np.einsum("...i,...j,ijk->...k", _quadratic(u), _quadratic(v), surface.control)
    return point


def surface_normal(surface: ArticularSurface, u: FloatArray, v: FloatArray) -> FloatArray:
    """Return unit normals (..., 3), out of the bone, at parameters `u`, `v` (...,)."""
    along_u = np.einsum("...i,...j,ijk->...k", _quadratic_slope(u), _quadratic(v), surface.control)
    along_v = np.einsum("...i,...j,ijk->...k", _quadratic(u), _quadratic_slope(v), surface.control)
    normal = np.cross(along_u, along_v)
    unit: FloatArray = normal / np.linalg.norm(normal, axis=-1, keepdims=True)
    return unit


def _quadratic(t: FloatArray) -> FloatArray:
    t = np.asarray(t, dtype=np.float64)
    return np.stack([0.5 * t * (t - 1.0), 1.0 - t * t, 0.5 * t * (t + 1.0)], axis=-1)


def _quadratic_slope(t: FloatArray) -> FloatArray:
    t = np.asarray(t, dtype=np.float64)
    return np.stack([t - 0.5, -2.0 * t, t + 0.5], axis=-1)

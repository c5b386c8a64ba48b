"""Where each endplate, disc and vertebra stands: stacked from the sacrum up, so that an edited height carries on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fem.anatomy.disc_shape import DiscShape, NucleusPlace
from fem.anatomy.frames import sagittal_axes, sagittal_frame, tilt_of
from fem.anatomy.recipe import Outline, Recipe
from fem.anatomy.spine import Frame
from fem.anatomy.vertebra_shape import EndplateContour
from fem.anatomy.vocabulary import LEVELS, VERTEBRAE, level_vertebrae
from fem.arrays import FloatArray, frozen


@dataclass(frozen=True, slots=True)
class EndplatePose:
    """An endplate's outline middle (3,) [mm] and how far its upward normal tips forward [rad], global."""

    middle: FloatArray
    tilt: float


@dataclass(frozen=True, slots=True)
class Placement:
    """The neutral posture.

    Attributes
    ----------
    upper, lower : vertebra -> pose of its upper and lower endplate (S1 has no lower one)
    vertebrae : vertebra -> its frame, origin at the body centre, z along the mean of the endplate normals
    discs : level -> its frame, origin at the disc centre, z along the disc normal
    """

    upper: Mapping[str, EndplatePose]
    lower: Mapping[str, EndplatePose]
    vertebrae: Mapping[str, Frame]
    discs: Mapping[str, Frame]


def place_spine(recipe: Recipe) -> Placement:
    """Stack discs and bodies on the sacral endplate.

    Notes
    -----
    Going up, a disc's or body's axis halves the wedge between its two faces: its upper face tips back by the
    wedge, and its middle lies `height` up (and, for a body, `shift` forward) along that axis.
    """
    base = recipe.sacral_endplate
    pose = EndplatePose(frozen([base.anterior, 0.0, base.height]), base.tilt)
    upper, lower = {"S1": pose}, dict[str, EndplatePose]()
    vertebrae = {"S1": _sacral_frame(pose, recipe)}
    discs = dict[str, Frame]()
    for level in reversed(LEVELS):
        above, _ = level_vertebrae(level)
        disc, body = recipe.discs.rows[level], recipe.bodies.rows[above]
        foot = pose
        pose = _stack(foot, disc.height, disc.wedge, 0.0)
        discs[level] = _between(foot, pose, -recipe.discs.outline_offset)
        lower[above] = pose
        upper[above] = _stack(pose, body.height, body.wedge, body.shift)
        vertebrae[above] = _between(pose, upper[above], 0.0)
        pose = upper[above]
    return Placement(
        upper={name: upper[name] for name in VERTEBRAE},
        lower={name: lower[name] for name in VERTEBRAE[:-1]},
        vertebrae={name: vertebrae[name] for name in VERTEBRAE},
        discs={level: discs[level] for level in LEVELS},
    )


def disc_shape(recipe: Recipe, placement: Placement, level: str) -> DiscShape:
    """Return the shape of the disc of `level`, ready to be meshed."""
    above, below = level_vertebrae(level)
    frame, row = placement.discs[level], recipe.discs.rows[level]
    roof = recipe.endplates.rows[above].lower
    assert roof is not None  # the recipe is complete: every vertebra above a disc has a lower endplate
    return DiscShape(
        level=level,
        frame=frame,
        lower=contour_in_frame(recipe.endplates.rows[below].upper, placement.upper[below], frame),
        upper=contour_in_frame(roof, placement.lower[above], frame),
        nucleus=NucleusPlace(row.nucleus_area, row.nucleus_offset),
        bulge=recipe.discs.bulge,
    )


def contour_in_frame(outline: Outline, pose: EndplatePose, frame: Frame) -> EndplateContour:
    """Return an endplate as seen from `frame`."""
    return EndplateContour(
        centre=frozen(frame.to_local(pose.middle)),
        tilt=pose.tilt - tilt_of(frame),
        width=outline.width,
        depth=outline.depth,
        notch=outline.notch,
        dish=outline.dish,
    )


def _stack(foot: EndplatePose, height: float, wedge: float, shift: float) -> EndplatePose:
    axes = sagittal_axes(foot.tilt - 0.5 * wedge)
    return EndplatePose(frozen(foot.middle + axes @ np.array([shift, 0.0, height])), foot.tilt - wedge)


def _between(foot: EndplatePose, top: EndplatePose, anterior: float) -> Frame:
    tilt = 0.5 * (foot.tilt + top.tilt)
    origin = 0.5 * (foot.middle + top.middle) + sagittal_axes(tilt) @ np.array([anterior, 0.0, 0.0])
    return sagittal_frame(origin, tilt)


def _sacral_frame(endplate: EndplatePose, recipe: Recipe) -> Frame:
    axes = sagittal_axes(endplate.tilt)
    return sagittal_frame(endplate.middle - 0.5 * recipe.sacrum.body_height * axes[:, 2], endplate.tilt)

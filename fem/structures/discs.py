"""A disc as two solids: annulus (ground and crossed fibres) and nucleus, on one mesh between two bodies."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from fem.arrays import FloatArray, IntArray
from fem.elements.layout import LayoutBuilder
from fem.elements.solid_block import cell_axes, crossed_fibres, hexahedral_mesh, scalar_basis, solid_block
from fem.errors import ParameterError
from fem.literature import ParameterSet
from fem.materials.law import InvariantLaw, SolidLaw
from fem.materials.relaxation import PronySeries, faster_than
from fem.materials.solid import INVARIANT_LAWS, FibreExponential, Hyperelastic
from fem.materials.volumetric import LogarithmicVolume, SwollenVolume
from fem.mesh.tagged_mesh import TaggedMesh
from fem.parameters import check_parameters
from fem.terms.solid import SolidTerm

LawT = TypeVar("LawT")

#: Eighths of the way round, counted from the front to the left.
_REGIONS = (
    "anterior", "left anterior", "left", "left posterior",
    "posterior", "right posterior", "right", "right anterior",
)  # fmt: skip

#: Law name -> its constants' keys in a disc set.
_GROUND_KEYS = {"mooney_rivlin": ("C10", "C01"), "neo_hookean": ("mu",), "yeoh": ("C1", "C2", "C3")}


@dataclass(frozen=True, slots=True)
class DiscModel:
    """A disc in the model: level, mesh, material point (n,) of each mesh node, and its two terms."""

    level: str
    mesh: TaggedMesh
    points: IntArray
    annulus: SolidTerm
    nucleus: SolidTerm


def number_disc(builder: LayoutBuilder, mesh: TaggedMesh, upper: int, lower: int) -> IntArray:
    """Add the disc's nodes to the layout: endplates carried by bodies, the rest free; return their points (n,)."""
    top, bottom = mesh.nodes["upper endplate"], mesh.nodes["lower endplate"]
    numbers = np.full(len(mesh.points), -1, dtype=np.int64)
    numbers[bottom] = builder.add_carried(mesh.points[bottom], lower)
    numbers[top] = builder.add_carried(mesh.points[top], upper)
    free = np.flatnonzero(numbers < 0)
    numbers[free] = builder.add_free(
        mesh.points[free], (lower, upper), mesh.point_data["height_fraction"][free]
    )
    return numbers


def disc_model(
    level: str,
    mesh: TaggedMesh,
    points: IntArray,
    data: ParameterSet,
    stiffness: float,
    relaxation: ParameterSet | None = None,
) -> DiscModel:
    """Return the two terms of a disc.

    Parameters
    ----------
    level : for example ``L4-L5``; names the terms.
    mesh, points : the disc's mesh and the material points (n,) of its nodes.
    data : a disc set of the literature.
    stiffness : factor on ground, fibres and nucleus [1].
    relaxation : a relaxation set of the literature, or None for discs in which rates play no part.
    """
    basis = scalar_basis(hexahedral_mesh(mesh.points, mesh.cells))
    whole = solid_block(basis, points)
    axes = cell_axes(basis)
    annulus = np.flatnonzero(mesh.part == mesh.part_names.index("annulus"))
    nucleus = np.flatnonzero(mesh.part == mesh.part_names.index("nucleus"))
    angle, law = _annulus(mesh, annulus, data, stiffness)
    fibres = None if angle is None else crossed_fibres(axes[annulus], angle)
    return DiscModel(
        level,
        mesh,
        points,
        SolidTerm(
            f"annulus {level}",
            whole.part(annulus, fibres),
            law,
            _checked(LogarithmicVolume(data.number("annulus.bulk_modulus", "stress"))),
            _relaxation(relaxation, "annulus"),
            labels=regions(mesh, annulus),
        ),
        SolidTerm(
            f"nucleus {level}",
            whole.part(nucleus),
            Hyperelastic((_ground(data, "nucleus", data.text("nucleus.law"), stiffness),)),
            _nucleus_volume(data),
            _relaxation(relaxation, "nucleus"),
            labels=regions(mesh, nucleus),
        ),
    )


def regions(mesh: TaggedMesh, cells: IntArray) -> tuple[str, ...]:
    """Return on which side of the disc's middle each cell lies, in eighths of the way round: ``left posterior``."""
    centre = mesh.points[mesh.cells].mean(axis=1)
    way = (centre - centre.mean(axis=0))[cells]
    eighth = np.rint(np.arctan2(way[:, 1], way[:, 0]) / (np.pi / 4.0)).astype(np.int64)
    return tuple(_REGIONS[number] for number in eighth % len(_REGIONS))


def _relaxation(data: ParameterSet | None, part: str) -> PronySeries | None:
    """Return the branches of a part that are faster than the experiment behind the static law, None without any."""
    if data is None:
        return None
    share, time = (np.array(list(data.series(f"disc.{part}.{key}").values())) for key in ("share", "time"))
    series = faster_than(data.number("disc.horizon", "time"), _checked(PronySeries(share, time)))
    return series if series.count else None


def _ground(data: ParameterSet, part: str, law: str, stiffness: float) -> InvariantLaw:
    if law not in _GROUND_KEYS:
        raise ParameterError(f"{data.name}: {part} wants the law '{law}'; known: {', '.join(_GROUND_KEYS)}")
    constants = {key: stiffness * data.number(f"{part}.{key}", "stress") for key in _GROUND_KEYS[law]}
    ground: InvariantLaw = _checked(INVARIANT_LAWS[law](**constants))
    return ground


def _nucleus_volume(data: ParameterSet) -> LogarithmicVolume | SwollenVolume:
    bulk = data.number("nucleus.bulk_modulus", "stress")
    if not data.has("nucleus.swelling_pressure"):
        return _checked(LogarithmicVolume(bulk))
    return _checked(SwollenVolume(bulk, data.number("nucleus.swelling_pressure", "stress")))


def _checked(law: LawT) -> LawT:
    """Return `law`; ParameterError where a constant, perhaps overridden by a case, is outside its legal range."""
    check_parameters(law)
    return law


def _annulus(
    mesh: TaggedMesh, cells: IntArray, data: ParameterSet, stiffness: float
) -> tuple[FloatArray | None, SolidLaw]:
    """Return the fibre angle (e,) [rad] of the annulus cells, if there are fibres, and the law."""
    ground = _ground(data, "annulus", data.text("annulus.ground"), stiffness)
    if "annulus.fibres" not in data.texts:
        return None, Hyperelastic((ground,))
    law = data.text("annulus.fibres")
    if law != "fibre_exponential":
        raise ParameterError(
            f"{data.name}: the annulus wants the fibre law '{law}', which is held as data but not solved yet; "
            "take disc/calibrated, or a set without fibres"
        )
    depth, azimuth = mesh.cell_data["lamella_depth"][cells], mesh.cell_data["azimuth"][cells]
    fibres = _checked(
        FibreExponential(
            k1=stiffness * fibre_field(data, "k1", depth, azimuth)[:, None],
            k2=fibre_field(data, "k2", depth, azimuth)[:, None],
            dispersion=data.number("annulus.dispersion"),
        )
    )
    return fibre_field(data, "angle", depth, azimuth), Hyperelastic((ground, fibres))


def fibre_field(data: ParameterSet, name: str, depth: FloatArray, azimuth: FloatArray) -> FloatArray:
    """Return a fibre constant (e,) at lamella depths (e,) (0 outer, 1 inner) and azimuths (e,) [rad].

    Linear between the tabulated layers, and between anterior, lateral and posterior.
    """
    layers = np.array(list(data.series("annulus.depth.layer").values()))
    regions = ("anterior", "lateral", "posterior")
    places = np.array([data.number(f"annulus.azimuth.{region}", "angle") for region in regions])
    columns = [
        np.interp(depth, layers, list(data.series(f"annulus.fibre.{region}.{name}").values()))
        for region in regions
    ]
    where = np.abs(azimuth)
    lateral = np.clip((where - places[0]) / (places[1] - places[0]), 0.0, 1.0)
    posterior = np.clip((where - places[1]) / (places[2] - places[1]), 0.0, 1.0)
    return np.asarray(
        columns[0] * (1.0 - lateral) + columns[1] * (lateral - posterior) + columns[2] * posterior
    )

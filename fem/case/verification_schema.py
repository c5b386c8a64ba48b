"""Small closed-form problems that a case file may name instead of a spine, and what each reports."""

from typing import Annotated, Final, Literal

from pydantic import Field

from fem.document import StrictModel
from fem.quantities import Force, Modulus, Number, PositiveLength, Pressure, Quantity, Scale

Stretch = Annotated[float, Quantity("dimensionless", above=0.0)]


class NeoHookeanLaw(StrictModel):
    """Nearly incompressible neo-Hookean solid, energy mu/2 (I1bar - 3) + K/2 (ln J)^2."""

    law: Literal["neo_hookean"]
    mu: Modulus = Field(description="shear modulus")
    bulk_modulus: Modulus


class MooneyRivlinLaw(StrictModel):
    """Nearly incompressible solid, energy C10 (I1bar - 3) + C01 (I2bar - 3) + K/2 (ln J)^2."""

    law: Literal["mooney_rivlin"]
    C10: Modulus
    C01: Pressure
    bulk_modulus: Modulus


class CompressibleNeoHookeanLaw(StrictModel):
    """Compressible solid, energy mu/2 (I1 - 3) - mu ln J + lambda/2 (ln J)^2."""

    law: Literal["compressible_neo_hookean"]
    youngs_modulus: Modulus
    poisson_ratio: Annotated[float, Quantity("dimensionless", above=-1.0, below=0.5)]


AnySolid = Annotated[NeoHookeanLaw | MooneyRivlinLaw | CompressibleNeoHookeanLaw, Field(discriminator="law")]


class BlockProblem(StrictModel):
    """A cube of one material, stretched along one axis with its sides free."""

    kind: Literal["block"]
    material: AnySolid
    stretch: Stretch = Field(description="length over reference length at the end")
    edge: PositiveLength = 1.0
    elements: Annotated[int, Field(strict=True, ge=1, le=8)] = Field(
        1, description="hexahedra along each edge"
    )


class CableProblem(StrictModel):
    """A taut linear cable between two fixed ends, loaded across at its middle."""

    kind: Literal["cable"]
    half_span: PositiveLength
    axial_stiffness: Annotated[float, Quantity("force", above=0.0)] = Field(
        description="modulus times area, EA"
    )
    pretension: Annotated[float, Quantity("force", low=0.0)]
    load: Force = Field(description="force across the cable at its middle")


class StrandProblem(StrictModel):
    """A toe-linear (Blankevoort) ligament strand, stretched to a strain."""

    kind: Literal["strand"]
    stiffness: Annotated[float, Quantity("force", above=0.0)] = Field(
        description="force per unit strain, linear range"
    )
    transition_strain: Scale
    reference_length: PositiveLength = 10.0
    strain: Number


AnyProblem = Annotated[BlockProblem | CableProblem | StrandProblem, Field(discriminator="kind")]

#: Problem kind -> what it reports, as ``<kind>.<name>`` -> unit.
REPORTED: Final[dict[str, dict[str, str]]] = {
    "block": {
        "block.cauchy_stress_MPa": "MPa",
        "block.pk1_stress_MPa": "MPa",
        "block.lateral_stretch": "1",
    },
    "cable": {"cable.deflection_mm": "mm", "cable.tension_N": "N"},
    "strand": {"strand.force_N": "N", "strand.strain": "1"},
}

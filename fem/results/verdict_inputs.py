"""What a verdict on cavitation rests on besides the motion: bands to draw from, and what counts as a pop."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from fem.literature import ParameterSet, load
from fem.literature.draws import Band, band_of

#: Set -> data that are drawn within their bands, where they have one.
DRAWN: Final[dict[str, tuple[str, ...]]] = {
    "film": (
        *("recess.volume", "recess.compliance", "recess.sharpness", "recess.creep_share"),
        *("recess.creep_time", "recess.inflow_time", "film.rest_thickness", "film.asperity"),
        *("fluid.rest_viscosity", "fluid.thinned_viscosity", "fluid.thinning_exponent"),
        "cavitation.nucleation_pressure",
    ),
    "cartilage": ("facet.confined_modulus",),
    "verdict": ("pop.cavity_share", "pop.energy"),
}
#: The published gapping that stands beside the verdict.
_GAPPING: Final = "experiments/cramer_2012"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What counts as what.

    Attributes
    ----------
    sure_share : share of the draws that must agree for a verdict.
    cavity_share, energy : a pop has a cavity of this share of the joint's fluid, and this energy [N mm].
    jump_time : [s] over which the jump after inception is told.
    gas_exponent, density : polytropic exponent of the gas, density of the fluid [tonne/mm³], for the frequency.
    gapping_cavitated, gapping_not_cavitated : [mm] published mean gapping of joints that did and did not.
    """

    sure_share: float
    cavity_share: float
    energy: float
    jump_time: float
    gas_exponent: float
    density: float
    gapping_cavitated: float
    gapping_not_cavitated: float


@dataclass(frozen=True, slots=True)
class VerdictInputs:
    """What a verdict rests on.

    Attributes
    ----------
    criteria : what counts as what.
    bands : what is drawn; what has no band is not.
    gas : what earlier pops may have left in each joint's recess, p V [N mm], draws of the gas clock from least to most;
        empty where no joint has popped.
    """

    criteria: Criteria
    bands: tuple[Band, ...]
    gas: tuple[tuple[float, ...], ...] = ()

    def entry(self) -> dict[str, Any]:
        """Return all of them as a mapping of plain values."""
        bands = [asdict(band) for band in self.bands]
        return {"criteria": asdict(self.criteria), "bands": bands, "gas": [list(row) for row in self.gas]}


def inputs_from(entry: Mapping[str, Any]) -> VerdictInputs:
    """Return the inputs of a mapping that `VerdictInputs.entry` made."""
    gas = tuple(tuple(row) for row in entry.get("gas", ()))
    return VerdictInputs(Criteria(**entry["criteria"]), tuple(Band(**band) for band in entry["bands"]), gas)


def verdict_inputs(
    sets: Mapping[str, ParameterSet],
    fixed: tuple[str, ...] = (),
    gas: tuple[tuple[float, ...], ...] = (),
) -> VerdictInputs:
    """Return criteria and bands.

    Parameters
    ----------
    sets : ``film``, ``cartilage`` and ``verdict``; one that is not there is read as shipped.
    fixed : data that a case gives itself, and that are therefore not drawn.
    gas : see `VerdictInputs`.
    """
    held = {name: sets[name] if name in sets else load(name) for name in DRAWN}
    bands = [
        band_of(held[name].datum(key)) for name, keys in DRAWN.items() for key in keys if key not in fixed
    ]
    film, verdict, gapping = held["film"], held["verdict"], load(_GAPPING)
    criteria = Criteria(
        verdict.number("verdict.sure_share", "dimensionless"),
        verdict.number("pop.cavity_share", "dimensionless"),
        verdict.number("pop.energy", "energy"),
        verdict.number("event.jump_time", "time"),
        verdict.number("event.gas_exponent", "dimensionless"),
        film.number("fluid.density", "density"),
        gapping.number("gapping_cavitated", "length"),
        gapping.number("gapping_not_cavitated", "length"),
    )
    return VerdictInputs(criteria, tuple(band for band in bands if band is not None), gas)

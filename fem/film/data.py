"""From the literature's numbers to the laws of a film."""

from fem.film.laws import Cavitation, CrossFluid, FilmLaws, Recess, SoftLayer
from fem.literature import ParameterSet


def film_laws(data: ParameterSet, cartilage: ParameterSet) -> FilmLaws:
    """Return the laws that the parameter sets ``film`` and ``cartilage`` describe, the same for all joints."""
    fluid = CrossFluid(
        data.number("fluid.rest_viscosity", "viscosity"),
        data.number("fluid.thinned_viscosity", "viscosity"),
        data.number("fluid.thinning_time", "time"),
        data.number("fluid.thinning_exponent", "dimensionless"),
        data.number("fluid.representative_rate", "dimensionless"),
    )
    ambient, cavity, nucleation = (
        data.number(f"cavitation.{key}_pressure", "pressure") for key in ("ambient", "cavity", "nucleation")
    )
    cavitation = Cavitation(ambient, cavity, nucleation)
    recess = Recess(
        data.number("recess.volume", "volume"),
        data.number("recess.compliance", "compliance"),
        data.number("recess.sharpness", "dimensionless"),
        data.number("recess.creep_share", "dimensionless"),
        data.number("recess.creep_time", "time"),
        1.0 / data.number("recess.inflow_time", "time"),
    )
    layer = SoftLayer(
        cartilage.number("facet.confined_modulus", "stress"),
        2.0 * cartilage.number("facet.thickness", "length"),
        data.number("film.asperity", "length"),
    )
    return FilmLaws(fluid, cavitation, recess, layer)

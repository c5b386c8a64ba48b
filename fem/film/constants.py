"""The constants of the laws of one joint as a row of numbers, in the order in which the compiled kernels read them."""

import numpy as np

from fem.arrays import FloatArray, frozen
from fem.errors import ParameterError
from fem.film.laws import FilmLaws, OpenRim

(
    REST, THINNED, TIME, EXPONENT, REPRESENTATIVE,
    MODULUS, THICKNESS, ASPERITY, LIMIT,
    AMBIENT, CAVITY, NUCLEATION, CONSERVING,
    OPEN, RIM_PRESSURE, VOLUME, COMPLIANCE, SHARPNESS, CREEP_SHARE, CREEP_RATE, INFLOW_RATE, GAS,
    COUNT,
) = range(23)  # fmt: skip


def constants(laws: FilmLaws, joints: int) -> FloatArray:
    """Return the constants (k, COUNT) of all joints; pressures above ambient.

    Raises
    ------
    ParameterError
        If a law holds another number of constants than joints, or nucleation lies above the cavity's pressure.
    """
    rows = np.zeros((joints, COUNT))

    def put(column: int, value: float | FloatArray) -> None:
        if np.ndim(value) and np.shape(value) != (joints,):
            raise ParameterError(
                f"a film law holds {np.size(value)} values for {joints} joints; give one number or one per joint"
            )
        rows[:, column] = value

    fluid, layer, cavitation, recess = laws.fluid, laws.layer, laws.cavitation, laws.recess
    for column, value in (
        (REST, fluid.rest), (THINNED, fluid.thinned), (TIME, fluid.time), (EXPONENT, fluid.exponent),
        (REPRESENTATIVE, fluid.representative), (MODULUS, layer.modulus), (THICKNESS, layer.thickness),
        (ASPERITY, layer.asperity), (LIMIT, layer.limit), (AMBIENT, cavitation.ambient),
        (CAVITY, np.subtract(cavitation.cavity, cavitation.ambient)),
        (NUCLEATION, np.subtract(cavitation.nucleation, cavitation.ambient)),
        (CONSERVING, float(cavitation.conserving)),
    ):  # fmt: skip
        put(column, value)
    if (rows[:, NUCLEATION] > rows[:, CAVITY]).any():
        raise ParameterError(
            "the nucleation pressure lies above the pressure in the cavity; a cavity forms at its pressure or below"
        )
    if isinstance(recess, OpenRim):
        put(OPEN, 1.0)
        put(RIM_PRESSURE, recess.pressure)
        return frozen(rows)
    for column, value in (
        (VOLUME, recess.volume), (COMPLIANCE, recess.compliance), (SHARPNESS, recess.sharpness),
        (CREEP_SHARE, recess.creep_share), (CREEP_RATE, np.divide(1.0, recess.creep_time)),
        (INFLOW_RATE, recess.inflow_rate), (GAS, recess.gas),
    ):  # fmt: skip
        put(column, value)
    return frozen(rows)

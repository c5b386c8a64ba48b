"""Compiled laws at a node: soft layers, the recess, and the viscosity in the form the flow needs it."""

import numba
import numpy as np

from fem.film.constants import (
    AMBIENT,
    ASPERITY,
    CAVITY,
    COMPLIANCE,
    CREEP_RATE,
    CREEP_SHARE,
    EXPONENT,
    GAS,
    LIMIT,
    MODULUS,
    REST,
    SHARPNESS,
    THICKNESS,
    THINNED,
    TIME,
    VOLUME,
)


@numba.njit(cache=True)
def layer_yield(p, c):  # type: ignore[no-untyped-def]
    """Return how far d [mm] the layers yield to pressure p, and dd/dp; p may be a suction."""
    M, t, limit = c[MODULUS], c[THICKNESS], c[LIMIT]
    share = p / M
    start, bend = -np.log(1.0 - limit), 1.0 / (1.0 - limit)
    if share <= start:
        return -t * np.expm1(-share), t * np.exp(-share) / M
    root = np.sqrt(1.0 + 2.0 * (share - start))
    return t * (limit + (root - 1.0) / bend), t / (bend * root * M)


@numba.njit(cache=True)
def layer_pressure(d, c):  # type: ignore[no-untyped-def]
    """Return the pressure [MPa] that makes the layers yield by d, and dp/dd: the inverse of `layer_yield`."""
    M, t, limit = c[MODULUS], c[THICKNESS], c[LIMIT]
    share = d / t
    if share <= limit:
        return -M * np.log1p(-share), M / (t * (1.0 - share))
    bend = 1.0 / (1.0 - limit)
    beyond = bend * (share - limit)
    return M * (-np.log(1.0 - limit) + beyond + 0.5 * beyond**2), M * bend * (1.0 + beyond) / t


@numba.njit(cache=True)
def thickness(p, gap, c):  # type: ignore[no-untyped-def]
    """Return the film thickness h [mm] and its derivatives with respect to film pressure and gap."""
    d, slope = layer_yield(p, c)
    s, rounding = gap + d, 0.5 * c[ASPERITY]
    if s >= rounding:
        return c[ASPERITY] + s, slope, 1.0
    if s <= -rounding:
        return c[ASPERITY], 0.0, 0.0
    rise = (s + rounding) / (2.0 * rounding)
    return c[ASPERITY] + rise * rise * rounding, rise * slope, rise


@numba.njit(cache=True)
def total_pressure(p, gap, c):  # type: ignore[no-untyped-def]
    """Return film and contact pressure together and its derivatives with respect to film pressure and gap."""
    h, by_pressure, by_gap = thickness(p, gap, c)
    if by_gap == 1.0:
        return p, 1.0, 0.0
    total, slope = layer_pressure(h - c[ASPERITY] - gap, c)
    return total, slope * by_pressure, slope * (by_gap - 1.0)


@numba.njit(cache=True)
def recess_volume(p, duration, capsule, creep, c):  # type: ignore[no-untyped-def]
    """Return (fluid volume and its slope dV/dp, volume inside the capsule, creeping part of the pressure).

    `capsule` and `creep` are volume and creeping pressure before the step; a step of no duration is at equilibrium.
    """
    scale = c[VOLUME] / c[COMPLIANCE]
    still = 1.0 / (1.0 + duration * c[CREEP_RATE]) if duration > 0.0 else 0.0
    extra, e = still * c[CREEP_SHARE], c[SHARPNESS]
    known = still * creep / scale - extra * capsule / c[VOLUME]
    a, b = 1.0 - e + extra, 1.0 + p / scale - 2.0 * e - known
    root = np.sqrt(b * b + 4.0 * a * e)
    x = (b + root) / (2.0 * a) if b > 0.0 else 2.0 * e / (root - b)
    slope = c[COMPLIANCE] * x / root
    bubble, swell = gas_volume(p, c)
    return c[VOLUME] * x - bubble, slope - swell, c[VOLUME] * x, scale * (known + extra * x)


@numba.njit(cache=True)
def gas_volume(p, c):  # type: ignore[no-untyped-def]
    """Return the volume [mm³] of the bubble at p and its slope; a straight line below the cavity's pressure."""
    if c[GAS] == 0.0:
        return 0.0, 0.0
    lowest = max(c[CAVITY] + c[AMBIENT], 1e-3 * c[AMBIENT])
    absolute = p + c[AMBIENT]
    held = max(absolute, lowest)
    slope = -c[GAS] / held**2
    return c[GAS] / held + slope * (absolute - held), slope


@numba.njit(cache=True)
def viscosity(rate, c):  # type: ignore[no-untyped-def]
    """Return μ [MPa s] and γ̇ dμ/dγ̇ at a shear rate."""
    x = (c[TIME] * rate) ** c[EXPONENT] if c[TIME] * rate > 0.0 else 0.0
    thinning = (c[REST] - c[THINNED]) / (1.0 + x)
    return c[THINNED] + thinning, -c[EXPONENT] * thinning * x / (1.0 + x)

"""Derivatives by central differences. Every error is relative to the largest entry of the derivative checked.

With steps near 1e-5 truncation (step²) and rounding (1e-16/step) are both near 1e-10, so 1e-7 is a safe bar.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

STEP = 1e-5


def relative(actual: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest difference over the largest expected entry; refuse to compare nothing with nothing."""
    scale = float(np.abs(expected).max())
    if not scale > 0.0:
        raise AssertionError("the expected derivative is zero everywhere: nothing was tested")
    error = float(np.abs(np.asarray(actual) - np.asarray(expected)).max()) / scale
    return error if np.isfinite(error) else np.inf


def slope(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray, step: float = STEP) -> np.ndarray:
    """Return d function / d x, with the axes of x (the trailing ones that vary) appended.

    `x` (…, m) is varied along its last axis; the leading axes are independent samples.
    """
    columns = []
    for j in range(x.shape[-1]):
        shift = np.zeros_like(x)
        shift[..., j] = step
        columns.append((function(x + shift) - function(x - shift)) / (2.0 * step))
    return np.stack(columns, axis=-1)


def invariant_law_errors(law: Any, scalars: np.ndarray) -> tuple[float, float]:
    """Return errors of the first and the second derivatives of an invariant law at scalars (e, q, 3 + m)."""
    here = law.derivatives(scalars)
    first = relative(here.first, slope(lambda s: law.derivatives(s).energy, scalars))
    differences = slope(lambda s: law.derivatives(s).first, scalars)
    if not np.abs(differences).max() > 1e-8:  # a law linear in its scalars
        return first, float(np.abs(here.second).max())
    return first, relative(here.second, differences)


def solid_law_errors(law: Any, F: np.ndarray, fibres: np.ndarray) -> tuple[float, float]:
    """Return errors of the first Piola–Kirchhoff stress and of the tangent of a solid law at F (e, q, 3, 3)."""
    lead = F.shape[:2]
    flat = F.reshape(*lead, 9)

    def response(x: np.ndarray) -> Any:
        return law.respond(np.ascontiguousarray(x.reshape(*lead, 3, 3)), fibres)

    here = response(flat)
    stress = relative(here.pk1.reshape(*lead, 9), slope(lambda x: response(x).energy, flat))
    tangent = relative(here.tangent, slope(lambda x: response(x).pk1.reshape(*lead, 9), flat))
    return stress, tangent

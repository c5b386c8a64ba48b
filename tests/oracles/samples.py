"""Legal sample parameters for any law, taken from what the law itself declares."""

from typing import Any

import numpy as np

from fem.parameters import parameters_of

SPACE = 3


def sample(law: type) -> Any:
    """Return a law whose parameters are legal, all different, and grow in the order of declaration."""
    values = {}
    for number, (name, parameter) in enumerate(parameters_of(law).items()):
        if np.isfinite(parameter.high):
            low = max(parameter.low, 0.0)
            values[name] = low + 0.4 * (parameter.high - low)
        else:
            values[name] = 0.6 + 0.17 * number
    return law(**values)


def samples_at_the_ends(law: type) -> list[tuple[str, Any]]:
    """Return laws with one parameter at a time at a legal end of its range, with that parameter's name."""
    plain = sample(law)
    values = {name: getattr(plain, name) for name in parameters_of(law)}
    found = []
    for name, parameter in parameters_of(law).items():
        ends = [(parameter.low, parameter.open_low), (parameter.high, parameter.open_high)]
        found += [
            (name, law(**values | {name: end})) for end, is_open in ends if np.isfinite(end) and not is_open
        ]
    return found


def stretched_fibres(
    generator: np.random.Generator, count: int, families: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Return F (1, count, 3, 3) and unit fibres (1, count, families, 3) that are all longer than at rest."""
    F = np.eye(3) + 0.15 * generator.normal(size=(1, count, 3, 3))
    F = F / np.linalg.det(F)[..., None, None] ** (1.0 / 3.0) * np.linspace(0.9, 1.15, count)[:, None, None]
    _, vectors = np.linalg.eigh(np.swapaxes(F, -1, -2) @ F)
    longest = vectors[..., :, -1]
    fibres = longest[:, :, None, :] + 0.2 * generator.normal(size=(1, count, families, 3))
    return F, fibres / np.linalg.norm(fibres, axis=-1, keepdims=True)


def random_rotation(generator: np.random.Generator) -> np.ndarray:
    """Return a proper rotation (3, 3)."""
    Q, _ = np.linalg.qr(generator.normal(size=(SPACE, SPACE)))
    return Q if np.linalg.det(Q) > 0 else Q[:, [1, 0, 2]]

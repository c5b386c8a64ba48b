"""Where the energy of a run came from and went to, and how much of it is not accounted for."""

from collections.abc import Mapping
from typing import Final

from fem.results.record import Energies

#: Share of the energy above which a run warns that its steps are too long.
_UNACCOUNTED: Final = 0.05


def energy_entry(first: Energies, last: Energies, moved: float = 0.0) -> dict[str, float]:
    """Return the energies [mJ] and the relative error of their balance.

    Parameters
    ----------
    moved : the most that was moved between the two records, where it is more than at the last.

    Notes
    -----
    error = |W + M - ΔU - ΔT - D| / max(|W|, |M|, |ΔU|, |ΔT|), with the work W of the loads, M of the muscles and the
    heat D counted from the first record, ΔU and ΔT the change of the stored and the kinetic energy since then
    (pre-strained ligaments store energy before any load). What the error is relative to is taken over the whole
    run: a spine that springs back at the end has given back nearly all that was put in. Zero when nothing moved.
    """
    work, muscles, stored, kinetic = _changes(first, last)
    lost = last.dissipated - first.dissipated
    scale = max(moved, most_moved(first, last))
    return {
        "work_mJ": last.work,
        "muscles_mJ": last.muscles,
        "stored_mJ": last.stored,
        "kinetic_mJ": last.kinetic,
        "dissipated_mJ": last.dissipated,
        "balance_error": abs(work + muscles - stored - kinetic - lost) / scale if scale > 0 else 0.0,
    }


def energy_sentence(energy: Mapping[str, float]) -> str:
    """Return the energy section of a summary in one line."""
    return (
        f"energy: {energy['work_mJ']:.4g} mJ from loads and {energy['muscles_mJ']:.4g} mJ from muscles; "
        f"{energy['stored_mJ']:.4g} mJ stored, {energy['kinetic_mJ']:.4g} mJ in motion, "
        f"{energy['dissipated_mJ']:.4g} mJ turned into heat; "
        f"{100 * energy['balance_error']:.2g} % of the most that was moved is not accounted for"
    )


def energy_warning(energy: Mapping[str, float]) -> str:
    """Return that too much of the energy is not accounted for, and what to do; nothing where the balance is good."""
    error = energy["balance_error"]
    if error <= _UNACCOUNTED:
        return ""
    return (
        f"{100 * error:.2g} % of the most energy that was moved is not accounted for: the steps are too long for how "
        "forces change on the way, so energies mean little, and in dynamic phases gaps and forces may be off as well; "
        "ask for more steps (phases: steps) and see what changes"
    )


def most_moved(first: Energies, now: Energies) -> float:
    """Return the largest of the energies [mJ] that came or went between two records."""
    return max(abs(change) for change in _changes(first, now))


def _changes(first: Energies, now: Energies) -> tuple[float, float, float, float]:
    """Return work, work of the muscles, and the changes of stored and kinetic energy [mJ] since `first`."""
    return (
        now.work - first.work,
        now.muscles - first.muscles,
        now.stored - first.stored,
        now.kinetic - first.kinetic,
    )

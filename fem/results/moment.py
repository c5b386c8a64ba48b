"""Which moment of a run a picture shows, and what to say beside it; from the summary alone."""

from collections.abc import Mapping
from typing import Any


def telling_time(summary: Mapping[str, Any]) -> float | None:
    """Return when [s] the target's capsule is most strained, without a target the most strained ligament.

    None where no ligament was ever strained: then the end is as good as any other moment.
    """
    ligaments = summary.get("ligaments", {})
    level, _, side = str(summary.get("target", "")).partition(" ")
    capsule = ligaments.get(level, {}).get(f"CL {side}")
    if capsule is not None and capsule["peak_strain"] > 0.0:
        return float(capsule["time_of_peak_s"])
    _, worst = most_strained(summary)
    return float(worst["time_of_peak_s"]) if worst and worst["peak_strain"] > 0.0 else None


def most_strained(summary: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return level and name of the ligament with the largest strain of the run, and its entry; empty without any."""
    entries = [
        (f"{level} {name}", entry)
        for level, bundles in summary.get("ligaments", {}).items()
        for name, entry in bundles.items()
    ]
    return max(entries, key=lambda pair: pair[1]["peak_strain"], default=("", {}))


def widest_joint(summary: Mapping[str, Any]) -> str | None:
    """Return the facet joint whose mean gap became largest; None without facets."""
    facets = summary.get("facets", {})
    return max(facets, key=lambda name: facets[name].get("peak_gap_mean_mm", 0.0), default=None)


def shown_joint(summary: Mapping[str, Any]) -> str | None:
    """Return the joint that pictures come close to: the target, without one the joint that opens widest."""
    target = summary.get("target")
    return str(target) if target in summary.get("facets", {}) else widest_joint(summary)


def remarks(summary: Mapping[str, Any]) -> list[str]:
    """Return what a picture shows, in sentences for readers who do not know the field."""
    told = []
    name, worst = most_strained(summary)
    if worst and worst["peak_strain"] > 0.0:
        past = ", past its warning limit" if worst["state"] in ("over limit", "failed") else ""
        told.append(f"most strained ligament of the run: {name}, {100 * worst['peak_strain']:.0f} %{past}")
    joint = shown_joint(summary)
    if joint is not None:
        entry = summary["facets"][joint]
        role = "target joint" if joint == summary.get("target") else "widest joint"
        rest = entry["gap_mean_mm"] - entry["gap_mean_change_mm"]
        opened = f"mean gap {rest:.2f} mm at first, {entry['peak_gap_mean_mm']:.2f} mm at most"
        verdict = entry.get("cavitation", {}).get("verdict")
        told.append(f"{role}: {joint}, {opened}" + (f"; verdict: {verdict}" if verdict else ""))
    return told

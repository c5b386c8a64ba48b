"""The catalogue: what each result table and each summary entry holds, with unit and meaning. No arithmetic.

One line here makes an observable available to the tables, the summary, `expect` and the comparisons.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fem.anatomy.vocabulary import BUNDLES, SIDES
from fem.structures.guarding import GROUPS


@dataclass(frozen=True, slots=True)
class Quantity:
    """One column or summary entry: name (ends in its unit where it has one), unit for readers, meaning."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A table's key columns (who), and its value columns (what)."""

    keys: tuple[str, ...]
    values: tuple[Quantity, ...]

    def columns(self) -> tuple[str, ...]:
        """Return all column names a row must have, keys first."""
        return self.keys + tuple(quantity.name for quantity in self.values)


_ANGLES: Final = (
    Quantity("flexion_deg", "deg", "rotation of the upper on the lower vertebra, flexion positive"),
    Quantity("lateral_bending_deg", "deg", "the same, bending to the left positive"),
    Quantity("axial_rotation_deg", "deg", "the same, turning to the left positive"),
)

_STRAIN_MEANING: Final = "(length - reference length) / reference length"
_FIBRE_MEANING: Final = "change of the fibre's length since the neutral posture over its neutral length"

#: Rotations of a flexibility test, in the order of the angles of a level.
ROTATIONS: Final = ("flexion_extension", "lateral_bending", "axial_rotation")

_LARGEST_OF_ANY: Final = "unrecovered elongation of a strand after the last repetition, the largest"

#: What the summary says of the flexibility of a level of a repeated case.
_FLEXIBILITY: Final = tuple(
    Quantity(
        f"{zone}{name}_{moment}_deg", "deg", f"{what} in {name.replace('_', ' ')}, {moment} all repetitions"
    )
    for moment in ("before", "after")
    for zone, what in (("", "range of motion"), ("neutral_zone_", "neutral zone"))
    for name in ROTATIONS
)

TABLES: Final[dict[str, TableLayout]] = {
    "levels": TableLayout(
        ("level",),
        (
            *_ANGLES,
            Quantity("translation_x_mm", "mm", "shift of the upper body centre in the lower frame, anterior"),
            Quantity("translation_y_mm", "mm", "the same, to the left"),
            Quantity("translation_z_mm", "mm", "the same, upwards"),
        ),
    ),
    "ligaments": TableLayout(
        ("level", "bundle"),
        (
            Quantity("peak_strain", "1", f"largest strand strain of the bundle, {_STRAIN_MEANING}"),
            Quantity("mean_strain", "1", "mean over the bundle's strands"),
            Quantity("force_N", "N", "sum of the strands' tensions"),
            Quantity(
                "reference_length_mm", "mm", "mean unstretched length of the strands, to which strain refers"
            ),
            Quantity("limit_fraction", "1", "largest strand strain over its sub-failure strain"),
            Quantity("state", "", "slack, toe, linear, over limit or failed"),
        ),
    ),
    "strands": TableLayout(
        ("level", "bundle", "strand"),
        (
            Quantity("strain", "1", _STRAIN_MEANING),
            Quantity("force_N", "N", "tension"),
            Quantity("length_mm", "mm", "current length"),
            Quantity("reference_length_mm", "mm", "unstretched length, to which strain refers"),
            Quantity("state", "", "slack, toe, linear, over limit or failed"),
        ),
    ),
    "facets": TableLayout(
        ("joint",),
        (
            Quantity("gap_min_mm", "mm", "smallest gap between the cartilage surfaces, positive when open"),
            Quantity("gap_mean_mm", "mm", "area mean of the gap"),
            Quantity("gap_mean_change_mm", "mm", "mean gap less its value at step 0"),
            Quantity(
                "opening_speed_mm_s", "mm/s", "rate of the mean gap, opening positive; 0 in static phases"
            ),
            Quantity("contact_force_N", "N", "resultant of the contact pressure"),
            Quantity("contact_area_mm2", "mm²", "area under contact pressure"),
            Quantity("contact_pressure_max_MPa", "MPa", "largest contact pressure"),
        ),
    ),
    "film": TableLayout(
        ("joint",),
        (
            Quantity("gap_mean_mm", "mm", "area mean of the gap"),
            Quantity("opening_speed_mm_s", "mm/s", "rate of the mean gap, opening positive"),
            Quantity("lowest_pressure_kPa", "kPa", "lowest pressure of the film, absolute"),
            Quantity("mean_pressure_kPa", "kPa", "area mean of the pressure of the film, absolute"),
            Quantity("recess_pressure_kPa", "kPa", "pressure in the folds of the capsule, absolute"),
            Quantity("cavity_mm3", "mm³", "volume without fluid, in film and recess"),
        ),
    ),
    "discs": TableLayout(
        ("level",),
        (
            Quantity("pressure_MPa", "MPa", "mean hydrostatic pressure of the nucleus, compression positive"),
            Quantity("pressure_rise_MPa", "MPa", "pressure less its value at step 0"),
            Quantity("height_change_mm", "mm", "change of the distance between endplate centres"),
            Quantity(
                "bulge_anterior_mm", "mm", "outward displacement of the outer annulus, anterior, mid height"
            ),
            Quantity("bulge_posterior_mm", "mm", "the same, posterior"),
            Quantity("bulge_left_mm", "mm", "the same, left"),
            Quantity("bulge_right_mm", "mm", "the same, right"),
        ),
    ),
    "muscles": TableLayout(
        ("fascicle", "group", "side", "level"),
        (
            Quantity("activation", "1", "0 relaxed … 1 all of it active, reflex included"),
            Quantity("force_N", "N", "tension"),
            Quantity("length_mm", "mm", "length of the whole path, tendon and fibre"),
            Quantity("fibre_strain", "1", _FIBRE_MEANING),
            Quantity("fibre_velocity_1_s", "1/s", "rate of the fibre strain, positive in lengthening"),
            Quantity("over_limit", "1", "1 where the fibre strain is past its injury limit, else 0"),
        ),
    ),
}

#: Columns a table may lack; a later physics or a part of the spine may not have them.
OPTIONAL_COLUMNS: Final = frozenset(
    {"contact_area_mm2", "contact_pressure_max_MPa", "height_change_mm"}
    | {f"bulge_{where}_mm" for where in ("anterior", "posterior", "left", "right")}
)

#: Summary sections with one entry per structure, and what each entry holds.
SECTIONS: Final[dict[str, tuple[Quantity, ...]]] = {
    "levels": _ANGLES,
    "ligaments": (
        Quantity("peak_strain", "1", f"largest strand strain over the run, {_STRAIN_MEANING}"),
        Quantity("time_of_peak_s", "s", "when the largest strain occurred"),
        Quantity("peak_force_N", "N", "largest force of the bundle over the run"),
        Quantity(
            "reference_length_mm", "mm", "mean unstretched length of the strands, to which strain refers"
        ),
        Quantity("limit_fraction", "1", "largest strain over the sub-failure strain"),
        Quantity("state", "", "state of the bundle when its strain was largest"),
    ),
    "facets": (
        Quantity("gap_min_mm", "mm", "smallest gap at the end of the run"),
        Quantity("gap_mean_mm", "mm", "mean gap at the end of the run"),
        Quantity("gap_mean_change_mm", "mm", "mean gap at the end less at step 0"),
        Quantity("peak_gap_mean_mm", "mm", "largest mean gap over the run"),
        Quantity("opening_speed_mm_s", "mm/s", "largest opening speed of the mean gap over the run"),
        Quantity("contact_force_N", "N", "contact force at the end of the run"),
    ),
    "discs": (
        Quantity("pressure_MPa", "MPa", "nucleus pressure at the end of the run"),
        Quantity("pressure_rise_MPa", "MPa", "nucleus pressure at the end less at step 0"),
    ),
    "muscles": (
        Quantity("activation", "1", "largest activation of any fascicle over the run"),
        Quantity("force_N", "N", "largest sum of the fascicles' tensions over the run"),
        Quantity("fibre_strain", "1", f"largest of any fascicle over the run, {_FIBRE_MEANING}"),
        Quantity("time_of_peak_s", "s", "when the largest fibre strain occurred"),
        Quantity("fibre_velocity_1_s", "1/s", "fastest lengthening of any fascicle over the run"),
        Quantity("over_limit", "1", "most fascicles past their injury strain at any one time"),
    ),
    "laxity": (
        Quantity("peak_strain", "1", "largest strand strain over all repetitions, of the intact length"),
        Quantity("elongation_mm", "mm", _LARGEST_OF_ANY),
        Quantity("stiffness_left", "1", "mean over the strands after the last repetition, 1 if intact"),
        Quantity("torn_strands", "1", "strands past their failure strain"),
    ),
    "flexibility": _FLEXIBILITY,
}

#: What the summary says of a joint under ``facets.<joint>.cavitation``. Probability, margin and dominant input rest on
#: draws of the inputs, everything else on the default ones.
CAVITATION: Final[tuple[Quantity, ...]] = (
    Quantity("verdict", "", "cavitates, does not cavitate or undetermined, from the probability"),
    Quantity("probability", "1", "share of the draws of uncertain inputs with which the joint pops"),
    Quantity("pops", "", "whether it pops with the default inputs"),
    Quantity("micro_inception", "", "whether a cavity formed that stayed too small for a pop"),
    Quantity(
        "margin",
        "1",
        "how much farther (above 0) the joint opens than it need to pop, or less (below 0) than it would have to, "
        "as a share of what it takes",
    ),
    Quantity(
        "dominant_input", "", "input whose draws have the largest rank correlation with nearness to a pop"
    ),
    Quantity("dominant_correlation", "1", "that correlation; positive: more of it brings the pop nearer"),
    Quantity("lowest_pressure_kPa", "kPa", "lowest pressure before a cavity formed, absolute"),
    Quantity("cavity_mm3", "mm³", "largest volume of the cavity"),
    Quantity("cavity_share", "1", "the same over the fluid in film and recess at rest"),
    Quantity("energy_mJ", "mJ", "work of the ambient pressure on the cavity at its largest"),
    Quantity("peak_separation_mm", "mm", "largest rise of the mean gap since its dynamic phase began"),
    Quantity("mri_gapping_mm", "mm", "largest rise of the mean gap since step 0"),
    Quantity("mri_criterion", "", "what published gapping on MRI says to that: cavitates … or between"),
    Quantity("mri_agrees", "", "whether that agrees with the verdict: yes, no, or open where either is"),
    Quantity("time_s", "s", "when the first cavity formed (inception)"),
    Quantity(
        "route", "", "volume: the recess was drawn empty; rate: the thin film resisted being opened fast"
    ),
    Quantity("gap_mm", "mm", "mean gap at inception"),
    Quantity("opening_speed_mm_s", "mm/s", "rate of the mean gap on the way to inception"),
    Quantity("film_mm", "mm", "thickness of the film where the cavity formed"),
    Quantity("jump_mm", "mm", "rise of the mean gap in the 10 ms after inception"),
    Quantity("peak_time_s", "s", "when the cavity was largest"),
    Quantity("collapse_time_s", "s", "when it had vanished"),
    Quantity(
        "frequency_Hz", "Hz", "of a free gas bubble as large as the cavity (Minnaert): an indication only"
    ),
    Quantity(
        "margin_since_rest",
        "1",
        "the margin of the whole motion since step 0, positioning in its nominal time included",
    ),
)

#: Summary sections without structures.
TOTALS: Final[dict[str, tuple[Quantity, ...]]] = {
    "energy": (
        Quantity("work_mJ", "mJ", "work done by the loads"),
        Quantity("muscles_mJ", "mJ", "work done by the active part of the muscles"),
        Quantity("stored_mJ", "mJ", "energy held in the structures at the end"),
        Quantity("kinetic_mJ", "mJ", "energy of motion at the end"),
        Quantity("dissipated_mJ", "mJ", "energy turned into heat"),
        Quantity("balance_error", "1", "energy not accounted for, over the most that was moved in the run"),
    ),
    "repetitions": (
        Quantity("asked", "1", "how often the case is to be run"),
        Quantity("done", "1", "repetitions done"),
        Quantity(
            "solved", "1", "repetitions solved: those after one that changed nothing are the same again"
        ),
        Quantity("limit_fraction", "1", "largest strain of any strand over its sub-failure strain"),
        Quantity("elongation_mm", "mm", _LARGEST_OF_ANY),
        Quantity("torn_strands", "1", "strands past their failure strain"),
        Quantity("range_of_motion_rise", "1", "largest rise of any range of motion over what it was"),
        Quantity("neutral_zone_rise", "1", "largest rise of any neutral zone over what it was"),
    ),
    "newton": (
        Quantity("iterations", "1", "Newton iterations in all"),
        Quantity("median_per_step", "1", "median of the iterations over the load steps"),
        Quantity("line_searches", "1", "solves in which the line search shortened an iteration"),
        Quantity("restarts", "1", "solves begun again at the last converged state"),
        Quantity("shorter_steps", "1", "steps in time that were shortened after a failure"),
        Quantity("load_back_offs", "1", "load steps that were gone back on after a failure"),
    ),
    "": (
        Quantity("wall_s", "s", "wall-clock time of the run"),
        Quantity("dof", "1", "unknowns of the system"),
        Quantity("first_to_cavitate", "", "joint that pops first with the default inputs"),
        Quantity("order_of_cavitation", "", "joints that pop with the default inputs, in order"),
    ),
}


def summary_paths(levels: Sequence[str]) -> Iterator[tuple[str, Quantity]]:
    """Yield every dotted path that a summary of these levels can hold, with its quantity.

    The span of all levels (``L1-S1``) counts as a level of its own in ``levels``.
    """
    places = {
        "levels": [*levels, *_span(levels)],
        "ligaments": [f"{level}.{bundle}" for level in levels for bundle in BUNDLES],
        "facets": [f"{level} {side}" for level in levels for side in SIDES],
        "discs": list(levels),
        "muscles": [f"{group} {side}" for group in GROUPS for side in SIDES],
    }
    places |= {"laxity": places["ligaments"], "flexibility": places["levels"]}
    for section, quantities in SECTIONS.items():
        for place in places[section]:
            yield from ((f"{section}.{place}.{quantity.name}", quantity) for quantity in quantities)
    for joint in places["facets"]:
        yield from ((f"facets.{joint}.cavitation.{quantity.name}", quantity) for quantity in CAVITATION)
    for section, quantities in TOTALS.items():
        yield from ((f"{section}.{quantity.name}".lstrip("."), quantity) for quantity in quantities)


def _span(levels: Sequence[str]) -> list[str]:
    return [f"{levels[0].split('-')[0]}-{levels[-1].split('-')[1]}"] if len(levels) > 1 else []

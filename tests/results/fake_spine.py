"""A small fake spine: boxes, strands, facet patches, and what a solver would say of them."""

from dataclasses import replace

import numpy as np

from fem.anatomy.vocabulary import BUNDLES, SIDES
from fem.results.cavitation import Cavitation, JointVerdict
from fem.results.record import (
    Energies,
    InputFile,
    ModelInfo,
    Part,
    PartFields,
    RunInfo,
    StepRecord,
)
from fem.results.repetitions import BundleCost, Flexibility, Repetitions
from fem.structures.guarding import GROUPS

LEVELS = ("L4-L5", "L5-S1")
FASCICLES = ("m1s left", "m1s right", "VB left")
CORNERS = np.array(
    [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], dtype=float
)


def boxes(name, lows, size, **data):
    """Return a part of axis-parallel boxes, one hexahedron each."""
    points = np.concatenate([np.asarray(low) + CORNERS * size for low in lows])
    count = len(lows)
    return Part(name, points, np.arange(8 * count), 8 * np.arange(1, count + 1), np.full(count, 12), **data)


def fake_parts():
    level = {"level": np.arange(2, dtype=np.int32)}
    names = {"level_names": LEVELS}
    starts = np.array([[-30.0, y, z] for z in (20.0, 55.0) for y in (-8.0, 8.0)])
    strands = np.stack([starts, starts + np.array([0, 0, 25.0])], axis=1).reshape(-1, 3)
    ligaments = Part(
        "ligaments",
        strands,
        np.arange(8),
        2 * np.arange(1, 5),
        np.full(4, 3),
        cell_data={"level": np.array([1, 1, 0, 0], dtype=np.int32), "ligament": np.array([0, 1, 0, 1])},
        field_data={"level_names": LEVELS, "ligament_names": BUNDLES},
    )
    square = np.array([[-25, 0, 0], [-25, 10, 0], [-25, 10, 14], [-25, 0, 14]], dtype=float)
    facets = Part(
        "facets",
        np.concatenate([square + np.array([0, -20, 30]), square + np.array([0, 10, 30])]),
        np.arange(8),
        np.array([4, 8]),
        np.full(2, 9),
        cell_data={"joint": np.arange(2, dtype=np.int32)},
        field_data={"joint_names": ("L4-L5 right", "L4-L5 left")},
    )
    paths = np.array(
        [[-45, 6, 0], [-50, 8, 35], [-42, 9, 70], [-45, -6, 0], [-42, -9, 70], [5, 25, 0], [-5, 22, 60]],
        dtype=float,
    )
    muscles = Part(
        "muscles",
        paths,
        np.arange(7),
        np.array([3, 5, 7]),
        np.full(3, 4),
        cell_data={
            "fascicle": np.arange(3, dtype=np.int32),
            "group": np.array([0, 0, 1], dtype=np.int32),
            "side": np.array([0, 1, 0], dtype=np.int32),
        },
        field_data={"fascicle_names": FASCICLES, "group_names": ("multifidus", "psoas"), "side_names": SIDES},
    )
    bone = boxes("bone", [[-20, -20, 0], [-20, -20, 40]], [40, 40, 28], cell_data=level, field_data=names)
    disc = boxes("disc", [[-20, -20, 28]], [40, 40, 12])
    return [bone, disc, ligaments, muscles, facets]


def fake_tables(step):
    strain = 0.02 * step
    bundles = [(level, bundle) for level in LEVELS for bundle in BUNDLES]
    joints = [f"{level} {side}" for level in LEVELS for side in ("left", "right")]
    return {
        "levels": {
            "level": list(LEVELS),
            "flexion_deg": [3.0 * step, 4.0 * step],
            "lateral_bending_deg": [-0.001, 0.2],
            "axial_rotation_deg": [0.0, 0.0],
            "translation_x_mm": [0.5 * step, 0.4 * step],
            "translation_y_mm": [0.0, 0.0],
            "translation_z_mm": [0.0, 0.1],
        },
        "ligaments": {
            "level": [level for level, _ in bundles],
            "bundle": [bundle for _, bundle in bundles],
            "peak_strain": [strain * (1 + index) - 0.05 for index in range(len(bundles))],
            "mean_strain": [strain] * len(bundles),
            "force_N": [10.0 * step] * len(bundles),
            "reference_length_mm": [11.0 + index for index in range(len(bundles))],
            "limit_fraction": [strain] * len(bundles),
            "state": ["slack" if step == 0 else "toe" if index < 9 else "over limit" for index in range(18)],
        },
        "strands": {
            "level": ["L4-L5", "L4-L5"],
            "bundle": ["ISL", "ISL"],
            "strand": [0, 1],
            "strain": [strain, strain / 2],
            "force_N": [5.0 * step, 2.0 * step],
            "length_mm": [12.0, 13.0],
            "reference_length_mm": [11.5, 12.5],
            "state": ["toe", "toe"],
        },
        "facets": {
            "joint": joints,
            "gap_min_mm": [0.1 * step] * 4,
            "gap_mean_mm": [0.3, 0.2 + 0.1 * step, 0.4 - 0.1 * step, 0.5],
            "gap_mean_change_mm": [0.0, 0.1 * step, -0.1 * step, 0.0],
            "opening_speed_mm_s": [0.0, 0.1, -0.1, 0.0],
            "contact_force_N": [12.5 * step] * 4,
        },
        "film": {
            "joint": joints,
            "gap_mean_mm": [0.3, 0.2 + 0.1 * step, 0.4 - 0.1 * step, 0.5],
            "opening_speed_mm_s": [0.0, 0.1, -0.1, 0.0],
            "lowest_pressure_kPa": [100.0, 100.0 - 30.0 * step, 101.0, 100.0],
            "mean_pressure_kPa": [100.5, 100.0 - 20.0 * step, 102.0, 100.0],
            "recess_pressure_kPa": [101.0, 101.0 - 20.0 * step, 101.0, 101.0],
            "cavity_mm3": [0.0, 10.0 * (step == 3), 0.0, 0.0],
        },
        "discs": {
            "level": list(LEVELS),
            "pressure_MPa": [0.1 + 0.05 * step, 0.12],
            "pressure_rise_MPa": [0.05 * step, 0.02],
        },
        "muscles": fake_muscles(step),
    }


def fake_muscles(step):
    """Two fascicles on each side in every group; the left ones are active, stretched, and past their limit at last."""
    rows = [(group, side, number) for group in GROUPS for side in SIDES for number in (1, 2)]
    count = len(rows) // 4
    return {
        "fascicle": [f"{group} {number} {side}" for group, side, number in rows],
        "group": [group for group, _, _ in rows],
        "side": [side for _, side, _ in rows],
        "level": ["L4-L5"] * len(rows),
        "activation": [0.1, 0.15, 0.0, 0.0] * count,
        "force_N": [10.0 * step, 2.0 * step, 0.5, 0.0] * count,
        "length_mm": [80.0, 90.0, 80.0, 90.0] * count,
        "fibre_strain": [0.01 * step, 0.02 * step, -0.01 * step, -0.02] * count,
        "fibre_velocity_1_s": [0.04, 0.08, -0.04, 0.0] * count,
        "over_limit": [0, int(step == 3), 0, 0] * count,
    }


def fake_cavitation():
    """L4-L5 left pops second, L5-S1 right first, L4-L5 right tears a film, L5-S1 left does nothing."""
    quiet = JointVerdict(
        joint="L5-S1 left",
        verdict="does not cavitate",
        probability=0.0,
        pops=False,
        micro_inception=False,
        margin=-0.75,
        dominant_input="fluid.rest_viscosity",
        dominant_correlation=0.6,
        lowest_pressure=0.095,
        cavity=0.0,
        cavity_share=0.0,
        energy=0.0,
        peak_separation=0.1,
        mri_gapping=0.3,
        mri_criterion="between",
        mri_agrees="open",
    )
    popped = replace(
        quiet,
        joint="L4-L5 left",
        verdict="undetermined",
        probability=0.6,
        pops=True,
        margin=0.1,
        dominant_input="recess.volume",
        dominant_correlation=-0.8,
        lowest_pressure=0.00628,
        cavity=30.0,
        cavity_share=0.08,
        energy=2.9,
        time=2.1,
        route="volume",
        gap=1.2,
        opening_speed=7.0,
        film=1.3,
        jump=0.1,
        peak_time=2.15,
        collapse_time=2.2,
        frequency=1600.0,
        margin_since_rest=1.4,
    )
    first = replace(
        popped,
        joint="L5-S1 right",
        verdict="cavitates",
        probability=1.0,
        time=2.05,
        mri_criterion="cavitates",
    )
    small = replace(popped, joint="L4-L5 right", pops=False, micro_inception=True, route="rate", cavity=0.5)
    return Cavitation(
        (popped, small, quiet, replace(first, mri_agrees="yes")), draws=200, failed=1, wall_s=9.0
    )


def fake_repetitions():
    """Three repetitions, the third the second again, that stretch every bundle and tear a strand of one."""
    rotations = dict.fromkeys((*LEVELS, "L4-S1"), (4.0, 5.0, 2.0))
    zone = dict.fromkeys(rotations, (0.5, 0.6, 0.2))
    more = dict.fromkeys(rotations, (4.4, 5.0, 2.0))

    def costs(number):
        return tuple(
            BundleCost(
                level, bundle, 0.4 + 0.1 * number, 1.5, 0.0 if number > 1 else 0.3, 0.3, 0.8, bundle == "ISL"
            )
            for level in LEVELS
            for bundle in BUNDLES
        )

    return Repetitions(
        3, 2, (costs(1), costs(2), costs(2)), Flexibility(rotations, zone), Flexibility(more, zone)
    )


def fake_record(step, parts=None, **changes):
    parts = fake_parts() if parts is None else parts
    fields = {}
    for part in parts:
        shift = np.zeros((len(part.points), 3))
        shift[:, 0] = 0.1 * step * part.points[:, 2]
        cells = len(part.types)
        data = {
            "ligaments": {"strain": 0.03 * step * np.arange(cells)},
            "facets": {"gap": np.linspace(-0.3, 0.3, cells)},
            "muscles": {"activation": np.linspace(0.0, 0.15, cells), "force": 10.0 * np.arange(cells)},
        }
        fields[part.name] = PartFields(shift, cell_data=data.get(part.name, {}))
    values = {
        "step": step,
        "time_s": 0.25 * step,
        "phase": "settle" if step == 0 else "bend",
        "load_fraction": 0.25 * step,
        "iterations": 3 + step,
        "residual": 1e-9,
        "energies": Energies(
            stored=5.0 + 10.0 * step, work=10.1 * step, dissipated=0.6 * step, kinetic=0.3, muscles=0.5 * step
        ),
        "fields": fields,
        "tables": fake_tables(step),
    }
    return StepRecord(**{**values, **changes})


def fake_info(**changes):
    values = {
        "name": "flexion",
        "title": "Flexion, 7.5 N m",
        "settings": {
            "version": 1,
            "loads": [{"kind": "moment", "value": "7.5 N m"}],
            "spine": {"levels": "L4-S1"},
        },
        "inputs": (
            InputFile("case", "cases/flexion.yaml", "a" * 64),
            InputFile("anatomy", "lumbar.yaml", "b" * 64),
        ),
        "case_text": "version: 1\n",
        "resolved_text": "version: 1\n# every default\n",
        "command": ("facetgap", "run", "cases/flexion.yaml"),
    }
    return RunInfo(**{**values, **changes})


def fake_model():
    return ModelInfo(LEVELS, dof=1234, mesh_sizes={"hexahedra": 3, "points": 24})


def fill(folder, steps=range(4)):
    """Start a claimed folder and add steps."""
    folder.start(fake_model(), fake_parts())
    for step in steps:
        folder.add(fake_record(step))

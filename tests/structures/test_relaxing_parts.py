"""Which parts of a spine relax, and by how much: discs, capsules and ligaments from the relaxation set."""

from functools import cache

import numpy as np
import pytest

from fem.elements.layout import LayoutBuilder
from fem.errors import ParameterError
from fem.literature import ParameterSet, load
from fem.structures.discs import DiscModel, disc_model, number_disc
from fem.structures.ligaments import LigamentData, StrandGroup, capsule_series, ligament_groups
from oracles.spines import coarse_mesh


def build(relaxation: ParameterSet | None, capsule: str) -> tuple[DiscModel, tuple[StrandGroup, ...]]:
    mesh, builder = coarse_mesh(), LayoutBuilder()
    bodies = {name: builder.add_body(name, np.zeros(3)) for name in ("L4", "L5")}
    disc = mesh.discs["L4-L5"]
    points = number_disc(builder, disc, bodies["L4"], bodies["L5"])
    data = LigamentData(
        load("ligaments/remus_2021"), load(capsule), load("ligaments/limits"), lambda *_: 1.0, relaxation
    )
    groups = ligament_groups(builder, bodies, mesh.spine.ligaments, data)
    return disc_model("L4-L5", disc, points, load("disc/gruber_2024"), 1.0, relaxation), groups


@cache
def relaxing(
    capsule: str = "ligaments/capsule_little_khalsa_2005",
) -> tuple[DiscModel, tuple[StrandGroup, ...]]:
    return build(load("relaxation"), capsule)


def test_without_a_relaxation_set_nothing_relaxes() -> None:
    disc, groups = build(None, "ligaments/capsule_little_khalsa_2005")
    assert disc.annulus.relaxation is None
    assert disc.nucleus.relaxation is None
    assert all(group.term.relaxation is None for group in groups)


def test_discs_take_the_branches_faster_than_the_static_experiment() -> None:
    disc, _ = relaxing()
    annulus, nucleus = disc.annulus.relaxation, disc.nucleus.relaxation
    assert annulus is not None
    assert nucleus is not None
    np.testing.assert_allclose(annulus.share, [0.399 / 0.601])
    np.testing.assert_array_equal(annulus.time, [3.45])
    np.testing.assert_allclose(nucleus.share, np.array([0.638, 0.156]) / 0.206)
    np.testing.assert_array_equal(nucleus.time, [0.141, 2.21])


def test_a_short_horizon_leaves_no_branch_and_a_full_share_is_refused() -> None:
    none, _ = build(
        load("relaxation").overridden({"disc.horizon": "0.05 s"}), "ligaments/capsule_little_khalsa_2005"
    )
    assert none.annulus.relaxation is None
    wild = load("relaxation").overridden({"disc.nucleus.share": "0.5"})
    with pytest.raises(ParameterError, match="leave nothing for the static law"):
        build(wild, "ligaments/capsule_little_khalsa_2005")
    with pytest.raises(ParameterError, match=r"PronySeries\.share"):
        build(
            load("relaxation").overridden({"disc.annulus.share": "-0.5"}),
            "ligaments/capsule_little_khalsa_2005",
        )


@pytest.mark.parametrize("capsule", ["ligaments/capsule_little_khalsa_2005", "ligaments/remus_2021"])
def test_only_capsules_have_branches_and_every_strand_is_damped(capsule: str) -> None:
    """The capsule's set may share its law, and so its term, with the other ligaments."""
    _, groups = relaxing(capsule)
    expected = capsule_series(load("relaxation"))
    assert len(groups) == (1 if capsule.endswith("remus_2021") else 2)
    seen = set()
    for group in groups:
        series = group.term.relaxation
        assert series is not None
        np.testing.assert_array_equal(series.damping, np.full((len(group.bundle), 1), 0.003))
        for row, bundle in enumerate(group.bundle):
            seen.add(bundle)
            share = series.share[row]
            if bundle.startswith("CL"):
                np.testing.assert_array_equal(share, expected.share)
            else:
                assert not share.any()
    assert {"CL left", "CL right", "ALL", "ISL"} <= seen


def test_a_set_without_damping_takes_the_relaxation_sets() -> None:
    bare = load("ligaments/rohlmann_2006")
    assert not bare.has("damping.time")
    relaxation = load("relaxation").overridden({"damping.time": "7 ms"})
    mesh, builder = coarse_mesh(), LayoutBuilder()
    bodies = {name: builder.add_body(name, np.zeros(3)) for name in ("L4", "L5")}
    bundles = [bundle for bundle in mesh.spine.ligaments if bundle.name == "ALL"]
    data = LigamentData(bare, bare, load("ligaments/limits"), lambda *_: 1.0, relaxation)
    (group,) = ligament_groups(builder, bodies, bundles, data)
    assert group.term.relaxation is not None
    assert group.term.relaxation.share.shape == (len(group.bundle), 0)
    np.testing.assert_array_equal(group.term.relaxation.damping, 0.007)
    assert group.term.relaxation.recursion(0.1).gain.shape == (len(group.bundle), 1)


def test_the_capsule_relaxes_by_its_measured_slope() -> None:
    data = load("relaxation")
    series = capsule_series(data)
    slope = 0.0733 - 0.111 * data.number("CL.strain")
    per_decade = 1.0 + slope * np.log(10.0)
    assert series.count == 3
    np.testing.assert_allclose(1.0 + series.share, per_decade, rtol=1e-12)
    steep = data.overridden({"CL.strain": "0.9"})  # beyond the measured range the slope turns positive
    with pytest.raises(ParameterError, match=r"PronySeries\.share"):
        capsule_series(steep)

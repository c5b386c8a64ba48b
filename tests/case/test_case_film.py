"""The film section of a case: what it sets, and every way of writing it wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fem.case.film_schema import FilmSection
from fem.case.read import CaseFile
from fem.case.resolved import resolved_text

ROOT = Path(__file__).parents[2]

Read = Callable[..., CaseFile]
Faults = Callable[..., list[str]]

TEXT = f"""version: 1
title: A thrust
spine: {{anatomy: {ROOT / "meshes" / "lumbar.yaml"}, levels: L3-L5}}
film: {{minutes_since_last_pop: 45 min, thickness: 0.1 mm, recess_volume: 80 mm^3, viscosity: 5 Pa s}}
phases:
  - {{name: settle}}
  - {{name: thrust, kind: dynamic, duration: 300 ms}}
"""

#: Override of a good case -> the one message it must give.
BAD = {
    "film=": "film: is empty; give its keys or leave it out",
    "film=dry": "film: 'dry' is not one of none",
    "film.thicknes=1 mm": "unknown key 'thicknes'; did you mean 'thickness'?",
    "film.thickness=0 mm": "film.thickness: '0 mm' must be more than 0 mm",
    "film.recess_volume=100 mm": "'100 mm' is a length, but a volume is needed",
    "film.minutes_since_last_pop=45": "'45' has no unit; write a time",
    "film.minutes_since_last_pop=-1 min": "'-1 min' must be 0 s or more",
    "film.minutes_since_last_pop={L4-L5 lef: 45 min}": "did you mean 'L4-L5 left'?",
    "film.minutes_since_last_pop={L4-L5 left: 45 mm}": "minutes_since_last_pop.L4-L5 left: '45 mm' is a length",
    "film.minutes_since_last_pop={L1-L2 left: 45 min}": "'L1-L2 left' is not a facet joint of this model",
    "film.viscosity=1 mPa s": "film.viscosity: 0.001 Pa s at rest is less than the 0.01 Pa s to which",
    "spine.modify.L4-L5.joint_space=0.5": "film.thickness: one thickness for all joints would take back",
    "spine.structures=[disc, ligaments]": "film: the film lies in the facet joints, which spine.structures leaves",
    "phases[1].kind=static": "film: the film acts in time, and every phase is static; give one kind: dynamic",
    "parameters.film=filn": "parameters.film: there is no parameter set 'filn'; did you mean 'film'?",
    "parameters.override.gas.bubble.radios=1 mm": "did you mean 'bubble.radius'?",
    "parameters.override.film.recess.volume=90 mm^3": "film.recess_volume: parameters.override.film gives",
    "parameters.override.gas.joint.fluid_volume=90 mm^3": "gives joint.fluid_volume as well; keep one of the two",
}  # fmt: skip


@pytest.mark.parametrize("override", BAD)
def test_each_kind_of_bad_input_gives_one_clear_message(override: str, faults: Faults) -> None:
    found = faults(override, text=TEXT)
    assert len(found) == 1, found
    assert BAD[override] in found[0]


def test_a_closed_form_problem_has_no_film(faults: Faults) -> None:
    problem = "{kind: strand, stiffness: 1 N, transition_strain: 0.1, strain: 0.1}"
    text = f"version: 1\ntitle: A strand\nproblem: {problem}\nfilm: {{}}\n"
    (found,) = faults(text=text)
    assert found == "film: a closed-form problem has no film; they belong to a spine"


def test_short_keys_replace_numbers_of_the_sets(read: Read) -> None:
    sets = read(text=TEXT).parameter_sets()
    assert sets["film"].number("recess.volume", "volume") == pytest.approx(80.0)
    assert sets["gas"].number("joint.fluid_volume", "volume") == pytest.approx(80.0)
    assert sets["film"].number("fluid.rest_viscosity", "viscosity") == pytest.approx(5e-6)


def test_times_since_a_pop_are_of_all_joints_or_of_each(read: Read) -> None:
    case = read(text=TEXT).case
    assert case.film_section is not None
    assert case.film_section.since_last_pop("L3-L4 right") == 2700.0
    one = read("film.minutes_since_last_pop={L4-L5 left: 1 min}", text=TEXT).case.film_section
    assert one is not None
    assert [one.since_last_pop(joint) for joint in ("L4-L5 left", "L4-L5 right")] == [60.0, None]
    assert FilmSection().since_last_pop("L4-L5 left") is None


@pytest.mark.parametrize("film", ["none", "{}"])
def test_a_film_is_there_where_the_section_says_so(film: str, read: Read) -> None:
    case = read(f"film={film}", text=TEXT).case
    assert case.has_film == (film == "{}")
    assert {"film", "gas"} <= set(case.parameter_sets()) or not case.has_film


def test_the_resolved_case_reads_back(read: Read) -> None:
    case_file = read(text=TEXT)
    again = read(text=resolved_text(case_file))
    assert again.case.film == case_file.case.film


def test_a_verdict_can_be_expected_of_a_case_with_film_only(read: Read, faults: Faults) -> None:
    wanted = "{quantity: facets.L4-L5 left.cavitation.margin, between: [0, 1], kind: published, source: none}"
    text = f"{TEXT}expect: [{wanted}]\n"
    assert read(text=text).case.expect[0].quantity.endswith("margin")
    found = faults("film=none", text=text)
    assert len(found) == 1
    assert (
        "hold no film (key film), so the summary holds no 'facets.L4-L5 left.cavitation.margin'" in found[0]
    )


def test_the_data_that_a_case_reads_are_among_its_inputs(read: Read) -> None:
    """A result made with other data is not up to date."""
    files = read(text=TEXT).inputs
    assert {"data film", "data gas", "data verdict", "data cartilage"} <= set(files)
    assert all(file.is_file() for file in files.values())
    dry = read("film=none", text=TEXT).inputs
    assert "data film" not in dry

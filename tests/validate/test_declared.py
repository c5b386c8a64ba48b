"""Every declared comparison names a datum with a source, a run of a case that is shipped, and quantities that exist."""

from dataclasses import replace
from pathlib import Path

import pytest

from fem.calibrate.plan import parse_plan
from fem.errors import ParameterError
from fem.literature import load_sources
from fem.results.quantities import CAVITATION, SECTIONS, TABLES
from fem.units import unit_named
from fem.validate.bands import Bands, Part, bands_text, parse_bands, shipped_bands
from fem.validate.declared import Comparison, declared, parse
from fem.validate.terms import read_term

ROOT = Path(__file__).parents[2]
ALL = declared().comparisons

every = pytest.mark.parametrize("one", ALL, ids=[one.key for one in ALL])


def test_there_is_enough_to_compare() -> None:
    assert len(ALL) > 80
    assert {one.group for one in ALL} == set(declared().groups)
    fitted = {one.data for one in ALL if one.fitted}
    assert fitted == {"experiments/heuer_2007", "experiments/yamamoto_1989", "experiments/niosi_2006"}


@every
def test_a_comparison_names_a_datum_with_source_and_kind(one: Comparison) -> None:
    datum = one.published()
    assert datum.source in load_sources()
    assert datum.locator or datum.kind == "recalled"
    assert (datum.kind == "recalled") == (datum.confidence is not None and datum.kind == "recalled")
    units = {unit_named(term.unit).dimension for term in one.terms}
    assert len(units) == 1
    assert datum.dimension == ("dimensionless" if one.over else units.pop())


@every
def test_a_comparison_reads_quantities_of_the_catalogue(one: Comparison) -> None:
    for term in one.terms:
        name = term.path.rpartition(".")[2]
        if term.phase or term.largest:
            known = {quantity.name for quantity in TABLES[term.section].values}
        elif ".cavitation." in term.path:
            known = {quantity.name for quantity in CAVITATION}
        else:
            known = {quantity.name for quantity in SECTIONS[term.section]}
        assert name in known, term.text


def test_headlines_are_numbers_of_the_thrust_with_keys_of_their_own() -> None:
    keys = [one.key for one in (*ALL, *declared().headlines)]
    assert len(set(keys)) == len(keys)
    assert {one.term.run for one in declared().headlines} == {"thrust"}
    assert all(unit_named(one.term.unit) for one in declared().headlines)


def test_every_run_is_a_shipped_case_and_serves_a_comparison() -> None:
    used = {term.run for one in ALL for term in one.terms}
    assert set(declared().runs) == used
    for run in declared().runs.values():
        assert (ROOT / "cases" / run.case).is_file()


def test_the_data_that_the_shipped_plans_fit_to_are_the_only_ones_marked_so() -> None:
    curves, single = set(), set()
    for name in ("disc", "ligaments"):
        for stage in parse_plan(ROOT / "cases" / "calibration" / f"{name}.toml").stages:
            for curve in stage.data:
                if curve.datum:
                    single.add((curve.experiment, curve.datum))
                else:
                    curves.add(curve.experiment)
    assert curves
    assert single <= {(one.data, one.datum) for one in ALL}
    for one in ALL:
        assert one.fitted == (one.data in curves or (one.data, one.datum) in single), one.key


_TEXT = """
[groups]
a = "A"
[runs.r]
case = "moments/flexion.yaml"
[[comparison]]
key = "k"
what = "w"
group = "a"
plus = ["r: levels.L4-L5.flexion_deg"]
data = "experiments/rohlmann_2001"
datum = "flexion_extension"
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('datum = "flexion_extension"', 'datum = "flexoin"', "has no 'flexoin'"),
        ('group = "a"', 'group = "b"', "unknown group"),
        ('["r: ', '["s: ', "no run 's'"),
        ("experiments/rohlmann_2001", "experiments/nobody", "no data file"),
        ('key = "k"', 'key = "k"\nsurplus = 1', "no key 'surplus'"),
        ("r: levels.L4-L5.flexion_deg", "levels.L4-L5.flexion_deg", "no term"),
        ("flexion_deg", "flexion_deg at", "no term"),
        ("levels.L4-L5.flexion_deg", "nothing.L4-L5.flexion_deg at end", "no table nothing"),
    ],
)
def test_a_wrong_declaration_is_told(before: str, after: str, said: str) -> None:
    assert parse(_TEXT).comparisons[0].datum == "flexion_extension"
    with pytest.raises(ParameterError, match=said):
        parse(_TEXT.replace(before, after))


def test_each_word_makes_a_comparison_of_its_own() -> None:
    text = _TEXT.replace('key = "k"', 'key = "k.EACH"\neach = ["L1-L2", "L4-L5"]').replace(
        "L4-L5.fl", "EACH.fl"
    )
    assert [one.key for one in parse(text).comparisons] == ["k.L1-L2", "k.L4-L5"]
    assert parse(text).comparisons[0].plus == (read_term("r: levels.L1-L2.flexion_deg"),)


def test_a_table_of_words_is_put_in_everywhere() -> None:
    text = _TEXT.replace('key = "k"', 'key = "k.MODE"\neach = [{ MODE = "extension", RUN = "-r" }]')
    (one,) = parse(text.replace("r: levels", "RUN: levels")).comparisons
    assert (one.key, one.plus[0].run, one.plus[0].sign) == ("k.extension", "r", -1.0)


def test_another_number_of_an_experiment_makes_another_key() -> None:
    other = _TEXT.replace('datum = "flexion_extension"', 'datum = "lateral_bending"')
    assert parse(other).key != parse(_TEXT).key


def test_bands_are_written_and_read_back() -> None:
    part = Part((1.0, 2.0), 1.5, 0.25, 1.25)
    bands = Bands({"a.b 1": {"mesh": part, "steps": replace(part, order=None, half_width=0.6)}}, {"r": "0f"})
    again = parse_bands(bands_text(bands, "what\nit is"))
    assert again == bands
    assert again.half_width("a.b 1") == pytest.approx(0.65)
    assert again.half_width("nothing") is None


def test_shipped_bands_belong_to_declared_comparisons() -> None:
    assert set(shipped_bands().parts) <= {one.key for one in (*ALL, *declared().headlines)}
    assert set(shipped_bands().hashes) <= set(declared().runs)

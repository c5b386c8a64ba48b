"""Results side by side: what differs, what cannot be told apart, what cannot be compared, and on which noise."""

import csv
import json
import math
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fem.compare.companions import assigned, kind_of, noise_folder, planned
from fem.compare.comparison import Comparison, compare, noise_sentences
from fem.compare.differences import (
    DIFFERS,
    NO_FLOOR,
    NOT_A_NUMBER,
    ONLY_FIRST,
    ONLY_SECOND,
    SAME,
    Difference,
    verdict_on,
)  # fmt: skip
from fem.compare.document import COLUMNS, comparison_csv, comparison_document
from fem.compare.labels import labels
from fem.compare.noise import DEFAULT, MEASURED, MIXED, UNKNOWN, Floor, default_shares
from fem.compare.page import comparison_page
from fem.compare.screen import Choice, comparison_table
from fem.errors import UsageError
from fem.results.salvage import open_result

Maker = Callable[..., Path]
GAP = "facets.L4-L5 left.peak_gap_mean_mm"
#: Other settings in which a companion differs.
FINER = {"spine__resolution": "standard"}


def opened(*paths: Path) -> list:
    return [open_result(path) for path in paths]


def by_path(comparison: Comparison, pair: int = 0) -> dict[str, Difference]:
    return {found.path: found for found in comparison.pairs[pair].differences}


def test_a_result_against_itself_differs_nowhere(make: Maker) -> None:
    folder = make("own", film=True)
    comparison = compare(opened(folder, folder))
    found = comparison.pairs[0].differences
    assert len(found) > 200
    assert {item.verdict for item in found} == {SAME}
    assert {item.size for item in found if isinstance(item.first, float)} == {0.0}
    assert [subject.label for subject in comparison.subjects] == ["own (1)", "own (2)"]
    assert "solved with the same settings" in " ".join(comparison.remarks)


def test_a_real_change_shows_with_its_size_and_a_small_one_does_not(make: Maker) -> None:
    first, large, small = make("first"), make("large", factor=1.5), make("small", factor=1.001)
    comparison = compare(opened(first, large, small))
    assert by_path(comparison)[GAP].size == pytest.approx(0.15)
    assert by_path(comparison)[GAP].relative == pytest.approx(0.5)
    assert by_path(comparison)[GAP].verdict == DIFFERS
    assert by_path(comparison, 1)[GAP].verdict == SAME
    assert by_path(comparison, 1)[GAP].size == pytest.approx(0.0003, rel=1e-6)


def test_the_floor_is_what_the_data_file_says_and_says_so(make: Maker) -> None:
    comparison = compare(opened(make("one"), make("two", factor=1.2)))
    floor = by_path(comparison)[GAP].floor
    share = next(own for own in default_shares() if "facets.*gap_*_mm" in own.applies)
    # The largest mean gap at any time is that of L5-S1 right, 0.5 mm, but the summary's peak is at 0.5 too.
    assert floor.size == pytest.approx((share.mesh["coarse"] + share.steps) * (0.5 + 0.6))
    assert floor.origin == DEFAULT
    assert noise_sentences(comparison)[0].startswith("mesh and steps: default")


def test_every_default_share_has_an_origin_and_a_size() -> None:
    shares = default_shares()
    assert len(shares) > 15
    for share in shares:
        assert share.origin
        assert (
            share.absolute
            or share.applies == ("ligaments.*.reference_length_mm",)
            or share.of("standard") > 0.0
        )
        assert all(0.0 <= size < 1.0 for size in (*share.mesh.values(), share.steps))


def test_noise_of_a_pair_is_how_much_the_difference_itself_moves(make: Maker) -> None:
    first, second = make("first"), make("second", factor=1.5, muscles__level=0.2)
    finer = make("first_fine", factor=1.02, **FINER)
    other = make("second_fine", factor=1.54, muscles__level=0.2, **FINER)
    comparison = compare(opened(first, second), named=[finer, other])
    found = by_path(comparison)[GAP]
    # Differences of 0.3 * 0.5 and 0.3 * 0.52: they move by 0.006, more than the 0.0 to 0.008 of other joints' middle.
    assert found.floor.origin == MIXED
    steps = next(own for own in default_shares() if "facets.*gap_*_mm" in own.applies).steps * (0.5 + 0.75)
    assert found.floor.size == pytest.approx(steps + max(0.006, 0.02 * 0.4), rel=0.35)
    assert found.verdict == DIFFERS
    said = noise_sentences(comparison)
    assert said[0].startswith("mesh: measured for first and second on ")
    assert said[1].startswith("steps: default")


def test_a_companion_of_one_run_counts_for_both(make: Maker) -> None:
    first, second = make("first"), make("second", factor=1.06, muscles__level=0.2)
    alone = by_path(compare(opened(first, second)))[GAP]
    noisy = make("first_fine", factor=1.1, **FINER)
    comparison = compare(opened(first, second), named=[noisy])
    found = by_path(comparison)[GAP]
    assert found.floor.size is not None
    assert alone.floor.size is not None
    assert found.floor.size >= 2 * 0.1 * 0.3
    assert found.verdict == SAME
    assert "the other is taken to move as much" in noise_sentences(comparison)[0]


def test_both_kinds_measured_leave_nothing_to_defaults(make: Maker) -> None:
    pair = [make("first"), make("second", factor=1.5, muscles__level=0.2)]
    named = []
    for number, (factor, level) in enumerate(((1.0, 0.0), (1.5, 0.2))):
        named.append(make(f"mesh{number}", factor=factor * 1.01, muscles__level=level, **FINER))
        named.append(
            make(f"step{number}", factor=factor * 0.99, muscles__level=level, solver={"largest_step": 0.5})
        )
    found = by_path(compare(opened(*pair), named=named))[GAP]
    assert found.floor.origin == MEASURED
    assert found.floor.size is not None
    assert 0.0 < found.floor.size < 0.02


def test_companions_lie_beside_a_result_or_are_named_and_others_are_refused(make: Maker) -> None:
    first = make("first")
    kept = make("first.noise/mesh", **FINER)
    assert noise_folder(first) / "mesh" == kept
    own = open_result(first)
    assert [companion.kind for companion in assigned([own], [])[0]] == ["mesh"]
    other = make("other", muscles__level=0.5)
    assert kind_of(own, open_result(other)) is None
    with pytest.raises(UsageError, match=r"tells nothing about the noise.*muscles\.level"):
        assigned([own], [other])
    with pytest.raises(UsageError, match="solved in the same way"):
        assigned([own], [first])


def test_the_runs_to_measure_noise_on_are_the_next_mesh_and_twice_the_steps(make: Maker) -> None:
    plans = {plan.kind: plan for plan in planned(open_result(make("first")))}
    assert plans["mesh"].overrides == ("spine.resolution=standard",)
    assert plans["steps"].overrides == ("phases[1].steps=6",)
    assert plans["steps"].folder.parts[-2:] == ("first.noise", "steps")
    bare = make("bare")
    (bare / "history.csv").unlink()
    with pytest.raises(UsageError, match="cannot be measured"):
        planned(open_result(bare))


def test_states_at_the_peak_of_the_thrust_lie_straight_between_steps(make: Maker) -> None:
    comparison = compare(opened(make("first"), make("second", factor=1.5)), "thrust")
    assert [subject.moment.time for subject in comparison.subjects] == [pytest.approx(0.4)] * 2
    found = by_path(comparison)["levels.L4-L5.flexion_deg"]
    assert found.first == pytest.approx(3.0 * 1.6)
    assert found.second == pytest.approx(1.5 * 3.0 * 1.6)
    assert by_path(comparison)["muscles.multifidus left.force_N"].first == pytest.approx(12.0 * 1.6)


def test_states_are_aligned_at_a_time_at_the_end_and_at_the_inception(make: Maker) -> None:
    film, dry = make("film", film=True), make("dry")
    at = by_path(compare(opened(film, film), 0.25))["levels.L4-L5.flexion_deg"]
    assert at.first == pytest.approx(3.0)
    end = by_path(compare(opened(film, film), "end"))["levels.L4-L5.flexion_deg"]
    assert end.first == pytest.approx(9.0)
    # The made-up inception at 2.1 s lies after the last step: no state to show.
    with pytest.raises(
        UsageError, match=r"film.*2\.1 s lies outside its 0 to 0\.75 s.*dry: it holds no verdict"
    ):
        compare(opened(film, dry), "inception")
    summary = json.loads((film / "summary.json").read_text())
    summary["facets"]["L4-L5 left"]["cavitation"]["time_s"] = 0.5
    (film / "summary.json").write_text(json.dumps(summary))
    comparison = compare(opened(film, dry), "inception")
    assert comparison.subjects[0].moment.time == pytest.approx(0.5)
    assert any("dry: cannot be aligned" in text for text in comparison.remarks)
    assert {found.verdict for found in comparison.pairs[0].differences} == {ONLY_FIRST}


def test_a_number_that_is_none_is_never_the_same(make: Maker) -> None:
    folder = make("odd")
    file = folder / "summary.json"
    file.write_text(file.read_text().replace('"pressure_MPa": 0.12', '"pressure_MPa": NaN'))
    found = by_path(compare(opened(folder, folder)))["discs.L5-S1.pressure_MPa"]
    assert isinstance(found.first, float)
    assert math.isnan(found.first)
    assert (found.verdict, found.size) == (NOT_A_NUMBER, None)
    entry = comparison_document(compare(opened(folder, folder)))
    json.dumps(entry, allow_nan=False)


@pytest.mark.parametrize(
    ("first", "second", "floor", "verdict"),
    [
        (1.0, 1.1, 0.2, SAME),
        (1.0, 1.3, 0.2, DIFFERS),
        (1.0, 1.3, None, NO_FLOOR),
        (1.0, 1.0, None, SAME),
        (math.nan, math.nan, 1.0, NOT_A_NUMBER),
        (math.inf, math.inf, 1.0, NOT_A_NUMBER),
        (None, 1.0, 1.0, ONLY_SECOND),
        (1.0, None, 1.0, ONLY_FIRST),
        ("toe", "toe", None, SAME),
        ("toe", "slack", None, DIFFERS),
        ("toe", 1.0, None, DIFFERS),
    ],
)
def test_what_may_be_said(first: object, second: object, floor: float | None, verdict: str) -> None:
    assert verdict_on(first, second, Floor(floor, UNKNOWN)) == verdict  # type: ignore[arg-type]


def test_other_levels_meshes_and_versions_are_said_and_the_rest_compared(make: Maker) -> None:
    first, second = make("first"), make("second", **FINER)
    summary = json.loads((second / "summary.json").read_text())
    for section in ("levels", "discs", "ligaments"):
        del summary[section]["L5-S1"]
    del summary["muscles"]
    (second / "summary.json").write_text(json.dumps({**summary, "version": 9}))
    run = json.loads((second / "run.json").read_text())
    run["versions"]["facetgap"] = "9.9"
    (second / "run.json").write_text(json.dumps(run))
    comparison = compare(opened(first, second))
    said = "\n".join(comparison.remarks)
    assert "different meshes (coarse, standard)" in said
    assert "different versions of facetgap" in said
    assert "only first holds levels L5-S1" in said
    assert "second holds no muscles" in said
    assert "layout version 9" in said
    assert by_path(comparison)["levels.L4-L5.flexion_deg"].verdict == SAME
    assert by_path(comparison)["levels.L5-S1.flexion_deg"].verdict == ONLY_FIRST


def test_results_of_one_name_are_told_apart(tmp_path: Path, make: Maker) -> None:
    first, second = make("a/thrust"), make("b/thrust", factor=1.5)
    comparison = compare(opened(first, second))
    assert [subject.label for subject in comparison.subjects] == ["a/thrust", "b/thrust"]
    assert labels([tmp_path / "x", tmp_path / "y"]) == ("x", "y")
    assert labels([tmp_path / "x", tmp_path / "x"]) == ("x (1)", "x (2)")


def test_a_result_that_lost_its_tables_still_compares_its_peaks(make: Maker) -> None:
    first, second = make("first"), make("second", factor=1.5)
    for file in second.glob("*.csv"):
        file.unlink()
    shutil.rmtree(second / "fields")
    assert by_path(compare(opened(first, second)))[GAP].verdict == DIFFERS
    comparison = compare(opened(first, second), "thrust")
    assert any("second: cannot be aligned: it holds no history.csv" in text for text in comparison.remarks)


def test_a_time_is_known_no_better_than_a_step(make: Maker) -> None:
    first, second = make("first", film=True), make("second", film=True)
    summary = json.loads((second / "summary.json").read_text())
    summary["ligaments"]["L4-L5"]["ISL"]["time_of_peak_s"] -= 0.2
    (second / "summary.json").write_text(json.dumps(summary))
    found = by_path(compare(opened(first, second)))["ligaments.L4-L5.ISL.time_of_peak_s"]
    assert found.floor.size == pytest.approx(0.25)
    assert found.verdict == SAME


@pytest.mark.parametrize("width", [40, 60, 79, 80, 200])
@pytest.mark.parametrize("count", [2, 4])
def test_the_table_fits_its_width(make: Maker, width: int, count: int) -> None:
    folders = [make(f"number{number}", factor=1.0 + 0.5 * number, film=True) for number in range(count)]
    comparison = compare(opened(*folders))
    for choice in (Choice(), Choice(by="ligament"), Choice(everything=True)):
        text = comparison_table(comparison, choice, width)
        assert max(len(line) for line in text.splitlines()) <= max(width, 60)
        assert "\x1b" not in text
        assert "B against A: " in text
    assert "\x1b[1m" in comparison_table(comparison, Choice(), width, colour=True)


def test_the_short_view_shows_the_target_and_the_long_one_everything(make: Maker) -> None:
    comparison = compare(opened(make("first"), make("second", factor=1.5)))
    short = comparison_table(comparison, Choice(), 100)
    assert "L4-L5 CL left" in short
    assert "12 more with --by ligament" in short
    full = comparison_table(comparison, Choice(by="ligament"), 100)
    assert "more with" not in full
    assert sum(line.startswith("L5-S1 ITL right ") for line in full.splitlines()) >= 4
    assert "Facet" not in full


def test_the_csv_holds_a_row_for_each_difference(make: Maker) -> None:
    comparison = compare(opened(make("first"), make("second", factor=1.5)))
    rows = list(csv.DictReader(comparison_csv(comparison).splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(comparison.pairs[0].differences)
    row = next(
        r
        for r in rows
        if (r["section"], r["place"], r["quantity"]) == ("facets", "L4-L5 left", GAP.split(".")[-1])
    )
    assert float(row["difference"]) == pytest.approx(0.15)
    assert (row["unit"], row["verdict"], row["noise_origin"]) == ("mm", DIFFERS, DEFAULT)


class _Checker(HTMLParser):
    """Counts rows and finds what a page would fetch; tags must be closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.fetched, self.open = 0, [], []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.rows += tag == "tr"
        self.fetched += [value for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_escaped_and_needs_no_network(make: Maker) -> None:
    comparison = compare(opened(make("a <b>& c"), make("second", factor=1.5)))
    page, checker = comparison_page(comparison), _Checker()
    checker.feed(page)
    assert (checker.open, checker.fetched) == ([], [])
    assert checker.rows == len(comparison.pairs[0].differences) + page.count("<thead>")
    assert "a &lt;b&gt;&amp; c" in page
    assert "<b>" not in page

"""Figures: what is drawn, what is refused in words, what stands in the data beside them."""

import csv
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from fem.cli import plot
from fem.errors import UsageError
from fem.figures.catalogue import draw
from fem.figures.data import open_results
from fem.figures.drawing import COLOURS, Drawing
from fem.figures.kinds import ENDINGS, KINDS, ON_WISH
from fem.figures.patch import flat
from fem.results.read import read_table
from oracles.pictures import png_size

pytestmark = pytest.mark.case


def drawn(kind: str, *folders: Path) -> Drawing:
    found = draw([kind], open_results(folders))
    assert not found.refused
    return found.drawings[0]


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_command_draws_what_it_can_and_says_what_it_cannot(thrust: Path, tmp_path: Path) -> None:
    answer = CliRunner().invoke(plot.command, [str(thrust), "-o", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    made = {file.stem for file in tmp_path.glob("*.png")}
    assert made == {"load", "strain", "peak_strain", "moment_rotation", "gap", "maps"}
    assert made == {file.stem for file in tmp_path.glob("*.csv")}
    assert "not drawn: muscles: small_thrust was solved without muscles" in answer.stderr
    assert "not drawn: dose: dose and response need two results" in answer.stderr
    for file in tmp_path.glob("*.png"):
        assert png_size(file)[0] == pytest.approx(85.0 / 25.4 * 300, abs=2), "one column of a journal"


def test_json_names_files_and_reasons(bend: Path, tmp_path: Path) -> None:
    asked = [str(bend), "-o", str(tmp_path), "--json", "--to", "svg", "--to", "pdf"]
    answer = CliRunner().invoke(plot.command, asked)
    document = json.loads(answer.stdout)
    assert document["version"] == 1
    assert set(document["not_drawn"]) == {"muscles", "dose"}
    for figure in document["figures"]:
        assert [Path(file).suffix for file in figure["files"]] == [".svg", ".pdf"]
        assert all(Path(file).stat().st_size > 2000 for file in figure["files"])
        assert len(rows_of(Path(figure["data"]))) > 1
        assert Path(figure["files"][1]).read_bytes()[:5] == b"%PDF-"


def test_a_kind_that_is_asked_for_and_cannot_be_drawn_is_an_error(bend: Path, tmp_path: Path) -> None:
    answer = CliRunner().invoke(plot.command, [str(bend), "--kind", "muscles", "-o", str(tmp_path)])
    assert answer.exit_code == 2
    assert "without muscles" in answer.stderr


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in (*ON_WISH, "muscles", "dose")])
def test_every_axis_has_a_unit(kind: str, thrust: Path) -> None:
    drawing = drawn(kind, thrust)
    axes = [panel for panel in drawing.figure.axes if panel.axison]
    labels = [panel.get_ylabel() or panel.get_title(loc="left") for panel in axes]
    labels = [label for label in labels if label]
    assert labels
    assert all("[" in label for label in labels), labels
    bottoms = [panel.get_xlabel() for panel in axes if panel.get_xlabel()]
    assert all("[" in label for label in bottoms)
    assert drawing.says
    assert all(len(row) == len(drawing.header) for row in drawing.rows)


def test_text_is_legible_at_column_width(thrust: Path) -> None:
    for kind in ("load", "strain", "peaks", "gap"):
        svg = drawn(kind, thrust).image("svg").decode()
        sizes = [
            float(size)
            for size in re.findall(r"font: ([\d.]+)px|font-size: ([\d.]+)px", svg)
            for size in size
            if size
        ]
        assert sizes
        assert min(sizes) >= 6.0, kind


def test_colours_are_told_apart_by_brightness_or_hue_and_never_alone() -> None:
    assert len(set(COLOURS)) == len(COLOURS)
    assert "#FF0000" not in COLOURS
    assert "#00FF00" not in COLOURS


def test_a_figure_is_the_same_file_twice(bend: Path) -> None:
    for ending in ENDINGS:
        assert drawn("strain", bend).image(ending) == drawn("strain", bend).image(ending)


def test_the_thrust_is_marked_with_preload_onset_and_peak(thrust: Path) -> None:
    (one,) = open_results([thrust])
    (found,) = one.thrusts
    assert (found.preload, found.peak) == (20.0, 80.0)
    assert (found.onset, found.time) == pytest.approx((2.0, 2.02))
    texts = [text.get_text() for panel in drawn("load", thrust).figure.axes for text in panel.texts]
    assert texts == ["onset, preload 20 N", "peak 80 N"]


def test_the_band_holds_every_strand(thrust: Path) -> None:
    drawing = drawn("strain", thrust)
    assert "Strain = (length - reference length) / reference length" in drawing.says
    row = dict(zip(drawing.header, max(drawing.rows, key=lambda row: float(row[-1])), strict=True))
    strands = [
        float(one["strain"])
        for one in read_table(thrust, "strands")
        if (one["level"], one["bundle"]) == (row["level"], row["bundle"])
        and float(one["time_s"]) == pytest.approx(float(row["time_s"]))
    ]
    assert row["least_strain"] == pytest.approx(min(strands))
    assert row["largest_strain"] == pytest.approx(max(strands))
    assert min(strands) < float(row["mean_strain"]) < max(strands)


def test_limits_name_their_source(thrust: Path) -> None:
    (one,) = open_results([thrust])
    value, source = one.limit("CL left") or (0.0, "")
    assert value > 0.1
    assert "facetgap" in source or "_" in source


def test_maps_are_those_of_the_kept_step_next_to_the_event(thrust: Path) -> None:
    (one,) = open_results([thrust])
    drawing = drawn("maps", thrust)
    gaps = [float(row[drawing.header.index("gap [mm]")]) for row in drawing.rows]
    moment, _ = one.event
    facets = [row for row in read_table(thrust, "facets") if row["joint"] == "L4-L5 left"]
    nearest = min(facets, key=lambda row: abs(float(row["time_s"]) - moment))
    assert min(gaps) == pytest.approx(float(nearest["gap_min_mm"]), abs=1e-3)
    assert min(gaps) < float(nearest["gap_mean_mm"]) < max(gaps)


def test_a_surface_is_laid_flat_without_stretching() -> None:
    plane = np.random.default_rng(1).normal(size=(20, 2))
    axes = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    points = plane @ axes[:2] + [1.0, 2.0, 3.0]
    laid = flat(points)
    assert np.linalg.norm(laid[3] - laid[7]) == pytest.approx(np.linalg.norm(plane[3] - plane[7]))
    slope = np.linalg.lstsq(laid - laid.mean(axis=0), points[:, 2] - points[:, 2].mean(), rcond=None)[0]
    assert slope[0] == pytest.approx(0.0, abs=1e-9)
    assert slope[1] > 0.0, "the second axis points up"


def test_moment_and_rotation_are_both_positive_along_the_moment(bend: Path) -> None:
    drawing = drawn("moment", bend)
    last = dict(zip(drawing.header, drawing.rows[-1], strict=True))
    assert last["moment_N_m"] == pytest.approx(3.0)
    assert float(last["rotation_deg"]) > 1.0


def test_two_results_share_axes_and_keep_apart_by_name(thrust: Path, bend: Path, tmp_path: Path) -> None:
    drawing = drawn("peaks", thrust, bend)
    assert {row[0] for row in drawing.rows} == {"small_thrust", "small_bend"}
    other = tmp_path / "other"
    shutil.copytree(bend, other)
    assert [one.label for one in open_results([bend, other])] == ["result", "other"], (
        "same case name: by folder"
    )
    refused = draw(["dose"], open_results([bend, other])).refused
    assert "do not differ" in refused["dose"]


def test_a_bundle_that_is_not_there_is_named_with_those_that_are(bend: Path) -> None:
    refused = draw(["strain"], open_results([bend]), ("L4-L5 XL",)).refused
    assert "there is no bundle 'L4-L5 XL'" in refused["strain"]
    assert "CL left" in refused["strain"]


def test_a_dose_is_what_results_differ_in(thrust: Path, tmp_path: Path) -> None:
    harder = tmp_path / "harder"
    shutil.copytree(thrust, harder)
    resolved = harder / "case.resolved.yaml"
    resolved.write_text(resolved.read_text().replace("peak: 80 N", "peak: 120 N"))
    summary = json.loads((harder / "summary.json").read_text())
    summary["facets"]["L4-L5 left"]["cavitation"]["margin"] = 0.25
    (harder / "summary.json").write_text(json.dumps(summary))
    drawing = drawn("dose", thrust, harder)
    table = [dict(zip(drawing.header, row, strict=True)) for row in drawing.rows]
    assert [row["peak of the thrust [N]"] for row in table] == [80.0, 120.0]
    assert table[1]["margin"] == 0.25
    assert drawing.figure.axes[-1].get_xlabel() == "peak of the thrust [N]"


def test_muscles_are_summed_by_group_and_side(bend: Path, tmp_path: Path) -> None:
    folder = tmp_path / "strong"
    shutil.copytree(bend, folder)
    head = "step,time_s,phase,fascicle,group,side,activation,force_N\n"
    lines = [
        f"{step},{step},bend,{name},psoas,{side},{0.1 * step * share},{10 * step * share}\n"
        for step in range(3)
        for name, side, share in (("a", "left", 1.0), ("b", "left", 0.5), ("c", "right", 0.25))
    ]
    (folder / "muscles.csv").write_text(head + "".join(lines))
    rows = drawn("muscles", folder).rows
    assert ("psoas left", 2.0, pytest.approx(0.2), pytest.approx(30.0)) in rows
    assert ("psoas right", 2.0, pytest.approx(0.05), pytest.approx(5.0)) in rows


def test_a_result_that_still_runs_or_lost_its_fields_gives_what_it_can(thrust: Path, tmp_path: Path) -> None:
    folder = tmp_path / "half"
    shutil.copytree(thrust, folder, ignore=shutil.ignore_patterns("fields", "results.pvd", "film.csv"))
    found = draw(["gap", "maps"], open_results([folder]))
    assert [drawing.kind for drawing in found.drawings] == ["gap"]
    assert "holds no fields" in found.refused["maps"]
    with pytest.raises(UsageError, match="no result folder"):
        open_results([tmp_path / "nothing"])

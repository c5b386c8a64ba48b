import json

import pytest

from fem.errors import UsageError
from fem.results.read import field_times, read_result, read_table


def test_reads_a_finished_folder_by_folder_or_file(finished):
    for path in (finished, finished / "run.json", finished / "summary.json"):
        result = read_result(path)
        assert result.path == finished
        assert result.summary["newton"]["iterations"] == 18
    assert len(read_table(finished, "strands")) == 8
    assert [time for time, _ in field_times(finished)] == [0.0, 0.25, 0.5, 0.75]


def test_missing_things_are_named(finished, tmp_path):
    with pytest.raises(UsageError, match="no result folder"):
        read_result(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="not a result folder"):
        read_result(tmp_path)
    with pytest.raises(UsageError, match=r"films\.csv"):
        read_table(finished, "films")
    (finished / "summary.json").unlink()
    with pytest.raises(UsageError, match="did not end or the folder was copied in part"):
        read_result(finished)


@pytest.mark.parametrize("name", ["run.json", "summary.json"])
def test_a_cut_off_file_is_said_to_be_so(finished, name):
    file = finished / name
    file.write_text(file.read_text()[:-40])
    with pytest.raises(UsageError, match=f"{name} is cut off or damaged"):
        read_result(finished)


@pytest.mark.parametrize("name", ["run.json", "summary.json"])
def test_a_newer_layout_is_refused(finished, name):
    file = finished / name
    file.write_text(json.dumps({**json.loads(file.read_text()), "version": 99}))
    with pytest.raises(UsageError, match=r"version 99.*newer"):
        read_result(finished)


def test_foreign_json_is_refused(finished):
    (finished / "run.json").write_text("[1, 2]")
    with pytest.raises(UsageError, match="not written by facetgap"):
        read_result(finished)


def test_a_cut_off_series_is_said_to_be_so(finished):
    file = finished / "results.pvd"
    file.write_text(file.read_text()[:-30])
    with pytest.raises(UsageError, match=r"results\.pvd cannot be read"):
        field_times(finished)

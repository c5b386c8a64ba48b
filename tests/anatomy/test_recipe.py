"""The recipe as a document: every fault is one clear line with its place."""

from pathlib import Path

import numpy as np
import pytest

from fem.anatomy.assemble import assemble_spine, vertebrae_between
from fem.anatomy.recipe import Recipe, read_recipe
from fem.anatomy.recipe_origin import Origin
from fem.document import StrictModel
from fem.errors import InputError, UsageError


def _edited(recipe_file: Path, folder: Path, old: str, new: str) -> Path:
    text = recipe_file.read_text(encoding="utf-8")
    assert old in text
    path = folder / "edited.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  outline_offset:", "  outline_ofset:", "outline_ofset"),
        ("height: 10.9 mm, wedge", "height: 10.9, wedge", "no unit"),
        ("wedge: 4.2 deg", "wedge: 4.2 mm", "angle"),
        ("nucleus_area: 0.46", "nucleus_area: 46", "nucleus_area"),
        ("    L2-L3: {height: 11.5", "    L2-L4: {height: 11.5", "L2-L4"),
        ("  gap_rim: 0.1 mm", "  gap_rim: 0.9 mm", "widest at its centre"),
        ("    strands: 9", "    strands: 0", "strands"),
        ("version: 1", "version: 2", "version"),
        ("  source: remus-2021\n  locator: sacrum", "  source: remus-2022\n  locator: sacrum", "remus-2022"),
    ],
)
def test_a_fault_is_named_with_its_line(
    recipe_file: Path, tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = _edited(recipe_file, tmp_path, old, new)
    with pytest.raises(InputError) as caught:
        read_recipe(path)
    assert said in str(caught.value)
    assert caught.value.problems[0].line is not None


def test_a_missing_row_is_named(recipe_file: Path, tmp_path: Path) -> None:
    lines = recipe_file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("    L3-L4: {height: 12.0")]
    assert len(kept) == len(lines) - 1
    path = tmp_path / "short.yaml"
    path.write_text("".join(kept), encoding="utf-8")
    with pytest.raises(InputError, match="no row for L3-L4"):
        read_recipe(path)


def test_every_table_says_where_its_numbers_come_from(recipe: Recipe) -> None:
    def origins(value: object) -> list[Origin]:
        if isinstance(value, dict):
            return [found for item in value.values() for found in origins(item)]
        if not isinstance(value, StrictModel):
            return []
        own = [value] if isinstance(value, Origin) else []
        return own + [found for name in type(value).model_fields for found in origins(getattr(value, name))]

    found = origins(recipe)
    assert len(found) > 12
    assert {origin.source for origin in found} <= set(recipe.sources)
    assert all(origin.locator for origin in found)


def test_part_of_the_spine_has_only_its_own_parts(recipe: Recipe) -> None:
    spine = assemble_spine(recipe, ("L4", "S1"))
    assert tuple(spine.vertebrae) == ("L4", "L5", "S1")
    assert tuple(spine.discs) == ("L4-L5", "L5-S1")
    assert len(spine.facets) == 4
    assert {bundle.level for bundle in spine.ligaments} == {"L4-L5", "L5-S1"}


@pytest.mark.parametrize("ends", [("S1", "L4"), ("L4", "L4"), ("T12", "L2")])
def test_a_stretch_that_is_none_is_refused(ends: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="no part of the spine"):
        vertebrae_between(*ends)


def test_landmarks_are_on_both_sides_and_finite(recipe: Recipe) -> None:
    spine = assemble_spine(recipe)
    for name, vertebra in spine.vertebrae.items():
        assert "superior articular process left" in vertebra.landmarks
        for place, point in vertebra.landmarks.items():
            assert np.isfinite(point).all()
            if place.endswith(" left"):
                other = vertebra.landmarks[place.removesuffix("left") + "right"]
                assert np.allclose(other, point * [1.0, -1.0, 1.0]), (name, place)
    assert "mammillary process right" in spine.vertebrae["L4"].landmarks

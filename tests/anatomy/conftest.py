from pathlib import Path

import pytest

from fem.anatomy.assemble import Blueprint, assemble_spine, draw_blueprint
from fem.anatomy.recipe import Recipe, read_recipe
from fem.anatomy.spine import Spine

RECIPE = Path(__file__).parents[2] / "meshes" / "lumbar.yaml"


@pytest.fixture(scope="session")
def recipe_file() -> Path:
    return RECIPE


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    return read_recipe(RECIPE).model


@pytest.fixture(scope="session")
def blueprint(recipe: Recipe) -> Blueprint:
    return draw_blueprint(recipe)


@pytest.fixture(scope="session")
def spine(recipe: Recipe) -> Spine:
    return assemble_spine(recipe)

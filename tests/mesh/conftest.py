from pathlib import Path

import pytest

from fem.anatomy.recipe import Recipe, read_recipe


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    return read_recipe(Path(__file__).parents[2] / "meshes" / "lumbar.yaml").model

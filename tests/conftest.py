"""Shared by all tests: a seeded generator of random numbers."""

import numpy as np
import pytest


@pytest.fixture
def generator() -> np.random.Generator:
    """The same random numbers in every run."""
    return np.random.default_rng(20)

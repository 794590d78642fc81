"""Fixtures and settings for all tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from support import Row, columns

# A slow machine is no failure, and a run on it finds what a run anywhere finds.
settings.register_profile("housekeep", deadline=None, derandomize=True, database=None)
# For a search: `pytest --hypothesis-profile search tests/test_laws.py`.
settings.register_profile("search", deadline=None, max_examples=5000)
settings.load_profile("housekeep")


@pytest.fixture(params=[list, columns], ids=["rows", "columns"])
def form(request: pytest.FixtureRequest) -> Callable[[list[Row]], Any]:
    """Hand the same rows over as rows, and then as columns."""
    shape: Callable[[list[Row]], Any] = request.param
    return shape

"""Fixtures and settings for all tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import redis_server
from hypothesis import settings
from support import Row, columns

# A slow machine is no failure, and a run on it finds what a run anywhere finds.
settings.register_profile("housekeep", deadline=None, derandomize=True, database=None)
# For a search: `pytest --hypothesis-profile search tests/test_laws.py`.
settings.register_profile("search", deadline=None, max_examples=5000)
settings.load_profile("housekeep")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say whether the engine of the tests is Spark, which needs Java."""
    parser.addoption("--spark", action="store_true", help="try Spark itself, in place of Sail")


@pytest.fixture(params=[list, columns], ids=["rows", "columns"])
def form(request: pytest.FixtureRequest) -> Callable[[list[Row]], Any]:
    """Hand the same rows over as rows, and then as columns."""
    shape: Callable[[list[Row]], Any] = request.param
    return shape


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis with nothing in it."""
    with redis_server.running(tmp_path) as url:
        yield url


@pytest.fixture
def server(redis_url: str) -> Iterator[redis.Redis]:
    """Its client."""
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    assert client.ping()
    yield client
    client.close()

"""What the README files show is what really happens."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["README.md", "bindings-python/README.md"])
def test_the_examples_give_what_they_show(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    failed, ran = doctest.testfile(os.fspath(ROOT / name), module_relative=False)
    assert ran > 0
    assert failed == 0

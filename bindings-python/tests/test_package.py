"""The wheel: what is in it, and that it works where nothing else is installed."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import housekeep
import pytest
from housekeep import DataError, HousekeepError, Plan, PlanError, Policy, PolicyError, _core, errors
from support import NOW, plan_of, policy_of, run_python

PACKAGE = Path(__file__).parents[1]
ROOT = PACKAGE.parent
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text("utf-8"))["workspace"]["package"]["version"]


@pytest.fixture(scope="module")
def wheel() -> Path:
    """The wheel that `make wheel` has built."""
    (wheel,) = (PACKAGE / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def files(wheel: Path) -> dict[str, bytes]:
    """What is in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python in which nothing but the wheel is installed."""
    folder = tmp_path_factory.mktemp("alone")
    venv.create(folder, symlinks=True)
    python = str(folder / "bin/python")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    subprocess.run([*install, "--no-index", "--no-deps", wheel], check=True, timeout=60)
    return python


# --- On its own ------------------------------------------------------------------------------


def test_the_wheel_plans_where_nothing_else_is_installed(alone: str) -> None:
    said = run_python(
        """
        from importlib import metadata
        import housekeep
        policy = housekeep.Policy.parse('[dedupe.runs]\\nkey=["key"]\\ntime="at"\\nwindow="10m"')
        rows = [{"id": n, "key": 1, "at": f"2026-02-12T00:0{n}:00Z"} for n in range(2)]
        plan = policy.plan("runs", rows, now="2026-02-13T03:00:00Z")
        print([found.name for found in metadata.distributions()], plan.drop_ids)
        """,
        python=alone,
    )
    assert said == "['housekeep'] ('0',)\n"


def test_the_import_brings_little_along(alone: str, capsys: pytest.CaptureFixture[str]) -> None:
    done = subprocess.run(
        [alone, "-X", "importtime", "-c", "import housekeep"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    times = re.findall(r"\| +(\d+) \| housekeep$", done.stderr, re.MULTILINE)
    (micros,) = map(int, times)
    with capsys.disabled():
        print(f"\nimport: {micros / 1000:.1f} ms (goal 30 ms)")
    imported = set(re.findall(r"\| +\d+ \| +(\S+)$", done.stderr, re.MULTILINE))
    assert not imported & {"asyncio", "email", "logging", "re", "typing", "uuid", "json"}


def test_the_kernel_for_engines_brings_none_along(alone: str) -> None:
    said = run_python(
        """
        import sys
        from housekeep import Policy
        from housekeep.arrow import kernel
        policy = Policy.parse('[dedupe.runs]\\nkey=["key"]\\ntime="at"\\nwindow="10m"')
        decide = kernel(policy, "runs", "2026-02-13T03:00:00Z")
        print(decide.columns, decide.together, {"pyarrow", "pyspark"} & sys.modules.keys())
        """,
        python=alone,
    )
    assert said == "('id', 'key', 'at') ('key',) set()\n"


def test_the_import_starts_no_thread(alone: str) -> None:
    said = run_python(
        """
        import threading
        from pathlib import Path
        import housekeep
        print(threading.active_count(), len(list(Path("/proc/self/task").iterdir())))
        """,
        python=alone,
    )
    assert said == "1 1\n"


# --- What is in it ---------------------------------------------------------------------------


def test_versions_are_equal(wheel: Path) -> None:
    assert metadata.version("housekeep") == housekeep.__version__ == _core.__version__ == VERSION
    assert wheel.name.startswith(f"housekeep-{VERSION}-cp311-abi3-")


def test_the_wheel_needs_no_other_package() -> None:
    assert metadata.requires("housekeep") is None
    assert metadata.metadata("housekeep")["Requires-Python"] == ">=3.11"


def test_the_wheel_has_types(files: dict[str, bytes]) -> None:
    assert {"housekeep/py.typed", "housekeep/_core.pyi", "housekeep/__init__.py"} <= files.keys()


def test_the_wheel_has_the_package_and_nothing_else(files: dict[str, bytes]) -> None:
    home = PACKAGE / "python/housekeep"
    own = {
        path.relative_to(home).as_posix()
        for path in home.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name.removeprefix("housekeep/") for name in files if name.startswith("housekeep/")}
    assert packed == own | {"_core.abi3.so"}
    assert {name.partition("/")[0] for name in files} == {
        "housekeep",
        f"housekeep-{VERSION}.dist-info",
    }


def test_the_wheel_says_nothing_of_the_machine_that_built_it(files: dict[str, bytes]) -> None:
    places = [str(place).encode() for place in (ROOT, Path.home(), Path(sys.prefix))]
    texts = {name: data for name, data in files.items() if not name.endswith(".so")}
    assert [name for name, data in texts.items() if any(place in data for place in places)] == []


def test_all_that_is_public_is_there_and_documented() -> None:
    assert housekeep.__all__ == sorted(housekeep.__all__)
    for name in housekeep.__all__:
        value = getattr(housekeep, name)
        assert isinstance(value, str) or value.__doc__, name
    public = {name for name in dir(_core) if not name.startswith("_") and name[0].isupper()}
    raised = {"HousekeepError", "ApplyError", "DataError", "PlanError", "PolicyError"}
    assert set(housekeep.__all__) == public | raised | {"__version__"}


def test_the_example_of_the_package_is_true() -> None:
    failed, ran = doctest.testmod(housekeep)
    assert ran > 5
    assert failed == 0


# --- Errors ----------------------------------------------------------------------------------


def test_every_kind_of_error_has_its_class() -> None:
    codes = _core.error_codes()
    assert {kind for _, kind, _ in codes} == errors.BY_KIND.keys()
    assert len({code for code, _, _ in codes}) == len(codes) > 30
    assert all(about.endswith(".") for _, _, about in codes)
    assert all(issubclass(kind, HousekeepError) for kind in errors.BY_KIND.values())


def formatted(format: Any, rows: bytes) -> Plan:
    """Plan over rows in a format."""
    return policy_of().plan("runs", rows, now=NOW, format=format)


@pytest.mark.parametrize(
    ("ask", "kind", "code"),
    [
        (lambda: Policy.parse("["), PolicyError, "policy.syntax"),
        (lambda: Policy.parse("", "json"), PolicyError, "policy.syntax"),
        (lambda: policy_of().plan("rnus", [], now=NOW), PolicyError, "policy.unknown_rule"),
        (lambda: plan_of(b""), DataError, "rows.empty"),
        (lambda: formatted("csv", b"id,key,at\n\xff,,"), DataError, "rows.not_unicode"),
        (lambda: formatted("json", b'{"rows": []}'), DataError, "rows.no_data"),
        (lambda: plan_of({}), DataError, "rows.missing_column"),
        (lambda: Plan.parse("{}"), PlanError, "plan.syntax"),
        (lambda: formatted("xml", b"<rows/>"), HousekeepError, "io.format"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_error_is_raised_as_the_class_of_its_kind(
    ask: Callable[[], object], kind: type[HousekeepError], code: str
) -> None:
    with pytest.raises(HousekeepError) as caught:
        ask()
    assert (type(caught.value), caught.value.code) == (kind, code)
    kinds = {code: errors.BY_KIND[kind] for code, kind, _ in _core.error_codes()}
    assert kinds[code] is kind
    assert caught.value.message in str(caught.value)
    assert f'"code": "{code}"' in caught.value.to_json()

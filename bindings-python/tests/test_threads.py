"""Threads, signals and processes: a long plan holds nobody up, and nothing ends the process."""

from __future__ import annotations

import itertools
import operator
import signal
import subprocess
import sys
import threading
from collections import UserDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from textwrap import dedent
from time import perf_counter
from types import FrameType, MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from housekeep import _core
from support import ENVIRONMENT, NOW, ROWS, columns, plan_of, policy_of, run_python

THREADS = 8


def table_of(rows: int) -> Any:
    """Give so many rows, in Arrow, in no order; a tenth as many keys."""
    random = np.random.default_rng(1)
    times = random.integers(0, 10**15, rows)
    return pa.table(
        {
            "id": random.permutation(rows),
            "key": random.integers(0, rows // 10, rows),
            "at": pa.array(times, pa.timestamp("us", "UTC")),
        }
    )


# --- Threads ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [ROWS, columns(ROWS), [ROWS[0] | {"id": str(n)} for n in range(20_000)], table_of(200_000)],
    ids=["rows", "columns", "many rows", "arrow"],
)
def test_eight_threads_share_a_policy_and_plan_at_once(rows: Any) -> None:
    policy = policy_of()
    expected = policy.plan("runs", rows, now=NOW).to_json()
    start = threading.Barrier(THREADS)

    def plan(_: int) -> bool:
        start.wait()
        return policy.plan("runs", rows, now=NOW).to_json() == expected

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(plan, range(THREADS))) == [True] * THREADS


def test_eight_threads_read_one_plan_at_once() -> None:
    plan = plan_of(table_of(50_000), window="30d")
    start = threading.Barrier(THREADS)

    def read(_: int) -> tuple[object, ...]:
        start.wait()
        return plan.drop_ids, plan.sha256, plan.drops[-1], pa.table(plan).num_rows, hash(plan)

    with ThreadPoolExecutor(THREADS) as pool:
        assert len(set(pool.map(read, range(THREADS)))) == 1


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_the_number_of_threads_never_changes_the_answer(threads: int) -> None:
    rows, policy = table_of(200_000), policy_of(window="30d")
    one = policy.plan("runs", rows, now=NOW)
    assert policy.plan("runs", rows, now=NOW, threads=threads) == one
    sweep = policy.sweep("runs", rows, ["1d"], now=NOW)
    assert policy.sweep("runs", rows, ["1d"], now=NOW, threads=threads) == sweep
    other = policy.replace("runs", "mode=chain")
    compared = policy.compare("runs", rows, other, now=NOW)
    assert policy.compare("runs", rows, other, now=NOW, threads=threads) == compared


def test_a_python_thread_keeps_running_while_a_million_rows_are_planned(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows, policy = table_of(10**6), policy_of()
    ticks: list[float] = []
    stop = threading.Event()

    def count() -> None:
        while not stop.is_set():
            ticks.append(perf_counter())
            sum(range(1000))

    counter = threading.Thread(target=count)
    counter.start()
    begin = perf_counter()
    policy.plan("runs", rows, now=NOW)
    end = perf_counter()
    stop.set()
    counter.join()

    during = [begin, *(tick for tick in ticks if begin < tick < end), end]
    worst = max(later - tick for tick, later in itertools.pairwise(during))
    with capsys.disabled():
        print(
            f"\n10⁶ rows in {(end - begin) * 1e3:.0f} ms; meanwhile {len(during) - 2} turns of a "
            f"Python thread, its worst pause {worst * 1e3:.1f} ms"
        )
    tenths = {int(10 * (tick - begin) / (end - begin)) for tick in during[1:-1]}
    assert len(tenths) > 5, "it ran in few parts of the time only"


# --- Signals ---------------------------------------------------------------------------------


class TimeIsUpError(Exception):
    """What a service's own handler of a signal raises."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise in the main thread after a while, from the handler of a signal."""

    def handler(number: int, frame: FrameType | None) -> None:
        raise TimeIsUpError

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_ctrl_c_ends_a_plan_of_five_million_rows(capsys: pytest.CaptureFixture[str]) -> None:
    program = """
        import os, signal, threading
        from time import perf_counter
        from support import NOW, policy_of
        from test_threads import table_of

        rows, policy = table_of(5 * 10**6), policy_of(window="30d")
        begin = perf_counter()
        policy.plan("runs", rows, now=NOW)
        whole = perf_counter() - begin
        threading.Timer(whole / 10, os.kill, (os.getpid(), signal.SIGINT)).start()
        begin = perf_counter()
        try:
            policy.plan("runs", rows, now=NOW)
        except KeyboardInterrupt:
            print(whole, perf_counter() - begin, flush=True)
            raise
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(program)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGINT, done.stderr
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")
    whole, interrupted = map(float, done.stdout.split())
    with capsys.disabled():
        print(f"\na plan of {whole * 1e3:.0f} ms, interrupted after {interrupted * 1e3:.0f} ms")
    assert interrupted < whole


@pytest.mark.parametrize("call", ["plan", "sweep", "compare"])
def test_what_a_handler_raises_comes_out_of_a_long_call(call: str) -> None:
    rows, policy = table_of(10**6), policy_of(window="30d")
    more = [policy.replace("runs", "mode=chain")] if call == "compare" else []

    def forever() -> None:
        while True:
            getattr(policy, call)("runs", rows, *more, now=NOW)

    with alarm(0.05), pytest.raises(TimeIsUpError) as caught:
        forever()
    assert caught.traceback[-2].name == "forever"


@pytest.mark.parametrize("kind", [dict, MappingProxyType, UserDict])
def test_rows_are_read_no_further_once_a_handler_has_raised(kind: Callable[[Any], Any]) -> None:
    row, many = kind(ROWS[0]), 10**6
    left = itertools.repeat(row, many)
    with alarm(0.05), pytest.raises(TimeIsUpError):
        plan_of(left)
    assert 0 < operator.length_hint(left) < many


def test_a_column_is_read_no_further_once_a_handler_has_raised() -> None:
    many = 10**7
    left = itertools.repeat(1, many)
    with alarm(0.05), pytest.raises(TimeIsUpError):
        plan_of({"id": left, "key": [], "at": []})
    assert 0 < operator.length_hint(left) < many


def test_a_signal_that_raises_nothing_stops_nothing() -> None:
    rows, policy, heard = table_of(10**6), policy_of(), []
    before = signal.signal(signal.SIGALRM, lambda number, frame: heard.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    try:
        plans = {policy.plan("runs", rows, now=NOW) for _ in range(3)}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(plans) == 1
    assert heard


# --- Faults ----------------------------------------------------------------------------------

SMALL, LARGE = 1, 10**6


@pytest.mark.parametrize("rows", [SMALL, LARGE])
@pytest.mark.parametrize("where", ["main thread", "another thread"])
def test_a_panic_is_an_error_and_the_process_lives(
    rows: int, where: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        _core._panic(rows)  # type: ignore[attr-defined]

    with ThreadPoolExecutor(1) as pool:
        call: Callable[[], None] = fail if where == "main thread" else pool.submit(fail).result
        with pytest.raises(RuntimeError) as caught:
            call()
    assert type(caught.value) is RuntimeError
    assert str(caught.value) == "housekeep has failed, which is a bug of its own: forced"
    assert "panicked at" in capfd.readouterr().err
    assert plan_of(ROWS).drop == 2


def test_a_thread_that_cannot_be_started_is_an_ordinary_error_at_the_most() -> None:
    said = run_python("""
        import resource
        from pathlib import Path
        from housekeep import _core

        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        # There is memory for all but the stack of a thread.
        resource.setrlimit(resource.RLIMIT_AS, (size + 2**20, size + 2**20))
        try:
            _core._panic(10**6)
        except BaseException as error:
            print(type(error).__name__)
    """)
    assert said == "RuntimeError\n"


# --- Processes -------------------------------------------------------------------------------


def test_a_process_may_fork_after_the_import_and_both_plan() -> None:
    said = run_python("""
        import os
        from support import ENVIRONMENT, NOW, policy_of
        from test_threads import table_of

        rows, policy = table_of(200_000), policy_of(window="30d")
        here = policy.plan("runs", rows, now=NOW, threads=2)
        if child := os.fork():
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status))
        else:
            there = policy.plan("runs", rows, now=NOW, threads=2)
            os._exit(0 if there == here and hash(there) == hash(here) else 1)
    """)
    assert said == "0\n"


def test_a_process_ends_while_a_thread_of_its_own_still_plans() -> None:
    said = run_python("""
        import threading
        import time
        from support import ENVIRONMENT, NOW, policy_of
        from test_threads import table_of

        rows, policy = table_of(10**6), policy_of(window="30d")
        def forever():
            while True:
                policy.plan("runs", rows, now=NOW)
        threading.Thread(target=forever, daemon=True).start()
        time.sleep(0.1)
        print("the end")
    """)
    assert said == "the end\n"

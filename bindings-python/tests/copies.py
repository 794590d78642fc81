"""Copies of the maintenance service, each a process, on a clock that the test moves."""

from __future__ import annotations

import multiprocessing
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from maintenance_service import TASKS, Task, main

# What takes longest is the import: it is done once, and each copy is made of that.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["copies"])


def _serve(
    variables: dict[str, str],
    arguments: list[str],
    tasks: dict[str, Task],
    ahead: Synchronized[float],
) -> None:
    os.environ.update(variables)
    main(arguments, tasks, lambda: datetime.now(UTC) + timedelta(seconds=ahead.value))


@dataclass
class Copies:
    """Copies that share a database, a Redis and a clock, each with a folder of its own."""

    policy: Path
    folder: Path
    variables: dict[str, str]
    beat: float
    retry: float = 0.1
    tasks: dict[str, Task] = field(default_factory=lambda: TASKS)
    ahead: Synchronized[float] = field(default_factory=lambda: PROCESSES.Value("d", 0.0))
    running: dict[str, ForkServerProcess] = field(default_factory=dict)

    def set_clock(self, now: datetime) -> None:
        """Make it that late, for all of them."""
        self.ahead.value = (now - datetime.now(UTC)).total_seconds()

    def now(self) -> datetime:
        """Say how late it is for them."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead.value)

    def start(self, name: str, port: int = 0) -> None:
        """Start a copy, which serves on a port; without one, on any that is free."""
        own = self.folder / name
        own.mkdir(exist_ok=True)
        arguments = [str(self.policy), "--folder", str(own), "--port", str(port)]
        arguments += ["--beat", str(self.beat), "--retry", str(self.retry)]
        process = PROCESSES.Process(
            target=_serve, args=(self.variables, arguments, self.tasks, self.ahead)
        )
        process.start()
        self.running[name] = process

    def kill(self, name: str) -> None:
        """Kill a copy, which is told nothing before."""
        process = self.running.pop(name)
        process.kill()
        process.join()

    def stop(self, name: str) -> None:
        """Tell a copy to end, and wait until it has."""
        process = self.running.pop(name)
        process.terminate()
        process.join(30)
        assert process.exitcode == 0

    def log(self, file: str = "maintenance.log") -> str:
        """Give what all copies have logged."""
        return "".join(path.read_text() for path in sorted(self.folder.glob(f"*/{file}")))

    def claims(self, word: str) -> Counter[str]:
        """Count the claims of which the logs say that word."""
        return Counter(re.findall(rf"(\S+/\d+): {word}\b", self.log()))


@contextmanager
def copies(policy: Path, folder: Path, variables: dict[str, str], beat: float) -> Iterator[Copies]:
    """Give copies of which none runs yet, and kill what is left of them."""
    own = Copies(policy, folder, variables, beat)
    try:
        yield own
    finally:
        for name in list(own.running):
            own.kill(name)


def wait_until(true: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)

"""What every driver does alike: files, questions, and the order of the steps.

A step that is a driver's own comes out of `operations`; what came of it goes into the machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from housekeep._core import Machine, Step

Confirm = Callable[[str], str]
"""Asks a person, and gives what was typed."""

_BLOCK = 1 << 20
_MOST = 100_000


def never(question: str) -> str:
    """Answer nothing: without `confirm` nothing is removed."""
    return ""


class Folder:
    """The folder of an export: what is read from it, and what is written into it."""

    def __init__(self, source: Path, target: Path | None = None) -> None:
        self._source = source
        self._target = target
        self._reading: dict[str, IO[bytes]] = {}
        self._writing: dict[str, IO[bytes]] = {}

    @classmethod
    def new(cls, path: os.PathLike[str] | str) -> Folder:
        """Make the folder of an export, which must hold nothing yet."""
        own = Path(path)
        own.mkdir(parents=True, exist_ok=True)
        if any(own.iterdir()):
            raise FileExistsError(f"there is something in {own} already")
        return cls(own, own)

    @classmethod
    def with_removals(cls, path: os.PathLike[str] | str) -> Folder:
        """Read an export, and keep what is removed beside it, in a folder of its own."""
        own = Path(path)
        targets = (own / f"apply-{n}" for n in range(1, _MOST))
        return cls(own, next(target for target in targets if not target.exists()))

    def beside(self) -> Folder:
        """Give the same for another that reads and writes there too."""
        return Folder(self._source, self._target)

    def close(self) -> None:
        """Close what was not read, or written, to its end."""
        for file in [*self._reading.values(), *self._writing.values()]:
            file.close()
        self._reading.clear()
        self._writing.clear()

    def read(self, name: str) -> bytes:
        """Give more of a file: at its end nothing, and then it begins again."""
        if name not in self._reading:
            try:
                self._reading[name] = (self._source / name).open("rb")
            except FileNotFoundError:
                return b""
        data = self._reading[name].read(_BLOCK)
        if not data:
            self._reading.pop(name).close()
        return data

    def write(self, step: Step) -> None:
        """Write more of a file, which is not there before the first of it."""
        if self._target is None:
            raise PermissionError(f"{self._source} is only read")
        path = self._target / step.text
        if step.text not in self._writing:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writing[step.text] = path.open("xb")
        file = self._writing[step.text]
        file.write(step.data)
        if step.is_whole:
            file.flush()
            os.fsync(file.fileno())
            self._writing.pop(step.text).close()
            # The name is safe once its folder is, and that of each folder with the one above.
            for folder in path.parents:
                _sync(folder)
                if folder == self._target.parent:
                    break


def _sync(folder: Path) -> None:
    # Not every system can be asked for that.
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def operations(machine: Machine, folder: Folder | None, confirm: Confirm) -> Iterator[Step]:
    """Give each step that is the driver's own, after which it feeds the machine itself.

    What a file or a person brings about is raised in the end, after the machine has rolled back.
    """
    trouble: BaseException | None = None
    try:
        while (step := machine.next_step()) is not None:
            try:
                if step.kind == "persist":
                    _of(folder).write(step)
                    machine.done()
                elif step.kind == "read":
                    machine.read(_of(folder).read(step.text))
                elif step.kind == "confirm":
                    machine.answer(confirm(step.text))
                else:
                    yield step
            except GeneratorExit:
                raise
            except Exception as error:
                trouble = error
                machine.failed(str(error))
    finally:
        if folder is not None:
            folder.close()
    if trouble is not None:
        raise trouble


def _of(folder: Folder | None) -> Folder:
    if folder is None:
        raise ValueError("say where the export is")
    return folder


def fixed(confirm: str | Confirm | None) -> Confirm:
    """Make a function of what is given."""
    if confirm is None:
        return never
    return confirm if callable(confirm) else (lambda _: confirm)


def document(report: Any) -> str | None:
    """Give a report of checks as JSON, whether it is one already or not."""
    if report is None or isinstance(report, str):
        return report
    text: str = report.to_json()
    return text

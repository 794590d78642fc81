"""Files, read whole and replaced whole."""

from __future__ import annotations

import os
import stat
from secrets import token_hex


def read(path: str | os.PathLike[str]) -> str:
    """Read a text. A mark of the byte order says nothing in UTF-8, and is passed over."""
    with open(os.fspath(path), encoding="utf-8-sig", newline="") as file:
        return file.read()


def replace(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file so that it is there whole or not at all: beside it first, then in its place."""
    # Through a link to what it names, so that the link stays.
    target = os.path.realpath(os.fsdecode(os.fspath(path)))
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        # A device or a pipe cannot be replaced, only written to; a folder raises.
        with open(target, "wb") as file:
            file.write(data)
        return
    beside = os.path.join(os.path.dirname(target), f".housekeep-{token_hex(8)}.tmp")
    file = open(beside, "xb")  # noqa: SIM115
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(beside, stat.S_IMODE(mode))
        os.replace(beside, target)
    except BaseException:
        os.unlink(beside)
        raise

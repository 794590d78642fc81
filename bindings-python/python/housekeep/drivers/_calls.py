"""The five calls, as machines: the same for drivers that are awaited, and for others."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast

from housekeep import Plan, Policy
from housekeep._core import Machine
from housekeep.drivers._answers import Applied, Exported, Restored, Verification
from housekeep.drivers._steps import Confirm, Folder, document, fixed, never

Way: TypeAlias = Literal["apply", "rehearse", "dry_run"]
"""How far an apply goes: all of it, all of it and back, or only looking."""
Location: TypeAlias = os.PathLike[str] | str

T = TypeVar("T")


class Call(Generic[T]):
    """A machine, what it reads and writes, and how its answer is read."""

    def __init__(
        self,
        machine: Machine,
        read: Callable[[Any], T],
        folder: Folder | None = None,
        confirm: Confirm = never,
    ) -> None:
        self.machine = machine
        self.folder = folder
        self.confirm = confirm
        self._read = read

    def finish(self) -> T:
        """Give the answer."""
        return self._read(self.machine.finish())


def plan(policy: Policy, rule: str, now: datetime | str, decisions: bool) -> Call[Plan]:
    machine = policy.plan_machine(rule, now=now, decisions=decisions)
    return Call(machine, lambda answer: cast(Plan, answer))


def export(
    policy: Policy,
    rule: str,
    now: datetime | str,
    out: Location,
    plan: Plan | None,
    since: datetime | str | None,
    last: int | None,
) -> Call[Exported]:
    machine = policy.export_machine(rule, now=now, plan=plan, since=since, last=last)
    return Call(machine, Exported._of, Folder.new(out))


def apply(
    policy: Policy,
    plan: Plan,
    now: datetime | str,
    export: Location | None,
    confirm: str | Confirm | None,
    way: Way,
    batch: int | None,
    jobs: int,
    skip_changed: bool,
    max_age: timedelta | str | None,
    health: Any,
) -> Call[Applied]:
    machine = policy.apply_machine(
        plan,
        now=now,
        way=way,
        batch=batch,
        jobs=jobs,
        skip_changed=skip_changed,
        max_age=max_age,
        health=document(health),
    )
    folder = None
    if way == "apply":
        if export is None:
            raise ValueError("say where the export of the plan's rows is: `export`")
        folder = Folder.with_removals(export)
    return Call(machine, Applied._of, folder, fixed(confirm))


def verify(policy: Policy, rule: str, now: datetime | str) -> Call[Verification]:
    return Call(policy.verify_machine(rule, now=now), Verification._of)


def restore(folder: Location, confirm: str | None) -> Call[Restored]:
    if confirm not in (None, "yes-restore"):
        raise ValueError('`confirm` is "yes-restore", or nothing to only look')
    machine = Machine.restore(confirm is not None)
    return Call(machine, Restored._of, Folder(Path(folder)))

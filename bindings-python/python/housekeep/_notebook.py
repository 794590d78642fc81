"""How a plan looks in a notebook."""

from __future__ import annotations

from html import escape
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from housekeep import Drop, Plan

SHOWN = 20
"""Drops that are shown; the rest is counted."""


def plan(plan: Plan) -> str:
    """Show the counts, and the first of the drops."""
    title = f"dedupe.{plan.rule}" + (f" on {plan.table}" if plan.table else "")
    counts = f"total {plan.total} · keep {plan.keep} · drop {plan.drop}"
    if plan.skipped.total:
        counts += f" · left alone {plan.skipped.total}"
    parts = [
        f"<p><b>{escape(title)}</b>, planned at {_time(plan.planned_at)}<br>{counts}</p>",
    ]
    if plan.drop:
        shown = "".join(_row("td", _cells(drop)) for drop in islice(plan.drops, SHOWN))
        head = _row("th", ("drop", "kept instead", "key", "when", "gap", "why"))
        parts.append(f"<table><thead>{head}</thead><tbody>{shown}</tbody></table>")
    if plan.drop > SHOWN:
        parts.append(f"<p>… and {plan.drop - SHOWN} more</p>")
    parts += [f"<p>⚠ {escape(warning)}</p>" for warning in plan.warnings]
    advice = "apply" if plan.advised else "do not apply yet"
    parts.append(f"<p>{advice}: {escape(plan.advice)}</p>")
    return "\n".join(parts)


def _cells(drop: Drop) -> Iterable[str]:
    key = " · ".join(_value(value) for value in drop.key.values())
    why = drop.why.replace("_", " ")
    return (drop.id, drop.keeper_id, key, _time(drop.time), str(drop.gap), why)


def _value(value: str | bool | None) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else value


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _row(tag: str, cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

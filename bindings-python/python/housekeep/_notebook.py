"""How plans and reports look in a notebook."""

from __future__ import annotations

from html import escape
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from housekeep import CheckReport, Drop, HealthReport, Plan, Removal

SHOWN = 20
"""Drops or checks that are shown; the rest is counted."""

DROPS = ("drop", "kept instead", "key", "when", "gap", "why")
REMOVALS = ("drop", "when", "group", "why")
WORST = ("crit", "unknown", "warn", "ok")
CHECKS = ("check", "status", "since", "why")


def plan(plan: Plan) -> str:
    """Show the counts, and the first of the drops."""
    about = plan.table or plan.files
    title = f"{plan.kind}.{plan.rule}" + (f" on {about}" if about else "")
    counts = f"total {plan.total} · keep {plan.keep} · drop {plan.drop}"
    if plan.blocked:
        counts += f" · blocked {plan.blocked}"
    if plan.skipped.total:
        counts += f" · left alone {plan.skipped.total}"
    parts = [
        f"<p><b>{escape(title)}</b>, planned at {_time(plan.planned_at)}<br>{counts}</p>",
    ]
    if plan.drop:
        heads, cells = (REMOVALS, _removal) if plan.kind == "retention" else (DROPS, _drop)
        shown = map(cells, islice(plan.drops, SHOWN))
        parts.append(_table(heads, shown))
    if plan.drop > SHOWN:
        parts.append(f"<p>… and {plan.drop - SHOWN} more</p>")
    parts += [f"<p>⚠ {escape(warning)}</p>" for warning in plan.warnings]
    if plan.advice is not None:
        advice = "apply" if plan.advised else "do not apply yet"
        parts.append(f"<p>{advice}: {escape(plan.advice)}</p>")
    return "\n".join(parts)


def health(report: HealthReport) -> str:
    """Show the word for the whole, the groups, and the checks, the worst first."""
    when = f"at {_time(report.at)}"
    if report.next_change is not None:
        when += f", next change {_time(report.next_change)}"
    groups = " · ".join(f"{group.group} {group.status}" for group in report.groups)
    parts = [f"<p><b>{escape(report.word)}</b>, {when}<br>{escape(groups)}</p>"]
    checks = sorted(report.checks, key=lambda check: WORST.index(check.status))
    if checks:
        parts.append(_table(CHECKS, map(_check, checks[:SHOWN])))
    if len(checks) > SHOWN:
        parts.append(f"<p>… and {len(checks) - SHOWN} more</p>")
    return "\n".join(parts)


def _check(check: CheckReport) -> Iterable[str]:
    name = check.check if check.instance is None else f"{check.check} · {check.instance}"
    return (name, check.status, _time(check.since), check.sentence)


def _drop(drop: Drop) -> Iterable[str]:
    why = drop.why.replace("_", " ")
    return (drop.id, drop.keeper_id, _key(drop.key), _time(drop.time), str(drop.gap), why)


def _removal(removal: Removal) -> Iterable[str]:
    why = "; ".join(reason.phrase for reason in removal.reasons)
    return (removal.id, _time(removal.time), _key(removal.group), why)


def _key(key: dict[str, str | bool | None]) -> str:
    return " · ".join(_value(value) for value in key.values())


def _value(value: str | bool | None) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else value


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    body = "".join(_row("td", cells) for cells in rows)
    return f"<table><thead>{_row('th', heads)}</thead><tbody>{body}</tbody></table>"


def _row(tag: str, cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

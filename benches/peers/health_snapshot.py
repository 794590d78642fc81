"""One snapshot of twenty checks after the other, side by side.

    python health_snapshot.py [--rounds 5] [--engines ifs,screen,…]

Every engine says of each snapshot which checks are not ok, and how bad they are. They take turns; a
time is the median of the rounds, in microseconds a snapshot. Results are JSON lines on standard
output, the table is on standard error. The exit code is 1 if two engines do not say the same.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import nagiosplugin
import rule_engine
import zen
from housekeep import Policy

from common import table
from health_common import CRIT, EARLIER, NAMES, NOW, WARN, Found, policy, snapshots

Snapshot = dict[str, float]
Engine = Callable[[Snapshot], Found]

SNAPSHOTS = 64
SECONDS = 0.1
"""About as long does one round of an engine take."""


def ifs() -> Engine:
    """What somebody would write by hand for just these checks, unrolled."""
    lines = ["def check(snapshot):", "    found = {}"]
    for name in NAMES:
        lines += [
            f'    value = snapshot["{name}"]',
            f'    if value > {CRIT}: found["{name}"] = "crit"',
            f'    elif value > {WARN}: found["{name}"] = "warn"',
            f'    elif value != value: found["{name}"] = "unknown"',
        ]
    lines.append("    return found")
    made: dict[str, Engine] = {}
    exec("\n".join(lines), made)  # our own text
    return made["check"]


def loop() -> Engine:
    """A loop over rules that are data."""
    rules = [(name, name, WARN, CRIT) for name in NAMES]

    def check(snapshot: Snapshot) -> Found:
        found = {}
        for check, metric, warn, crit in rules:
            value = snapshot.get(metric)
            if value is None or value != value:
                found[check] = "unknown"
            elif value > crit:
                found[check] = "crit"
            elif value > warn:
                found[check] = "warn"
        return found

    return check


def zen_table() -> Engine:
    """A decision table that collects the rows that hold."""
    rules = []
    for name in NAMES:
        conditions = (
            ("crit", f"{name} > {CRIT}"),
            ("warn", f"{name} > {WARN} and {name} <= {CRIT}"),
        )
        rules += [
            {"_id": f"{name}-{level}", "i": test, "check": f'"{name}"', "status": f'"{level}"'}
            for level, test in conditions
        ]
    content = {
        "inputs": [{"id": "i", "name": "condition"}],
        "outputs": [{"id": field, "name": field, "field": field} for field in ("check", "status")],
        "hitPolicy": "collect",
        "rules": rules,
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "table", "type": "decisionTableNode", "name": "table", "content": content},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "a", "type": "edge", "sourceId": "in", "targetId": "table"},
        {"id": "b", "type": "edge", "sourceId": "table", "targetId": "out"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))

    def check(snapshot: Snapshot) -> Found:
        found = decision.evaluate(snapshot)["result"]
        return {row["check"]: row["status"] for row in found}

    return check


def zen_expressions() -> Engine:
    """Its expressions alone, compiled once, one for each check."""
    text = f"'crit' : {{0}} > {WARN} ? 'warn' : 'ok'"
    made = [
        (name, zen.compile_expression(f"{name} > {CRIT} ? {text.format(name)}")) for name in NAMES
    ]

    def check(snapshot: Snapshot) -> Found:
        found = ((name, expression.evaluate(snapshot)) for name, expression in made)
        return {name: status for name, status in found if status != "ok"}

    return check


def rules() -> Engine:
    """`rule-engine`: the critical rule of each check first, then the other."""
    made = [
        (name, rule_engine.Rule(f"{name} > {CRIT}"), rule_engine.Rule(f"{name} > {WARN}"))
        for name in NAMES
    ]

    def check(snapshot: Snapshot) -> Found:
        found = {}
        for name, crit, warn in made:
            if crit.matches(snapshot):
                found[name] = "crit"
            elif warn.matches(snapshot):
                found[name] = "warn"
        return found

    return check


def nagios() -> Engine:
    """`nagiosplugin`: its contexts and results, without its program."""
    words = {
        nagiosplugin.Critical: "crit",
        nagiosplugin.Warn: "warn",
        nagiosplugin.Unknown: "unknown",
    }
    context = nagiosplugin.ScalarContext("all", f"~:{WARN}", f"~:{CRIT}")

    def check(snapshot: Snapshot) -> Found:
        results = nagiosplugin.Results()
        for name in NAMES:
            metric = nagiosplugin.Metric(name, snapshot[name], context="all")
            results.add(context.evaluate(metric, None))
        bad = ((result.metric.name, result.state) for result in results)
        return {name: words[state] for name, state in bad if state != nagiosplugin.Ok}

    return check


def screen() -> Engine:
    """Ours: which thresholds are met."""
    made = Policy.parse(policy())
    return lambda snapshot: made.screen(snapshot, now=NOW).failing


def status() -> Engine:
    """Ours: how bad it is, and no more than that is asked for."""
    made = Policy.parse(policy())

    def check(snapshot: Snapshot) -> Found:
        made.screen(snapshot, now=NOW).status  # noqa: B018
        return {}

    return check


def evaluate() -> Engine:
    """Ours: with what is remembered, gates, clear thresholds and every check's report."""
    made = Policy.parse(policy(gates='for = "5m"\nclear = "< 75"'))
    # All gates are open by now, and nothing is raised but what the first one raises.
    states = {}
    for snapshot in snapshots(SNAPSHOTS):
        states[id_of(snapshot)] = made.evaluate(snapshot, now=EARLIER)[1]

    def check(snapshot: Snapshot) -> Found:
        report, _ = made.evaluate(snapshot, states[id_of(snapshot)], now=NOW)
        return {own.check: own.status for own in report.checks if own.status != "ok"}

    return check


def id_of(snapshot: Snapshot) -> float:
    return snapshot[NAMES[0]]


ENGINES: dict[str, Callable[[], Engine]] = {
    "screen": screen,
    "screen, the status alone": status,
    "evaluate": evaluate,
    "hand-written ifs": ifs,
    "loop over rules": loop,
    "nagiosplugin": nagios,
    "rule-engine": rules,
    "zen-engine, a table": zen_table,
    "zen-engine, expressions": zen_expressions,
}
SAYS_LESS = {"screen, the status alone"}


def seconds(engine: Engine, given: Sequence[Snapshot], times: int) -> float:
    """For one snapshot."""
    start = time.perf_counter()
    for _ in range(times):
        for snapshot in given:
            engine(snapshot)
    return (time.perf_counter() - start) / (times * len(given))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engines", default=",".join(ENGINES), help="labels, with commas")
    args = parser.parse_args()
    labels = [label for label in ENGINES if label in args.engines]
    engines = {label: ENGINES[label]() for label in labels}
    given = snapshots(SNAPSHOTS)
    answers = {
        label: [engine(snapshot) for snapshot in given]
        for label, engine in engines.items()
        if label not in SAYS_LESS
    }
    first = next(iter(answers.values()))
    others = [label for label, answer in answers.items() if answer != first]
    times = {
        label: max(1, int(SECONDS / len(given) / seconds(engine, given, 1)))
        for label, engine in engines.items()
    }
    rounds = [
        {label: seconds(engine, given, times[label]) for label, engine in engines.items()}
        for _ in range(args.rounds)
    ]
    medians = {label: statistics.median(own[label] for own in rounds) * 1e6 for label in engines}
    for label in engines:
        all_rounds = [round(own[label] * 1e6, 3) for own in rounds]
        print(json.dumps({"engine": label, "microseconds": all_rounds}))
    ours = medians.get("screen", next(iter(medians.values())))
    lines = [[label, f"{own:.2f}", f"{own / ours:.2f}"] for label, own in medians.items()]
    print(table(["engine", "µs", "of ours"], lines), file=sys.stderr)
    if others:
        print(f"not the same as the first: {others}", file=sys.stderr)
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())

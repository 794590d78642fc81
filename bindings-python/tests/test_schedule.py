"""Schedules, typed: a day of a service, its bad input, and its state in a real Redis."""

from __future__ import annotations

import copy
import pickle
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from housekeep import DataError, Due, Offer, Policy, PolicyError, Schedule, ScheduleState, Wait

if TYPE_CHECKING:
    import redis

POLICY = Policy.from_file(Path(__file__).parents[2] / "tests/scenarios/tradeul/policy.toml")
EXECUTE = POLICY.schedule("execute")
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
OPEN = datetime(2026, 3, 6, 22, 10, tzinfo=UTC)


def done(schedule: Schedule, state: ScheduleState, offer: Offer, now: datetime) -> ScheduleState:
    state = schedule.record(state, "started", offer, now=now)
    return schedule.record(state, "finished", offer, now=now, success=True)


def test_a_day_is_offered_once_and_done_once() -> None:
    state = EXECUTE.begin(now=OPEN)
    match EXECUTE.due(state, now=OPEN):
        case Due(_, "run", Offer(claim, slot, left, tasks, why)):
            assert (claim, left, why) == ("execute/2026-03-06/1", 3, "new")
            assert tasks == ("load_bars", "adjust_splits", "refresh_universe")
            assert slot.close - slot.open == timedelta(minutes=30)
        case other:
            raise AssertionError(other)
    run = EXECUTE.due(state, now=OPEN).run
    assert run is not None
    state = done(EXECUTE, state, run, OPEN)
    assert state.runs["2026-03-06"].state == "done"
    assert state.runs["2026-03-06"].completed_at == OPEN
    due = EXECUTE.due(state, now=OPEN)
    assert due.wait == Wait(datetime(2026, 3, 9, 21, tzinfo=UTC), "opens", "execute/2026-03-09")
    assert done(EXECUTE, state, run, OPEN) == state


def test_missed_days_come_the_oldest_first() -> None:
    state = EXECUTE.state(date(2026, 3, 2))
    missed = EXECUTE.missed(state, now=OPEN)
    days = [run.slot.slot for run in missed.runs]
    assert days == [f"execute/2026-03-0{day}" for day in range(2, 6)]
    state = EXECUTE.record(state, "manual", date(2026, 3, 3), now=OPEN)
    missed = EXECUTE.missed(state, now=OPEN)
    assert [run.claim for run in missed.running] == ["execute/2026-03-03/1"]
    assert missed.running[0].by_hand
    state = EXECUTE.record(state, "abandoned", missed.running[0], now=OPEN)
    assert EXECUTE.missed(state, now=OPEN).runs[1].why == "abandoned"


def test_slots_and_proofs() -> None:
    slots = EXECUTE.slots(from_=MONDAY, to=MONDAY + timedelta(days=7)).slots
    assert len(slots) == 5
    assert EXECUTE.next(now=MONDAY).slot == slots[0]
    assert EXECUTE.next_after(slots[0]).slot == slots[1]
    keep = EXECUTE.keep_until(slots[0])
    assert keep.until - slots[0].open > timedelta(days=14)
    state = EXECUTE.record(EXECUTE.state("2026-03-02"), "skipped", slots[0], now=MONDAY)
    assert EXECUTE.forget(state, now=keep.until - timedelta(microseconds=1)) == state
    assert EXECUTE.forget(state, now=keep.until).runs == {}


def test_answers_are_values() -> None:
    state = EXECUTE.record(EXECUTE.begin(now=OPEN), "started", "2026-03-06", now=OPEN)
    answers = [
        state,
        state.runs["2026-03-06"],
        EXECUTE.due(EXECUTE.begin(now=OPEN), now=OPEN),
        EXECUTE.due(state, now=OPEN),
        EXECUTE.missed(EXECUTE.state("2026-02-01"), now=OPEN),
        EXECUTE.next(now=OPEN),
        EXECUTE.slots(from_=MONDAY, to=OPEN),
        EXECUTE.keep_until("2026-03-06"),
    ]
    for answer in answers:
        for other in (pickle.loads(pickle.dumps(answer)), copy.deepcopy(answer)):
            assert other == answer
            assert hash(other) == hash(answer)
            assert repr(other) == repr(answer)
    again = pickle.loads(pickle.dumps(EXECUTE))
    assert again.due(state, now=OPEN).to_json() == EXECUTE.due(state, now=OPEN).to_json()
    assert repr(again) == "<Schedule execute>"


def test_what_is_refused_says_what_to_do() -> None:
    state = EXECUTE.begin(now=OPEN)
    with pytest.raises(PolicyError, match="did you mean `execute`"):
        POLICY.schedule("excute_")
    with pytest.raises(PolicyError, match="refresh"):
        EXECUTE.next(now=datetime(2027, 1, 2, tzinfo=UTC))
    with pytest.raises(DataError, match="did you mean `started`"):
        EXECUTE.record(state, "start", "2026-03-06", now=OPEN)  # type: ignore[arg-type]
    plain = Policy.parse('[schedule.a]\ndays="daily"\nat="02:00"\nfor="1h"\ntz="UTC"').schedule("a")
    with pytest.raises(DataError, match="say whether it succeeded") as refused:
        plain.record(plain.begin(now=OPEN), "finished", "2026-03-07", now=OPEN)
    assert refused.value.code == "state.bad_event"
    with pytest.raises(DataError, match="no offset"):
        EXECUTE.due(state, now=OPEN.replace(tzinfo=None))
    with pytest.raises(TypeError, match="a slot is text such as"):
        EXECUTE.keep_until(7)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a slot is text such as"):
        EXECUTE.keep_until(OPEN)
    with pytest.raises(TypeError):
        EXECUTE.due(None, now=OPEN)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a state is text or bytes"):
        ScheduleState.from_json(7)  # type: ignore[arg-type]
    other = Policy.parse('[schedule.b]\ndays="daily"\nat="02:00"\nfor="1h"\ntz="UTC"')
    with pytest.raises(DataError) as refused:
        other.schedule("b").due(state, now=OPEN)
    assert refused.value.code == "state.other"


class Store:
    """A key in Redis for each run, which lives as long as its proof is needed."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client

    def load(self) -> ScheduleState:
        state = EXECUTE.state("2026-02-20")
        for key in self.client.scan_iter("run:*"):
            text = self.client.get(key)
            if isinstance(text, str):
                state = EXECUTE.with_run(state, str(key).removeprefix("run:"), text)
        return state

    def save(self, state: ScheduleState, slot: str, now: datetime) -> None:
        life = EXECUTE.keep_until(slot).until - now
        text = EXECUTE.run_json(state, slot)
        assert text is not None
        self.client.set(f"run:{slot}", text, px=life)


def test_two_hosts_share_a_redis_and_each_run_starts_once(server: redis.Redis) -> None:
    started: list[str] = []

    def host() -> None:
        store = Store(server)
        for _ in range(200):
            missed = EXECUTE.missed(store.load(), now=OPEN)
            if not missed.runs:
                return
            for offer in missed.runs:
                if not server.set(f"claim:{offer.claim}", "1", nx=True, ex=3600):
                    continue
                started.append(offer.claim)
                state = done(EXECUTE, store.load(), offer, OPEN)
                store.save(state, offer.slot.slot, OPEN)

    hosts = [threading.Thread(target=host) for _ in range(4)]
    for each in hosts:
        each.start()
    for each in hosts:
        each.join()
    assert sorted(started) == sorted(set(started))
    assert len(started) == 6
    state = Store(server).load()
    assert all(run.state == "done" for run in state.runs.values())
    life = server.pttl("run:execute/2026-03-05")
    assert isinstance(life, int)
    # The proof of a day outlives the seven trading days that look back at it, by a week.
    assert timedelta(milliseconds=life) > timedelta(days=15)

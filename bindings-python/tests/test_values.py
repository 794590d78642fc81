"""What a Python value becomes in an id or a key; and what is refused, in which words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from functools import partial
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from support import (
    Row,
    explained,
    keyed,
    minutes,
    plan_of,
    refusal,
    run_python,
    tagged,
    timed,
)

Form = Callable[[list[Row]], Any]

NEW_YORK = ZoneInfo("America/New_York")
SANTIAGO = ZoneInfo("America/Santiago")


class Status(StrEnum):
    DONE = "done"


class Level(IntEnum):
    HIGH = 3


class Names(list[str]):
    __slots__ = ()


class Shouting(str):
    """A text that shows itself as another."""

    __slots__ = ()

    def __str__(self) -> str:
        return "LOUD"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text", "text"),
        ("", ""),
        ("ñandú 🦤", "ñandú 🦤"),
        ("nul\0l", "nul\0l"),
        ("é", "é"),
        ("e\u0301", "e\u0301"),
        (Status.DONE, "done"),
        (Shouting("quiet"), "quiet"),
        (np.str_("text"), "text"),
        (7, "7"),
        (-(2**63), "-9223372036854775808"),
        (2**63 - 1, "9223372036854775807"),
        (Level.HIGH, "3"),
        (np.int8(-7), "-7"),
        (np.uint64(7), "7"),
        (np.array(7), "7"),
        (True, True),
        (False, False),
        (np.bool_(True), True),
        (None, None),
        (pd.NaT, None),
        (UUID("67E55044-10B1-426F-9247-BB680E5FE0C8"), "67e55044-10b1-426f-9247-bb680e5fe0c8"),
        (date(2026, 2, 1), "2026-02-01"),
        (datetime(2026, 2, 1, 9, tzinfo=timezone(timedelta(hours=-3))), "2026-02-01T12:00:00Z"),
        (pd.Timestamp("2026-02-01", tz="UTC"), "2026-02-01T00:00:00Z"),
    ],
    ids=repr,
)
def test_a_key_is_what_it_was_whatever_its_type(form: Form, value: Any, shown: Any) -> None:
    (drop,) = plan_of(form(keyed(value, value))).drops
    assert drop.key == {"key": shown}
    assert type(drop.key["key"]) is type(shown)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("1", "01"),
        ("a", "A"),
        ("a", "a "),
        ("é", "e\u0301"),
        ("", None),
        (0, None),
        (False, None),
        (2**53, 2**53 + 1),
        (UUID(int=1), UUID(int=2)),
        (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 1, 0, 0, 0, 1, tzinfo=UTC)),
    ],
    ids=repr,
)
def test_keys_that_are_not_the_same_are_not_taken_as_the_same(form: Form, a: Any, b: Any) -> None:
    assert plan_of(form(keyed(a, b))).drop == 0
    assert plan_of(form(keyed(b, a))).drop == 0


UNFIT = [
    (2**63, "a number of more than 64 bits"),
    (-(2**63) - 1, "a number of more than 64 bits"),
    (10**5000, "a number of more than 64 bits"),
    (np.uint64(2**63), "a number of more than 64 bits"),
    (1.5, "a number with a fraction"),
    (1.0, "a number with a fraction"),
    (float("nan"), "a number with a fraction"),
    (float("inf"), "a number with a fraction"),
    (np.float32(1), "a number with a fraction"),
    (np.float64(1), "a number with a fraction"),
    ([], "a list"),
    ((1, 2), "a list"),
    ({1}, "a list"),
    (np.array([1]), "a list"),
    ({}, "an object"),
    (MappingProxyType({}), "an object"),
    ("\ud800", "text that is not Unicode"),
    ("a\udfff", "text that is not Unicode"),
    (Decimal(1), "a value of another kind"),
    (b"bytes", "a value of another kind"),
    (np.bytes_(b"bytes"), "a value of another kind"),
    (1j, "a value of another kind"),
    (object, "a value of another kind"),
    (..., "a value of another kind"),
    (time(12), "a value of another kind"),
    (timedelta(1), "a value of another kind"),
    (np.timedelta64(1, "us"), "a value of another kind"),
    (np.timedelta64(1, "ns"), "a value of another kind"),
]


def named(value: Any) -> str:
    """Name a case; a number may be too long to be written."""
    return type(value).__name__ if isinstance(value, int) else repr(value)


@pytest.mark.parametrize("column", ["id", "key"])
@pytest.mark.parametrize(("value", "what"), UNFIT, ids=named)
def test_a_value_that_no_column_can_hold_is_refused(
    form: Form, column: str, value: Any, what: str
) -> None:
    rows = [{"id": 1, "key": 1, "at": None} | {column: value}]
    error = refusal(lambda: plan_of(form(rows)))
    assert error.code == "rows.wrong_type"
    assert error.message == f"{what} cannot stand in a column"
    assert (error.row, error.path) == (1, column)


def test_texts_with_half_a_character_are_never_taken_as_the_same(form: Form) -> None:
    error = refusal(lambda: plan_of(form(keyed("whole", "\ud800", "\ud801"))))
    assert (error.code, error.row, error.path) == ("rows.wrong_type", 2, "key")


@pytest.mark.parametrize("value", ["numpy.longdouble(1)", "numpy.clongdouble(1)", "Endless()"])
def test_a_value_that_says_it_is_its_own_plain_form_is_refused(value: str) -> None:
    said = run_python(f"""
        import types
        import numpy
        from housekeep import DataError
        from support import plan_of

        class Endless:
            dtype = types.SimpleNamespace(kind="O")
            def tolist(self): return self

        try:
            plan_of([{{"id": 1, "key": {value}, "at": None}}])
        except DataError as error:
            print(error.code, error.row, error.path)
    """)
    assert said == "rows.wrong_type 1 key\n"


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (True, 1, "the column held true or false so far, and an integer was found"),
        (1, True, "the column held an integer so far, and true or false was found"),
        ("1", 1, "the column held a text so far, and an integer was found"),
        (1, "1", "the column held an integer so far, and a text was found"),
        (str(UUID(int=1)), UUID(int=1), "the column held a text so far, and a uuid was found"),
        (UUID(int=1), str(UUID(int=1)), "the column held a uuid so far, and a text was found"),
        (UUID(int=1), 1, "the column held a uuid so far, and an integer was found"),
        (minutes(0).isoformat(), minutes(0), "the column held a text so far, and a time was found"),
        (minutes(0), minutes(0).isoformat(), "the column held a time so far, and a text was found"),
        (date(2026, 2, 1), minutes(0), "the column held a text so far, and a time was found"),
    ],
    ids=repr,
)
def test_a_column_holds_values_of_one_type(
    form: Form, first: Any, second: Any, message: str
) -> None:
    error = refusal(lambda: plan_of(form(keyed(first, None, second))))
    assert (error.code, error.message) == ("rows.wrong_type", message)
    assert error.help == "say the column's type in the rule's `types`"
    assert (error.row, error.path) == (3, "key")


@pytest.mark.parametrize(
    ("ty", "value", "found"),
    [
        ("integer", True, "an integer was expected, and true or false was found"),
        ("boolean", 1, "true or false was expected, and an integer was found"),
        ("text", True, "a text was expected, and true or false was found"),
        ("text", UUID(int=1), "a text was expected, and a uuid was found"),
        ("uuid", 1, "a uuid was expected, and an integer was found"),
    ],
    ids=repr,
)
def test_the_type_that_the_rule_says_is_held_to(
    form: Form, ty: str, value: Any, found: str
) -> None:
    error = refusal(lambda: plan_of(form(keyed(value)), types={"key": ty}))
    assert (error.code, error.message) == ("rows.wrong_type", found)


@pytest.mark.parametrize(
    ("ty", "values"),
    [
        ("text", [7, "7", Level(3) + 4, np.int64(7)]),
        ("integer", [7, "7", np.uint8(7)]),
        ("uuid", [UUID(int=255), str(UUID(int=255)), str(UUID(int=255)).upper()]),
    ],
)
def test_values_that_mean_the_same_in_the_type_of_the_rule_are_the_same(
    form: Form, ty: str, values: list[Any]
) -> None:
    for order in (values, values[::-1]):
        assert plan_of(form(keyed(*order)), types={"key": ty}).drop == len(values) - 1


@pytest.mark.parametrize(
    "tags",
    [
        ["release"],
        ("signed", "release"),
        ["", "nul\0l", "7:release", "ñandú 🦤", "release", "release"],
        Names(["release"]),
        [Shouting("release")],
        [np.str_("release")],
        np.array(["release", "a"]),
    ],
    ids=repr,
)
def test_a_list_or_tuple_of_text_has_what_is_in_it(form: Form, tags: Any) -> None:
    rows = form(tagged(["release"], [], None, ["releas", "releases", "Release"], (), tags))
    plan = plan_of(rows, only={"tags": {"has": "release"}})
    assert (plan.drop_ids, plan.skipped.not_only) == (("1",), 4)


def test_a_list_has_all_that_is_asked_for_or_is_passed_over(form: Form) -> None:
    rows = form(tagged(["a", "b"], ["a"], ["c", "b", "", "a"], ["b"]))
    plan = plan_of(rows, only={"tags": {"has": ["b", "a"]}})
    assert (plan.drop_ids, plan.skipped.not_only) == (("1",), 2)


@pytest.mark.parametrize(
    "tags", [["a", None], ["a", 1], (b"a",), [["a"]], ["\ud800"], {"a"}], ids=repr
)
def test_a_list_of_anything_but_text_is_refused(form: Form, tags: Any) -> None:
    error = refusal(lambda: plan_of(form(tagged(["a"], tags)), only={"tags": {"has": "a"}}))
    expected = "a list of text was expected, and a list of another kind was found"
    assert (error.code, error.message) == ("rows.wrong_type", expected)
    assert (error.row, error.path) == (2, "tags")


@pytest.mark.parametrize(
    ("tags", "what"), [("a", "a text"), (1, "an integer"), ({"a": 1}, "an object")], ids=repr
)
def test_what_is_no_list_is_refused_where_one_is_expected(form: Form, tags: Any, what: str) -> None:
    error = refusal(lambda: plan_of(form(tagged(tags)), only={"tags": {"has": "a"}}))
    assert error.message == f"a list of text was expected, and {what} was found"


def test_a_list_is_refused_where_none_is_expected(form: Form) -> None:
    error = refusal(lambda: plan_of(form(tagged(["a"])), only={"tags": "a"}))
    assert error.message == "a text was expected, and a list was found"


def test_a_list_is_shown_in_a_sentence(form: Form) -> None:
    answer = explained(form(tagged(("a", 'the "b"'))), 1, only={"tags": {"has": "c"}})
    assert answer.sentence.endswith('its tags is `["a", "the \\"b\\""]`')


def test_an_id_that_is_a_uuid_may_as_well_be_text_of_any_case(form: Form) -> None:
    id, types = UUID("67e55044-10b1-426f-9247-bb680e5fe0c8"), {"id": "uuid"}
    older, newer = keyed("same") + timed(minutes(1))[1:]
    newer |= {"id": UUID(int=0), "key": "same"}
    for spelling in (id, str(id), str(id).upper()):
        assert plan_of(form([older | {"id": spelling}, newer]), types=types).drop_ids == (str(id),)
        both = form([older | {"id": id}, newer | {"id": spelling}])
        error = refusal(partial(plan_of, both, types=types))
        assert (error.code, error.row) == ("rows.duplicate_id", 2)


@pytest.mark.parametrize("asked", ["2", 2, np.int64(2)], ids=repr)
def test_an_id_is_asked_for_by_itself_or_by_its_text(form: Form, asked: Any) -> None:
    answer = explained(form(keyed("a", "b")), asked)
    assert (answer.id, answer.decision) == ("2", "keep")

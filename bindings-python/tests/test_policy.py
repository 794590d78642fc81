"""A policy: from files, text and dictionaries, always with the same words; and never changed."""

from __future__ import annotations

import json
import multiprocessing
import tomllib
from collections import ChainMap, OrderedDict, UserDict
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from housekeep import HousekeepError, Policy, PolicyError
from support import NOW, ROWS, plan_of, policy_of, refusal, rule, run_python

TOML = """
never = ["invoices"]

[table.run_logs]
id = "id"

[dedupe.runs]
table  = "run_logs"
key    = ["key"]
time   = "at"
window = "10m"
skew   = "1m30s"
only   = { status = ["done", "failed"], tries = { ge = 1, lt = 3 } }
guard  = { max_drops = 100, max_fraction = 0.5 }

[dedupe.sessions]
key  = ["key", "user"]
time = "at"
mode = "forever"
"""
DOCUMENT = tomllib.loads(TOML)
JSON = json.dumps(DOCUMENT)
POLICY = Policy.parse(TOML)


def digest(policy: Policy) -> str:
    """Give the digest of the rule: two rules of one digest decide the same."""
    return policy.plan("runs", b"id,key,at,status,tries,note\n", now=NOW, format="csv").rule_sha256


def with_setting(name: str, value: Any) -> dict[str, Any]:
    """Give a policy as a dictionary, with one setting of its rule as something else."""
    return {"dedupe": {"runs": rule() | {name: value}}}


def as_toml(value: Any) -> str:
    """Write a value as TOML does."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {as_toml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return str(value) if isinstance(value, float) else json.dumps(value)


def parts(error: HousekeepError) -> dict[str, Any]:
    """Give what an error says, but for its place in the text."""
    return {name: getattr(error, name) for name in ("code", "message", "help", "path", "row")}


def text_with(name: str, value: Any) -> str:
    """Give a policy as TOML, with one setting of its rule as something else."""
    settings = rule() | {name: value}
    lines = [f"{name} = {as_toml(value)}" for name, value in settings.items()]
    return "\n".join(["[dedupe.runs]", *lines])


# --- Where it comes from ---------------------------------------------------------------------


def test_a_policy_is_the_same_from_toml_json_and_a_dictionary() -> None:
    policies = [POLICY, Policy.parse(TOML, "toml"), Policy.parse(JSON, "json")]
    policies.append(Policy.from_dict(DOCUMENT))
    assert len(set(policies)) == 1
    assert policies == [POLICY] * 4
    assert {digest(policy) for policy in policies} == {digest(POLICY)}


def test_a_policy_says_its_rules() -> None:
    assert POLICY.rules == ["dedupe.runs", "dedupe.sessions"]
    assert json.loads(POLICY.to_json())["rules"] == POLICY.rules
    assert policy_of().plan("dedupe.runs", ROWS, now=NOW) == plan_of(ROWS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("policy.toml", TOML),
        ("policy", TOML),
        ("policy.json", JSON),
        ("POLICY.JSON", JSON),
        (".json.toml", TOML),
        ("política.toml", TOML.replace("\n", "\r\n")),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "bom"])
@pytest.mark.parametrize("path", [Path, str], ids=["path", "text"])
def test_a_policy_is_read_from_a_file(
    name: str, text: str, mark: str, path: Callable[[Path], Any], tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes((mark + text).encode())
    assert Policy.from_file(path(file)) == POLICY


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no\.toml"):
        Policy.from_file(tmp_path / "no.toml")


def test_an_error_in_a_file_has_its_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(TOML.replace("window", "widnow"))
    error = refusal(lambda: Policy.from_file(file), PolicyError)
    assert (error.code, error.path) == ("policy.unknown_field", "dedupe.runs.widnow")
    assert (error.line, error.column) == (11, 1)
    assert error.help == "did you mean `window`?"


@pytest.mark.parametrize("format", ["yaml", "TOML", "", "csv"])
def test_a_format_that_is_none_is_a_value_error(format: Any) -> None:
    with pytest.raises(ValueError, match='`format` is "toml" or "json"'):
        Policy.parse(TOML, format)


@pytest.mark.parametrize("text", [None, 5, b"", Path("policy.toml"), {}], ids=type)
def test_a_text_of_another_type_is_a_type_error(text: Any) -> None:
    with pytest.raises(TypeError):
        Policy.parse(text)


def test_the_schema_is_one_of_json() -> None:
    schema = json.loads(Policy.schema())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert sorted(schema["properties"]) == [
        "apply",
        "calendar",
        "check",
        "dedupe",
        "group",
        "hours",
        "never",
        "retention",
        "schedule",
        "severity",
        "slo",
        "table",
    ]
    assert schema["additionalProperties"] is False


# --- Dictionaries ----------------------------------------------------------------------------


class Mode(StrEnum):
    CHAIN = "chain"


@pytest.mark.parametrize("kind", [OrderedDict, MappingProxyType, UserDict, ChainMap])
def test_tables_may_be_any_mapping(kind: Callable[[Any], Any]) -> None:
    def wrapped(value: Any) -> Any:
        if isinstance(value, dict):
            return kind({name: wrapped(item) for name, item in value.items()})
        return value

    assert Policy.from_dict(wrapped(DOCUMENT)) == POLICY


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("key", ("key",), ["key"]),
        ("window", timedelta(minutes=90), "1h30m"),
        ("window", timedelta(microseconds=1), "1us"),
        ("window", timedelta(0), "0s"),
        ("skew", timedelta(days=30, seconds=1), "30d1s"),
        ("mode", Mode.CHAIN, "chain"),
        ("key", [np.str_("key")], ["key"]),
        ("only", {"day": date(2026, 2, 1)}, {"day": "2026-02-01"}),
        ("only", {"hour": time(7, 30)}, {"hour": "07:30:00"}),
        ("only", {"since": datetime(2026, 2, 1)}, {"since": "2026-02-01T00:00:00"}),
    ],
    ids=repr,
)
def test_a_setting_may_be_what_python_has_for_it(name: str, given: Any, meant: Any) -> None:
    assert Policy.from_dict(with_setting(name, given)) == Policy.from_dict(
        with_setting(name, meant)
    )


@pytest.mark.parametrize(
    "moment",
    [
        "2026-02-01T12:00:00Z",
        "2026-02-01 12:00:00Z",
        "2026-02-01T12:00:00.5Z",
        "2026-02-01T12:00:00.123456-03:00",
        "2026-02-01T12:00:00",
        "2026-02-01",
        "07:30:00",
        "07:30:00.5",
    ],
)
@pytest.mark.parametrize("column", ["note", "at"])
def test_what_python_reads_of_a_date_without_quotes_means_the_same(
    column: str, moment: str
) -> None:
    text = text_with("only", {column: {"ge": "MOMENT"}}).replace('"MOMENT"', moment)

    def read(make: Callable[[], Policy]) -> object:
        try:
            return digest(make())
        except PolicyError as error:
            return parts(error)

    assert read(lambda: Policy.from_dict(tomllib.loads(text))) == read(lambda: Policy.parse(text))


# What is wrong with a policy, as a setting and its value; each can be written in TOML and in JSON.
WRONG: list[tuple[str, Any]] = [
    ("window", 10),
    ("window", True),
    ("window", "ten minutes"),
    ("window", "-10m"),
    ("window", ["10m"]),
    ("window", {"minutes": 10}),
    ("window", 1.5),
    ("widnow", "10m"),
    ("key", "key"),
    ("key", []),
    ("key", ["key", "key"]),
    ("key", ["id"]),
    ("key", ["key", 5]),
    ("key", ["key", ""]),
    ("time", ""),
    ("time", "id"),
    ("mode", "sliding"),
    ("mode", 5),
    ("mode", "forever"),
    ("keep", True),
    ("tz", "America/Santigo"),
    ("time_unit", "minutes"),
    ("types", {"key": "number"}),
    ("types", {"kye": "text"}),
    ("only", {"status": []}),
    ("only", {"status": ["done", 5]}),
    ("only", {"status": 1.5}),
    ("only", {"tries": {"less": 3}}),
    ("only", {"tries": {"ge": 3, "lt": 3}}),
    ("guard", {"max_fraction": 1.5}),
    ("guard", {"max_drops": -1}),
    ("guard", {"max_drops": 2**63}),
    ("advise_above", -(2**63) - 1),
    ("advise_above", 10**30),
    ("advise_above", 1.0),
    ("table", 5),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=str)
def test_a_dictionary_is_refused_in_the_words_that_text_is_refused_in(
    name: str, value: Any
) -> None:
    told = refusal(lambda: Policy.from_dict(with_setting(name, value)), PolicyError)
    written = refusal(lambda: Policy.parse(text_with(name, value)), PolicyError)
    assert parts(told) == parts(written)
    assert (told.line, told.column) == (None, None)
    assert isinstance(written.line, int)
    assert isinstance(written.column, int)


@pytest.mark.parametrize("share", [float("nan"), float("-inf")], ids=str)
def test_what_is_no_number_is_refused(share: float) -> None:
    document = with_setting("guard", {"max_fraction": share})
    error = refusal(lambda: Policy.from_dict(document), PolicyError)
    assert (error.code, error.message) == ("policy.out_of_range", f"`{share}` is no number")


@pytest.mark.parametrize(("name", "value"), WRONG, ids=str)
def test_json_is_refused_in_the_words_that_toml_is_refused_in(name: str, value: Any) -> None:
    text = json.dumps(with_setting(name, value))
    told = refusal(lambda: Policy.parse(text, "json"), PolicyError)
    written = refusal(lambda: Policy.parse(text_with(name, value)), PolicyError)
    assert parts(told) == parts(written)


@pytest.mark.parametrize(
    "document",
    [{}, {"dedupe": {}}, {"dedupe": {"a.b": rule()}}, {"dedup": {"runs": rule()}}, {"dedupe": []}],
    ids=str,
)
def test_a_dictionary_without_rules_is_refused_in_the_words_of_json(document: Any) -> None:
    told = refusal(lambda: Policy.from_dict(document), PolicyError)
    written = refusal(lambda: Policy.parse(json.dumps(document), "json"), PolicyError)
    assert parts(told) == parts(written)


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        (b"10m", "policy.wrong_type", "a policy cannot hold a bytes"),
        ({"10m"}, "policy.wrong_type", "a policy cannot hold a set"),
        (object(), "policy.wrong_type", "a policy cannot hold a object"),
        (1j, "policy.wrong_type", "a policy cannot hold a complex"),
        (10**5000, "policy.out_of_range", "does not fit 64 bits"),
        (-(10**5000), "policy.out_of_range", "does not fit 64 bits"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize(
    "wrap", [lambda value: value, lambda value: [value]], ids=["", "in a list"]
)
def test_what_no_document_can_hold_is_refused(
    wrap: Callable[[Any], Any], value: Any, code: str, message: str
) -> None:
    error = refusal(lambda: Policy.from_dict(with_setting("window", wrap(value))), PolicyError)
    assert error.code == code
    assert message in error.message


@pytest.mark.parametrize("window", [timedelta(-1), timedelta.max], ids=str)
def test_a_timedelta_that_is_no_window_is_refused_as_its_text_is(window: timedelta) -> None:
    error = refusal(lambda: Policy.from_dict(with_setting("window", window)), PolicyError)
    text = f"{window.days}d"
    written = refusal(lambda: Policy.from_dict(with_setting("window", text)), PolicyError)
    assert (error.code, error.path) == (written.code, written.path)


@pytest.mark.parametrize("value", [[], {}], ids=str)
def test_a_document_that_holds_itself_is_refused(value: Any) -> None:
    if isinstance(value, dict):
        value["again"] = value["and again"] = value
    else:
        value += [value, value]
    error = refusal(lambda: Policy.from_dict(with_setting("only", value)), PolicyError)
    assert (error.code, error.message) == ("policy.bad_value", "the policy is nested too deep")


@pytest.mark.parametrize(
    "call",
    [
        'Policy.parse("{\\"dedupe\\":" + "[" * 100_000 + "]" * 100_000 + "}", "json")',
        'Policy.parse("dedupe = " + "[" * 100_000 + "]" * 100_000)',
        'policy_of().replace("runs", "only" + ".a" * 100_000 + "=1")',
        'Plan.parse(\'{"housekeep":1,"kind":\' + "[" * 100_000 + "]" * 100_000 + "}")',
    ],
    ids=["json", "toml", "replace", "plan"],
)
def test_a_document_without_bottom_is_refused_and_the_process_lives(call: str) -> None:
    said = run_python(f"""
        from housekeep import HousekeepError, Plan, Policy
        from support import policy_of

        try:
            {call}
        except HousekeepError as error:
            print(error.code)
    """)
    assert said.startswith(("policy.", "plan."))


@pytest.mark.parametrize("key", [5, None, b"window", ("window",)], ids=repr)
def test_a_key_that_is_no_text_is_a_type_error(key: Any) -> None:
    with pytest.raises(TypeError, match="str"):
        Policy.from_dict(with_setting(key, "10m"))


@pytest.mark.parametrize("document", [None, 5, "text", [], [("dedupe", {})]], ids=repr)
def test_a_document_that_is_no_mapping_is_refused(document: Any) -> None:
    error = refusal(lambda: Policy.from_dict(document), PolicyError)
    assert error.code == "policy.wrong_type"


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"], ids=ascii)
def test_half_a_character_is_never_taken_as_another(text: str) -> None:
    for call in (
        lambda: Policy.parse(f"# {text}\n{TOML}"),
        lambda: Policy.from_dict(with_setting("time", text)),
        lambda: Policy.from_dict(with_setting(text, "10m")),
        lambda: POLICY.plan(text, [], now=NOW),
        lambda: POLICY.replace("runs", f"time={text}"),
    ):
        with pytest.raises(UnicodeEncodeError):
            call()


def test_an_exception_of_a_mapping_comes_through_unchanged() -> None:
    failure = RuntimeError("the configuration is gone")

    class Broken(UserDict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            raise failure

    with pytest.raises(RuntimeError) as caught:
        Policy.from_dict(Broken(dedupe={}))
    assert caught.value is failure


# --- What is done with it --------------------------------------------------------------------


def test_a_setting_is_replaced_in_a_policy_of_its_own() -> None:
    policy = policy_of()
    wider = policy.replace("runs", "window=60m", "keep=oldest")
    assert wider == policy_of(window="60m", keep="oldest")
    assert policy == policy_of() != wider
    assert policy.replace("runs") == policy
    assert policy.replace("dedupe.runs", "window=10m") == policy
    assert (
        policy.replace("runs", "guard.max_drops=5", "guard.max_drops=none", "guard=none") == policy
    )
    assert policy.replace("runs", "mode=forever") == policy_of(mode="forever", window=None)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (["window"], "policy.bad_value"),
        (["=60m"], "policy.bad_value"),
        (["window=long"], "policy.bad_value"),
        (["widnow=60m"], "policy.unknown_field"),
        (["window=none"], "policy.missing_field"),
        (["window=60m", "mode=sliding"], "policy.unknown_value"),
    ],
    ids=str,
)
def test_a_bad_replacement_is_refused(settings: list[str], code: str) -> None:
    error = refusal(lambda: policy_of().replace("runs", *settings), PolicyError)
    assert (error.code, error.line, error.column) == (code, None, None)


def test_a_setting_that_is_no_text_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        policy_of().replace("runs", timedelta(1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "call",
    [
        lambda policy: policy.replace("rnus", "window=1m"),
        lambda policy: policy.replace("rnus"),
        lambda policy: policy.plan("rnus", ROWS, now=NOW),
        lambda policy: policy.sweep("rnus", ROWS, now=NOW),
        lambda policy: policy.explain("rnus", ROWS, 1, now=NOW),
        lambda policy: policy.compare("rnus", ROWS, policy, now=NOW),
    ],
)
def test_a_rule_that_is_not_there_is_refused_with_what_was_meant(
    call: Callable[[Policy], object],
) -> None:
    error = refusal(lambda: call(policy_of()), PolicyError)
    assert (error.code, error.help) == ("policy.unknown_rule", "did you mean `runs`?")


@pytest.mark.parametrize(("name", "value"), [("key", ["user"]), ("time", "ended"), ("tz", "UTC")])
def test_rules_that_read_other_columns_are_not_compared(name: str, value: Any) -> None:
    policy, other = policy_of(), policy_of(**{name: value})
    error = refusal(lambda: policy.compare("runs", ROWS, other, now=NOW), PolicyError)
    assert error.code == "policy.conflict"


@pytest.mark.parametrize("threads", [0, 1025])
def test_a_number_of_threads_out_of_range_is_refused(threads: int) -> None:
    error = refusal(lambda: policy_of().plan("runs", ROWS, now=NOW, threads=threads), PolicyError)
    assert error.code == "policy.out_of_range"


def test_policies_are_equal_if_their_documents_are() -> None:
    assert policy_of() == Policy.from_dict(
        dict(reversed(with_setting("open", "wait").items()))
    ).replace("runs", "open=none")
    assert policy_of() != policy_of(window="600s")
    assert policy_of() != POLICY
    assert POLICY != TOML
    assert hash(policy_of()) == hash(policy_of())


def plan_elsewhere(policy: Policy) -> tuple[Policy, str]:
    """Plan in another process, and send the policy back."""
    return policy, policy.plan("runs", ROWS, now=NOW).to_json()


def fail_elsewhere(policy: Policy) -> object:
    """Fail in another process."""
    return policy.plan("rnus", ROWS, now=NOW)


def test_a_policy_and_an_error_go_to_other_processes_and_back() -> None:
    policy = policy_of()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(plan_elsewhere, [policy]) == [(policy, plan_of(ROWS).to_json())]
        error = refusal(lambda: pool.map(fail_elsewhere, [policy]), PolicyError)
        pool.close()
        pool.join()
    assert error.code == "policy.unknown_rule"
    here = refusal(lambda: fail_elsewhere(policy), PolicyError)
    assert (vars(error), str(error)) == (vars(here), str(here))

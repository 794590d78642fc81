"""The native half of the package. Its names are those of `housekeep` itself.

Written by hand, since it is what a reader of the API sees; the tests hold it against the module.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal, Protocol, SupportsIndex, TypeAlias, final, overload
from uuid import UUID

from housekeep.errors import PolicyError

__version__: str

class _ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

class _Record(Protocol):
    """A driver's row: asked by name, though no `Mapping`."""

    def keys(self) -> Iterable[str]: ...
    def __getitem__(self, name: str, /) -> Any: ...

_Rows: TypeAlias = (
    Iterable[Mapping[str, Any] | _Record]
    | Mapping[str, Iterable[Any] | _ArrowStream]
    | _ArrowStream
    | bytes
    | bytearray
    | memoryview
    | str
)
_Time: TypeAlias = datetime | str
_Event: TypeAlias = Literal[
    "started", "manual", "task", "finished", "abandoned", "skipped", "noticed"
]

class _Claimed(Protocol):
    @property
    def claim(self) -> str: ...

class _OfSlot(Protocol):
    @property
    def slot(self) -> str: ...

_Slot: TypeAlias = str | date | _Claimed | _OfSlot
_Duration: TypeAlias = timedelta | str
_Format: TypeAlias = Literal["json", "ndjson", "csv"]
_Path: TypeAlias = str | os.PathLike[str]
_Key: TypeAlias = dict[str, str | bool | None]
# Either of two classes, by the kind of the plan, which whoever names the rule knows: a union would
# ask for an `isinstance` at every use.
_Gone: TypeAlias = Any  # Drop | Removal
_Untouched: TypeAlias = Any  # Skipped | RetentionSkipped
_Status: TypeAlias = Literal["ok", "warn", "unknown", "crit"]
_Level: TypeAlias = Literal["ok", "warn", "crit"]
_Verdict: TypeAlias = Literal["fine", "met", "pending", "not_clear", "kept", "idle", "missing"]
_Missing: TypeAlias = Literal[
    "absent",
    "null",
    "not_a_number",
    "not_an_instant",
    "stale",
    "nothing_of_nothing",
    "too_few_samples",
]
_ToDo: TypeAlias = Literal["acknowledge", "resolve"]
# Numbers, booleans, None, times, `{"value": …, "at": …}`, lists of `(at, value)`, and more of it.
_Metrics: TypeAlias = Mapping[str, Any] | str | bytes | bytearray | memoryview
_Why: TypeAlias = Literal["within_window", "chained", "same_bucket", "same_key"]

@final
class Sql:
    """A statement, and what stands for its `$1`, `$2` and so on."""

    @property
    def text(self) -> str:
        """The statement."""

    @property
    def values(self) -> list[str]:
        """Each value as text, which the statement casts."""

    def __eq__(self, other: object, /) -> bool: ...

@final
class Statements:
    """A rule at a moment, as statements of PostgreSQL."""

    @property
    def select(self) -> Sql:
        """The rows that go: `id`, and of duplicates `keeper_id`."""

    @property
    def delete(self) -> Sql:
        """Removes some of them, with all that hangs on them, and gives their ids.

        Run again until it gives none; it may be stopped between any two runs.
        """

    def to_json(self) -> str:
        """Give both as canonical JSON: the same bytes as from every other host."""

    def __eq__(self, other: object, /) -> bool: ...

@final
class Step:
    """One thing that a driver does, for a `Machine`."""

    @property
    def kind(
        self,
    ) -> Literal[
        "begin",
        "exec",
        "persist",
        "read",
        "confirm",
        "commit",
        "rollback",
        "reconnect",
        "sleep",
        "together",
    ]:
        """What it is."""

    @property
    def text(self) -> str:
        """A statement, the name of a file, or a question."""

    @property
    def params(self) -> list[str | list[str | None]]:
        """The parameters of a statement: texts, and lists of texts and nulls."""

    @property
    def data(self) -> bytes:
        """What is written at the end of a file."""

    @property
    def is_whole(self) -> bool:
        """Whether a file is whole then: before `done` it has to be safe on the disk."""

    @property
    def machines(self) -> list[Machine]:
        """What is carried out at the same time, each over a connection of its own.

        It is done when all have ended. One after the other will do.
        """

    @property
    def seconds(self) -> float:
        """How long to wait."""

@final
class Machine:
    """Decides every step of what is done in a database, and does none itself.

    A driver takes a step, does it, and feeds what came of it, until there is none. The drivers in
    `housekeep.drivers` are made of this; it is here for those who write another one.
    """

    @staticmethod
    def restore(for_real: bool) -> Machine:
        """Give the machine that puts back what an export holds, or only looks at it."""

    def next_step(self) -> Step | None:
        """Give the next step; none once all is done."""

    def done(self) -> None:
        """Feed that it is done."""

    def rows(self, rows: Sequence[Sequence[str | None]]) -> None:
        """Feed the rows that a statement gave."""

    def read(self, data: bytes) -> None:
        """Feed what was read of a file: nothing at its end."""

    def answer(self, answer: str) -> None:
        """Feed what a person typed."""

    def refused(self, sqlstate: str, message: str) -> None:
        """Feed that the server refused."""

    def lost(self, why: str) -> None:
        """Feed that the connection is gone, or that it is not known what became of a commit."""

    def failed(self, why: str) -> None:
        """Feed that the driver could not do it: the machine rolls back, and ends."""

    @property
    def progress(self) -> tuple[int, int]:
        """How many rows have gone, and of how many, or none where that is not known."""

    def finish(self) -> Plan | str | None:
        """Give the answer, once there is no further step: a plan, or a document as JSON.

        There is none of what is carried out together with others: the machine has it that they are
        of.

        Raises:
            HousekeepError: what the machine stopped for.
        """

@final
class Policy:
    """The rules of a policy, read and found sound. Immutable, and shared between threads.

    Wherever rows are taken, they are one of:

    * an iterable of mappings, such as dictionaries or a driver's rows;
    * anything that is an Arrow stream: a table of pyarrow, polars, pandas or duckdb. Its text is
      not copied;
    * a mapping of columns: numpy arrays, Series, Arrow arrays, lists;
    * text or bytes in a `format`: `"json"`, `"ndjson"` or `"csv"`. JSON of either kind is told
      by how it begins.

    Only the columns that the rule names are read. A time is a `datetime` with a zone, or RFC 3339
    text; without a zone it is refused, unless the rule names a `tz`. What a condition asks with
    `has` is a list or a tuple of text. A field that a row lacks is an error, `None` is not.
    `now` is always yours to give.
    """

    @classmethod
    def parse(cls, text: str, format: Literal["toml", "json"] = "toml") -> Policy:
        """Read a policy from text.

        Raises:
            PolicyError: it is refused, with its path, line and column.
        """

    @classmethod
    def from_file(cls, path: _Path) -> Policy:
        """Read a policy from a file: JSON if its name ends in `.json`, else TOML.

        Raises:
            OSError: the file cannot be read.
            PolicyError: it is refused, with its path, line and column.
        """

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Policy:
        """Take a policy that is a dictionary already, say as a part of a larger configuration.

        A duration may be a `timedelta`.

        Raises:
            PolicyError: it is refused, with its path.
        """

    @staticmethod
    def schema() -> str:
        """Give the JSON Schema of a policy, for editors and other tools."""

    @property
    def rules(self) -> list[str]:
        """The names of the rules, each with its family: `dedupe.runs`, `retention.logs`."""

    def to_json(self) -> str:
        """Give the names of the rules as canonical JSON."""

    def replace(self, rule: str, *settings: str) -> Policy:
        """Give the same policy with some settings of a rule changed.

        Each is `key=value`, with the value as TOML or as a bare word: `window=60m`,
        `guard.max_drops=5`, `only.status=["done"]`. The value `none` takes the setting away.

        Raises:
            PolicyError: the changed policy is refused.
        """

    def columns(self, rule: str) -> list[str]:
        """Give the columns that a rule reads: rows need no other."""

    def together(self, rule: str) -> list[str] | None:
        """Give the columns whose values rows have in common that can only be decided together.

        For whoever decides a table in parts. Without columns all rows are decided together; `None`
        if each is decided by itself.

        Raises:
            PolicyError: there is no such rule.
        """

    def plan(
        self,
        rule: str,
        rows: _Rows,
        *,
        now: _Time,
        source: Mapping[str, str] | None = None,
        format: _Format | None = None,
        threads: int = 1,
        decisions: bool = False,
    ) -> Plan:
        """Plan: which rows go, and why. Nothing is deleted.

        Args:
            rule: its name, with or without its family: `runs` or `dedupe.runs`.
            rows: see `Policy`.
            now: the time it is asked at.
            source: where the rows came from, to be kept in the plan: a name, and what identifies
                it, such as a digest.
            format: what rows that are text or bytes are written in.
            threads: how many decide side by side. It never changes the answer.
            decisions: whether the plan says of what stays, too, why and until when. Only plans of
                retention rules can.

        Raises:
            DataError: the rows are refused, with row and column.
            PlanError: the plan is larger than the rule's guard allows.
            PolicyError: there is no such rule, or its plans have no decisions.
        """

    def statements(self, rule: str, *, now: _Time, batch: int | None = None) -> Statements:
        """Give a rule as statements of PostgreSQL 15 or newer, for your own driver.

        They drop what `plan` would drop of the same rows at the same moment.

        Args:
            rule: its name, with or without its family.
            now: the moment.
            batch: how many rows one delete removes at most; 1000, unless said otherwise.

        Raises:
            PolicyError: the rule is of no table, or has keep rules.
        """

    def plan_machine(self, rule: str, *, now: _Time, decisions: bool = False) -> Machine:
        """Give the machine that plans over the rows of the rule's table. For drivers."""

    def export_machine(
        self,
        rule: str,
        *,
        now: _Time,
        plan: Plan | None = None,
        since: _Time | None = None,
        last: int | None = None,
    ) -> Machine:
        """Give the machine that exports the rule's table, and what hangs on it. For drivers."""

    def apply_machine(
        self,
        plan: Plan,
        *,
        now: _Time,
        way: Literal["apply", "rehearse", "dry_run"] = "apply",
        batch: int | None = None,
        jobs: int = 1,
        skip_changed: bool = False,
        max_age: _Duration | None = None,
        health: str | None = None,
    ) -> Machine:
        """Give the machine that applies a plan. For drivers.

        Raises:
            ApplyError: the plan is too old, or of a rule that is another by now.
            DataError: the policy requires checks, and `health` does not say that they are ok.
        """

    def verify_machine(self, rule: str, *, now: _Time) -> Machine:
        """Give the machine that says whether a table is as the rule would leave it. For drivers."""

    def sweep(
        self,
        rule: str,
        rows: _Rows,
        windows: Iterable[_Duration] | None = None,
        *,
        now: _Time,
        source: Mapping[str, str] | None = None,
        format: _Format | None = None,
        threads: int = 1,
    ) -> Sweep:
        """Say what each window would drop in each mode, before anyone widens one.

        Only dedupe rules have windows. Without `windows`, some are chosen from the rows. The rest
        is as for `plan`.
        """

    def compare(
        self,
        rule: str,
        rows: _Rows,
        other: Policy,
        *,
        now: _Time,
        source: Mapping[str, str] | None = None,
        format: _Format | None = None,
        threads: int = 1,
    ) -> Compare:
        """Say on which ids this policy's rule and another policy's differ, over the same rows.

        Both are dedupe rules. The other is often `self.replace(rule, "mode=chain")`. The rest is as
        for `plan`.
        """

    def explain(
        self,
        rule: str,
        rows: _Rows,
        id: str | int | UUID,
        *,
        now: _Time,
        format: _Format | None = None,
    ) -> Explanation:
        """Say what becomes of the row with this id, and why: whether it goes, stays or is skipped.

        An id that no row has is no error: the decision is `absent`.
        """

    def evaluate(
        self,
        snapshot: _Metrics,
        state: HealthState | None = None,
        *,
        now: _Time,
    ) -> tuple[HealthReport, HealthState]:
        """Say how everything is, by what was measured; and what to remember for the next time.

        `snapshot` holds metrics by name: a nested dictionary, or JSON as text or bytes. What a
        policy calls `disk.used` is `{"disk": {"used": 84}}` or `{"disk.used": 84}`. A metric is a
        number, a boolean, `None`, a `datetime` with a zone or RFC 3339 text, `{"value": …, "at":
        …}`, a list of samples `(at, value)`, or a dictionary of instances. NaN and what is not
        there is missing, which is never healthy by itself.

        `state` is what the last evaluation gave; without it, nothing is remembered.

        Raises:
            PolicyError: The policy has no checks.
            DataError: A metric is no metric; `path` says which.
        """

    def schedule(self, name: str) -> Schedule:
        """Give the schedule of this name, with or without its family.

        Raises:
            PolicyError: There is none.
        """

    def to_prometheus(self) -> str:
        """Give the checks as alerting rules for Prometheus 2.42 or newer, in YAML.

        Comments say what Prometheus does in another way, and what is left out.

        Raises:
            PolicyError: The policy has no checks.
        """

    def to_prometheus_tests(self, rules_file: str = "rules.yml") -> str:
        """Give what `promtool test rules` holds those rules to, in YAML.

        The series are made for each check, and what is expected is what `evaluate` raises of them.

        Args:
            rules_file: where the rules are, as seen from the file of the tests.

        Raises:
            PolicyError: The policy has no checks.
        """

    def screen(self, snapshot: _Metrics, *, now: _Time) -> Screening:
        """Say which thresholds one snapshot meets: nothing is remembered, and all gates are open.

        `snapshot` is what `evaluate` takes. A plain dictionary of numbers is quickest; of it, what
        no check reads is not looked at.

        Raises:
            PolicyError: The policy has no checks.
            DataError: A metric is no metric; `path` says which.
        """

    def screen_fleet(
        self,
        rows: _Rows,
        *,
        now: _Time,
        format: _Format | None = None,
        threads: int = 1,
    ) -> Fleet:
        """Say which thresholds each of many snapshots meets, one a row, with nothing remembered.

        A column has the name of a metric, dots and all; one that is not there is a metric that is
        missing, and so is a field that a row lacks. Numbers are floats, integers or booleans; where
        an instant is asked for, integers are microseconds since 1970 UTC. Of a check of instances
        each row is one. A window has the row's own number as its only sample. The column `id`, if
        there is one, says what a row is called.

        Arrow columns, and numpy arrays of floats, are read where they lie: nobody may write to them
        until this returns. Other Python threads go on meanwhile.

        Raises:
            PolicyError: The policy has no checks.
            DataError: A row is refused; `row` and `path` say which, and where.
        """

    def acknowledge(
        self,
        state: HealthState | None,
        check: str,
        instance: str | None = None,
        *,
        now: _Time,
    ) -> HealthState:
        """Give the same state, in which somebody is on a check, or on one instance of it.

        Nobody else is called, and it is not told again, until it gets worse or is raised anew.

        Raises:
            PolicyError: The policy has no such check.
            DataError: It is not raised; the error names those that are.
        """

    def mute(
        self,
        state: HealthState | None,
        names: str | Sequence[str],
        *,
        from_: _Time,
        until: _Time,
    ) -> HealthState:
        """Give the same state, in which nobody is told of some checks for a time.

        `names` are checks and groups, or `"*"` for all. They are evaluated as ever, and what is
        still so at the end is told then. It takes the place of an earlier mute of the same names.

        Raises:
            PolicyError: A name is no check's and no group's.
            DataError: Nothing is named, or it ends before it begins.
        """

    def resume(
        self,
        state: HealthState | None,
        *,
        now: _Time,
        tolerance: timedelta | str | None = None,
        grace: timedelta | str | None = None,
    ) -> HealthState:
        """Give the same state, taken over from before the host was down.

        It was down since the last evaluation, and that time does not count for what was on its way
        to be raised; what was raised stays so. The rules are those of Prometheus after a restart.

        `tolerance` is how long it may have been down, an hour unless said otherwise: after more,
        what was on its way to be raised begins anew. `grace` is how long it looks on before
        anything is raised that was not, ten minutes unless said otherwise; what has to be so for a
        shorter time begins anew.

        Raises:
            PolicyError: The policy has no checks.
        """

    @property
    def required(self) -> list[str]:
        """The checks and groups that have to be ok before anything is removed."""

    def require(
        self,
        report: HealthReport | str | bytes | bytearray | memoryview | None,
        *,
        now: _Time,
    ) -> None:
        """Raise an error unless a report says that what the policy requires is ok.

        The report is one of this policy, not older than an hour, or its JSON. A policy that
        requires nothing is content with any, and with none.

        Raises:
            PolicyError: The policy has no checks.
            DataError: `report.not_ok`, or it is no report.
        """

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Plan:
    """Which rows go, and why. Immutable.

    It is of one of two kinds. A dedupe plan says which row stays for each that goes; a retention
    plan says which setting of the rule each item goes for. What only the other kind has is `None`,
    or empty.

    Two plans are equal if they say the same, byte for byte. A plan is an Arrow stream of its drops:
    `pyarrow.table(plan)`, `polars.DataFrame(plan)`; there, ids have the type of the rows' own.
    """

    @classmethod
    def parse(cls, text: str) -> Plan:
        """Read a plan that `to_json` wrote.

        Raises:
            PlanError: it is no plan, or not what its digest says.
        """

    @classmethod
    def load(cls, path: _Path) -> Plan:
        """Read a plan from the file that `save` wrote.

        Raises:
            OSError: the file cannot be read.
            PlanError: it is no plan, or not what its digest says.
        """

    def save(self, path: _Path) -> None:
        """Write the plan to a file, whole or not at all.

        Raises:
            OSError: the file cannot be written; what was there before still is.
        """

    def to_json(self) -> str:
        """Give the plan as canonical JSON: the same bytes as from every other host."""

    @property
    def kind(self) -> Literal["dedupe", "retention"]:
        """The family of its rule."""

    @property
    def rule(self) -> str:
        """The rule, without its family."""

    @property
    def table(self) -> str | None:
        """The table, if the rule names one."""

    @property
    def planned_at(self) -> datetime:
        """The `now` it was made with, in UTC."""

    @property
    def rule_sha256(self) -> str:
        """The digest of the rule it was made by."""

    @property
    def source(self) -> dict[str, str]:
        """Where its rows came from."""

    @property
    def total(self) -> int:
        """All rows."""

    @property
    def files(self) -> str | None:
        """Of a retention plan, the files that the items are, if the rule says so.

        It is a path with `*` and `**`.
        """

    @property
    def eligible(self) -> int:
        """Rows that were decided: all but those that the rule leaves alone."""

    @property
    def keep(self) -> int:
        """Rows that stay because the rule says so."""

    @property
    def drop(self) -> int:
        """Rows that go."""

    @property
    def blocked(self) -> int:
        """Items that would go, and may not yet. A dedupe plan has none."""

    @property
    def skipped(self) -> _Untouched:
        """Rows that the rule leaves alone.

        It is `Skipped` in a dedupe plan, and `RetentionSkipped` in a retention plan.
        """

    @property
    def advised(self) -> bool | None:
        """Of a dedupe plan, whether it drops enough to be applied, by the rule's `advise_above`."""

    @property
    def advice(self) -> str | None:
        """Of a dedupe plan, the advice in words."""

    @property
    def nearest(self) -> Nearest | None:
        """Of a dedupe plan that drops nothing, the rows that came nearest to being duplicates."""

    @property
    def keeps(self) -> list[Stay] | None:
        """Of a retention plan made with `decisions`, the items that stay, in the order of the rows.

        The list is made each time it is asked for.
        """

    @property
    def oldest_kept(self) -> list[OldestKept]:
        """Of a retention plan, the oldest item that stays of each group that has one.

        They come in the order of the groups. For a stream of one group, it is what
        `XTRIM … MINID` asks for.
        """

    @property
    def warnings(self) -> list[str]:
        """What a person should know before applying it."""

    @property
    def drop_ids(self) -> tuple[str, ...]:
        """The ids that go. Always text, whatever the rows had.

        Of duplicates they come in the order of key, time and id; else the oldest first. An id of
        several columns is a JSON array of their texts: `["acme","17"]`.
        """

    @property
    def drops(self) -> Drops:
        """The rows that go, with the evidence, each made when it is asked for.

        They are `Drop` in a dedupe plan, and `Removal` in a retention plan.
        """

    @property
    def sha256(self) -> str:
        """The digest of the plan, which is also the last entry of its JSON."""

    def explain(self, id: str | int | UUID) -> Explanation:
        """Say what becomes of the row with this id, as far as the plan knows."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def _repr_html_(self) -> str: ...

@final
class Drops:
    """The drops of a plan, in its order: each a `Drop`, or a `Removal` in a retention plan."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, place: SupportsIndex, /) -> _Gone: ...
    @overload
    def __getitem__(self, place: slice, /) -> list[_Gone]: ...
    def __iter__(self) -> Iterator[_Gone]: ...

@final
class Skipped:
    """Rows that a rule leaves alone, each counted once."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls, null_time: int, null_key: int, future: int, not_only: int, open: int, total: int
    ) -> Skipped: ...
    @property
    def null_time(self) -> int:
        """Without a time."""

    @property
    def null_key(self) -> int:
        """With a null in the key, where the rule skips those."""

    @property
    def future(self) -> int:
        """Later than now and the allowed skew."""

    @property
    def not_only(self) -> int:
        """Not what the rule is about."""

    @property
    def open(self) -> int:
        """In a cluster that may still grow."""

    @property
    def total(self) -> int:
        """All of them."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class RetentionSkipped:
    """Items that a retention rule leaves alone, each counted once."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls, not_matched: int, null_time: int, future: int, total: int
    ) -> RetentionSkipped: ...
    @property
    def not_matched(self) -> int:
        """Not what the rule is about."""

    @property
    def null_time(self) -> int:
        """Without a time."""

    @property
    def future(self) -> int:
        """In the future."""

    @property
    def total(self) -> int:
        """All of them."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Nearest:
    """Two rows of one key that came nearest to being duplicates."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(cls, id: str, other_id: str, gap: timedelta) -> Nearest: ...
    @property
    def id(self) -> str:
        """The earlier row's id."""

    @property
    def other_id(self) -> str:
        """The later row's id."""

    @property
    def gap(self) -> timedelta:
        """Elapsed time between the two."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Drop:
    """A row that goes, with the evidence."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        id: str,
        keeper_id: str,
        key: _Key,
        time: datetime,
        keeper_time: datetime,
        gap: timedelta,
        why: _Why,
        via_id: str | None,
        via_gap: timedelta | None,
        bucket: datetime | None,
    ) -> Drop: ...
    @property
    def id(self) -> str:
        """Its id."""

    @property
    def keeper_id(self) -> str:
        """The id of the row that stays."""

    @property
    def key(self) -> _Key:
        """The key they share: column to value, as text unless null or boolean."""

    @property
    def time(self) -> datetime:
        """Its time."""

    @property
    def keeper_time(self) -> datetime:
        """The time of the row that stays."""

    @property
    def gap(self) -> timedelta:
        """Elapsed time between the two."""

    @property
    def why(self) -> _Why:
        """Why: `within_window`, `chained`, `same_bucket` or `same_key`."""

    @property
    def via_id(self) -> str | None:
        """Under `mode = "chain"`, the neighbour that joins the row to its keeper."""

    @property
    def via_gap(self) -> timedelta | None:
        """Elapsed time to that neighbour."""

    @property
    def bucket(self) -> datetime | None:
        """Under `mode = "tumbling"`, when the bucket begins."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Reason:
    """What speaks for a decision of a retention rule, and where it stands in the policy."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        rule: str,
        why: str,
        period: str | None,
        n: int | None,
        of: int | None,
        age: timedelta | None,
        limit: str | None,
        id: str | None,
        phrase: str,
    ) -> Reason: ...
    @property
    def rule(self) -> str:
        """The setting, by its path in the policy: `retention.backups.keep[1]`."""

    @property
    def why(self) -> str:
        """Why, in a word: `over_age`, `count_full`, `held`, `claimed` and the like."""

    @property
    def period(self) -> str | None:
        """The period of a keep rule, such as `2024-05-03`."""

    @property
    def n(self) -> int | None:
        """Which one it is, the newest being 1; or the bytes of it and all that are newer."""

    @property
    def of(self) -> int | None:
        """Of how many."""

    @property
    def age(self) -> timedelta | None:
        """Elapsed time since the item's own."""

    @property
    def limit(self) -> str | None:
        """How old it may be, or has to be, as text: a month has no fixed length."""

    @property
    def id(self) -> str | None:
        """Another item: the one that stands for the period."""

    @property
    def phrase(self) -> str:
        """The same in words: `it is 8d old, and the limit is 7d`."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Removal:
    """An item that goes, and why."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls, id: str, time: datetime, size: int | None, group: _Key, reasons: list[Reason]
    ) -> Removal: ...
    @property
    def id(self) -> str:
        """Its id."""

    @property
    def time(self) -> datetime:
        """Its time."""

    @property
    def size(self) -> int | None:
        """How many bytes it has, if the rule reads that."""

    @property
    def group(self) -> _Key:
        """The group it is in: column to value, as text unless null or boolean."""

    @property
    def reasons(self) -> list[Reason]:
        """Why: the limit that it is over, or the keep rule that came nearest to keeping it."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Stay:
    """An item that stays, and why."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        id: str,
        time: datetime | None,
        size: int | None,
        group: _Key,
        decision: Literal["keep", "block", "skip"],
        reasons: list[Reason],
        due_at: datetime | None,
    ) -> Stay: ...
    @property
    def id(self) -> str:
        """Its id."""

    @property
    def time(self) -> datetime | None:
        """Its time, if it has one."""

    @property
    def size(self) -> int | None:
        """How many bytes it has, if the rule reads that."""

    @property
    def group(self) -> _Key:
        """The group it is in: column to value, as text unless null or boolean."""

    @property
    def decision(self) -> Literal["keep", "block", "skip"]:
        """`keep`, `block` for one that would go and may not yet, `skip` for one left alone."""

    @property
    def reasons(self) -> list[Reason]:
        """Why.

        Of one that is kept, each is enough; of one that is blocked, first what it would go for.
        """

    @property
    def due_at(self) -> datetime | None:
        """The first instant at which it would go, if no other item came and none went.

        None if it never would, or if that is not known.
        """

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class OldestKept:
    """The oldest item of a group that stays."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(cls, group: _Key, id: str, time: datetime) -> OldestKept: ...
    @property
    def group(self) -> _Key:
        """The group: column to value, as text unless null or boolean."""

    @property
    def id(self) -> str:
        """The item's id."""

    @property
    def time(self) -> datetime:
        """The item's time."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Neighbour:
    """Another row of the same key."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(cls, id: str, time: datetime, gap: timedelta) -> Neighbour: ...
    @property
    def id(self) -> str:
        """Its id."""

    @property
    def time(self) -> datetime:
        """Its time."""

    @property
    def gap(self) -> timedelta:
        """Elapsed time between the two."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Explanation:
    """What becomes of one row: in one sentence, with the evidence."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        rule: str,
        id: str,
        decision: Literal["drop", "keep", "block", "skip", "absent"],
        why: str,
        sentence: str,
        time: datetime | None,
        keeper: Neighbour | None,
        via: Neighbour | None,
        older: Neighbour | None,
        newer: Neighbour | None,
        drops: list[str],
        reasons: list[Reason],
        due_at: datetime | None,
        json: str,
    ) -> Explanation: ...
    @property
    def rule(self) -> str:
        """The rule, without its family."""

    @property
    def id(self) -> str:
        """The row asked for."""

    @property
    def decision(self) -> Literal["drop", "keep", "block", "skip", "absent"]:
        """`drop`, `keep`, `block`, `skip`, or `absent` for an id that is not there."""

    @property
    def why(self) -> str:
        """Why, in a word."""

    @property
    def sentence(self) -> str:
        """Why, in a sentence."""

    @property
    def time(self) -> datetime | None:
        """The row's time."""

    @property
    def keeper(self) -> Neighbour | None:
        """The row that stays, for one that goes."""

    @property
    def via(self) -> Neighbour | None:
        """The neighbour that joins a row to its keeper under `mode = "chain"`."""

    @property
    def older(self) -> Neighbour | None:
        """The nearest earlier row of the key, for one that stays."""

    @property
    def newer(self) -> Neighbour | None:
        """The nearest later row of the key, for one that stays."""

    @property
    def drops(self) -> list[str]:
        """The rows that go because this one stays."""

    @property
    def reasons(self) -> list[Reason]:
        """What decides an item of a retention rule; of other rows there is none."""

    @property
    def due_at(self) -> datetime | None:
        """When an item of a retention rule that stays would go, if no other came and none went."""

    def to_json(self) -> str:
        """Give the answer as canonical JSON: the same bytes as from every other host."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class ModeCounts:
    """What one mode would do."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(cls, drop: int, open: int) -> ModeCounts: ...
    @property
    def drop(self) -> int:
        """Rows that would go."""

    @property
    def open(self) -> int:
        """Rows that would wait, in clusters that may still grow."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class WindowCounts:
    """What one window would drop, by mode."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls, window: timedelta, anchor: ModeCounts, chain: ModeCounts, tumbling: ModeCounts
    ) -> WindowCounts: ...
    @property
    def window(self) -> timedelta:
        """The window."""

    @property
    def anchor(self) -> ModeCounts:
        """Under `anchor`."""

    @property
    def chain(self) -> ModeCounts:
        """Under `chain`."""

    @property
    def tumbling(self) -> ModeCounts:
        """Under `tumbling`."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class GapCount:
    """How many neighbours of one key are this far apart."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(cls, over: timedelta, upto: timedelta | None, count: int) -> GapCount: ...
    @property
    def over(self) -> timedelta:
        """Farther than this."""

    @property
    def upto(self) -> timedelta | None:
        """At most this far; none for the last range."""

    @property
    def count(self) -> int:
        """How many."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class UsualInterval:
    """A window that reaches the usual interval of a key, whose rows may be no duplicates."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls, window: timedelta, keys: int, median_gap: timedelta, message: str
    ) -> UsualInterval: ...
    @property
    def window(self) -> timedelta:
        """The smallest such window."""

    @property
    def keys(self) -> int:
        """How many keys it reaches."""

    @property
    def median_gap(self) -> timedelta:
        """The interval of the first of them."""

    @property
    def message(self) -> str:
        """In a sentence."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Sweep:
    """What each window would drop in each mode."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        total: int,
        eligible: int,
        windows: list[WindowCounts],
        forever: ModeCounts,
        smallest_window: timedelta | None,
        gaps: list[GapCount],
        warnings: list[UsualInterval],
        json: str,
    ) -> Sweep: ...
    @property
    def total(self) -> int:
        """All rows."""

    @property
    def eligible(self) -> int:
        """Rows the rule is about."""

    @property
    def windows(self) -> list[WindowCounts]:
        """One entry a window, in ascending order."""

    @property
    def forever(self) -> ModeCounts:
        """What `mode = "forever"` would do."""

    @property
    def smallest_window(self) -> timedelta | None:
        """The smallest window that drops anything."""

    @property
    def gaps(self) -> list[GapCount]:
        """The gaps between neighbours of one key, by size."""

    @property
    def warnings(self) -> list[UsualInterval]:
        """Windows that reach the usual interval of a key."""

    def to_json(self) -> str:
        """Give the answer as canonical JSON: the same bytes as from every other host."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Compare:
    """The ids on which two rules differ over the same rows."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(cls, both: int, only_a: list[str], only_b: list[str], json: str) -> Compare: ...
    @property
    def both(self) -> int:
        """How many rows both drop."""

    @property
    def only_a(self) -> list[str]:
        """Ids that only the policy itself drops."""

    @property
    def only_b(self) -> list[str]:
        """Ids that only the other drops."""

    def to_json(self) -> str:
        """Give the answer as canonical JSON: the same bytes as from every other host."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class HealthReport:
    """How everything is at one moment.

    What it says is made when it is asked for, once. It needs the policy no more.
    """

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        status: _Status,
        critical: _Status | None,
        at: datetime,
        next_change: datetime | None,
        policy_sha256: str,
        checks: Iterable[CheckReport],
        groups: Iterable[GroupReport],
        actions: Iterable[Action],
        critical_only: HealthReport | PolicyError | None,
        json: str,
        nagios: str,
        openmetrics: str,
    ) -> HealthReport: ...
    @property
    def status(self) -> _Status:
        """How the whole is."""

    @property
    def word(self) -> Literal["healthy", "degraded", "unknown", "unhealthy"]:
        """The one word for the whole."""

    @property
    def critical(self) -> _Status | None:
        """How what is critical is, by the groups that say so; none if none does."""

    @property
    def at(self) -> datetime:
        """When it was made, in UTC."""

    @property
    def next_change(self) -> datetime | None:
        """The first instant at which anything changes if nothing new is measured.

        Asking again at that time is early enough; asking before is harmless.
        """

    @property
    def policy_sha256(self) -> str:
        """The digest of the checks and groups that it speaks of."""

    @property
    def checks(self) -> tuple[CheckReport, ...]:
        """Every check, and each of its instances, in the order of their names."""

    @property
    def groups(self) -> tuple[GroupReport, ...]:
        """Every group, in the order of their names."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """What is to be told now, in the order of the checks: once of each change.

        A check with `repeat` tells again. housekeep sends nothing: that is yours to do.
        """

    def critical_only(self) -> HealthReport:
        """Give what it says of the critical groups, and of all that they are made of.

        The whole is then as bad as the worst of the critical groups.

        Raises:
            PolicyError: No group is critical.
        """

    def to_json(self) -> str:
        """Give the report as canonical JSON: the same bytes as from every other host."""

    def to_nagios(self) -> str:
        """Give what a Nagios plugin prints: a line, performance data, and what is not ok."""

    def to_openmetrics(self) -> str:
        """Give the report as OpenMetrics 1.0, for a scrape or a push."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def _repr_html_(self) -> str: ...

@final
class HealthState:
    """What is remembered from one evaluation to the next. Immutable; it can be pickled."""

    @classmethod
    def from_json(cls, text: str | bytes | bytearray | memoryview) -> HealthState:
        """Read what `to_json` wrote.

        Raises:
            DataError: It is not a state, or that of another version.
        """

    def to_json(self) -> str:
        """Give the state as canonical JSON, which is to be kept until the next evaluation."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Action:
    """What somebody is to be told, and may have to do."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        id: str,
        check: str,
        instance: str | None,
        action: str | None,
        from_: _Status,
        to: _Status,
        why: str,
        calls: Sequence[str],
        due: datetime | None,
    ) -> Action: ...
    @property
    def id(self) -> str:
        """Unlike that of any other, and the same if it is found again."""

    @property
    def check(self) -> str:
        """The check's name."""

    @property
    def instance(self) -> str | None:
        """The instance's name, if the check has instances."""

    @property
    def action(self) -> str | None:
        """What is to be done, if the check says so."""

    @property
    def from_(self) -> _Status:
        """How it was; as it is, where it is said again."""

    @property
    def to(self) -> _Status:
        """How it is."""

    @property
    def why(self) -> str:
        """What is found, in a sentence."""

    @property
    def calls(self) -> tuple[str, ...]:
        """Who is called now, in the order in which they are."""

    @property
    def due(self) -> datetime | None:
        """By when somebody has to be on it or, if somebody is, by when it has to be over."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Call:
    """A call of somebody."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(cls, who: str, at: datetime) -> Call: ...
    @property
    def who(self) -> str:
        """Who."""

    @property
    def at(self) -> datetime:
        """When."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class CheckReport:
    """What is said of a check, or of one instance of it."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        check: str,
        instance: str | None,
        status: _Status,
        since: datetime,
        was: _Status | None,
        level: _Level,
        held: bool,
        value: float | None,
        unit: str | None,
        bound: str | None,
        reason: _Verdict,
        missing: _Missing | None,
        unguarded: bool,
        age: timedelta | None,
        pending: Pending | None,
        muted: datetime | None,
        acknowledged: datetime | None,
        escalation: Escalation | None,
        sentence: str,
    ) -> CheckReport: ...
    @property
    def check(self) -> str:
        """The check's name."""

    @property
    def instance(self) -> str | None:
        """The instance's name, if the check has instances."""

    @property
    def status(self) -> _Status:
        """How it is."""

    @property
    def since(self) -> datetime:
        """Since when it is so."""

    @property
    def was(self) -> _Status | None:
        """How it was before, if that is different."""

    @property
    def level(self) -> _Level:
        """The level that the thresholds and gates give."""

    @property
    def held(self) -> bool:
        """Whether the level is an old one, because nothing new is known."""

    @property
    def value(self) -> float | None:
        """The number, which may be infinite; none where it is missing."""

    @property
    def unit(self) -> str | None:
        """What it counts in, if that is known."""

    @property
    def bound(self) -> str | None:
        """The condition that decides, as the policy has it.

        The one that is met, or else the one to be met before the check is ok again.
        """

    @property
    def reason(self) -> _Verdict:
        """Why the level is what it is, in a word."""

    @property
    def missing(self) -> _Missing | None:
        """Why there is no number, in a word."""

    @property
    def unguarded(self) -> bool:
        """Whether what is missing is what says where the number means something, by `when`."""

    @property
    def age(self) -> timedelta | None:
        """Of a reading that is too old, how old."""

    @property
    def pending(self) -> Pending | None:
        """The change that a gate delays, if one does."""

    @property
    def muted(self) -> datetime | None:
        """Until when nobody is told of it, if that is so now."""

    @property
    def acknowledged(self) -> datetime | None:
        """When somebody said that they are on it, if they did."""

    @property
    def escalation(self) -> Escalation | None:
        """Who is called about it, while it is as bad as it can be, of a check with a severity."""

    @property
    def sentence(self) -> str:
        """What is found, and why, in a sentence."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Escalation:
    """How far what is raised has gone up the tiers of its severity."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        severity: str,
        raised: datetime,
        called: Sequence[Call],
        next: Call | None,
        acknowledge_by: datetime | None,
        resolve_by: datetime | None,
        late: Sequence[_ToDo],
    ) -> Escalation: ...
    @property
    def severity(self) -> str:
        """How severe it is, by the name that the policy has for it."""

    @property
    def raised(self) -> datetime:
        """Since when it is raised."""

    @property
    def called(self) -> tuple[Call, ...]:
        """Who was called, in the order in which they were."""

    @property
    def next(self) -> Call | None:
        """Who is called next, if nobody says that they are on it."""

    @property
    def acknowledge_by(self) -> datetime | None:
        """By when somebody has to say that they are on it; none if somebody did."""

    @property
    def resolve_by(self) -> datetime | None:
        """By when it has to be over."""

    @property
    def late(self) -> tuple[_ToDo, ...]:
        """What should have been done by now."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class GroupReport:
    """A group and its status."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(cls, group: str, status: _Status, uncapped: _Status | None) -> GroupReport: ...
    @property
    def group(self) -> str:
        """The group's name."""

    @property
    def status(self) -> _Status:
        """How it is."""

    @property
    def uncapped(self) -> _Status | None:
        """How it would be without its cap, if that is different."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Pending:
    """A change of a level that a gate delays."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(cls, to: _Level, at: datetime | None) -> Pending: ...
    @property
    def to(self) -> _Level:
        """The level that it is on the way to."""

    @property
    def at(self) -> datetime | None:
        """When it will be there, if nothing changes meanwhile.

        None where samples have to say so.
        """

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Screening:
    """Which thresholds one snapshot meets. Immutable; it can be pickled."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        status: _Status,
        checks: dict[str, _Status],
        groups: dict[str, _Status],
        critical_groups: list[bool],
    ) -> Screening: ...
    @property
    def status(self) -> _Status:
        """How the whole is."""

    @property
    def word(self) -> Literal["healthy", "degraded", "unknown", "unhealthy"]:
        """The one word for the whole."""

    @property
    def critical(self) -> _Status | None:
        """How what is critical is, by the groups that say so; none if none does."""

    @property
    def checks(self) -> dict[str, _Status]:
        """The status of every check, by the names in order."""

    @property
    def groups(self) -> dict[str, _Status]:
        """The status of every group, by the names in order."""

    @property
    def failing(self) -> dict[str, _Status]:
        """The checks that are not ok, each with its status."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Fleet:
    """Which thresholds many snapshots meet, each a row. Immutable.

    It is an Arrow stream of the statuses, which are words by number: `id`, if the rows have one,
    `status`, and one column for every check and group by its name with its family, such as
    `check.cpu`. So are `pyarrow.table(fleet)` and `polars.DataFrame(fleet)`.
    """

    @property
    def at(self) -> datetime:
        """When it was asked, in UTC."""

    @property
    def policy_sha256(self) -> str:
        """The digest of the checks and groups that it speaks of."""

    @property
    def total(self) -> int:
        """How many rows there are."""

    @property
    def status(self) -> _Status:
        """How bad the worst row is; unknown without any."""

    @property
    def names(self) -> list[str]:
        """The names of the checks and groups, each with its family, in order."""

    def counts(self, name: str | None = None) -> StatusCounts:
        """Say how many rows have each status: as a whole, or by a check or group.

        Raises:
            KeyError: There is no check and no group of this name.
        """

    def codes(self, name: str | None = None) -> bytes:
        """Give the status of every row as a byte: 0 is ok, 1 warn, 2 unknown, 3 crit.

        For numpy: `numpy.frombuffer(fleet.codes("cpu"), dtype="uint8")`.

        Raises:
            KeyError: There is no check and no group of this name.
        """

    def worst(self, most: int = 10) -> list[FleetRow]:
        """Give so many of the worst rows that are not ok.

        They come by their status, then by how many of their checks are not ok, then in their order.
        """

    def to_json(self) -> str:
        """Give the answer as canonical JSON: the same bytes as from every other host."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...
    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class FleetRow:
    """A row that is not ok, and what is not ok about it."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        row: int,
        id: str | None,
        status: _Status,
        checks: list[tuple[str, _Status]],
        groups: list[tuple[str, _Status]],
    ) -> FleetRow: ...
    @property
    def row(self) -> int:
        """Its number, from 0 on."""

    @property
    def id(self) -> str | None:
        """Its id, if the rows have any."""

    @property
    def status(self) -> _Status:
        """How it is as a whole."""

    @property
    def checks(self) -> list[tuple[str, _Status]]:
        """Its checks that are not ok, each with its status."""

    @property
    def groups(self) -> list[tuple[str, _Status]]:
        """Its groups that are not ok, each with its status."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class StatusCounts:
    """How many have each status."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(cls, ok: int, warn: int, unknown: int, crit: int) -> StatusCounts: ...
    @property
    def ok(self) -> int:
        """Healthy ones."""

    @property
    def warn(self) -> int:
        """Degraded ones."""

    @property
    def unknown(self) -> int:
        """Those of which nothing is known."""

    @property
    def crit(self) -> int:
        """Unhealthy ones."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

def error_codes() -> list[tuple[str, str, str]]:
    """Give every error code, with its kind and one line about it."""

@final
class Slot:
    """One occasion of a schedule: when it may start."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        slot: str,
        nominal: str,
        open: datetime,
        cutoff: datetime,
        close: datetime,
        notice_at: datetime | None,
    ) -> Slot: ...
    @property
    def slot(self) -> str:
        """Its name: `execute/2026-03-06`, or `execute/2026-03-06T14:00` where a day has several."""

    @property
    def nominal(self) -> str:
        """What the clocks of the zone show, or skip, as it opens."""

    @property
    def open(self) -> datetime:
        """The first instant at which it may start."""

    @property
    def cutoff(self) -> datetime:
        """The first instant at which it may start no more."""

    @property
    def close(self) -> datetime:
        """The end of its window: it is over at this instant."""

    @property
    def notice_at(self) -> datetime | None:
        """When it is announced, if it is."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Offer:
    """A run that may start now."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        claim: str,
        slot: Slot,
        left: int,
        tasks: Sequence[str],
        why: Literal["new", "failed", "abandoned", "stale"],
        sentence: str,
    ) -> Offer: ...
    @property
    def claim(self) -> str:
        """What a host claims before it starts it: `execute/2026-03-06/1`."""

    @property
    def slot(self) -> Slot:
        """The slot."""

    @property
    def left(self) -> int:
        """How many attempts are left, this one included."""

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that it is made of now, in their order.

        None of a schedule without tasks; and none are left where all succeeded and only the end
        was not recorded: it is started, and finished.
        """

    @property
    def why(self) -> Literal["new", "failed", "abandoned", "stale"]:
        """Why it is not done yet: `new`, `failed`, `abandoned` or `stale`."""

    @property
    def sentence(self) -> str:
        """The same in a sentence."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Undone:
    """A slot that is not done, and does not start now."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        slot: Slot,
        rule: str,
        why: str,
        sentence: str,
    ) -> Undone: ...
    @property
    def slot(self) -> Slot:
        """The slot."""

    @property
    def rule(self) -> str:
        """The setting that decides."""

    @property
    def why(self) -> str:
        """How it bears on this, in a word."""

    @property
    def sentence(self) -> str:
        """The same in a sentence."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Running:
    """A run that has started and not ended."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        claim: str,
        slot: str,
        started_at: datetime,
        stale_at: datetime,
        by_hand: bool,
        sentence: str,
    ) -> Running: ...
    @property
    def claim(self) -> str:
        """What its host claimed."""

    @property
    def slot(self) -> str:
        """The slot's name, or that of another day, if a person runs it."""

    @property
    def started_at(self) -> datetime:
        """When it started."""

    @property
    def stale_at(self) -> datetime:
        """When it counts as failed."""

    @property
    def by_hand(self) -> bool:
        """Whether a person started it."""

    @property
    def sentence(self) -> str:
        """The same in a sentence."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Wait:
    """Until when nothing changes, if nothing new is recorded."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        until: datetime | None,
        why: Literal["opens", "notice", "closes", "stale", "calendar", "never"],
        slot: str | None,
    ) -> Wait: ...
    @property
    def until(self) -> datetime | None:
        """The first instant at which something does; none if nothing ever does."""

    @property
    def why(self) -> Literal["opens", "notice", "closes", "stale", "calendar", "never"]:
        """What: `opens`, `notice`, `closes`, `stale`, `calendar` or `never`."""

    @property
    def slot(self) -> str | None:
        """Of which slot."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Due:
    """What is due."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        now: datetime,
        due: Literal["run", "notice", "wait"],
        run: Offer | None,
        notice: Slot | None,
        wait: Wait | None,
        sentence: str,
        json: str,
    ) -> Due: ...
    @property
    def now(self) -> datetime:
        """When that was asked."""

    @property
    def due(self) -> Literal["run", "notice", "wait"]:
        """What is: `run`, `notice` or `wait`."""

    @property
    def run(self) -> Offer | None:
        """The run that may start, if one may."""

    @property
    def notice(self) -> Slot | None:
        """The slot that is to be announced, if one is."""

    @property
    def wait(self) -> Wait | None:
        """When to ask again, if nothing is due."""

    @property
    def sentence(self) -> str:
        """The same in a sentence."""

    def to_json(self) -> str:
        """Give the answer as canonical JSON: the same bytes as from every other host."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Missed:
    """What was missed, or failed, and what becomes of it."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        now: datetime,
        runs: Sequence[Offer],
        deferred: Sequence[Undone],
        running: Sequence[Running],
        gave_up: Sequence[Undone],
        dropped: Sequence[Undone],
        json: str,
    ) -> Missed: ...
    @property
    def now(self) -> datetime:
        """When that was asked."""

    @property
    def runs(self) -> tuple[Offer, ...]:
        """What may start now, the oldest first."""

    @property
    def deferred(self) -> tuple[Undone, ...]:
        """What may start when these have, or when a window is open again."""

    @property
    def running(self) -> tuple[Running, ...]:
        """What runs: a host that wakes and finds its own says that it is abandoned."""

    @property
    def gave_up(self) -> tuple[Undone, ...]:
        """What failed as often as it may."""

    @property
    def dropped(self) -> tuple[Undone, ...]:
        """What runs no more, and is still spoken of."""

    def to_json(self) -> str:
        """Give the answer as canonical JSON: the same bytes as from every other host."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class NextSlot:
    """The first slot after an instant, or after another slot."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        slot: Slot | None,
        json: str,
    ) -> NextSlot: ...
    @property
    def slot(self) -> Slot | None:
        """The slot; none if none ever comes."""

    def to_json(self) -> str:
        """Give the answer as canonical JSON: the same bytes as from every other host."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Slots:
    """The slots of a time."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        from_: datetime,
        to: datetime,
        slots: Sequence[Slot],
        json: str,
    ) -> Slots: ...
    @property
    def from_(self) -> datetime:
        """From when on they open."""

    @property
    def to(self) -> datetime:
        """Before when they open."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots, in their order."""

    def to_json(self) -> str:
        """Give the answer as canonical JSON: the same bytes as from every other host."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class KeepUntil:
    """Until when what is remembered of a slot has to be kept."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        slot: str,
        until: datetime,
        json: str,
    ) -> KeepUntil: ...
    @property
    def slot(self) -> str:
        """The slot's name."""

    @property
    def until(self) -> datetime:
        """From when on nothing depends on it."""

    def to_json(self) -> str:
        """Give the answer as canonical JSON: the same bytes as from every other host."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Run:
    """What is remembered of one slot."""

    __match_args__: ClassVar[tuple[str, ...]]
    def __new__(
        cls,
        state: Literal["announced", "running", "failed", "abandoned", "skipped", "done"],
        tries: int,
        uncounted: int,
        by_hand: bool,
        started_at: datetime | None,
        completed_at: datetime | None,
        all_completed: bool | None,
        all_success: bool | None,
        tasks: Sequence[tuple[str, bool]],
        noticed_at: datetime | None,
        manual_at: datetime | None,
    ) -> Run: ...
    @property
    def state(self) -> Literal["announced", "running", "failed", "abandoned", "skipped", "done"]:
        """How it is: `announced`, `running`, `failed`, `abandoned`, `skipped` or `done`."""

    @property
    def tries(self) -> int:
        """How often it started."""

    @property
    def uncounted(self) -> int:
        """How many of these use up no attempt: its host crashed, or a person started it."""

    @property
    def by_hand(self) -> bool:
        """Whether a person started it last."""

    @property
    def started_at(self) -> datetime | None:
        """When it started last."""

    @property
    def completed_at(self) -> datetime | None:
        """When all of it was completed."""

    @property
    def all_completed(self) -> bool | None:
        """Whether all of it was completed, as it ended last."""

    @property
    def all_success(self) -> bool | None:
        """Whether all of it succeeded, as it ended last."""

    @property
    def tasks(self) -> tuple[tuple[str, bool], ...]:
        """The tasks that ended, each with whether it succeeded."""

    @property
    def noticed_at(self) -> datetime | None:
        """When it was announced."""

    @property
    def manual_at(self) -> datetime | None:
        """When a person started it last."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class ScheduleState:
    """What is remembered of the runs of one schedule. Immutable; it can be pickled."""

    @classmethod
    def from_json(cls, text: str | bytes | bytearray | memoryview) -> ScheduleState:
        """Read what `to_json` wrote.

        Raises:
            DataError: It is not a state, or that of another version.
        """

    def to_json(self) -> str:
        """Give the state as canonical JSON, which is to be kept."""

    @property
    def since(self) -> str:
        """The first slot that counts, without the schedule's name: `2026-03-06`."""

    @property
    def runs(self) -> dict[str, Run]:
        """What is remembered of each slot, by its name without the schedule's."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Schedule:
    """A schedule of a policy. It remembers nothing: the host keeps the state. It can be pickled.

    A slot is named by text (`2026-03-06`, `execute/2026-03-06`, or a claim such as
    `execute/2026-03-06/1`), a `date`, or an answer that has a claim or a slot.
    """

    @property
    def name(self) -> str:
        """The name, without its family."""

    @property
    def tasks(self) -> tuple[str, ...]:
        """What a run is made of, in its order. Without tasks a run is one thing."""

    def begin(self, *, now: _Time) -> ScheduleState:
        """Begin a state: the slots count that may start now, and all that come.

        Raises:
            PolicyError: The calendar is not known for the days from now on.
        """

    def state(self, since: _Slot) -> ScheduleState:
        """Give a state in which nothing happened yet, and slots from this one on count."""

    def next(self, *, now: _Time) -> NextSlot:
        """Give the first slot that opens after an instant.

        Raises:
            PolicyError: The calendar would have to be asked of a day that it is not known for.
        """

    def next_after(self, slot: _Slot) -> NextSlot:
        """Give the first slot after another, also of several that open at one instant."""

    def slots(self, *, from_: _Time, to: _Time) -> Slots:
        """Give the slots that open from an instant until before another.

        Raises:
            PolicyError: The calendar would have to be asked of a day that it is not known for.
        """

    def due(self, state: ScheduleState, *, now: _Time) -> Due:
        """Say what is due now, and if nothing is, when to ask again.

        Raises:
            DataError: The state is of another schedule.
            PolicyError: The calendar would have to be asked of a day that it is not known for.
        """

    def missed(self, state: ScheduleState, *, now: _Time) -> Missed:
        """Say what was missed, or failed, and what becomes of it.

        Raises:
            DataError: The state is of another schedule.
            PolicyError: The calendar would have to be asked of a day that it is not known for.
        """

    def record(
        self,
        state: ScheduleState,
        event: _Event,
        slot: _Slot,
        *,
        now: _Time,
        task: str | None = None,
        success: bool | None = None,
        completed: bool | None = None,
    ) -> ScheduleState:
        """Give the same state, in which something happened to a run at `now`.

        Saying it twice is saying it once, if the slot is a claim. A run that finished without
        `success` is what its tasks are.

        Raises:
            DataError: There is no such slot or task, it tells too little, or the state is of
                another schedule.
        """

    def keep_until(self, slot: _Slot) -> KeepUntil:
        """Say until when what is remembered of a slot has to be kept, such as a key in Redis."""

    def forget(self, state: ScheduleState, *, now: _Time) -> ScheduleState:
        """Give the same state without what may be forgotten."""

    def run_json(self, state: ScheduleState, slot: _Slot) -> str | None:
        """Give what is remembered of one slot as JSON, for a host that stores each by itself."""

    def with_run(
        self, state: ScheduleState, slot: _Slot, text: str | bytes | bytearray | memoryview
    ) -> ScheduleState:
        """Give the same state with what `run_json` gave of a slot.

        Raises:
            DataError: It is not what `run_json` gave.
        """

//! The small answers, as frozen Python classes.

use housekeep::plan::{self, DropEntry};
use housekeep::{dedupe, retention, wire};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};

use crate::record::record;
use crate::time::{Elapsed, Time};

record! {
    /// Rows that a rule leaves alone, each counted once.
    Skipped {
        /// Without a time.
        null_time: u64,
        /// With a null in the key, where the rule skips those.
        null_key: u64,
        /// Later than now and the allowed skew.
        future: u64,
        /// Not what the rule is about.
        not_only: u64,
        /// In a cluster that may still grow.
        open: u64,
        /// All of them.
        total: u64,
    }
}

record! {
    /// Items that a retention rule leaves alone, each counted once.
    RetentionSkipped {
        /// Not what the rule is about.
        not_matched: u64,
        /// Without a time.
        null_time: u64,
        /// In the future.
        future: u64,
        /// All of them.
        total: u64,
    }
}

record! {
    /// Two rows of one key that came nearest to being duplicates.
    Nearest {
        /// The earlier row's id.
        id: String,
        /// The later row's id.
        other_id: String,
        /// Elapsed time between the two.
        gap: Elapsed,
    }
}

record! {
    /// A row that goes, with the evidence.
    Drop {
        /// Its id.
        id: String,
        /// The id of the row that stays.
        keeper_id: String,
        /// The key they share: column to value, as text unless null or boolean.
        key: Key,
        /// Its time.
        time: Time,
        /// The time of the row that stays.
        keeper_time: Time,
        /// Elapsed time between the two.
        gap: Elapsed,
        /// Why: `within_window`, `chained`, `same_bucket` or `same_key`.
        why: String,
        /// Under `mode = "chain"`, the neighbour that joins the row to its keeper.
        via_id: Option<String>,
        /// Elapsed time to that neighbour.
        via_gap: Option<Elapsed>,
        /// Under `mode = "tumbling"`, when the bucket begins.
        bucket: Option<Time>,
    }
}

record! {
    /// What speaks for a decision of a retention rule, and where it stands in the policy.
    Reason {
        /// The setting, by its path in the policy: `retention.backups.keep[1]`.
        rule: String,
        /// Why, in a word.
        why: String,
        /// The period of a keep rule, such as `2024-05-03`.
        period: Option<String>,
        /// Which one it is, the newest being 1; or the bytes of it and all that are newer.
        n: Option<u64>,
        /// Of how many.
        of: Option<u64>,
        /// Elapsed time since the item's own.
        age: Option<Elapsed>,
        /// How old it may be, or has to be, as text: a month has no fixed length.
        limit: Option<String>,
        /// Another item: the one that stands for the period.
        id: Option<String>,
        /// The same in words.
        phrase: String,
    }
}

record! {
    /// An item that goes, and why.
    Removal {
        /// Its id.
        id: String,
        /// Its time.
        time: Time,
        /// How many bytes it has, if the rule reads that.
        size: Option<u64>,
        /// The group it is in: column to value, as text unless null or boolean.
        group: Key,
        /// Why: the limit that it is over, or the keep rule that came nearest to keeping it.
        reasons: Vec<Reason>,
    }
}

record! {
    /// An item that stays, and why.
    Stay {
        /// Its id.
        id: String,
        /// Its time, if it has one.
        time: Option<Time>,
        /// How many bytes it has, if the rule reads that.
        size: Option<u64>,
        /// The group it is in: column to value, as text unless null or boolean.
        group: Key,
        /// `keep`, `block` for one that would go and may not yet, `skip` for one left alone.
        decision: String,
        /// Why: of one that is kept, each is enough; of one that is blocked, first what it would
        /// go for.
        reasons: Vec<Reason>,
        /// The first instant at which it would go, if no other item came and none went.
        due_at: Option<Time>,
    }
}

record! {
    /// The oldest item of a group that stays.
    OldestKept {
        /// The group: column to value, as text unless null or boolean.
        group: Key,
        /// The item's id.
        id: String,
        /// The item's time.
        time: Time,
    }
}

record! {
    /// Another row of the same key.
    Neighbour {
        /// Its id.
        id: String,
        /// Its time.
        time: Time,
        /// Elapsed time between the two.
        gap: Elapsed,
    }
}

record! {
    /// What becomes of one row: in one sentence, with the evidence.
    Explanation {
        /// The rule, without its family.
        rule: String,
        /// The row asked for.
        id: String,
        /// `drop`, `keep`, `block`, `skip`, or `absent` for an id that is not there.
        decision: String,
        /// Why, in a word.
        why: String,
        /// Why, in a sentence.
        sentence: String,
        /// The row's time.
        time: Option<Time>,
        /// The row that stays, for one that goes.
        keeper: Option<Neighbour>,
        /// The neighbour that joins a row to its keeper under `mode = "chain"`.
        via: Option<Neighbour>,
        /// The nearest earlier row of the key, for one that stays.
        older: Option<Neighbour>,
        /// The nearest later row of the key, for one that stays.
        newer: Option<Neighbour>,
        /// The rows that go because this one stays.
        drops: Vec<String>,
        /// What decides an item of a retention rule.
        reasons: Vec<Reason>,
        /// When an item of a retention rule that stays would go, if no other came and none went.
        due_at: Option<Time>,
    } + json
}

record! {
    /// What one mode would do.
    ModeCounts {
        /// Rows that would go.
        drop: u64,
        /// Rows that would wait, in clusters that may still grow.
        open: u64,
    }
}

record! {
    /// What one window would drop, by mode.
    WindowCounts {
        /// The window.
        window: Elapsed,
        /// Under `anchor`.
        anchor: ModeCounts,
        /// Under `chain`.
        chain: ModeCounts,
        /// Under `tumbling`.
        tumbling: ModeCounts,
    }
}

record! {
    /// How many neighbours of one key are this far apart.
    GapCount {
        /// Farther than this.
        over: Elapsed,
        /// At most this far; none for the last range.
        upto: Option<Elapsed>,
        /// How many.
        count: u64,
    }
}

record! {
    /// A window that reaches the usual interval of a key, whose rows may be no duplicates.
    UsualInterval {
        /// The smallest such window.
        window: Elapsed,
        /// How many keys it reaches.
        keys: u64,
        /// The interval of the first of them.
        median_gap: Elapsed,
        /// In a sentence.
        message: String,
    }
}

record! {
    /// What each window would drop in each mode.
    Sweep {
        /// All rows.
        total: u64,
        /// Rows the rule is about.
        eligible: u64,
        /// One entry a window, in ascending order.
        windows: Vec<WindowCounts>,
        /// What `mode = "forever"` would do.
        forever: ModeCounts,
        /// The smallest window that drops anything.
        smallest_window: Option<Elapsed>,
        /// The gaps between neighbours of one key, by size.
        gaps: Vec<GapCount>,
        /// Windows that reach the usual interval of a key.
        warnings: Vec<UsualInterval>,
    } + json
}

record! {
    /// The ids on which two rules differ over the same rows.
    Compare {
        /// How many rows both drop.
        both: u64,
        /// Ids that only the policy itself drops.
        only_a: Vec<String>,
        /// Ids that only the other drops.
        only_b: Vec<String>,
    } + json
}

/// The key of a drop or the group of an item, as a dictionary.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key(Vec<(String, KeyValue)>);

#[derive(Clone, PartialEq, Eq, Hash)]
enum KeyValue {
    Null,
    Boolean(bool),
    Text(String),
}

impl<'py> IntoPyObject<'py> for &Key {
    type Target = PyDict;
    type Output = Bound<'py, PyDict>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        let key = PyDict::new(py);
        for (name, value) in &self.0 {
            match value {
                KeyValue::Null => key.set_item(name, py.None())?,
                KeyValue::Boolean(value) => key.set_item(name, value)?,
                KeyValue::Text(text) => key.set_item(name, text)?,
            }
        }
        Ok(key)
    }
}

impl FromPyObject<'_, '_> for Key {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let fields = given.cast::<PyDict>()?.iter().map(|(name, value)| {
            let value = if value.is_none() {
                KeyValue::Null
            } else if let Ok(value) = value.cast::<PyBool>() {
                KeyValue::Boolean(value.is_true())
            } else {
                KeyValue::Text(value.cast::<PyString>()?.to_str()?.to_owned())
            };
            Ok((name.extract()?, value))
        });
        fields.collect::<PyResult<_>>().map(Self)
    }
}

impl From<dedupe::Skipped> for Skipped {
    fn from(skipped: dedupe::Skipped) -> Self {
        let dedupe::Skipped { null_time, null_key, future, not_only, open } = skipped;
        Self { null_time, null_key, future, not_only, open, total: skipped.total() }
    }
}

impl From<retention::Skipped> for RetentionSkipped {
    fn from(skipped: retention::Skipped) -> Self {
        let retention::Skipped { unmatched, null_time, future } = skipped;
        Self { not_matched: unmatched, null_time, future, total: skipped.total() }
    }
}

impl From<&wire::KeyValue<'_>> for KeyValue {
    fn from(value: &wire::KeyValue<'_>) -> Self {
        match value {
            wire::KeyValue::Null => KeyValue::Null,
            wire::KeyValue::Boolean(value) => KeyValue::Boolean(*value),
            wire::KeyValue::Text(text) => KeyValue::Text(text.to_string()),
        }
    }
}

impl From<&wire::Key<'_>> for Key {
    fn from(key: &wire::Key<'_>) -> Self {
        Self(key.iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
    }
}

impl From<DropEntry<'_>> for Drop {
    fn from(drop: DropEntry<'_>) -> Self {
        let (mut via_id, mut via_gap, mut bucket) = (None, None, None);
        match drop.reason {
            plan::Reason::WithinWindow | plan::Reason::SameKey => {}
            plan::Reason::Chained { via, gap } => {
                (via_id, via_gap) = (Some(via.to_string()), Some(Elapsed(gap)));
            }
            plan::Reason::SameBucket { start } => bucket = Some(Time(start)),
        }
        let value = |cell| KeyValue::from(&wire::KeyValue::from(cell));
        Self {
            id: drop.id.to_string(),
            keeper_id: drop.keeper_id.to_string(),
            key: Key(drop.key.iter().map(|&(name, cell)| (name.to_owned(), value(cell))).collect()),
            time: Time(drop.time),
            keeper_time: Time(drop.keeper_time),
            gap: Elapsed(drop.gap),
            why: drop.reason.as_str().to_owned(),
            via_id,
            via_gap,
            bucket,
        }
    }
}

impl From<&wire::Citation<'_>> for Reason {
    fn from(citation: &wire::Citation<'_>) -> Self {
        Self {
            rule: citation.rule.to_string(),
            why: citation.why.to_string(),
            period: citation.period.as_ref().map(ToString::to_string),
            n: citation.n,
            of: citation.of,
            age: citation.age.map(Elapsed),
            limit: citation.limit.map(|limit| limit.to_string()),
            id: citation.id.as_ref().map(ToString::to_string),
            phrase: citation.phrase(),
        }
    }
}

impl From<wire::Removal<'_>> for Removal {
    fn from(removal: wire::Removal<'_>) -> Self {
        Self {
            id: removal.id.into_owned(),
            time: Time(removal.time),
            size: removal.size,
            group: (&removal.group).into(),
            reasons: removal.reasons.iter().map(Into::into).collect(),
        }
    }
}

impl From<&wire::Stay<'_>> for Stay {
    fn from(stay: &wire::Stay<'_>) -> Self {
        Self {
            id: stay.id.to_string(),
            time: stay.time.map(Time),
            size: stay.size,
            group: (&stay.group).into(),
            decision: stay.decision.as_str().to_owned(),
            reasons: stay.reasons.iter().map(Into::into).collect(),
            due_at: stay.due_at.map(Time),
        }
    }
}

impl From<wire::OldestKept<'_>> for OldestKept {
    fn from(oldest: wire::OldestKept<'_>) -> Self {
        Self { group: (&oldest.group).into(), id: oldest.id.into_owned(), time: Time(oldest.time) }
    }
}

impl From<wire::Neighbour> for Neighbour {
    fn from(neighbour: wire::Neighbour) -> Self {
        Self { id: neighbour.id, time: Time(neighbour.time), gap: Elapsed(neighbour.gap) }
    }
}

impl From<wire::Explanation> for Explanation {
    fn from(explanation: wire::Explanation) -> Self {
        let json = explanation.to_json();
        Self {
            rule: explanation.rule,
            id: explanation.id,
            decision: explanation.decision.to_owned(),
            why: explanation.why.into_owned(),
            sentence: explanation.sentence,
            time: explanation.time.map(Time),
            keeper: explanation.keeper.map(Into::into),
            via: explanation.via.map(Into::into),
            older: explanation.older.map(Into::into),
            newer: explanation.newer.map(Into::into),
            drops: explanation.drops,
            reasons: explanation.reasons.iter().map(Into::into).collect(),
            due_at: explanation.due_at.map(Time),
            json,
        }
    }
}

impl From<dedupe::ModeCounts> for ModeCounts {
    fn from(counts: dedupe::ModeCounts) -> Self {
        Self { drop: counts.drop, open: counts.open }
    }
}

impl From<wire::SweepAnswer> for Sweep {
    fn from(answer: wire::SweepAnswer) -> Self {
        let sweep = answer.sweep();
        let windows = sweep.windows.iter().map(|counts| WindowCounts {
            window: Elapsed(counts.window),
            anchor: counts.anchor.into(),
            chain: counts.chain.into(),
            tumbling: counts.tumbling.into(),
        });
        let gaps = sweep.gaps.iter().map(|range| GapCount {
            over: Elapsed(range.over),
            upto: range.upto.map(Elapsed),
            count: range.count,
        });
        let warnings = sweep.warnings.iter().zip(answer.warnings());
        let warnings = warnings.map(|(warning, message)| UsualInterval {
            window: Elapsed(warning.window),
            keys: warning.keys,
            median_gap: Elapsed(warning.median),
            message,
        });
        Self {
            total: sweep.total,
            eligible: sweep.eligible,
            windows: windows.collect(),
            forever: sweep.forever.into(),
            smallest_window: sweep.smallest.map(Elapsed),
            gaps: gaps.collect(),
            warnings: warnings.collect(),
            json: answer.to_json(),
        }
    }
}

impl From<wire::Compare> for Compare {
    fn from(answer: wire::Compare) -> Self {
        let json = answer.to_json();
        Self { both: answer.both, only_a: answer.only_a, only_b: answer.only_b, json }
    }
}

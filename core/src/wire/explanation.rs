//! One row's decision as a document.

use std::borrow::Cow;

use serde::Serialize;

use super::{Citation, VERSION, canonical};
use crate::error::quoted;
use crate::policy::Family;
use crate::time::{Duration, Instant};

/// What becomes of one row: in one sentence, with the evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    pub(crate) housekeep: u32,
    pub(crate) kind: &'static str,
    /// The rule, without its family.
    pub rule: String,
    /// The row asked for.
    pub id: String,
    /// `drop`, `keep`, `block`, `skip`, or `absent` for an id that is not there.
    pub decision: &'static str,
    /// Why, in a word: `within_window`, `newest`, `future`, `open` …
    pub why: Cow<'static, str>,
    /// Why, in a sentence.
    pub sentence: String,
    /// The row's time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Instant>,
    /// The row that stays, for one that goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keeper: Option<Neighbour>,
    /// The neighbour that joins a row to its keeper under `mode = "chain"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<Neighbour>,
    /// The nearest earlier row of the key, for one that stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub older: Option<Neighbour>,
    /// The nearest later row of the key, for one that stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newer: Option<Neighbour>,
    /// The rows that go because this one stays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drops: Vec<String>,
    /// What decides an item of a retention rule, each with where it stands in the policy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Citation<'static>>,
    /// When an item of a retention rule that stays would go, if no other item came and none went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Instant>,
    /// The rule's family.
    #[serde(skip)]
    pub family: Family,
}

/// Another row of the same key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Neighbour {
    /// Its id.
    pub id: String,
    /// Its time.
    pub time: Instant,
    /// Elapsed time between the two.
    pub gap: Duration,
}

impl Explanation {
    pub(crate) fn new(
        family: Family,
        rule: &str,
        id: &str,
        decision: &'static str,
        why: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            housekeep: VERSION,
            kind: "explanation",
            rule: rule.to_owned(),
            id: id.to_owned(),
            decision,
            why: why.into(),
            sentence: String::new(),
            time: None,
            keeper: None,
            via: None,
            older: None,
            newer: None,
            drops: Vec::new(),
            reasons: Vec::new(),
            due_at: None,
            family,
        }
    }

    /// Of an id that no row has.
    pub(crate) fn unknown_id(family: Family, rule: &str, id: &str) -> Self {
        let mut absent = Self::new(family, rule, id, "absent", "unknown_id");
        absent.sentence = format!("no row has the id {}", quoted(id));
        absent
    }

    /// Of an id that a plan does not know.
    pub(crate) fn not_in_plan(family: Family, rule: &str, id: &str) -> Self {
        let mut absent = Self::new(family, rule, id, "absent", "not_in_plan");
        absent.sentence = format!(
            "{} is not in the plan: it is kept, left alone or no row at all; explain it with the \
             rule and its input to know which",
            quoted(id),
        );
        absent
    }

    /// The answer as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        canonical(self)
    }
}

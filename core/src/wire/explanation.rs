//! One row's decision as a document.

use serde::Serialize;

use super::{VERSION, canonical};
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
    /// `drop`, `keep`, `skip`, or `absent` for an id that is not there.
    pub decision: &'static str,
    /// Why, in a word: `within_window`, `newest`, `future`, `open` …
    pub why: &'static str,
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
    pub(crate) fn new(rule: &str, id: &str, decision: &'static str, why: &'static str) -> Self {
        Self {
            housekeep: VERSION,
            kind: "explanation",
            rule: rule.to_owned(),
            id: id.to_owned(),
            decision,
            why,
            sentence: String::new(),
            time: None,
            keeper: None,
            via: None,
            older: None,
            newer: None,
            drops: Vec::new(),
        }
    }

    /// The answer as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        canonical(self)
    }
}

//! The ids on which two rules differ, as a document.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{VERSION, canonical};
use crate::policy::{DedupeDocument, DedupeRule};
use crate::time::Instant;

/// The ids on which two rules differ over the same rows.
#[derive(Clone, Debug)]
pub struct Compare {
    rule: String,
    table: Option<String>,
    planned_at: Instant,
    source: BTreeMap<String, String>,
    settings: [DedupeDocument; 2],
    /// How many rows both drop.
    pub both: u64,
    /// Ids that the rule itself drops, and the other does not: in the order of a plan.
    pub only_a: Vec<String>,
    /// Ids that the other drops, and the rule itself does not.
    pub only_b: Vec<String>,
}

#[derive(Serialize)]
struct CompareDocument<'a> {
    housekeep: u32,
    kind: &'a str,
    rule: &'a str,
    table: Option<&'a str>,
    planned_at: Instant,
    source: &'a BTreeMap<String, String>,
    a: &'a DedupeDocument,
    b: &'a DedupeDocument,
    both: u64,
    only_a: &'a [String],
    only_b: &'a [String],
}

impl Compare {
    pub(crate) fn new(
        a: &DedupeRule,
        b: &DedupeRule,
        planned_at: Instant,
        source: BTreeMap<String, String>,
        both: u64,
        only_a: Vec<String>,
        only_b: Vec<String>,
    ) -> Self {
        Self {
            rule: a.name().to_owned(),
            table: a.table().map(str::to_owned),
            planned_at,
            source,
            settings: [a.settings().clone(), b.settings().clone()],
            both,
            only_a,
            only_b,
        }
    }

    /// The answer as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let [a, b] = &self.settings;
        canonical(&CompareDocument {
            housekeep: VERSION,
            kind: "compare",
            rule: &self.rule,
            table: self.table.as_deref(),
            planned_at: self.planned_at,
            source: &self.source,
            a,
            b,
            both: self.both,
            only_a: &self.only_a,
            only_b: &self.only_b,
        })
    }
}

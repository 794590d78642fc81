//! A sweep as a document.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{VERSION, canonical};
use crate::dedupe::{ModeCounts, Sweep};
use crate::policy::DedupeRule;
use crate::time::{Duration, Instant};

/// What other windows would drop: the counts of a [`Sweep`], and what they are about.
#[derive(Clone, Debug)]
pub struct SweepAnswer {
    rule: String,
    table: Option<String>,
    planned_at: Instant,
    rule_sha256: String,
    source: BTreeMap<String, String>,
    sweep: Sweep,
    /// For each warning, the key it gives as an example.
    keys: Vec<Vec<(String, String)>>,
}

#[derive(Serialize)]
struct SweepDocument<'a> {
    housekeep: u32,
    kind: &'a str,
    rule: &'a str,
    table: Option<&'a str>,
    planned_at: Instant,
    rule_sha256: &'a str,
    source: &'a BTreeMap<String, String>,
    total: u64,
    eligible: u64,
    windows: Vec<WindowDocument>,
    forever: ModeDocument,
    smallest_window: Option<Duration>,
    gaps: Vec<GapDocument>,
    warnings: Vec<WarningDocument>,
}

#[derive(Serialize)]
struct WindowDocument {
    window: Duration,
    anchor: ModeDocument,
    chain: ModeDocument,
    tumbling: ModeDocument,
}

#[derive(Serialize)]
struct ModeDocument {
    drop: u64,
    open: u64,
}

#[derive(Serialize)]
struct GapDocument {
    over: Duration,
    upto: Option<Duration>,
    count: u64,
}

#[derive(Serialize)]
struct WarningDocument {
    code: &'static str,
    window: Duration,
    keys: u64,
    median_gap: Duration,
    message: String,
}

impl From<ModeCounts> for ModeDocument {
    fn from(counts: ModeCounts) -> Self {
        Self { drop: counts.drop, open: counts.open }
    }
}

impl SweepAnswer {
    pub(crate) fn new(
        rule: &DedupeRule,
        planned_at: Instant,
        source: BTreeMap<String, String>,
        sweep: Sweep,
        keys: Vec<Vec<(String, String)>>,
    ) -> Self {
        Self {
            rule: rule.name().to_owned(),
            table: rule.table().map(str::to_owned),
            planned_at,
            rule_sha256: rule.sha256().to_owned(),
            source,
            sweep,
            keys,
        }
    }

    /// The counts.
    #[must_use]
    pub fn sweep(&self) -> &Sweep {
        &self.sweep
    }

    /// What a person should know before choosing a window.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let found = self.sweep.warnings.iter().zip(&self.keys);
        let said = found.map(|(warning, key)| {
            let key: Vec<_> = key.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            let others = match warning.keys {
                1 => String::new(),
                keys => format!(" (and {} other keys)", keys - 1),
            };
            format!(
                "a window of {} reaches the usual interval of {}{others}: its rows come every {}, so \
                 they may be a regular series and no duplicates",
                warning.window,
                key.join(", "),
                warning.median,
            )
        });
        said.collect()
    }

    /// The answer as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let windows = self.sweep.windows.iter().map(|counts| WindowDocument {
            window: counts.window,
            anchor: counts.anchor.into(),
            chain: counts.chain.into(),
            tumbling: counts.tumbling.into(),
        });
        let gaps = self.sweep.gaps.iter().map(|range| GapDocument {
            over: range.over,
            upto: range.upto,
            count: range.count,
        });
        let warnings = self.sweep.warnings.iter().zip(self.warnings());
        let warnings = warnings.map(|(warning, message)| WarningDocument {
            code: "usual_interval",
            window: warning.window,
            keys: warning.keys,
            median_gap: warning.median,
            message,
        });
        canonical(&SweepDocument {
            housekeep: VERSION,
            kind: "sweep",
            rule: &self.rule,
            table: self.table.as_deref(),
            planned_at: self.planned_at,
            rule_sha256: &self.rule_sha256,
            source: &self.source,
            total: self.sweep.total,
            eligible: self.sweep.eligible,
            windows: windows.collect(),
            forever: self.sweep.forever.into(),
            smallest_window: self.sweep.smallest,
            gaps: gaps.collect(),
            warnings: warnings.collect(),
        })
    }
}

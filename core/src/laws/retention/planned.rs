//! A decision, by the ids of the items.

use std::collections::BTreeSet;

use super::item::shown;
use super::{Item, Spec};
use crate::control::Control;
use crate::error::Error;
use crate::laws::{self, Law};
use crate::retention::{self, Broken, Decision, Skipped, Verdict};
use crate::time::Instant;

/// What was decided, without the order in which it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) keep: u64,
    pub(super) blocked: u64,
    pub(super) skipped: [u64; 3],
    pub(super) drops: BTreeSet<(i64, u8)>,
}

pub(super) fn decide(
    law: Law,
    items: &[Item],
    spec: &Spec,
    now: Instant,
) -> Result<Decision, laws::Broken> {
    shown(items)
        .and_then(|shown| retention::decide(&shown, &spec.rule()?, now, &Control::new()))
        .map_err(|error| refused(law, &error))
}

/// Every item's verdict.
pub(super) fn verdicts(
    law: Law,
    items: &[Item],
    spec: &Spec,
    now: Instant,
) -> Result<Vec<Verdict>, laws::Broken> {
    shown(items)
        .and_then(|shown| retention::verdicts(&shown, &spec.rule()?, now, &Control::new()))
        .map_err(|error| refused(law, &error))
}

/// One item's verdict.
pub(super) fn verdict(
    law: Law,
    items: &[Item],
    spec: &Spec,
    now: Instant,
    row: u32,
) -> Result<Verdict, laws::Broken> {
    shown(items)
        .and_then(|shown| Ok(retention::verdict(&shown, &spec.rule()?, now, row)))
        .map_err(|error| refused(law, &error))
}

/// The rows that go.
pub(super) fn gone(
    law: Law,
    items: &[Item],
    spec: &Spec,
    now: Instant,
) -> Result<BTreeSet<u32>, laws::Broken> {
    Ok(decide(law, items, spec, now)?.drops.iter().map(|drop| drop.row).collect())
}

fn refused(law: Law, error: &Error) -> laws::Broken {
    laws::Broken { law, says: format!("the items are refused: {error}") }
}

impl Outcome {
    pub(super) fn of(
        law: Law,
        items: &[Item],
        spec: &Spec,
        now: Instant,
    ) -> Result<Self, laws::Broken> {
        let Decision { keep, blocked, drops, skipped, .. } = decide(law, items, spec, now)?;
        let Skipped { unmatched, null_time, future } = skipped;
        let number = |broken| match broken {
            Broken::Age => 0,
            Broken::Count { .. } => 1,
            Broken::Bytes { .. } => 2,
            Broken::Unclaimed { .. } => 3,
        };
        let drops = drops
            .iter()
            .filter_map(|drop| Some((items.get(drop.row as usize)?.id, number(drop.broken))));
        let skipped = [unmatched, null_time, future];
        Ok(Self { keep, blocked, skipped, drops: drops.collect() })
    }

    pub(super) fn add(&mut self, other: Self) {
        self.keep += other.keep;
        self.blocked += other.blocked;
        self.skipped.iter_mut().zip(other.skipped).for_each(|(sum, more)| *sum += more);
        self.drops.extend(other.drops);
    }

    /// The ids of those that go.
    pub(super) fn gone(&self) -> BTreeSet<i64> {
        self.drops.iter().map(|(id, _)| *id).collect()
    }

    /// The ids of those that go for their age.
    pub(super) fn aged(&self) -> BTreeSet<i64> {
        self.drops.iter().filter(|(_, broken)| *broken == 0).map(|(id, _)| *id).collect()
    }
}

/// The items without some.
pub(super) fn without(items: &[Item], gone: &BTreeSet<i64>) -> Vec<Item> {
    items.iter().filter(|item| !gone.contains(&item.id)).cloned().collect()
}

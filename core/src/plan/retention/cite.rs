//! What speaks for a decision, in the terms of the policy.

use std::borrow::Cow;

use super::ItemRows;
use crate::policy::RetentionRule;
use crate::retention::{Anchor, Broken, Claim, Ground, Passed};
use crate::time::{Duration, Instant};
use crate::wire::{Citation, text};

/// A rule, and the items it was asked about.
pub(super) struct Cite<'a> {
    pub(super) rule: &'a RetentionRule,
    pub(super) now: Instant,
    pub(super) rows: &'a ItemRows,
}

impl<'a> Cite<'a> {
    /// The ground of a decision on an item; of one without a time, `time` does not matter.
    pub(super) fn ground(
        &self,
        under: Option<u16>,
        time: Instant,
        ground: &Ground,
    ) -> Citation<'a> {
        let (_, floor, _) = self.rule.said(under);
        let cited = |key: &str, why| self.cited(under, key, why);
        match ground {
            Ground::Held => cited("hold", "held"),
            Ground::Newest { place } => Citation {
                n: Some(u64::from(*place)),
                of: floor.and_then(|floor| floor.count),
                ..cited("floor.count", "newest")
            },
            Ground::Young => Citation {
                age: Some(self.age(time)),
                limit: floor.and_then(|floor| floor.age),
                ..cited("floor.age", "young")
            },
            Ground::Claimed(claim) => self.claimed(under, time, *claim),
            Ground::Within => self.of_rule("within_limits"),
            Ground::Broken(broken) => self.broken(under, time, *broken),
            Ground::Required => cited("require", "required"),
            Ground::Unmatched => cited("match", "not_matched"),
            Ground::NullTime => self.of_rule("null_time"),
            Ground::Future => self.of_rule("future"),
        }
    }

    /// Why an item goes.
    pub(super) fn broken(&self, under: Option<u16>, time: Instant, broken: Broken) -> Citation<'a> {
        let (limit, ..) = self.rule.said(under);
        let cited = |key: &str, why| self.cited(under, key, why);
        match broken {
            Broken::Age => Citation {
                age: Some(self.age(time)),
                limit: limit.and_then(|limit| limit.age),
                ..cited("limit.age", "over_age")
            },
            Broken::Count { place } => Citation {
                n: Some(u64::from(place)),
                of: limit.and_then(|limit| limit.count),
                ..cited("limit.count", "over_count")
            },
            Broken::Bytes { sum } => Citation {
                n: Some(sum),
                of: limit.and_then(|limit| limit.bytes).map(crate::size::Size::bytes),
                ..cited("limit.bytes", "over_bytes")
            },
            Broken::Unclaimed { keep, passed } => self.passed(under, time, keep, passed),
        }
    }

    fn claimed(&self, under: Option<u16>, time: Instant, claim: Claim) -> Citation<'a> {
        let why = match (self.rule.every(under, claim.keep), claim.as_oldest) {
            (None, _) => "saved",
            (Some(_), true) => "oldest",
            (Some(_), false) => "claimed",
        };
        Citation {
            period: self.period(under, claim.keep, time),
            n: Some(u64::from(claim.nth)),
            of: self.count(under, claim.keep),
            ..self.cited(under, &format!("keep[{}]", claim.keep), why)
        }
    }

    /// The keep rule that came nearest to claiming an item.
    fn passed(&self, under: Option<u16>, time: Instant, keep: u16, passed: Passed) -> Citation<'a> {
        let cited = |why| self.cited(under, &format!("keep[{keep}]"), why);
        let held = |by: u32, why| Citation {
            period: self.period(under, keep, time),
            id: Some(text(self.rows.id.cell(by))),
            ..cited(why)
        };
        match passed {
            Passed::Taken { by } => held(by, "period_taken"),
            Passed::Covered { by } => held(by, "period_covered"),
            Passed::Full => Citation { of: self.count(under, keep), ..cited("count_full") },
            Passed::TooOld => {
                let (.., keeps) = self.rule.said(under);
                let within = keeps.get(usize::from(keep)).and_then(|keep| keep.within);
                // Of another anchor, only the kernel knows what it is.
                let is_from_now = self.rule.anchor(under) == Anchor::Now;
                let age = is_from_now.then(|| self.age(time));
                Citation { age, limit: within, ..cited("too_old") }
            }
            Passed::NotAbout => cited("not_about"),
        }
    }

    fn period(&self, under: Option<u16>, keep: u16, time: Instant) -> Option<Cow<'a, str>> {
        let every = self.rule.every(under, keep)?;
        every.name(time, self.rule.zone()).map(Cow::Owned)
    }

    fn count(&self, under: Option<u16>, keep: u16) -> Option<u64> {
        let (.., keeps) = self.rule.said(under);
        keeps.get(usize::from(keep))?.count.and_then(|count| u64::try_from(count).ok())
    }

    fn age(&self, time: Instant) -> Duration {
        self.now.distance(time)
    }

    fn cited(&self, under: Option<u16>, key: &str, why: &'static str) -> Citation<'a> {
        let rule = self.rule.path(under, key).into();
        Citation { rule, why: why.into(), ..Citation::default() }
    }

    fn of_rule(&self, why: &'static str) -> Citation<'a> {
        let rule = format!("retention.{}", self.rule.name()).into();
        Citation { rule, why: why.into(), ..Citation::default() }
    }
}

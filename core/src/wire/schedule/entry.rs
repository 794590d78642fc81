//! What the answers of a schedule are made of.

use serde::Serialize;

use super::answer::UndoneSlot;
use super::sentence::{self, Reason};
use crate::policy::ScheduleRule;
use crate::schedule::{Offer, Running, Slot, Wait};
use crate::time::Instant;

/// A slot.
#[derive(Serialize)]
pub(super) struct SlotEntry {
    slot: String,
    /// What the clocks of the zone show, or skip, as it opens.
    nominal: String,
    open: Instant,
    /// From when on it does not start any more, if that is before its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    cutoff: Option<Instant>,
    close: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice_at: Option<Instant>,
}

impl SlotEntry {
    pub(super) fn new(rule: &ScheduleRule, slot: Slot) -> Self {
        Self {
            slot: rule.key(slot.id),
            nominal: slot.nominal(),
            open: slot.open,
            cutoff: (slot.cutoff != slot.close).then_some(slot.cutoff),
            close: slot.close,
            notice_at: slot.notice_at,
        }
    }
}

/// A run that may start.
#[derive(Serialize)]
pub(super) struct OfferEntry<'a> {
    claim: String,
    slot: String,
    nominal: String,
    open: Instant,
    close: Instant,
    /// How many attempts are left.
    left: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tasks: Vec<&'a str>,
    reasons: [Reason; 1],
    sentence: String,
}

impl<'a> OfferEntry<'a> {
    pub(super) fn due(rule: &ScheduleRule, offer: &'a Offer) -> Self {
        Self::new(rule, offer, "at", sentence::due(rule, offer))
    }

    pub(super) fn missed(rule: &ScheduleRule, offer: &'a Offer) -> Self {
        Self::new(rule, offer, "missed", sentence::missed(rule, offer))
    }

    fn new(rule: &ScheduleRule, offer: &'a Offer, setting: &'static str, sentence: String) -> Self {
        let slot = offer.slot;
        Self {
            claim: rule.claim(slot.id, offer.nth),
            slot: rule.key(slot.id),
            nominal: slot.nominal(),
            open: slot.open,
            close: slot.close,
            left: offer.left,
            tasks: offer.tasks.iter().map(|name| &**name).collect(),
            reasons: [Reason { rule: setting, why: offer.why.as_str() }],
            sentence,
        }
    }
}

/// A slot that is not done, and does not start now.
#[derive(Serialize)]
pub(super) struct UndoneEntry {
    slot: String,
    nominal: String,
    open: Instant,
    close: Instant,
    reasons: [Reason; 1],
    sentence: String,
}

impl UndoneEntry {
    pub(super) fn new(rule: &ScheduleRule, undone: UndoneSlot) -> Self {
        let UndoneSlot { slot, reason, sentence } = undone;
        Self {
            slot: rule.key(slot.id),
            nominal: slot.nominal(),
            open: slot.open,
            close: slot.close,
            reasons: [reason],
            sentence,
        }
    }
}

/// A run that has started.
#[derive(Serialize)]
pub(super) struct RunningEntry {
    claim: String,
    slot: String,
    started_at: Instant,
    stale_at: Instant,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    by_hand: bool,
    sentence: String,
}

impl RunningEntry {
    pub(super) fn new(rule: &ScheduleRule, run: &Running) -> Self {
        Self {
            claim: rule.claim(run.id, run.nth),
            slot: rule.key(run.id),
            started_at: run.started_at,
            stale_at: run.stale_at,
            by_hand: run.by_hand,
            sentence: sentence::running(rule, run),
        }
    }
}

/// When to ask again.
#[derive(Serialize)]
pub(super) struct WaitEntry {
    until: Option<Instant>,
    why: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    slot: Option<String>,
}

impl WaitEntry {
    pub(super) fn new(rule: &ScheduleRule, wait: &Wait) -> Self {
        let slot = wait.slot.map(|slot| rule.key(slot));
        Self { until: wait.until, why: wait.why.as_str(), slot }
    }
}

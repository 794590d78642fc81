//! What a schedule answers.

use serde::Serialize;

use super::entry::{OfferEntry, RunningEntry, SlotEntry, UndoneEntry, WaitEntry};
use super::sentence::{self, Reason};
use crate::policy::ScheduleRule;
use crate::schedule::{Due, Missed, Offer, Running, Slot, SlotId};
use crate::time::Instant;
use crate::wire::{VERSION, canonical};

/// The first slot after an instant or another slot.
#[derive(Clone, Debug)]
pub struct NextAnswer {
    pub(crate) rule: ScheduleRule,
    /// The slot; none if none ever comes.
    pub slot: Option<Slot>,
}

/// The slots of a time.
#[derive(Clone, Debug)]
pub struct SlotsAnswer {
    pub(crate) rule: ScheduleRule,
    /// From when on they open.
    pub from: Instant,
    /// Before when they open.
    pub to: Instant,
    /// The slots, in their order.
    pub slots: Vec<Slot>,
}

/// What is due.
#[derive(Clone, Debug)]
pub struct DueAnswer {
    pub(crate) rule: ScheduleRule,
    /// When that was asked.
    pub now: Instant,
    /// What is.
    pub due: Due,
}

/// What was missed.
#[derive(Clone, Debug)]
pub struct MissedAnswer {
    pub(crate) rule: ScheduleRule,
    /// When that was asked.
    pub now: Instant,
    /// What was.
    pub missed: Missed,
}

/// A slot that is not done, and does not start now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoneSlot {
    /// The slot.
    pub slot: Slot,
    /// Why.
    pub reason: Reason,
    /// The same in a sentence.
    pub sentence: String,
}

/// Until when what is remembered of a slot has to be kept.
#[derive(Clone, Debug)]
pub struct KeepAnswer {
    pub(crate) rule: ScheduleRule,
    /// The slot.
    pub slot: SlotId,
    /// From when on nothing depends on it.
    pub until: Instant,
}

#[derive(Serialize)]
struct NextDocument<'a> {
    housekeep: u32,
    kind: &'static str,
    schedule: &'a str,
    slot: Option<SlotEntry>,
}

#[derive(Serialize)]
struct SlotsDocument<'a> {
    housekeep: u32,
    kind: &'static str,
    schedule: &'a str,
    from: Instant,
    to: Instant,
    slots: Vec<SlotEntry>,
}

#[derive(Serialize)]
struct DueDocument<'a> {
    housekeep: u32,
    kind: &'static str,
    schedule: &'a str,
    now: Instant,
    due: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<OfferEntry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<SlotEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait: Option<WaitEntry>,
    sentence: String,
}

#[derive(Serialize)]
struct MissedDocument<'a> {
    housekeep: u32,
    kind: &'static str,
    schedule: &'a str,
    now: Instant,
    runs: Vec<OfferEntry<'a>>,
    deferred: Vec<UndoneEntry>,
    running: Vec<RunningEntry>,
    gave_up: Vec<UndoneEntry>,
    dropped: Vec<UndoneEntry>,
}

#[derive(Serialize)]
struct KeepDocument<'a> {
    housekeep: u32,
    kind: &'static str,
    schedule: &'a str,
    slot: String,
    keep_until: Instant,
}

impl NextAnswer {
    /// The schedule that was asked.
    #[must_use]
    pub fn rule(&self) -> &ScheduleRule {
        &self.rule
    }

    /// The answer as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let (housekeep, kind, schedule) = (VERSION, "next", self.rule.name());
        let slot = self.slot.map(|slot| SlotEntry::new(&self.rule, slot));
        canonical(&NextDocument { housekeep, kind, schedule, slot })
    }
}

impl SlotsAnswer {
    /// The schedule that was asked.
    #[must_use]
    pub fn rule(&self) -> &ScheduleRule {
        &self.rule
    }

    /// The answer as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let (housekeep, kind, schedule) = (VERSION, "slots", self.rule.name());
        let slots = self.slots.iter().map(|slot| SlotEntry::new(&self.rule, *slot)).collect();
        let (from, to) = (self.from, self.to);
        canonical(&SlotsDocument { housekeep, kind, schedule, from, to, slots })
    }
}

impl DueAnswer {
    /// The schedule that was asked.
    #[must_use]
    pub fn rule(&self) -> &ScheduleRule {
        &self.rule
    }

    /// The word for what is due: `run`, `notice` or `wait`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.due {
            Due::Run(_) => "run",
            Due::Notice(_) => "notice",
            Due::Wait(_) => "wait",
        }
    }

    /// What is due, in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match &self.due {
            Due::Run(offer) => sentence::due(&self.rule, offer),
            Due::Notice(slot) => sentence::notice(&self.rule, slot),
            Due::Wait(wait) => sentence::wait(&self.rule, wait),
        }
    }

    /// The answer as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let (housekeep, kind, schedule) = (VERSION, "due", self.rule.name());
        let (mut run, mut notice, mut wait) = (None, None, None);
        match &self.due {
            Due::Run(offer) => run = Some(OfferEntry::due(&self.rule, offer)),
            Due::Notice(slot) => notice = Some(SlotEntry::new(&self.rule, *slot)),
            Due::Wait(until) => wait = Some(WaitEntry::new(&self.rule, until)),
        }
        let (now, due, sentence) = (self.now, self.word(), self.sentence());
        canonical(&DueDocument { housekeep, kind, schedule, now, due, run, notice, wait, sentence })
    }
}

impl MissedAnswer {
    /// The schedule that was asked.
    #[must_use]
    pub fn rule(&self) -> &ScheduleRule {
        &self.rule
    }

    /// What may start when other runs have, or when a window is open.
    #[must_use]
    pub fn deferred(&self) -> Vec<UndoneSlot> {
        self.undone(&self.missed.deferred, sentence::deferred(&self.missed))
    }

    /// What failed as often as it may.
    #[must_use]
    pub fn gave_up(&self) -> Vec<UndoneSlot> {
        self.undone(&self.missed.gave_up, sentence::gave_up())
    }

    /// What runs no more, and is still spoken of.
    #[must_use]
    pub fn dropped(&self) -> Vec<UndoneSlot> {
        self.undone(&self.missed.dropped, sentence::dropped(&self.rule))
    }

    fn undone(&self, slots: &[Slot], reason: Reason) -> Vec<UndoneSlot> {
        let say = |slot: &Slot| UndoneSlot {
            slot: *slot,
            reason,
            sentence: sentence::undone(&self.rule, *slot, reason),
        };
        slots.iter().map(say).collect()
    }

    /// One of its runs that may start, in a sentence.
    #[must_use]
    pub fn sentence(&self, offer: &Offer) -> String {
        sentence::missed(&self.rule, offer)
    }

    /// One of those that run, in a sentence.
    #[must_use]
    pub fn running_sentence(&self, run: &Running) -> String {
        sentence::running(&self.rule, run)
    }

    /// The answer as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let (housekeep, kind, schedule) = (VERSION, "missed", self.rule.name());
        let (rule, missed) = (&self.rule, &self.missed);
        let undone = |slots: Vec<UndoneSlot>| {
            slots.into_iter().map(|slot| UndoneEntry::new(rule, slot)).collect()
        };
        canonical(&MissedDocument {
            housekeep,
            kind,
            schedule,
            now: self.now,
            runs: missed.runs.iter().map(|offer| OfferEntry::missed(rule, offer)).collect(),
            deferred: undone(self.deferred()),
            running: missed.running.iter().map(|run| RunningEntry::new(rule, run)).collect(),
            gave_up: undone(self.gave_up()),
            dropped: undone(self.dropped()),
        })
    }
}

impl KeepAnswer {
    /// The schedule that was asked.
    #[must_use]
    pub fn rule(&self) -> &ScheduleRule {
        &self.rule
    }

    /// The answer as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let (housekeep, kind, schedule) = (VERSION, "keep-until", self.rule.name());
        let (slot, keep_until) = (self.rule.key(self.slot), self.until);
        canonical(&KeepDocument { housekeep, kind, schedule, slot, keep_until })
    }
}

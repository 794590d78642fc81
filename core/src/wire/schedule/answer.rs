//! What a schedule answers.

use serde::Serialize;

use super::entry::{OfferEntry, RunningEntry, SlotEntry, UndoneEntry, WaitEntry};
use super::sentence;
use crate::policy::ScheduleRule;
use crate::schedule::{Due, Missed, Slot, SlotId};
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

    /// One sentence for each slot, with the word of the list that it is in: what may start now, what is
    /// deferred, what runs, what gave up, and what was dropped.
    #[must_use]
    pub fn sentences(&self) -> Vec<(&'static str, String)> {
        let (rule, missed) = (&self.rule, &self.missed);
        let mut all = Vec::new();
        all.extend(missed.runs.iter().map(|offer| ("runs", sentence::missed(rule, offer))));
        let mut undone = |word, slots: &[Slot], why| {
            all.extend(slots.iter().map(|slot| (word, sentence::undone(rule, *slot, why))));
        };
        undone("deferred", &missed.deferred, sentence::deferred(rule, missed));
        undone("gave_up", &missed.gave_up, sentence::gave_up(rule));
        undone("dropped", &missed.dropped, sentence::dropped(rule));
        all.extend(missed.running.iter().map(|run| ("running", sentence::running(rule, run))));
        all
    }

    /// The answer as canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let (housekeep, kind, schedule) = (VERSION, "missed", self.rule.name());
        let (rule, missed) = (&self.rule, &self.missed);
        let undone = |slots: &[Slot], why: fn(&ScheduleRule, &Missed) -> _| {
            slots.iter().map(|slot| UndoneEntry::new(rule, *slot, why(rule, missed))).collect()
        };
        canonical(&MissedDocument {
            housekeep,
            kind,
            schedule,
            now: self.now,
            runs: missed.runs.iter().map(|offer| OfferEntry::missed(rule, offer)).collect(),
            deferred: undone(&missed.deferred, sentence::deferred),
            running: missed.running.iter().map(|run| RunningEntry::new(rule, run)).collect(),
            gave_up: undone(&missed.gave_up, |rule, _| sentence::gave_up(rule)),
            dropped: undone(&missed.dropped, |rule, _| sentence::dropped(rule)),
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

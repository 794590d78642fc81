//! What a schedule answers, in one sentence each.

use serde::Serialize;

use crate::error::quoted;
use crate::policy::ScheduleRule;
use crate::schedule::{IfMissed, Missed, Offer, Running, Slot, Undone, Wait, Wake};

/// Why something is so: the setting, and how it bears on this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The setting.
    pub rule: &'static str,
    /// How it bears on this, in a word.
    pub why: &'static str,
}

pub(super) fn due(rule: &ScheduleRule, offer: &Offer) -> String {
    let key = quoted(&rule.key(offer.slot.id));
    format!("{key} may start until {}: {}", offer.slot.cutoff, undone_why(offer))
}

pub(super) fn missed(rule: &ScheduleRule, offer: &Offer) -> String {
    let key = quoted(&rule.key(offer.slot.id));
    format!("{key} was missed, and may start now: {}", undone_why(offer))
}

fn undone_why(offer: &Offer) -> String {
    let left = match offer.left {
        1 => "1 attempt is left".to_owned(),
        left => format!("{left} attempts are left"),
    };
    match offer.why {
        Undone::New => "it has not run".into(),
        Undone::Failed => format!("it failed, and {left}"),
        Undone::Abandoned => format!("its host ended before it did, and {left}"),
        Undone::Stale => format!("it started, nothing was heard of it since, and {left}"),
    }
}

pub(super) fn notice(rule: &ScheduleRule, slot: &Slot) -> String {
    let key = quoted(&rule.key(slot.id));
    format!("{key} is to be announced: it opens at {} and closes at {}", slot.open, slot.close)
}

pub(super) fn wait(rule: &ScheduleRule, wait: &Wait) -> String {
    let key = || wait.slot.map(|slot| quoted(&rule.key(slot))).unwrap_or_default();
    let Some(until) = wait.until else { return "nothing will ever be due".into() };
    let then = match wait.why {
        Wake::Opens => format!("when {} opens", key()),
        Wake::Notice => format!("when {} is to be announced", key()),
        Wake::Closes => format!("when {} can start in its window no more", key()),
        Wake::Stale => format!("when the run of {} counts as failed", key()),
        Wake::Calendar => "when its calendar has to be refreshed".into(),
        Wake::Never => String::new(),
    };
    format!("nothing changes before {until}, {then}")
}

pub(super) fn running(rule: &ScheduleRule, run: &Running) -> String {
    let (key, hand) = (quoted(&rule.key(run.id)), if run.by_hand { ", by hand" } else { "" });
    let (started, stale) = (run.started_at, run.stale_at);
    format!("{key} runs since {started}{hand}, and counts as failed from {stale} on")
}

pub(super) fn deferred(missed: &Missed) -> Reason {
    // Where nothing is offered at all, it waits for a window.
    match missed.runs.as_slice() {
        [] => Reason { rule: "catch_up", why: "window" },
        _ => Reason { rule: "max", why: "max" },
    }
}

pub(super) fn gave_up() -> Reason {
    Reason { rule: "attempts", why: "attempts" }
}

pub(super) fn dropped(rule: &ScheduleRule) -> Reason {
    match rule.schedule().missed_setting() {
        IfMissed::Each => Reason { rule: "look_back", why: "look_back" },
        IfMissed::Latest => Reason { rule: "missed", why: "latest" },
        IfMissed::Skip => Reason { rule: "missed", why: "skip" },
    }
}

pub(super) fn undone(rule: &ScheduleRule, slot: Slot, why: Reason) -> String {
    let key = quoted(&rule.key(slot.id));
    match why.why {
        "window" => format!("{key} was missed, and may start when a window is open"),
        "max" => format!("{key} was missed, and may start when those before it are done"),
        "attempts" => format!("{key} failed as often as it may"),
        "latest" => format!("{key} was missed, and a later one has opened since"),
        "skip" => format!("{key} was missed, and what is missed is skipped"),
        _ => format!("{key} was missed, and is farther back than is looked"),
    }
}

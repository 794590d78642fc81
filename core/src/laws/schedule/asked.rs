//! What is due, and what was missed.

use std::collections::BTreeMap;

use super::{Broken, Held, Law, model};
use crate::schedule::{
    CatchUp, Due, Missed, Offer, RunState, Schedule, Slot, SlotId, Standing, State, Wake,
};
use crate::time::Instant;

/// Law 8: what was missed is the oldest first, no more than `max`, never before the first slot that counts;
/// and each slot that is not done is in one list alone, or due.
///
/// # Errors
/// The law, if it does not hold.
pub fn missed_adds_up(schedule: &Schedule, state: &State, now: Instant) -> Held {
    const LAW: Law = Law { number: 8, name: "missed_adds_up" };
    let missed = LAW.answered(schedule.missed(state, now))?;
    let Missed { runs, deferred, running, gave_up, dropped } = &missed;
    let ids: Vec<SlotId> = runs.iter().map(|offer| offer.slot.id).collect();
    let sorted = ids.windows(2).all(|pair| matches!(pair, [one, next] if one < next));
    let within = ids.iter().all(|id| *id >= state.since());
    let most = usize::try_from(schedule.max).unwrap_or(usize::MAX);
    LAW.check(sorted && within && ids.len() <= most, || format!("{ids:?} at {now}"))?;
    let oldest = deferred.first().map(|slot| slot.id);
    let first = ids.last().is_none_or(|last| oldest.is_none_or(|oldest| *last < oldest));
    LAW.check(first, || format!("{ids:?} are offered, and {oldest:?} is deferred"))?;
    let mut listed: BTreeMap<SlotId, u32> = BTreeMap::new();
    let slots = [deferred, gave_up, dropped].into_iter().flatten().map(|slot: &Slot| slot.id);
    for id in ids.iter().copied().chain(slots).chain(running.iter().map(|run| run.id)) {
        *listed.entry(id).or_default() += 1;
    }
    LAW.check(listed.values().all(|times| *times == 1), || format!("{listed:?}"))?;
    for (slot, standing) in model::standings(schedule, state, now)? {
        let settled = matches!(standing, Standing::Done | Standing::Skipped | Standing::Due);
        let is_listed = listed.contains_key(&slot.id);
        LAW.check(is_listed != settled, || format!("{} is {standing:?}: {missed:?}", slot.id))?;
        // In a window, or without one, as the schedule says.
        let waits = schedule.catch_up == CatchUp::Window;
        let may = !waits || any_open(schedule, state, now)?;
        let offered = ids.contains(&slot.id);
        let told = !offered || standing == Standing::Missed;
        LAW.check(told && (may || !offered), || format!("{} is offered at {now}", slot.id))?;
    }
    Ok(())
}

fn any_open(schedule: &Schedule, state: &State, now: Instant) -> Result<bool, Broken> {
    let standings = model::standings(schedule, state, now)?;
    Ok(standings.iter().any(|(slot, _)| slot.open <= now && now < slot.cutoff))
}

/// Law 9, the first half: what is offered has opened, is not done, and has attempts left; of what is due
/// the window is open, and none is both due and missed.
///
/// # Errors
/// The law, if it does not hold.
pub fn nothing_early_and_nothing_twice(schedule: &Schedule, state: &State, now: Instant) -> Held {
    const LAW: Law = Law { number: 9, name: "nothing_early_and_nothing_twice" };
    let due = LAW.answered(schedule.due(state, now))?;
    let missed = LAW.answered(schedule.missed(state, now))?;
    let sound = |offer: &Offer| {
        let run = state.run(offer.slot.id);
        let done = run.is_some_and(|run| run.state == RunState::Done);
        let tries = run.map_or(0, |run| run.tries);
        offer.slot.open <= now && !done && offer.left > 0 && offer.nth > tries
    };
    if let Due::Run(offer) = &due {
        let starts = sound(offer) && offer.slot.may_start(now);
        let twice = missed.runs.iter().any(|other| other.slot.id == offer.slot.id);
        LAW.check(starts && !twice, || format!("{offer:?} is due at {now}"))?;
    }
    if let Due::Notice(slot) = &due {
        let told = slot.notice_at.is_some_and(|at| at <= now) && now < slot.open;
        LAW.check(told, || format!("{slot:?} is announced at {now}"))?;
    }
    LAW.check(missed.runs.iter().all(sound), || format!("{:?} are missed at {now}", missed.runs))
}

/// What somebody would do by it.
fn told(law: Law, schedule: &Schedule, state: &State, now: Instant) -> Result<String, Broken> {
    let due = match law.answered(schedule.due(state, now))? {
        Due::Wait(_) => None,
        due => Some(due),
    };
    let missed = law.answered(schedule.missed(state, now))?;
    Ok(format!("{due:?} {:?} {:?} {:?}", missed.runs, missed.deferred, missed.running))
}

/// Law 9, the second half: until a wait is over nothing changes that somebody would act on.
///
/// # Errors
/// The law, if it does not hold.
pub fn a_wait_holds(schedule: &Schedule, state: &State, now: Instant) -> Held {
    const LAW: Law = Law { number: 9, name: "a_wait_holds" };
    let Due::Wait(wait) = LAW.answered(schedule.due(state, now))? else { return Ok(()) };
    let Some(until) = wait.until else { return Ok(()) };
    LAW.check(until > now, || format!("at {now} it waits until {until}"))?;
    let before = told(LAW, schedule, state, now)?;
    let (from, to) = (now.as_micros(), until.as_micros());
    for part in [1, 250, 500, 750, 1000] {
        let at = from + (to - from) / 1000 * part;
        let at = Instant::checked(at.clamp(from, to - 1)).unwrap_or(now);
        let after = told(LAW, schedule, state, at)?;
        LAW.check(after == before, || format!("at {now}: {before}\nat {at}: {after}"))?;
    }
    // From then on the calendar says nothing, or something is different, or it may be.
    LAW.check(wait.why != Wake::Calendar || schedule.due(state, until).is_err(), || {
        format!("{until} is said to be beyond the calendar")
    })
}

/// Law 10: what is forgotten from its `keep_until` on is in no answer, then or later.
///
/// # Errors
/// The law, if it does not hold.
pub fn forgetting_changes_nothing(
    schedule: &Schedule,
    state: &State,
    now: Instant,
    later: Instant,
) -> Held {
    const LAW: Law = Law { number: 10, name: "forgetting_changes_nothing" };
    let forgotten = schedule.forget(state.clone(), now);
    let standings = |state| LAW.answered(schedule.standings(state, later));
    let (with, without) = (standings(state)?, standings(&forgotten)?);
    LAW.check(with == without, || format!("at {later}: {with:?}, and without {without:?}"))
}

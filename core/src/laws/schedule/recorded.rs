//! What is recorded.

use super::{Held, Law};
use crate::schedule::{Event, RunState, Schedule, Standing, State, What};
use crate::time::Instant;

/// Law 6: saying a thing twice is saying it once, and of what happened to two slots it does not matter
/// what is said first.
///
/// An event that is refused changes nothing.
///
/// # Errors
/// The law, if it does not hold.
pub fn twice_is_once(schedule: &Schedule, state: &State, one: &Event, other: &Event) -> Held {
    const LAW: Law = Law { number: 6, name: "twice_is_once" };
    let Ok(once) = schedule.record(state.clone(), one) else { return Ok(()) };
    let twice = LAW.answered(schedule.record(once.clone(), one))?;
    LAW.check(twice == once, || format!("{one:?}: {once:?}, and then {twice:?}"))?;
    if one.slot == other.slot {
        return Ok(());
    }
    let Ok(first) = schedule.record(state.clone(), other) else { return Ok(()) };
    let (after, before) = (schedule.record(once, other), schedule.record(first, one));
    let (after, before) = (LAW.answered(after)?, LAW.answered(before)?);
    LAW.check(after == before, || format!("{one:?} and {other:?}: {after:?} or {before:?}"))
}

/// Law 6, the end of it: what is done stays done, whatever is said later.
///
/// # Errors
/// The law, if it does not hold.
pub fn done_stays_done(schedule: &Schedule, state: &State, event: &Event) -> Held {
    const LAW: Law = Law { number: 6, name: "done_stays_done" };
    let Ok(after) = schedule.record(state.clone(), event) else { return Ok(()) };
    for (id, run) in state.runs().filter(|(_, run)| run.state == RunState::Done) {
        let now = after.run(id).map(|run| (run.state, run.completed_at, run.tries));
        let was = Some((run.state, run.completed_at, run.tries));
        LAW.check(now == was, || format!("{id} was {was:?}, and is {now:?} by {event:?}"))?;
    }
    Ok(())
}

/// Law 6, of an end that comes too late: what is remembered of tasks is the last run's, so that the end of an
/// earlier one, of which nothing says how it came out, changes nothing.
///
/// # Errors
/// The law, if it does not hold.
pub fn late_ends_say_nothing(schedule: &Schedule, state: &State, at: Instant) -> Held {
    const LAW: Law = Law { number: 6, name: "late_ends_say_nothing" };
    for (slot, run) in state.runs().filter(|(_, run)| run.tries > 1) {
        let (nth, what) = (Some(run.tries - 1), What::Finished { completed: None, success: None });
        let event = Event { slot, nth, at, what };
        let Ok(after) = schedule.record(state.clone(), &event) else { continue };
        LAW.check(after == *state, || format!("{event:?} made {after:?} of {state:?}"))?;
    }
    Ok(())
}

/// Law 7: a run that is abandoned is offered again at once, if it is still looked back at and was not a
/// person's last attempt; and it uses up no attempt.
///
/// # Errors
/// The law, if it does not hold.
pub fn abandoned_is_offered_again(schedule: &Schedule, state: &State, now: Instant) -> Held {
    const LAW: Law = Law { number: 7, name: "abandoned_is_offered_again" };
    for running in LAW.answered(schedule.missed(state, now))?.running {
        let (slot, nth) = (running.id, Some(running.nth));
        let event = Event { slot, nth, at: now, what: What::Abandoned };
        let after = LAW.answered(schedule.record(state.clone(), &event))?;
        let standings = LAW.answered(schedule.standings(&after, now))?;
        let Some((_, standing)) = standings.iter().find(|(own, _)| own.id == slot) else {
            continue;
        };
        let used = |state: &State| {
            state.run(slot).map_or(0, |run| run.tries.saturating_sub(run.uncounted))
        };
        let over = u32::from(!running.by_hand);
        LAW.check(used(&after) == used(state).saturating_sub(over), || {
            format!("{slot} has used up {} attempts, and then {}", used(state), used(&after))
        })?;
        let offered = match standing {
            Standing::Due | Standing::Missed | Standing::Dropped => true,
            // All that there were had failed before.
            Standing::GaveUp => used(&after) >= schedule.attempts,
            Standing::Done | Standing::Skipped | Standing::Running => false,
        };
        LAW.check(offered, || format!("{slot} is {standing:?} at {now}"))?;
    }
    Ok(())
}

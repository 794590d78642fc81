//! How every slot stands, the plain way: all slots from the first that counts, each judged by itself.

use super::{Broken, Held, Law};
use crate::schedule::{IfMissed, RunState, Schedule, Slot, Standing, State};
use crate::time::{Duration, Instant, WallTime};

const LAW: Law = Law { number: 5, name: "model::agrees" };
/// A record is kept for a week more than it is looked back at.
const WEEK: Duration = Duration::from_mins(7 * 24 * 60);

/// The slots that have opened and are spoken of, each as it stands.
///
/// # Errors
/// The law, where the schedule does not answer.
pub fn standings(
    schedule: &Schedule,
    state: &State,
    now: Instant,
) -> Result<Vec<(Slot, Standing)>, Broken> {
    let zone = schedule.zone();
    let first = zone.first_at(state.since().date, WallTime::MIN).unwrap_or(Instant::MIN);
    let opened = LAW.answered(schedule.slots(first, now.next().unwrap_or(now)))?;
    let opened: Vec<Slot> = opened.into_iter().filter(|slot| slot.id >= state.since()).collect();
    let reach = match schedule.if_missed {
        IfMissed::Each => usize::try_from(schedule.look_back).unwrap_or(usize::MAX),
        IfMissed::Skip | IfMissed::Latest => 1,
    };
    let mut found = Vec::new();
    for (n, slot) in opened.iter().enumerate() {
        let taken_over = opened.get(n.saturating_add(reach)).map(|later| later.open);
        let forgotten = taken_over.map(|at| at.max(slot.cutoff).saturating_add(WEEK));
        if forgotten.is_some_and(|at| at <= now) {
            continue;
        }
        found.push((*slot, standing(schedule, state, slot, taken_over.is_some(), now)));
    }
    Ok(found)
}

fn standing(
    schedule: &Schedule,
    state: &State,
    slot: &Slot,
    is_taken_over: bool,
    now: Instant,
) -> Standing {
    let run = state.run(slot.id);
    let is = |word: RunState| run.is_some_and(|run| run.state == word);
    let stale = run.and_then(|run| run.started_at).map(|at| at.saturating_add(schedule.stale));
    let used = run.map_or(0, |run| run.tries.saturating_sub(run.uncounted));
    if is(RunState::Done) {
        Standing::Done
    } else if is(RunState::Skipped) {
        Standing::Skipped
    } else if is(RunState::Running) && stale.is_some_and(|stale| now < stale) {
        Standing::Running
    } else if used >= schedule.attempts {
        Standing::GaveUp
    } else if now < slot.cutoff {
        Standing::Due
    } else if schedule.if_missed == IfMissed::Skip || is_taken_over {
        Standing::Dropped
    } else {
        Standing::Missed
    }
}

/// Law 5, and much of 7 and 8: each slot that has opened and is spoken of stands in one way, which is the
/// plain one.
///
/// # Errors
/// The law, if it does not hold.
pub fn agrees(schedule: &Schedule, state: &State, now: Instant) -> Held {
    let found = LAW.answered(schedule.standings(state, now))?;
    let expected = standings(schedule, state, now)?;
    LAW.check(found == expected, || format!("at {now}: {found:?}, and plainly {expected:?}"))
}

//! What is due now, and if nothing is, when to ask again.

use super::{CatchUp, Offer, RunState, Schedule, Slot, SlotId, Standing, State};
use crate::error::{Code, Error};
use crate::time::{Instant, WallTime};

/// What is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// A run may start.
    Run(Offer),
    /// A slot is to be announced.
    Notice(Slot),
    /// Nothing is.
    Wait(Wait),
}

/// Until when nothing changes, if nothing new is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wait {
    /// The first instant at which something does, of what is due and of what was missed; none if nothing
    /// ever does.
    pub until: Option<Instant>,
    /// What.
    pub why: Wake,
    /// Of which slot.
    pub slot: Option<SlotId>,
}

/// What changes when a wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wake {
    /// A window opens.
    Opens,
    /// A slot is to be announced.
    Notice,
    /// A slot can start in its window no more.
    Closes,
    /// A run counts as failed, for nothing was heard of it.
    Stale,
    /// The calendar is not known any more.
    Calendar,
    /// Nothing ever does.
    Never,
}

impl Wake {
    /// The word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Wake::Opens => "opens",
            Wake::Notice => "notice",
            Wake::Closes => "closes",
            Wake::Stale => "stale",
            Wake::Calendar => "calendar",
            Wake::Never => "never",
        }
    }
}

/// What comes after now.
#[derive(Default)]
struct Ahead {
    notice: Option<Slot>,
    wakes: Vec<(Instant, Wake, Option<SlotId>)>,
}

impl Schedule {
    /// What is due: the run of a slot whose window is open, the oldest first; or an announcement; or when
    /// to ask again. What was missed is asked of [`Schedule::missed`].
    ///
    /// # Errors
    /// `policy.unknown_date` if its calendar would have to be asked of a day that it is not known for.
    pub fn due(&self, state: &State, now: Instant) -> Result<Due, Error> {
        let standings = self.standings(state, now)?;
        let due = standings.iter().find(|(_, standing)| *standing == Standing::Due);
        if let Some((slot, _)) = due {
            return Ok(Due::Run(self.offer(state, *slot)));
        }
        let Ahead { notice, mut wakes } = self.ahead(state, now)?;
        if let Some(slot) = notice {
            return Ok(Due::Notice(slot));
        }
        if self.catch_up == CatchUp::Window
            && standings.iter().any(|(_, standing)| *standing == Standing::Missed)
        {
            // What was missed may start while any window is open.
            let open = standings.iter().filter(|(slot, _)| slot.may_start(now));
            wakes.extend(open.map(|(slot, _)| (slot.cutoff, Wake::Closes, Some(slot.id))));
        }
        let running = self.running(state, now);
        wakes.extend(running.iter().map(|run| (run.stale_at, Wake::Stale, Some(run.id))));
        Ok(Due::Wait(match wakes.into_iter().min() {
            Some((until, why, slot)) => Wait { until: Some(until), why, slot },
            None => Wait { until: None, why: Wake::Never, slot: None },
        }))
    }

    /// What will open, or be announced, first.
    fn ahead(&self, state: &State, now: Instant) -> Result<Ahead, Error> {
        let mut ahead = Ahead::default();
        let Some(after) = now.next() else { return Ok(ahead) };
        let mut has_opening = false;
        for slot in self.opening(after, None) {
            let slot = match slot {
                Ok(slot) => slot,
                Err(error) if error.code() == Code::PolicyUnknownDate => {
                    let until = self.known_until().filter(|until| now < *until).ok_or(error)?;
                    ahead.wakes.push((until, Wake::Calendar, None));
                    break;
                }
                Err(error) => return Err(error),
            };
            if slot.id < state.since {
                continue;
            }
            if !has_opening {
                ahead.wakes.push((slot.open, Wake::Opens, Some(slot.id)));
                has_opening = true;
            }
            match slot.notice_at {
                Some(at) if at > now => {
                    ahead.wakes.push((at, Wake::Notice, Some(slot.id)));
                    break;
                }
                Some(_) if ahead.notice.is_none() && !is_announced(state, slot.id) => {
                    ahead.notice = Some(slot);
                    break;
                }
                Some(_) => {}
                None => break,
            }
        }
        Ok(ahead)
    }

    /// Since when a day would have to be asked of that the calendar is not known for.
    fn known_until(&self) -> Option<Instant> {
        let first = self.known()?.end().plus(1)?;
        let begins = self.zone.first_at(first, WallTime::MIN)?;
        Some(self.notice.map_or(begins, |notice| begins.saturating_sub(notice)))
    }
}

/// Whether nobody has to be told any more that a slot will open.
fn is_announced(state: &State, id: SlotId) -> bool {
    state.run(id).is_some_and(|run| {
        run.noticed_at.is_some() || run.is_settled() || run.state == RunState::Running
    })
}

//! How long the record of a run is needed.

use std::ops::RangeInclusive;

use super::{Schedule, SlotId, State};
use crate::error::{Code, Error};
use crate::time::{Date, Duration, Instant};

/// A day may be declared closed afterwards, and then one slot more is looked back at: the record is kept
/// for a week more.
pub(super) const MARGIN: Duration = Duration::from_mins(7 * 24 * 60);
/// Years whose days stand for all: in 28 years every date has every weekday; in 400 everything repeats.
const SAMPLES: [i32; 2] = [28, 400];
const FIRST_YEAR: i32 = 2001;

impl Schedule {
    /// When the record of a slot may be forgotten: from then on nothing depends on it.
    ///
    /// Where the days after it are not known, it is the end of its window and `retain`, or as long as any
    /// slot's record is needed that is known.
    ///
    /// # Errors
    /// `policy.unknown_date` for a slot that is itself on a day that is not known.
    pub fn keep_until(&self, id: SlotId) -> Result<Instant, Error> {
        let own = self.slot(id)?;
        let (open, cutoff, close) = match own {
            Some(slot) => (slot.open, slot.cutoff, slot.close),
            // A day on which something was run by hand.
            None => {
                let at = self.nominal(id);
                (at, at, at)
            }
        };
        match self.taken_over(id) {
            Ok(Some(at)) => Ok(at.max(open).max(cutoff).saturating_add(MARGIN)),
            Ok(None) => Ok(Instant::MAX),
            Err(error) if error.code() == Code::PolicyUnknownDate => {
                Ok(close.saturating_add(self.retain.unwrap_or(self.longest_needed)))
            }
            Err(error) => Err(error),
        }
    }

    /// When so many later slots have opened that one is not looked back at any more; none if there will
    /// never be so many.
    fn taken_over(&self, id: SlotId) -> Result<Option<Instant>, Error> {
        let mut later = self.after(id);
        let last = later.nth(self.reach().saturating_sub(1)).transpose()?;
        Ok(last.map(|slot| slot.open))
    }

    /// The same state without the records that are not needed any more.
    #[must_use]
    pub fn forget(&self, mut state: State, now: Instant) -> State {
        // What cannot be told is kept.
        state.runs.retain(|id, _| self.keep_until(*id).map_or(true, |until| now < until));
        state
    }

    /// How long after its slot opens a record is needed at the most, over all days that are known; none if
    /// there are no slots.
    pub(super) fn longest_needed(&self) -> Result<Option<Duration>, Error> {
        let apart = self.reach().div_ceil(self.times.len().max(1));
        let mut needed = None;
        for years in SAMPLES {
            let Some(sample) = self.sample(years) else { break };
            let days = self.days_in(&sample)?;
            if let Some(last) = days.last() {
                needed = Some(needed_for(self, *last)?);
            }
            let way = |pair: (&Date, &Date)| pair.1.days_since(*pair.0);
            let ways = || days.iter().zip(days.iter().skip(apart));
            let Some(longest) = ways().map(way).max() else { continue };
            for (first, _) in ways().filter(|pair| way(*pair) == longest) {
                needed = needed.max(Some(needed_for(self, *first)?));
            }
            break;
        }
        Ok(needed)
    }

    /// The days that are looked at in place of all.
    fn sample(&self, years: i32) -> Option<RangeInclusive<Date>> {
        let all = Date::new(FIRST_YEAR, 1, 1)?..=Date::new(FIRST_YEAR + years, 1, 1)?;
        Some(self.known().unwrap_or(all))
    }
}

fn needed_for(schedule: &Schedule, date: Date) -> Result<Duration, Error> {
    let mut longest = Duration::ZERO;
    for slot in schedule.of_date(date)? {
        let until = match schedule.taken_over(slot.id) {
            Ok(until) => until.unwrap_or(Instant::MAX),
            Err(error) if error.code() == Code::PolicyUnknownDate => continue,
            Err(error) => return Err(error),
        };
        let until = until.max(slot.cutoff).saturating_add(MARGIN);
        longest = longest.max(until.distance(slot.open));
    }
    Ok(longest)
}

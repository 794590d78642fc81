//! The slots of a schedule, in their order.

use std::ops::RangeInclusive;

use super::{End, Schedule, Slot, SlotId};
use crate::error::Error;
use crate::time::{Date, Duration, Instant, WallTime};

/// No zone ever skipped, or repeated, more than a day.
const AROUND: i64 = 2;

impl End {
    /// How long a window is that begins at a time of a day, if no clock is changed.
    pub(super) fn nominal(self, at: WallTime) -> Duration {
        match self {
            End::For(length) => length,
            End::Until(until) => at.until(until),
        }
    }
}

impl Schedule {
    /// Whether a day is one of its days.
    ///
    /// # Errors
    /// `policy.unknown_date` for a day that its calendar is not known for.
    pub fn has(&self, date: Date) -> Result<bool, Error> {
        for days in &self.days {
            if days.has(date)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The days that can be asked of; none where all can be.
    pub(super) fn known(&self) -> Option<RangeInclusive<Date>> {
        let known = self.days.iter().filter_map(|days| days.known().cloned());
        known.reduce(|one, other| *one.start().max(other.start())..=*one.end().min(other.end()))
    }

    /// Its days among these, in their order.
    pub(super) fn days_in(
        &self,
        range: &RangeInclusive<Date>,
    ) -> impl Iterator<Item = Result<Date, Error>> + '_ {
        let last = *range.end();
        let all = std::iter::successors(Some(*range.start()), |date| date.plus(1));
        let all = all.take_while(move |date| *date <= last);
        all.filter_map(|date| self.has(date).map(|has| has.then_some(date)).transpose())
    }

    /// The slots of a day.
    pub(super) fn of_date(&self, date: Date) -> Result<Vec<Slot>, Error> {
        if !self.has(date)? {
            return Ok(Vec::new());
        }
        let change = self.overrides.get(&date);
        let times = change.map(|change| &change.at).filter(|at| !at.is_empty());
        let end = change.and_then(|change| change.end).unwrap_or(self.end);
        let times = times.unwrap_or(&self.times).iter();
        Ok(times.filter_map(|at| self.window(date, *at, end)).collect())
    }

    /// None only at the end of time.
    fn window(&self, date: Date, at: WallTime, end: End) -> Option<Slot> {
        let open = self.zone.first_at(date, at)?;
        let nominal = end.nominal(at);
        let close = match end {
            End::For(_) => open.saturating_add(nominal),
            End::Until(until) => {
                let day = if until <= at { date.plus(1)? } else { date };
                let close = self.zone.first_at(day, until)?;
                // Of a window that the clocks skip nothing would be left.
                if close <= open { open.saturating_add(nominal) } else { close }
            }
        };
        Some(Slot {
            id: SlotId { date, time: self.has_times().then_some(at) },
            at,
            open,
            cutoff: close.saturating_sub(self.cutoff).max(open),
            close,
            notice_at: self.notice.map(|notice| open.saturating_sub(notice)),
        })
    }

    /// The slot of a name, if there is one.
    ///
    /// # Errors
    /// `policy.unknown_date` for a day that its calendar is not known for.
    pub fn slot(&self, id: SlotId) -> Result<Option<Slot>, Error> {
        Ok(self.of_date(id.date)?.into_iter().find(|slot| slot.id == id))
    }

    /// The slots from a day on, of the days that begin before an instant if there is one.
    fn of_days(
        &self,
        first: Option<Date>,
        before: Option<Instant>,
    ) -> impl Iterator<Item = Result<Slot, Error>> + '_ {
        let days = std::iter::successors(first, |date| date.plus(1)).take_while(move |date| {
            // The first day of all may have begun before time did.
            let begins = || self.zone.first_at(*date, WallTime::MIN).unwrap_or(Instant::MIN);
            before.is_none_or(|before| begins() < before)
        });
        flat(days.map(|date| self.of_date(date)))
    }

    /// The slots after one, or after where it would be.
    pub(super) fn after(&self, id: SlotId) -> impl Iterator<Item = Result<Slot, Error>> + '_ {
        self.of_days(Some(id.date), None)
            .filter(move |found| found.as_ref().map_or(true, |slot| slot.id > id))
    }

    /// The first day of which a slot may open at an instant or later: no day before is asked of.
    fn first_day(&self, from: Instant) -> Option<Date> {
        let today = self.zone.date(from);
        // What is on a day before opened before today began, or at that moment.
        if self.zone.first_at(today, WallTime::MIN).is_some_and(|begin| begin < from) {
            return Some(today);
        }
        let opens =
            |date: &Date| self.zone.first_at(*date, WallTime::MAX).is_none_or(|last| last >= from);
        let around = today.plus(-AROUND).unwrap_or(today);
        std::iter::successors(Some(around), |date| date.plus(1)).find(opens)
    }

    /// The last day of which a slot may have opened at an instant.
    fn last_day(&self, now: Instant) -> Option<Date> {
        let today = self.zone.date(now);
        let opened = |date: &Date| {
            self.zone.first_at(*date, WallTime::MIN).is_some_and(|first| first <= now)
        };
        // Tomorrow has begun where clocks went back over midnight.
        if !today.plus(1).is_some_and(|tomorrow| opened(&tomorrow)) {
            return Some(today);
        }
        let around = today.plus(AROUND).unwrap_or(today);
        std::iter::successors(Some(around), |date| date.plus(-1)).find(opened)
    }

    /// The slots that open at an instant or later, and before another one if there is one.
    pub(super) fn opening(
        &self,
        from: Instant,
        before: Option<Instant>,
    ) -> impl Iterator<Item = Result<Slot, Error>> + '_ {
        let first = self.first_day(from);
        let is_between =
            move |slot: &Slot| slot.open >= from && before.is_none_or(|before| slot.open < before);
        self.of_days(first, before).filter(move |found| found.as_ref().map_or(true, is_between))
    }

    /// The slots that had opened at an instant, the last first.
    pub(super) fn opened_by(&self, now: Instant) -> impl Iterator<Item = Result<Slot, Error>> + '_ {
        let last = self.last_day(now);
        let days = std::iter::successors(last, |date| date.plus(-1));
        let slots = days.map(|date| {
            let mut slots = self.of_date(date)?;
            slots.reverse();
            Ok(slots)
        });
        flat(slots).filter(move |found| found.as_ref().map_or(true, |slot| slot.open <= now))
    }

    /// The first slot that opens after an instant; none if none ever does.
    ///
    /// # Errors
    /// `policy.unknown_date` if its calendar would have to be asked of a day that it is not known for.
    pub fn next(&self, now: Instant) -> Result<Option<Slot>, Error> {
        match now.next() {
            Some(after) => self.opening(after, None).next().transpose(),
            None => Ok(None),
        }
    }

    /// The first slot that may start now, or later: a state that begins now begins with it.
    ///
    /// # Errors
    /// As [`Schedule::next`].
    pub fn first_open(&self, now: Instant) -> Result<SlotId, Error> {
        let mut first = None;
        for slot in self.opened_by(now) {
            let slot = slot?;
            match slot {
                _ if slot.may_start(now) => first = Some(slot),
                // Windows of one rule end in the order in which they open, but for days that differ.
                _ => break,
            }
        }
        let first = first.map_or_else(|| self.next(now), |slot| Ok(Some(slot)))?;
        Ok(first.map_or_else(|| self.zone.date(now).into(), |slot| slot.id))
    }

    /// The slots whose windows are open, and the one that opens next: none of those on days that the
    /// calendar is not known for.
    pub(crate) fn open_and_next(&self, now: Instant) -> Vec<Slot> {
        let long_ago = now.saturating_sub(self.longest_window());
        let opened = self.opened_by(now).map_while(Result::ok);
        let recent = opened.take_while(|slot| slot.open >= long_ago);
        let open = recent.filter(|slot| slot.contains(now));
        open.chain(self.next(now).ok().flatten()).collect()
    }

    /// The first slot after another one, or after where that would be. Of several that open at one instant,
    /// as on a day that the clocks skip, it finds each.
    ///
    /// # Errors
    /// As [`Schedule::next`].
    pub fn next_after(&self, id: SlotId) -> Result<Option<Slot>, Error> {
        self.after(id).next().transpose()
    }

    /// The slots that open from an instant until before another, in their order.
    ///
    /// # Errors
    /// `policy.unknown_date` if its calendar would have to be asked of a day that it is not known for.
    pub fn slots(&self, from: Instant, to: Instant) -> Result<Vec<Slot>, Error> {
        self.opening(from, Some(to)).collect()
    }
}

/// What each has, one after the other; an error takes the place of what it has not.
fn flat(
    days: impl Iterator<Item = Result<Vec<Slot>, Error>>,
) -> impl Iterator<Item = Result<Slot, Error>> {
    days.flat_map(|found| match found {
        Ok(slots) => slots.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(error) => vec![Err(error)],
    })
}

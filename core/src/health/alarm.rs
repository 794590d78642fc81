//! One alarm: whether it is raised, and what has to happen before that changes.

use super::{Gate, Quorum};
use crate::time::{Duration, Instant};

/// The last samples, each for or against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Votes {
    /// The last one is the lowest bit.
    pub(crate) bits: u64,
    /// How many there were, up to 64.
    pub(crate) cast: u8,
}

/// Where an alarm stands between two evaluations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Alarm {
    pub(crate) raised: bool,
    /// Since when there is a breach, without an end: while it is raised, since before it was.
    pub(crate) since: Option<Instant>,
    /// Since when there is none any more, while it is raised still.
    pub(crate) over_since: Option<Instant>,
    pub(crate) votes: Votes,
}

/// What one evaluation brings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) now: Instant,
    pub(crate) breach: bool,
    /// Whether the sample is another one than the last.
    pub(crate) is_new: bool,
}

impl Votes {
    pub(crate) fn cast(&mut self, vote: bool) {
        self.bits = (self.bits << 1) | u64::from(vote);
        self.cast = self.cast.saturating_add(1).min(64);
    }

    /// Forgets all but the last so many.
    fn forget_but(&mut self, of: u8) {
        self.cast = self.cast.min(of);
        self.bits &= Self::last(self.cast);
    }

    /// How many of those that a quorum is of were for it.
    fn hits(self, quorum: Quorum) -> u32 {
        (self.bits & Self::last(self.of(quorum))).count_ones()
    }

    /// How many of them were against it.
    fn misses(self, quorum: Quorum) -> u32 {
        u32::from(self.of(quorum)) - self.hits(quorum)
    }

    fn of(self, quorum: Quorum) -> u8 {
        u8::try_from(quorum.of()).map_or(self.cast, |of| of.min(self.cast))
    }

    /// The bits of the last so many.
    fn last(of: u8) -> u64 {
        // A shift by all 64 bits is not a shift.
        u64::MAX.checked_shr(64 - u32::from(of)).unwrap_or(0)
    }
}

impl Alarm {
    /// Goes on by one evaluation.
    pub(crate) fn step(&mut self, step: Step, raise: Gate, lower: Gate) {
        let Step { now, breach, is_new } = step;
        let counted = [raise, lower].into_iter().filter_map(|gate| match gate {
            Gate::Count(quorum) => Some(u8::try_from(quorum.of()).unwrap_or(u8::MAX)),
            _ => None,
        });
        if let Some(of) = counted.max().filter(|_| is_new) {
            self.votes.cast(breach);
            self.votes.forget_but(of);
        }
        if breach {
            self.since.get_or_insert(now);
        } else if !self.raised {
            self.since = None;
        }
        let is_due = match raise {
            Gate::Open => breach,
            Gate::For(time) => {
                breach && self.since.is_some_and(|since| elapsed(since, now) >= time)
            }
            Gate::Count(quorum) => self.votes.hits(quorum) >= quorum.hits().into(),
        };
        if is_due {
            (self.raised, self.over_since) = (true, None);
            return;
        }
        if !self.raised {
            return;
        }
        if breach {
            // Not lowered by a breach, unless the policy asks for more time than it did.
            self.raised = !matches!(raise, Gate::For(_));
            self.over_since = None;
            return;
        }
        let over_since = *self.over_since.get_or_insert(now);
        let is_over = match lower {
            Gate::Open => true,
            Gate::For(time) => elapsed(over_since, now) >= time,
            Gate::Count(quorum) => self.votes.misses(quorum) >= quorum.hits().into(),
        };
        if is_over {
            (self.raised, self.since, self.over_since) = (false, None, None);
        }
    }

    /// Whether there is no breach any more, though it is raised.
    pub(crate) fn is_over(&self, raise: Gate) -> bool {
        self.over_since.is_some() || (matches!(raise, Gate::Count(_)) && self.votes.bits & 1 == 0)
    }

    /// The first instant at which it changes if nothing else does.
    pub(crate) fn next_change(&self, raise: Gate, lower: Gate) -> Option<Instant> {
        match (self.raised, self.since, self.over_since, raise, lower) {
            (false, Some(since), _, Gate::For(time), _)
            | (true, _, Some(since), _, Gate::For(time)) => Some(since.saturating_add(time)),
            _ => None,
        }
    }

    /// A clock that went back counts as no time: what has elapsed stays elapsed.
    pub(crate) fn set_back(&mut self, by: Duration) {
        for since in [&mut self.since, &mut self.over_since] {
            *since = since.map(|since| since.saturating_sub(by));
        }
    }
}

fn elapsed(since: Instant, now: Instant) -> Duration {
    if now > since { now.distance(since) } else { Duration::ZERO }
}

//! One alarm: whether it is raised, and what has to happen before that changes.

use crate::time::{Duration, Instant};

/// What delays a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Gate {
    /// Nothing: it changes at once.
    #[default]
    Open,
    /// It has to have been so for as long.
    For(Duration),
    /// It has to have been so in `hits` of the last `of` samples.
    Votes {
        /// How many.
        hits: u8,
        /// Of how many; at most 64.
        of: u8,
    },
}

/// The last samples, each for or against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Votes {
    /// The last one is the lowest bit.
    pub(super) bits: u64,
    /// How many there were, up to 64.
    pub(super) cast: u8,
}

/// Where an alarm stands between two evaluations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Alarm {
    pub(super) raised: bool,
    /// Since when there is a breach, without an end: while it is raised, since before it was.
    pub(super) since: Option<Instant>,
    /// Since when there is none any more, while it is raised still.
    pub(super) over_since: Option<Instant>,
    pub(super) votes: Votes,
}

/// What one evaluation brings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) now: Instant,
    pub(super) breach: bool,
    /// Whether the sample is another one than the last.
    pub(super) is_new: bool,
}

impl Votes {
    fn cast(&mut self, vote: bool) {
        self.bits = (self.bits << 1) | u64::from(vote);
        self.cast = self.cast.saturating_add(1).min(64);
    }

    /// How many of the last so many were for it.
    fn hits(self, of: u8) -> u32 {
        self.last(of).count_ones()
    }

    /// How many of the last so many were against it.
    fn misses(self, of: u8) -> u32 {
        u32::from(of.min(self.cast)) - self.hits(of)
    }

    fn last(self, of: u8) -> u64 {
        let of = u32::from(of.min(self.cast));
        // A shift by all 64 bits is not a shift.
        self.bits & u64::MAX.checked_shr(64 - of).unwrap_or(0)
    }
}

impl Alarm {
    /// Goes on by one evaluation.
    pub(super) fn step(&mut self, step: Step, raise: Gate, lower: Gate) {
        let Step { now, breach, is_new } = step;
        if is_new {
            self.votes.cast(breach);
        }
        if breach {
            self.since.get_or_insert(now);
        } else if !self.raised {
            self.since = None;
        }
        let is_due = match raise {
            Gate::Open => breach,
            Gate::For(time) => breach && self.since.is_some_and(|since| elapsed(since, now) >= time),
            Gate::Votes { hits, of } => self.votes.hits(of) >= hits.into(),
        };
        if is_due {
            (self.raised, self.over_since) = (true, None);
            return;
        }
        if !self.raised {
            return;
        }
        if breach && matches!(raise, Gate::For(_)) {
            // The policy asks for more time than it did.
            self.raised = false;
            return;
        }
        let over_since = *self.over_since.get_or_insert(now);
        let is_over = match lower {
            Gate::Open => true,
            Gate::For(time) => elapsed(over_since, now) >= time,
            Gate::Votes { hits, of } => self.votes.misses(of) >= hits.into(),
        };
        if is_over {
            (self.raised, self.over_since) = (false, None);
            self.since = breach.then_some(now);
        }
    }

    /// The first instant at which it changes if nothing else does.
    pub(super) fn next_change(&self, raise: Gate, lower: Gate) -> Option<Instant> {
        match (self.raised, self.since, self.over_since, raise, lower) {
            (false, Some(since), _, Gate::For(time), _)
            | (true, _, Some(since), _, Gate::For(time)) => Some(since.saturating_add(time)),
            _ => None,
        }
    }

    /// A clock that went back counts as no time: what has elapsed stays elapsed.
    pub(super) fn set_back(&mut self, by: Duration) {
        for since in [&mut self.since, &mut self.over_since] {
            *since = since.map(|since| since.saturating_sub(by));
        }
    }
}

fn elapsed(since: Instant, now: Instant) -> Duration {
    if now > since { now.distance(since) } else { Duration::ZERO }
}

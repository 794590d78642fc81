//! The rule: when runs may start, and what becomes of those that did not.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Days, SlotId};
use crate::time::{Date, Duration, Instant, WallTime, Zone};
use crate::words::words;

words! {
    /// What makes a run done.
    Done {
        /// It was completed, all of it, and with success.
        #[default]
        Success = "success",
        /// It was completed, whatever came of it.
        Completed = "completed",
    }
}

words! {
    /// What becomes of a slot whose window is over, and which is not done.
    IfMissed {
        /// Nothing: it is dropped.
        #[default]
        Skip = "skip",
        /// It runs until the next one opens, which takes its place.
        Latest = "latest",
        /// It runs as long as it is among the last slots that are looked back at.
        Each = "each",
    }
}

words! {
    /// When missed runs may start.
    CatchUp {
        /// At any time.
        #[default]
        Any = "any",
        /// While a window is open.
        Window = "window",
    }
}

words! {
    /// Which tasks run again after a run that failed.
    Rerun {
        /// Those that did not succeed.
        #[default]
        Failed = "failed",
        /// All of them.
        All = "all",
    }
}

/// Where a window ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// After so much elapsed time.
    For(Duration),
    /// When the clocks show this: on the next day, if it is not later than the beginning.
    Until(WallTime),
}

/// A day that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Override {
    /// Its times, in place of those of the rule; none changes nothing.
    pub at: Vec<WallTime>,
    /// The end of its windows, in place of that of the rule.
    pub end: Option<End>,
}

/// When runs may start, and what becomes of those that did not.
///
/// ```
/// use housekeep::schedule::{Days, End, IfMissed, Schedule, SlotId, State};
/// use housekeep::time::{Duration, Instant, Zone};
///
/// let backup = Schedule::new([Days::Daily], ["03:00".parse()?], "America/Santiago".parse()?)
///     .end(End::For(Duration::from_mins(60)))
///     .if_missed(IfMissed::Latest)
///     .checked()?;
///
/// let now = Instant::parse("2026-02-13T00:00:00Z")?;
/// let next = backup.next(now)?.expect("there is one every day");
/// assert_eq!(next.id.to_string(), "2026-02-13");
/// assert_eq!(next.open.to_string(), "2026-02-13T06:00:00Z");
/// # Ok::<(), housekeep::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    pub(crate) days: Vec<Days>,
    pub(crate) times: Vec<WallTime>,
    pub(crate) end: End,
    pub(crate) zone: Zone,
    pub(crate) overrides: BTreeMap<Date, Override>,
    pub(crate) cutoff: Duration,
    pub(crate) notice: Option<Duration>,
    pub(crate) done: Done,
    pub(crate) if_missed: IfMissed,
    pub(crate) look_back: u32,
    pub(crate) max: u32,
    pub(crate) attempts: u32,
    pub(crate) stale: Duration,
    pub(crate) retain: Option<Duration>,
    pub(crate) tasks: Vec<Arc<str>>,
    pub(crate) rerun: Rerun,
    pub(crate) catch_up: CatchUp,
    /// How long a proof may be needed after its slot opens, of the slots that are known: for a host that
    /// promises something, and for a calendar that ends.
    pub(super) longest_needed: Duration,
}

/// How often a slot may fail, unless said otherwise.
const ATTEMPTS: u32 = 3;
/// How long a run may take, unless said otherwise.
const STALE: Duration = Duration::from_mins(24 * 60);

impl Schedule {
    /// On these days, at these times on the clocks of a zone; for an hour, and what is missed is skipped.
    #[must_use]
    pub fn new(
        days: impl IntoIterator<Item = Days>,
        times: impl IntoIterator<Item = WallTime>,
        zone: Zone,
    ) -> Self {
        let mut times: Vec<WallTime> = times.into_iter().collect();
        times.sort_unstable();
        Self {
            days: days.into_iter().collect(),
            times,
            end: End::For(Duration::from_mins(60)),
            zone,
            overrides: BTreeMap::new(),
            cutoff: Duration::ZERO,
            notice: None,
            done: Done::default(),
            if_missed: IfMissed::default(),
            look_back: 1,
            max: u32::MAX,
            attempts: ATTEMPTS,
            stale: STALE,
            retain: None,
            tasks: Vec::new(),
            rerun: Rerun::default(),
            catch_up: CatchUp::default(),
            longest_needed: Duration::ZERO,
        }
    }

    /// Where its windows end.
    #[must_use]
    pub fn end(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// A day that differs. It has to be one of its days.
    #[must_use]
    pub fn on(mut self, date: Date, mut change: Override) -> Self {
        change.at.sort_unstable();
        self.overrides.insert(date, change);
        self
    }

    /// How long before the end of a window nothing starts any more.
    #[must_use]
    pub fn cutoff(mut self, cutoff: Duration) -> Self {
        self.cutoff = cutoff;
        self
    }

    /// How long before it opens a slot is announced.
    #[must_use]
    pub fn notice(mut self, notice: Duration) -> Self {
        self.notice = Some(notice);
        self
    }

    /// What makes a run done.
    #[must_use]
    pub fn done(mut self, done: Done) -> Self {
        self.done = done;
        self
    }

    /// What becomes of a slot whose window is over.
    #[must_use]
    pub fn if_missed(mut self, if_missed: IfMissed) -> Self {
        self.if_missed = if_missed;
        self
    }

    /// How many slots are looked back at, of those that have opened: with [`IfMissed::Each`].
    #[must_use]
    pub fn look_back(mut self, slots: u32) -> Self {
        self.look_back = slots;
        self
    }

    /// How many missed runs are offered at once.
    #[must_use]
    pub fn max(mut self, runs: u32) -> Self {
        self.max = runs;
        self
    }

    /// How often a slot may fail.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// After how long a start without an end has failed.
    #[must_use]
    pub fn stale(mut self, stale: Duration) -> Self {
        self.stale = stale;
        self
    }

    /// How long the host promises to remember a run.
    #[must_use]
    pub fn retain(mut self, retain: Duration) -> Self {
        self.retain = Some(retain);
        self
    }

    /// What a run is made of, in its order.
    #[must_use]
    pub fn tasks(mut self, tasks: impl IntoIterator<Item = impl Into<Arc<str>>>) -> Self {
        self.tasks = tasks.into_iter().map(Into::into).collect();
        self
    }

    /// Which tasks run again after a run that failed.
    #[must_use]
    pub fn rerun(mut self, rerun: Rerun) -> Self {
        self.rerun = rerun;
        self
    }

    /// When missed runs may start.
    #[must_use]
    pub fn catch_up(mut self, catch_up: CatchUp) -> Self {
        self.catch_up = catch_up;
        self
    }

    /// Whether a slot's name has a time.
    #[must_use]
    pub fn has_times(&self) -> bool {
        self.times.len() > 1
    }

    /// What becomes of a slot whose window is over.
    #[must_use]
    pub fn missed_setting(&self) -> IfMissed {
        self.if_missed
    }

    /// The zone on whose clocks its days and times are read.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// How many of the slots that have opened are spoken of.
    pub(super) fn reach(&self) -> usize {
        match self.if_missed {
            IfMissed::Each => usize::try_from(self.look_back).unwrap_or(usize::MAX),
            IfMissed::Skip | IfMissed::Latest => 1,
        }
    }

    /// When a slot of this name would come, whether there is one or not.
    pub(super) fn nominal(&self, id: SlotId) -> Instant {
        let at = id.time.or_else(|| self.times.first().copied()).unwrap_or(WallTime::MIN);
        self.zone.first_at(id.date, at).unwrap_or(Instant::MAX)
    }
}

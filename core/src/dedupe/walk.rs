//! The modes: what becomes of each row of a run of one key.

use super::{Keep, Mode, Rule};
use crate::groups::entry::{self, Entry};
use crate::time::{Duration, Instant};

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Kept,
    /// Dropped; the entry is the row that stays.
    DroppedFor(Entry),
    /// Left alone: a row to come could change it.
    Open,
}

/// A rule at a moment, ready to walk over many runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    mode: Mode,
    keep: Keep,
    window: Duration,
    /// Times from here on are open.
    open_from: i64,
}

impl Walk {
    pub(crate) fn new(rule: &Rule, now: Instant) -> Self {
        let (mode, window) = (rule.get_mode(), rule.get_window());
        let open_from = rule.open_from(now).unwrap_or(i64::MAX);
        Self { mode, keep: rule.get_keep(), window, open_from }
    }

    /// Gives the fate of each row of `run`, from the kept end on.
    ///
    /// `run` is of one key, sorted by time and id, and no two neighbours in it are farther apart
    /// than the window (under [`Mode::Forever`] they may be).
    #[inline]
    pub(crate) fn fates(&self, run: &[Entry], mut each: impl FnMut(Entry, Fate)) {
        // Most rows stand alone.
        if let &[row] = run {
            let is_open = entry::time(row) >= self.open_from;
            return each(row, if is_open { Fate::Open } else { Fate::Kept });
        }
        match self.keep {
            Keep::Newest => self.walk(run, run.iter().rev(), &mut each),
            Keep::Oldest => self.walk(run, run.iter(), &mut each),
        }
    }

    fn walk<'a>(
        &self,
        run: &[Entry],
        from_kept_end: impl Iterator<Item = &'a Entry>,
        each: &mut impl FnMut(Entry, Fate),
    ) {
        // A run is open as a whole, a bucket by itself.
        let whole = self.mode != Mode::Tumbling
            && run.last().is_some_and(|&newest| entry::time(newest) >= self.open_from);
        let mut keeper: Option<Entry> = None;
        for &row in from_kept_end {
            let time = entry::time(row);
            if whole || time >= self.open_from {
                each(row, Fate::Open);
                continue;
            }
            let stays = keeper.filter(|&keeper| match self.mode {
                Mode::Anchor => (entry::time(keeper) - time).abs() <= self.window.as_micros(),
                Mode::Tumbling => {
                    bucket(entry::time(keeper), self.window) == bucket(time, self.window)
                }
                Mode::Chain | Mode::Forever => true,
            });
            match stays {
                Some(keeper) => each(row, Fate::DroppedFor(keeper)),
                None => {
                    keeper = Some(row);
                    each(row, Fate::Kept);
                }
            }
        }
    }
}

/// The number of the bucket, counted from 1970, that holds `time`.
pub(crate) fn bucket(time: i64, window: Duration) -> i64 {
    time.div_euclid(length(window))
}

/// The length of a bucket. The window of a tumbling rule is never zero when it comes from a policy;
/// a rule made by hand with none has one bucket per microsecond.
pub(super) fn length(window: Duration) -> i64 {
    window.as_micros().max(1)
}

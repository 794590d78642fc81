//! What makes a row a duplicate.

use super::walk::{bucket, length};
use crate::guard::Guard;
use crate::time::{Duration, Instant};
use crate::words::words;

words! {
    /// How a window is laid over the rows of one key.
    Mode {
        /// Walk from the kept end: a row within the window of the keeper is dropped, any other
        /// becomes the next keeper. The fewest deletions that leave no duplicates.
        #[default]
        Anchor = "anchor",
        /// Drop a row whose neighbour towards the kept end is within the window. A row may stand
        /// far from the one that survives it.
        Chain = "chain",
        /// Keep one row per bucket of the window's length, counted from 1970.
        Tumbling = "tumbling",
        /// Keep one row per key, however far apart.
        Forever = "forever",
    }
}

words! {
    /// Which end of a key stays.
    Keep {
        /// The latest row.
        #[default]
        Newest = "newest",
        /// The earliest row.
        Oldest = "oldest",
    }
}

words! {
    /// What a null in the key means.
    NullKey {
        /// Two nulls are the same.
        #[default]
        Equal = "equal",
        /// A null is like nothing, not even another null: such a row always stays.
        Distinct = "distinct",
        /// A row with a null is left alone, and counted as skipped.
        Skip = "skip",
    }
}

words! {
    /// What happens to a cluster that a row to come could still change.
    ///
    /// Under `wait`, planning in steps equals planning once as long as no row appears with a time
    /// before the `now` of a plan already made. A row appears when it first meets the rule's
    /// `only`: a run that counts once it has *finished*, but is timed by its *start*, appears late.
    /// Then time rows by when they came to count, or plan with a `now` that lies back by the
    /// longest run.
    Open {
        /// It is left alone until it can grow no more.
        #[default]
        Wait = "wait",
        /// It is decided now.
        Close = "close",
    }
}

/// What makes a row a duplicate, and which one stays.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    mode: Mode,
    window: Duration,
    keep: Keep,
    null_key: NullKey,
    open: Open,
    skew: Duration,
    guard: Guard,
}

impl Rule {
    /// Rows of one key within `window` of each other, by [`Mode::Anchor`], keeping the newest.
    #[must_use]
    pub fn within(window: Duration) -> Self {
        Self {
            mode: Mode::default(),
            window,
            keep: Keep::default(),
            null_key: NullKey::default(),
            open: Open::default(),
            skew: Duration::ZERO,
            guard: Guard::default(),
        }
    }

    /// One row per key, however far apart: [`Mode::Forever`].
    #[must_use]
    pub fn forever() -> Self {
        Self::within(Duration::MAX).mode(Mode::Forever)
    }

    /// Lays the window by another mode.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Another window; both ends belong to it.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Which end of a key stays.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }

    /// What a null in the key means.
    #[must_use]
    pub fn null_key(mut self, null_key: NullKey) -> Self {
        self.null_key = null_key;
        self
    }

    /// What happens to clusters that may still grow.
    #[must_use]
    pub fn open(mut self, open: Open) -> Self {
        self.open = open;
        self
    }

    /// How far clocks may be ahead: rows later than `now + skew` are left alone.
    #[must_use]
    pub fn skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// How large a plan may be.
    #[must_use]
    pub fn guard(mut self, guard: Guard) -> Self {
        self.guard = guard;
        self
    }

    /// The mode.
    #[must_use]
    pub fn get_mode(&self) -> Mode {
        self.mode
    }

    /// The window; the longest duration there is under [`Mode::Forever`].
    #[must_use]
    pub fn get_window(&self) -> Duration {
        self.window
    }

    /// The end that stays.
    #[must_use]
    pub fn get_keep(&self) -> Keep {
        self.keep
    }

    /// What a null in the key means.
    #[must_use]
    pub fn get_null_key(&self) -> NullKey {
        self.null_key
    }

    /// What happens to clusters that may still grow.
    #[must_use]
    pub fn get_open(&self) -> Open {
        self.open
    }

    /// How far clocks may be ahead.
    #[must_use]
    pub fn get_skew(&self) -> Duration {
        self.skew
    }

    /// How large a plan may be.
    #[must_use]
    pub fn get_guard(&self) -> &Guard {
        &self.guard
    }

    /// From which time on, in microseconds, a row may still be changed by one to come: the newest of its
    /// cluster, or under [`Mode::Tumbling`] the row itself. None where nothing is open.
    pub(crate) fn open_from(&self, now: Instant) -> Option<i64> {
        match (self.open, self.mode) {
            (Open::Close, _) | (_, Mode::Forever) => None,
            // A later row could still fall within the window of the newest.
            (_, Mode::Anchor | Mode::Chain) => Some(now.saturating_sub(self.window).as_micros()),
            // A later row could still fall into the bucket that holds `now`.
            (_, Mode::Tumbling) => {
                Some(bucket(now.as_micros(), self.window).saturating_mul(length(self.window)))
            }
        }
    }

    /// The last time that is not in the future, in microseconds.
    pub(super) fn latest(&self, now: Instant) -> i64 {
        now.saturating_add(self.skew).as_micros()
    }
}

//! The modes: what becomes of each row of a run of one key.

use super::entry::{self, Entry};
use super::{Keep, Mode, Open, Rule};
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

/// Gives the fate of each row of `run`, from the kept end on.
///
/// `run` is of one key, sorted by time and id, and no two neighbours in it are farther apart than
/// the window (under [`Mode::Forever`] they may be).
pub(crate) fn fates(rule: &Rule, now: Instant, run: &[Entry], mut each: impl FnMut(Entry, Fate)) {
    match rule.get_keep() {
        Keep::Newest => walk(rule, now, run, run.iter().rev(), &mut each),
        Keep::Oldest => walk(rule, now, run, run.iter(), &mut each),
    }
}

fn walk<'a>(
    rule: &Rule,
    now: Instant,
    run: &[Entry],
    from_kept_end: impl Iterator<Item = &'a Entry>,
    each: &mut impl FnMut(Entry, Fate),
) {
    let window = rule.get_window();
    let open_from = match (rule.get_open(), rule.get_mode()) {
        (Open::Close, _) | (_, Mode::Forever) => i64::MAX,
        // A later row could still fall within the window of the newest.
        (_, Mode::Anchor | Mode::Chain) => now.saturating_sub(window).as_micros(),
        // A later row could still fall into the bucket that holds `now`.
        (_, Mode::Tumbling) => bucket(now.as_micros(), window).saturating_mul(length(window)),
    };
    // A run is open as a whole, a bucket by itself.
    let whole = rule.get_mode() != Mode::Tumbling
        && run.last().is_some_and(|&newest| entry::time(newest) >= open_from);
    let mut keeper: Option<Entry> = None;
    for &row in from_kept_end {
        let time = entry::time(row);
        if whole || time >= open_from {
            each(row, Fate::Open);
            continue;
        }
        let stays = keeper.filter(|&keeper| match rule.get_mode() {
            Mode::Anchor => (entry::time(keeper) - time).abs() <= window.as_micros(),
            Mode::Tumbling => bucket(entry::time(keeper), window) == bucket(time, window),
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

/// The number of the bucket, counted from 1970, that holds `time`.
pub(crate) fn bucket(time: i64, window: Duration) -> i64 {
    time.div_euclid(length(window))
}

/// The length of a bucket. The window of a tumbling rule is never zero when it comes from a policy;
/// a rule made by hand with none has one bucket per microsecond.
fn length(window: Duration) -> i64 {
    window.as_micros().max(1)
}

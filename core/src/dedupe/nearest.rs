//! What came nearest to being a duplicate, for a plan that drops nothing.

use super::gather::gather;
use super::walk::bucket;
use super::{Mode, Rule};
use crate::control::{Control, Steps};
use crate::error::Error;
use crate::groups::Rows;
use crate::groups::entry::{self, Entry};
use crate::groups::runs::for_each_run;
use crate::time::{Duration, Instant};

/// Two rows of one key, next to each other in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbours {
    /// The earlier row.
    pub older: u32,
    /// The later row.
    pub newer: u32,
    /// The time between them.
    pub gap: Duration,
}

/// The closest two neighbours of one key that the rule's window does not join. Of equally close
/// ones, the earliest, then the first by key and id. Always none under [`Mode::Forever`].
///
/// # Errors
/// `cancelled` if the caller asked to stop.
pub fn nearest<R: Rows>(
    rows: &R,
    rule: &Rule,
    now: Instant,
    control: &Control<'_>,
) -> Result<Option<Neighbours>, Error> {
    if rule.get_mode() == Mode::Forever {
        return Ok(None);
    }
    let steps = Steps::new(control, u64::from(rows.len()) * 2);
    let (entries, _) = gather(rows, rule, now, &steps)?;
    let window = rule.get_window();
    let apart = |a: Entry, b: Entry| match rule.get_mode() {
        Mode::Tumbling => bucket(entry::time(a), window) != bucket(entry::time(b), window),
        _ => entry::time(b) - entry::time(a) > window.as_micros(),
    };
    let best = for_each_run(rows, &entries, None, &steps, |best: &mut Option<[Entry; 2]>, run| {
        for pair in run.windows(2) {
            if let &[a, b] = pair
                && apart(a, b)
                && best.is_none_or(|best| closer(rows, [a, b], best))
            {
                *best = Some([a, b]);
            }
        }
    })?;
    let best = best.into_iter().flatten().reduce(|a, b| if closer(rows, b, a) { b } else { a });
    Ok(best.map(|[older, newer]| Neighbours {
        older: entry::row(older),
        newer: entry::row(newer),
        gap: Duration::from_micros_unchecked(entry::time(newer) - entry::time(older)),
    }))
}

fn closer<R: Rows>(rows: &R, [a, b]: [Entry; 2], [c, d]: [Entry; 2]) -> bool {
    let gap = |older, newer| entry::time(newer) - entry::time(older);
    let order = (gap(a, b), entry::time(a)).cmp(&(gap(c, d), entry::time(c)));
    let rows_order = || {
        let (a, c) = (entry::row(a), entry::row(c));
        rows.cmp_key(a, c).then_with(|| rows.cmp_id(a, c))
    };
    order.then_with(rows_order).is_lt()
}

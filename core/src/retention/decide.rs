//! Items and a rule → which of them go.

use super::judge::{Fate, Scratch, judge};
use super::{Broken, Items, Rule};
use crate::control::{Control, Steps};
use crate::error::Error;
use crate::groups::gather::gather;
use crate::groups::runs::for_each_run;
use crate::groups::{Rows, Standing};
use crate::time::Instant;

/// An item that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drop {
    /// Its row.
    pub row: u32,
    /// Why.
    pub broken: Broken,
}

/// Items that the rule leaves alone, each counted once, under the first that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Not matched.
    pub unmatched: u64,
    /// Without a time.
    pub null_time: u64,
    /// In the future.
    pub future: u64,
}

/// What becomes of the items. `total = keep + blocked + drops + skipped`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// All items.
    pub total: u64,
    /// Items that stay because the rule says so.
    pub keep: u64,
    /// Items that would go, and may not.
    pub blocked: u64,
    /// Items that go. Those of one group stand together, from the oldest on; the groups come in an
    /// order that is the same for the same items, however many threads worked.
    pub drops: Vec<Drop>,
    /// Items left alone.
    pub skipped: Skipped,
}

#[derive(Default)]
struct Tally {
    scratch: Scratch,
    keep: u64,
    blocked: u64,
    drops: Vec<Drop>,
}

impl Skipped {
    /// Whether the rule decides an item; if not, it is counted here.
    fn decides(&mut self, flags: u8, is_future: bool) -> bool {
        if flags & Standing::EXCLUDED != 0 {
            self.unmatched += 1;
        } else if flags & Standing::NULL_TIME != 0 {
            self.null_time += 1;
        } else if is_future {
            self.future += 1;
        } else {
            // A null in what groups the items is a group as any other.
            return true;
        }
        false
    }
}

/// Decides which items have outlived their use.
///
/// # Errors
/// `cancelled` if the caller asked to stop.
pub fn decide<R: Rows>(
    items: &Items<'_, R>,
    rule: &Rule,
    now: Instant,
    control: &Control<'_>,
) -> Result<Decision, Error> {
    let rows = &items.rows;
    let steps = Steps::new(control, u64::from(rows.len()) * 3);
    let decides =
        |skipped: &mut Skipped, flags, time| skipped.decides(flags, time > now.as_micros());
    let (entries, lanes) = gather(rows, &steps, decides)?;
    let tallies = for_each_run(rows, &entries, None, &steps, |tally: &mut Tally, group| {
        let before = tally.drops.len();
        judge(items, rule, now, group, &mut tally.scratch, |row, fate| match fate {
            Fate::Kept => tally.keep += 1,
            Fate::Blocked => tally.blocked += 1,
            Fate::Dropped(broken) => tally.drops.push(Drop { row, broken }),
        });
        // They came from the newest on.
        tally.drops.get_mut(before..).unwrap_or_default().reverse();
    })?;
    drop(entries);
    let mut decision = Decision { total: u64::from(rows.len()), ..Decision::default() };
    for skipped in lanes {
        decision.skipped.unmatched += skipped.unmatched;
        decision.skipped.null_time += skipped.null_time;
        decision.skipped.future += skipped.future;
    }
    for tally in tallies {
        decision.keep += tally.keep;
        decision.blocked += tally.blocked;
        decision.drops.extend(tally.drops);
    }
    Ok(decision)
}

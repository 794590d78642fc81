//! Rows by the hundred thousand, and the plain loop that says what becomes of them.

use std::collections::BTreeMap;

use housekeep::dedupe::{Decision, Drop, Keep, Mode, Open, Rule, Skipped};
use housekeep::groups::{Records, Rows};
use housekeep::time::{Duration, Instant};

pub(crate) const ROWS: u32 = 200_000;

pub(crate) struct Item {
    pub(crate) id: u64,
    pub(crate) key: u32,
    pub(crate) micros: i64,
}

/// Numbers that look random and are the same each time (splitmix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// Rows in random order, of about 30 a key over a day, often with equal times; `skewed`, one key
/// has half of all rows.
pub(crate) fn items(rows: u32, skewed: bool) -> Vec<Item> {
    let mut numbers = Numbers(u64::from(rows));
    let keys = u64::from(rows / 30 + 1);
    let item = |n: u32| Item {
        // An odd factor: no two alike, and in no order.
        id: u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        key: if skewed && n.is_multiple_of(2) { 0 } else { numbers.below(keys) as u32 },
        // Whole minutes, so that equal times and edges of windows are common.
        micros: numbers.below(24 * 60) as i64 * 60_000_000,
    };
    (0..rows).map(item).collect()
}

pub(crate) fn view(items: &[Item]) -> impl Rows + '_ {
    let at = |item: &Item| Instant::from_micros(item.micros).ok();
    Records::new(items, |item| item.key, at, |item| item.id).unwrap()
}

/// One minute before the end of the day: the last rows are in the future, the ones before open.
pub(crate) fn now() -> Instant {
    Instant::from_micros((24 * 60 - 2) * 60_000_000).unwrap()
}

pub(crate) fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for &mode in Mode::ALL {
        for &keep in Keep::ALL {
            for &open in Open::ALL {
                rules.push(Rule::within(Duration::from_mins(10)).mode(mode).keep(keep).open(open));
            }
        }
    }
    rules
}

/// In the order of the rows: the kernel's depends on the hash of the keys.
pub(crate) fn sorted(mut decision: Decision) -> Decision {
    decision.drops.sort_unstable();
    decision
}

/// What a plain loop over the sorted rows of each key decides.
pub(crate) fn plain(items: &[Item], rule: &Rule, now: Instant) -> Decision {
    let mut keys: BTreeMap<u32, Vec<(i64, u64, u32)>> = BTreeMap::new();
    let mut skipped = Skipped::default();
    for (row, item) in (0..).zip(items) {
        if item.micros > now.as_micros() {
            skipped.future += 1;
        } else {
            keys.entry(item.key).or_default().push((item.micros, item.id, row));
        }
    }
    let (mut keep, mut drops) = (0, Vec::new());
    for rows in keys.values_mut() {
        rows.sort_unstable();
        decide_key(rows, rule, now, &mut keep, &mut skipped.open, &mut drops);
    }
    drops.sort_unstable();
    Decision { total: items.len() as u64, keep, drops, skipped }
}

fn decide_key(
    rows: &[(i64, u64, u32)],
    rule: &Rule,
    now: Instant,
    keep: &mut u64,
    open: &mut u64,
    drops: &mut Vec<Drop>,
) {
    let window = rule.get_window().as_micros();
    let (mode, now) = (rule.get_mode(), now.as_micros());
    // From the end: while the rows hang together, they are open if the last is.
    let mut is_open = vec![false; rows.len()];
    if rule.get_open() == Open::Wait && mode != Mode::Forever {
        let mut end = rows.len();
        while end > 0 {
            let mut first = end - 1;
            while first > 0 && rows[first].0 - rows[first - 1].0 <= window {
                first -= 1;
            }
            for row in first..end {
                is_open[row] = match mode {
                    Mode::Tumbling => rows[row].0 / window >= now / window,
                    _ => rows[end - 1].0 + window >= now,
                };
            }
            end = first;
        }
    }
    let mut order: Vec<usize> = (0..rows.len()).collect();
    if rule.get_keep() == Keep::Newest {
        order.reverse();
    }
    let (mut keeper, mut last): (Option<usize>, Option<usize>) = (None, None);
    for row in order {
        if is_open[row] {
            *open += 1;
            continue;
        }
        let near = |other: usize| (rows[other].0 - rows[row].0).abs() <= window;
        let goes = keeper.is_some_and(|keeper| match mode {
            Mode::Anchor => near(keeper),
            Mode::Chain => last.is_some_and(near),
            Mode::Tumbling => rows[keeper].0 / window == rows[row].0 / window,
            Mode::Forever => true,
        });
        last = Some(row);
        match keeper {
            Some(keeper) if goes => drops.push(Drop { row: rows[row].2, keeper: rows[keeper].2 }),
            _ => {
                *keep += 1;
                keeper = Some(row);
            }
        }
    }
}

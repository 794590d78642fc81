//! What other windows would drop, before anyone widens one.

use super::gather::gather;
use super::walk::{Fate, Walk};
use super::{Mode, Open, Rule};
use crate::bounds::{SWEEP_WINDOWS, USUAL_INTERVAL_GAPS};
use crate::control::{Control, Steps};
use crate::error::Error;
use crate::groups::Rows;
use crate::groups::entry::{self, Entry};
use crate::groups::runs::for_each_run;
use crate::time::{Duration, Instant};

/// Edges of the histogram of gaps, and the windows a sweep chooses from: minutes, but for the
/// first three, which are seconds.
const LADDER_SECONDS: [u32; 20] = [
    1, 10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 172_800,
    604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000,
];

/// What each window would drop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// All rows.
    pub total: u64,
    /// Rows the rule is about: not skipped for their own sake.
    pub eligible: u64,
    /// One entry per window, in ascending order.
    pub windows: Vec<WindowCounts>,
    /// What [`Mode::Forever`] would drop.
    pub forever: ModeCounts,
    /// The smallest window that drops anything, by anchor and chain.
    pub smallest: Option<Duration>,
    /// The gaps between neighbours of one key, by size. Only ranges that hold any, ascending.
    pub gaps: Vec<GapCount>,
    /// Windows that reach the usual interval of a key.
    pub warnings: Vec<UsualInterval>,
}

/// What one window would drop, by mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WindowCounts {
    /// The window.
    pub window: Duration,
    /// Under [`Mode::Anchor`].
    pub anchor: ModeCounts,
    /// Under [`Mode::Chain`].
    pub chain: ModeCounts,
    /// Under [`Mode::Tumbling`]. A window of zero has no buckets, and drops nothing.
    pub tumbling: ModeCounts,
}

/// What one mode would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModeCounts {
    /// Rows that would go.
    pub drop: u64,
    /// Rows left alone because their cluster may still grow.
    pub open: u64,
}

/// How many gaps there are of a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapCount {
    /// Longer than this; for the first range, zero too.
    pub over: Duration,
    /// And no longer than this; none for the last range.
    pub upto: Option<Duration>,
    /// How many.
    pub count: u64,
}

/// A window that reaches a key's usual interval, its median gap: it would thin out a regular
/// series, not remove duplicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsualInterval {
    /// The window.
    pub window: Duration,
    /// How many keys it does that to.
    pub keys: u64,
    /// A row of the first such key.
    pub row: u32,
    /// That key's median gap.
    pub median: Duration,
}

/// Counts what each window would drop in each mode, `open` clusters left alone as the rule says.
/// With no `windows`, some are chosen that show where the data changes, the rule's own among them.
///
/// # Errors
/// As [`decide`](super::decide), and `policy.out_of_range` for more than 1000 windows.
pub fn sweep<R: Rows>(
    rows: &R,
    rule: &Rule,
    windows: &[Duration],
    now: Instant,
    control: &Control<'_>,
) -> Result<Sweep, Error> {
    let steps = Steps::new(control, u64::from(rows.len()) * 3);
    let (entries, sorted) = gather(rows, rule, now, &steps)?;

    let parts = for_each_run(rows, &entries, None, &steps, |gaps: &mut Gaps, run| {
        gaps.add(rule, now, run);
    })?;
    let mut gaps = Gaps::default();
    parts.iter().for_each(|part| gaps.merge(part));
    let windows = if windows.is_empty() {
        gaps.windows(rule)
    } else {
        SWEEP_WINDOWS.check(windows.len())?;
        let mut windows = windows.to_vec();
        windows.sort_unstable();
        windows.dedup();
        windows
    };

    let trials = Trials::new(rule, now, &windows);
    let parts = for_each_run(rows, &entries, None, &steps, |counts: &mut Counts, run| {
        counts.add(&trials, rows, run);
    })?;
    let mut counts = Counts::default();
    // There may be no run at all, and every window has an answer.
    counts.modes.resize(trials.walks.len(), ModeCounts::default());
    parts.into_iter().for_each(|part| counts.merge(rows, part));

    let skipped = sorted.skipped.total();
    Ok(Sweep {
        total: u64::from(rows.len()),
        eligible: u64::from(rows.len()) - skipped,
        windows: trials.by_window(&counts.modes),
        forever: counts.modes.last().copied().unwrap_or_default(),
        smallest: gaps.smallest.map(Duration::from_micros_unchecked),
        gaps: gaps.ranges(),
        warnings: trials.warnings(&counts.usual),
    })
}

fn gap(older: Entry, newer: Entry) -> i64 {
    entry::time(newer) - entry::time(older)
}

fn gaps(run: &[Entry]) -> impl Iterator<Item = i64> + '_ {
    run.windows(2).map(|pair| if let &[older, newer] = pair { gap(older, newer) } else { 0 })
}

fn ladder() -> impl Iterator<Item = Duration> {
    LADDER_SECONDS.iter().map(|&seconds| Duration::from_secs(seconds))
}

/// First pass: how far apart neighbours are.
#[derive(Default)]
struct Gaps {
    counts: [u64; LADDER_SECONDS.len() + 1],
    smallest: Option<i64>,
    /// Gaps after the one in hand, each longer than all before it, with the time at which it begins.
    longer: Vec<(i64, i64)>,
}

impl Gaps {
    fn add(&mut self, rule: &Rule, now: Instant, run: &[Entry]) {
        let newest = run.last().map_or(0, |&newest| entry::time(newest));
        self.longer.clear();
        for pair in run.windows(2).rev() {
            let &[older, newer] = pair else { continue };
            let size = gap(older, newer);
            let step = ladder().take_while(|edge| edge.as_micros() < size).count();
            if let Some(count) = self.counts.get_mut(step) {
                *count += 1;
            }
            // Under a window of this gap, its cluster ends at the next longer one.
            while self.longer.pop_if(|(longer, _)| *longer <= size).is_some() {}
            let end = self.longer.last().map_or(newest, |(_, begins)| *begins);
            let closed = rule.get_open() == Open::Close || end < now.as_micros() - size;
            if closed && self.smallest.is_none_or(|smallest| size < smallest) {
                self.smallest = Some(size);
            }
            self.longer.push((size, entry::time(older)));
        }
    }

    fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(own, other)| *own += other);
        self.smallest = [self.smallest, other.smallest].into_iter().flatten().min();
    }

    fn ranges(&self) -> Vec<GapCount> {
        let edges = ladder().map(Some).chain([None]);
        let overs = [Duration::ZERO].into_iter().chain(ladder());
        let ranges = overs.zip(edges).zip(self.counts);
        let ranges = ranges.map(|((over, upto), count)| GapCount { over, upto, count });
        ranges.filter(|range| range.count > 0).collect()
    }

    /// From the last step that drops nothing to the first that reaches nine gaps in ten.
    fn windows(&self, rule: &Rule) -> Vec<Duration> {
        let all: u64 = self.counts.iter().sum();
        let mut below = 0;
        let mut windows = Vec::new();
        for (edge, count) in ladder().zip(self.counts) {
            if below == 0 {
                windows.clear();
            }
            windows.push(edge);
            below += count;
            if below * 10 >= all * 9 {
                break;
            }
        }
        if let Some(first) = windows.first().copied()
            && self.smallest.is_some_and(|smallest| smallest <= first.as_micros())
        {
            windows.extend(ladder().filter(|edge| *edge < first).last());
        }
        if rule.get_mode() != Mode::Forever {
            windows.push(rule.get_window());
        }
        windows.sort_unstable();
        windows.dedup();
        windows
    }
}

/// Second pass: the rules to try, three for each window, and forever at the end.
struct Trials {
    windows: Vec<Duration>,
    /// With the mode and the window, in microseconds.
    walks: Vec<(Mode, i64, Walk)>,
}

const WINDOWED: [Mode; 3] = [Mode::Anchor, Mode::Chain, Mode::Tumbling];

impl Trials {
    fn new(rule: &Rule, now: Instant, windows: &[Duration]) -> Self {
        let trial =
            |window: &Duration| WINDOWED.map(|mode| rule.clone().mode(mode).window(*window));
        let forever = rule.clone().mode(Mode::Forever).window(Duration::MAX);
        let rules = windows.iter().flat_map(trial).chain([forever]);
        let walk =
            |rule: Rule| (rule.get_mode(), rule.get_window().as_micros(), Walk::new(&rule, now));
        Self { windows: windows.to_vec(), walks: rules.map(walk).collect() }
    }

    fn by_window(&self, modes: &[ModeCounts]) -> Vec<WindowCounts> {
        let found = self.windows.iter().zip(modes.chunks_exact(WINDOWED.len()));
        let counts = found.filter_map(|(&window, modes)| match *modes {
            [anchor, chain, tumbling] => Some(WindowCounts { window, anchor, chain, tumbling }),
            _ => None,
        });
        counts.collect()
    }

    fn warnings(&self, usual: &[Usual]) -> Vec<UsualInterval> {
        let found = self.windows.iter().zip(usual);
        let warnings = found.filter_map(|(&window, usual)| {
            let (row, median) = usual.first?;
            let median = Duration::from_micros_unchecked(median);
            Some(UsualInterval { window, keys: usual.keys, row, median })
        });
        warnings.collect()
    }
}

#[derive(Default)]
struct Counts {
    modes: Vec<ModeCounts>,
    usual: Vec<Usual>,
    scratch: Vec<i64>,
}

/// Keys whose usual interval a window reaches: how many, and the first with its median gap.
#[derive(Clone, Copy, Default)]
struct Usual {
    keys: u64,
    first: Option<(u32, i64)>,
}

impl Counts {
    fn add<R: Rows>(&mut self, trials: &Trials, rows: &R, run: &[Entry]) {
        self.modes.resize(trials.walks.len(), ModeCounts::default());
        for (&(mode, window, walk), counts) in trials.walks.iter().zip(&mut self.modes) {
            if mode == Mode::Tumbling && window == 0 {
                continue;
            }
            let near = |a: &Entry, b: &Entry| mode == Mode::Forever || gap(*a, *b) <= window;
            for cluster in run.chunk_by(near) {
                walk.fates(cluster, |_, fate| match fate {
                    Fate::DroppedFor(_) => counts.drop += 1,
                    Fate::Open => counts.open += 1,
                    Fate::Kept => {}
                });
            }
        }
        self.usual.resize(trials.windows.len(), Usual::default());
        let row = run.first().map_or(0, |&first| entry::row(first));
        if let Some(median) = self.median(run) {
            for (window, usual) in trials.windows.iter().zip(&mut self.usual) {
                if window.as_micros() >= median {
                    usual.merge(rows, Usual { keys: 1, first: Some((row, median)) });
                }
            }
        }
    }

    /// The median gap of a key that has enough of them; of an even number, the lower one.
    fn median(&mut self, run: &[Entry]) -> Option<i64> {
        if run.len() <= USUAL_INTERVAL_GAPS {
            return None;
        }
        self.scratch.clear();
        self.scratch.extend(gaps(run));
        let middle = (self.scratch.len() - 1) / 2;
        Some(*self.scratch.select_nth_unstable(middle).1)
    }

    fn merge<R: Rows>(&mut self, rows: &R, other: Self) {
        self.modes.resize(self.modes.len().max(other.modes.len()), ModeCounts::default());
        for (own, other) in self.modes.iter_mut().zip(other.modes) {
            own.drop += other.drop;
            own.open += other.open;
        }
        self.usual.resize(self.usual.len().max(other.usual.len()), Usual::default());
        for (own, other) in self.usual.iter_mut().zip(other.usual) {
            own.merge(rows, other);
        }
    }
}

impl Usual {
    fn merge<R: Rows>(&mut self, rows: &R, other: Self) {
        self.keys += other.keys;
        self.first = match (self.first, other.first) {
            (Some(a), Some(b)) => Some(if rows.cmp_key(b.0, a.0).is_lt() { b } else { a }),
            (a, b) => a.or(b),
        };
    }
}

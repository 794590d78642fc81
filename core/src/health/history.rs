//! The samples that a window needs, kept from one evaluation to the next.

use super::Reduce;
use crate::bounds::MAX_SAMPLES;
use crate::time::{Duration, Instant, TICK};

/// Samples in the order of their instants.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct History(pub(crate) Vec<(Instant, f64)>);

/// A growth is looked up to this part of its window: more samples are not kept.
const GROWTH_STEPS: i64 = 128;

impl History {
    /// Adds samples that come together: they take the places of those of the same instants, which are
    /// the same samples, come once more.
    pub(crate) fn add(&mut self, samples: impl IntoIterator<Item = (Instant, f64)>) {
        let mut samples: Vec<_> =
            samples.into_iter().filter(|(_, value)| !value.is_nan()).collect();
        samples.sort_by_key(|(at, _)| *at);
        let comes_again = |at: &Instant| samples.binary_search_by_key(at, |(own, _)| *own).is_ok();
        self.0.retain(|(at, _)| !comes_again(at));
        self.0.append(&mut samples);
        // Two runs, each in order: they are merged.
        self.0.sort_by_key(|(at, _)| *at);
    }

    /// A clock that went back counts as no time: the samples are as old as they were.
    pub(super) fn set_back(&mut self, by: Duration) {
        self.0.iter_mut().for_each(|(at, _)| *at = at.saturating_sub(by));
    }

    /// Forgets what no window of this length will need from now on.
    pub(super) fn forget(&mut self, reduce: Reduce, window: Duration, now: Instant) {
        let begin = now.saturating_sub(window);
        let before = self.0.partition_point(|(at, _)| *at <= begin);
        // What goes up is counted from the last one before the window.
        let kept = usize::from(matches!(reduce, Reduce::Increase | Reduce::Growth));
        let most = self.0.len().saturating_sub(MAX_SAMPLES);
        self.0.drain(..before.saturating_sub(kept).max(most));
        if reduce == Reduce::Growth {
            let step = part_of(window, GROWTH_STEPS);
            thin(&mut self.0, |(at, _)| *at, |_| step);
        }
    }

    /// Forgets all but the last so many up to now, and those that are still to come.
    pub(super) fn forget_but(&mut self, count: u32, now: Instant) {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let end = self.0.partition_point(|(at, _)| *at <= now);
        let most = self.0.len().saturating_sub(MAX_SAMPLES);
        self.0.drain(..end.saturating_sub(count).max(most));
    }

    /// The number of a window that ends now; none if there are too few samples.
    pub(super) fn reduce(&self, reduce: Reduce, window: Duration, now: Instant) -> Option<f64> {
        let begin = now.saturating_sub(window);
        let end = self.0.partition_point(|(at, _)| *at <= now);
        let first = self.0.partition_point(|(at, _)| *at <= begin).min(end);
        let (older, samples) = self.0.get(..end)?.split_at(first);
        let values = || samples.iter().map(|(_, value)| *value);
        // One from long before says nothing of this window.
        let first = begin.saturating_sub(window);
        let before = older.last().filter(|(at, _)| *at >= first).map(|(_, value)| *value);
        match reduce {
            Reduce::Increase => {
                let all: Vec<f64> = before.into_iter().chain(values()).collect();
                let up = |pair: &[f64]| match pair {
                    [from, to] => risen(*from, *to),
                    _ => 0.0,
                };
                (all.len() > 1).then(|| all.windows(2).map(up).sum())
            }
            Reduce::Growth => {
                let (then, now) = (before?, values().next_back()?);
                Some((now - then) / then.abs())
            }
            Reduce::Mean => {
                let count = samples.len() as f64;
                (!samples.is_empty()).then(|| values().sum::<f64>() / count)
            }
            Reduce::Max => values().reduce(f64::max),
            Reduce::Min => values().reduce(f64::min),
            Reduce::Percentile(share) => percentile(values().collect(), share),
        }
    }

    /// When each of the samples comes into a window of this length, when it leaves it, and when it no longer
    /// says anything of it.
    pub(super) fn turns(&self, window: Duration) -> impl Iterator<Item = Instant> {
        self.0.iter().flat_map(move |(at, _)| {
            let left = at.saturating_add(window);
            [*at, left, left.saturating_add(window).saturating_add(TICK)]
        })
    }

    /// The share of the last so many samples up to now that are 0; none if there are none.
    pub(super) fn fail_rate(&self, count: u32, now: Instant) -> Option<f64> {
        let end = self.0.partition_point(|(at, _)| *at <= now);
        let all = self.0.get(..end)?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let last = all.get(all.len().saturating_sub(count)..)?;
        let failed = last.iter().filter(|(_, value)| *value == 0.0).count();
        (!last.is_empty()).then(|| failed as f64 / last.len() as f64)
    }
}

/// How much a counter went up. One that is lower than before began again at 0.
pub(super) fn risen(from: f64, to: f64) -> f64 {
    if to < from { to } else { to - from }
}

/// One of so many parts of a window.
pub(super) fn part_of(window: Duration, parts: i64) -> Duration {
    Duration::from_micros_unchecked(window.as_micros() / parts)
}

/// Forgets of samples in their order those that come too soon, by the step at their instants, after one
/// that stays. The newest stays.
pub(super) fn thin<T>(
    samples: &mut Vec<T>,
    at: impl Fn(&T) -> Instant,
    step: impl Fn(Instant) -> Duration,
) {
    let newest = samples.last().map(&at);
    let mut kept: Option<Instant> = None;
    samples.retain(|sample| {
        let at = at(sample);
        let is_near = kept.is_some_and(|kept| at.distance(kept) < step(at));
        let stays = !is_near || Some(at) == newest;
        if stays {
            kept = Some(at);
        }
        stays
    });
}

/// Between two samples where it falls between them, as numpy and Prometheus have it.
fn percentile(mut values: Vec<f64>, share: u8) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let place = f64::from(share) / 100.0 * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among the values"
    )]
    let below = place.floor() as usize;
    let (low, high) = (*values.get(below)?, *values.get((below + 1).min(last))?);
    let part = place - place.floor();
    // Two of one infinity are that, and not NaN.
    Some(if low == high || part == 0.0 { low } else { low + (high - low) * part })
}

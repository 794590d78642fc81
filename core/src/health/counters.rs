//! Two counters side by side, kept from one evaluation to the next.

use super::ErrorRatio;
use super::history::{part_of, risen, thin};
use crate::time::{Duration, Instant};

/// How much two counters went up, from the first sample on. Only a few of many samples are kept: as
/// what lies between them is summed up already, nothing that was counted is lost, restarts included.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counters {
    /// What the two counters said last.
    pub(crate) last: Option<(f64, f64)>,
    /// In the order of their instants.
    pub(crate) sums: Vec<Sum>,
}

/// How much the two went up until an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sum {
    pub(crate) at: Instant,
    pub(crate) part: f64,
    pub(crate) total: f64,
}

/// A window begins at a sample: at most this part of it too early.
const SHORT_STEPS: i64 = 32;
const LONG_STEPS: i64 = 128;

impl Counters {
    /// Adds what the two say at an instant. What is not after the last sample is one that was seen, and
    /// its counts come with the next.
    pub(super) fn add(&mut self, at: Instant, part: f64, total: f64) {
        let before = self.sums.last().copied();
        if before.is_some_and(|sum| at <= sum.at) {
            return;
        }
        let sum = match (before, self.last) {
            (Some(sum), Some(last)) => Sum {
                at,
                part: sum.part + risen(last.0, part),
                total: sum.total + risen(last.1, total),
            },
            _ => Sum { at, part: 0.0, total: 0.0 },
        };
        self.sums.push(sum);
        self.last = Some((part, total));
    }

    /// Forgets what no window will need from now on.
    pub(super) fn forget(&mut self, short: Duration, long: Duration, now: Instant) {
        let begin = now.saturating_sub(long);
        let before = self.sums.partition_point(|sum| sum.at <= begin);
        self.sums.drain(..before.saturating_sub(1));
        let fine = part_of(short, SHORT_STEPS);
        let coarse = part_of(long, LONG_STEPS).max(fine);
        let fine_from = now.saturating_sub(short).saturating_sub(fine);
        let step = |at: Instant| if at >= fine_from { fine } else { coarse };
        thin(&mut self.sums, |sum| sum.at, step);
    }

    /// How much the two went up in a window that ends now, or since the first sample, if that came
    /// later; none if there are too few samples.
    fn increases(&self, window: Duration, now: Instant) -> Option<(f64, f64)> {
        let begin = now.saturating_sub(window);
        let first = self.sums.partition_point(|sum| sum.at <= begin).saturating_sub(1);
        let end = self.sums.partition_point(|sum| sum.at <= now);
        let (last, first) = (self.sums.get(..end)?.last()?, self.sums.get(first)?);
        (last.at > first.at).then_some((last.part - first.part, last.total - first.total))
    }

    /// The share of errors in each window, whichever is least; none if there are too few samples. NaN
    /// where there was no event at all.
    pub(super) fn reduce(&self, ratio: &ErrorRatio, now: Instant) -> Option<f64> {
        let mut least = f64::INFINITY;
        for window in ratio.windows() {
            let (part, total) = self.increases(window, now)?;
            let share = ratio.of(part, total);
            least = if share.is_nan() { share } else { least.min(share) };
            if least.is_nan() {
                break;
            }
        }
        Some(least)
    }

    /// When each of the samples comes into a window of this length, and when it leaves it.
    pub(super) fn turns(&self, window: Duration) -> impl Iterator<Item = Instant> {
        self.sums.iter().flat_map(move |sum| [sum.at, sum.at.saturating_add(window)])
    }

    /// A clock that went back counts as no time: the samples are as old as they were.
    pub(super) fn set_back(&mut self, by: Duration) {
        self.sums.iter_mut().for_each(|sum| sum.at = sum.at.saturating_sub(by));
    }
}

//! Where Prometheus does not do as housekeep does: each is said above the rule that it is about.

use crate::time::Duration;

/// A difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// Of `for`, where a missing number holds what is.
    Waits,
    /// Of `keep`, where a missing number holds what is.
    Keeps,
    /// Of a window, where instances come and go.
    ForgetsInstance,
    /// Of a mean.
    Mean,
    /// Of a percentile.
    Percentile,
    /// Of an increase.
    Increase,
    /// Of a share of errors.
    ErrorRatio,
    /// Of a growth over a window.
    Growth(Duration),
    /// Of a number that is missing, where that is as bad as a breach.
    Absent,
    /// Of instances that are all missing, where that is as bad as a breach.
    AbsentInstances,
    /// Of `count`.
    Count,
    /// Of `count`, where a missing number is as bad as a breach.
    CountMissing,
    /// Of a `keep` that counts.
    CountedKeep,
}

/// What a rule can be tested with, so that it has to do as housekeep does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Testing {
    /// Any series.
    Whole,
    /// Series without a missing number.
    WithoutGaps,
    /// None.
    Not,
}

/// The longest window of which housekeep remembers a sample of each minute for a growth.
const MOST_GROWTH: Duration = Duration::from_mins(128);

impl Note {
    pub(super) fn text(self) -> &'static str {
        match self {
            Note::Waits => {
                "housekeep goes on counting the time of `for` while the number is missing, and \
                            lets it count from the next number on; here it begins anew."
            }
            Note::Keeps => {
                "housekeep goes on counting the time of `keep` while the number is missing, and \
                            lets it count from the next number on; here it begins anew."
            }
            Note::ForgetsInstance => {
                "housekeep forgets the samples of an instance that goes and is not \
                                      raised; here they count again if it comes back in time."
            }
            Note::Mean => {
                "A sample that is NaN makes this NaN, which is missing; housekeep leaves it out. \
                           The last digits of the mean may be rounded in another way."
            }
            Note::Percentile => {
                "A sample that is NaN counts as the lowest; housekeep leaves it out. The last \
                                 digits of the percentile are rounded in another way, so a number right at \
                                 the bound may be found beyond it."
            }
            Note::ErrorRatio => {
                "housekeep adds up what the counters rise from the last sample before each window on, \
                 of some 128 that it remembers of the longer one; Prometheus extrapolates from the \
                 samples within it."
            }
            Note::AbsentInstances => {
                "When no instance is measured any more, housekeep raises each that it remembers; here \
                 those that are raised, and one alert without an instance."
            }
            Note::Increase => {
                "Prometheus extrapolates to the ends of the window, and does not count from \
                               the last sample before it, as housekeep does: a rise that falls between two \
                               samples there is missed or estimated, and a whole number may become a broken \
                               one."
            }
            Note::Growth(_) => {
                "housekeep compares with the last sample before the window, up to as long before \
                                it as it is long, of the 128 that it remembers of each; here that sample is \
                                looked up, up to the 5m before the window."
            }
            Note::Absent => {
                "The alert of a metric that is not there has none of its labels: where the series \
                             has some, it is another alert than that of a number."
            }
            Note::Count => {
                "housekeep counts samples; here minutes are counted, whether a sample came in them \
                            or not. A minute without a number counts as one in which nothing is wrong."
            }
            Note::CountMissing => {
                "Minutes from before the metric was first measured count as missing here."
            }
            Note::CountedKeep => {
                "housekeep lowers this when enough samples say so; here it is lowered with \
                                  the first, for Prometheus has no such `keep`."
            }
        }
    }

    pub(super) fn testing(self) -> Testing {
        match self {
            Note::Absent => Testing::Whole,
            Note::Growth(window) if window > MOST_GROWTH => Testing::Not,
            Note::Increase | Note::ErrorRatio | Note::CountMissing | Note::CountedKeep => {
                Testing::Not
            }
            _ => Testing::WithoutGaps,
        }
    }

    /// Whether a number near a bound may be found on its other side.
    pub(super) fn is_rounded(self) -> bool {
        matches!(self, Note::Mean | Note::Percentile)
    }

    /// Whether a number is made of several, and none of them is it.
    pub(super) fn is_made(self) -> bool {
        self.is_rounded() || matches!(self, Note::Growth(_))
    }
}

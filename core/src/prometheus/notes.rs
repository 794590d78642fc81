//! Where Prometheus does not do as housekeep does: each is said above the rule that it is about.

use crate::time::Duration;

/// A difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// Of `for`, where a missing number holds what is.
    Waits,
    /// Of `keep`, where a missing number holds what is.
    Keeps,
    /// Of `keep`, where instances come and go.
    KeepsInstance,
    /// Of a window, where instances come and go.
    ForgetsInstance,
    /// Of a mean.
    Mean,
    /// Of a percentile.
    Percentile,
    /// Of an increase.
    Increase,
    /// Of a growth, with the longest time that its first sample may be older than the window.
    Growth(Duration),
    /// Of an age, and of a time left.
    Instant,
    /// Of `count`.
    Count,
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

/// The longest window of which a growth has every sample of each minute.
const MOST_GROWTH: Duration = Duration::from_mins(128);

impl Note {
    pub(super) fn text(self) -> String {
        match self {
            Note::Waits => "housekeep goes on counting the time of `for` while the number is missing, and \
                            lets it count from the next number on; here it begins anew."
                .into(),
            Note::Keeps => "housekeep goes on counting the time of `keep` while the number is missing, and \
                            lets it count from the next number on; here it begins anew."
                .into(),
            Note::KeepsInstance => "housekeep forgets at once what is raised when the last instance of the \
                                    metric goes; here it is kept for as long as `keep` says."
                .into(),
            Note::ForgetsInstance => "housekeep forgets the samples of an instance that goes and is not \
                                      raised; here they count again if it comes back in time."
                .into(),
            Note::Mean => "A sample that is NaN makes this NaN, which is missing; housekeep leaves it out. \
                           The last digits of the mean may be rounded in another way."
                .into(),
            Note::Percentile => "A sample that is NaN counts as the lowest; housekeep leaves it out. The last \
                                 digits of the percentile are rounded in another way, so a number right at \
                                 the bound may be found beyond it."
                .into(),
            Note::Increase => "Prometheus extrapolates to the ends of the window, and does not count from \
                               the last sample before it, as housekeep does: a rise that falls between two \
                               samples there is missed or estimated, and a whole number may become a broken \
                               one."
                .into(),
            Note::Growth(older) => format!(
                "housekeep compares with the last sample before the window, however old, and remembers one \
                 for each {older}; here that sample is looked up, up to the 5m before the window."
            ),
            Note::Instant => "The instant is in seconds since 1970, and so precise as a float is: to less \
                              than a microsecond."
                .into(),
            Note::Count => "housekeep counts samples; here minutes are counted, each by what is found at its \
                            end, whether a sample came in it or not, and a minute without a number is one of \
                            those that are counted."
                .into(),
            Note::CountedKeep => "housekeep lowers this when enough samples say so; here it is lowered with \
                                  the first, for Prometheus has no such `keep`."
                .into(),
        }
    }

    pub(super) fn testing(self) -> Testing {
        match self {
            Note::Instant => Testing::Whole,
            Note::Growth(older) if older.as_micros() > MOST_GROWTH.as_micros() / 128 => Testing::Not,
            Note::Increase | Note::CountedKeep => Testing::Not,
            _ => Testing::WithoutGaps,
        }
    }

    /// Whether a number near a bound may be found on its other side.
    pub(super) fn is_rounded(self) -> bool {
        matches!(self, Note::Mean | Note::Percentile)
    }
}

//! Service level objectives: how fast an error budget may burn.
//!
//! The multi-window, multi-burn-rate alerts of Google's SRE workbook: a share of the budget is gone in
//! the long window, and the short one says that it goes on.

use thiserror::Error;

use super::share::rounded;
use super::{Check, ErrorRatio, Level, Metric, Numbers};
use crate::bounds::TARGET;
use crate::error::{Code, Error, Leaf};
use crate::time::Duration;

/// What share of events is to go well, over how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    part: String,
    is_good: bool,
    total: String,
    budget: f64,
    window: Duration,
}

/// An alert of a budget that burns too fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BurnRate {
    /// How many times as fast as the budget allows.
    pub factor: f64,
    /// The window that says whether it goes on.
    pub short: Duration,
    /// The window that says how much it was.
    pub long: Duration,
    /// How bad that is.
    pub level: Level,
}

/// What is wrong with an objective.
#[derive(Debug, Error)]
enum BadSlo {
    #[error("a burn rate of {factor} is more than all events can fail at")]
    Never { factor: f64 },
    #[error("a window of {long} is longer than the {window} that the budget is for")]
    Longer { long: Duration, window: Duration },
    #[error("the short window of {short} is longer than the long one of {long}")]
    Reversed { short: Duration, long: Duration },
    #[error("a window of no time has no events")]
    NoWindow,
    #[error("a burn rate of {0} is no burn")]
    NoBurn(f64),
    #[error("an alert that is ok alerts nobody")]
    Ok,
}

impl Leaf for BadSlo {
    fn code(&self) -> Code {
        match self {
            BadSlo::Never { .. } | BadSlo::NoWindow => Code::PolicyNeverMatches,
            BadSlo::Longer { .. } | BadSlo::Reversed { .. } | BadSlo::Ok => Code::PolicyConflict,
            BadSlo::NoBurn(_) => Code::PolicyOutOfRange,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                BadSlo::Never { .. } => "ask for a lower one, or for a longer window",
                BadSlo::Longer { .. } => "take a shorter one",
                BadSlo::Reversed { .. } => "make the short one about a twelfth of the long one",
                BadSlo::NoWindow => "give one such as `1h`",
                BadSlo::NoBurn(_) => "give one above 0, such as `14.4`",
                BadSlo::Ok => "say `warn` or `crit`",
            }
            .into(),
        )
    }
}

impl BurnRate {
    /// The short window that goes with a long one: a twelfth of it.
    #[must_use]
    pub fn short_of(long: Duration) -> Duration {
        Duration::from_micros_unchecked(long.as_micros() / 12)
    }
}

impl Slo {
    /// By a counter of the events that failed, and one of all. `target` is the share that is to go well,
    /// such as 0.999.
    ///
    /// # Errors
    /// `policy.out_of_range` for a target of 0, of 1, or outside of them; `policy.never_matches` for a
    /// window of no time.
    pub fn of_errors(
        errors: impl Into<String>,
        total: impl Into<String>,
        target: f64,
        window: Duration,
    ) -> Result<Self, Error> {
        let (part, total) = (errors.into(), total.into());
        if window == Duration::ZERO {
            return Err(BadSlo::NoWindow.into());
        }
        // A budget of nothing cannot burn, and one of everything need not.
        let budget = rounded(1.0 - TARGET.check(target)?);
        Ok(Self { part, is_good: false, total, budget, window })
    }

    /// By a counter of the events that went well, and one of all.
    ///
    /// # Errors
    /// As [`Slo::of_errors`].
    pub fn of_good(
        good: impl Into<String>,
        total: impl Into<String>,
        target: f64,
        window: Duration,
    ) -> Result<Self, Error> {
        Ok(Self { is_good: true, ..Self::of_errors(good, total, target, window)? })
    }

    /// The share that may fail.
    #[must_use]
    pub fn budget(&self) -> f64 {
        self.budget
    }

    /// How many times as fast as it may the budget burns, if a share of it is gone in as long.
    #[must_use]
    pub fn factor(&self, share: f64, long: Duration) -> f64 {
        rounded(share * self.window.as_micros() as f64 / long.as_micros() as f64)
    }

    /// The alerts of the workbook that can be raised at all: of 2 % of the budget in an hour and of 5 %
    /// in six hours, which are critical; and of 10 % in a day and of 10 % in three days, which are a
    /// warning. With a window of 30 days the burn rates are 14.4, 6, 3 and 1.
    #[must_use]
    pub fn burn_rates(&self) -> Vec<BurnRate> {
        let hours = |hours: u32| Duration::from_mins(hours * 60);
        let all = [
            (0.02, hours(1), Level::Crit),
            (0.05, hours(6), Level::Crit),
            (0.1, hours(24), Level::Warn),
            (0.1, hours(72), Level::Warn),
        ];
        let all = all.map(|(share, long, level)| {
            let factor = self.factor(share, long);
            BurnRate { factor, short: BurnRate::short_of(long), long, level }
        });
        all.into_iter().filter(|burn| self.checked(burn).is_ok()).collect()
    }

    /// The share of errors beyond which such an alert is raised.
    #[must_use]
    pub fn threshold(&self, burn: &BurnRate) -> f64 {
        rounded(burn.factor * self.budget)
    }

    /// What such an alert looks at.
    #[must_use]
    pub fn metric(&self, burn: &BurnRate) -> Metric {
        Metric::ErrorRatio(ErrorRatio {
            part: self.part.clone(),
            is_good: self.is_good,
            total: self.total.clone(),
            short: burn.short,
            long: burn.long,
        })
    }

    /// The check of an alert.
    ///
    /// # Errors
    /// `policy.never_matches` for a burn rate that more than all events would have to fail for;
    /// `policy.conflict` for windows that do not fit; `policy.out_of_range` for a rate of no burn.
    pub fn check(&self, burn: &BurnRate) -> Result<Check, Error> {
        self.checked(burn)?;
        let check = Check::new(self.metric(burn));
        let numbers = Numbers::above(self.threshold(burn));
        let check =
            if burn.level == Level::Warn { check.warn(numbers) } else { check.crit(numbers) };
        check.checked()
    }

    fn checked(&self, burn: &BurnRate) -> Result<(), BadSlo> {
        let BurnRate { factor, short, long, level } = *burn;
        if short == Duration::ZERO {
            return Err(BadSlo::NoWindow);
        }
        if short > long {
            return Err(BadSlo::Reversed { short, long });
        }
        if long > self.window {
            return Err(BadSlo::Longer { long, window: self.window });
        }
        if factor.is_nan() || factor <= 0.0 {
            return Err(BadSlo::NoBurn(factor));
        }
        if self.threshold(burn) >= 1.0 {
            return Err(BadSlo::Never { factor });
        }
        if level == Level::Ok { Err(BadSlo::Ok) } else { Ok(()) }
    }
}

//! A check as it is written, checked.

use std::sync::Arc;

use thiserror::Error;

use super::severity::Severities;
use crate::error::{Code, Error, Leaf, quoted};
use crate::health::{Check, Gate, Numbers, Severity, Threshold, Unit};
use crate::policy::document::CheckDocument;

/// Settings that do not go together.
#[derive(Debug, Error)]
enum BadCheck {
    #[error("{} counts in `{own}` by itself", quoted(.metric))]
    Unit { metric: String, own: Unit },
    #[error("`{0}` and `{1}` cannot both be said")]
    Both(&'static str, &'static str),
    #[error("a range of Nagios says what is wrong, and `{0}` says what is right")]
    Nagios(&'static str),
    #[error("a window has no samples of its own in `when`")]
    Window,
}

impl Leaf for BadCheck {
    fn code(&self) -> Code {
        Code::PolicyConflict
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                BadCheck::Unit { .. } => "take `unit` out",
                BadCheck::Both(..) => "keep one of the two",
                BadCheck::Nagios(_) => "write it as `inside 1..5`, or as a comparison",
                BadCheck::Window => "look at a value, or at `a / b`",
            }
            .into(),
        )
    }
}

impl CheckDocument {
    /// What the number counts in, if that is known.
    pub(crate) fn counts_in(&self) -> Option<Unit> {
        self.value.unit().or(self.unit)
    }

    pub(super) fn check(&self, base: &str, severities: &Severities) -> Result<Check, Error> {
        let at = |key: &'static str| move |error: Error| error.at_path(format!("{base}.{key}"));
        if let (Some(own), Some(_)) = (self.value.unit(), self.unit) {
            let error = BadCheck::Unit { metric: self.value.to_string(), own };
            return Err(at("unit")(error.into()));
        }
        if self.crit.is_some() && self.expect.is_some() {
            return Err(at("expect")(BadCheck::Both("crit", "expect").into()));
        }
        if self.raise_after.is_some() && self.count.is_some() {
            return Err(at("count")(BadCheck::Both("for", "count").into()));
        }
        let right =
            [("expect", &self.expect), ("clear", &self.clear), ("clear_crit", &self.clear_crit)];
        for (key, threshold) in right {
            if threshold.as_ref().is_some_and(Threshold::is_nagios) {
                return Err(at(key)(BadCheck::Nagios(key).into()));
            }
        }
        let unit = self.counts_in();
        let numbers = |threshold: &Option<Threshold>, key| -> Result<Option<Numbers>, Error> {
            let numbers = threshold.as_ref().map(|threshold| threshold.numbers(unit));
            numbers.transpose().map_err(at(key))
        };
        let mut check = Check::new(self.value.clone()).each(self.each.is_some());
        if let Some(warn) = numbers(&self.warn, "warn")? {
            check = check.warn(warn);
        }
        if let Some(crit) = numbers(&self.crit, "crit")? {
            check = check.crit(crit);
        }
        if let Some(expect) = numbers(&self.expect, "expect")? {
            check = check.expect(expect);
        }
        if let Some(clear) = numbers(&self.clear, "clear")? {
            check = check.clear(clear);
        }
        if let Some(clear) = numbers(&self.clear_crit, "clear_crit")? {
            check = check.clear_crit(clear);
        }
        if let Some(when) = &self.when {
            if when.metric.is_windowed() {
                return Err(at("when")(BadCheck::Window.into()));
            }
            let numbers = when.threshold.numbers(when.metric.unit()).map_err(at("when"))?;
            check = check.when(when.metric.clone(), numbers);
        }
        let raise = match (self.raise_after, self.count) {
            (Some(time), _) => Gate::For(time),
            (None, Some(quorum)) => Gate::Count(quorum),
            (None, None) => Gate::Open,
        };
        check = check.raise(raise).lower(self.keep.unwrap_or_default());
        check = check.missing(self.missing.unwrap_or_default());
        if let Some(age) = self.stale {
            check = check.stale(age);
        }
        if let Some(time) = self.repeat {
            check = check.repeat(time);
        }
        if let Some(name) = &self.severity {
            let severity: Arc<Severity> = severities.named(name).map_err(at("severity"))?;
            check = check.severity(severity);
        }
        check.checked().map_err(|error| error.at_path(base))
    }
}

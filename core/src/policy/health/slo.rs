//! An objective as it is written: a check for each rate that its budget may burn at, and a group of them.

use thiserror::Error;

use crate::error::{Code, Error, Leaf};
use crate::health::{BurnRate, Level, RollUp, Share, Slo, Threshold};
use crate::policy::document::{BurnDocument, CheckDocument, GroupDocument, SloDocument};
use crate::time::Duration;

/// Settings of an objective that do not go together.
#[derive(Debug, Error)]
enum BadSlo {
    #[error("`{0}` and `{1}` cannot both be said")]
    Both(&'static str, &'static str),
    #[error("neither `{0}` nor `{1}` is said")]
    Neither(&'static str, &'static str),
    #[error("no rate is said that the budget may burn at")]
    NoBurn,
    #[error("none of the usual burn rates could ever be raised")]
    NoUsual,
    #[error("two rates have a long window of {0}")]
    Repeated(Duration),
}

impl Leaf for BadSlo {
    fn code(&self) -> Code {
        match self {
            BadSlo::Neither(..) => Code::PolicyMissingField,
            BadSlo::NoBurn => Code::PolicyEmpty,
            BadSlo::NoUsual => Code::PolicyNeverMatches,
            BadSlo::Both(..) | BadSlo::Repeated(_) => Code::PolicyConflict,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                BadSlo::Both(..) => "keep one of the two",
                BadSlo::Neither(..) => "say one of the two",
                BadSlo::NoBurn => "take `burn` out for the usual ones",
                BadSlo::NoUsual => "say which with `burn`, for the target and the window",
                BadSlo::Repeated(_) => "keep one of the two, or give it another window",
            }
            .into(),
        )
    }
}

impl SloDocument {
    /// The checks that it stands for, each with its name.
    ///
    /// # Errors
    /// As [`Slo::check`], and for settings that do not go together.
    pub(super) fn checks(
        &self,
        name: &str,
        base: &str,
    ) -> Result<Vec<(String, CheckDocument)>, Error> {
        let at = |key: &str| {
            let path = format!("{base}.{key}");
            move |error: Error| error.at_path(path)
        };
        let slo = match (&self.good, &self.bad) {
            (Some(good), None) => Slo::of_good(good, &self.total, self.target.get(), self.window),
            (None, Some(bad)) => Slo::of_errors(bad, &self.total, self.target.get(), self.window),
            (Some(_), Some(_)) => return Err(at("bad")(BadSlo::Both("good", "bad").into())),
            (None, None) => {
                return Err(Error::from(BadSlo::Neither("good", "bad")).at_path(base));
            }
        };
        let slo = slo.map_err(|error| error.at_path(base))?;
        let burns = match &self.burn {
            Some(given) if given.is_empty() => return Err(at("burn")(BadSlo::NoBurn.into())),
            Some(given) => {
                let burns = given.iter().enumerate();
                let burns = burns.map(|(n, own)| {
                    own.burn(&slo).map_err(|error| error.at_path(format!("{base}.burn[{n}]")))
                });
                burns.collect::<Result<Vec<_>, _>>()?
            }
            None => slo.burn_rates().into_iter().map(|burn| (burn, None)).collect(),
        };
        let mut checks: Vec<(String, CheckDocument)> = Vec::new();
        for (n, (burn, raise_after)) in burns.into_iter().enumerate() {
            let error = |error: Error| error.at_path(format!("{base}.burn[{n}]"));
            slo.check(&burn).map_err(error)?;
            let own = format!("{name}.{}", burn.long);
            if checks.iter().any(|(other, _)| *other == own) {
                return Err(error(BadSlo::Repeated(burn.long).into()));
            }
            checks.push((own, self.check(&slo, &burn, raise_after)));
        }
        // Every usual one asks for more than all events to fail, or for a longer window.
        let none = || Error::from(BadSlo::NoUsual).at_path(base);
        if checks.is_empty() { Err(none()) } else { Ok(checks) }
    }

    fn check(&self, slo: &Slo, burn: &BurnRate, raise_after: Option<Duration>) -> CheckDocument {
        let threshold = Threshold::above(Share::new(slo.threshold(burn)));
        let is_warning = burn.level == Level::Warn;
        CheckDocument {
            value: slo.metric(burn),
            unit: None,
            each: None,
            warn: is_warning.then(|| threshold.clone()),
            crit: (!is_warning).then_some(threshold),
            expect: None,
            clear: None,
            clear_crit: None,
            when: None,
            raise_after,
            count: None,
            keep: None,
            missing: self.missing,
            stale: None,
            // Nobody is called in the night about what may wait: that is what a warning is.
            severity: self.severity.clone().filter(|_| !is_warning),
            action: self.action.clone(),
            repeat: None,
        }
    }
}

impl GroupDocument {
    /// As bad as the worst of its checks.
    pub(super) fn of_checks(checks: &[(String, CheckDocument)]) -> Self {
        let of = checks.iter().map(|(name, _)| name.clone()).collect();
        Self { of, rule: Some(RollUp::Worst), cap: None, critical: false }
    }
}

impl BurnDocument {
    fn burn(&self, slo: &Slo) -> Result<(BurnRate, Option<Duration>), Error> {
        let long = self.long;
        let factor = match (self.factor, self.budget) {
            (Some(factor), None) => factor,
            (None, Some(share)) => slo.factor(share.get(), long),
            (Some(_), Some(_)) => return Err(BadSlo::Both("factor", "budget").into()),
            (None, None) => return Err(BadSlo::Neither("factor", "budget").into()),
        };
        let short = self.short.unwrap_or_else(|| BurnRate::short_of(long));
        Ok((BurnRate { factor, short, long, level: self.level }, self.raise_after))
    }
}

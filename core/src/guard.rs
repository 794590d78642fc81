//! How large a plan may be, of whatever family.

use thiserror::Error;

use crate::bounds::MAX_FRACTION;
use crate::error::{Code, Error, Leaf};

/// How large a plan may be. One that is larger is refused whole, never cut.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Guard {
    max_drops: Option<u64>,
    max_fraction: Option<f64>,
}

/// A plan that drops more than its guard allows.
#[derive(Debug, Error)]
enum TooMany {
    #[error("the plan would drop {rows}, {over} more than `max_drops = {most}` allows", rows = counted(*drops), over = drops - most)]
    Drops { drops: u64, most: u64 },
    #[error(
        "the plan would drop {drops} of {eligible} eligible rows, a fraction of {share:.4}, and `max_fraction` is {most}"
    )]
    Fraction { drops: u64, eligible: u64, share: f64, most: f64 },
}

fn counted(drops: u64) -> String {
    if drops == 1 { "1 row".into() } else { format!("{drops} rows") }
}

impl Leaf for TooMany {
    fn code(&self) -> Code {
        Code::PlanGuard
    }

    fn help(&self) -> Option<String> {
        Some("look at what it would drop; raise the guard only if every drop is meant".into())
    }
}

impl Guard {
    /// No limit.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// At most this many drops.
    #[must_use]
    pub fn max_drops(mut self, most: u64) -> Self {
        self.max_drops = Some(most);
        self
    }

    /// At most this share of the eligible rows, from 0 to 1.
    ///
    /// # Errors
    /// `policy.out_of_range` outside 0 to 1.
    pub fn max_fraction(mut self, most: f64) -> Result<Self, Error> {
        self.max_fraction = Some(MAX_FRACTION.check(most)?);
        Ok(self)
    }

    /// Refuses a plan that drops so many of the eligible rows, if that is too many.
    ///
    /// # Errors
    /// `plan.guard`, saying by how much.
    pub fn check(&self, drops: u64, eligible: u64) -> Result<(), Error> {
        if let Some(most) = self.max_drops
            && drops > most
        {
            return Err(TooMany::Drops { drops, most }.into());
        }
        if let Some(most) = self.max_fraction
            && eligible > 0
        {
            // Exact enough: counts of rows are far below 2^53.
            let share = drops as f64 / eligible as f64;
            if share > most {
                return Err(TooMany::Fraction { drops, eligible, share, most }.into());
            }
        }
        Ok(())
    }
}

//! The laws of checks, and the plain way to a level.
//!
//! Each law takes a [`Check`] of the metric `x` and a series of [`Step`]s, evaluates them one after the
//! other (often several series, or the same in another way), and says whether the law holds. A clock
//! may go back between two steps.

mod groups;
pub mod model;
mod one;
mod screen;
mod series;
#[cfg(feature = "proptest")]
pub mod strategies;
mod told;

pub use groups::{checks_are_apart, worst_is_a_join};
pub use one::{nagios_alerts_on_the_same, next_change_is_sound, same_again, stateless};
pub use screen::{Series, screen_is_evaluate};
pub use series::{
    a_longer_delay_raises_no_earlier, a_longer_keep_lowers_no_earlier, larger_is_no_better,
    missing_changes_no_level, nothing_changes_in_between,
};

pub use told::{a_mute_changes_what_is_told_alone, calls_go_up, what_is_told_is_a_chain};

use super::{Broken, Held, Law};
use crate::health::{Check, Findings, Health, Level, Metric, Reading, Snapshot, State, Verdict};
use crate::time::Instant;

/// What is measured at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// When the check is evaluated.
    pub now: Instant,
    /// The number, if there is one.
    pub value: Option<f64>,
    /// When it was taken, if that is said.
    pub at: Option<Instant>,
}

/// All of them, in their order.
///
/// # Errors
/// The first that does not hold.
pub fn all(check: &Check, steps: &[Step]) -> Held {
    model::agrees(check, steps)?;
    same_again(check, steps)?;
    nothing_changes_in_between(check, steps)?;
    a_longer_delay_raises_no_earlier(check, steps)?;
    stateless(check, steps)?;
    a_longer_keep_lowers_no_earlier(check, steps)?;
    missing_changes_no_level(check, steps)?;
    larger_is_no_better(check, steps)?;
    checks_are_apart(check, steps)?;
    next_change_is_sound(check, steps)?;
    nagios_alerts_on_the_same(check, steps)
}

impl Step {
    fn snapshot(&self, name: &str) -> Snapshot {
        match self.value {
            Some(value) => Snapshot::new().with(name, Reading::Number(value, self.at)),
            None => Snapshot::new(),
        }
    }
}

/// A check alone, on its way through a series.
struct Run<'a> {
    health: Health,
    steps: &'a [Step],
    state: State,
}

impl<'a> Run<'a> {
    fn new(law: Law, check: &Check, steps: &'a [Step]) -> Result<Self, Broken> {
        let health = Health::new().check("x", check.clone()).checked();
        let health = health.map_err(|error| refused(law, &error))?;
        Ok(Self { health, steps, state: State::new() })
    }

    /// Evaluates a step on what the steps before it left.
    fn step(&mut self, step: &Step) -> Option<Verdict> {
        let state = std::mem::take(&mut self.state);
        let (findings, state) = self.health.evaluate(&step.snapshot("x"), state, step.now);
        self.state = state;
        only(findings)
    }

    fn verdicts(mut self) -> Vec<Verdict> {
        self.steps.iter().filter_map(|step| self.step(step)).collect()
    }
}

fn only(findings: Findings) -> Option<Verdict> {
    findings.checks.into_iter().next().map(|checked| checked.verdict)
}

fn verdicts(law: Law, check: &Check, steps: &[Step]) -> Result<Vec<Verdict>, Broken> {
    Ok(Run::new(law, check, steps)?.verdicts())
}

fn levels(law: Law, check: &Check, steps: &[Step]) -> Result<Vec<Level>, Broken> {
    Ok(verdicts(law, check, steps)?.iter().map(|verdict| verdict.level).collect())
}

fn refused(law: Law, error: &crate::error::Error) -> Broken {
    Broken { law, says: format!("the check is refused: {error}") }
}

/// The metric of every check here.
#[must_use]
pub fn metric() -> Metric {
    Metric::Value("x".into())
}

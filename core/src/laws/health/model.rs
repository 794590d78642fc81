//! The plain way to a level: what the words of a check mean, from the whole series, however long it
//! takes.
//!
//! Nothing here is shared with the kernel, so that the two can be compared.

use super::{Held, Law, Step, verdicts};
use crate::health::{Check, Gate, Level, Missing, Numbers};
use crate::time::Instant;

const LAW: Law = Law { number: 0, name: "health model" };

/// One of the two alarms of a check, as a series of what happened to it.
struct Alarm {
    raise: Numbers,
    clear: Option<Numbers>,
    /// The breaches of different samples.
    votes: Vec<bool>,
    raised: bool,
    /// When the breach began that is still going on, or that raised it.
    began: Option<i64>,
    /// When it was over, while it is raised still.
    over: Option<i64>,
}

impl Alarm {
    fn new(raise: Numbers, clear: Option<Numbers>) -> Self {
        Self { raise, clear, votes: Vec::new(), raised: false, began: None, over: None }
    }

    fn breach(&self, value: f64) -> bool {
        let is_held = self.raised && self.clear.is_some_and(|clear| !clear.contains(value));
        self.raise.contains(value) || is_held
    }

    fn count(votes: &[bool], of: u16, meant: bool) -> usize {
        votes.iter().rev().take(of.into()).filter(|vote| **vote == meant).count()
    }

    fn step(&mut self, elapsed: i64, breach: bool, is_new: bool, raise: Gate, lower: Gate) {
        if is_new {
            self.votes.push(breach);
        }
        if breach && self.began.is_none() {
            self.began = Some(elapsed);
        }
        if !breach && !self.raised {
            self.began = None;
        }
        let met = match raise {
            Gate::Open => breach,
            Gate::For(time) => {
                breach && self.began.is_some_and(|began| elapsed - began >= time.as_micros())
            }
            Gate::Count(quorum) => {
                Self::count(&self.votes, quorum.of(), true) >= quorum.hits().into()
            }
        };
        if met {
            self.raised = true;
            self.over = None;
        } else if breach {
            // Too few samples, and one more that would keep it.
            self.over = None;
        } else if self.raised {
            let over = *self.over.get_or_insert(elapsed);
            let done = match lower {
                Gate::Open => true,
                Gate::For(time) => elapsed - over >= time.as_micros(),
                Gate::Count(quorum) => {
                    Self::count(&self.votes, quorum.of(), false) >= quorum.hits().into()
                }
            };
            if done {
                self.raised = false;
                self.over = None;
                self.began = None;
            }
        }
    }
}

/// The level after each step.
#[must_use]
pub fn levels(check: &Check, steps: &[Step]) -> Vec<Level> {
    let (warn, crit) = check.thresholds();
    let (clear, clear_crit) = check.clears();
    let crit_clear = if warn.is_some() { clear_crit } else { clear };
    let mut warn = warn.map(|raise| Alarm::new(raise, clear));
    let mut crit = crit.map(|raise| Alarm::new(raise, crit_clear));
    let (raise, lower) = check.gates();
    let mut elapsed = 0i64;
    let mut before: Option<i64> = None;
    // By the clock of the samples, which is set back with the other if it is the other.
    let mut last: Option<i64> = None;
    let mut is_timed = false;
    let mut levels = Vec::new();
    for step in steps {
        let now = step.now.as_micros();
        let back = before.map_or(0, |before| (before - now).max(0));
        elapsed += before.map_or(0, |before| (now - before).max(0));
        before = Some(now);
        last = last.map(|last| if is_timed { last } else { last - back });
        let value = step.value.filter(|value| !value.is_nan());
        let value = value.filter(|_| !is_stale(check, step));
        if value.is_some() {
            is_timed = step.at.is_some();
        }
        let meant = match (value, check.when_missing()) {
            (None, Missing::Unknown | Missing::Keep) => None,
            (None, Missing::Breach) => Some(Err(true)),
            (None, Missing::Ok) => Some(Err(false)),
            (Some(value), _) => Some(Ok(value)),
        };
        if let Some(meant) = meant {
            let taken = step.at.filter(|_| value.is_some()).map_or(now, Instant::as_micros);
            let is_new = last.is_none_or(|last| taken > last);
            last = Some(last.map_or(taken, |last| last.max(taken)));
            for alarm in [&mut warn, &mut crit].into_iter().flatten() {
                let breach = match meant {
                    Ok(value) => alarm.breach(value),
                    Err(breach) => breach,
                };
                alarm.step(elapsed, breach, is_new, raise, lower);
            }
        }
        let is_raised = |alarm: &Option<Alarm>| alarm.as_ref().is_some_and(|alarm| alarm.raised);
        levels.push(match (is_raised(&crit), is_raised(&warn)) {
            (true, _) => Level::Crit,
            (false, true) => Level::Warn,
            (false, false) => Level::Ok,
        });
    }
    levels
}

fn is_stale(check: &Check, step: &Step) -> bool {
    let age = step.at.map(|at| step.now.as_micros() - at.as_micros());
    age.zip(check.stale_after()).is_some_and(|(age, most)| age > most.as_micros())
}

/// The kernel says what the model says.
///
/// # Errors
/// The first step after which they say different things.
pub fn agrees(check: &Check, steps: &[Step]) -> Held {
    let found = verdicts(LAW, check, steps)?;
    for (n, (found, meant)) in found.iter().zip(levels(check, steps)).enumerate() {
        LAW.check(found.level == meant, || {
            format!("after step {n} it is {:?}, and {meant:?} by the model", found.level)
        })?;
    }
    LAW.check(found.len() == steps.len(), || format!("{} verdicts", found.len()))
}

//! Laws of several checks together.

use super::{Held, Law, Run, Step, only, refused};
use crate::health::{Check, Group, Health, RollUp, Snapshot, State, Status};
use crate::time::Instant;

/// Law 9. What another check says changes nothing.
///
/// # Errors
/// The first step at which it does not hold.
pub fn checks_are_apart(check: &Check, steps: &[Step]) -> Held {
    const LAW: Law = Law { number: 9, name: "checks_are_apart" };
    let mut run = Run::new(LAW, check, steps)?;
    let other = Check::new(crate::health::Metric::Value("y".into())).expect_any();
    let both = Health::new().check("x", check.clone()).check("y", other);
    let both = both.checked().map_err(|error| refused(LAW, &error))?;
    let mut state = State::new();
    for (n, step) in steps.iter().enumerate() {
        let alone = run.step(step);
        let snapshot = step.snapshot("x").number("y", n as f64);
        let (findings, next) = both.evaluate(&snapshot, state, step.now);
        state = next;
        let together = only(findings);
        LAW.check(alone == together, || format!("step {n}: {alone:?} alone, {together:?} not"))?;
    }
    Ok(())
}

/// Law 8. The worst of several statuses does not depend on their order or on how they are grouped, nor
/// does it change with one that is there already; one more never makes it better.
///
/// # Errors
/// The first statuses for which it does not hold.
pub fn worst_is_a_join(statuses: &[Status], more: Status, now: Instant) -> Held {
    const LAW: Law = Law { number: 8, name: "worst_is_a_join" };
    let worst = |statuses: &[Status]| grouped(LAW, statuses, now);
    let found = worst(statuses)?;
    let mut backwards = statuses.to_vec();
    backwards.reverse();
    let halves = statuses.split_at(statuses.len() / 2);
    let (first, second) = (worst(halves.0)?, worst(halves.1)?);
    let with_more = worst(&[statuses, &[more]].concat())?;
    LAW.check(found == worst(&backwards)?, || format!("{statuses:?} backwards"))?;
    if !halves.0.is_empty() {
        LAW.check(found == worst(&[first, second])?, || format!("{statuses:?} in halves"))?;
    }
    if let Some(one) = statuses.first() {
        let again = worst(&[statuses, &[*one]].concat())?;
        LAW.check(found == again, || format!("{statuses:?} with {one:?} again"))?;
        LAW.check(with_more >= found, || format!("{statuses:?} with {more:?} is {with_more:?}"))?;
    }
    Ok(())
}

/// The status of a group of checks that have these.
fn grouped(law: Law, statuses: &[Status], now: Instant) -> Result<Status, super::Broken> {
    if statuses.is_empty() {
        return Ok(Status::Unknown);
    }
    let mut health = Health::new();
    let mut snapshot = Snapshot::new();
    let names: Vec<String> = (0..statuses.len()).map(|n| format!("c{n}")).collect();
    for (name, status) in names.iter().zip(statuses) {
        health =
            health.check(name, Check::new(crate::health::Metric::Value(name.clone())).graded());
        snapshot = match status {
            Status::Ok => snapshot.number(name, 0.0),
            Status::Warn => snapshot.number(name, 1.0),
            Status::Crit => snapshot.number(name, 2.0),
            Status::Unknown => snapshot,
        };
    }
    let group = Group::new(names).roll_up(RollUp::Worst);
    let health = health.group("all", group).checked().map_err(|error| refused(law, &error))?;
    let (findings, _) = health.evaluate(&snapshot, State::new(), now);
    Ok(findings.groups.first().map_or(Status::Unknown, |group| group.status))
}

impl Check {
    /// One that is never raised.
    fn expect_any(self) -> Self {
        self.warn(crate::health::Numbers::above(f64::MAX))
    }

    /// Warns from 1 on, and is critical from 2 on.
    fn graded(self) -> Self {
        let from = crate::health::Numbers::at_least;
        self.warn(from(1.0)).crit(from(2.0))
    }
}

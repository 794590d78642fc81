//! Laws of single evaluations.

use super::{Held, Law, Run, Step, only};
use crate::health::{Check, Gate, Numbers, State, Threshold};
use crate::time::{Duration, Instant, TICK};

/// Law 2. Evaluating again at the same moment changes nothing, and says that nothing changed.
///
/// # Errors
/// The first step at which it does not hold.
pub fn same_again(check: &Check, steps: &[Step]) -> Held {
    const LAW: Law = Law { number: 2, name: "same_again" };
    let mut run = Run::new(LAW, check, steps)?;
    for (n, step) in steps.iter().enumerate() {
        let Some(first) = run.step(step) else { continue };
        let state = run.state.clone();
        let Some(again) = run.step(step) else { continue };
        let same = crate::health::Verdict { was: None, tell: None, ..first };
        LAW.check(again == same, || format!("step {n}: {same:?}, and again {again:?}"))?;
        LAW.check(run.state == state, || {
            format!("step {n}: {state:?} is remembered, and again {:?}", run.state)
        })?;
    }
    Ok(())
}

/// Law 4, its second part. Without gates and clear thresholds nothing is remembered.
///
/// # Errors
/// The first step at which it does not hold.
pub fn stateless(check: &Check, steps: &[Step]) -> Held {
    const LAW: Law = Law { number: 4, name: "stateless" };
    if check.gates() != (Gate::Open, Gate::Open) || check.clears() != (None, None) {
        return Ok(());
    }
    let mut run = Run::new(LAW, check, steps)?;
    for (n, step) in steps.iter().enumerate() {
        let Some(found) = run.step(step) else { continue };
        let (afresh, _) = run.health.evaluate(&step.snapshot("x"), State::new(), step.now);
        let Some(afresh) = only(afresh).filter(|_| !found.held) else { continue };
        LAW.check(found.level == afresh.level, || {
            format!("step {n}: {:?}, and {:?} without what was before", found.level, afresh.level)
        })?;
    }
    Ok(())
}

/// Law 11. Until the next change, nothing changes with the same readings.
///
/// # Errors
/// The first step at which it does not hold.
pub fn next_change_is_sound(check: &Check, steps: &[Step]) -> Held {
    const LAW: Law = Law { number: 11, name: "next_change_is_sound" };
    let mut run = Run::new(LAW, check, steps)?;
    for (n, step) in steps.iter().enumerate() {
        // A reading without a time of its own is another sample at every moment.
        let step = Step { at: step.at.or(Some(step.now)), ..step.clone() };
        let Some(found) = run.step(&step) else { continue };
        // That nothing is measured is counted at every moment, too.
        let counts = |gate: &Gate| matches!(gate, Gate::Count(_));
        if found.value.is_none() && [check.gates().0, check.gates().1].iter().any(counts) {
            continue;
        }
        let (level, status) = (found.level, found.status);
        for later in moments(step.now, found.next_change) {
            let (then, _) = run.health.evaluate(&step.snapshot("x"), run.state.clone(), later);
            let Some(then) = only(then) else { continue };
            LAW.check(then.tell.is_none(), || {
                format!(
                    "step {n}: nothing to be told until {:?}, and {later} is",
                    found.next_change
                )
            })?;
            LAW.check((then.level, then.status) == (level, status), || {
                format!(
                    "step {n}: {level:?} until {:?}, and {:?} at {later}",
                    found.next_change, then.level
                )
            })?;
        }
    }
    Ok(())
}

/// Some moments after one, and before another.
fn moments(now: Instant, end: Option<Instant>) -> Vec<Instant> {
    let end = end.unwrap_or_else(|| now.saturating_add(Duration::from_mins(10_000)));
    let middle = (end.as_micros() - now.as_micros()) / 2;
    let middle = now.saturating_add(Duration::from_micros(middle).unwrap_or_default());
    let all = [now.saturating_add(TICK), middle, end.saturating_sub(TICK)];
    all.into_iter().filter(|at| *at > now && *at < end).collect()
}

/// Law 12. The ranges of Nagios that a check is shown with alert on exactly the same numbers.
///
/// # Errors
/// The first number on which they do not.
pub fn nagios_alerts_on_the_same(check: &Check, steps: &[Step]) -> Held {
    const LAW: Law = Law { number: 12, name: "nagios_alerts_on_the_same" };
    let (warn, crit) = check.thresholds();
    for own in [warn, crit].into_iter().flatten() {
        let text = own.to_nagios();
        let read = |text: &String| Threshold::nagios(text).and_then(|range| range.numbers(None));
        let read: Option<Numbers> = match text.as_ref().map(read).transpose() {
            Ok(read) => read,
            Err(error) => return LAW.check(false, || format!("{text:?}: {error}")),
        };
        let given = steps.iter().filter_map(|step| step.value);
        let ends = own.ends().flat_map(|end| [end.next_down(), end, end.next_up()]);
        for number in given.chain(ends).chain([f64::INFINITY, f64::NEG_INFINITY, 0.0]) {
            let alerts = read.is_some_and(|read| read.contains(number));
            LAW.check(alerts == own.contains(number), || {
                format!("{text:?} and {own:?} say different things of {number}")
            })?;
        }
    }
    Ok(())
}

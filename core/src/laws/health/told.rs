//! Laws of what is told, to whom, and when nobody is.

use super::{Held, Law, Step, only, refused};
use crate::health::{Check, Escalation, Health, Mute, Severity, State, Status, Verdict};
use crate::time::{Duration, Instant, TICK};

/// Law 10. A time in which nobody is told changes what is told, and that nobody is; nothing else.
///
/// # Errors
/// The first step at which it does not hold.
pub fn a_mute_changes_what_is_told_alone(check: &Check, steps: &[Step], mutes: &[Mute]) -> Held {
    const LAW: Law = Law { number: 10, name: "a_mute_changes_what_is_told_alone" };
    let plain = runs(LAW, check, steps, &[])?;
    let muted = runs(LAW, check, steps, mutes)?;
    for (n, (one, other)) in plain.iter().zip(&muted).enumerate() {
        let same =
            |own: &Verdict| Verdict { tell: None, muted: None, next_change: None, ..own.clone() };
        LAW.check(same(one) == same(other), || {
            format!("step {n}: {one:?}, and {other:?} where it is muted")
        })?;
    }
    // The clock of a step may be behind that of the one before, and a mute that is over is over.
    let is_over =
        |mute: &Mute, n: usize| steps.iter().take(n + 1).any(|step| step.now >= mute.until);
    for (n, (step, found)) in steps.iter().zip(&muted).enumerate() {
        let covers =
            |mute: &&Mute| mute.from <= step.now && step.now < mute.until && !is_over(mute, n);
        let until = mutes.iter().filter(covers).map(|mute| mute.until).max();
        LAW.check(found.muted == until, || format!("step {n}: {:?}, not {until:?}", found.muted))?;
        LAW.check(until.is_none() || found.tell.is_none(), || format!("step {n}: {found:?}"))?;
    }
    Ok(())
}

/// Law 10, its other part. What is told goes on from what was told last, and whenever somebody may be
/// told, they know how it is.
///
/// # Errors
/// The first step at which it does not hold.
pub fn what_is_told_is_a_chain(check: &Check, steps: &[Step], mutes: &[Mute]) -> Held {
    const LAW: Law = Law { number: 10, name: "what_is_told_is_a_chain" };
    let mut known = Status::Ok;
    for (n, found) in runs(LAW, check, steps, mutes)?.into_iter().enumerate() {
        if let Some(tell) = &found.tell {
            LAW.check(tell.from == known, || {
                format!("step {n}: {known:?} was told, and now a change from {:?}", tell.from)
            })?;
            known = found.status;
        }
        LAW.check(found.muted.is_some() || found.status == known, || {
            format!("step {n}: it is {:?}, and {known:?} was told", found.status)
        })?;
    }
    Ok(())
}

/// Who is called is a matter of when it was raised, when somebody said that they are on it, and now: the
/// later it is, the more were called, none of them after somebody was on it, and nothing changes before
/// the next change.
///
/// # Errors
/// The first moment at which it does not hold.
pub fn calls_go_up(
    severity: &Severity,
    raised: Instant,
    acknowledged: Option<Instant>,
    now: Instant,
) -> Held {
    const LAW: Law = Law { number: 0, name: "calls_go_up" };
    let at = |now: Instant| severity.escalation(raised, acknowledged, now);
    let found = at(now);
    for call in &found.called {
        let is_due = call.at >= raised && call.at <= now;
        LAW.check(is_due && acknowledged.is_none_or(|end| call.at <= end), || {
            format!("{call:?} of what was raised at {raised}")
        })?;
    }
    LAW.check(found.called.is_sorted_by_key(|call| call.at), || format!("{:?}", found.called))?;
    let end = found.next_change(now);
    let later = end.unwrap_or(now.saturating_add(Duration::from_mins(100_000)));
    let middle = Duration::from_micros_unchecked(later.distance(now).as_micros() / 2);
    let before = later.saturating_sub(TICK);
    for then in [now.saturating_add(middle).min(before), before] {
        if then <= now {
            continue;
        }
        let seen =
            |own: &Escalation, at: Instant| (own.called.clone(), own.next.clone(), own.late(at));
        let after = at(then);
        LAW.check(seen(&after, then) == seen(&found, now), || {
            format!("{found:?} until {end:?}, and {after:?} at {then}")
        })?;
    }
    // Who was called stays called.
    let after = at(later);
    LAW.check(after.called.starts_with(&found.called), || {
        format!("{:?} were called at {now}, and {:?} at {later}", found.called, after.called)
    })
}

/// A check alone, on its way through a series, with times in which nobody is told.
fn runs(
    law: Law,
    check: &Check,
    steps: &[Step],
    mutes: &[Mute],
) -> Result<Vec<Verdict>, super::Broken> {
    let health = Health::new().check("x", check.clone()).checked();
    let health = health.map_err(|error| refused(law, &error))?;
    let mut state = State::new();
    state.mutes.extend_from_slice(mutes);
    let mut found = Vec::with_capacity(steps.len());
    for step in steps {
        let findings;
        (findings, state) = health.evaluate(&step.snapshot("x"), state, step.now);
        found.extend(only(findings));
    }
    Ok(found)
}

//! Laws of two series, or of one and what came before in it.

use super::{Held, Law, Step, levels, verdicts};
use crate::health::{Check, Gate, Level, Missing, Numbers, Status};
use crate::time::Duration;

/// Law 3. Between the threshold that raises a level and the one that clears it, whether the level is
/// reached does not change.
///
/// # Errors
/// The first step at which it does not hold.
pub fn nothing_changes_in_between(check: &Check, steps: &[Step]) -> Held {
    const LAW: Law = Law { number: 3, name: "nothing_changes_in_between" };
    let (warn, crit) = check.thresholds();
    let (clear, clear_crit) = check.clears();
    let crit_clear = if warn.is_some() { clear_crit } else { clear };
    let found = verdicts(LAW, check, steps)?;
    for (level, raise, clear) in [(Level::Warn, warn, clear), (Level::Crit, crit, crit_clear)] {
        let (Some(raise), Some(clear)) = (raise, clear) else { continue };
        for (n, pair) in found.windows(2).enumerate() {
            let [before, after] = pair else { continue };
            let between = |value: f64| !raise.contains(value) && !clear.contains(value);
            if !after.value.is_some_and(between) {
                continue;
            }
            LAW.check((before.level >= level) == (after.level >= level), || {
                format!("step {}: from {:?} to {:?}", n + 1, before.level, after.level)
            })?;
        }
    }
    Ok(())
}

/// Law 4, its first part. A longer `for` never raises earlier.
///
/// # Errors
/// The first step at which it does not hold.
pub fn a_longer_delay_raises_no_earlier(check: &Check, steps: &[Step]) -> Held {
    const LAW: Law = Law { number: 4, name: "a_longer_delay_raises_no_earlier" };
    let (Gate::For(time), _) = check.gates() else { return Ok(()) };
    let found = levels(LAW, check, steps)?;
    for more in [1, 1_000_000, 60_000_000] {
        let Some(longer) = Duration::from_micros(time.as_micros() + more) else { continue };
        let delayed = levels(LAW, &check.clone().raise_after(longer), steps)?;
        no_worse(LAW, &delayed, &found, || format!("with {longer} in place of {time}"))?;
    }
    Ok(())
}

/// Law 5. A longer `keep` never lowers earlier, and never raises what was not raised.
///
/// # Errors
/// The first step at which it does not hold.
pub fn a_longer_keep_lowers_no_earlier(check: &Check, steps: &[Step]) -> Held {
    const LAW: Law = Law { number: 5, name: "a_longer_keep_lowers_no_earlier" };
    let time = match check.gates() {
        (_, Gate::For(time)) => time,
        (_, Gate::Open) => Duration::ZERO,
        (_, Gate::Count(_)) => return Ok(()),
    };
    // Where a clear threshold holds a level, keeping it is not only a matter of time.
    if check.clears() != (None, None) {
        return Ok(());
    }
    let found = levels(LAW, check, steps)?;
    for more in [1, 60_000_000] {
        let Some(longer) = Duration::from_micros(time.as_micros() + more) else { continue };
        let kept = levels(LAW, &check.clone().lower(Gate::For(longer)), steps)?;
        no_worse(LAW, &found, &kept, || format!("with {time} in place of {longer}"))?;
        let first = |levels: &[Level]| levels.iter().position(|level| *level != Level::Ok);
        LAW.check(first(&found) == first(&kept), || {
            format!("kept for {longer} it is raised first at {:?}", first(&kept))
        })?;
    }
    Ok(())
}

/// Law 6. Where a missing value means `unknown` or `keep`, it never changes a level; not a number is
/// the same as nothing.
///
/// # Errors
/// The first step at which it does not hold.
pub fn missing_changes_no_level(check: &Check, steps: &[Step]) -> Held {
    const LAW: Law = Law { number: 6, name: "missing_changes_no_level" };
    let found = verdicts(LAW, check, steps)?;
    let nan = |step: &Step| Step { value: step.value.or(Some(f64::NAN)), ..step.clone() };
    let with_nan: Vec<Step> = steps.iter().map(nan).collect();
    let again = levels(LAW, check, &with_nan)?;
    let same = found.iter().map(|verdict| verdict.level).eq(again.iter().copied());
    LAW.check(same, || format!("with NaN for nothing: {again:?}"))?;
    if !matches!(check.when_missing(), Missing::Unknown | Missing::Keep) {
        return Ok(());
    }
    let mut before = Level::Ok;
    for (n, verdict) in found.iter().enumerate() {
        if verdict.value.is_none() {
            LAW.check(verdict.level == before && verdict.held, || {
                format!("step {n}: from {before:?} to {:?}, and nothing is known", verdict.level)
            })?;
            let status = match check.when_missing() {
                Missing::Unknown => Status::Unknown,
                _ => before.into(),
            };
            LAW.check(verdict.status == status, || format!("step {n}: {:?}", verdict.status))?;
        }
        before = verdict.level;
    }
    Ok(())
}

/// Law 7. Where what is larger is worse, a larger value never makes a better level.
///
/// # Errors
/// The first step at which it does not hold.
pub fn larger_is_no_better(check: &Check, steps: &[Step]) -> Held {
    const LAW: Law = Law { number: 7, name: "larger_is_no_better" };
    let (warn, crit) = check.thresholds();
    let (clear, clear_crit) = check.clears();
    let up = |numbers: &Numbers| numbers.contains(f64::INFINITY) && numbers.ends().count() == 1;
    let down =
        |numbers: &Numbers| numbers.contains(f64::NEG_INFINITY) && numbers.ends().count() == 1;
    let is_up = [warn, crit].iter().flatten().all(up);
    if !is_up || ![clear, clear_crit].iter().flatten().all(down) {
        return Ok(());
    }
    let found = levels(LAW, check, steps)?;
    for more in [0.5, 1.0, 100.0] {
        let larger = |step: &Step| Step { value: step.value.map(|own| own + more), ..step.clone() };
        let larger: Vec<Step> = steps.iter().map(larger).collect();
        let worse = levels(LAW, check, &larger)?;
        no_worse(LAW, &found, &worse, || format!("with {more} more"))?;
    }
    Ok(())
}

/// At every step the first is no worse than the second.
fn no_worse(law: Law, first: &[Level], second: &[Level], how: impl Fn() -> String) -> Held {
    let worse = first.iter().zip(second).position(|(first, second)| first > second);
    law.check(worse.is_none(), || format!("{}: {first:?} and {second:?}, at {worse:?}", how()))
}

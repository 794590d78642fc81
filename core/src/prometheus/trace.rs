//! What housekeep itself raises of a series, minute by minute.

use std::collections::BTreeSet;

use super::rules::Exported;
use super::series::{Point, Series};
use crate::health::{Health, Level, Numbers, Reading, Snapshot, State};
use crate::time::{Duration, Instant};

/// What is raised at one minute: levels, each of an instance or of the check where it has none.
pub(super) type Raised = BTreeSet<(Level, Option<String>)>;

const MINUTE_MICROS: i64 = 60_000_000;
/// How long Prometheus looks back for a sample.
const LOOK_BACK: Duration = Duration::from_mins(5);
/// Which part of a bound is near to it, where numbers are rounded.
const NEAR: f64 = 1e-9;

/// What is raised at each minute. None where a number is so near to a bound that rounding decides, or where
/// an instant is none.
pub(super) fn raised(
    check: &Exported<'_>,
    series: &[Series<'_>],
    is_rounded: bool,
) -> Option<Vec<Raised>> {
    let health = Health::new().check(check.name, check.check.clone());
    let minutes = series.iter().map(|series| series.points.len()).min().unwrap_or_default();
    let mut state = State::new();
    let mut all = Vec::with_capacity(minutes);
    for minute in 0..minutes {
        let now = at(minute)?;
        let snapshot = snapshot(check, series, minute, now)?;
        let findings;
        (findings, state) = health.evaluate(&snapshot, state, now);
        let mut numbers = findings.checks.iter().filter_map(|checked| checked.verdict.value);
        if is_rounded && numbers.any(|number| is_near_a_bound(check, number)) {
            return None;
        }
        let records = state.checks.get(check.name).into_iter().flatten();
        let raised = records.flat_map(|(instance, record)| {
            let instance = (!instance.is_empty()).then(|| instance.clone());
            let levels = [(Level::Warn, record.warn.raised), (Level::Crit, record.crit.raised)];
            let raised = levels.into_iter().filter_map(|(level, is_so)| is_so.then_some(level));
            raised.map(move |level| (level, instance.clone())).collect::<Vec<_>>()
        });
        all.push(raised.collect());
    }
    Some(all)
}

/// Minutes from 1970 on, as promtool counts them.
fn at(minute: usize) -> Option<Instant> {
    Instant::checked(i64::try_from(minute).ok()?.checked_mul(MINUTE_MICROS)?)
}

/// What a query of Prometheus would find at a minute.
fn snapshot(
    check: &Exported<'_>,
    series: &[Series<'_>],
    minute: usize,
    now: Instant,
) -> Option<Snapshot> {
    let mut snapshot = Snapshot::new();
    for series in series {
        let stale = check.check.stale_after().filter(|_| !series.is_instant);
        let Some((value, taken)) = last(&series.points, minute, stale.is_some()) else { continue };
        let taken = at(taken)?;
        let age = now.distance(taken);
        // A check of one series sees by itself that a reading is too old. An instance is there no more.
        let is_gone = match stale {
            Some(stale) => series.instance.is_some() && age > stale,
            None => age > LOOK_BACK,
        };
        if is_gone {
            continue;
        }
        let reading = match (series.is_instant, value.is_nan()) {
            (false, _) => Reading::Number(value, Some(taken)),
            (true, true) => Reading::Other,
            (true, false) => Reading::Instant(instant(value)?),
        };
        let path = [Some(series.name), series.instance];
        snapshot.insert(&path.into_iter().flatten().collect::<Vec<_>>(), reading);
    }
    Some(snapshot)
}

/// The last sample up to a minute, and when it was taken. `stale` looks behind the end of a series, too.
fn last(points: &[Point], minute: usize, stale: bool) -> Option<(f64, usize)> {
    for (n, point) in points.iter().enumerate().take(minute + 1).rev() {
        match point {
            Point::Value(value) => return Some((*value, n)),
            Point::End if !stale => return None,
            Point::End | Point::Gap => {}
        }
    }
    None
}

/// Seconds since 1970.
fn instant(seconds: f64) -> Option<Instant> {
    #[expect(clippy::cast_possible_truncation, reason = "what is too much is no instant")]
    let micros = (seconds * 1e6).round() as i64;
    Instant::checked(micros)
}

fn is_near_a_bound(check: &Exported<'_>, number: f64) -> bool {
    let (warn, crit) = check.check.thresholds();
    let (clear, clear_crit) = check.check.clears();
    let mut ends =
        [warn, crit, clear, clear_crit].into_iter().flatten().flat_map(|set: Numbers| set.ends());
    ends.any(|end| (number - end).abs() <= NEAR * end.abs().max(NEAR))
}

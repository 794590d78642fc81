//! The law of many snapshots at once.

use std::collections::BTreeMap;

use super::{Held, Law, refused};
use crate::control::Control;
use crate::health::{
    Check, Findings, Gate, Health, Measure, Measures, Reading, Screen, Snapshot, State, Status,
};
use crate::time::Instant;

const LAW: Law = Law { number: 0, name: "screen_is_evaluate" };

/// What was measured of one metric in every row: numbers, or instants.
#[derive(Clone, Debug, PartialEq)]
pub enum Series {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Instants.
    Instants(Vec<Option<Instant>>),
}

/// What is said of a row among many is what is said of its snapshot alone, were all gates open:
/// of every check, every group and the whole. A check of instances has the row as its only one.
///
/// # Errors
/// The first row in which it does not hold.
pub fn screen_is_evaluate(
    health: &Health,
    metrics: &BTreeMap<String, Series>,
    rows: usize,
    now: Instant,
    control: &Control<'_>,
) -> Held {
    let screen = health.screen();
    let micros: Vec<Option<Vec<i64>>> =
        screen.metrics().iter().map(|name| metrics.get(name).and_then(Series::micros)).collect();
    let series = || screen.metrics().iter().map(|name| metrics.get(name));
    let columns: Vec<Measures<'_>> = series()
        .zip(&micros)
        .map(|(series, micros)| match (series, micros) {
            (Some(Series::Numbers(numbers)), _) => Measures::Numbers(numbers),
            (Some(Series::Instants(_)), Some(micros)) => Measures::Instants(micros),
            _ => Measures::Missing,
        })
        .collect();
    let found = screen.rows(&columns, rows, now, control).map_err(|error| refused(LAW, &error))?;
    let open = |health: Health, (name, check): (&str, &Check)| {
        health.check(name, check.clone().raise(Gate::Open).lower(Gate::Open))
    };
    let open = health.checks().fold(health.clone(), open);
    let columns = || found.checks().iter().chain(found.groups());
    for row in 0..rows {
        let snapshot = snapshot(health, metrics, row);
        let (meant, _) = open.evaluate(&snapshot, State::new(), now);
        let meant = statuses(&screen, &meant);
        let code = |codes: &Vec<u8>| codes.get(row).copied().map(Status::of_code);
        let whole = found.statuses().nth(row).unwrap_or_default();
        let many: Vec<Status> = columns().filter_map(code).chain([whole]).collect();
        LAW.check(many == meant, || format!("row {row}: {many:?} among many, {meant:?} alone"))?;
        let measures: Vec<Measure> =
            series().map(|series| series.map_or(Measure::Missing, |own| own.at(row))).collect();
        let mut codes = vec![0; screen.checks().len() + screen.groups().len()];
        let whole = screen.row(&measures, now, &mut codes);
        let one = said(&codes, whole);
        LAW.check(one == meant, || format!("row {row}: {one:?} by itself, {meant:?} alone"))?;
        let whole = screen.snapshot(&snapshot, now, &mut codes);
        let own = said(&codes, whole);
        LAW.check(own == meant, || format!("row {row}: {own:?} of its snapshot, {meant:?}"))?;
    }
    Ok(())
}

impl Series {
    fn micros(&self) -> Option<Vec<i64>> {
        let Series::Instants(instants) = self else { return None };
        // Outside of all years.
        Some(instants.iter().map(|at| at.map_or(i64::MIN, Instant::as_micros)).collect())
    }

    fn at(&self, row: usize) -> Measure {
        match self {
            Series::Numbers(numbers) => {
                numbers.get(row).map_or(Measure::Missing, |number| Measure::Number(*number))
            }
            Series::Instants(instants) => {
                let at = instants.get(row).copied().flatten();
                at.map_or(Measure::Missing, Measure::Instant)
            }
        }
    }
}

/// The statuses of checks, groups and the whole.
fn said(codes: &[u8], whole: Status) -> Vec<Status> {
    codes.iter().map(|&code| Status::of_code(code)).chain([whole]).collect()
}

fn statuses(screen: &Screen, findings: &Findings) -> Vec<Status> {
    let check = |name: &String| {
        let own = findings.checks.iter().filter(|checked| *checked.check == **name);
        own.map(|checked| checked.verdict.status).max().unwrap_or_default()
    };
    let group = |name: &String| {
        let own = findings.groups.iter().find(|grouped| *grouped.group == **name);
        own.map_or(Status::Unknown, |grouped| grouped.status)
    };
    let checks = screen.checks().iter().map(check);
    checks.chain(screen.groups().iter().map(group)).chain([findings.status]).collect()
}

/// A row as a snapshot of its own.
fn snapshot(health: &Health, metrics: &BTreeMap<String, Series>, row: usize) -> Snapshot {
    let mut snapshot = Snapshot::new();
    for (name, series) in metrics {
        let reading = match series.at(row) {
            Measure::Missing => Reading::Null,
            Measure::Number(number) => Reading::Number(number, None),
            Measure::Instant(at) => Reading::Instant(at),
        };
        let has_instances = health
            .checks()
            .any(|(_, check)| check.is_each() && check.metric().names().any(|own| own == name));
        if has_instances {
            snapshot.insert(&[name, "row"], reading);
        } else {
            snapshot.insert(&[name], reading);
        }
    }
    snapshot
}

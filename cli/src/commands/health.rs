//! `housekeep health`

use std::path::Path;

use housekeep::Error;
use housekeep::health::{Snapshot, State, Status};
use housekeep::report::Report;

use super::{fleet, read_text};
use crate::args::{Common, Health, OutputFormat};
use crate::clock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;
use crate::state;
use crate::text;

pub(super) fn run(common: &Common, args: &Health) -> Result<Exit, Failure> {
    said(common, args).map_err(|failure| failure.ending(Exit::Health(Status::Unknown)))
}

/// Prints a report, or what is asked for of it.
fn show(
    common: &Common,
    args: &Health,
    whole: &Report,
    shown: Option<&Report>,
) -> Result<Exit, Error> {
    let report = shown.unwrap_or(whole);
    let document = match common.format {
        OutputFormat::Text => {
            // What is to be told is remembered as told: none of it is left out because it is of a check
            // that is not critical.
            let tells = if args.state.is_some() { whole } else { report };
            output::text(&text::health::show(report, tells, args.verbose))?;
            return Ok(Exit::Health(report.status()));
        }
        // Nor here.
        OutputFormat::Json => whole.to_json(),
        OutputFormat::Nagios => report.to_nagios(),
        OutputFormat::Openmetrics => report.to_openmetrics(),
    };
    output::raw(|out| out.write_all(document.as_bytes()))?;
    Ok(Exit::Health(report.status()))
}

fn said(common: &Common, args: &Health) -> Result<Exit, Failure> {
    if let Some(rows) = &args.fleet {
        return fleet::run(common, args, rows);
    }
    let file = PolicyFile::read(common.policy())?;
    let rules = file.health()?;
    // Before it is this run's turn: the standard input may take its time.
    let (name, metrics) = read_text(args.metrics.as_deref().unwrap_or(Path::new("-")))?;
    let snapshot = Snapshot::from_json(metrics.as_bytes());
    let snapshot = snapshot.map_err(|error| Failure::about(&name, error))?;
    let answer = |state: State| -> Result<(Exit, State), Failure> {
        // In its turn, so that the samples of runs at once come in the order of their times.
        let now = clock::present(common.now)?;
        let (whole, state) = rules.evaluate(&snapshot, state, now);
        let shown = args.critical_only.then(|| whole.critical_only()).transpose();
        let shown = shown.map_err(|error| Failure::about(&file.name, error))?;
        // Before it is remembered that it was said: what cannot be said now is said again.
        Ok((show(common, args, &whole, shown.as_ref())?, state))
    };
    let Some(path) = args.state.as_deref() else {
        return Ok(answer(State::new())?.0);
    };
    state::update_checks("health", path, |state| answer(state.unwrap_or_default()))
}

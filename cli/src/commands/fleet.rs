//! `housekeep health --fleet`

use std::path::Path;

use clap::error::ErrorKind;
use housekeep::{Control, Progress};

use crate::args::{Common, Health, OutputFormat};
use crate::clock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output;
use crate::policy::PolicyFile;
use crate::progress::{Meter, Unit};
use crate::text;

/// Prints how many snapshots are, each a row.
pub(super) fn run(common: &Common, args: &Health, rows: &Path) -> Result<Exit, Failure> {
    if !common.format.is_common() {
        let message = "a fleet is printed as text or JSON; use --format text or json";
        return Err(Failure::usage("health", ErrorKind::ValueValidation, message));
    }
    let file = PolicyFile::read(common.policy())?;
    let rules = file.health()?;
    let input = input::read(rows, args.input_format, rules.fleet_needs(), common.quiet)?;
    let now = clock::present(common.now)?;
    let meter = Meter::new("judging", Unit::Steps, common.quiet);
    let progress = |progress: Progress| meter.at(progress.done, Some(progress.of));
    let control = Control::new().threads(args.threads)?.progress(&progress);
    let fleet = rules.screen_fleet(&input.table, now, &control)?;
    drop(meter);
    match common.format {
        OutputFormat::Json => {
            output::raw(|out| out.write_all(fleet.to_json().as_bytes()))?;
        }
        _ => output::text(&text::fleet::show(&fleet))?,
    }
    Ok(Exit::Health(fleet.status()))
}

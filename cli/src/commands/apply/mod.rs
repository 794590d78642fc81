//! `housekeep apply`

mod database;
mod files;

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use clap::error::ErrorKind;
use housekeep::plan::Plan;
use housekeep::{Code, Error};

use super::{read_plan, read_text};
use crate::args::{Apply, Common};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::SOURCE;

/// What has to be typed before anything goes for good.
const YES: &str = "yes-delete";

pub(super) fn run(common: &Common, args: &Apply) -> Result<Exit, Failure> {
    let stdin = Path::new("-");
    if args.plan == stdin && args.health.as_deref() == Some(stdin) {
        let message = "the plan and the report cannot both be the standard input";
        return Err(Failure::usage("apply", ErrorKind::ArgumentConflict, message));
    }
    let plan = read_plan(&args.plan)?;
    check_digest(&plan, args)?;
    match (&args.files, plan.source().get(SOURCE)) {
        (Some(folder), listed) => files::run(common, args, &plan, folder, listed),
        (None, None) => database::run(common, args, plan),
        (None, Some(_)) => {
            let message = "it is a plan of files: say where they are, with --files DIR";
            Err(Failure::usage("apply", ErrorKind::MissingRequiredArgument, message))
        }
    }
}

fn check_digest(plan: &Plan, args: &Apply) -> Result<(), Error> {
    let Some(meant) = args.plan_sha256.as_deref().filter(|meant| *meant != plan.sha256()) else {
        return Ok(());
    };
    let message = format!("the plan's digest is {}, and {meant} was expected", plan.sha256());
    let help = "review this plan, or give the one that was reviewed";
    Err(Error::host(Code::PlanAltered, message, Some(help.into())))
}

/// The report that says whether the checks are ok that the policy requires: its name and its text.
fn health(args: &Apply) -> Result<Option<(String, String)>, Failure> {
    Ok(args.health.as_deref().map(read_text).transpose()?)
}

/// Asks a person, who has to type it out. Without a terminal there is nobody to ask.
fn typed(asked: &str) -> Option<String> {
    if !io::stdin().is_terminal() {
        return None;
    }
    let mut terminal = anstream::stderr().lock();
    terminal.write_all(asked.as_bytes()).and_then(|()| terminal.flush()).ok();
    let mut said = String::new();
    io::stdin().lock().read_line(&mut said).ok();
    Some(said.trim().to_owned())
}

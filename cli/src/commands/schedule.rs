//! `housekeep schedule`

use std::fs;
use std::io;
use std::path::Path;

use housekeep::policy::ScheduleRule;
use housekeep::schedule::{Due, State, What};
use housekeep::{Code, Error, Kind};

use crate::args::Common;
use crate::args::schedule::{self as args, Asked, Schedule};
use crate::clock;
use crate::exit::Exit;
use crate::failure::{Failure, cannot_read};
use crate::output;
use crate::policy::PolicyFile;
use crate::state;
use crate::text::{plain, schedule as text};

pub(super) fn run(common: &Common, asked: &Schedule) -> Result<Exit, Failure> {
    let file = PolicyFile::read(common.policy())?;
    let rule = |name: &str| file.policy.schedule(name).map_err(|error| file.here(error));
    match asked {
        Schedule::Next(args) => {
            let rule = rule(&args.name)?;
            let next = match &args.after {
                Some(slot) => rule.next_after(slot),
                None => rule.next(clock::present(common.now)?),
            };
            let next = next.map_err(|error| about(&file, error))?;
            show(common, &next.to_json(), || text::next(&next))?;
        }
        Schedule::Slots(args) => {
            let rule = rule(&args.name)?;
            let from = args.from.map_or_else(|| clock::present(common.now), Ok)?;
            let after = |length| from.saturating_add(length);
            let to = args.to.or(args.length.map(after)).unwrap_or(from);
            let slots = rule.slots(from, to).map_err(|error| about(&file, error))?;
            show(common, &slots.to_json(), || text::slots(&slots))?;
        }
        Schedule::Due(args) => {
            let (rule, state) = (rule(&args.asked.name)?, read(&args.asked)?);
            let due = rule.due(&state, clock::present(common.now)?);
            let due = due.map_err(|error| of_state(&file, &args.asked.state, error))?;
            show(common, &due.to_json(), || text::due(&due))?;
            if args.detailed_exitcode && matches!(due.due, Due::Run(_)) {
                return Ok(Exit::Detailed);
            }
        }
        Schedule::Missed(args) => {
            let (rule, state) = (rule(&args.name)?, read(args)?);
            let missed = rule.missed(&state, clock::present(common.now)?);
            let missed = missed.map_err(|error| of_state(&file, &args.state, error))?;
            show(common, &missed.to_json(), || text::missed(&missed))?;
        }
        Schedule::KeepUntil(args) => {
            let keep = rule(&args.name)?.keep_until(&args.slot);
            let keep = keep.map_err(|error| about(&file, error))?;
            show(common, &keep.to_json(), || text::keep_until(&keep))?;
        }
        Schedule::Begin(args) => begin(common, &file, rule(&args.name)?, args)?,
        Schedule::Record(args) => {
            let rule = rule(&args.asked.name)?;
            let (completed, success) = (args.completed(), args.success());
            let what = What::read(&args.event, args.task.as_deref(), completed, success)?;
            change(common, &file, &args.asked, |state| {
                let now = clock::present(common.now)?;
                let state = rule.record(state, what, &args.slot, now)?;
                let said = text::recorded(rule, &args.slot, &state);
                Ok((said, state))
            })?;
        }
        Schedule::Forget(args) => {
            let rule = rule(&args.name)?;
            change(common, &file, args, |state| {
                let before = state.runs().count();
                let state = rule.forget(state, clock::present(common.now)?)?;
                Ok((text::forgotten(before, state.runs().count()), state))
            })?;
        }
    }
    Ok(Exit::Done)
}

/// Begins a state, if there is none.
fn begin(
    common: &Common,
    file: &PolicyFile,
    rule: &ScheduleRule,
    args: &args::Begin,
) -> Result<(), Failure> {
    let first = || match &args.since {
        Some(since) => Ok(rule.state(rule.read_slot(since)?.0)),
        None => rule.begin(clock::present(common.now)?),
    };
    let state = first().map_err(|error| about(file, error))?;
    state::update("schedule", &args.state, |before| match before {
        Some(_) => {
            let name = args.state.display().to_string();
            let message = format!("there is a state `{}` already", plain(&name));
            let help = "go on with it, or name another file";
            Err(Error::host(Code::IoWrite, message, Some(help.into())).into())
        }
        None => Ok(((), state.to_json())),
    })?;
    // What could not be remembered is not said.
    show(common, &state.to_json(), || text::begun(rule, &state))
}

/// Reads a state, and changes nothing.
fn read(asked: &Asked) -> Result<State, Failure> {
    let name = asked.state.display().to_string();
    let text = fs::read(&asked.state).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => no_state(asked),
        _ => cannot_read(&name, &error),
    })?;
    State::from_json(&text).map_err(|error| Failure::about(&name, error))
}

/// Replaces a state by what `next` makes of it, and says what it says.
fn change(
    common: &Common,
    file: &PolicyFile,
    asked: &Asked,
    next: impl FnOnce(State) -> Result<(String, State), Error>,
) -> Result<(), Failure> {
    let name = asked.state.display().to_string();
    let (said, state) = state::update("schedule", &asked.state, |before| {
        let before = before.ok_or_else(|| no_state(asked))?;
        let before = State::from_json(before).map_err(|error| Failure::about(&name, error))?;
        let next = next(before).map_err(|error| of_state(file, &asked.state, error));
        let (said, state) = next?;
        Ok(((said, state.to_json()), state.to_json()))
    })?;
    show(common, &state, || said)
}

/// Prints the document, or text for people.
fn show(common: &Common, json: &str, text: impl FnOnce() -> String) -> Result<(), Failure> {
    if common.is_json() {
        Ok(output::raw(|out| out.write_all(json.as_bytes()))?)
    } else {
        Ok(output::text(&text())?)
    }
}

/// An error that is about the policy, or about what was asked.
fn about(file: &PolicyFile, error: Error) -> Failure {
    match error.kind() {
        Kind::Policy => file.here(error),
        _ => error.into(),
    }
}

/// The same, where it may be about the state.
fn of_state(file: &PolicyFile, state: &Path, error: Error) -> Failure {
    match error.code() {
        Code::StateOther => Failure::about(&state.display().to_string(), error),
        _ => about(file, error),
    }
}

fn no_state(asked: &Asked) -> Error {
    let name = asked.state.display().to_string();
    let (name, schedule) = (plain(&name).into_owned(), plain(&asked.name).into_owned());
    let message = format!("there is no state `{name}`");
    let help = format!("begin one: housekeep schedule begin {schedule} --state {name}");
    Error::host(Code::IoRead, message, Some(help))
}

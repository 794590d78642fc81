//! `housekeep acknowledge`

use housekeep::{Code, Error, Kind};

use crate::args::{Acknowledge, Common};
use crate::clock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;
use crate::state;
use crate::text;

pub(super) fn run(common: &Common, args: &Acknowledge) -> Result<Exit, Failure> {
    let file = PolicyFile::read(common.policy())?;
    let rules = file.health()?;
    let (check, instance) = (args.check.as_str(), args.instance.as_deref());
    let name = args.state.display().to_string();
    let (is_new, now, state) = state::update_checks("acknowledge", &args.state, |before| {
        let now = clock::present(common.now)?;
        let is_there = before.is_some();
        let before = before.unwrap_or_default();
        let state = rules.acknowledge(before.clone(), check, instance, now);
        let state = state.map_err(|error| match error.kind() {
            Kind::Policy => file.here(error),
            _ if is_there => Failure::about(&name, error),
            _ => nothing_remembered(&name).into(),
        })?;
        Ok(((state != before, now, state.to_json()), state))
    })?;
    // What could not be remembered is not said.
    if common.is_json() {
        output::raw(|out| out.write_all(state.as_bytes()))?;
    } else {
        output::text(&text::acknowledge(check, instance, is_new.then_some(now)))?;
    }
    Ok(Exit::Done)
}

pub(super) fn nothing_remembered(name: &str) -> Error {
    let message = format!("there is no state `{}`, so nothing is raised", text::plain(name));
    let help = "name the file that `housekeep health --state FILE` keeps";
    Error::host(Code::IoRead, message, Some(help.into()))
}

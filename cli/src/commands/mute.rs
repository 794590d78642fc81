//! `housekeep mute`

use housekeep::Kind;
use housekeep::health;

use crate::args::{Common, Mute};
use crate::clock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;
use crate::state;
use crate::text;

pub(super) fn run(common: &Common, args: &Mute) -> Result<Exit, Failure> {
    let file = PolicyFile::read(common.policy())?;
    let rules = file.health()?;
    let (mute, state) = state::update_checks("mute", &args.state, |before| {
        let from = args.from.map_or_else(|| clock::present(common.now), Ok)?;
        let mute = health::Mute { of: args.names.clone(), from, until: args.end.after(from) };
        let state = rules.mute(before.unwrap_or_default(), mute.clone());
        let state = state.map_err(|error| match error.kind() {
            Kind::Policy => file.here(error),
            _ => Failure::from(error),
        })?;
        Ok(((mute, state.to_json()), state))
    })?;
    // What could not be remembered is not said.
    if common.is_json() {
        output::raw(|out| out.write_all(state.as_bytes()))?;
    } else {
        output::text(&text::mute(&mute))?;
    }
    Ok(Exit::Done)
}

//! `housekeep resume`

use housekeep::health::Outage;

use super::acknowledge::nothing_remembered;
use crate::args::{Common, Resume};
use crate::clock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;
use crate::state;
use crate::text;

pub(super) fn run(common: &Common, args: &Resume) -> Result<Exit, Failure> {
    let file = PolicyFile::read(common.policy())?;
    let rules = file.health()?;
    let outage = Outage { tolerance: args.tolerance, grace: args.grace };
    let name = args.state.display().to_string();
    let (down, now, state) = state::update_checks("resume", &args.state, |before| {
        let now = clock::present(common.now)?;
        let before = before.ok_or_else(|| nothing_remembered(&name))?;
        let down = before.now().unwrap_or(now);
        let state = rules.resume(before, outage, now);
        Ok(((down, now, state.to_json()), state))
    })?;
    // What could not be remembered is not said.
    if common.is_json() {
        output::raw(|out| out.write_all(state.as_bytes()))?;
    } else {
        output::text(&text::resume(down, now))?;
    }
    Ok(Exit::Done)
}

//! `housekeep validate`

use crate::args::Common;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;
use crate::text;

pub(super) fn run(common: &Common) -> Result<Exit, Failure> {
    let file = PolicyFile::read(common.policy())?;
    output::text(&if common.is_json() { file.policy.to_json() } else { text::validate(&file) })?;
    Ok(Exit::Done)
}

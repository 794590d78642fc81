//! `housekeep validate`

use crate::args::{Common, OutputFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;
use crate::text;

pub(super) fn run(common: &Common) -> Result<Exit, Failure> {
    let file = PolicyFile::read(&common.policy)?;
    match common.format {
        OutputFormat::Text => output::text(&text::validate(&file))?,
        OutputFormat::Json => output::text(&file.policy.to_json())?,
    }
    Ok(Exit::Done)
}

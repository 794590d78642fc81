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
        // A program wants to know no more than that it is sound: the exit code says so.
        OutputFormat::Json => {}
    }
    Ok(Exit::Done)
}

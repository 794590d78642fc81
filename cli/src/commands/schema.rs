//! `housekeep schema`

use housekeep::policy::Policy;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

pub(super) fn run() -> Result<Exit, Failure> {
    output::raw(|out| out.write_all(Policy::schema().as_bytes()))?;
    Ok(Exit::Done)
}

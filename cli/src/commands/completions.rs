//! `housekeep completions`

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

pub(super) fn run(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "housekeep", &mut script);
    output::raw(|out| out.write_all(&script))?;
    Ok(Exit::Done)
}

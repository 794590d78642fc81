//! `housekeep emit`

use crate::args::{Common, Emit, Prometheus};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;

pub(super) fn run(common: &Common, asked: &Emit) -> Result<Exit, Failure> {
    match asked {
        Emit::Prometheus(asked) => prometheus(common, asked),
    }
}

fn prometheus(common: &Common, asked: &Prometheus) -> Result<Exit, Failure> {
    let file = PolicyFile::read(common.policy())?;
    let rules = file.health()?;
    let text = match &asked.tests {
        Some(name) => rules.to_prometheus_tests(name),
        None => rules.to_prometheus(),
    };
    match &asked.output {
        Some(path) => output::replace(path, |out| out.write_all(text.as_bytes()))?,
        None => output::raw(|out| out.write_all(text.as_bytes()))?,
    }
    Ok(Exit::Done)
}

//! `housekeep emit`

use std::path::Path;

use crate::args::{Common, Emit, Prometheus, Sql};
use crate::clock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;

pub(super) fn run(common: &Common, asked: &Emit) -> Result<Exit, Failure> {
    match asked {
        Emit::Prometheus(asked) => prometheus(common, asked),
        Emit::Sql(asked) => sql(common, asked),
    }
}

fn prometheus(common: &Common, asked: &Prometheus) -> Result<Exit, Failure> {
    let file = PolicyFile::read(common.policy())?;
    let rules = file.health()?;
    let text = match &asked.tests {
        Some(name) => rules.to_prometheus_tests(name),
        None => rules.to_prometheus(),
    };
    write(asked.output.as_deref(), &text)
}

fn sql(common: &Common, asked: &Sql) -> Result<Exit, Failure> {
    let file = PolicyFile::read(common.policy())?;
    file.rule(&asked.rule, &[])?;
    let policy = file.changed(&asked.rule, &asked.settings)?;
    let now = clock::present(common.now)?;
    if common.is_json() {
        let statements = policy.statements(&asked.rule, now, asked.batch)?;
        return write(asked.output.as_deref(), &statements.to_json());
    }
    let statements = policy.to_sql(&asked.rule, now, asked.batch)?;
    let own = if asked.delete { statements.delete() } else { statements.select() };
    write(asked.output.as_deref(), &format!("{};\n", own.text))
}

fn write(output: Option<&Path>, text: &str) -> Result<Exit, Failure> {
    match output {
        Some(path) => output::replace(path, |out| out.write_all(text.as_bytes()))?,
        None => output::raw(|out| out.write_all(text.as_bytes()))?,
    }
    Ok(Exit::Done)
}

//! `housekeep explain`

use std::io::{self, Read};
use std::path::Path;

use clap::error::ErrorKind;
use housekeep::plan::Plan;
use housekeep::wire::Explanation;

use super::{Question, read};
use crate::args::{Common, Explain, OutputFormat};
use crate::exit::Exit;
use crate::failure::{Failure, cannot_read};
use crate::output;
use crate::policy::PolicyFile;
use crate::text;

pub(super) fn run(common: &Common, args: &Explain) -> Result<Exit, Failure> {
    let answer = match &args.input {
        Some(input) => by_rule(common, args, input)?,
        None => by_plan(args)?,
    };
    match common.format {
        OutputFormat::Json => output::raw(|out| out.write_all(answer.to_json().as_bytes()))?,
        OutputFormat::Text => output::text(&text::explain::show(&answer))?,
    }
    Ok(Exit::Done)
}

fn by_rule(common: &Common, args: &Explain, input: &Path) -> Result<Explanation, Failure> {
    let name = args.subject.to_string_lossy();
    let rule = PolicyFile::read(&common.policy)?.rule(&name, &args.rows.settings)?;
    let input = read(common, input, &args.rows, rule.needs())?;
    let question = Question::new(common, rule, input, &args.rows)?;
    let answer = question.rule.explain(&question.input.table, &args.id, question.now);
    answer.map_err(|error| question.input.about(error))
}

fn by_plan(args: &Explain) -> Result<Explanation, Failure> {
    let path = &args.subject;
    let is_stdin = path == Path::new("-");
    let is_plan = is_stdin
        || path.exists()
        || path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    if !is_plan {
        return Err(wrong(
            ErrorKind::MissingRequiredArgument,
            "to explain by a rule, say where its rows are: --input FILE; to explain by a plan, name \
             its file",
        ));
    }
    if !args.rows.settings.is_empty() {
        let message = "--set changes a rule, and a plan is decided already";
        return Err(wrong(ErrorKind::ArgumentConflict, message));
    }
    let name = if is_stdin { "stdin".into() } else { path.display().to_string() };
    let text = if is_stdin {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    let text = text.map_err(|error| cannot_read(&name, &error))?;
    let plan = Plan::from_json(&text).map_err(|error| Failure::about(&name, error))?;
    Ok(plan.explain(&args.id))
}

fn wrong(kind: ErrorKind, message: &str) -> Failure {
    Failure::usage("explain", kind, message)
}

//! `housekeep explain`

use std::path::Path;

use clap::error::ErrorKind;
use housekeep::wire::Explanation;

use super::{Question, find, read_plan};
use crate::args::{Common, Explain};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;
use crate::text;

pub(super) fn run(common: &Common, args: &Explain) -> Result<Exit, Failure> {
    let is_by_rule =
        args.place.input.is_some() || args.place.files.is_some() || args.place.database.is_some();
    let answer = if is_by_rule { by_rule(common, args)? } else { by_plan(args)? };
    if common.is_json() {
        output::raw(|out| out.write_all(answer.to_json().as_bytes()))?;
    } else {
        output::text(&text::explain::show(&answer))?;
    }
    Ok(Exit::Done)
}

fn by_rule(common: &Common, args: &Explain) -> Result<Explanation, Failure> {
    let name = args.subject.to_string_lossy();
    let file = PolicyFile::read(common.policy())?;
    let rule = file.rule(&name, &args.rows.settings)?;
    let input = find(common, (&file.policy, &rule), &args.place, &args.rows, "explain")?;
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
            "to explain by a rule, say where its rows are: --input FILE, or --files DIR; to explain by a plan, name \
             its file",
        ));
    }
    if !args.rows.settings.is_empty() {
        let message = "--set changes a rule, and a plan is decided already";
        return Err(wrong(ErrorKind::ArgumentConflict, message));
    }
    let plan = read_plan(path)?;
    Ok(plan.explain(&args.id))
}

fn wrong(kind: ErrorKind, message: &str) -> Failure {
    Failure::usage("explain", kind, message)
}

//! `housekeep plan`

use std::fs;
use std::path::Path;

use clap::error::ErrorKind;
use housekeep::plan::Detail;

use super::{Question, find};
use crate::args::{Common, Plan};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;
use crate::text;

pub(super) fn run(common: &Common, args: &Plan) -> Result<Exit, Failure> {
    if let Some(output) = &args.output {
        let input = args.place.input.as_deref();
        check_output(output, input.into_iter().chain([common.policy()]))?;
    }
    let file = PolicyFile::read(common.policy())?;
    let rule = file.rule(&args.rule, &args.rows.settings)?;
    let input = find(common, (&file.policy, &rule), &args.place, &args.rows, "plan")?;
    let question = Question::new(common, rule, input, &args.rows)?;
    let detail = if args.decisions { Detail::Decisions } else { Detail::Drops };
    let plan = question.decide(|rule, input, now, control| {
        rule.plan(&input.table, now, input.source.clone(), detail, control)
    })?;
    if let Some(path) = &args.output {
        output::replace(path, |out| plan.write_json(out).map(drop))?;
    }
    if common.is_json() {
        output::raw(|out| plan.write_json(out).map(drop))?;
    } else {
        output::text(&text::plan::show(&plan, &question.rule, args))?;
        plan.warnings().for_each(output::warn);
    }
    Ok(if args.detailed_exitcode && plan.drop_count() > 0 { Exit::Detailed } else { Exit::Done })
}

/// A plan must not be written over what it was made from.
fn check_output<'a>(
    output: &Path,
    mut read: impl Iterator<Item = &'a Path>,
) -> Result<(), Failure> {
    let wrong = |message: &str| Failure::usage("plan", ErrorKind::ValueValidation, message);
    if output == Path::new("-") {
        return Err(wrong("--output takes a file; for the plan on stdout use --format json"));
    }
    let same = |other: &Path| match (fs::canonicalize(output), fs::canonicalize(other)) {
        (Ok(output), Ok(other)) => output == other && output.is_file(),
        _ => false,
    };
    if read.any(same) {
        return Err(wrong("--output names a file that the plan is made from; name another"));
    }
    Ok(())
}

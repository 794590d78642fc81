//! `housekeep compare`

use super::Question;
use crate::args::{Common, Compare};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;
use crate::text;

pub(super) fn run(common: &Common, args: &Compare) -> Result<Exit, Failure> {
    let asked = &args.asked;
    let file = PolicyFile::read(common.policy())?;
    let changes: Vec<String> = asked.rows.settings.iter().chain(&args.changes).cloned().collect();
    let other = file.dedupe(&asked.rule, &changes)?;
    let question = Question::of_dedupe(common, asked)?;
    let answer = question.decide(|rule, input, now, control| {
        rule.compare(&other, &input.table, now, input.source.clone(), control)
    })?;
    if common.is_json() {
        output::raw(|out| out.write_all(answer.to_json().as_bytes()))?;
    } else {
        output::text(&text::compare::show(&answer, &question.rule, args, question.now))?;
    }
    Ok(Exit::Done)
}

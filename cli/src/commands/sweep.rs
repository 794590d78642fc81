//! `housekeep sweep`

use super::Question;
use crate::args::{Common, Sweep};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::text;

pub(super) fn run(common: &Common, args: &Sweep) -> Result<Exit, Failure> {
    let question = Question::of_dedupe(common, &args.asked)?;
    let answer = question.decide(|rule, input, now, control| {
        rule.sweep(&input.table, &args.windows, now, input.source.clone(), control)
    })?;
    if common.is_json() {
        output::raw(|out| out.write_all(answer.to_json().as_bytes()))?;
    } else {
        output::text(&text::sweep::show(answer.sweep(), &question.rule, question.now))?;
        answer.warnings().iter().for_each(|warning| output::warn(warning));
    }
    Ok(Exit::Done)
}

//! One module per command: it reads, calls core, and prints.

mod compare;
mod completions;
mod explain;
mod plan;
mod restore;
mod schema;
mod sweep;
mod validate;

use std::path::Path;

use housekeep::columns::Need;
use housekeep::policy::DedupeRule;
use housekeep::time::Instant;
use housekeep::{Control, Error, Progress};

use crate::args::{Args, Asked, Command, Common, Rows};
use crate::clock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::policy::PolicyFile;
use crate::progress::{Meter, Unit};

/// Does what is asked.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let common = &args.common;
    match &args.command {
        Command::Validate => validate::run(common),
        Command::Schema => schema::run(),
        Command::Plan(plan) => plan::run(common, plan),
        Command::Explain(explain) => explain::run(common, explain),
        Command::Sweep(sweep) => sweep::run(common, sweep),
        Command::Compare(compare) => compare::run(common, compare),
        Command::Restore(restore) => restore::run(common, restore),
        Command::Completions { shell } => completions::run(*shell),
    }
}

/// What most commands begin with: a rule, the rows it needs, and the present.
struct Question<R> {
    rule: R,
    input: Input,
    now: Instant,
    threads: usize,
    quiet: bool,
}

impl Question<DedupeRule> {
    /// What can be asked of dedupe rules alone.
    fn of_dedupe(common: &Common, asked: &Asked) -> Result<Self, Failure> {
        let rule = PolicyFile::read(&common.policy)?.dedupe(&asked.rule, &asked.rows.settings)?;
        let input = read(common, &asked.input, &asked.rows, rule.needs())?;
        Self::new(common, rule, input, &asked.rows)
    }
}

impl<R> Question<R> {
    fn new(common: &Common, rule: R, input: Input, rows: &Rows) -> Result<Self, Failure> {
        let now = common.now.map_or_else(clock::now, Ok)?;
        Ok(Self { rule, input, now, threads: rows.threads, quiet: common.quiet })
    }

    /// Lets core decide, with a bar if it takes long.
    fn decide<A>(
        &self,
        how: impl FnOnce(&R, &Input, Instant, &Control<'_>) -> Result<A, Error>,
    ) -> Result<A, Failure> {
        let meter = Meter::new("deciding", Unit::Steps, self.quiet);
        let progress = |step: Progress| meter.at(step.done, Some(step.of));
        let control = Control::new().threads(self.threads)?.progress(&progress);
        let answer = how(&self.rule, &self.input, self.now, &control);
        answer.map_err(|error| self.input.about(error))
    }
}

/// Reads rows from a file or from the standard input.
fn read(common: &Common, path: &Path, rows: &Rows, needs: &[Need]) -> Result<Input, Failure> {
    input::read(path, rows.input_format, needs, common.quiet)
}

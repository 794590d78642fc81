//! One module per command: it reads, calls core, and prints.

mod acknowledge;
mod apply;
mod compare;
mod completions;
mod emit;
mod explain;
mod export;
mod fleet;
mod health;
mod mute;
mod plan;
mod restore;
mod resume;
mod schedule;
mod schema;
mod sweep;
mod validate;
mod verify;

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use clap::CommandFactory;
use clap::error::ErrorKind;
use housekeep::apply::Reading;
use housekeep::columns::Need;
use housekeep::plan::Plan;
use housekeep::policy::{DedupeRule, Policy, Rule};
use housekeep::time::Instant;
use housekeep::{Control, Error, Progress};

use crate::args::{Args, Asked, Command, Common, Place, Rows};
use crate::clock;
use crate::database::{self, Address, Database, Folder, carry_out_unasked};
use crate::exit::Exit;
use crate::failure::{Failure, cannot_read};
use crate::files::{self, Pattern};
use crate::input::{self, Input};
use crate::output;
use crate::policy::PolicyFile;
use crate::progress::{Meter, Unit};

/// Does what is asked.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let common = &args.common;
    let is_health = matches!(args.command, Command::Health(_));
    if !common.format.is_common() && !is_health {
        let message =
            "`housekeep health` alone can be printed like that; use --format text or json";
        let wrong = Args::command().error(ErrorKind::InvalidValue, message);
        return Err(Failure::Usage(wrong));
    }
    match &args.command {
        Command::Validate => validate::run(common),
        Command::Schema => schema::run(),
        Command::Plan(plan) => plan::run(common, plan),
        Command::Explain(explain) => explain::run(common, explain),
        Command::Sweep(sweep) => sweep::run(common, sweep),
        Command::Compare(compare) => compare::run(common, compare),
        Command::Export(export) => export::run(common, export),
        Command::Apply(apply) => apply::run(common, apply),
        Command::Verify(verify) => verify::run(common, verify),
        Command::Restore(restore) => restore::run(common, restore),
        Command::Health(health) => health::run(common, health),
        Command::Acknowledge(acknowledge) => acknowledge::run(common, acknowledge),
        Command::Mute(mute) => mute::run(common, mute),
        Command::Resume(resume) => resume::run(common, resume),
        Command::Schedule(asked) => schedule::run(common, asked),
        Command::Emit(asked) => emit::run(common, asked),
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
        let rule = PolicyFile::read(common.policy())?.dedupe(&asked.rule, &asked.rows.settings)?;
        let input = read(common, &asked.input, &asked.rows, rule.needs())?;
        Self::new(common, rule, input, &asked.rows)
    }
}

impl<R> Question<R> {
    fn new(common: &Common, rule: R, input: Input, rows: &Rows) -> Result<Self, Failure> {
        let now = clock::present(common.now)?;
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

/// Reads what a rule is about: rows, or the files of a folder.
fn find(
    common: &Common,
    (policy, rule): (&Policy, &Rule),
    place: &Place,
    rows: &Rows,
    command: &str,
) -> Result<Input, Failure> {
    let wrong =
        |message: &str| Err(Failure::usage(command, ErrorKind::MissingRequiredArgument, message));
    match (place, rule) {
        (Place { input: Some(input), .. }, _) => read(common, input, rows, rule.needs()),
        (Place { database: Some(url), .. }, _) => table(common, policy, rule, Some(url), command),
        (Place { files: Some(folder), .. }, rule) => match files_of(rule) {
            Some(pattern) => list(common, rule, folder, pattern),
            None => wrong("the rule says no `files`, so it is about rows: give --input FILE"),
        },
        (_, rule) => match files_of(rule) {
            Some(pattern) => {
                let base = Pattern::new(pattern)?.base().display().to_string();
                let folder = if base.is_empty() { "." } else { &base };
                wrong(&format!("say where the files are, such as --files {folder}"))
            }
            None if rule.table().is_some() && Address::is_in_environment() => {
                table(common, policy, rule, None, command)
            }
            None => wrong("say where the rows are: --input FILE, or --database URL"),
        },
    }
}

/// The files that a rule is about, if it is about files.
fn files_of(rule: &Rule) -> Option<&str> {
    match rule {
        Rule::Retention(rule) => rule.files(),
        Rule::Dedupe(_) => None,
    }
}

/// Reads the rows of the rule's table from a database.
fn table(
    common: &Common,
    policy: &Policy,
    rule: &Rule,
    url: Option<&str>,
    command: &str,
) -> Result<Input, Failure> {
    let reading = Reading::of(rule.clone(), policy)?;
    let mut database = Database::connect(Address::find(command, url)?)?;
    let meter = Meter::new("reading", Unit::Steps, common.quiet);
    let outline = reading.outline();
    let outline = carry_out_unasked(outline, &mut database, &mut Folder::none(), &meter)?;
    let table = database::rows_of(&mut database, &outline, &meter)?;
    let name = outline.source.get("table").cloned().unwrap_or_default();
    Ok(Input::of(name, table, outline.source))
}

/// Reads a plan file. `-` is the standard input.
fn read_plan(path: &Path) -> Result<Plan, Failure> {
    let (name, text) = read_text(path)?;
    Plan::from_json(&text).map_err(|error| Failure::about(&name, error))
}

/// The name and the text of a file that is read whole. `-` is the standard input.
fn read_text(path: &Path) -> Result<(String, String), Error> {
    let is_stdin = path == Path::new("-");
    let name = if is_stdin { "stdin".into() } else { path.display().to_string() };
    let text = if is_stdin {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    match text {
        Ok(text) => Ok((name, text)),
        Err(error) => Err(cannot_read(&name, &error)),
    }
}

fn list(common: &Common, rule: &Rule, folder: &Path, pattern: &str) -> Result<Input, Failure> {
    let meter = Meter::new("listing", Unit::Steps, common.quiet);
    let progress = |done, of| meter.at(done, of);
    let pattern = Pattern::new(pattern)?;
    let listing = files::list(folder, &pattern, &progress)?;
    drop(meter);
    let name = listing.folder.display().to_string();
    match listing.links {
        0 => {}
        1 => output::warn("1 link is left alone: links are never followed"),
        links => output::warn(&format!("{links} links are left alone: links are never followed")),
    }
    let table = listing.table(rule.needs());
    let table = table.map_err(|error| Failure::about(&name, error))?;
    Ok(Input::of(name, table, listing.source()))
}

//! What `housekeep schedule` takes.

use std::path::PathBuf;

use clap::{ArgGroup, Args as Group, Subcommand, ValueHint};
use housekeep::time::{Duration, Instant};

use super::{duration, instant};

/// What a schedule is asked, or told.
#[derive(Debug, Subcommand)]
pub(crate) enum Schedule {
    /// Say which slot opens next
    Next(Next),
    /// List the slots of a time
    Slots(Slots),
    /// Say what may start now, or until when nothing changes
    Due(Due),
    /// Say what was missed or failed, and what becomes of it
    Missed(Asked),
    /// Say until when what is remembered of a slot has to be kept
    KeepUntil(KeepUntil),
    /// Begin a state: slots count from now on, or from one that is named
    Begin(Begin),
    /// Say that something happened to a run
    Record(Record),
    /// Take out of a state what is not needed any more
    Forget(Asked),
}

/// A schedule and its state.
#[derive(Debug, Group)]
pub(crate) struct Asked {
    /// The schedule, such as backup or schedule.backup
    pub(crate) name: String,
    /// What is remembered, as `housekeep schedule begin` began it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) state: PathBuf,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep schedule next backup
  housekeep schedule next backup --after backup/2026-03-06

Exit codes: 0 done, 1 error, 64 usage.")]
pub(crate) struct Next {
    /// The schedule, such as backup or schedule.backup
    pub(crate) name: String,
    /// The slot that it is to come after [default: the present]
    #[arg(long, value_name = "SLOT")]
    pub(crate) after: Option<String>,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep schedule slots backup --for 30d
  housekeep schedule slots backup --from 2026-03-01T00:00:00Z --to 2026-04-01T00:00:00Z

Exit codes: 0 done, 1 error, 64 usage.")]
#[command(group(ArgGroup::new("end").required(true).args(["to", "length"])))]
pub(crate) struct Slots {
    /// The schedule, such as backup or schedule.backup
    pub(crate) name: String,
    /// From when on they open [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) from: Option<Instant>,
    /// Before when they open
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) to: Option<Instant>,
    /// Or for how long, such as 30d
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub(crate) length: Option<Duration>,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep schedule due backup --state backup.json
  housekeep schedule due backup --state backup.json --format json | jq -r .run.claim

It only reads. Ask again when it says that something changes, or sooner.

Exit codes: 0 done, 1 error, 64 usage;
with --detailed-exitcode 2 when a run may start.")]
pub(crate) struct Due {
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// End with 2 when a run may start
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
}

#[derive(Debug, Group)]
pub(crate) struct KeepUntil {
    /// The schedule, such as backup or schedule.backup
    pub(crate) name: String,
    /// The slot, such as 2026-03-06 or backup/2026-03-06
    pub(crate) slot: String,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep schedule begin backup --state backup.json
  housekeep schedule begin backup --state backup.json --since 2026-03-02

A state that is there already is never replaced.

Exit codes: 0 done, 1 error, 64 usage.")]
pub(crate) struct Begin {
    /// The schedule, such as backup or schedule.backup
    pub(crate) name: String,
    /// Where the state goes: one file for each schedule
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) state: PathBuf,
    /// The first slot that counts [default: the one that may start now, or opens next]
    #[arg(long, value_name = "SLOT")]
    pub(crate) since: Option<String>,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep schedule record backup --state backup.json started backup/2026-03-06/1
  housekeep schedule record backup --state backup.json task backup/2026-03-06/1 --task dump --success
  housekeep schedule record backup --state backup.json finished backup/2026-03-06/1 --success
  housekeep schedule record backup --state backup.json manual 2026-03-01
  housekeep schedule record backup --state backup.json abandoned backup/2026-03-06/1

The events are started, task, finished, abandoned, skipped, noticed, and manual: a person starts it, on
any day. Saying a thing twice is saying it once, if the claim says which run it is of. A run that
finished without --success or --failed is what its tasks are.

Exit codes: 0 done, 1 error, 64 usage.")]
pub(crate) struct Record {
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// What happened
    pub(crate) event: String,
    /// The slot, such as 2026-03-06, or the claim, such as backup/2026-03-06/1
    pub(crate) slot: String,
    /// The task that ended
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Option<String>,
    /// It succeeded
    #[arg(long, conflicts_with = "failed")]
    success: bool,
    /// It did not succeed
    #[arg(long)]
    failed: bool,
    /// All of it was completed
    #[arg(long, conflicts_with = "incomplete")]
    completed: bool,
    /// Not all of it was completed
    #[arg(long)]
    incomplete: bool,
}

impl Record {
    /// Whether it succeeded, if that is said.
    pub(crate) fn success(&self) -> Option<bool> {
        (self.success || self.failed).then_some(self.success)
    }

    /// Whether it was completed, if that is said.
    pub(crate) fn completed(&self) -> Option<bool> {
        (self.completed || self.incomplete).then_some(self.completed)
    }
}

//! The command line.

pub(crate) mod schedule;

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args as Group, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use housekeep::Control;
use housekeep::time::{Duration, Instant};

/// Decides housekeeping: what to drop, whether the numbers are healthy, which run is due, and why
#[derive(Debug, Parser)]
#[command(name = "housekeep", version, propagate_version = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the policy: errors come with line and column
    Validate,
    /// Print the JSON Schema of the policy file
    Schema,
    /// Say which rows or files a rule would drop, and why
    Plan(Plan),
    /// Say in one sentence what becomes of a row, and why
    Explain(Explain),
    /// Show what other windows would drop, before anyone widens one
    Sweep(Sweep),
    /// List the ids on which a rule and a changed rule differ
    Compare(Compare),
    /// Write rows of a database, and those that hang on them, to files: all, or what a plan drops
    Export(Export),
    /// Remove what a plan names: rows of a database, or files
    Apply(Apply),
    /// Say whether a table is as its rule would leave it, with orphans and missing indexes
    Verify(Verify),
    /// Put back what is missing of an export, or files from a trash; say first what it would do
    Restore(Restore),
    /// Say whether the numbers are healthy, as a person or a monitoring system reads it
    Health(Health),
    /// Say that somebody is on a check that is raised: nobody else is called
    Acknowledge(Acknowledge),
    /// Let nobody be told of some checks for a time, such as while they are worked on
    Mute(Mute),
    /// Go on after the host was down: for what has to last, that time does not count
    Resume(Resume),
    /// Say which run is due or was missed, and remember what became of it
    #[command(subcommand)]
    Schedule(schedule::Schedule),
    /// Write what a policy says in the language of another system
    #[command(subcommand)]
    Emit(Emit),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// What every command takes.
#[derive(Debug, Group)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Common {
    /// The policy file, in TOML, or in JSON if its name ends in .json [default: housekeep.toml]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) policy: Option<PathBuf>,
    /// The present, such as 2026-02-13T03:00:00Z [default: the clock]
    #[arg(long, global = true, value_name = "INSTANT", value_parser = instant)]
    pub(crate) now: Option<Instant>,
    /// Text for people, JSON for programs; of health also for Nagios and Prometheus
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
    /// Show no progress
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
}

/// How answers are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    #[default]
    Text,
    Json,
    Nagios,
    Openmetrics,
}

impl Common {
    /// The policy file: the one that is named, or else the usual one.
    pub(crate) fn policy(&self) -> &Path {
        self.policy.as_deref().unwrap_or(Path::new("housekeep.toml"))
    }

    /// Whether the document is asked for, and not text for people.
    pub(crate) fn is_json(&self) -> bool {
        self.format == OutputFormat::Json
    }
}

impl OutputFormat {
    /// Whether it is one that every command has.
    pub(crate) fn is_common(self) -> bool {
        matches!(self, OutputFormat::Text | OutputFormat::Json)
    }
}

/// Where rows come from, and how they are decided.
#[derive(Debug, Group)]
pub(crate) struct Rows {
    /// The form of the input [default: by the name's ending; `-` is looked at]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) input_format: Option<InputFormat>,
    /// Decide on this many threads
    #[arg(long, value_name = "N", default_value = "1", value_parser = threads)]
    pub(crate) threads: usize,
    /// Change a setting of the rule, such as window=60m; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
}

/// A form that rows come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputFormat {
    Json,
    Ndjson,
    Csv,
    Parquet,
}

/// Where rows are: in a file of rows, or files in a folder.
#[derive(Debug, Group)]
pub(crate) struct Place {
    /// The rows: .json, .ndjson, .csv or .parquet, or - for the standard input
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath, conflicts_with = "files")]
    pub(crate) input: Option<PathBuf>,
    /// The folder of the files, of a rule that is about files
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) files: Option<PathBuf>,
    /// The database that has the rule's table [default: DATABASE_URL]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, conflicts_with_all = ["input", "files"])]
    pub(crate) database: Option<String>,
}

/// Whose rows: for the commands that cannot do without.
#[derive(Debug, Group)]
pub(crate) struct Asked {
    /// The rule, such as runs or dedupe.runs
    pub(crate) rule: String,
    /// The rows: .json, .ndjson, .csv or .parquet, or - for the standard input
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) rows: Rows,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep plan runs --input run_logs.csv
  housekeep plan runs --input run_logs.parquet --output plan.json
  curl -s https://example.org/runs | housekeep plan runs --input - --format json
  housekeep plan runs --database postgres://user@host/name --output plan.json
  housekeep plan temp --files /srv/temp --output plan.json
  housekeep plan temp --files /srv/temp --set limit.age=0s

Exit codes: 0 done, 1 error, 3 refused by the guard, 64 usage;
with --detailed-exitcode 2 when there is something to drop.")]
pub(crate) struct Plan {
    /// The rule, such as runs or dedupe.runs
    pub(crate) rule: String,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) rows: Rows,
    /// Also say what stays, why, and until when: of a retention rule
    #[arg(long)]
    pub(crate) decisions: bool,
    /// Also write the plan to this file, as JSON
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// End with 2 when there is something to drop
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep explain plan.json 4711                        a row that a plan drops or keeps
  housekeep explain runs 4711 --input run_logs.csv        any row, skipped ones too")]
pub(crate) struct Explain {
    /// A plan file, or with --input or --files a rule
    #[arg(value_name = "PLAN|RULE", value_hint = ValueHint::FilePath)]
    pub(crate) subject: PathBuf,
    /// The id of the row
    #[arg(allow_negative_numbers = true)]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) rows: Rows,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep sweep runs --input run_logs.csv
  housekeep sweep runs --input run_logs.csv --windows 1m,10m,60m")]
pub(crate) struct Sweep {
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// The windows to try, such as 1m,10m,60m [default: chosen from the data]
    #[arg(long, value_name = "WINDOWS", value_delimiter = ',', value_parser = duration)]
    pub(crate) windows: Vec<Duration>,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep compare runs --input run_logs.csv --with mode=chain
  housekeep compare runs --input run_logs.csv --with window=60m --with keep=oldest")]
pub(crate) struct Compare {
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// The change to compare with, such as mode=chain; may be repeated
    #[arg(long = "with", value_name = "KEY=VALUE", required = true)]
    pub(crate) changes: Vec<String>,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep export runs --out backup --since 30d
  housekeep export runs --out backup --plan plan.json

It writes a JSON array for each table, with one row a line and every value as text, a summary, and a
manifest with the digest of each. The folder must hold nothing yet.

Exit codes: 0 done, 1 error, 3 refused, 64 usage.")]
pub(crate) struct Export {
    /// The rule whose table is exported, such as runs or dedupe.runs
    pub(crate) rule: String,
    /// The folder that the export is written into
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
    /// The database [default: DATABASE_URL]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) database: Option<String>,
    /// Only the rows that this plan drops, or - for the standard input
    #[arg(long, value_name = "PLAN|-", value_hint = ValueHint::FilePath, conflicts_with_all = ["since", "last"])]
    pub(crate) plan: Option<PathBuf>,
    /// Only rows of the last while, such as 30d
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "last")]
    pub(crate) since: Option<Duration>,
    /// Only the newest rows, so many
    #[arg(long, value_name = "N")]
    pub(crate) last: Option<u64>,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep apply plan.json --dry-run
  housekeep apply plan.json --rehearse
  housekeep apply plan.json --export backup
  housekeep apply plan.json --export backup --confirm yes-delete --plan-sha256 5f0c…
  housekeep apply plan.json --files /srv/temp --trash /srv/trash
  housekeep apply plan.json --files /srv/temp --confirm yes-delete

Rows: each is proved once more under lock, what goes is written beside the export first, and all of it
goes in one transaction, or none. What an export lacks is not removed.
Files: one that is not what the plan saw any more, in size or time, is left alone.
Both can be undone: housekeep restore backup, or housekeep restore /srv/trash.
Where the policy requires checks, in [apply], --health has to say that they are ok.

Exit codes: 0 done, 1 error, 64 usage, 3 refused: rows or a plan that are not what they were, no export,
or a report that does not say that what is required is ok.")]
pub(crate) struct Apply {
    /// The plan file, or - for the standard input
    #[arg(value_name = "PLAN|-", value_hint = ValueHint::FilePath)]
    pub(crate) plan: PathBuf,
    /// The database that has the rows [default: DATABASE_URL]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, conflicts_with = "files")]
    pub(crate) database: Option<String>,
    /// The export that holds the rows; what is removed is written there too
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "files")]
    pub(crate) export: Option<PathBuf>,
    /// The folder that the files were listed in
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) files: Option<PathBuf>,
    /// Move the files here, on the same file system, from where they can be restored
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "confirm")]
    pub(crate) trash: Option<PathBuf>,
    /// Remove for good; asked for on a terminal if there is no --trash
    #[arg(long, value_name = "yes-delete", value_parser = ["yes-delete"])]
    pub(crate) confirm: Option<String>,
    /// Refuse any other plan than that of this digest
    #[arg(long, value_name = "SHA256")]
    pub(crate) plan_sha256: Option<String>,
    /// What `housekeep health --format json` printed in the last hour, or - for the standard input
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub(crate) health: Option<PathBuf>,
    /// Only say what would go
    #[arg(long, conflicts_with = "rehearse")]
    pub(crate) dry_run: bool,
    /// Do all of it in the database, and roll it back: keys and triggers are proved
    #[arg(long, conflicts_with = "files")]
    pub(crate) rehearse: bool,
    /// So many rows of the plan in a transaction, and not all in one
    #[arg(long, value_name = "N", conflicts_with = "files")]
    pub(crate) batch: Option<usize>,
    /// So many transactions at a time, each over a connection of its own; --batch is 5000 then, unless said
    #[arg(long, value_name = "N", conflicts_with = "files", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Leave rows where they are that are no longer as they were planned, and remove the others
    #[arg(long, conflicts_with = "files")]
    pub(crate) skip_changed: bool,
    /// How old a plan of rows may be [default: 24h]
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "files")]
    pub(crate) max_age: Option<Duration>,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep verify runs
  housekeep verify runs --format json

Exit codes: 0 done, 1 error, 64 usage; with --detailed-exitcode 2 when there is something to do.")]
pub(crate) struct Verify {
    /// The rule whose table is looked at, such as runs or dedupe.runs
    pub(crate) rule: String,
    /// The database [default: DATABASE_URL]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) database: Option<String>,
    /// End with 2 when there are rows to drop, orphans, or missing indexes
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep restore backup                                what is missing of an export of rows
  housekeep restore backup --confirm yes-restore
  housekeep restore /var/trash                            what would become of its files
  housekeep restore /var/trash --confirm yes-restore
  housekeep restore /var/trash/258241eef70004fb --files /srv/elsewhere

What is in the way is never overwritten: it stays, and so does the file in the trash. A row that is there
as another keeps all of them from being restored.

Exit codes: 0 done, 1 error, 3 something is in the way, 64 usage.")]
pub(crate) struct Restore {
    /// An export; or the folder that --trash named, if it holds one trash, or the trash itself
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
    /// The database that rows go to [default: DATABASE_URL]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, conflicts_with = "files")]
    pub(crate) database: Option<String>,
    /// The folder that the files go to [default: where they were]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) files: Option<PathBuf>,
    /// Do it, and do not only say what it would do
    #[arg(long, value_name = "yes-restore", value_parser = ["yes-restore"])]
    pub(crate) confirm: Option<String>,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep health --metrics metrics.json
  curl -s localhost:8080/metrics.json | housekeep health --metrics - --state health.json
  housekeep health --metrics metrics.json --state health.json --format nagios --critical-only
  housekeep health --fleet servers.parquet --threads 2

The metrics are an object by name: {\"cpu\": 93, \"last_backup\": \"2026-02-13T01:00:00Z\"}.
The state is what checks remember of earlier runs: without one, each run is the first.
A fleet has a column for each metric and, if it likes, `id`. Nothing is remembered of it: it is said
which thresholds each row meets, and the worst row decides how the program ends.

Exit codes: 0 ok, 1 warn, 2 crit, 3 unknown and every error, 64 usage.")]
#[command(group(ArgGroup::new("measured").required(true).args(["metrics", "fleet"])))]
pub(crate) struct Health {
    /// What was measured, as JSON, or - for the standard input
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub(crate) metrics: Option<PathBuf>,
    /// Or what was measured of many, each a row; or - for the standard input
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["state", "critical_only", "verbose"])]
    pub(crate) fleet: Option<PathBuf>,
    /// The form of the fleet [default: by the name's ending; `-` is looked at]
    #[arg(long, value_enum, value_name = "FORMAT", requires = "fleet")]
    pub(crate) input_format: Option<InputFormat>,
    /// Judge the fleet on this many threads
    #[arg(long, value_name = "N", default_value = "1", value_parser = threads)]
    pub(crate) threads: usize,
    /// What is remembered: read if it is there, and replaced
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) state: Option<PathBuf>,
    /// Look at the critical groups alone, and at what they are made of
    #[arg(long)]
    pub(crate) critical_only: bool,
    /// List the checks that are ok, too, since when each is as it is, and who was called
    #[arg(long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep acknowledge cpu --state health.json
  housekeep acknowledge same_commit T-102 --state health.json

It holds until the check gets worse, or is raised anew.

Exit codes: 0 done, 1 error, 64 usage.")]
pub(crate) struct Acknowledge {
    /// The check
    pub(crate) check: String,
    /// Its instance, of a check that has some
    pub(crate) instance: Option<String>,
    /// What is remembered, as `housekeep health` keeps it: read, and replaced
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) state: PathBuf,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep mute database --for 2h --state health.json
  housekeep mute '*' --from 2026-02-17T05:00:00Z --until 2026-02-17T07:00:00Z --state health.json

Checks are evaluated as ever meanwhile. What is still so at the end is told then.
A mute takes the place of an earlier one of the same names.

Exit codes: 0 done, 1 error, 64 usage.")]
pub(crate) struct Mute {
    /// Checks and groups, or * for all
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) end: End,
    /// When it begins [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) from: Option<Instant>,
    /// What is remembered, as `housekeep health` keeps it: read if it is there, and replaced
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) state: PathBuf,
}

/// When a time ends: one of the two is said.
#[derive(Debug, Group)]
#[group(required = true, multiple = false)]
pub(crate) struct End {
    /// When it ends
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) until: Option<Instant>,
    /// Or how long it takes, such as 2h
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub(crate) length: Option<Duration>,
}

impl End {
    /// The end of what begins at an instant.
    pub(crate) fn after(&self, from: Instant) -> Instant {
        let end = self.length.map(|length| from.saturating_add(length));
        self.until.or(end).unwrap_or(from)
    }
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep resume --state health.json
  housekeep resume --state health.json --tolerance 2h --grace 5m

Run it once, before the first `housekeep health` after the host was down. It takes what lies between
the last evaluation and now as the time that was lost. What was raised stays raised.

Exit codes: 0 done, 1 error, 64 usage.")]
pub(crate) struct Resume {
    /// How long it may have been down: after more, what was on its way to be raised begins anew
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "1h")]
    pub(crate) tolerance: Duration,
    /// How long it looks on, at least, before anything is raised that was not
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "10m")]
    pub(crate) grace: Duration,
    /// What is remembered, as `housekeep health` keeps it: read, and replaced
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) state: PathBuf,
}

/// The language that a policy is written in for another system.
#[derive(Debug, Subcommand)]
pub(crate) enum Emit {
    /// Alerting rules of Prometheus from the checks, or what promtool tests them with
    Prometheus(Prometheus),
    /// A query of PostgreSQL that gives what a rule drops, or a delete that removes it in batches
    Sql(Sql),
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep emit sql sessions
  housekeep emit sql sessions --delete --batch 5000
  housekeep emit sql sessions --format json

The delete is run again and again until it removes nothing more; it may be stopped between any two runs.
JSON has both, for a driver: each with its text, and with the values that stand for $1, $2 and so on.

Exit codes: 0 done, 1 error, 64 usage.")]
pub(crate) struct Sql {
    /// The rule, such as sessions or retention.sessions
    pub(crate) rule: String,
    /// Write the delete instead
    #[arg(long)]
    pub(crate) delete: bool,
    /// How many rows one delete removes at most [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) batch: Option<u32>,
    /// Change a setting of the rule, such as window=60m; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
    /// Write to this file, and not to the standard output
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Group)]
#[command(after_help = "Examples:
  housekeep emit prometheus --output rules.yml
  housekeep emit prometheus --tests rules.yml --output tests.yml
  promtool test rules tests.yml

Comments in the rules say what Prometheus does in another way, and what is left out.")]
pub(crate) struct Prometheus {
    /// Write the tests instead, for rules in a file of this name beside them [default: rules.yml]
    #[arg(long, value_name = "RULES_FILE", num_args = 0..=1, default_missing_value = "rules.yml")]
    pub(crate) tests: Option<String>,
    /// Write to this file, and not to the standard output
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text)
        .map_err(|error| format!("{}; write it as 2026-02-13T03:00:00Z", error.message()))
}

fn duration(text: &str) -> Result<Duration, String> {
    text.parse().map_err(|error: housekeep::Error| error.to_string())
}

fn threads(text: &str) -> Result<usize, String> {
    let count = text.parse().map_err(|_| "a whole number was expected".to_owned())?;
    match Control::new().threads(count) {
        Ok(_) => Ok(count),
        Err(error) => Err(error.to_string()),
    }
}

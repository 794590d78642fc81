//! The rows that the kernels are measured on.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use housekeep::columns::{self, Table};
use housekeep::policy::{Policy, Rule};
use housekeep::{Error, time::Instant};

/// The rules of the measurements. Dedupe, in each mode: same task and commit, within ten minutes.
/// Retention: what is done and old goes, but for the newest of each task; what is done and old goes;
/// one snapshot of each period stays.
pub const POLICY: &str = r#"
[dedupe.anchor]
key = ["task_id", "commit_hash"]
time = "started_at"
window = "10m"

[dedupe.chain]
key = ["task_id", "commit_hash"]
time = "started_at"
window = "10m"
mode = "chain"

[dedupe.tumbling]
key = ["task_id", "commit_hash"]
time = "started_at"
window = "10m"
mode = "tumbling"

[dedupe.forever]
key = ["task_id", "commit_hash"]
time = "started_at"
mode = "forever"

[retention.newest]
time = "started_at"
by = ["task_id"]
match = { status = "done" }
limit = { age = "640d" }
floor = { count = 5 }

[retention.age]
time = "started_at"
match = { status = "done" }
limit = { age = "640d" }

[retention.gfs]
time = "started_at"
tz = "UTC"
keep = [
    { every = "hour", count = 48 },
    { every = "day", count = 30 },
    { every = "week" },
    { every = "month" },
]
"#;

/// Later than all rows, so that no cluster is open, and 640 days later than half of them.
///
/// # Errors
/// None: the text is an instant.
pub fn now() -> Result<Instant, Error> {
    Instant::parse("2027-01-01T00:00:00Z")
}

/// The policy of the measurements.
///
/// # Errors
/// None: the policy is sound.
pub fn policy() -> Result<Policy, Error> {
    Policy::from_toml(POLICY)
}

/// The order in which the rows come.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// At random.
    Shuffled,
    /// By time, as exports usually are.
    ByTime,
}

/// SplitMix64: enough randomness for rows, and the same every time.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// Always the same numbers for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit.max(1)
    }

    fn uuid(&mut self) -> String {
        let (a, b) = (self.roll(), self.roll());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 48 & 0xfff,
            b & 0xffff_ffff_ffff
        )
    }
}

/// Runs as a task runner logs them: uuid text, a 40-digit commit of which one in twenty is null, a
/// status of which three in twenty are others, microseconds; a twentieth as many tasks as rows; three rows in ten in bursts of one task and
/// commit, minutes apart.
///
/// # Errors
/// If the columns do not fit together, which they do.
pub fn runs(rows: usize, order: Order) -> Result<RecordBatch, ArrowError> {
    const DAY: u64 = 86_400_000_000;
    let mut dice = Dice(7);
    let tasks: Vec<String> = (0..(rows / 20).max(1)).map(|_| dice.uuid()).collect();
    // 2025-01-01T00:00:00Z
    let start = 1_735_689_600_000_000u64;
    let mut runs: Vec<(usize, Option<[u64; 3]>, i64)> = Vec::with_capacity(rows);
    while runs.len() < rows {
        let task = usize::try_from(dice.below(tasks.len() as u64)).unwrap_or(0);
        let commit = (dice.below(20) > 0).then(|| [dice.roll(), dice.roll(), dice.roll()]);
        let mut time = start + dice.below(180 * DAY);
        // One beginning in nine opens a burst of two to six.
        let burst = if dice.below(9) == 0 { 2 + dice.below(5) } else { 1 };
        for _ in 0..burst.min((rows - runs.len()) as u64) {
            runs.push((task, commit, time.cast_signed()));
            time += dice.below(9 * 60_000_000);
        }
    }
    match order {
        Order::ByTime => runs.sort_by_key(|run| run.2),
        Order::Shuffled => {
            for last in (1..runs.len()).rev() {
                runs.swap(last, usize::try_from(dice.below(last as u64 + 1)).unwrap_or(0));
            }
        }
    }
    let hex = |part: [u64; 3]| format!("{:016x}{:016x}{:08x}", part[0], part[1], part[2] >> 32);
    let ids: StringArray = (0..rows).map(|_| Some(dice.uuid())).collect();
    let task_ids: StringArray = runs.iter().map(|run| tasks.get(run.0)).collect();
    let commits: StringArray = runs.iter().map(|run| run.1.map(hex)).collect();
    let status = |dice: &mut Dice| match dice.below(20) {
        0 | 1 => "failed",
        2 => "running",
        _ => "done",
    };
    let statuses: StringArray = (0..rows).map(|_| Some(status(&mut dice))).collect();
    let times: TimestampMicrosecondArray = runs.iter().map(|run| Some(run.2)).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(ids),
        Arc::new(task_ids),
        Arc::new(commits),
        Arc::new(statuses),
        Arc::new(times.with_timezone("UTC")),
    ];
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let schema = Schema::new(vec![
        Field::new("id", DataType::Utf8, false),
        Field::new("task_id", DataType::Utf8, false),
        Field::new("commit_hash", DataType::Utf8, true),
        Field::new("status", DataType::Utf8, false),
        Field::new("started_at", utc, false),
    ]);
    RecordBatch::try_new(Arc::new(schema), columns)
}

/// The batch as the columns that `rule` reads.
///
/// # Errors
/// If the batch lacks a column.
pub fn table(rule: &Rule, batch: RecordBatch) -> Result<Table, Error> {
    let schema = batch.schema();
    columns::arrow::table(rule.needs(), &schema, [Ok(batch)])
}

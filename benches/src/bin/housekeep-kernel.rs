//! Times a kernel on a Parquet file: columns in memory → the ids that go.
//!
//! `housekeep-kernel FILE THREADS ROUNDS [RULE] [plan]` prints one JSON line for each measurement:
//! `decide` (keys compared, every drop with its keeper or its reason, ids out; and apart from it how
//! long it takes to check that the ids are unique, which every plan does and no peer), and, if asked
//! for, `plan` (all of that, in the plan's order, written as JSON).

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::time::Instant as Clock;

use housekeep::Control;
use housekeep::columns::{self, Table};
use housekeep::policy::Rule;
use housekeep::{dedupe, groups, retention};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let mut next = |default: &str| args.next().unwrap_or_else(|| default.to_owned());
    let (file, threads, rounds) = (next("runs.parquet"), next("1").parse()?, next("3").parse()?);
    let (name, also) = (next("chain"), next(""));
    let policy = housekeep_benches::policy()?;
    let rule = policy.rule(&name)?;
    let table = read(&file, rule)?;
    let control = Control::new().threads(threads)?;
    let mut out = std::io::stdout().lock();

    let held = resident("VmRSS:");
    // Forgets the peak of reading the file; where that cannot be done the figure is too high.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let mut seconds = Vec::new();
    let mut drops = 0;
    for _ in 0..rounds {
        let clock = Clock::now();
        let ids = dropped_ids(&table, rule, &control)?;
        seconds.push(format!("{:.4}", clock.elapsed().as_secs_f64()));
        drops = ids.len();
    }
    let over = resident("VmHWM:").saturating_sub(held);
    let clock = Clock::now();
    match rule {
        Rule::Dedupe(rule) => groups::check_ids(&rule.rows(&table)?, &control)?,
        Rule::Retention(rule) => groups::check_ids(rule.items(&table)?.rows(), &control)?,
    }
    let ids_checked = clock.elapsed().as_secs_f64();
    writeln!(
        out,
        "{{\"engine\": \"housekeep {name}\", \"threads\": {threads}, \"rows\": {}, \"seconds\": [{}], \
         \"drops\": {drops}, \"peak_rss_over_input_mb\": {:.1}, \
         \"ids_checked_seconds\": {ids_checked:.4}, \"ids_sha256\": \"{}\"}}",
        table.rows(),
        seconds.join(", "),
        // KiB to MB.
        over as f64 * 1024.0 / 1e6,
        digest(dropped_ids(&table, rule, &control)?),
    )?;
    if also == "plan" {
        let clock = Clock::now();
        let (now, source) = (housekeep_benches::now()?, Default::default());
        let plan = rule.plan(&table, now, source, Default::default(), &control)?;
        let made = clock.elapsed().as_secs_f64();
        plan.write_json(std::io::sink())?;
        let written = clock.elapsed().as_secs_f64();
        writeln!(out, "{{\"plan\": {made:.4}, \"and its JSON\": {written:.4}}}")?;
    }
    Ok(())
}

/// What the peers give out too: a column of the ids that go. As theirs does, it points to the texts.
fn dropped_ids<'t>(
    table: &'t Table,
    rule: &Rule,
    control: &Control<'_>,
) -> Result<Vec<&'t [u8]>, Box<dyn Error>> {
    let now = housekeep_benches::now()?;
    let rows = match rule {
        Rule::Dedupe(rule) => {
            dedupe::decide(&rule.rows(table)?, rule.rule(), now, control)?.dropped_rows()
        }
        Rule::Retention(rule) => {
            retention::decide(&rule.items(table)?, rule.rule(), now, control)?.dropped_rows()
        }
    };
    let ids = table.column("id").ok_or("no id column")?;
    Ok(rows.into_iter().map(|row| ids.bytes(row).unwrap_or_default()).collect())
}

/// What the peers' ids are compared with: SHA-256 of the sorted ids, each on a line.
fn digest(mut ids: Vec<&[u8]>) -> String {
    ids.sort_unstable();
    let mut digest = Sha256::new();
    for id in ids {
        digest.update(id);
        digest.update(b"\n");
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(file: &str, rule: &Rule) -> Result<Table, Box<dyn Error>> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(file)?)?;
    let names: Vec<&str> = rule.needs().iter().map(|need| need.name.as_str()).collect();
    let mask = ProjectionMask::columns(builder.parquet_schema(), names);
    let reader = builder.with_projection(mask).with_batch_size(65_536).build()?;
    let schema = arrow_array::RecordBatchReader::schema(&reader);
    Ok(columns::arrow::table(rule.needs(), &schema, reader)?)
}

/// A line of the process's memory account, in KiB; 0 where there is none.
fn resident(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|own| own.strip_prefix(line));
    found.and_then(|rest| rest.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

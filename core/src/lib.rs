//! Decides housekeeping for services: which rows are duplicates of a row that stays, what has
//! outlived its use, whether the numbers are healthy, which maintenance run is due or was missed, and
//! why.
//!
//! housekeep *decides*, and explains every decision. The host owns the clock, the database and the
//! disk; nothing here reads one, waits, or deletes anything.
//!
//! # A plan from a policy
//!
//! A policy file says the rules, a [`Table`](columns::Table) holds the rows, and `now` is an
//! argument. The plan lists the rows that go and, of duplicates, the row that stays for each.
//!
//! ```
//! # #[cfg(feature = "documents")] {
//! use housekeep::Control;
//! use housekeep::formats::Format;
//! use housekeep::policy::Policy;
//! use housekeep::time::Instant;
//!
//! let policy = Policy::from_toml(r#"
//!     [dedupe.runs]
//!     table  = "run_logs"
//!     key    = ["task_id", "commit_hash"]
//!     time   = "started_at"
//!     window = "10m"
//! "#)?;
//! let rule = policy.dedupe("runs")?;
//!
//! let rows = br#"[
//!     {"id": 1, "task_id": "build", "commit_hash": "c0ffee", "started_at": "2026-02-13T01:00:00Z"},
//!     {"id": 2, "task_id": "build", "commit_hash": "c0ffee", "started_at": "2026-02-13T01:04:12Z"},
//!     {"id": 3, "task_id": "build", "commit_hash": null,     "started_at": "2026-02-13T01:05:00Z"}
//! ]"#;
//! let table = Format::Json.read(rule.needs(), &rows[..])?;
//!
//! let now = Instant::parse("2026-02-13T03:00:00Z")?;
//! let plan = rule.plan(&table, now, Default::default(), &Control::new())?;
//! assert_eq!((plan.total(), plan.keep(), plan.drop_count()), (3, 2, 1));
//! assert_eq!(
//!     plan.explain("1").sentence,
//!     "`1` is dropped: `2` has the same task_id = `build`, commit_hash = `c0ffee` and is 4m12s \
//!      later, within the window of 10m",
//! );
//! # }
//! # Ok::<(), housekeep::Error>(())
//! ```
//!
//! What has outlived its use is said and planned the same way: every removal cites the setting that
//! condemns it and, if asked for, every item that stays says why, and until when.
//!
//! ```
//! # #[cfg(feature = "documents")] {
//! use housekeep::Control;
//! use housekeep::formats::Format;
//! use housekeep::plan::Detail;
//! use housekeep::policy::Policy;
//! use housekeep::time::Instant;
//!
//! let policy = Policy::from_toml(r#"
//!     [retention.sessions]
//!     table = "user_sessions"
//!     time  = "updated_at"
//!     limit = { age = "7d" }
//!     floor = { count = 1 }
//! "#)?;
//! let rule = policy.rule("sessions")?;
//!
//! let rows = br#"[
//!     {"id": 1, "updated_at": "2026-02-01T00:00:00Z"},
//!     {"id": 2, "updated_at": "2026-02-03T00:00:00Z"},
//!     {"id": 3, "updated_at": "2026-02-10T00:00:00Z"}
//! ]"#;
//! let table = Format::Json.read(rule.needs(), &rows[..])?;
//!
//! let now = Instant::parse("2026-02-09T00:00:00Z")?;
//! let plan = rule.plan(&table, now, Default::default(), Detail::Decisions, &Control::new())?;
//! assert_eq!(
//!     plan.explain("1").sentence,
//!     "`1` is removed: it is 8d old, and the limit is 7d",
//! );
//! let [second, third] = plan.retention().and_then(|plan| plan.keeps()).unwrap() else {
//!     panic!("two stay")
//! };
//! assert_eq!((&*second.id, &*second.reasons[0].why), ("2", "newest"));
//! assert_eq!((&*third.id, &*third.reasons[0].why), ("3", "future"));
//! # }
//! # Ok::<(), housekeep::Error>(())
//! ```
//!
//! # Health
//!
//! Checks reduce what is measured to one number each, and say how bad it is, since when and why. The
//! state is all that is remembered, and a document too.
//!
//! ```
//! # #[cfg(feature = "documents")] {
//! use housekeep::health::{Snapshot, State};
//! use housekeep::policy::Policy;
//! use housekeep::time::Instant;
//!
//! let policy = Policy::from_toml(r#"
//!     [check.cpu]
//!     value = "cpu"
//!     unit  = "percent"
//!     crit  = "> 85%"
//!     clear = "< 80%"
//!     for   = "5m"
//! "#)?;
//! let rules = policy.health()?;
//!
//! let mut state = State::new();
//! let mut words = Vec::new();
//! for (now, cpu) in [("03:00", 91), ("03:05", 88), ("03:06", 82), ("03:07", 79)] {
//!     let now = Instant::parse(&format!("2026-02-13T{now}:00Z"))?;
//!     let snapshot = Snapshot::from_json(format!(r#"{{"cpu": {cpu}}}"#).as_bytes())?;
//!     let report;
//!     (report, state) = rules.evaluate(&snapshot, state, now);
//!     words.push(report.word());
//! }
//! assert_eq!(words, ["healthy", "unhealthy", "unhealthy", "healthy"]);
//! # }
//! # Ok::<(), housekeep::Error>(())
//! ```
//!
//! The same checks as alerting rules of Prometheus, and tests by which promtool judges them:
//! [`HealthRules::to_prometheus`](policy::HealthRules::to_prometheus).
//!
//! # Schedules
//!
//! A run is known by the day it is for, whatever the clocks do. A schedule says which run is due and
//! which was missed, and what is remembered of each decides that none is lost and none runs twice.
//!
//! ```
//! # #[cfg(feature = "documents")] {
//! use housekeep::policy::Policy;
//! use housekeep::schedule::What;
//! use housekeep::time::Instant;
//!
//! let policy = Policy::from_toml(r#"
//!     [schedule.backup]
//!     days   = "daily"
//!     at     = "03:00"
//!     for    = "1h"
//!     tz     = "America/Santiago"
//!     missed = "latest"
//! "#)?;
//! let backup = policy.schedule("backup")?;
//!
//! let now = Instant::parse("2026-02-13T06:10:00Z")?;
//! let state = backup.begin(now)?;
//! let due = backup.due(&state, now)?;
//! assert_eq!(
//!     due.sentence(),
//!     "`backup/2026-02-13` may start until 2026-02-13T07:00:00Z: it has not run",
//! );
//!
//! let state = backup.record(state, What::Started, "backup/2026-02-13/1", now)?;
//! let failed = What::Finished { completed: Some(true), success: Some(false) };
//! let state = backup.record(state, failed, "backup/2026-02-13/1", now)?;
//!
//! let evening = Instant::parse("2026-02-13T22:00:00Z")?;
//! let missed = backup.missed(&state, evening)?.missed;
//! assert_eq!(backup.claim(missed.runs[0].slot.id, missed.runs[0].nth), "backup/2026-02-13/2");
//! # }
//! # Ok::<(), housekeep::Error>(())
//! ```
//!
//! # PostgreSQL
//!
//! [`apply`] decides every step of exporting, removing, verifying and restoring what a plan names in a
//! database, and a driver carries the steps out: nothing goes that no export holds, and nothing is
//! committed that was not verified. A table that nobody wants to read is decided by the server itself:
//!
//! ```
//! # #[cfg(feature = "documents")] {
//! use housekeep::policy::Policy;
//! use housekeep::time::Instant;
//!
//! let policy = Policy::from_toml(r#"
//!     [retention.sessions]
//!     table = "user_sessions"
//!     time  = "updated_at"
//!     limit = { age = "7d" }
//! "#)?;
//! let statements = policy.to_sql("sessions", Instant::parse("2026-02-13T03:00:00Z")?, None)?;
//! let query = &statements.select().text;
//! assert!(query.contains(r#""updated_at" <= timestamptz '2026-02-06T02:59:59.999999Z'"#));
//! # }
//! # Ok::<(), housekeep::Error>(())
//! ```
//!
//! # Your own structs
//!
//! [`groups::Records`] shows a slice of anything to the same kernels, by closures for key, time and
//! id: see [`dedupe`] and [`retention`]. That needs no feature at all.
//!
//! # Your own property tests
//!
//! [`laws`] states what holds for every decision, as plain predicates over public types. Check them
//! for your rule and your rows; feature `proptest` brings strategies that make both.
//!
//! # What it does not do
//!
//! It has no clock, file, environment, network or randomness, starts no thread that it was not
//! asked for ([`Control::threads`]), and runs nothing that it decides.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `documents` (default) | [`policy`], [`plan`], [`report`], [`formats`], [`apply`], [`sql`] and [`wire`]: TOML and JSON in, canonical JSON out |
//! | `arrow` | [`columns::arrow`]: Arrow record batches as columns, without a copy of their text |
//! | `postgres` | [`postgres`]: `ToSql` and `FromSql` for instants, ids, words, policies, plans and states |
//! | `proptest` | `laws::strategies` |
//!
//! Without features the kernels, the closures and the laws remain.

#![forbid(unsafe_code)]
#![cfg_attr(
    not(feature = "documents"),
    allow(rustdoc::broken_intra_doc_links, reason = "the tour names what features add")
)]

#[cfg(feature = "documents")]
pub mod apply;
mod bounds;
pub mod columns;
pub mod condition;
mod control;
pub mod dedupe;
mod error;
#[cfg(feature = "documents")]
pub mod formats;
pub mod groups;
mod guard;
pub mod health;
pub mod laws;
#[cfg(feature = "documents")]
mod one_or_more;
#[cfg(feature = "documents")]
pub mod plan;
#[cfg(feature = "documents")]
pub mod policy;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "documents")]
mod prometheus;
#[cfg(feature = "documents")]
pub mod report;
pub mod retention;
pub mod schedule;
pub mod size;
#[cfg(feature = "documents")]
pub mod sql;
mod suggest;
mod text_form;
pub mod time;
#[cfg(feature = "documents")]
pub mod wire;
mod words;

pub use control::{Control, Progress};
pub use error::{Code, Error, Kind, Position};
pub use guard::Guard;

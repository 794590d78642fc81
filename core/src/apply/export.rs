//! The order of events of an export: one snapshot of a table and of what hangs on it, into files.

use std::collections::HashSet;
use std::fmt::Write as _;

use thiserror::Error;

use super::catalog::Column;
use super::coverage::mark;
use super::files::RowsFile;
use super::judge::Found;
use super::line::Layout;
use super::manifest::{Manifest, SequenceEntry};
use super::pace::Pace;
use super::report::{Exported, TableCount};
use super::session;
use super::statements::whole;
use super::step::{File, Isolation};
use super::survey::{Node, Survey, survey, texts};
use super::talk::{Machine, Talk};
use super::trouble::Trouble;
use crate::columns::TimeFormat;
use crate::error::{Code, Error, Leaf, quoted as marked};
use crate::plan::Plan;
use crate::policy::{Policy, Rule, TableTree};
use crate::sql::names::{list, quoted, tuple};
use crate::time::{Instant, TimeUnit};

/// Rows that a cursor gives at once.
const FETCHED: usize = 5000;

/// What is exported.
#[derive(Clone, Debug)]
pub struct Export {
    rule: Rule,
    tree: TableTree,
    now: Instant,
    of: Of,
}

/// Which rows of the rule's table; of its children those that hang on them.
#[derive(Clone, Debug)]
enum Of {
    All,
    Since(Instant),
    Last(u64),
    Plan(Box<Plan>),
}

/// What cannot be exported.
#[derive(Debug, Error)]
enum BadRequest {
    #[error("the rule {} is of no table", marked(.0))]
    NoTable(String),
    #[error("the plan is of the rule {}, and the export of {}", marked(.plan), marked(.rule))]
    OtherRule { plan: String, rule: String },
    #[error("the plan is of another {0}")]
    OtherPlace(&'static str),
    #[error("the column {} is {ty}, which says no time without more", marked(.column))]
    NoTime { column: String, ty: String },
}

impl Leaf for BadRequest {
    fn code(&self) -> Code {
        match self {
            BadRequest::NoTable(_) => Code::ApplyNoTable,
            BadRequest::OtherRule { .. } | BadRequest::OtherPlace(_) => Code::ApplyOther,
            BadRequest::NoTime { .. } => Code::RowsNaiveTime,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadRequest::NoTable(_) => "say its `table` in the policy",
            BadRequest::OtherRule { .. } => "name the rule of the plan",
            BadRequest::OtherPlace(_) => "connect to the database that the plan was made of",
            BadRequest::NoTime { .. } => "say `tz`, or `time_unit`, in the rule",
        };
        Some(help.into())
    }
}

impl Export {
    /// All rows of the table of a rule, and of the tables that hang on it.
    ///
    /// # Errors
    /// `policy.unknown_rule`; `apply.no_table` for a rule of no table.
    pub fn new(policy: &Policy, rule: &str, now: Instant) -> Result<Self, Error> {
        let rule = policy.rule(rule)?.clone();
        let tree = table_of(policy, &rule)?;
        Ok(Self { rule, tree, now, of: Of::All })
    }

    /// Only rows that are not older than an instant, by the rule's time.
    #[must_use]
    pub fn since(mut self, at: Instant) -> Self {
        self.of = Of::Since(at);
        self
    }

    /// Only so many rows, the newest by the rule's time.
    #[must_use]
    pub fn last(mut self, rows: u64) -> Self {
        self.of = Of::Last(rows);
        self
    }

    /// Only the rows that a plan drops: what has to be there before it is applied.
    ///
    /// # Errors
    /// `apply.other_database` for the plan of another rule.
    pub fn of_plan(mut self, plan: Plan) -> Result<Self, Error> {
        let (own, rule) = (format!("{}.{}", plan.family(), plan.rule()), self.rule.full_name());
        if own != rule {
            return Err(BadRequest::OtherRule { plan: own, rule }.into());
        }
        self.of = Of::Plan(Box::new(plan));
        Ok(self)
    }

    /// What exports it.
    #[must_use]
    pub fn machine(self) -> Machine<Exported> {
        Machine::new(|talk| async move {
            talk.begin(Isolation::Snapshot).await?;
            let exported = self.run(&talk).await;
            talk.end_reading(&exported).await;
            Ok(exported?)
        })
    }

    async fn run(&self, talk: &Talk) -> Result<Exported, Trouble> {
        session::set(talk, session::LOCK_TIMEOUT).await?;
        let survey = survey(talk, &self.tree).await?;
        survey.tables().iter().try_for_each(|node| node.facts.check_rows())?;
        let mut manifest = Manifest::new(self.now, survey.fingerprint.clone());
        if let Of::Plan(plan) = &self.of {
            if let Some(what) = survey.fingerprint.differs(plan.source()) {
                return Err(BadRequest::OtherPlace(what).into());
            }
            manifest.plan_sha256 = Some(plan.sha256().to_owned());
        }
        let (database, table) =
            (survey.fingerprint.database.clone(), survey.fingerprint.table.clone());
        let mut exported = Exported::new(database, table, manifest.plan_sha256.clone());
        let planned = match &self.of {
            Of::Plan(plan) => Some(planned(talk, &survey, plan).await?),
            _ => None,
        };
        for node in survey.tables() {
            let mut file = RowsFile::new("", node.file());
            match &planned {
                Some(ids) => write_planned(talk, &survey, node, ids, &mut file).await?,
                None => self.write_all(talk, &survey, node, &mut file).await?,
            }
            let (table, rows) = (node.facts.relation.to_string(), file.rows());
            exported.tables.push(TableCount { table, rows });
            let sequences = sequences(talk, node).await?;
            manifest.add(node, vec![file.end(talk).await?], sequences);
        }
        let bytes = summary(&exported, self.now).into_bytes();
        talk.persist(File { name: "summary.txt".into(), bytes, is_whole: true }).await?;
        manifest.write(talk, "").await?;
        Ok(exported)
    }

    /// Writes the rows of a table by a cursor, so that no more of them are held than are fetched at once.
    async fn write_all(
        &self,
        talk: &Talk,
        survey: &Survey,
        node: &Node,
        file: &mut RowsFile,
    ) -> Result<(), Trouble> {
        let which = match self.root_condition(survey)? {
            None => String::new(),
            Some(condition) => format!("WHERE {}", survey.any_of(node, &condition)),
        };
        let layout = Layout::of(&node.facts.columns);
        let cursor = talk.open(&whole(node, &which)).await?;
        loop {
            let rows = cursor.fetch(FETCHED).await?;
            if rows.is_empty() {
                return cursor.close().await;
            }
            file.more(talk, layout.block(&rows)).await?;
            talk.progress(file.rows(), 0);
        }
    }

    /// Which rows of the rule's table; none for all.
    fn root_condition(&self, survey: &Survey) -> Result<Option<String>, Trouble> {
        let Some(root) = survey.root() else { return Ok(None) };
        let time = match &self.rule {
            Rule::Dedupe(rule) => rule.time(),
            Rule::Retention(rule) => rule.time(),
        };
        let column = root.facts.column(time)?;
        match self.of {
            Of::All | Of::Plan(_) => Ok(None),
            Of::Since(at) => {
                let needs = self.rule.needs().iter();
                let format = needs.filter(|need| need.name == time).map(|need| need.time).next();
                let at = literal(column, at, format.unwrap_or_default());
                let no_time = || BadRequest::NoTime { column: time.into(), ty: column.ty.clone() };
                Ok(Some(format!("{} >= {}", quoted(time), at.ok_or_else(no_time)?)))
            }
            Of::Last(rows) => Ok(Some(format!(
                "{} IN (SELECT {} FROM {} ORDER BY {} DESC NULLS LAST, {} DESC LIMIT {rows})",
                tuple(&root.id),
                list(&root.id),
                root.facts.relation.sql(),
                quoted(time),
                tuple(&root.id),
            ))),
        }
    }
}

/// The table of a rule, and what hangs on it.
pub(super) fn table_of(policy: &Policy, rule: &Rule) -> Result<TableTree, Error> {
    let found = policy.tables(&rule.full_name())?;
    found.ok_or_else(|| BadRequest::NoTable(rule.full_name()).into())
}

/// The ids that a plan drops, as their rows lie in the table: so each of its pages is read once, and those of its
/// children are too where these were written with it. An apply removes them in this order.
async fn planned(talk: &Talk, survey: &Survey, plan: &Plan) -> Result<Vec<String>, Trouble> {
    let mut ids: Vec<String> = plan.drop_ids().map(|id| id.to_string()).collect();
    if let Some(root) = survey.root() {
        let mut found = Found::default();
        let mut pace = Pace::sorted(ids.clone());
        while let Some(some) = pace.next() {
            found.add(talk.rows(survey.places(root), texts(&some)).await?);
            pace.learn(some.len(), 0);
        }
        found.order(&mut ids);
    }
    Ok(ids)
}

/// Writes the rows that a plan drops, or those that hang on them.
async fn write_planned(
    talk: &Talk,
    survey: &Survey,
    node: &Node,
    ids: &[String],
    file: &mut RowsFile,
) -> Result<(), Trouble> {
    let places = || survey.nodes.iter().filter(|own| own.facts.relation == node.facts.relation);
    // A row may hang on the plan by two keys, and is written once.
    let mut seen = (places().count() > 1).then(HashSet::new);
    let layout = Layout::of(&node.facts.columns);
    for place in places() {
        let mut pace = Pace::of(ids.to_vec());
        while let Some(ids) = pace.next() {
            let rows = talk.rows(survey.whole(place), texts(&ids)).await?;
            let mut block = layout.block(&rows);
            if let Some(seen) = &mut seen {
                block = block.rows().filter(|line| seen.insert(mark(line))).collect();
            }
            pace.learn(ids.len(), block.bytes());
            file.more(talk, block).await?;
            talk.progress(file.rows(), 0);
        }
    }
    Ok(())
}

/// Where the sequences of a table stand.
async fn sequences(talk: &Talk, node: &Node) -> Result<Vec<SequenceEntry>, Trouble> {
    let mut all = Vec::new();
    for sequence in node.facts.columns.iter().filter_map(|column| column.sequence.clone()) {
        let sql = format!("SELECT CASE WHEN is_called THEN last_value::text END FROM {sequence}");
        let rows = talk.rows(sql, Vec::new()).await?;
        all.push(SequenceEntry { sequence, last_value: rows.text().map(str::to_owned) });
    }
    Ok(all)
}

/// An instant in the type of a column, if that can say one.
fn literal(column: &Column, at: Instant, format: TimeFormat) -> Option<String> {
    let text = format!("'{at}'::pg_catalog.timestamptz");
    match column.ty.as_str() {
        ty if ty.starts_with("timestamp") && ty.ends_with("with time zone") => Some(text),
        ty if ty.starts_with("timestamp") => {
            let zone = format.zone?;
            Some(format!("({text} AT TIME ZONE '{zone}')"))
        }
        "bigint" | "integer" => {
            let micros = at.as_micros();
            Some(match format.unit? {
                TimeUnit::Seconds => micros.div_euclid(1_000_000).to_string(),
                TimeUnit::Milliseconds => micros.div_euclid(1000).to_string(),
                TimeUnit::Microseconds => micros.to_string(),
                TimeUnit::Nanoseconds => format!("{micros}000"),
            })
        }
        _ => None,
    }
}

fn summary(exported: &Exported, at: Instant) -> String {
    let Exported { database, table, plan_sha256, tables, .. } = exported;
    let mut text = format!("{table} in the database {database}, exported at {at}\n");
    if let Some(plan) = plan_sha256 {
        // Nothing fails that is written to a text.
        writeln!(text, "the rows of plan {plan}").ok();
    }
    for count in tables {
        writeln!(text, "{}: {}", count.table, count.rows).ok();
    }
    text
}

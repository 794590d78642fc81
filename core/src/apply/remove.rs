//! The order of events of an apply: check, confirm, begin, lock, judge, delete, capture, verify, commit.

use std::collections::BTreeSet;
use std::ops::Range;

use thiserror::Error;

use super::coverage::Coverage;
use super::files::RowsFile;
use super::judge::{self, Found, Judgement, RowsChanged};
use super::manifest::Manifest;
use super::outcomes;
use super::prove::{self, NotVerified, Removed};
use super::report::{Applied, Outcome, Outcomes, TableCount};
use super::session;
use super::step::{Isolation, Question};
use super::survey::{Survey, survey, texts};
use super::talk::{Machine, Talk};
use super::trouble::Trouble;
use crate::error::{Code, Error, Leaf, quoted};
use crate::plan::Plan;
use crate::policy::{Policy, Rule, TableTree};
use crate::time::{Duration, Instant};
use crate::wire::VERSION;

/// What has to be typed before anything is removed.
pub const YES: &str = "yes-delete";
/// Rows of the root that one statement removes, with all that hangs on them.
const STEP: usize = 2000;
/// How often it is tried, where others are in the way.
const TRIES: u32 = 3;
/// How long it is waited before another try.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is asked what became of a transaction whose end is not known.
const ASKED: u32 = 30;

/// How a plan is applied.
#[derive(Clone, Debug)]
pub struct Apply {
    plan: Plan,
    rule: Rule,
    tree: TableTree,
    now: Instant,
    oldest: Duration,
    way: Way,
    batch: Option<usize>,
    skip_changed: bool,
    lock_timeout: Duration,
}

/// How far it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// Everything is read and judged, and nothing is locked or removed.
    DryRun,
    /// Everything is done, and rolled back: keys and triggers are proved.
    Rehearse,
    /// The rows go.
    #[default]
    Apply,
}

/// What keeps a plan from being applied.
#[derive(Debug, Error)]
enum BadPlan {
    #[error("the plan is of {} rows that are of no table", quoted(.0))]
    NoTable(String),
    #[error("the plan is {age} old, and may be {oldest} old at most")]
    Old { age: Duration, oldest: Duration },
    #[error("the plan is of {0}, which is still to come")]
    Future(Instant),
    #[error("the rule {} is not what it was when the plan was made", quoted(.0))]
    Rule(String),
    #[error("the plan is of another {0}")]
    Other(&'static str),
    #[error("nothing was removed: `{YES}` was not typed")]
    NotConfirmed,
    #[error("it is not known whether transaction {0} was committed")]
    Unknown(String),
}

impl Leaf for BadPlan {
    fn code(&self) -> Code {
        match self {
            BadPlan::NoTable(_) => Code::ApplyNoTable,
            BadPlan::Old { .. } | BadPlan::Future(_) | BadPlan::Rule(_) => Code::ApplyStale,
            BadPlan::Other(_) => Code::ApplyOther,
            BadPlan::NotConfirmed => Code::ApplyNotConfirmed,
            BadPlan::Unknown(_) => Code::ApplyConnection,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadPlan::NoTable(_) => "say the rule's `table` in the policy, and plan again",
            BadPlan::Old { .. } | BadPlan::Future(_) | BadPlan::Rule(_) => "plan again",
            BadPlan::Other(_) => "connect to the database that the plan was made of, or plan again",
            BadPlan::NotConfirmed => "review the plan, and type it out, or give it as `--confirm`",
            BadPlan::Unknown(_) => "run it again: what is gone is not removed twice",
        };
        Some(help.into())
    }
}

impl Apply {
    /// Of a plan, by the policy whose rule made it. Where that requires checks before anything is
    /// removed, `health` is the report that says that they are ok.
    ///
    /// # Errors
    /// `policy.unknown_rule`; `apply.stale_plan` if the rule is another by now, or the plan is older than
    /// 24 hours; `apply.no_table` for rows of no table; what [`HealthRules::require`] refuses.
    ///
    /// [`HealthRules::require`]: crate::policy::HealthRules::require
    pub fn new(
        plan: Plan,
        policy: &Policy,
        health: Option<&[u8]>,
        now: Instant,
    ) -> Result<Self, Error> {
        // A policy without checks requires none.
        if let Ok(rules) = policy.health() {
            rules.require(health, now)?;
        }
        let name = format!("{}.{}", plan.family(), plan.rule());
        let rule = policy.rule(&name)?.clone();
        if rule.sha256() != plan.rule_sha256() {
            return Err(BadPlan::Rule(name).into());
        }
        let tree = policy.tables(&name)?.ok_or(BadPlan::NoTable(name))?;
        let own = Self {
            plan,
            rule,
            tree,
            now,
            oldest: Duration::from_mins(24 * 60),
            way: Way::default(),
            batch: None,
            skip_changed: false,
            lock_timeout: session::LOCK_TIMEOUT,
        };
        own.check_age()?;
        Ok(own)
    }

    /// How far it goes.
    #[must_use]
    pub fn way(mut self, way: Way) -> Self {
        self.way = way;
        self
    }

    /// How old the plan may be.
    ///
    /// # Errors
    /// `apply.stale_plan` if it is older.
    pub fn oldest(mut self, oldest: Duration) -> Result<Self, Error> {
        self.oldest = oldest;
        self.check_age()?;
        Ok(self)
    }

    /// So many rows of the plan in a transaction, or a few more: what one row stays for goes together.
    /// Without it, all go in one.
    #[must_use]
    pub fn batch(mut self, rows: usize) -> Self {
        self.batch = Some(rows.max(1));
        self
    }

    /// Leaves rows where they are that are no longer as they were planned, and removes the others. Without
    /// it, none is removed then.
    #[must_use]
    pub fn skip_changed(mut self, skips: bool) -> Self {
        self.skip_changed = skips;
        self
    }

    /// How long a lock is waited for, before it is tried again or given up: 5 seconds, unless said
    /// otherwise.
    #[must_use]
    pub fn lock_timeout(mut self, most: Duration) -> Self {
        self.lock_timeout = most;
        self
    }

    pub(super) fn tree(&self) -> &TableTree {
        &self.tree
    }

    pub(super) fn rule(&self) -> &Rule {
        &self.rule
    }

    fn check_age(&self) -> Result<(), Error> {
        let (at, oldest) = (self.plan.planned_at(), self.oldest);
        if at > self.now {
            return Err(BadPlan::Future(at).into());
        }
        let age = at.distance(self.now);
        if age > oldest { Err(BadPlan::Old { age, oldest }.into()) } else { Ok(()) }
    }

    /// What applies it.
    #[must_use]
    pub fn machine(self) -> Machine<Applied> {
        Machine::new(|talk| async move { Ok(Work::begin(&talk, self).await?.run().await?) })
    }
}

/// An apply that is under way.
struct Work<'t> {
    talk: &'t Talk,
    apply: Apply,
    survey: Survey,
    coverage: Coverage,
    ids: Vec<String>,
    report: Applied,
}

impl<'t> Work<'t> {
    /// Looks at everything before anything is asked or done.
    async fn begin(talk: &'t Talk, apply: Apply) -> Result<Self, Trouble> {
        let ids: Vec<String> = apply.plan.drop_ids().map(|id| id.to_string()).collect();
        talk.begin(Isolation::Snapshot).await?;
        let looked = look(talk, &apply, &ids).await;
        talk.end_reading(&looked).await;
        let (survey, coverage, judged, removed, outcomes) = looked?;
        let (planned, gone) = (ids.len() as u64, judged.gone.len() as u64);
        let report = Applied {
            housekeep: VERSION,
            kind: "applied",
            rule: format!("{}.{}", apply.plan.family(), apply.plan.rule()),
            plan_sha256: apply.plan.sha256().to_owned(),
            database: survey.fingerprint.database.clone(),
            table: survey.fingerprint.table.clone(),
            planned,
            gone,
            changed: judged.changed.len() as u64,
            removed,
            outcomes,
            warnings: survey.warnings(),
            ..Applied::default()
        };
        Ok(Self { talk, apply, survey, coverage, ids, report })
    }

    async fn run(mut self) -> Result<Applied, Trouble> {
        if self.report.planned == self.report.gone {
            self.report.outcome = Outcome::AlreadyApplied;
            return Ok(self.report);
        }
        if self.apply.way == Way::DryRun {
            let nodes = self.survey.nodes.iter().rev();
            self.report.statements = nodes.map(|node| self.survey.remove(node)).collect();
            return Ok(self.report);
        }
        if self.apply.way == Way::Apply {
            self.confirm().await?;
        }
        (self.report.gone, self.report.changed) = (0, 0);
        self.report.removed.iter_mut().for_each(|count| count.rows = 0);
        let most = self.apply.batch.unwrap_or(usize::MAX);
        let parts = judge::cuts(&self.apply.plan, most);
        for (n, part) in parts.into_iter().enumerate() {
            self.batch(n + 1, &part).await?;
        }
        let is_applied = self.apply.way == Way::Apply;
        self.report.outcome = match self.report.gone == self.report.planned {
            true => Outcome::AlreadyApplied,
            false if is_applied => Outcome::Applied,
            false => Outcome::Rehearsed,
        };
        Ok(self.report)
    }

    async fn confirm(&self) -> Result<(), Trouble> {
        let Applied { database, table, planned, plan_sha256, removed, .. } = &self.report;
        let below: Vec<String> = removed
            .iter()
            .filter(|count| count.table != *table && count.rows > 0)
            .map(|count| format!("{} of {}", count.rows, count.table))
            .collect();
        let with = if below.is_empty() {
            String::new()
        } else {
            format!(", and with them {}", below.join(" and "))
        };
        let rows = if *planned == 1 { "row" } else { "rows" };
        let text = format!(
            "{planned} {rows} of {table} in the database {database} go{with}, by plan {plan_sha256}.\n\
             type {YES} to remove them: "
        );
        match self.talk.answer(Question { text, expected: YES }).await?.trim() {
            YES => Ok(()),
            _ => Err(BadPlan::NotConfirmed.into()),
        }
    }

    /// A part of the plan in a transaction, from the beginning again where others were in the way.
    async fn batch(&mut self, number: usize, part: &Range<usize>) -> Result<(), Trouble> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.transaction(number, tries, part).await {
                Err(trouble) if trouble.may_pass() && tries < TRIES => {
                    self.talk.sleep(PAUSE).await?;
                    if let Trouble::Lost(_) = trouble {
                        self.talk.reconnect().await?;
                    }
                }
                other => return other,
            }
        }
    }

    async fn transaction(
        &mut self,
        number: usize,
        tries: u32,
        part: &Range<usize>,
    ) -> Result<(), Trouble> {
        // What a try has written that came to nothing stays where it is, and is not written over.
        let batch = self.apply.batch.map(|_| format!("batch-{number:04}/"));
        let again = (tries > 1).then(|| format!("try-{tries}/"));
        let folder: String = batch.into_iter().chain(again).collect();
        self.talk.begin(Isolation::ReadCommitted).await?;
        let done = match self.remove(&folder, part).await {
            Ok(done) => done,
            Err(trouble) => {
                if !matches!(trouble, Trouble::Lost(_)) {
                    self.talk.roll_back().await;
                }
                return Err(trouble);
            }
        };
        let Done { verified, transaction, judged, removed, outcomes } = done;
        match verified {
            Some(verified) if self.apply.way == Way::Apply => {
                let committed = self.talk.commit(verified).await;
                self.settle(&transaction, committed).await?;
                self.report.transactions.push(transaction);
                self.look_again(&removed, &judged.keepers).await?;
            }
            _ => self.talk.roll_back().await,
        }
        self.report.gone += judged.gone.len() as u64;
        self.report.changed += judged.changed.len() as u64;
        for (count, rows) in self.report.removed.iter_mut().zip(removed.counts.iter().rev()) {
            count.rows += rows;
        }
        // Of several transactions, from before the first to after the last.
        self.report.outcomes = match (self.report.outcomes, outcomes) {
            (Some(first), Some(last)) => {
                Some(Outcomes { failed_before: first.failed_before, ..last })
            }
            (first, last) => last.or(first),
        };
        let done = self.report.gone + self.report.changed + judged.condemned.len() as u64;
        self.talk.progress(done.max(part.end as u64), self.report.planned);
        Ok(())
    }

    /// Everything in the transaction, up to the commit.
    async fn remove(&self, folder: &str, part: &Range<usize>) -> Result<Done, Trouble> {
        let talk = self.talk;
        session::set(talk, self.apply.lock_timeout).await?;
        session::lock_table(talk, &self.survey.fingerprint.table).await?;
        let survey = survey(talk, &self.apply.tree).await?;
        if let Some(what) = survey.fingerprint.differs(&self.survey.fingerprint.source()) {
            return Err(BadPlan::Other(what).into());
        }
        survey.check_removal()?;

        let judged = judge_rows(talk, &self.apply, &survey, part, true).await?;
        self.check_changed(&judged)?;
        let mut removed = Removed::of(&survey);
        if judged.condemned.is_empty() {
            return Ok(Done {
                verified: None,
                transaction: String::new(),
                judged,
                removed,
                outcomes: None,
            });
        }
        let predicted = outcomes::predict(talk, &self.apply, &survey, &judged.condemned).await?;

        let mut files = self.files(folder, &survey);
        for ids in judged.condemned.chunks(STEP) {
            self.remove_some(&survey, ids, &mut files, &mut removed).await?;
            talk.progress(
                part.start as u64 + removed.counts.first().unwrap_or(&0),
                self.report.planned,
            );
        }
        let verified = prove::verify(talk, &survey, &removed, &judged.keepers).await?;
        let outcomes = outcomes::compare(talk, &self.apply, &survey, predicted).await?;
        let transaction =
            talk.text("SELECT pg_catalog.pg_current_xact_id()::text", Vec::new()).await?;
        if self.apply.way == Way::Apply {
            let mut manifest = Manifest::new(self.apply.now, survey.fingerprint.clone());
            manifest.plan_sha256 = Some(self.report.plan_sha256.clone());
            manifest.transaction = Some(transaction.clone());
            for (node, file) in survey.tables().into_iter().zip(files) {
                manifest.end(talk, node, file, Vec::new()).await?;
            }
            manifest.write(talk, folder).await?;
        }
        Ok(Done { verified: Some(verified), transaction, judged, removed, outcomes })
    }

    fn check_changed(&self, judged: &Judgement) -> Result<(), RowsChanged> {
        match judged.changed.first() {
            Some((first, why)) if !self.apply.skip_changed => Err(RowsChanged {
                count: judged.changed.len(),
                of: self.ids.len(),
                first: first.clone(),
                why: why.as_str(),
            }),
            _ => Ok(()),
        }
    }

    fn files(&self, folder: &str, survey: &Survey) -> Vec<RowsFile> {
        let name = |file: String| format!("{folder}{file}");
        survey.tables().into_iter().map(|node| RowsFile::new(name(node.file()))).collect()
    }

    /// Removes some rows with all that hangs on them, and keeps what went.
    async fn remove_some(
        &self,
        survey: &Survey,
        ids: &[String],
        files: &mut [RowsFile],
        removed: &mut Removed,
    ) -> Result<(), Trouble> {
        let tables = survey.tables();
        for (place, node) in survey.nodes.iter().enumerate().rev() {
            let rows = self.talk.rows(survey.remove(node), texts(ids)).await?;
            let lines = || rows.iter().filter_map(|row| row.first()?.as_deref());
            if node.parent.is_none() && rows.len() != ids.len() {
                let table = node.facts.relation.to_string();
                let (found, planned) = (rows.len() as u64, ids.len() as u64);
                return Err(NotVerified::Removed { table, found, planned }.into());
            }
            if self.apply.way == Way::Apply {
                self.coverage.check(node, lines())?;
                let own = tables.iter().position(|own| own.facts.relation == node.facts.relation);
                if let Some(file) = own.and_then(|own| files.get_mut(own)) {
                    file.more(self.talk, lines()).await?;
                }
            }
            let gone = || rows.iter().filter_map(|row| row.get(1)?.clone());
            if let (Some(all), Some(count)) =
                (removed.ids.get_mut(place), removed.counts.get_mut(place))
            {
                *count += rows.len() as u64;
                if node.parent.is_none() {
                    all.extend_from_slice(ids);
                } else {
                    all.extend(gone());
                }
            }
        }
        Ok(())
    }

    /// What became of a commit whose answer is not known.
    async fn settle(
        &self,
        transaction: &str,
        committed: Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let why = match committed {
            Err(Trouble::Lost(why)) => why,
            Err(refused) => {
                // A server that refuses has rolled back; a driver that says so may not have.
                self.talk.roll_back().await;
                return Err(refused);
            }
            Ok(()) => return Ok(()),
        };
        for _ in 0..ASKED {
            self.talk.sleep(PAUSE).await?;
            match self.talk.reconnect().await {
                Err(Trouble::Lost(_)) => continue,
                other => other?,
            }
            let ask = "SELECT pg_catalog.pg_xact_status($1::text::pg_catalog.xid8)::text";
            let of = vec![super::step::Param::Text(transaction.to_owned())];
            match self.talk.text(ask, of).await?.as_str() {
                "committed" => return Ok(()),
                "aborted" => return Err(Trouble::Lost(why)),
                // Its server process has not noticed yet.
                _ => {}
            }
        }
        Err(BadPlan::Unknown(transaction.to_owned()).into())
    }

    /// Verifies once more, in a new snapshot, what is committed.
    async fn look_again(&mut self, removed: &Removed, keepers: &[String]) -> Result<(), Trouble> {
        match prove::verify(self.talk, &self.survey, removed, keepers).await {
            Ok(_) => Ok(()),
            Err(Trouble::Refused(error)) => {
                self.report.warnings.push(format!("after the commit: {}", error.message()));
                Ok(())
            }
            Err(other) => Err(other),
        }
    }
}

/// What a transaction has done, before it is committed.
struct Done {
    /// None where there was nothing to remove.
    verified: Option<prove::Verified>,
    transaction: String,
    judged: Judgement,
    removed: Removed,
    outcomes: Option<Outcomes>,
}

type Looked = (Survey, Coverage, Judgement, Vec<TableCount>, Option<Outcomes>);

/// Reads and judges all that there is, in one snapshot.
async fn look(talk: &Talk, apply: &Apply, ids: &[String]) -> Result<Looked, Trouble> {
    session::set(talk, apply.lock_timeout).await?;
    let survey = survey(talk, &apply.tree).await?;
    survey.check_removal()?;
    if let Some(what) = survey.fingerprint.differs(apply.plan.source()) {
        return Err(BadPlan::Other(what).into());
    }
    let coverage = match apply.way {
        Way::Apply => Coverage::read(talk, &survey, ids).await?,
        Way::DryRun | Way::Rehearse => Coverage::default(),
    };
    let (mut judged, mut outcomes) = (Judgement::default(), None);
    if apply.way == Way::DryRun {
        judged = judge_rows(talk, apply, &survey, &(0..ids.len()), false).await?;
        let predicted = outcomes::predict(talk, apply, &survey, &judged.condemned).await?;
        outcomes = predicted.map(|predicted| predicted.report());
    } else if let Some(root) = survey.root() {
        // All of them had gone: then nobody has to be asked.
        let there = talk.count(survey.count(root), texts(ids)).await?;
        if there == 0 {
            judged.gone = ids.to_vec();
        }
    }
    let mut removed = Vec::new();
    for node in survey.nodes.iter().rev() {
        let rows = talk.count(survey.count(node), texts(ids)).await?;
        removed.push(TableCount { table: node.facts.relation.to_string(), rows });
    }
    Ok((survey, coverage, judged, removed, outcomes))
}

/// Reads the planned rows, and whatever else the rule has to see of them, and judges them.
async fn judge_rows(
    talk: &Talk,
    apply: &Apply,
    survey: &Survey,
    part: &Range<usize>,
    locks: bool,
) -> Result<Judgement, Trouble> {
    let Some(root) = survey.root() else { return Ok(Judgement::default()) };
    let (needs, now) = (&root.needs(apply.rule.needs()), apply.plan.planned_at());
    let places = part.clone();
    let ids: Vec<String> = apply
        .plan
        .drop_ids()
        .skip(places.start)
        .take(places.len())
        .map(|id| id.to_string())
        .collect();
    let lock = |how: &'static str| locks.then_some(how);
    let mut rows = talk.rows(survey.rows(root, needs, lock("UPDATE")), texts(&ids)).await?;
    match (&apply.rule, apply.plan.dedupe()) {
        (Rule::Dedupe(rule), Some(plan)) => {
            let keepers: BTreeSet<String> = places
                .filter_map(|place| plan.drop_at(place))
                .map(|drop| drop.keeper_id.to_string())
                .collect();
            let keepers: Vec<String> = keepers.into_iter().collect();
            let stay = survey.rows(root, needs, lock("SHARE"));
            rows.extend(talk.rows(stay, texts(&keepers)).await?);
            judge::duplicates(rule, plan, part, needs, &Found::new(rows), now)
        }
        (Rule::Retention(rule), _) => {
            if !judge::judges_alone(&apply.rule) {
                rows = talk.rows(Survey::all_rows(root, needs), Vec::new()).await?;
            }
            judge::outlived(rule, &ids, needs, &Found::new(rows), now)
        }
        (Rule::Dedupe(_), None) => Ok(Judgement::default()),
    }
}

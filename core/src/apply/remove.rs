//! The order of events of an apply: check, confirm, begin, lock, judge, delete, capture, verify, commit.

use super::coverage::Coverage;
use super::files::RowsFile;
use super::judge::{Judgement, RowsChanged};
use super::line::Layout;
use super::look::{Looked, judge_rows, look};
use super::manifest::Manifest;
use super::outcomes;
use super::pace::Pace;
use super::parts;
use super::prove::{self, NotVerified, Removed};
use super::report::{Applied, Outcome, Outcomes};
use super::request::{Apply, BadPlan, Way, YES};
use super::session;
use super::step::{Isolation, Param, Question};
use super::survey::{Survey, survey, texts};
use super::talk::Talk;
use super::trouble::Trouble;
use crate::error::Error;
use crate::time::Duration;
use crate::wire::VERSION;

/// How often it is tried, where others are in the way.
const TRIES: u32 = 3;
/// How long it is waited before another try.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is asked what became of a transaction whose end is not known.
const ASKED: u32 = 30;

/// An apply that is under way.
pub(super) struct Work<'t> {
    talk: &'t Talk,
    apply: Apply,
    survey: Survey,
    coverage: Coverage,
    ids: Vec<String>,
    /// How many rows of the plan are done with.
    done: u64,
    report: Applied,
}

impl<'t> Work<'t> {
    /// Looks at everything before anything is asked or done.
    pub(super) async fn begin(talk: &'t Talk, apply: Apply) -> Result<Self, Trouble> {
        apply.check_age()?;
        let ids: Vec<String> = apply.plan.drop_ids().map(|id| id.to_string()).collect();
        talk.begin(Isolation::Snapshot).await?;
        let looked = look(talk, &apply, &ids).await;
        talk.end_reading(&looked).await;
        let Looked { survey, coverage, judged, counts, outcomes } = looked?;
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
            removed: counts,
            outcomes,
            warnings: survey.warnings(),
            ..Applied::default()
        };
        Ok(Self { talk, apply, survey, coverage, ids, done: 0, report })
    }

    pub(super) async fn run(mut self) -> Result<Applied, Trouble> {
        if self.report.planned == self.report.gone {
            self.report.outcome = Outcome::AlreadyApplied;
            self.report.removed.iter_mut().for_each(|count| count.rows = 0);
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
        let parts = parts::cut(&self.apply.plan, most, self.coverage.order());
        for (part, number) in parts.iter().zip(1..) {
            self.batch(number, part).await?;
            self.done += part.len() as u64;
            self.talk.progress(self.done, self.report.planned);
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
    async fn batch(&mut self, number: usize, part: &[usize]) -> Result<(), Trouble> {
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
        part: &[usize],
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
                self.look_again(&removed).await;
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
        Ok(())
    }

    /// Everything in the transaction, up to the commit.
    async fn remove(&self, folder: &str, part: &[usize]) -> Result<Done, Trouble> {
        let talk = self.talk;
        session::set(talk, self.apply.lock_timeout).await?;
        session::lock_tables(talk, &self.survey).await?;
        let survey = survey(talk, &self.apply.tree).await?;
        if let Some(what) = survey.fingerprint.differs(&self.survey.fingerprint.source()) {
            return Err(BadPlan::Other(what).into());
        }
        survey.check_removal()?;

        let judged = judge_rows(talk, &self.apply, &survey, (part, &self.ids), true).await?;
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
        let mut pace = Pace::of(judged.condemned.clone());
        while let Some(ids) = pace.next() {
            let bytes = self.remove_some(&survey, &ids, &mut files, &mut removed).await?;
            pace.learn(ids.len(), bytes);
            let done = self.done + removed.counts.first().unwrap_or(&0);
            talk.progress(done, self.report.planned);
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

    /// Removes some rows with all that hangs on them, and keeps what went. Gives how many bytes that was.
    async fn remove_some(
        &self,
        survey: &Survey,
        ids: &[String],
        files: &mut [RowsFile],
        removed: &mut Removed,
    ) -> Result<usize, Trouble> {
        let tables = survey.tables();
        let mut bytes = 0;
        for (place, node) in survey.nodes.iter().enumerate().rev() {
            let rows = self.talk.rows(survey.remove(node), texts(ids)).await?;
            let layout = Layout::of(&node.facts.columns);
            let lines: Vec<String> = rows.iter().map(|row| layout.line(row)).collect();
            bytes += lines.iter().map(String::len).sum::<usize>();
            if node.parent.is_none() && rows.len() != ids.len() {
                let table = node.facts.relation.to_string();
                let (found, planned) = (rows.len() as u64, ids.len() as u64);
                return Err(NotVerified::Removed { table, found, planned }.into());
            }
            if self.apply.way == Way::Apply {
                self.coverage.check(node, &lines)?;
                let own = tables.iter().position(|own| own.facts.relation == node.facts.relation);
                if let Some(file) = own.and_then(|own| files.get_mut(own)) {
                    file.more(self.talk, lines.iter()).await?;
                }
            }
            if let (Some(all), Some(count)) =
                (removed.ids.get_mut(place), removed.counts.get_mut(place))
            {
                *count += rows.len() as u64;
                if node.parent.is_none() {
                    all.extend_from_slice(ids);
                } else if node.is_parent {
                    all.extend(node.ids(&rows));
                }
            }
        }
        Ok(bytes)
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
            let of = vec![Param::Text(transaction.to_owned())];
            match self.talk.text(ask, of).await?.as_str() {
                "committed" => return Ok(()),
                "aborted" => return Err(Trouble::Lost(why)),
                // Its server process has not noticed yet.
                _ => {}
            }
        }
        Err(BadPlan::Unknown(transaction.to_owned()).into())
    }

    /// Verifies once more, in a new snapshot. What is committed stays so, whatever comes of it.
    async fn look_again(&mut self, removed: &Removed) {
        if let Err(trouble) = prove::verify_gone(self.talk, &self.survey, removed).await {
            let error = Error::from(trouble);
            self.report.warnings.push(format!("after the commit: {}", error.message()));
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

//! A lane: one connection, over which the parts of a plan go one after the other, each in a transaction: lock,
//! judge, delete, capture, verify, commit.

use super::files::RowsFile;
use super::judge::{Judgement, RowsChanged};
use super::line::Layout;
use super::look::judge_rows;
use super::manifest::Manifest;
use super::outcomes;
use super::pace::Pace;
use super::prove::{self, NotVerified, Removed};
use super::report::Outcomes;
use super::request::{BadPlan, Way};
use super::session;
use super::step::{Isolation, Param};
use super::survey::{Node, Survey, survey, texts};
use super::talk::Talk;
use super::trouble::Trouble;
use super::work::{Part, PartDone, Work};
use crate::error::Error;
use crate::time::Duration;

/// How often it is tried, where others are in the way.
const TRIES: u32 = 3;
/// How long it is waited before another try.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is asked what became of a transaction whose end is not known.
const ASKED: u32 = 30;

/// A connection, and what is to be removed over it.
pub(super) struct Lane<'a> {
    pub(super) talk: &'a Talk,
    pub(super) work: &'a Work,
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

impl Lane<'_> {
    /// Takes part after part, as long as there are any.
    pub(super) async fn run(&self) {
        while let Some(part) = self.work.next() {
            let came = self.part(&part).await.map_err(Error::from);
            let rows = self.work.keep(&part, came);
            self.progress(rows);
        }
    }

    fn progress(&self, rows: u64) {
        self.talk.progress(rows, self.work.ids.len() as u64);
    }

    /// A part in a transaction, from the beginning again where others were in the way.
    async fn part(&self, part: &Part) -> Result<PartDone, Trouble> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.transaction(part, tries).await {
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

    async fn transaction(&self, part: &Part, tries: u32) -> Result<PartDone, Trouble> {
        let apply = &self.work.apply;
        // What a try has written that came to nothing stays where it is, and is not written over.
        let batch = apply.most().map(|_| format!("batch-{:04}/", part.number));
        let again = (tries > 1).then(|| format!("try-{tries}/"));
        let folder: String = batch.into_iter().chain(again).collect();
        self.talk.begin(Isolation::ReadCommitted).await?;
        let done = match self.remove(&folder, &part.places).await {
            Ok(done) => done,
            Err(trouble) => {
                if !matches!(trouble, Trouble::Lost(_)) {
                    self.talk.roll_back().await;
                }
                return Err(trouble);
            }
        };
        let Done { verified, transaction, judged, removed, outcomes } = done;
        let mut came = PartDone {
            transaction: None,
            gone: judged.gone.len() as u64,
            changed: judged.changed.into_iter().map(|(id, _)| id).collect(),
            removed: removed.counts.clone(),
            outcomes,
            warnings: Vec::new(),
        };
        match verified {
            Some(verified) if apply.way == Way::Apply => {
                let committed = self.talk.commit(verified).await;
                self.settle(&transaction, committed).await?;
                came.transaction = Some(transaction);
                came.warnings.extend(self.look_again(&removed).await);
            }
            _ => self.talk.roll_back().await,
        }
        Ok(came)
    }

    /// Everything in the transaction, up to the commit.
    async fn remove(&self, folder: &str, places: &[usize]) -> Result<Done, Trouble> {
        let (talk, work) = (self.talk, self.work);
        let apply = &work.apply;
        session::set(talk, apply.lock_timeout).await?;
        session::lock_tables(talk, &work.survey, apply.jobs > 1).await?;
        let survey = survey(talk, &apply.tree).await?;
        if let Some(what) = survey.fingerprint.differs(&work.survey.fingerprint.source()) {
            return Err(BadPlan::Other(what).into());
        }
        survey.check_removal()?;

        let judged = judge_rows(talk, apply, &survey, (places, &work.ids), true).await?;
        self.check_changed(&judged)?;
        let mut removed = Removed::of(&survey);
        if judged.condemned.is_empty() {
            let transaction = String::new();
            return Ok(Done { verified: None, transaction, judged, removed, outcomes: None });
        }
        let mut stay = work.changed();
        stay.extend(judged.changed.iter().map(|(id, _)| id.clone()));
        let predicted = outcomes::predict(talk, apply, &survey, (&work.ids, &stay)).await?;

        let mut files = self.files(folder, &survey);
        let mut pace = Pace::of(judged.condemned.clone());
        while let Some(ids) = pace.next() {
            let bytes = self.remove_some(&survey, &ids, &mut files, &mut removed).await?;
            pace.learn(ids.len(), bytes);
            self.progress(work.rows() + removed.counts.first().unwrap_or(&0));
        }
        let verified = prove::verify(talk, &survey, &removed, &judged.keepers).await?;
        let outcomes = outcomes::compare(talk, apply, &survey, predicted).await?;
        let transaction =
            talk.text("SELECT pg_catalog.pg_current_xact_id()::text", Vec::new()).await?;
        if apply.way == Way::Apply {
            let mut manifest = Manifest::new(apply.now, survey.fingerprint.clone());
            manifest.plan_sha256 = Some(apply.plan.sha256().to_owned());
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
            Some((first, why)) if !self.work.apply.skip_changed => Err(RowsChanged {
                count: judged.changed.len(),
                of: self.work.ids.len(),
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
        // Those of the root are locked. What arrived below others, and went by itself with them, would be in no file.
        let takes_along = |node: &&Node| node.facts.referenced_by.iter().any(|by| by.is_acting);
        for node in survey.nodes.iter().skip(1).filter(takes_along) {
            self.talk.rows(survey.lock(node), texts(ids)).await?;
        }
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
            if self.work.apply.way == Way::Apply {
                self.work.coverage.check(node, &lines)?;
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
            match self.talk.text(ask, of).await {
                Err(Trouble::Lost(_)) => {}
                status => match status?.as_str() {
                    "committed" => return Ok(()),
                    "aborted" => return Err(Trouble::Lost(why)),
                    // Its server process has not noticed yet.
                    _ => {}
                },
            }
        }
        Err(BadPlan::Unknown(transaction.to_owned()).into())
    }

    /// Verifies once more, in a new snapshot, and gives a warning. What is committed stays so, whatever comes of
    /// it.
    async fn look_again(&self, removed: &Removed) -> Option<String> {
        let verified = prove::verify_gone(self.talk, &self.work.survey, removed).await;
        let error = Error::from(verified.err()?);
        Some(format!("after the commit: {}", error.message()))
    }
}

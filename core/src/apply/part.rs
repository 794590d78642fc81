//! A part of a plan in its transaction, up to the commit: what goes is judged, deleted, captured and verified.

use std::collections::BTreeSet;

use super::case::Case;
use super::files::RowsFile;
use super::judge::{Judgement, RowsChanged};
use super::kept::{self, Kept};
use super::line::Layout;
use super::outcomes::{self, Predicted};
use super::pace::Pace;
use super::prove::{self, NotVerified, Removed};
use super::report::Outcomes;
use super::request::{BadPlan, Way};
use super::rows::Rows;
use super::session;
use super::survey::{Node, Survey, survey, texts};
use super::talk::Talk;
use super::trouble::{BadHost, Trouble};
use super::work::Work;

/// What a transaction has done, before it is committed.
pub(super) struct Done {
    /// That it may be committed: what was removed is verified, and is kept. None where nothing was removed, or
    /// nothing is to be.
    pub(super) may_commit: Option<(prove::Verified, Kept)>,
    pub(super) judged: Judgement,
    pub(super) removed: Removed,
    pub(super) outcomes: Option<Outcomes>,
}

/// What is being removed, and what has gone so far.
struct Removal<'a> {
    talk: &'a Talk,
    work: &'a Work,
    survey: &'a Survey,
    case: Case<'a>,
    removed: Removed,
    /// Where the rows are kept, in the order of the survey's tables.
    files: Vec<RowsFile>,
}

/// Removes what is planned at these places, in the transaction that has begun.
///
/// The rows are locked and judged, and then they go. Where it comes to the same, they are judged by what their
/// removal gives back: that is one reading less. It is tried so only at the first try.
pub(super) async fn remove(
    talk: &Talk,
    work: &Work,
    folder: &str,
    (places, is_first): (&[usize], bool),
) -> Result<Done, Trouble> {
    let apply = &work.apply;
    session::set(talk, apply.lock_timeout).await?;
    session::lock_tables(talk, &work.survey, apply.jobs > 1).await?;
    let survey = survey(talk, &apply.tree).await?;
    if let Some(what) = survey.fingerprint.differs(&work.survey.fingerprint.source()) {
        return Err(BadPlan::Other(what).into());
    }
    survey.check_removal()?;

    let root = survey.root().ok_or(BadHost::NoText)?;
    let case = Case::of(apply, root, (places, work.planned.ids()));
    let file = |node: &Node| RowsFile::new(folder, node.file());
    let files = survey.tables().into_iter().map(file).collect();
    let removed = Removed::of(&survey);
    let may_be_judged_after = case.may_be_judged_after(&survey);
    let mut removal = Removal { talk, work, survey: &survey, case, removed, files };
    let (judged, predicted) = if is_first && may_be_judged_after {
        removal.remove_and_judge().await.map_err(Trouble::unlocked)?
    } else {
        removal.judge_and_remove().await?
    };
    let Removal { removed, files, .. } = removal;
    let mut done = Done { may_commit: None, judged, removed, outcomes: None };
    if done.judged.condemned.is_empty() {
        return Ok(done);
    }
    let verified = prove::verify(talk, &survey, &done.removed, &done.judged).await?;
    done.outcomes = outcomes::compare(talk, apply, &survey, predicted).await?;
    if apply.way == Way::Apply {
        let transaction = "SELECT pg_catalog.pg_current_xact_id()::text";
        let transaction = talk.text(transaction, Vec::new()).await?;
        let mut kept = Kept { transaction, folder: folder.to_owned(), files: Vec::new() };
        for file in files {
            kept.files.push(file.end(talk).await?);
        }
        kept::write_manifest(talk, (apply, &survey), folder, &[&kept]).await?;
        done.may_commit = Some((verified, kept));
    }
    Ok(done)
}

impl Removal<'_> {
    async fn judge_and_remove(&mut self) -> Result<(Judgement, Option<Predicted>), Trouble> {
        self.case.read_planned(self.talk, self.survey, true).await?;
        self.case.read_others(self.talk, self.survey, true).await?;
        let judged = self.judge()?;
        let mut stay = self.work.changed();
        stay.extend(judged.changed.iter().map(|(id, _)| id.clone()));
        let predicted = self.predict(&stay).await?;
        let mut ids = judged.condemned.clone();
        self.case.order(&mut ids);
        self.remove_all(ids, false).await?;
        Ok((judged, predicted))
    }

    async fn remove_and_judge(&mut self) -> Result<(Judgement, Option<Predicted>), Trouble> {
        // Whoever changes a row and then its children would wait for us, as we for them.
        session::wait_for_nobody(self.talk).await?;
        self.case.read_others(self.talk, self.survey, true).await?;
        let predicted = self.predict(&self.work.changed()).await?;
        self.remove_all(self.case.ids().to_vec(), true).await?;
        let judged = self.judge()?;
        if !judged.gone.is_empty() {
            // That they were gone before is to be seen, and not to be concluded from an answer.
            let table = self.survey.fingerprint.table.clone();
            let (found, planned) = (judged.condemned.len() as u64, self.case.ids().len() as u64);
            return Err(NotVerified::Removed { table, found, planned }.into());
        }
        Ok((judged, predicted))
    }

    /// Judges, and refuses where rows were changed, unless these are to be left.
    fn judge(&self) -> Result<Judgement, Trouble> {
        let judged = self.case.judge()?;
        match judged.changed.first() {
            Some((first, why)) if !self.work.apply.skip_changed => Err(RowsChanged {
                count: judged.changed.len() as u64,
                of: self.work.planned.count(),
                first: first.clone(),
                why: why.as_str(),
            }
            .into()),
            _ => Ok(judged),
        }
    }

    async fn predict(&self, stay: &BTreeSet<String>) -> Result<Option<Predicted>, Trouble> {
        let of = (&self.work.planned, stay);
        outcomes::predict(self.talk, &self.work.apply, self.survey, of).await
    }

    /// Removes rows, some at a time; and shows those that went to the judge, if they are to be judged yet.
    async fn remove_all(&mut self, ids: Vec<String>, is_shown: bool) -> Result<(), Trouble> {
        let mut pace = Pace::of(ids);
        while let Some(ids) = pace.next() {
            let (rows, bytes) = self.remove_some(&ids).await?;
            pace.learn(ids.len(), bytes);
            let gone = self.work.rows() + self.removed.counts.first().unwrap_or(&0);
            self.talk.progress(gone, self.work.planned.count());
            if is_shown {
                self.case.add_removed(&rows);
            }
        }
        session::check_deferred(self.talk).await
    }

    /// The ids of what has children and goes with these rows, by the table's place in the survey. It is locked, and
    /// nothing else of it goes: what arrived below it would go along, in no file; and if it came to hang on another,
    /// what is below it would go though it stays.
    async fn lock_parents(&self, ids: &[String]) -> Result<Vec<Vec<String>>, Trouble> {
        let mut parents = vec![ids.to_vec()];
        for node in self.survey.nodes.iter().skip(1) {
            let own = match node.parent.as_ref().and_then(|(above, _)| parents.get(*above)) {
                Some(above) if node.is_parent => {
                    let rows = self.talk.rows(Survey::lock(node), texts(above)).await?;
                    rows.iter().filter_map(|row| row.get(0).map(str::to_owned)).collect()
                }
                _ => Vec::new(),
            };
            parents.push(own);
        }
        Ok(parents)
    }

    /// Removes some rows with all that hangs on them, and keeps what went. Gives the rows, and how many bytes all
    /// that was.
    async fn remove_some(&mut self, ids: &[String]) -> Result<(Rows, usize), Trouble> {
        let parents = self.lock_parents(ids).await?;
        let Self { talk, work, survey, removed, files, .. } = self;
        let tables = survey.tables();
        let (mut rows, mut bytes) = (Rows::new(), 0);
        // The root is the last.
        for (place, node) in survey.nodes.iter().enumerate().rev() {
            let by = match &node.parent {
                Some((above, _)) if !node.is_parent => *above,
                _ => place,
            };
            let of = parents.get(by).map(|ids| texts(ids)).unwrap_or_default();
            rows = talk.rows(Survey::remove(node), of).await?;
            let block = Layout::of(&node.facts.columns).block(&rows);
            bytes += block.bytes();
            if work.apply.way == Way::Apply {
                work.coverage.check(node, &block)?;
                let own = tables.iter().position(|own| own.facts.relation == node.facts.relation);
                if let Some(file) = own.and_then(|own| files.get_mut(own)) {
                    file.more(talk, block).await?;
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
        Ok((rows, bytes))
    }
}

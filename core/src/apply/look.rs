//! What is read and judged before anything is removed.

use super::case::Case;
use super::coverage::Coverage;
use super::judge::Judgement;
use super::outcomes;
use super::planned::Planned;
use super::report::{Outcomes, TableCount};
use super::request::{Apply, BadPlan, Way};
use super::session;
use super::survey::{Node, Survey, survey, texts};
use super::talk::Talk;
use super::trouble::{BadHost, Trouble};

/// Rows that are asked for at once.
const ASKED: usize = 10_000;

/// What was found.
pub(super) struct Looked {
    pub(super) survey: Survey,
    pub(super) coverage: Coverage,
    pub(super) judged: Judgement,
    /// Rows that would go, by table: children first.
    pub(super) counts: Vec<TableCount>,
    pub(super) outcomes: Option<Outcomes>,
}

/// Reads and judges all that there is, in one snapshot.
pub(super) async fn look(talk: &Talk, apply: &Apply, planned: &Planned) -> Result<Looked, Trouble> {
    let ids = planned.ids();
    session::set(talk, apply.lock_timeout).await?;
    let survey = survey(talk, &apply.tree).await?;
    survey.check_removal()?;
    if let Some(what) = survey.fingerprint.differs(apply.plan.source()) {
        return Err(BadPlan::Other(what).into());
    }
    let coverage = match apply.way {
        Way::Apply => Coverage::read(talk, &survey, ids, apply.jobs).await?,
        Way::DryRun | Way::Rehearse => Coverage::default(),
    };
    let root = survey.root().ok_or(BadHost::NoText)?;
    let mut judged = Judgement::default();
    if apply.way == Way::DryRun {
        let all: Vec<usize> = (0..ids.len()).collect();
        let mut case = Case::of(apply, root, (&all, ids));
        case.read_planned(talk, &survey, false).await?;
        case.read_others(talk, &survey, false).await?;
        judged = case.judge()?;
    } else if !is_any_there(talk, &survey, root, ids).await? {
        // All of them had gone: then nobody has to be asked.
        judged.gone = ids.to_vec();
    }
    let stay = judged.changed.iter().map(|(id, _)| id.clone()).collect();
    let outcomes = outcomes::predict(talk, apply, &survey, (planned, &stay)).await?;
    let outcomes = outcomes.map(|predicted| predicted.report());
    let mut counts = Vec::new();
    for node in survey.nodes.iter().rev() {
        // What an export does not hold is refused, so that no more can go.
        let rows = match coverage.count(node) {
            Some(covered) => covered,
            None => talk.count(survey.count(node), texts(ids)).await?,
        };
        counts.push(TableCount { table: node.facts.relation.to_string(), rows });
    }
    Ok(Looked { survey, coverage, judged, counts, outcomes })
}

/// Whether any of these rows is there. Most often one of the first is.
async fn is_any_there(
    talk: &Talk,
    survey: &Survey,
    root: &Node,
    ids: &[String],
) -> Result<bool, Trouble> {
    for some in ids.chunks(ASKED) {
        if !talk.rows(survey.any(root), texts(some)).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

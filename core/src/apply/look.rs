//! What is read and judged before anything is removed.

use std::collections::BTreeSet;

use super::coverage::Coverage;
use super::judge::{self, Found, Judgement};
use super::outcomes;
use super::report::{Outcomes, TableCount};
use super::request::{Apply, BadPlan, Way};
use super::session;
use super::survey::{Survey, survey, texts};
use super::talk::Talk;
use super::trouble::{BadHost, Trouble};
use crate::policy::Rule;

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
pub(super) async fn look(talk: &Talk, apply: &Apply, ids: &[String]) -> Result<Looked, Trouble> {
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
    let root = survey.root().ok_or(BadHost::NoText)?;
    let mut judged = Judgement::default();
    if apply.way == Way::DryRun {
        let all: Vec<usize> = (0..ids.len()).collect();
        judged = judge_rows(talk, apply, &survey, (&all, ids), false).await?;
    } else if talk.rows(survey.any(root), texts(ids)).await?.is_empty() {
        // All of them had gone: then nobody has to be asked.
        judged.gone = ids.to_vec();
    }
    let stay = judged.changed.iter().map(|(id, _)| id.clone()).collect();
    let outcomes = outcomes::predict(talk, apply, &survey, (ids, &stay)).await?;
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

/// Reads the planned rows of a part of the plan, of which all ids are given, and whatever else the rule has
/// to see of them, and judges them.
pub(super) async fn judge_rows(
    talk: &Talk,
    apply: &Apply,
    survey: &Survey,
    (part, ids): (&[usize], &[String]),
    locks: bool,
) -> Result<Judgement, Trouble> {
    let Some(root) = survey.root() else { return Ok(Judgement::default()) };
    let (needs, now) = (&root.needs(apply.rule.needs()), apply.plan.planned_at());
    let ids: Vec<String> = part.iter().filter_map(|place| ids.get(*place).cloned()).collect();
    let lock = |how: &'static str| locks.then_some(how);
    let mut rows = talk.rows(survey.rows(root, needs, lock("UPDATE")), texts(&ids)).await?;
    match (&apply.rule, apply.plan.dedupe()) {
        (Rule::Dedupe(rule), Some(plan)) => {
            let keepers: BTreeSet<String> = part
                .iter()
                .filter_map(|place| plan.keeper_at(*place))
                .map(|id| id.to_string())
                .collect();
            let keepers: Vec<String> = keepers.into_iter().collect();
            let stay = survey.rows(root, needs, lock("SHARE"));
            rows.extend(talk.rows(stay, texts(&keepers)).await?);
            let found = Found::new(rows);
            let mut judged = judge::duplicates(rule, plan, part, needs, &found, now)?;
            found.order(&mut judged.condemned);
            Ok(judged)
        }
        (Rule::Retention(rule), _) => {
            let locked = Found::new(rows);
            let mut judged = if judge::judges_alone(&apply.rule) {
                judge::outlived(rule, &ids, needs, &locked, now)?
            } else {
                let all = talk.rows(Survey::all_rows(root, needs), Vec::new()).await?;
                judge::outlived(rule, &ids, needs, &Found::new(all), now)?
            };
            locked.order(&mut judged.condemned);
            Ok(judged)
        }
        (Rule::Dedupe(_), None) => Ok(Judgement::default()),
    }
}

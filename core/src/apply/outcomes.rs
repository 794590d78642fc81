//! How the last rows came out: foretold before rows are removed, and looked at afterwards.

use super::prove::NotVerified;
use super::report::Outcomes;
use super::request::Apply;
use super::step::Param;
use super::survey::{Node, Survey, texts};
use super::talk::Talk;
use super::trouble::Trouble;
use crate::policy::Rule;
use crate::sql::names::{id_text, quoted, tuple};

/// How many rows are looked at.
const LAST: usize = 20;

/// The rows that will be the last, and how they came out.
#[derive(Debug)]
pub(super) struct Predicted {
    before: u64,
    ids: Vec<String>,
    failed: u64,
}

impl Predicted {
    pub(super) fn report(&self) -> Outcomes {
        Outcomes {
            of: self.ids.len() as u64,
            failed_before: self.before,
            failed_predicted: self.failed,
            failed_after: None,
        }
    }
}

/// The last rows by the rule's time, without some: each with its id, and whether it came out well.
fn last(apply: &Apply, node: &Node, which: &str) -> Option<(String, Param)> {
    let outcome = apply.tree.outcome.as_ref()?;
    let time = match &apply.rule {
        Rule::Dedupe(rule) => rule.time(),
        Rule::Retention(rule) => rule.time(),
    };
    let time = quoted(time);
    let sql = format!(
        "SELECT {} AS id, COALESCE({}::text = ANY ($2::text[]), false)::text AS ok\nFROM {}\n\
         WHERE {time} IS NOT NULL AND {which}\nORDER BY {time} DESC, {} DESC\nLIMIT {LAST}",
        id_text("", &node.id),
        quoted(&outcome.column),
        node.facts.relation.sql(),
        tuple(&node.id),
    );
    Some((sql, Param::Texts(outcome.ok.iter().cloned().map(Some).collect())))
}

async fn ask(
    talk: &Talk,
    apply: &Apply,
    node: &Node,
    which: &str,
    ids: &[String],
) -> Result<Option<(Vec<String>, u64)>, Trouble> {
    let Some((sql, ok)) = last(apply, node, which) else { return Ok(None) };
    let params = texts(ids).into_iter().chain([ok]).collect();
    let rows = talk.rows(sql, params).await?;
    let failed = rows.iter().filter(|row| row.get(1).cloned().flatten().as_deref() != Some("true"));
    let failed = failed.count() as u64;
    Ok(Some((rows.into_iter().filter_map(|row| row.into_iter().next()?).collect(), failed)))
}

/// Foretells how the last rows come out, once some have gone.
pub(super) async fn predict(
    talk: &Talk,
    apply: &Apply,
    survey: &Survey,
    condemned: &[String],
) -> Result<Option<Predicted>, Trouble> {
    let Some(root) = survey.root() else { return Ok(None) };
    let others = Survey::is_none_of(root);
    let Some((_, before)) = ask(talk, apply, root, &others, &[]).await? else { return Ok(None) };
    let found = ask(talk, apply, root, &others, condemned).await?;
    Ok(found.map(|(ids, failed)| Predicted { before, ids, failed }))
}

/// Looks at the rows of which it was foretold.
pub(super) async fn compare(
    talk: &Talk,
    apply: &Apply,
    survey: &Survey,
    predicted: Option<Predicted>,
) -> Result<Option<Outcomes>, Trouble> {
    let (Some(predicted), Some(root)) = (predicted, survey.root()) else { return Ok(None) };
    let found = ask(talk, apply, root, &Survey::is_one_of(root), &predicted.ids).await?;
    let Some((ids, failed)) = found else { return Ok(None) };
    if ids.len() < predicted.ids.len() {
        let count = (predicted.ids.len() - ids.len()) as u64;
        return Err(NotVerified::KeepersGone { count }.into());
    }
    Ok(Some(Outcomes { failed_after: Some(failed), ..predicted.report() }))
}

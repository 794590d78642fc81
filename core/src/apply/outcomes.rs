//! How the last rows come out: foretold before rows are removed, and looked at afterwards.

use std::collections::BTreeSet;

use super::planned::Planned;
use super::prove::NotVerified;
use super::report::Outcomes;
use super::request::Apply;
use super::rows::Row;
use super::step::Param;
use super::survey::{Node, Survey, texts};
use super::talk::Talk;
use super::trouble::Trouble;
use crate::policy::Rule;
use crate::sql::names::{id_text, quoted, tuple};

/// How many rows are looked at.
const LAST: usize = 20;

/// The rows that will be the last, and how they come out.
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

/// A row by its id, and whether it came out well.
type Outcome = (String, bool);

/// The last rows by the rule's time, all or of some ids; none where the policy does not say which column tells.
async fn last(
    talk: &Talk,
    apply: &Apply,
    node: &Node,
    (most, of): (usize, Option<&[String]>),
) -> Result<Option<Vec<Outcome>>, Trouble> {
    let Some(outcome) = apply.tree.outcome.as_ref() else { return Ok(None) };
    let time = match &apply.rule {
        Rule::Dedupe(rule) => rule.time(),
        Rule::Retention(rule) => rule.time(),
    };
    let time = quoted(time);
    let (which, n) = match of {
        Some(_) => (format!(" AND {}", Survey::is_one_of(node)), 2),
        None => (String::new(), 1),
    };
    let sql = format!(
        "SELECT {} AS id, COALESCE({}::text = ANY (${n}::text[]), false)::text AS ok\nFROM {}\n\
         WHERE {time} IS NOT NULL{which}\nORDER BY {time} DESC, {} DESC\nLIMIT {most}",
        id_text("", &node.id),
        quoted(&outcome.column),
        node.facts.relation.sql(),
        tuple(&node.id),
    );
    let ok = Param::Texts(outcome.ok.iter().cloned().map(Some).collect());
    let params = of.map(texts).unwrap_or_default().into_iter().chain([ok]).collect();
    let read = |row: Row<'_>| Some((row.get(0)?.to_owned(), row.get(1) == Some("true")));
    Ok(Some(talk.rows(sql, params).await?.iter().filter_map(read).collect()))
}

fn failed<'a>(rows: impl Iterator<Item = &'a Outcome>) -> u64 {
    rows.filter(|(_, is_well)| !is_well).count() as u64
}

/// Foretells how the last rows come out, once all that is planned has gone, but for some that stay.
pub(super) async fn predict(
    talk: &Talk,
    apply: &Apply,
    survey: &Survey,
    (planned, stay): (&Planned, &BTreeSet<String>),
) -> Result<Option<Predicted>, Trouble> {
    let Some(root) = survey.root() else { return Ok(None) };
    let mut most = LAST;
    loop {
        let Some(rows) = last(talk, apply, root, (most, None)).await? else { return Ok(None) };
        let stays = |(id, _): &&Outcome| stay.contains(id) || !planned.has(id);
        let left = rows.iter().filter(stays).take(LAST);
        let left: Vec<&Outcome> = left.collect();
        if left.len() == LAST || rows.len() < most {
            return Ok(Some(Predicted {
                before: failed(rows.iter().take(LAST)),
                failed: failed(left.iter().copied()),
                ids: left.into_iter().map(|(id, _)| id.clone()).collect(),
            }));
        }
        // Of the last rows so many go: it is looked further back.
        most = most.saturating_mul(8);
    }
}

/// Looks at the rows of which it was foretold.
pub(super) async fn compare(
    talk: &Talk,
    apply: &Apply,
    survey: &Survey,
    predicted: Option<Predicted>,
) -> Result<Option<Outcomes>, Trouble> {
    let (Some(predicted), Some(root)) = (predicted, survey.root()) else { return Ok(None) };
    let Some(rows) = last(talk, apply, root, (LAST, Some(&predicted.ids))).await? else {
        return Ok(None);
    };
    if rows.len() < predicted.ids.len() {
        // They were not locked: others may remove them.
        if survey.is_plain() {
            return Ok(Some(predicted.report()));
        }
        let count = (predicted.ids.len() - rows.len()) as u64;
        return Err(NotVerified::KeepersGone { count }.into());
    }
    Ok(Some(Outcomes { failed_after: Some(failed(rows.iter())), ..predicted.report() }))
}

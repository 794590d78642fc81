//! The order of events of an apply: look, confirm, remove part after part, and tell what came of it.

use std::sync::Arc;

use super::kept::{self, Kept};
use super::lane::Lane;
use super::look::{Looked, look};
use super::parts;
use super::planned::Planned;
use super::report::{Applied, Outcome, Outcomes};
use super::request::{Apply, BadPlan, Way, YES};
use super::step::{Isolation, Question};
use super::survey::Survey;
use super::talk::{Machine, Talk};
use super::trouble::{BadHost, Trouble};
use super::work::{PartDone, Work, no_manifest};
use crate::error::Error;
use crate::wire::VERSION;

/// Applies a plan. Everything is looked at before anything is asked or done.
pub(super) async fn run(talk: &Talk, mut apply: Apply) -> Result<Applied, Trouble> {
    apply.check_age()?;
    let planned = Planned::of(&apply.plan);
    talk.begin(Isolation::Snapshot).await?;
    let looked = look(talk, &apply, &planned).await;
    talk.end_reading(&looked).await;
    let Looked { survey, coverage, judged, counts, outcomes } = looked?;
    let mut report = Applied {
        housekeep: VERSION,
        kind: "applied",
        rule: format!("{}.{}", apply.plan.family(), apply.plan.rule()),
        plan_sha256: apply.plan.sha256().to_owned(),
        database: survey.fingerprint.database.clone(),
        table: survey.fingerprint.table.clone(),
        planned: planned.count(),
        gone: judged.gone.len() as u64,
        changed: judged.changed.len() as u64,
        removed: counts,
        outcomes: outcomes.filter(|_| apply.way == Way::DryRun),
        warnings: survey.warnings(),
        ..Applied::default()
    };
    if report.planned == report.gone {
        report.outcome = Outcome::AlreadyApplied;
        report.removed.iter_mut().for_each(|count| count.rows = 0);
        return Ok(report);
    }
    match apply.way {
        Way::DryRun => {
            let locks = survey.nodes.iter().skip(1).filter(|node| node.is_parent);
            let removals = survey.nodes.iter().rev();
            report.statements =
                locks.map(Survey::lock).chain(removals.map(Survey::remove)).collect();
            return Ok(report);
        }
        Way::Rehearse => {}
        Way::Apply => confirm(talk, &report).await?,
    }
    let way = apply.way;
    if apply.jobs > 1
        && let Some(why) = one_at_a_time(&apply, &survey)
    {
        apply.jobs = 1;
        report.warnings.push(format!("one transaction goes at a time: {why}"));
    }
    // Elsewhere the oldest go first: then what is left is condemned still.
    let order = if apply.is_free() { coverage.order() } else { &[] };
    let parts = parts::cut(&apply.plan, apply.most().unwrap_or(usize::MAX), order);
    apply.jobs = apply.jobs.min(parts.len());
    let jobs = apply.jobs;
    let work = Arc::new(Work::new(apply, survey, coverage, planned, parts));
    let carried_out = match jobs {
        0 | 1 => {
            Lane { talk, work: &work }.run().await;
            Ok(())
        }
        _ => talk.together((0..jobs).map(|_| lane(&work)).collect()).await,
    };
    let (parts, mut errors) = work.finish();
    if errors.is_empty() && parts.len() < work.parts {
        errors.push(carried_out.err().map_or_else(|| BadHost::NotFed.into(), Error::from));
    }
    let manifest = keep(talk, &work, &parts).await;
    if !errors.is_empty() {
        return Err(Trouble::Refused(work.failed(errors, &parts, manifest)));
    }
    match manifest {
        Ok(name) => report.manifest = name,
        // What is committed stays so.
        Err(trouble) => report.warnings.push(no_manifest(trouble)),
    }
    report.outcomes = outcomes;
    tell(&mut report, parts, way);
    Ok(report)
}

/// Why there cannot be several transactions at a time, if so.
fn one_at_a_time(apply: &Apply, survey: &Survey) -> Option<&'static str> {
    if !apply.is_free() {
        Some("what becomes of a row of this rule hangs on others")
    } else if survey.tables().len() < survey.nodes.len() {
        Some("a row may hang on two that go")
    } else if !survey.is_plain() {
        Some("triggers or parts of a table might make them wait for each other")
    } else {
        None
    }
}

/// A lane as a machine of its own: what came of it is kept in the work.
fn lane(work: &Arc<Work>) -> Machine<()> {
    let work = Arc::clone(work);
    Machine::new(|talk| async move {
        Lane { talk: &talk, work: &work }.run().await;
        Ok(())
    })
}

async fn confirm(talk: &Talk, report: &Applied) -> Result<(), Trouble> {
    let Applied { database, table, planned, plan_sha256, removed, .. } = report;
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
    match talk.answer(Question { text, expected: YES }).await?.trim() {
        YES => Ok(()),
        _ => Err(BadPlan::NotConfirmed.into()),
    }
}

/// Has what was removed in several parts put back as one. Gives the name of the manifest of all of it.
async fn keep(talk: &Talk, work: &Work, parts: &[PartDone]) -> Result<Option<String>, Trouble> {
    let kept: Vec<&Kept> = parts.iter().filter_map(|part| part.kept.as_ref()).collect();
    match (kept.as_slice(), work.apply.most()) {
        ([], _) => Ok(None),
        ([own, ..], None) => Ok(Some(own.manifest())),
        (all, Some(_)) => {
            kept::write_manifest(talk, (&work.apply, &work.survey), "", all).await.map(Some)
        }
    }
}

/// What came of the parts, in their order.
fn tell(report: &mut Applied, parts: Vec<PartDone>, way: Way) {
    (report.gone, report.changed) = (0, 0);
    report.removed.iter_mut().for_each(|count| count.rows = 0);
    for part in parts {
        report.gone += part.gone;
        report.changed += part.changed.len() as u64;
        for (count, rows) in report.removed.iter_mut().zip(part.removed.iter().rev()) {
            count.rows += rows;
        }
        // From before the first, as it was looked at, to after the last.
        report.outcomes = match (report.outcomes, part.outcomes) {
            (Some(first), Some(last)) => {
                Some(Outcomes { failed_before: first.failed_before, ..last })
            }
            (first, last) => last.or(first),
        };
        report.transactions.extend(part.kept.map(|kept| kept.transaction));
        report.warnings.extend(part.warnings);
    }
    report.outcome = match report.gone == report.planned {
        true => Outcome::AlreadyApplied,
        false if way == Way::Apply => Outcome::Applied,
        false => Outcome::Rehearsed,
    };
}

//! Files that a plan names: into a trash, or for good.

use std::path::Path;

use clap::error::ErrorKind;
use housekeep::plan::{Plan, RetentionPlan};
use housekeep::size::Size;
use housekeep::wire::Removal as Drop;
use housekeep::{Code, Error};

use super::{YES, typed};
use crate::args::{Apply, Common};
use crate::clock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{self, Condemned, Order, Removal, TrashFor, Way};
use crate::output;
use crate::policy::PolicyFile;
use crate::progress::{Meter, Unit};
use crate::text;

pub(super) fn run(
    common: &Common,
    args: &Apply,
    plan: &Plan,
    folder: &Path,
    listed: Option<&String>,
) -> Result<Exit, Failure> {
    check_health(common, args)?;
    let (Some(own), Some(listed)) = (plan.retention(), listed) else {
        let message = format!("{}.{} is no plan of files", plan.family(), plan.rule());
        let help = "give one that `housekeep plan RULE --files DIR` wrote";
        return Err(Error::host(Code::PlanSyntax, message, Some(help.into())).into());
    };
    let rule = format!("{}.{}", plan.family(), plan.rule());
    let way = match &args.trash {
        Some(root) => Way::Trash(TrashFor {
            root,
            rule: &rule,
            plan_sha256: plan.sha256(),
            now: clock::present(common.now)?,
        }),
        None if args.dry_run || args.confirm.is_some() => Way::ForGood,
        None => {
            confirm(plan, own, folder)?;
            Way::ForGood
        }
    };
    let order = Order { folder, listed, way, is_dry: args.dry_run };
    let answer = remove(common, own, &order)?;
    if common.is_json() {
        output::raw(|out| out.write_all(answer.to_json().as_bytes()))?;
    } else {
        output::text(&text::apply::show(&answer))?;
    }
    Ok(if answer.failed > 0 { Exit::Failed } else { Exit::Done })
}

fn remove(common: &Common, plan: &RetentionPlan, order: &Order<'_>) -> Result<Removal, Failure> {
    let meter = Meter::new("removing", Unit::Steps, common.quiet);
    let progress = |done, of| meter.at(done, of);
    let drops: Vec<Drop<'_>> = plan.drops().collect();
    let condemned = drops.iter().map(|drop| Condemned {
        id: &drop.id,
        size: drop.size.unwrap_or_default(),
        mtime: drop.time,
    });
    Ok(files::remove(order, condemned, &progress)?)
}

/// Refuses where the policy requires checks, unless a report says that they are ok.
fn check_health(common: &Common, args: &Apply) -> Result<(), Failure> {
    let file = match &args.health {
        Some(_) => Some(PolicyFile::read(common.policy())?),
        None => PolicyFile::read_if_there(common)?,
    };
    // A policy without checks requires none.
    let Some(rules) = file.as_ref().and_then(|file| file.policy.health().ok()) else {
        return Ok(());
    };
    let now = clock::present(common.now)?;
    let Some((name, report)) = super::health(args)? else { return Ok(rules.require(None, now)?) };
    let judged = rules.require(Some(report.as_bytes()), now);
    judged.map_err(|error| Failure::about(&name, error))
}

/// Asks a person, who has to type it out. Without one it has to be said on the command line.
fn confirm(plan: &Plan, own: &RetentionPlan, folder: &Path) -> Result<(), Failure> {
    let wrong =
        |message: &str| Err(Failure::usage("apply", ErrorKind::MissingRequiredArgument, message));
    let bytes = own.drops().map(|drop| drop.size.unwrap_or_default()).sum();
    let files = match plan.drop_count() {
        1 => "1 file".to_owned(),
        files => format!("{files} files"),
    };
    let asked = format!(
        "{files} of {} below {} go for good, by plan {}.\ntype {YES} to remove them: ",
        Size::new(bytes),
        text::plain(&folder.display().to_string()),
        plan.sha256(),
    );
    match typed(&asked).as_deref() {
        Some(YES) => Ok(()),
        Some(_) => wrong("nothing was removed: yes-delete was not typed"),
        None => wrong("say where the files go: --trash DIR, or --confirm yes-delete for good"),
    }
}

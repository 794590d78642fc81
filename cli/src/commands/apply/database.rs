//! Rows of a database that a plan names.

use clap::error::ErrorKind;
use housekeep::apply::{self, Question, Way};
use housekeep::plan::Plan;

use super::typed;
use crate::args::{Apply, Common};
use crate::clock;
use crate::database::{Address, Database, Folder, Hands, carry_out};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;
use crate::progress::{Meter, Unit};
use crate::text;

pub(super) fn run(common: &Common, args: &Apply, plan: Plan) -> Result<Exit, Failure> {
    let misused =
        |message: &str| Failure::usage("apply", ErrorKind::MissingRequiredArgument, message);
    let wrong = |message: &str| Err(misused(message));
    if args.trash.is_some() {
        return wrong("rows have no trash: what goes is kept beside the export, with --export DIR");
    }
    let way = match (args.dry_run, args.rehearse) {
        (true, _) => Way::DryRun,
        (false, true) => Way::Rehearse,
        (false, false) => Way::Apply,
    };
    let mut folder = match (&args.export, way) {
        (Some(path), Way::Apply) => Folder::with_removals(path)?,
        (Some(path), _) => Folder::read_only(path),
        (None, Way::Apply) => {
            let message = "say where the export of the plan's rows is, with --export DIR; it is made by \
                           `housekeep export RULE --plan PLAN --out DIR`";
            return wrong(message);
        }
        (None, _) => Folder::none(),
    };
    if args.confirm.is_some() && args.plan_sha256.is_none() {
        return wrong("say which plan is confirmed, with --plan-sha256");
    }
    let file = PolicyFile::read(common.policy())?;
    let now = clock::present(common.now)?;
    let report = super::health(args)?;
    let report = report.as_ref().map(|(_, text)| text.as_bytes());
    let mut apply = apply::Apply::new(plan, &file.policy, report, now)?;
    if let Some(oldest) = args.max_age {
        apply = apply.oldest(oldest);
    }
    apply = apply.way(way).skip_changed(args.skip_changed);
    if let Some(rows) = args.batch {
        apply = apply.batch(rows);
    }
    if let Some(jobs) = args.jobs {
        apply = apply.jobs(usize::from(jobs));
    }
    let mut database = Database::connect(Address::find("apply", args.database.as_deref())?)?;
    let meter = Meter::new("removing", Unit::Steps, common.quiet);
    let confirm = args.confirm.clone();
    let mut confirm = |question: &Question| match &confirm {
        Some(said) => Ok(said.clone()),
        None => typed(&question.text).ok_or_else(|| {
            misused("nobody can be asked here: give --confirm yes-delete and --plan-sha256")
        }),
    };
    let mut hands = Hands {
        database: &mut database,
        folder: &mut folder,
        confirm: &mut confirm,
        meter: &meter,
    };
    let applied = carry_out(apply.machine(), &mut hands)?;
    drop(meter);
    if common.is_json() {
        output::raw(|out| out.write_all(applied.to_json().as_bytes()))?;
    } else {
        let kept = applied.manifest().and_then(|name| folder.of(name));
        output::text(&text::rows::applied(&applied, kept.as_deref()))?;
        applied.warnings().for_each(output::warn);
    }
    Ok(Exit::Done)
}

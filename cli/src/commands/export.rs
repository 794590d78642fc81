//! `housekeep export`

use housekeep::apply;
use housekeep::time::Instant;

use super::read_plan;
use crate::args::{Common, Export};
use crate::clock;
use crate::database::{Address, Database, Folder, carry_out_unasked};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;
use crate::progress::{Meter, Unit};
use crate::text;

pub(super) fn run(common: &Common, args: &Export) -> Result<Exit, Failure> {
    let file = PolicyFile::read(common.policy())?;
    let now = clock::present(common.now)?;
    let mut export =
        apply::Export::new(&file.policy, &args.rule, now).map_err(|error| file.here(error))?;
    if let Some(path) = &args.plan {
        export = export.of_plan(read_plan(path)?)?;
    } else if let Some(rows) = args.last {
        export = export.last(rows);
    } else if let Some(since) = args.since {
        let at: Instant = now.saturating_sub(since);
        export = export.since(at);
    }
    let mut database = Database::connect(Address::find("export", args.database.as_deref())?)?;
    let mut folder = Folder::new_export(&args.out)?;
    let meter = Meter::new("exporting", Unit::Steps, common.quiet);
    let exported = carry_out_unasked(export.machine(), &mut database, &mut folder, &meter)?;
    drop(meter);
    if common.is_json() {
        output::raw(|out| out.write_all(exported.to_json().as_bytes()))?;
    } else {
        output::text(&text::rows::exported(&exported, &args.out))?;
    }
    Ok(Exit::Done)
}

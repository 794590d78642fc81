//! `housekeep restore`

use housekeep::apply;

use crate::args::{Common, Restore};
use crate::database::{Address, Database, Folder, carry_out_unasked, is_export};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files;
use crate::output;
use crate::progress::{Meter, Unit};
use crate::text;

pub(super) fn run(common: &Common, args: &Restore) -> Result<Exit, Failure> {
    if args.database.is_some() || is_export(&args.folder) {
        return rows(common, args);
    }
    let meter = Meter::new("restoring", Unit::Steps, common.quiet);
    let progress = |done, of| meter.at(done, of);
    let is_dry = args.confirm.is_none();
    let answer = files::restore(&args.folder, args.files.as_deref(), is_dry, &progress)?;
    drop(meter);
    if common.is_json() {
        output::raw(|out| out.write_all(answer.to_json().as_bytes()))?;
    } else {
        output::text(&text::restore::show(&answer))?;
    }
    Ok(match answer {
        _ if answer.failed > 0 => Exit::Failed,
        _ if answer.in_the_way > 0 => Exit::Refused,
        _ => Exit::Done,
    })
}

/// Puts rows of an export back into the database.
fn rows(common: &Common, args: &Restore) -> Result<Exit, Failure> {
    let mut restore = apply::Restore::new();
    if args.confirm.is_some() {
        restore = restore.for_real();
    }
    let mut database = Database::connect(Address::find("restore", args.database.as_deref())?)?;
    let mut folder = Folder::read_only(&args.folder);
    let meter = Meter::new("restoring", Unit::Steps, common.quiet);
    let restored = carry_out_unasked(restore.machine(), &mut database, &mut folder, &meter)?;
    drop(meter);
    if common.is_json() {
        output::raw(|out| out.write_all(restored.to_json().as_bytes()))?;
    } else {
        output::text(&text::rows::restored(&restored))?;
    }
    Ok(Exit::Done)
}

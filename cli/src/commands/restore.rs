//! `housekeep restore`

use crate::args::{Common, Restore};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files;
use crate::output;
use crate::progress::{Meter, Unit};
use crate::text;

pub(super) fn run(common: &Common, args: &Restore) -> Result<Exit, Failure> {
    let meter = Meter::new("restoring", Unit::Steps, common.quiet);
    let progress = |done, of| meter.at(done, of);
    let is_dry = args.confirm.is_none();
    let answer = files::restore(&args.trash, args.files.as_deref(), is_dry, &progress)?;
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

//! `housekeep verify`

use housekeep::apply;

use crate::args::{Common, Verify};
use crate::clock;
use crate::database::{Address, Database, Folder, carry_out_unasked};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::policy::PolicyFile;
use crate::progress::{Meter, Unit};
use crate::text;

pub(super) fn run(common: &Common, args: &Verify) -> Result<Exit, Failure> {
    let file = PolicyFile::read(common.policy())?;
    let now = clock::present(common.now)?;
    let verify = apply::Verify::new(&file.policy, &args.rule, now);
    let verify = verify.map_err(|error| file.here(error))?;
    let mut database = Database::connect(Address::find("verify", args.database.as_deref())?)?;
    let meter = Meter::new("reading", Unit::Steps, common.quiet);
    let found = carry_out_unasked(verify.machine(), &mut database, &mut Folder::none(), &meter)?;
    drop(meter);
    if common.is_json() {
        output::raw(|out| out.write_all(found.to_json().as_bytes()))?;
    } else {
        output::text(&text::rows::verified(&found))?;
    }
    Ok(if args.detailed_exitcode && !found.is_clean() { Exit::Detailed } else { Exit::Done })
}

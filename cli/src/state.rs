//! State files: what is remembered from one run to the next.

use std::fs;
use std::io;
use std::path::Path;

use clap::error::ErrorKind;
use housekeep::Error;
use housekeep::health::State;

use crate::failure::{Failure, cannot_read, reason};
use crate::output;
use crate::text::plain;

/// Replaces a state file by what `next` makes of it; none is there at first. Other runs wait meanwhile,
/// and go on from what this one leaves. Whatever fails, the file is what it was. `command` is the name of
/// the command.
pub(crate) fn update<A>(
    command: &str,
    path: &Path,
    next: impl FnOnce(Option<&[u8]>) -> Result<(A, String), Failure>,
) -> Result<A, Failure> {
    if path == Path::new("-") {
        let message = "--state takes a file, which is read and replaced";
        return Err(Failure::usage(command, ErrorKind::ValueValidation, message));
    }
    let _lock = lock(path)?;
    let before = match fs::read(path) {
        Ok(before) => Some(before),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(cannot_read(&path.display().to_string(), &error).into()),
    };
    let (answer, after) = next(before.as_deref())?;
    output::replace(path, |out| out.write_all(after.as_bytes()))?;
    Ok(answer)
}

/// The same, of what checks remember.
pub(crate) fn update_checks<A>(
    command: &str,
    path: &Path,
    next: impl FnOnce(Option<State>) -> Result<(A, State), Failure>,
) -> Result<A, Failure> {
    update(command, path, |before| {
        let state = before.map(State::from_json).transpose();
        let state = state.map_err(|error| Failure::about(&path.display().to_string(), error))?;
        let (answer, state) = next(state)?;
        Ok((answer, state.to_json()))
    })
}

/// Locks the folder that the file really is in, for the file itself will be another one. Where the file
/// system knows no locks, that is said.
#[cfg(unix)]
fn lock(path: &Path) -> Result<fs::File, Error> {
    use crate::{failure::cannot_write, lock};
    /// How long a run waits for others that have the file.
    const WAIT: std::time::Duration = std::time::Duration::from_secs(5);

    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let open = fs::File::open(output::folder_of(&real));
    let open = open.map_err(|error| cannot_write(path, &error))?;
    let mut unknown = None;
    let is_ours = lock::within(WAIT, || {
        lock::attempt(&open).unwrap_or_else(|error| {
            unknown = Some(error);
            true
        })
    });
    if let Some(error) = unknown {
        unlocked(path, &error);
    }
    if is_ours {
        return Ok(open);
    }
    let name = path.display().to_string();
    let message = format!("`{}` is in use", plain(&name));
    Err(Error::host(
        housekeep::Code::IoWrite,
        message,
        Some("wait for the other run to end".into()),
    ))
}

/// This program knows no locks here.
#[cfg(not(unix))]
fn lock(path: &Path) -> Result<(), Error> {
    unlocked(path, &io::ErrorKind::Unsupported.into());
    Ok(())
}

fn unlocked(path: &Path, error: &io::Error) {
    let name = path.display().to_string();
    let (name, why) = (plain(&name), reason(error));
    output::warn(&format!("`{name}` cannot be locked, so let no two runs use it at once: {why}"));
}

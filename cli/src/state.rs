//! State files: what is remembered from one run to the next.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use housekeep::{Code, Error};

use crate::failure::{Failure, cannot_read, cannot_write};
use crate::output;
use crate::text::plain;

/// How long a run waits for others that have the file.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Replaces a state file by what `next` makes of it; none is there at first. Other runs wait meanwhile,
/// and go on from what this one leaves. Whatever fails, the file is what it was.
pub(crate) fn update<A>(
    path: &Path,
    next: impl FnOnce(Option<&[u8]>) -> Result<(A, String), Failure>,
) -> Result<A, Failure> {
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

/// Locks the folder that the file really is in, for the file itself will be another one.
fn lock(path: &Path) -> Result<File, Error> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let open = File::open(output::folder_of(&real)).map_err(|error| cannot_write(path, &error))?;
    let mut unknown = None;
    let is_ours = crate::lock::within(LOCK_WAIT, || match attempt(&open) {
        Ok(is_ours) => is_ours,
        Err(error) => {
            unknown = Some(error);
            true
        }
    });
    let name = path.display().to_string();
    let name = plain(&name);
    if let Some(error) = unknown {
        output::warn(&format!(
            "`{name}` cannot be locked, so no other run may use it at the same time: {}",
            crate::failure::reason(&error),
        ));
    }
    if !is_ours {
        let help = "wait for the other run to end";
        return Err(Error::host(Code::IoWrite, format!("`{name}` is in use"), Some(help.into())));
    }
    Ok(open)
}

#[cfg(unix)]
fn attempt(open: &File) -> io::Result<bool> {
    crate::lock::attempt(open)
}

#[cfg(not(unix))]
fn attempt(_: &File) -> io::Result<bool> {
    Err(io::ErrorKind::Unsupported.into())
}

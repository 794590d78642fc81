//! Retention of files: everything that touches them.
//!
//! A [folder is listed](list), core decides over the listing, and what it condemned is
//! [removed](remove), for good or into a [trash](trash), from which it can be [restored](restore).
//!
//! * A file is known by its [id](name): its path below the folder.
//! * Nothing is done through a symbolic link, whoever puts one in the way and whenever: below the
//!   folder each name is [looked up in an open folder](dir), one at a time.
//! * Nothing is ever [overwritten](carry).
//! * Stopped at any point, by `kill -9` too, each can be run again, and then ends as if it had not
//!   been stopped.

mod carry;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod dir;
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
#[path = "no_dir.rs"]
mod dir;
mod document;
mod list;
mod name;
mod pattern;
mod remove;
mod restore;
#[cfg(test)]
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod tests;
mod trash;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use housekeep::time::Instant;
use housekeep::{Code, Error};

use self::dir::{About, Dir};
#[cfg(test)]
pub(crate) use self::list::{Listed, Listing};
pub(crate) use self::list::{SOURCE, list};
pub(crate) use self::pattern::Pattern;
pub(crate) use self::remove::{Condemned, Fate, Order, Removal, Way, remove};
pub(crate) use self::restore::{Outcome, Restoration, restore};
pub(crate) use self::trash::TrashFor;
use crate::failure::reason;
use crate::text::plain;

/// Told how many files are done, of how many if that is known.
pub(crate) type Progress<'a> = &'a dyn Fn(u64, Option<u64>);

/// A folder that is open, and where it really is.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    dir: Dir,
}

impl Folder {
    /// Opens a folder. It may be named by a link, which the user has then chosen.
    fn open(path: &Path) -> Result<Self, Error> {
        let real = canonical(path)?;
        let dir = Dir::open(&real).map_err(|error| cannot_open(&real, &error))?;
        Ok(Self { path: real, dir })
    }

    fn own(&self) -> Result<About, Error> {
        self.dir.own().map_err(|error| cannot_open(&self.path, &error))
    }

    fn shown(&self) -> String {
        shown(&self.path)
    }
}

/// Where a folder really is.
fn canonical(path: &Path) -> Result<PathBuf, Error> {
    let found = fs::canonicalize(path).and_then(|real| Ok((fs::metadata(&real)?, real)));
    match found {
        Ok((about, real)) if about.is_dir() => Ok(real),
        Ok(_) => Err(cannot_open(path, &io::ErrorKind::NotADirectory.into())),
        Err(error) => Err(cannot_open(path, &error)),
    }
}

/// A folder that cannot be worked in.
fn cannot_open(path: &Path, error: &io::Error) -> Error {
    let (why, help) = match error.kind() {
        io::ErrorKind::NotFound => ("there is no such folder".into(), "check the name"),
        io::ErrorKind::NotADirectory => ("it is no folder".into(), "name a folder"),
        io::ErrorKind::PermissionDenied => (reason(error), "ask for the right to read it"),
        _ => (reason(error), "check the folder"),
    };
    let message = format!("cannot open {}: {why}", shown(path));
    Error::host(Code::IoRead, message, Some(help.into()))
}

/// A path for a sentence.
fn shown(path: &Path) -> String {
    format!("`{}`", plain(&path.display().to_string()))
}

/// A time of a file's: what is finer than a microsecond is cut, towards the past.
fn instant(seconds: i64, nanos: u32) -> Option<Instant> {
    let micros = seconds.checked_mul(1_000_000)?.checked_add(i64::from(nanos / 1000))?;
    Instant::from_micros(micros).ok()
}

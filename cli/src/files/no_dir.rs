//! Stands in for open folders where this program has none: there files are listed and planned, and
//! neither removed nor restored.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use housekeep::time::Instant;

/// No folder can be opened, so none is ever asked for anything.
#[derive(Debug)]
pub(super) enum Dir {}

/// Nothing is known about files.
#[derive(Clone, Copy, Debug)]
pub(super) enum About {}

impl Dir {
    pub(super) fn open(_: &Path) -> io::Result<Self> {
        let why = "files are removed and restored on Linux and macOS only";
        Err(io::Error::new(io::ErrorKind::Unsupported, why))
    }

    pub(super) fn child(&self, _: &OsStr) -> io::Result<Self> {
        match *self {}
    }

    pub(super) fn below(&self, _: &Path) -> io::Result<Self> {
        match *self {}
    }

    pub(super) fn made_below(&self, _: &Path, _: &Dir) -> io::Result<Self> {
        match *self {}
    }

    pub(super) fn make(&self, _: &OsStr) -> io::Result<Self> {
        match *self {}
    }

    pub(super) fn about(&self, _: &OsStr) -> io::Result<About> {
        match *self {}
    }

    pub(super) fn own(&self) -> io::Result<About> {
        match *self {}
    }

    pub(super) fn names(&self) -> io::Result<Vec<(OsString, bool)>> {
        match *self {}
    }

    pub(super) fn rename(&self, _: &OsStr, _: &Dir) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn link(&self, _: &OsStr, _: &Dir) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn unlink(&self, _: &OsStr) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn unlink_folder(&self, _: &OsStr) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn read(&self, _: &OsStr) -> io::Result<String> {
        match *self {}
    }

    pub(super) fn write(&self, _: &OsStr, _: &OsStr, _: &[u8]) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn lock(&self) -> bool {
        match *self {}
    }
}

impl About {
    pub(super) fn of(_: &Path) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn is_file(&self) -> bool {
        match *self {}
    }

    pub(super) fn size(&self) -> u64 {
        match *self {}
    }

    pub(super) fn mtime(&self) -> Option<Instant> {
        match *self {}
    }

    pub(super) fn is_same(&self, _: &Self) -> bool {
        match *self {}
    }

    pub(super) fn is_beside(&self, _: &Self) -> bool {
        match *self {}
    }
}

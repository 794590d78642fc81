//! The files of a folder that a pattern names.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use housekeep::columns::{Cell, Need, Record, Table, TableBuilder, missing_column};
use housekeep::plan::Source;
use housekeep::time::Instant;
use housekeep::{Code, Error};
use walkdir::{DirEntry, WalkDir};

use super::{Pattern, Progress, canonical, instant, name, shown};
use crate::failure::reason;

/// What the source of a plan calls the folder of its files.
pub(crate) const SOURCE: &str = "files";
/// What a rule may ask of a file: its id, when it was last written to, and its bytes.
const COLUMNS: [&str; 3] = ["name", "mtime", "size"];

/// The files of a folder that a pattern names.
#[derive(Debug)]
pub(crate) struct Listing {
    /// Where the folder really is.
    pub(crate) folder: PathBuf,
    /// In the order of their ids.
    pub(crate) files: Vec<Listed>,
    /// Symbolic links that stand where such a file, or a folder of such files, could. None of them
    /// is listed or followed.
    pub(crate) links: u64,
}

/// A file, as it was when it was listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) id: String,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) mtime: Instant,
}

/// Lists the regular files below `folder` that `pattern` names. A file that vanishes meanwhile is
/// passed over.
///
/// # Errors
/// `io.read` for a folder that cannot be read, however deep it lies: a limit of count or bytes
/// would be judged on half of the files. `rows.time_out_of_range` for a file of no sound time.
pub(crate) fn list(
    folder: &Path,
    pattern: &Pattern,
    progress: Progress<'_>,
) -> Result<Listing, Error> {
    let folder = canonical(folder)?;
    let (mut files, mut links) = (Vec::new(), 0);
    let mut walk = WalkDir::new(&folder).min_depth(1).into_iter();
    while let Some(entry) = walk.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if error.depth() > 0 && is_vanished(error.io_error()) => continue,
            Err(error) => return Err(cannot_list(&folder, &error)),
        };
        let path = entry.path().strip_prefix(&folder).unwrap_or(entry.path());
        let ty = entry.file_type();
        if ty.is_dir() {
            if !pattern.enters(path, entry.depth()) {
                walk.skip_current_dir();
            }
        } else if ty.is_symlink() {
            links += u64::from(pattern.names(path) || pattern.enters(path, entry.depth()));
        } else if ty.is_file() && pattern.names(path) {
            let Some(about) = about(&entry).map_err(|error| cannot_list(&folder, &error))? else {
                continue;
            };
            let mtime = mtime(&about).ok_or_else(|| no_time(entry.path()))?;
            files.push(Listed { id: name::to_id(path), size: about.len(), mtime });
            progress(files.len() as u64, None);
        }
    }
    // A system may name a file twice if its folder changes while it is read.
    files.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    files.dedup_by(|a, b| a.id == b.id);
    Ok(Listing { folder, files, links })
}

impl Listing {
    /// The files as rows.
    ///
    /// # Errors
    /// `rows.missing_column` if the rule needs what files do not have.
    pub(crate) fn table(&self, needs: &[Need]) -> Result<Table, Error> {
        if let Some(need) = needs.iter().find(|need| !COLUMNS.contains(&need.name.as_str())) {
            return Err(missing_column(&need.name, COLUMNS.into_iter()));
        }
        let mut builder = TableBuilder::new(needs);
        for file in &self.files {
            builder.push(file)?;
        }
        builder.finish()
    }

    /// Where the rows came from.
    pub(crate) fn source(&self) -> Source {
        Source::from([(SOURCE.into(), name::to_text(&self.folder))])
    }
}

impl Record for Listed {
    fn cell(&self, _place: usize, need: &Need) -> Cell<'_> {
        match need.name.as_str() {
            "name" => Cell::Text(&self.id),
            "mtime" => Cell::Instant(self.mtime),
            "size" => Cell::Integer(i64::try_from(self.size).unwrap_or(i64::MAX)),
            _ => Cell::Missing,
        }
    }
}

/// What is known about a file; none if it no longer is one.
fn about(entry: &DirEntry) -> Result<Option<Metadata>, walkdir::Error> {
    match entry.metadata() {
        Ok(about) => Ok(about.is_file().then_some(about)),
        Err(error) if is_vanished(error.io_error()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether an entry went, or its folder did, since it was named.
fn is_vanished(error: Option<&io::Error>) -> bool {
    let kind = error.map(io::Error::kind);
    matches!(kind, Some(io::ErrorKind::NotFound | io::ErrorKind::NotADirectory))
}

fn mtime(about: &Metadata) -> Option<Instant> {
    since_epoch(about.modified().ok()?)
}

/// Some systems tell finer times, and some earlier ones than 1970.
fn since_epoch(time: SystemTime) -> Option<Instant> {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => instant(i64::try_from(since.as_secs()).ok()?, since.subsec_nanos()),
        Err(before) => {
            let before = before.duration();
            let seconds = i64::try_from(before.as_secs()).ok()?;
            match before.subsec_nanos() {
                0 => instant(-seconds, 0),
                nanos => instant(-seconds - 1, 1_000_000_000 - nanos),
            }
        }
    }
}

fn cannot_list(folder: &Path, error: &walkdir::Error) -> Error {
    let why = error.io_error().map_or_else(|| error.to_string(), reason);
    let message = format!("cannot list {}: {why}", shown(error.path().unwrap_or(folder)));
    let help = "nothing is decided on half of the files: ask for the right to read it, or write a \
                pattern that leaves it out";
    Error::host(Code::IoRead, message, Some(help.into()))
}

fn no_time(path: &Path) -> Error {
    let message = format!("the mtime of {} is outside the years 0001 to 9999", shown(path));
    Error::host(Code::RowsTimeOutOfRange, message, Some("set it, such as with `touch`".into()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_finer_than_a_microsecond_is_cut_towards_the_past() {
        let after = |nanos| since_epoch(UNIX_EPOCH + Duration::from_nanos(nanos)).unwrap();
        let before = |nanos| since_epoch(UNIX_EPOCH - Duration::from_nanos(nanos)).unwrap();
        assert_eq!(after(0).as_micros(), 0);
        assert_eq!(after(1_999).as_micros(), 1);
        assert_eq!(after(3_000_000_000).as_micros(), 3_000_000);
        assert_eq!(before(1).as_micros(), -1);
        assert_eq!(before(1_000).as_micros(), -1);
        assert_eq!(before(1_001).as_micros(), -2);
        assert_eq!(before(1_000_000_000).as_micros(), -1_000_000);
        assert_eq!(before(1_000_000_001).as_micros(), -1_000_001);
    }

    #[test]
    fn a_time_outside_the_years_is_none() {
        const YEAR_10000: u64 = 253_402_300_800;
        let at = |seconds| since_epoch(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(YEAR_10000 - 1).unwrap().to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(at(YEAR_10000), None);
        assert_eq!(at(i64::MAX as u64), None);
        assert_eq!(since_epoch(UNIX_EPOCH - Duration::from_secs(62_135_596_801)), None);
        let error = no_time(Path::new("/srv/a\nb"));
        assert_eq!(error.code(), Code::RowsTimeOutOfRange);
        let message = "the mtime of `/srv/a\u{fffd}b` is outside the years 0001 to 9999";
        assert_eq!(error.message(), message);
    }
}

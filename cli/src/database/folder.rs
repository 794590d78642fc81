//! The folder of an export: files that are read from it, and such as are written into it.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use housekeep::Error;
use housekeep::apply;

use crate::failure::{cannot_read, cannot_write};
use crate::output::folder_of;

/// Bytes that are read at once.
const BLOCK: u64 = 1 << 20;
/// The most applies that one export has been used for.
const MOST: u32 = 100_000;

/// Whether a folder is an export of rows, by its manifest: a trash of files has one as well, which says another
/// kind.
pub(crate) fn is_export(folder: &Path) -> bool {
    let text = fs::read(folder.join("manifest.json")).unwrap_or_default();
    let read: Option<serde_json::Value> = serde_json::from_slice(&text).ok();
    read.and_then(|read| Some(read.get("kind")?.as_str()? == "export")).unwrap_or_default()
}

/// Where a machine reads, and where it writes.
#[derive(Debug)]
pub(crate) struct Folder {
    from: PathBuf,
    into: Option<PathBuf>,
    reading: HashMap<String, File>,
    writing: HashMap<String, File>,
}

impl Folder {
    /// An export that is written: the folder must hold nothing yet.
    pub(crate) fn new_export(path: &Path) -> Result<Self, Error> {
        let made = fs::create_dir_all(path).and_then(|()| fs::read_dir(path)?.next().transpose());
        let bad = |error: &io::Error| cannot_write(path, error);
        match made.map_err(|error| bad(&error))? {
            None => Ok(Self::at(path, Some(path.to_owned()))),
            Some(_) => {
                let taken = io::Error::other("there is something in it already");
                Err(bad(&taken))
            }
        }
    }

    /// An export that is read, and beside it, in a folder of its own, what is removed.
    pub(crate) fn with_removals(path: &Path) -> Result<Self, Error> {
        for n in 1..MOST {
            let own = path.join(format!("apply-{n}"));
            if fs::symlink_metadata(&own).is_err() {
                return Ok(Self::at(path, Some(own)));
            }
        }
        Err(cannot_write(path, &io::Error::other("it was used too often")))
    }

    /// An export that is read.
    pub(crate) fn read_only(path: &Path) -> Self {
        Self::at(path, None)
    }

    /// Nowhere: for what neither reads nor writes.
    pub(crate) fn none() -> Self {
        Self::at(Path::new(""), None)
    }

    /// The same, for another that reads and writes there too.
    pub(super) fn beside(&self) -> Self {
        Self::at(&self.from, self.into.clone())
    }

    fn at(from: &Path, into: Option<PathBuf>) -> Self {
        Self { from: from.to_owned(), into, reading: HashMap::new(), writing: HashMap::new() }
    }

    /// The folder of a file that was written.
    pub(crate) fn of(&self, name: &str) -> Option<PathBuf> {
        Some(folder_of(&self.into.as_ref()?.join(name)).to_owned())
    }

    /// More of a file. At its end there is none, and then it begins again.
    pub(super) fn read(&mut self, name: &str) -> Result<Vec<u8>, Error> {
        let path = self.from.join(name);
        let bad = |error: &io::Error| cannot_read(&path.display().to_string(), error);
        if !self.reading.contains_key(name) {
            match File::open(&path) {
                Ok(file) => self.reading.insert(name.to_owned(), file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(bad(&error)),
            };
        }
        let mut bytes = Vec::new();
        if let Some(file) = self.reading.get_mut(name) {
            file.take(BLOCK).read_to_end(&mut bytes).map_err(|error| bad(&error))?;
        }
        if bytes.is_empty() {
            self.reading.remove(name);
        }
        Ok(bytes)
    }

    /// Writes more of a file, which is not there before the first of it.
    pub(super) fn write(&mut self, part: &apply::File) -> Result<(), Error> {
        let Some(into) = &self.into else {
            return Err(cannot_write(&self.from, &io::Error::other("it is only read")));
        };
        let path = into.join(&part.name);
        let mut write = || -> io::Result<()> {
            if !self.writing.contains_key(&part.name) {
                fs::create_dir_all(folder_of(&path))?;
                let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
                self.writing.insert(part.name.clone(), file);
            }
            if let Some(file) = self.writing.get_mut(&part.name) {
                file.write_all(&part.bytes)?;
                if part.is_whole {
                    file.sync_all()?;
                }
            }
            if part.is_whole {
                self.writing.remove(&part.name);
                // The name is safe once its folder is, and that of each folder with the one above.
                let below = path.ancestors().skip(1).take_while(|above| *above != into);
                for folder in below.chain([into.as_path(), folder_of(into)]) {
                    File::open(folder).and_then(|folder| folder.sync_all()).ok();
                }
            }
            Ok(())
        };
        write().map_err(|error| cannot_write(&path, &error))
    }
}

//! Puts files from a trash back where they were.

use std::io;
use std::path::{Path, PathBuf};

use housekeep::{Code, Error};

use super::carry::{Carried, carry};
use super::dir::Dir;
use super::trash::{Contents, Manifest, Trash, check_apart, parts};
use super::{Folder, Progress, cannot_open, canonical, name, shown};
use crate::failure::reason;

/// What became of the files of a trash; in a dry run, what would.
#[derive(Debug)]
pub(crate) struct Restoration {
    /// Whether nothing was touched.
    pub(crate) is_dry: bool,
    /// Where the trash really is, or was.
    pub(crate) trash: PathBuf,
    /// Where the folder of the files really is; none if there is nothing to restore.
    pub(crate) folder: Option<PathBuf>,
    /// Every id, in order.
    pub(crate) files: Vec<(String, Outcome)>,
    pub(crate) restored: u64,
    pub(crate) in_the_way: u64,
    pub(crate) failed: u64,
    /// Whether the trash is empty now, and gone.
    pub(crate) is_emptied: bool,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Restored,
    /// Something else is in its place, and both were left alone; what, in a few words.
    InTheWay(String),
    /// It could not be restored; why, in a few words.
    Failed(String),
}

/// Moves each file of a trash back to its folder, or to another that is given, or says what would
/// become of it. What is in the way stays, and so does the file in the trash. `progress` is told how
/// many files are done.
///
/// # Errors
/// `io.*` if the trash or the folder cannot be used at all: nothing was restored.
pub(crate) fn restore(
    trash: &Path,
    into: Option<&Path>,
    is_dry: bool,
    progress: Progress<'_>,
) -> Result<Restoration, Error> {
    let trash = Trash::open(trash)?;
    if !is_dry {
        trash.lock()?;
    }
    let manifest = trash.manifest()?;
    let bin = trash.files()?;
    let contents = bin.as_ref().map_or_else(|| Ok(Contents::default()), Contents::of);
    let contents = contents.map_err(|error| cannot_open(&trash.path, &error))?;
    let mut restoration = Restoration::new(is_dry, trash.path.clone());
    if let Some(bin) = bin.filter(|_| !contents.files.is_empty()) {
        let folder = folder(&trash, manifest.as_ref(), into)?;
        let help =
            "name a folder on the trash's own, with --files DIR, and copy the files from there";
        check_apart(&trash.path, &folder, help)?;
        let of = Some(contents.files.len() as u64);
        for path in &contents.files {
            restoration.add(path, restored(&bin, &folder.dir, path, is_dry));
            progress(restoration.files.len() as u64, of);
        }
        restoration.folder = Some(folder.path);
    }
    restoration.is_emptied = !is_dry && trash.tidy(&contents);
    Ok(restoration)
}

impl Restoration {
    fn new(is_dry: bool, trash: PathBuf) -> Self {
        Self {
            is_dry,
            trash,
            folder: None,
            files: Vec::new(),
            restored: 0,
            in_the_way: 0,
            failed: 0,
            is_emptied: false,
        }
    }

    fn add(&mut self, path: &Path, outcome: Outcome) {
        *match outcome {
            Outcome::Restored => &mut self.restored,
            Outcome::InTheWay(_) => &mut self.in_the_way,
            Outcome::Failed(_) => &mut self.failed,
        } += 1;
        self.files.push((name::to_id(path), outcome));
    }
}

/// Where the files go.
fn folder(
    trash: &Trash,
    manifest: Option<&Manifest>,
    into: Option<&Path>,
) -> Result<Folder, Error> {
    if let Some(into) = into {
        return Folder::open(into);
    }
    let refused = |message: String, code| {
        let help = "name the folder that the files go to, with --files DIR";
        Err(Error::host(code, message, Some(help.into())))
    };
    let Some(path) = manifest.and_then(Manifest::folder) else {
        let message = format!("nothing in {} says where its files were", shown(&trash.path));
        return refused(message, Code::IoFormat);
    };
    // It was no link then. Where one leads that was put there since is not what the trash says.
    if canonical(&path)? != path {
        let message = format!("a link leads from {} to elsewhere", shown(&path));
        return refused(message, Code::IoRead);
    }
    Folder::open(&path)
}

fn restored(bin: &Dir, folder: &Dir, path: &Path, is_dry: bool) -> Outcome {
    match put_back(bin, folder, path, is_dry) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Failed(reason(&error)),
    }
}

fn put_back(bin: &Dir, folder: &Dir, path: &Path, is_dry: bool) -> io::Result<Outcome> {
    let (above, name) = parts(path)?;
    let here = bin.below(above)?;
    let own = here.about(name)?;
    if !own.is_file() {
        return Ok(Outcome::Failed("it is no regular file".into()));
    }
    let there = if is_dry { folder.below(above) } else { folder.made_below(above, bin) };
    let there = match there {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Ok(Outcome::InTheWay("a folder on the way to it is a link or a file".into()));
        }
        Err(error) if is_dry && error.kind() == io::ErrorKind::NotFound => {
            return Ok(Outcome::Restored);
        }
        found => found?,
    };
    let carried = if is_dry {
        match there.about(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Carried::Done,
            Ok(found) if found.is_same(&own) => Carried::Done,
            found => found.map(|_| Carried::InTheWay)?,
        }
    } else {
        carry(&here, name, &there)?
    };
    Ok(match carried {
        Carried::Done => Outcome::Restored,
        Carried::InTheWay => Outcome::InTheWay("another file has its name".into()),
    })
}

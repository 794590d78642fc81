//! Removes the files that a plan condemned, if they still are what the plan saw.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use housekeep::time::Instant;
use housekeep::{Code, Error};

use super::carry::{Carried, carry};
use super::dir::{About, Dir};
use super::trash::{self, Contents, Trash, TrashFor, parts};
use super::{Folder, Progress, name};
use crate::failure::reason;
use crate::text::plain;

/// A file that a plan condemned, as the plan saw it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Condemned<'a> {
    pub(crate) id: &'a str,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) mtime: Instant,
}

/// How files are removed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way<'a> {
    /// Moved, so that they can be restored.
    Trash(TrashFor<'a>),
    ForGood,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order<'a> {
    /// The folder of the files.
    pub(crate) folder: &'a Path,
    /// Where it was when the plan was made: what the plan's source says.
    pub(crate) listed: &'a str,
    pub(crate) way: Way<'a>,
    /// Whether it is only to be said what would become of the files.
    pub(crate) is_dry: bool,
}

/// What became of the files of a plan; in a dry run, what would.
#[derive(Debug)]
pub(crate) struct Removal {
    /// Whether nothing was touched.
    pub(crate) is_dry: bool,
    /// Where the folder really is.
    pub(crate) folder: PathBuf,
    /// The trash that removed files are in, or would be; none if they are gone for good, or if it
    /// holds none.
    pub(crate) trash: Option<PathBuf>,
    /// Every id, in the order they came in.
    pub(crate) files: Vec<(String, Fate)>,
    pub(crate) removed: u64,
    /// Bytes of the files that were removed.
    pub(crate) removed_bytes: u64,
    pub(crate) gone: u64,
    pub(crate) changed: u64,
    pub(crate) failed: u64,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Removed,
    /// It was not there any more.
    Gone,
    /// It is not what the plan saw, and was left alone; why, in a few words.
    Changed(String),
    /// It could not be removed; why, in a few words.
    Failed(String),
}

/// Removes each file, in the order they come in, or says what would become of it.
///
/// Each is looked up anew, through no link, and removed by the handle of the folder that it was
/// checked in. One that fails does not keep the others. A file that is written to in the instant
/// between check and removal is lost if it goes for good; in a trash it is looked at once more, and
/// put back.
///
/// # Errors
/// `io.read` if the folder cannot be opened, or is not the one that was listed; `io.write` if the
/// trash cannot be used. Nothing was removed then.
pub(crate) fn remove<'a>(
    order: &Order<'_>,
    files: impl IntoIterator<Item = Condemned<'a>>,
    progress: Progress<'_>,
) -> Result<Removal, Error> {
    let folder = Folder::open(order.folder)?;
    check_listed(&folder, order.listed)?;
    let place = match &order.way {
        Way::Trash(asked) => Some((asked, trash::place(asked, &folder)?)),
        Way::ForGood => None,
    };
    let mut removal = Removal::new(order.is_dry, folder.path.clone());
    let mut trash = None;
    let act = match place {
        _ if order.is_dry => {
            removal.trash = place.map(|(_, place)| place);
            Act::Look
        }
        None => Act::Unlink,
        Some((asked, place)) => {
            Act::Throw(trash.insert(Trash::make(&place, asked, &folder)?).make_files()?)
        }
    };
    let files = files.into_iter();
    let of = files.size_hint().1.map(|of| of as u64);
    for file in files {
        let fate = judged(&folder.dir, &file, &act);
        removal.add(&file, fate);
        progress(removal.files.len() as u64, of);
    }
    if let (Some(trash), Act::Throw(bin)) = (trash, act) {
        let is_gone = removal.removed == 0 && tidied(&trash, &bin);
        removal.trash = (!is_gone).then_some(trash.path);
    }
    Ok(removal)
}

/// A link may lead to another folder by now, in which files may have the same names.
fn check_listed(folder: &Folder, listed: &str) -> Result<(), Error> {
    if name::to_text(&folder.path) == listed {
        return Ok(());
    }
    let message = format!("the plan is of `{}`, and not of {}", plain(listed), folder.shown());
    Err(Error::host(Code::IoRead, message, Some("make a plan of this folder".into())))
}

impl Removal {
    fn new(is_dry: bool, folder: PathBuf) -> Self {
        Self {
            is_dry,
            folder,
            trash: None,
            files: Vec::new(),
            removed: 0,
            removed_bytes: 0,
            gone: 0,
            changed: 0,
            failed: 0,
        }
    }

    fn add(&mut self, file: &Condemned<'_>, fate: Fate) {
        let count = match fate {
            Fate::Removed => {
                self.removed_bytes = self.removed_bytes.saturating_add(file.size);
                &mut self.removed
            }
            Fate::Gone => &mut self.gone,
            Fate::Changed(_) => &mut self.changed,
            Fate::Failed(_) => &mut self.failed,
        };
        *count += 1;
        self.files.push((file.id.to_owned(), fate));
    }
}

/// What is done with a file that is as the plan saw it.
enum Act {
    Look,
    Unlink,
    /// Into this folder.
    Throw(Dir),
}

fn judged(folder: &Dir, file: &Condemned<'_>, act: &Act) -> Fate {
    match judge(folder, file, act) {
        Ok(fate) => fate,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Fate::Gone,
        Err(error) => Fate::Failed(reason(&error)),
    }
}

fn judge(folder: &Dir, file: &Condemned<'_>, act: &Act) -> io::Result<Fate> {
    let Some(path) = name::from_id(file.id) else {
        return Ok(Fate::Failed("it names nothing below the folder".into()));
    };
    let (above, name) = parts(&path)?;
    let here = match folder.below(above) {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Ok(Fate::Changed("a folder on the way to it is a link or a file".into()));
        }
        found => found?,
    };
    if let Some(change) = file.change(&here.about(name)?) {
        return Ok(Fate::Changed(change));
    }
    match act {
        Act::Look => Ok(Fate::Removed),
        Act::Unlink => here.unlink(name).map(|()| Fate::Removed),
        Act::Throw(bin) => match bin.made_below(above, folder) {
            Ok(there) => throw(file, &here, name, &there),
            Err(error) => Ok(Fate::Failed(format!("the trash has no place: {}", reason(&error)))),
        },
    }
}

/// Moves a file into the trash, looks at it once more there, and puts it back if it changed.
pub(super) fn throw(
    file: &Condemned<'_>,
    here: &Dir,
    name: &OsStr,
    there: &Dir,
) -> io::Result<Fate> {
    let failed = |why: &str| Ok(Fate::Failed(why.into()));
    match carry(here, name, there) {
        Ok(Carried::Done) => {}
        Ok(Carried::InTheWay) => return failed("the trash holds another file of its name"),
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            return failed("it is on another file system than the trash");
        }
        Err(error) => return Err(error),
    }
    let Some(change) = file.change(&there.about(name)?) else { return Ok(Fate::Removed) };
    let why = match carry(there, name, here) {
        Ok(Carried::Done) => return Ok(Fate::Changed(change)),
        Ok(Carried::InTheWay) => "another file has its name".into(),
        Err(error) => reason(&error),
    };
    failed(&format!("{change}, and it stays in the trash: {why}"))
}

/// A trash that took nothing need not stay, unless it holds something from before.
fn tidied(trash: &Trash, bin: &Dir) -> bool {
    Contents::of(bin).is_ok_and(|contents| contents.files.is_empty() && trash.tidy(&contents))
}

impl Condemned<'_> {
    /// How what is found differs from what the plan saw.
    fn change(&self, found: &About) -> Option<String> {
        if !found.is_file() {
            return Some("it is no regular file".into());
        }
        if found.size() != self.size {
            return Some(format!("it has {} bytes, and had {}", found.size(), self.size));
        }
        match found.mtime() {
            Some(mtime) if mtime == self.mtime => None,
            Some(mtime) => {
                Some(format!("it was written to at {mtime}, and before at {}", self.mtime))
            }
            None => Some("its mtime is outside the years 0001 to 9999".into()),
        }
    }
}

//! A trash: where removed files wait until somebody wants them back, or nobody does.
//!
//! `DIR/<first 16 digits of the plan's digest>` holds `manifest.json`, which says where the files
//! belong, and below `files` each file under its old path. The manifest comes first and goes last:
//! whatever is there in between can be restored.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use housekeep::time::Instant;
use housekeep::{Code, Error};
use serde::{Deserialize, Serialize};

use super::dir::{About, Dir};
use super::{Folder, cannot_open, canonical, name, shown};
use crate::failure::{cannot_read, cannot_write};
use crate::lock;
use crate::output::folder_of;
use crate::text::plain;

/// The version of the manifest.
const VERSION: u32 = 1;
const KIND: &str = "trash";
const MANIFEST: &str = "manifest.json";
/// The manifest while it is written.
const PART: &str = "manifest.json.part";
const FILES: &str = "files";
/// How long a lock that another run has is waited for.
const LOCK_WAIT: Duration = Duration::from_secs(1);
/// Digits of the plan's digest in the name of a trash.
const DIGITS: usize = 16;

/// The trash of a plan that is applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrashFor<'a> {
    /// The folder of trashes. It is made, if the folder that it lies in is there.
    pub(crate) root: &'a Path,
    /// The rule that condemned the files, such as `retention.temp`.
    pub(crate) rule: &'a str,
    /// The plan's digest.
    pub(crate) plan_sha256: &'a str,
    pub(crate) now: Instant,
}

/// What a trash says of its files.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    housekeep: u32,
    kind: String,
    rule: String,
    plan_sha256: String,
    /// Where the files belong, as text.
    folder: String,
    created_at: Instant,
}

/// An open trash.
#[derive(Debug)]
pub(super) struct Trash {
    pub(super) path: PathBuf,
    root: Dir,
    own: Dir,
}

/// What is in a trash.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Paths of all that is no folder, in order.
    pub(super) files: Vec<PathBuf>,
    /// Paths of folders, each after the one that it lies in.
    folders: Vec<PathBuf>,
}

impl Manifest {
    fn of(asked: &TrashFor<'_>, folder: &Folder) -> Self {
        Self {
            housekeep: VERSION,
            kind: KIND.into(),
            rule: asked.rule.into(),
            plan_sha256: asked.plan_sha256.into(),
            folder: name::to_text(&folder.path),
            created_at: asked.now,
        }
    }

    /// Where the files belong.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        name::from_text(&self.folder).filter(|folder| folder.is_absolute())
    }
}

/// The place of a plan's trash, where files of `folder` can be moved. Nothing is made yet.
///
/// # Errors
/// `io.write` if it lies in the folder or around it, or on another file system.
pub(super) fn place(asked: &TrashFor<'_>, folder: &Folder) -> Result<PathBuf, Error> {
    let root = match fs::canonicalize(asked.root) {
        // The folder that it will be made in has to be there, so that a typing mistake is found.
        Err(error) if error.kind() == io::ErrorKind::NotFound => beside(asked.root),
        Ok(root) if !root.is_dir() => Err(io::ErrorKind::NotADirectory.into()),
        found => found,
    };
    let root = root.map_err(|error| cannot_write(asked.root, &error))?;
    if lies_in(&root, &folder.own()?) {
        let message = format!("the trash {} lies in the folder {}", shown(&root), folder.shown());
        return Err(refused(message, "name a trash outside of it"));
    }
    let help = "name a trash on the folder's own, where files are moved and not copied";
    check_apart(&root, folder, help)?;
    let digits = asked.plan_sha256.get(..DIGITS).filter(|digits| is_digits(OsStr::new(digits)));
    let digits = digits.ok_or_else(|| {
        let help = "make the plan again".to_owned();
        Error::host(Code::PlanSyntax, "the plan has no sound digest", Some(help))
    })?;
    Ok(root.join(digits))
}

/// The real path of what is not there, in a folder that is.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::NotFound)?;
    Ok(fs::canonicalize(folder_of(path))?.join(name))
}

/// That files can be moved between a trash and a folder. `help` is for when they cannot.
pub(super) fn check_apart(trash: &Path, folder: &Folder, help: &str) -> Result<(), Error> {
    let own = folder.own()?;
    let (trash_shown, folder_shown) = (shown(trash), folder.shown());
    if About::of(trash).is_ok_and(|trash| lies_in(&folder.path, &trash)) {
        let message = format!("the folder {folder_shown} lies in the trash {trash_shown}");
        return Err(refused(message, "name one outside of the other"));
    }
    // What is not there yet will be where the nearest folder above it is.
    let near = trash.ancestors().find_map(|path| About::of(path).ok());
    if !near.is_some_and(|near| near.is_beside(&own)) {
        let message = format!("the trash {trash_shown} and {folder_shown} are on two file systems");
        return Err(refused(message, help));
    }
    Ok(())
}

/// Whether a path leads to a folder or through it, whatever names lead there.
fn lies_in(path: &Path, folder: &About) -> bool {
    path.ancestors().any(|path| About::of(path).is_ok_and(|about| about.is_same(folder)))
}

fn refused(message: String, help: &str) -> Error {
    Error::host(Code::IoWrite, message, Some(help.into()))
}

impl Trash {
    /// Makes the trash of a plan, or goes on with it: the same plan may have been stopped.
    pub(super) fn make(place: &Path, asked: &TrashFor<'_>, folder: &Folder) -> Result<Self, Error> {
        let unwritten = |error: io::Error| cannot_write(place, &error);
        let (path, name) = parts(place).map_err(unwritten)?;
        let root = match Dir::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                parts(path).and_then(|(above, name)| Dir::open(above)?.make(name))
            }
            found => found,
        };
        let root = root.map_err(|error| cannot_write(path, &error))?;
        let own = root.make(name).map_err(unwritten)?;
        let trash = Self { path: place.to_owned(), root, own };
        trash.lock()?;
        match trash.manifest()? {
            Some(manifest) => trash.check_same(&manifest, asked, folder)?,
            None => {
                let text = serde_json::to_string_pretty(&Manifest::of(asked, folder));
                let text = text.map_err(|error| unwritten(error.into()))? + "\n";
                let written = trash.own.write(MANIFEST.as_ref(), PART.as_ref(), text.as_bytes());
                written.and_then(|()| trash.root.sync()).map_err(unwritten)?;
            }
        }
        Ok(trash)
    }

    /// Opens the trash that a path names, or the only one in the folder that it names.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let path = find(canonical(path)?)?;
        let opened = parts(&path).and_then(|(root, name)| {
            let root = Dir::open(root)?;
            let own = root.child(name)?;
            Ok((root, own))
        });
        let (root, own) = opened.map_err(|error| cannot_open(&path, &error))?;
        Ok(Self { path, root, own })
    }

    /// Keeps other runs out for as long as it is open.
    pub(super) fn lock(&self) -> Result<(), Error> {
        if lock::within(LOCK_WAIT, || self.own.lock()) {
            return Ok(());
        }
        let message = format!("the trash {} is in use", shown(&self.path));
        Err(refused(message, "wait for the other run to end"))
    }

    /// What it says; none if it was stopped before it could, or after all was done.
    pub(super) fn manifest(&self) -> Result<Option<Manifest>, Error> {
        let path = self.path.join(MANIFEST);
        let text = match self.own.read(MANIFEST.as_ref()) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(cannot_read(&path.display().to_string(), &error)),
        };
        match serde_json::from_str::<Manifest>(&text) {
            Ok(read) if read.kind == KIND && read.housekeep == VERSION => Ok(Some(read)),
            Ok(_) => Err(unsound(&path, "it is of another kind or version")),
            Err(error) => Err(unsound(&path, &error.to_string())),
        }
    }

    /// Two plans may share their first digits, and one plan may be applied to two folders.
    fn check_same(
        &self,
        manifest: &Manifest,
        asked: &TrashFor<'_>,
        folder: &Folder,
    ) -> Result<(), Error> {
        let is_same = manifest.plan_sha256 == asked.plan_sha256;
        if is_same && manifest.folder == name::to_text(&folder.path) {
            return Ok(());
        }
        let of = if is_same { "folder" } else { "plan" };
        let message = format!("the trash {} is of another {of}", shown(&self.path));
        Err(refused(message, "name another trash"))
    }

    /// The folder of its files, which is made if it is not there.
    pub(super) fn make_files(&self) -> Result<Dir, Error> {
        let made = self.own.make(FILES.as_ref());
        made.map_err(|error| cannot_write(&self.path.join(FILES), &error))
    }

    /// The folder of its files; none if there never was one, or it is gone again.
    pub(super) fn files(&self) -> Result<Option<Dir>, Error> {
        match self.own.child(FILES.as_ref()) {
            Ok(files) => Ok(Some(files)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(cannot_open(&self.path.join(FILES), &error)),
        }
    }

    /// Removes what holds no file: empty folders, and when there are no others the manifest and
    /// the trash itself. Whether all of it is gone.
    pub(super) fn tidy(&self, contents: &Contents) -> bool {
        self.tidied(contents).is_ok()
    }

    fn tidied(&self, contents: &Contents) -> io::Result<()> {
        if let Ok(files) = self.own.child(FILES.as_ref()) {
            for path in contents.folders.iter().rev() {
                let (above, name) = parts(path)?;
                // One that still holds a file stays, and so do all above it.
                files.below(above)?.unlink_folder(name).ok();
            }
            self.own.unlink_folder(FILES.as_ref())?;
        }
        for name in [PART, MANIFEST] {
            match self.own.unlink(name.as_ref()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.root.unlink_folder(parts(&self.path)?.1)
    }
}

impl Contents {
    /// What is below a folder. A link is no folder, and is not followed.
    pub(super) fn of(files: &Dir) -> io::Result<Self> {
        let mut contents = Self::default();
        let mut ahead = vec![PathBuf::new()];
        while let Some(path) = ahead.pop() {
            for (name, is_folder) in files.below(&path)?.names()? {
                let path = path.join(name);
                if is_folder {
                    contents.folders.push(path.clone());
                    ahead.push(path);
                } else {
                    contents.files.push(path);
                }
            }
        }
        contents.files.sort_unstable();
        Ok(contents)
    }
}

/// The trash itself: the folder, or the only trash in it.
fn find(path: PathBuf) -> Result<PathBuf, Error> {
    let has_manifest = |path: &Path| fs::symlink_metadata(path.join(MANIFEST)).is_ok();
    // One without a manifest was stopped before it held anything, or after.
    if has_manifest(&path) || path.file_name().is_some_and(is_digits) {
        return Ok(path);
    }
    let unopened = |error: io::Error| cannot_open(&path, &error);
    let mut found = Vec::new();
    for entry in fs::read_dir(&path).map_err(unopened)? {
        let entry = entry.map_err(unopened)?;
        if is_digits(&entry.file_name()) && entry.file_type().is_ok_and(|ty| ty.is_dir()) {
            found.push(entry.path());
        }
    }
    if found.iter().any(|path| has_manifest(path)) {
        found.retain(|path| has_manifest(path));
    }
    found.sort_unstable();
    let (message, help) = match found.as_slice() {
        [only] => return Ok(only.clone()),
        [] => {
            let message = format!("there is no trash in {}", shown(&path));
            (message, "name the folder that --trash named, or that of an export".to_owned())
        }
        [first, ..] => {
            let message = format!("there are {} trashes in {}", found.len(), shown(&path));
            (message, format!("name one of them, such as {}", shown(first)))
        }
    };
    Err(Error::host(Code::IoRead, message, Some(help)))
}

/// Whether a name is that of a trash.
fn is_digits(name: &OsStr) -> bool {
    let digits = name.as_encoded_bytes();
    digits.len() == DIGITS && digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// The folder that a path lies in, and the name it has there.
pub(super) fn parts(path: &Path) -> io::Result<(&Path, &OsStr)> {
    path.parent().zip(path.file_name()).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

fn unsound(path: &Path, why: &str) -> Error {
    let message = format!("{} is no manifest of a trash: {}", shown(path), plain(why));
    let help = "mend it, or move the files back by hand: they are beside it, below `files`";
    Error::host(Code::IoFormat, message, Some(help.into()))
}

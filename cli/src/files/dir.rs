//! Open folders. What is done is done to a name in an open folder, and no name is looked up through
//! a link: so that nobody can lead the program elsewhere between a check and what it allows.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path};

use housekeep::time::Instant;
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, RenameFlags, Stat};
use rustix::io::Errno;

use crate::lock;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC);

/// An open folder.
#[derive(Debug)]
pub(super) struct Dir(OwnedFd);

/// What is known about a file or folder, itself and not what a link names.
#[derive(Clone, Copy, Debug)]
pub(super) struct About(Stat);

impl Dir {
    /// Opens a folder by its path, through links.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(fs::open(path, FOLDER, Mode::empty())?))
    }

    /// Opens a folder in this one. A link is no folder.
    pub(super) fn child(&self, name: &OsStr) -> io::Result<Self> {
        match fs::openat(&self.0, name, FOLDER | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(child) => Ok(Self(child)),
            // Systems differ in what they say of a link.
            Err(Errno::LOOP | Errno::MLINK) => Err(io::ErrorKind::NotADirectory.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a folder any number of names below this one.
    pub(super) fn below(&self, path: &Path) -> io::Result<Self> {
        let mut here = Self(self.0.try_clone()?);
        for part in path.components() {
            here = here.child(plain(part)?)?;
        }
        Ok(here)
    }

    /// The same, and makes the folders that are not there, as `model` has them.
    pub(super) fn made_below(&self, path: &Path, model: &Dir) -> io::Result<Self> {
        match self.below(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            found => return found,
        }
        let (mut here, mut there) = (Self(self.0.try_clone()?), Self(model.0.try_clone()?));
        for part in path.components() {
            let name = plain(part)?;
            there = there.child(name)?;
            // Whoever makes a folder has to be able to fill it.
            let mode = Mode::from_raw_mode(fs::fstat(&there.0)?.st_mode);
            here = here.make_with(name, mode | Mode::RWXU)?;
        }
        Ok(here)
    }

    /// Opens a folder in this one, and makes it if it is not there, for its owner alone.
    pub(super) fn make(&self, name: &OsStr) -> io::Result<Self> {
        self.make_with(name, Mode::RWXU)
    }

    fn make_with(&self, name: &OsStr, mode: Mode) -> io::Result<Self> {
        match self.child(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            found => return found,
        }
        let mode = mode & (Mode::RWXU | Mode::RWXG | Mode::RWXO);
        match fs::mkdirat(&self.0, name, mode) {
            Ok(()) => {
                let made = self.child(name)?;
                // The process may be set to make everything with fewer rights.
                fs::fchmod(&made.0, mode)?;
                Ok(made)
            }
            Err(Errno::EXIST) => self.child(name),
            Err(error) => Err(error.into()),
        }
    }

    /// What is known about a name in this folder.
    pub(super) fn about(&self, name: &OsStr) -> io::Result<About> {
        Ok(About(fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?))
    }

    /// What is known about the folder itself.
    pub(super) fn own(&self) -> io::Result<About> {
        Ok(About(fs::fstat(&self.0)?))
    }

    /// The names in it, and whether each is a folder.
    pub(super) fn names(&self) -> io::Result<Vec<(OsString, bool)>> {
        let mut names = Vec::new();
        for entry in fs::Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let is_folder = match entry.file_type() {
                FileType::Unknown => self.about(name)?.is_folder(),
                known => known.is_dir(),
            };
            names.push((OsString::from_vec(name.as_bytes().to_vec()), is_folder));
        }
        Ok(names)
    }

    /// Moves a name from this folder into another, on the same file system, where none has it.
    ///
    /// # Errors
    /// `AlreadyExists` if one has, `Unsupported` if that cannot be done in one step here.
    pub(super) fn rename(&self, name: &OsStr, into: &Dir) -> io::Result<()> {
        match fs::renameat_with(&self.0, name, &into.0, name, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                Err(io::ErrorKind::Unsupported.into())
            }
            moved => Ok(moved?),
        }
    }

    /// Gives a file a second name, in another folder, where none has it.
    pub(super) fn link(&self, name: &OsStr, into: &Dir) -> io::Result<()> {
        Ok(fs::linkat(&self.0, name, &into.0, name, AtFlags::empty())?)
    }

    /// Removes a name that is no folder's.
    pub(super) fn unlink(&self, name: &OsStr) -> io::Result<()> {
        Ok(fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Removes an empty folder.
    pub(super) fn unlink_folder(&self, name: &OsStr) -> io::Result<()> {
        Ok(fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    /// Reads a file of text.
    pub(super) fn read(&self, name: &OsStr) -> io::Result<String> {
        // A pipe in its place must not make the program wait.
        let flags = FILE | OFlags::RDONLY | OFlags::NONBLOCK;
        let mut file = File::from(fs::openat(&self.0, name, flags, Mode::empty())?);
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Writes a file whole: under another name first, and both on the disk before it ends.
    pub(super) fn write(&self, name: &OsStr, part: &OsStr, bytes: &[u8]) -> io::Result<()> {
        let flags = FILE | OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC;
        let mut file = File::from(fs::openat(&self.0, part, flags, Mode::RUSR | Mode::WUSR)?);
        io::Write::write_all(&mut file, bytes)?;
        file.sync_all()?;
        fs::renameat(&self.0, part, &self.0, name)?;
        self.sync()
    }

    /// Makes sure that the names in it are on the disk. Not every system can be asked for that.
    pub(super) fn sync(&self) -> io::Result<()> {
        match fs::fsync(&self.0) {
            Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
            synced => Ok(synced?),
        }
    }

    /// Keeps other runs of this program out for as long as this folder is open. False if one is
    /// in. Where the file system knows no locks, nobody is kept out.
    pub(super) fn lock(&self) -> bool {
        !matches!(lock::attempt(&self.0), Ok(false))
    }
}

impl About {
    /// Of the file or folder that a path leads to.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self(fs::stat(path)?))
    }

    pub(super) fn is_file(&self) -> bool {
        FileType::from_raw_mode(self.0.st_mode).is_file()
    }

    pub(super) fn is_folder(&self) -> bool {
        FileType::from_raw_mode(self.0.st_mode).is_dir()
    }

    /// In bytes.
    pub(super) fn size(&self) -> u64 {
        u64::try_from(self.0.st_size).unwrap_or(0)
    }

    pub(super) fn mtime(&self) -> Option<Instant> {
        let nanos = u32::try_from(self.0.st_mtime_nsec).ok()?;
        super::instant(self.0.st_mtime, nanos)
    }

    /// Whether the two are one file under two names.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.is_beside(other) && self.0.st_ino == other.0.st_ino
    }

    /// Whether the two are on one file system.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.0.st_dev == other.0.st_dev
    }
}

/// The name of a part of a path that leads downwards.
fn plain(part: Component<'_>) -> io::Result<&OsStr> {
    match part {
        Component::Normal(name) => Ok(name),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

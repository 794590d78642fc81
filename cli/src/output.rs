//! Where answers go: stdout, and files that are replaced whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use housekeep::Error;

use crate::failure::cannot_write;

const BUFFER_BYTES: usize = 256 << 10;
/// Of how many killed runs what they left is passed over.
const MOST_LEFT: u32 = 1000;

/// Bytes for a program. That nobody reads them to their end is no error.
pub(crate) fn raw(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
    let written = write(&mut out).and_then(|()| out.flush());
    // What is left must not be written once more when the buffer goes.
    drop(out.into_parts());
    unless_closed(written)
}

/// Text for people, in colour where they can see it.
pub(crate) fn text(text: &str) -> Result<(), Error> {
    let mut out = anstream::stdout().lock();
    unless_closed(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// A line on stderr that is no error.
pub(crate) fn warn(message: &str) {
    let style = annotate_snippets::renderer::DEFAULT_WARNING_STYLE;
    writeln!(anstream::stderr().lock(), "{style}warning{style:#}: {message}").ok();
}

fn unless_closed(written: io::Result<()>) -> Result<(), Error> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(cannot_write(Path::new("stdout"), &error))
        }
        _ => Ok(()),
    }
}

/// Writes a file so that it is there whole or not at all: beside it first, then in its place.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let written = match fs::metadata(path) {
        // A device or a pipe cannot be replaced, only written to.
        Ok(found) if !found.is_file() && !found.is_dir() => {
            OpenOptions::new().write(true).open(path).and_then(|file| fill(&file, write))
        }
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        // Through a link to what it names, so that the link stays.
        Ok(_) => fs::canonicalize(path).and_then(|path| beside(&path, write)),
        Err(_) => beside(path, write),
    };
    written.map_err(|error| cannot_write(path, &error))
}

/// The folder that a file is in, or will be.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn fill(file: &File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, file);
    write(&mut out)?;
    out.flush()
}

fn beside(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = folder_of(path);
    let (file, temporary) = Temporary::make(folder)?;
    if let Ok(found) = fs::metadata(path) {
        file.set_permissions(found.permissions())?;
    }
    fill(&file, write)?;
    file.sync_all()?;
    fs::rename(&temporary.0, path)?;
    // The new name is safe once its folder is. Not every system can be asked for that.
    File::open(folder).and_then(|folder| folder.sync_all()).ok();
    Ok(())
}

/// A file that is gone when this is, unless it was renamed before.
struct Temporary(PathBuf);

impl Temporary {
    fn make(folder: &Path) -> io::Result<(File, Self)> {
        let process = std::process::id();
        let mut n = 0;
        loop {
            let name = folder.join(format!(".housekeep-{process}-{n}.tmp"));
            match OpenOptions::new().write(true).create_new(true).open(&name) {
                Ok(file) => return Ok((file, Self(name))),
                // In a container every run may have the same number: one that was killed has left this.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && n < MOST_LEFT => {
                    n += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

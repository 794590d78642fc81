//! Moving a file so that nothing is overwritten and, wherever it is stopped, nothing is lost.

use std::ffi::OsStr;
use std::io;

use super::dir::Dir;

/// How a move ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carried {
    Done,
    /// Something else has the name already; both are where they were.
    InTheWay,
}

/// Moves a file from one open folder to another, under the same name: in one step where the file
/// system can do that without overwriting.
pub(super) fn carry(from: &Dir, name: &OsStr, to: &Dir) -> io::Result<Carried> {
    match from.rename(name, to) {
        Ok(()) => Ok(Carried::Done),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => finish(from, name, to),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => in_two_steps(from, name, to),
        Err(error) => Err(error),
    }
}

/// The file gets its new name, then loses its old one. Stopped between the two it has both, and the
/// next run takes the second step.
fn in_two_steps(from: &Dir, name: &OsStr, to: &Dir) -> io::Result<Carried> {
    match from.link(name, to) {
        Ok(()) => from.unlink(name).map(|()| Carried::Done),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => finish(from, name, to),
        Err(error) => Err(error),
    }
}

/// Takes the second step, if the first was taken before.
fn finish(from: &Dir, name: &OsStr, to: &Dir) -> io::Result<Carried> {
    if !from.about(name)?.is_same(&to.about(name)?) {
        return Ok(Carried::InTheWay);
    }
    from.unlink(name)?;
    Ok(Carried::Done)
}

#[cfg(test)]
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn one_step_or_two_end_alike() {
        for carry in [carry, in_two_steps] {
            let tree = tempfile::tempdir().unwrap();
            let path = |name: &str| tree.path().join(name);
            for name in ["from", "to"] {
                fs::create_dir(path(name)).unwrap();
            }
            for name in ["from/new", "from/taken", "to/taken", "from/both", "from/link"] {
                fs::write(path(name), name).unwrap();
            }
            fs::hard_link(path("from/both"), path("to/both")).unwrap();
            symlink("../from/link", path("to/link")).unwrap();
            let open = |name: &str| Dir::open(&path(name)).unwrap();
            let (from, to) = (open("from"), open("to"));
            let carried = |name: &str| carry(&from, name.as_ref(), &to).unwrap();
            assert_eq!(carried("new"), Carried::Done);
            assert_eq!(carried("taken"), Carried::InTheWay);
            assert_eq!(carried("both"), Carried::Done);
            assert_eq!(carried("link"), Carried::InTheWay);
            let missing = carry(&from, "missing".as_ref(), &to).unwrap_err();
            assert_eq!(missing.kind(), io::ErrorKind::NotFound);
            for (name, text) in [
                ("to/new", Some("from/new")),
                ("from/new", None),
                ("to/taken", Some("to/taken")),
                ("from/taken", Some("from/taken")),
                ("to/both", Some("from/both")),
                ("from/both", None),
                ("from/link", Some("from/link")),
            ] {
                assert_eq!(fs::read_to_string(path(name)).ok().as_deref(), text, "{name}");
            }
        }
    }
}

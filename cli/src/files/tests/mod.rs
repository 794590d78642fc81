//! Real files, on real file systems.

mod joined;
mod killed;
mod listing;
mod removing;
mod restoring;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use housekeep::time::Instant;
use tempfile::TempDir;

use super::*;

/// When the files of the tests were written to, in seconds since 1970: 2026-02-01T00:00:00Z.
const THEN: u64 = 1_769_904_000;
const RULE: &str = "retention.temp";
const PLAN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A temporary folder with a folder `data` in it.
struct Tree(TempDir);

/// All that can be seen of a file but its name.
type Seen = (Vec<u8>, i64, i64, u32);

impl Tree {
    fn new() -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        fs::create_dir(tree.data()).unwrap();
        tree
    }

    /// Where the temporary folder really is.
    fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        fs::canonicalize(self.0.path()).unwrap().join(path)
    }

    fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Writes files, as many seconds after `THEN` as they hold bytes.
    fn fill<P: AsRef<Path>>(&self, files: impl IntoIterator<Item = (P, &'static str)>) {
        for (path, text) in files {
            let path = self.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            write(&path, text, Duration::from_secs(THEN + text.len() as u64));
        }
    }

    fn list(&self, pattern: &str) -> Listing {
        list(&self.data(), &Pattern::new(pattern).unwrap(), &|_, _| {}).unwrap()
    }

    fn ids(&self, pattern: &str) -> Vec<String> {
        self.list(pattern).files.into_iter().map(|file| file.id).collect()
    }

    fn trash(&self) -> PathBuf {
        self.path("trash")
    }

    /// The trash of the plan.
    fn own_trash(&self) -> PathBuf {
        self.trash().join(PLAN.get(..16).unwrap())
    }

    fn throw(&self, listing: &Listing) -> Removal {
        self.remove(listing, into(&self.trash()), false)
    }

    fn remove(&self, listing: &Listing, way: Way<'_>, is_dry: bool) -> Removal {
        self.run(condemned(listing), way, is_dry, &|_, _| {}).unwrap()
    }

    fn run<'a>(
        &self,
        files: impl IntoIterator<Item = Condemned<'a>>,
        way: Way<'_>,
        is_dry: bool,
        progress: Progress<'_>,
    ) -> Result<Removal, Error> {
        let (folder, listed) = (self.data(), name::to_text(&self.data()));
        remove(&Order { folder: &folder, listed: &listed, way, is_dry }, files, progress)
    }

    fn restore(&self) -> Restoration {
        restore(&self.trash(), None, false, &|_, _| {}).unwrap()
    }

    /// Every file in a folder of the tree, by its path there.
    fn seen(&self, folder: &str) -> BTreeMap<PathBuf, Seen> {
        let (root, mut seen) = (self.path(folder), BTreeMap::new());
        let mut ahead = vec![root.clone()];
        while let Some(folder) = ahead.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let (path, about) = entry.map(|it| (it.path(), it.metadata().unwrap())).unwrap();
                if about.is_dir() {
                    ahead.push(path);
                    continue;
                }
                let bytes = if about.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
                let own = path.strip_prefix(&root).unwrap().to_owned();
                seen.insert(own, (bytes, about.mtime(), about.mtime_nsec(), about.mode()));
            }
        }
        seen
    }
}

fn write(path: &Path, text: &str, since: Duration) {
    fs::write(path, text).unwrap();
    touch(path, since);
}

fn touch(path: &Path, since: Duration) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(UNIX_EPOCH + since).unwrap();
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn condemned(listing: &Listing) -> impl Iterator<Item = Condemned<'_>> {
    listing.files.iter().map(|file| Condemned { id: &file.id, size: file.size, mtime: file.mtime })
}

fn into(root: &Path) -> Way<'_> {
    let now = Instant::parse("2026-02-13T03:00:00Z").unwrap();
    Way::Trash(TrashFor { root, rule: RULE, plan_sha256: PLAN, now })
}

fn fates(removal: &Removal) -> Vec<(&str, &Fate)> {
    removal.files.iter().map(|(id, fate)| (id.as_str(), fate)).collect()
}

fn outcomes(restoration: &Restoration) -> Vec<(&str, &Outcome)> {
    restoration.files.iter().map(|(id, outcome)| (id.as_str(), outcome)).collect()
}

fn changed(why: &str) -> Fate {
    Fate::Changed(why.into())
}

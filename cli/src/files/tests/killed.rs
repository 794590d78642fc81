//! Stopped at any point, and run again.

use std::process::{Command, Stdio};

use super::super::dir::Dir;
use super::*;

const FILES: u64 = 3000;
const FOLDERS: u64 = 7;
/// Tells the child what to do, and where.
const JOB: &str = "HOUSEKEEP_TEST_JOB";
const PLACE: &str = "HOUSEKEEP_TEST_PLACE";

fn numbered() -> Vec<Listed> {
    let file = |n: u64| Listed {
        id: format!("{}/{n}", n % FOLDERS),
        size: n % 10,
        mtime: Instant::from_micros(i64::try_from((THEN + n) * 1_000_000).unwrap()).unwrap(),
    };
    (0..FILES).map(file).collect()
}

fn make_numbered(tree: &Tree) {
    for folder in 0..FOLDERS {
        fs::create_dir(tree.data().join(folder.to_string())).unwrap();
    }
    for (n, file) in numbered().iter().enumerate() {
        let text = "x".repeat(usize::try_from(file.size).unwrap());
        write(&tree.data().join(&file.id), &text, Duration::from_secs(THEN + n as u64));
    }
}

fn throw_numbered(place: &Path) -> Removal {
    let listing = Listing { folder: place.join("data"), files: numbered(), links: 0 };
    let (trash, listed) = (place.join("trash"), name::to_text(&listing.folder));
    let order =
        Order { folder: &listing.folder, listed: &listed, way: into(&trash), is_dry: false };
    remove(&order, condemned(&listing), &|_, _| {}).unwrap()
}

/// Not a test of its own: the process that the test below kills.
#[test]
fn child() {
    let (Ok(job), Some(place)) = (std::env::var(JOB), std::env::var_os(PLACE)) else { return };
    let place = PathBuf::from(place);
    match job.as_str() {
        "throw" => drop(throw_numbered(&place)),
        _ => drop(restore(&place.join("trash"), None, false, &|_, _| {}).unwrap()),
    }
}

/// Begins a job in a process of its own, and kills it. Whether it was killed before its end.
fn kill(job: &str, tree: &Tree, after: Duration) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "files::tests::killed::child"])
        .env(JOB, job)
        .env(PLACE, tree.path(""))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    !child.wait().unwrap().success()
}

#[test]
fn a_run_that_is_killed_loses_nothing_and_the_next_one_ends_it() {
    let tree = Tree::new();
    make_numbered(&tree);
    let before = tree.seen("data");
    let files = "trash/0123456789abcdef/files";
    let whole = |tree: &Tree| {
        let mut seen = tree.seen("data");
        if tree.path(files).exists() {
            seen.extend(tree.seen(files));
        }
        seen
    };
    let mut killed = 0;
    for step in 0..20 {
        killed += u64::from(kill("throw", &tree, Duration::from_millis(step * 2)));
        assert_eq!(whole(&tree), before, "after {killed} kills");
    }
    let last = throw_numbered(&tree.path(""));
    assert_eq!((last.removed + last.gone, last.changed, last.failed), (FILES, 0, 0));
    assert!(tree.seen("data").is_empty());
    assert_eq!(tree.seen(files), before);
    for step in 0..20 {
        killed += u64::from(kill("restore", &tree, Duration::from_millis(step * 2)));
        assert_eq!(whole(&tree), before, "after {killed} kills");
    }
    if tree.own_trash().exists() {
        assert!(tree.restore().is_emptied);
    }
    assert_eq!(tree.seen("data"), before);
    assert_eq!(fs::read_dir(tree.trash()).unwrap().count(), 0);
    assert!(killed > 0, "it was too fast to be killed");
}

fn tree() -> (Tree, BTreeMap<PathBuf, Seen>, Listing) {
    let tree = Tree::new();
    tree.fill([("data/a", "1"), ("data/sub/b", "22")]);
    let (seen, listing) = (tree.seen("data"), tree.list("**"));
    (tree, seen, listing)
}

#[test]
fn a_trash_that_was_stopped_before_it_held_anything_is_gone_on_with_and_restored() {
    let part = "{\n  \"housekeep\": 1,\n  \"ki";
    for (made, written) in [
        ("trash", None),
        ("trash/0123456789abcdef", None),
        ("trash/0123456789abcdef", Some(part)),
        ("trash/0123456789abcdef/files/sub", None),
    ] {
        let (tree, before, listing) = tree();
        let stop = || {
            fs::create_dir_all(tree.path(made)).unwrap();
            if let Some(text) = written {
                fs::write(tree.own_trash().join("manifest.json.part"), text).unwrap();
            }
        };
        stop();
        if tree.own_trash().exists() {
            let restoration = tree.restore();
            assert!(restoration.is_emptied && restoration.files.is_empty());
            assert_eq!(restoration.folder, None);
            assert!(!tree.own_trash().exists());
        }
        stop();
        assert_eq!(tree.throw(&listing).removed, 2);
        assert_eq!(tree.seen("trash/0123456789abcdef/files"), before);
        assert!(tree.restore().is_emptied);
        assert_eq!(tree.seen("data"), before);
    }
}

#[test]
fn a_file_with_both_its_names_is_finished_either_way() {
    // Where there is no rename without overwriting, a move has two steps.
    let (tree, before, listing) = tree();
    assert_eq!(tree.throw(&tree.list("a")).removed, 1);
    let (data, files) = (tree.data(), tree.own_trash().join("files"));
    let (a, b) = (Path::new("a"), Path::new("sub/b"));
    let (data_dir, files_dir) = (Dir::open(&data).unwrap(), Dir::open(&files).unwrap());
    fs::create_dir(files.join("sub")).unwrap();
    fs::hard_link(data.join(b), files.join(b)).unwrap();
    let removal = tree.throw(&listing);
    assert_eq!(fates(&removal), [("a", &Fate::Gone), ("sub/b", &Fate::Removed)]);
    assert_eq!(tree.seen("trash/0123456789abcdef/files"), before);
    assert!(tree.seen("data").is_empty());

    files_dir.link(a.as_os_str(), &data_dir).unwrap();
    let dry = restore(&tree.trash(), None, true, &|_, _| {}).unwrap();
    assert_eq!((dry.restored, dry.in_the_way), (2, 0));
    let restoration = tree.restore();
    assert_eq!((restoration.restored, restoration.in_the_way), (2, 0));
    assert!(restoration.is_emptied);
    assert_eq!(tree.seen("data"), before);
}

#[test]
fn a_restoration_that_was_stopped_while_it_tidied_is_ended() {
    for left in [&["files/sub"][..], &["files"], &["manifest.json"], &[]] {
        let (tree, before, listing) = tree();
        tree.throw(&listing);
        let manifest = fs::read(tree.own_trash().join("manifest.json")).unwrap();
        assert!(tree.restore().is_emptied);
        fs::create_dir(tree.own_trash()).unwrap();
        for name in left {
            match *name {
                "manifest.json" => {}
                folder => fs::create_dir_all(tree.own_trash().join(folder)).unwrap(),
            }
        }
        if !left.is_empty() {
            fs::write(tree.own_trash().join("manifest.json"), &manifest).unwrap();
        }
        let restoration = tree.restore();
        assert!(restoration.is_emptied && restoration.files.is_empty());
        assert_eq!(tree.seen("data"), before);
        assert!(!tree.own_trash().exists());
    }
}

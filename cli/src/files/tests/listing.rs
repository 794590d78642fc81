//! Listing.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::Instant as Clock;

use housekeep::columns::{Cell, Need, TimeFormat};

use super::super::dir::Dir;
use super::*;

fn need(name: &str) -> Need {
    Need {
        name: name.into(),
        ty: None,
        time: TimeFormat::default(),
        required: false,
        optional: false,
    }
}

#[test]
fn files_are_listed_with_size_and_time() {
    let tree = Tree::new();
    tree.fill([("data/b", "bb"), ("data/.a", ""), ("data/sub/.c/d.log", "log")]);
    touch(&tree.path("data/b"), Duration::from_nanos(1_769_904_000_123_456_999));
    let listing = tree.list("**");
    assert_eq!((listing.folder.clone(), listing.links), (tree.data(), 0));
    let files: Vec<_> =
        listing.files.iter().map(|it| (it.id.as_str(), it.size, it.mtime.to_string())).collect();
    let expected = [
        (".a", 0, "2026-02-01T00:00:00Z".into()),
        ("b", 2, "2026-02-01T00:00:00.123456Z".into()),
        ("sub/.c/d.log", 3, "2026-02-01T00:00:03Z".into()),
    ];
    assert_eq!(files, expected);
    assert_eq!(tree.ids("*"), [".a", "b"]);
    assert_eq!(tree.ids("**/*.log"), ["sub/.c/d.log"]);
    assert_eq!(tree.ids("b"), ["b"]);
    assert_eq!(tree.ids("nothing"), [""; 0]);
}

#[test]
fn a_listing_is_a_table_of_the_columns_that_a_rule_needs() {
    let tree = Tree::new();
    tree.fill([("data/a", "x")]);
    let listing = tree.list("*");
    let table = listing.table(&[need("size"), need("name"), need("mtime")]).unwrap();
    assert_eq!(table.rows(), 1);
    assert_eq!(table.find("name").unwrap().cell(0), Cell::Text("a"));
    assert_eq!(table.find("size").unwrap().cell(0), Cell::Integer(1));
    let mtime = Instant::parse("2026-02-01T00:00:01Z").unwrap();
    assert_eq!(table.find("mtime").unwrap().cell(0), Cell::Instant(mtime));
    assert_eq!(tree.list("none").table(&[need("name")]).unwrap().rows(), 0);

    let error = listing.table(&[need("name"), need("sise")]).unwrap_err();
    assert_eq!(error.code(), Code::RowsMissingColumn);
    assert_eq!(error.message(), "there is no column `sise`");
    assert!(error.help().unwrap().contains("`size`"), "{error}");

    let source = listing.source();
    assert_eq!(source.get("files").unwrap(), tree.data().to_str().unwrap());
}

#[test]
#[cfg(target_os = "linux")]
fn a_name_may_be_anything() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let tree = Tree::new();
    let names = [&b"two\nlines"[..], b"\xff\xfe", b"back\\slash", b"\x1b[31m", b"\xc3\xa9"];
    tree.fill(names.map(|name| (Path::new("data").join(OsStr::from_bytes(name)), "")));
    let mut ids = tree.ids("*");
    ids.sort_unstable();
    assert_eq!(ids, ["\u{1b}[31m", "\\xff\\xfe", "back\\\\slash", "two\nlines", "é"]);
}

#[test]
fn links_and_what_is_no_file_are_never_listed() {
    let tree = Tree::new();
    tree.fill([("data/a", "a"), ("data/sub/b", "b"), ("outside/c", "c")]);
    let link = |to: &str, from: &str| symlink(to, tree.path(from)).unwrap();
    link("a", "data/to-a");
    link("../outside/c", "data/to-c");
    link("../outside", "data/to-outside");
    link("sub", "data/to-sub");
    link("..", "data/sub/up");
    link("nowhere", "data/sub/dangling");
    let _socket = UnixListener::bind(tree.path("data/socket")).unwrap();
    let pipe = tree.path("data/pipe");
    assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let listing = tree.list("**");
    assert_eq!((tree.ids("**"), listing.links), (vec!["a".into(), "sub/b".into()], 6));
    // Links that stand for nothing the pattern could mean are nobody's business.
    assert_eq!((tree.ids("a*"), tree.list("a*").links), (vec!["a".into()], 0));
    assert_eq!(tree.list("to-*").links, 4);
    assert_eq!(tree.list("to-s*/*").links, 1);
}

#[test]
fn a_folder_may_be_named_by_a_link() {
    let tree = Tree::new();
    tree.fill([("data/a", "a")]);
    symlink("data", tree.path("link")).unwrap();
    let listing = list(&tree.path("link"), &Pattern::new("*").unwrap(), &|_, _| {}).unwrap();
    assert_eq!((listing.folder, listing.files.len()), (tree.data(), 1));
}

#[test]
fn a_folder_that_is_none_is_an_error() {
    let tree = Tree::new();
    tree.fill([("data/a", "a")]);
    for (path, why) in [("nowhere", "there is no such folder"), ("data/a", "it is no folder")] {
        let path = tree.path(path);
        let error = list(&path, &Pattern::new("*").unwrap(), &|_, _| {}).unwrap_err();
        assert_eq!(error.code(), Code::IoRead);
        assert_eq!(error.message(), format!("cannot open `{}`: {why}", path.display()));
    }
}

/// Rights do not keep the superuser out, so the folder here is one that nobody can read by its
/// path: it lies too deep.
#[test]
fn a_folder_that_cannot_be_read_is_an_error_if_the_pattern_could_mean_its_files() {
    let tree = Tree::new();
    tree.fill([("data/a.log", "a"), ("data/shallow/b.log", "b")]);
    let name = "x".repeat(200);
    let mut deep = Dir::open(&tree.data()).unwrap().make("deep".as_ref()).unwrap();
    for _ in 0..25 {
        deep = deep.make(name.as_ref()).unwrap();
    }
    let pattern = Pattern::new("**/*.log").unwrap();
    let error = list(&tree.data(), &pattern, &|_, _| {}).unwrap_err();
    assert_eq!(error.code(), Code::IoRead);
    let start = format!("cannot list `{}/deep/xxx", tree.data().display());
    assert!(error.message().starts_with(&start), "{error}");
    assert!(error.message().ends_with("xxx`: file name too long"), "{error}");
    assert!(error.help().unwrap().contains("write a pattern that leaves it out"), "{error}");
    assert_eq!(tree.ids("*.log"), ["a.log"]);
    assert_eq!(tree.ids("*/*.log"), ["shallow/b.log"]);
    assert_eq!(tree.ids("s*/**"), ["shallow/b.log"]);
}

#[test]
fn a_folder_that_rights_keep_closed_is_an_error_but_for_the_superuser() {
    let tree = Tree::new();
    tree.fill([("data/a", "a"), ("data/private/b", "b")]);
    set_mode(&tree.path("data/private"), 0);
    let is_open = fs::read_dir(tree.path("data/private")).is_ok();
    let listed = list(&tree.data(), &Pattern::new("**").unwrap(), &|_, _| {});
    let shallow = tree.ids("*");
    set_mode(&tree.path("data/private"), 0o700);
    assert_eq!(shallow, ["a"]);
    match listed {
        Ok(listing) => assert!(is_open && listing.files.len() == 2),
        Err(error) => {
            let private = tree.path("data/private");
            let message = format!("cannot list `{}`: permission denied", private.display());
            assert_eq!((error.message(), is_open), (message.as_str(), false));
        }
    }
}

#[test]
fn what_vanishes_meanwhile_is_passed_over() {
    let tree = Tree::new();
    for folder in ["a", "b", "c", "d"] {
        let names = ["1", "2", "3"].map(|name| (format!("data/{folder}/{name}"), "x"));
        tree.fill(names);
    }
    // Once the first file is found, there is no other: one folder is gone, others are files now.
    let found = |count, _: Option<u64>| {
        if count > 1 {
            return;
        }
        for folder in ["a", "b", "c", "d"] {
            fs::remove_dir_all(tree.data().join(folder)).unwrap();
        }
        fs::write(tree.data().join("b"), "").unwrap();
        fs::write(tree.data().join("c"), "").unwrap();
    };
    let listing = list(&tree.data(), &Pattern::new("*/*").unwrap(), &found).unwrap();
    assert_eq!(listing.files.len(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn a_time_outside_the_years_is_an_error_that_names_the_file() {
    // Few file systems can hold such a time; this one can.
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let path = folder.path().join("a");
    write(&path, "", Duration::from_secs(300_000_000_000));
    let error = list(folder.path(), &Pattern::new("*").unwrap(), &|_, _| {}).unwrap_err();
    assert_eq!(error.code(), Code::RowsTimeOutOfRange);
    let message = format!("the mtime of `{}` is outside the years 0001 to 9999", path.display());
    assert_eq!(error.message(), message);
    assert!(
        list(folder.path(), &Pattern::new("b*").unwrap(), &|_, _| {}).unwrap().files.is_empty()
    );
}

/// The bound is far above the fifth of a second that it takes: a busy machine must not fail it.
#[test]
fn many_files_are_listed_removed_and_restored() {
    const FILES: usize = 100_000;
    let tree = Tree::new();
    for folder in 0..100 {
        let folder = tree.data().join(format!("{folder:02}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("0"), "").unwrap();
        // A second name is made much faster than a second file, and is no different to us.
        for file in 1..FILES / 100 {
            fs::hard_link(folder.join("0"), folder.join(file.to_string())).unwrap();
        }
    }
    let begun = Clock::now();
    let listing = tree.list("*/*");
    let listed = begun.elapsed();
    assert_eq!(listing.files.len(), FILES);
    assert!(listed < Duration::from_secs(10), "{listed:?}");
    let removal = tree.throw(&listing);
    assert_eq!((removal.removed, tree.ids("**").len()), (FILES as u64, 0));
    let restoration = tree.restore();
    assert_eq!((restoration.restored, restoration.is_emptied), (FILES as u64, true));
    assert_eq!(tree.list("**").files, listing.files);
}

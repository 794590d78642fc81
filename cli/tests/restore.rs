//! `restore`: dry at first, and never over what is there.

#![cfg(any(target_os = "linux", target_os = "macos"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot run has failed")]

mod common;

use std::fs;

use common::Folder;

/// A folder `data`, and a trash of files that were in it.
fn folder(test: &str) -> Folder {
    let folder = Folder::new(test);
    for name in ["data/sub", "trash/0123456789abcdef/files/sub"] {
        fs::create_dir_all(folder.path(name)).unwrap();
    }
    let data = fs::canonicalize(folder.path("data")).unwrap();
    let manifest = format!(
        r#"{{"housekeep": 1, "kind": "trash", "rule": "retention.temp", "plan_sha256": "01",
            "folder": "{}", "created_at": "2026-02-13T03:00:00Z"}}"#,
        data.display(),
    );
    folder.write("trash/0123456789abcdef/manifest.json", manifest);
    folder.write("trash/0123456789abcdef/files/a", "a");
    folder.write("trash/0123456789abcdef/files/sub/b", "b");
    folder
}

fn names(folder: &Folder, of: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.path(of)).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What is printed, without the place of the test.
fn shown(folder: &Folder, out: &str) -> String {
    let place = fs::canonicalize(folder.path("")).unwrap();
    out.replace(&format!("{}/", place.display()), "")
}

const CONFIRMED: [&str; 4] = ["restore", "trash", "--confirm", "yes-restore"];

#[test]
fn nothing_is_done_before_it_is_confirmed() {
    let folder = folder("nothing_is_done_before_it_is_confirmed");
    let out = folder.run(&["restore", "trash"]).done();
    let expected = "trash/0123456789abcdef to data
  would restore 2   in the way 0   failed 0

nothing was touched; --confirm yes-restore does it
";
    assert_eq!(shown(&folder, &out), expected);
    assert_eq!(names(&folder, "data"), ["sub"]);
    assert_eq!(names(&folder, "trash/0123456789abcdef/files"), ["a", "sub"]);
    let err = folder.run(&["restore", "trash", "--confirm", "yes"]).failed(64);
    assert!(err.contains("yes-restore"), "{err}");
}

#[test]
fn files_come_back_and_the_trash_goes() {
    let folder = folder("files_come_back_and_the_trash_goes");
    let out = folder.run(&CONFIRMED).done();
    let expected = "trash/0123456789abcdef to data
  restored 2   in the way 0   failed 0

the trash is empty, and gone
";
    assert_eq!(shown(&folder, &out), expected);
    assert_eq!((folder.read("data/a"), folder.read("data/sub/b")), ("a".into(), "b".into()));
    assert_eq!(names(&folder, "trash"), [""; 0]);
    let err = folder.run(&CONFIRMED).failed(1);
    assert!(err.starts_with("error: there is no trash in `"), "{err}");
    assert!(
        err.ends_with("help: name the folder that --trash named, or that of an export\n"),
        "{err}"
    );
}

/// An export of rows has a manifest of the same name: which it is says the manifest.
#[test]
fn a_trash_may_be_named_itself() {
    let folder = folder("a_trash_may_be_named_itself");
    let trash = ["restore", "trash/0123456789abcdef", "--confirm", "yes-restore"];
    let out = folder.run(&trash).done();
    assert!(shown(&folder, &out).contains("restored 2   in the way 0   failed 0"), "{out}");
    assert_eq!((folder.read("data/a"), folder.read("data/sub/b")), ("a".into(), "b".into()));
}

#[test]
fn what_is_in_the_way_stays_and_is_told() {
    let folder = folder("what_is_in_the_way_stays_and_is_told");
    folder.write("data/a", "mine");
    let ran = folder.run(&["restore", "trash"]);
    assert_eq!(ran.code, Some(3));
    let ran = folder.run(&CONFIRMED);
    let expected = "trash/0123456789abcdef to data
  restored 1   in the way 1   failed 0

  stays  why
  a      another file has its name

the trash stays, with what could not be restored; take away what is in the way, and run it again
";
    assert_eq!((ran.code, shown(&folder, &ran.out).as_str()), (Some(3), expected));
    let ran = folder.run(&[&CONFIRMED[..], &["--format", "json"]].concat());
    let expected = r#"{
  "housekeep": 1,
  "kind": "restoration",
  "dry_run": false,
  "trash": "trash/0123456789abcdef",
  "folder": "data",
  "restored": 0,
  "in_the_way": 1,
  "failed": 0,
  "emptied": false,
  "files": [
    {
      "id": "a",
      "outcome": "in_the_way",
      "why": "another file has its name"
    }
  ]
}
"#;
    assert_eq!((ran.code, shown(&folder, &ran.out).as_str()), (Some(3), expected));
    assert_eq!(folder.read("data/a"), "mine");
    fs::create_dir(folder.path("elsewhere")).unwrap();
    folder.run(&[&CONFIRMED[..], &["--files", "elsewhere"]].concat()).done();
    assert_eq!(folder.read("elsewhere/a"), "a");
    assert_eq!(folder.read("data/sub/b"), "b");
}

#[test]
fn a_trash_that_holds_nothing_is_no_error() {
    let folder = folder("a_trash_that_holds_nothing_is_no_error");
    fs::remove_dir_all(folder.path("trash/0123456789abcdef/files")).unwrap();
    let out = folder.run(&CONFIRMED).done();
    let expected = "nothing to restore: trash/0123456789abcdef holds no file\n";
    assert_eq!(shown(&folder, &out), expected);
    assert_eq!(names(&folder, "trash"), [""; 0]);
}

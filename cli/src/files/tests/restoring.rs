//! Restoring from a trash.

use std::os::unix::fs::symlink;

use super::*;

fn refused(trash: &Path, into: Option<&Path>) -> Error {
    restore(trash, into, false, &|_, _| {}).unwrap_err()
}

fn in_the_way(what: &str) -> Outcome {
    Outcome::InTheWay(what.into())
}

/// A tree whose files are all in its trash, and what they were.
fn thrown() -> (Tree, BTreeMap<PathBuf, Seen>) {
    let tree = Tree::new();
    tree.fill([("data/a", "1"), ("data/sub/b", "22"), ("data/sub/deep/c", "333")]);
    set_mode(&tree.path("data/a"), 0o604);
    touch(&tree.path("data/sub/b"), Duration::from_nanos(1_769_904_000_123_456_789));
    let before = tree.seen("data");
    assert_eq!(tree.throw(&tree.list("**")).removed, 3);
    (tree, before)
}

#[test]
fn files_come_back_as_they_were_and_the_trash_goes() {
    let (tree, before) = thrown();
    let restoration = restore(&tree.own_trash(), None, false, &|_, _| {}).unwrap();
    let restored = &Outcome::Restored;
    let expected = [("a", restored), ("sub/b", restored), ("sub/deep/c", restored)];
    assert_eq!(outcomes(&restoration), expected);
    assert_eq!((restoration.restored, restoration.in_the_way, restoration.failed), (3, 0, 0));
    assert_eq!((restoration.folder, restoration.trash), (Some(tree.data()), tree.own_trash()));
    assert!(restoration.is_emptied && !restoration.is_dry);
    assert_eq!(tree.seen("data"), before);
    assert_eq!(fs::read_dir(tree.trash()).unwrap().count(), 0);
    let error = refused(&tree.own_trash(), None);
    assert!(error.message().ends_with("there is no such folder"), "{error}");
}

#[test]
fn a_dry_run_touches_nothing_and_says_what_would_be() {
    let (tree, _) = thrown();
    fs::remove_dir_all(tree.path("data/sub/deep")).unwrap();
    tree.fill([("data/a", "other")]);
    let before = tree.seen("");
    let dry = restore(&tree.trash(), None, true, &|_, _| {}).unwrap();
    let expected = [
        ("a", &in_the_way("another file has its name")),
        ("sub/b", &Outcome::Restored),
        ("sub/deep/c", &Outcome::Restored),
    ];
    assert_eq!(outcomes(&dry), expected);
    assert!(dry.is_dry && !dry.is_emptied);
    assert_eq!(tree.seen(""), before);
    assert!(!tree.path("data/sub/deep").exists());
    assert_eq!(outcomes(&tree.restore()), expected);
}

#[test]
fn nothing_is_overwritten_and_what_is_in_the_way_can_be_taken_away() {
    let (tree, before) = thrown();
    fs::remove_dir_all(tree.data()).unwrap();
    tree.fill([("data/a", "1"), ("outside/deep/c", "mine")]);
    symlink("../outside", tree.path("data/sub")).unwrap();
    let way = in_the_way("a folder on the way to it is a link or a file");
    let other = in_the_way("another file has its name");
    let expected = [("a", &other), ("sub/b", &way), ("sub/deep/c", &way)];
    let in_the_way = tree.seen("");
    for is_dry in [true, false, false] {
        let restoration = restore(&tree.trash(), None, is_dry, &|_, _| {}).unwrap();
        assert_eq!(outcomes(&restoration), expected);
        assert_eq!((restoration.in_the_way, restoration.is_emptied), (3, false));
        assert_eq!(tree.seen(""), in_the_way);
    }
    for name in ["data/a", "data/sub"] {
        fs::remove_file(tree.path(name)).unwrap();
    }
    fs::create_dir_all(tree.path("data/sub")).unwrap();
    fs::write(tree.path("data/sub/deep"), "").unwrap();
    let restoration = tree.restore();
    let expected = [("a", &Outcome::Restored), ("sub/b", &Outcome::Restored), ("sub/deep/c", &way)];
    assert_eq!(outcomes(&restoration), expected);
    fs::remove_file(tree.path("data/sub/deep")).unwrap();
    assert!(tree.restore().is_emptied);
    assert_eq!(tree.seen("data"), before);
    assert_eq!(fs::read(tree.path("outside/deep/c")).unwrap(), b"mine");
}

#[test]
fn folders_that_went_are_made_again_with_their_rights() {
    let tree = Tree::new();
    tree.fill([("data/sub/deep/c", "333")]);
    set_mode(&tree.path("data/sub"), 0o750);
    set_mode(&tree.path("data/sub/deep"), 0o771);
    tree.throw(&tree.list("**"));
    fs::remove_dir_all(tree.path("data/sub")).unwrap();
    assert_eq!(tree.restore().restored, 1);
    assert_eq!(mode(&tree.path("data/sub")), 0o750);
    assert_eq!(mode(&tree.path("data/sub/deep")), 0o771);
}

#[test]
fn files_can_go_to_another_folder() {
    let (tree, before) = thrown();
    fs::create_dir(tree.path("elsewhere")).unwrap();
    let elsewhere = tree.path("elsewhere");
    let restoration = restore(&tree.trash(), Some(&elsewhere), false, &|_, _| {}).unwrap();
    assert_eq!((restoration.restored, restoration.folder), (3, Some(elsewhere)));
    assert_eq!(tree.seen("elsewhere"), before);
    assert!(tree.seen("data").is_empty());
}

#[test]
fn a_folder_that_is_not_what_it_was_is_refused() {
    let (tree, _) = thrown();
    let before = tree.seen("trash");
    fs::rename(tree.data(), tree.path("moved")).unwrap();
    let error = refused(&tree.trash(), None);
    let message = format!("cannot open `{}`: there is no such folder", tree.data().display());
    assert_eq!(error.message(), message);
    symlink("moved", tree.data()).unwrap();
    let error = refused(&tree.trash(), None);
    let message = format!("a link leads from `{}` to elsewhere", tree.data().display());
    assert_eq!(error.message(), message);
    assert!(error.help().unwrap().contains("--files DIR"), "{error}");
    let error = refused(&tree.trash(), Some(&tree.own_trash().join("files")));
    assert!(error.message().contains("lies in the trash"), "{error}");
    assert_eq!(tree.seen("trash"), before);
    let moved = tree.path("moved");
    assert_eq!(restore(&tree.trash(), Some(&moved), false, &|_, _| {}).unwrap().restored, 3);
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_on_another_file_system_is_refused() {
    let (tree, _) = thrown();
    let other = tempfile::tempdir_in("/dev/shm").unwrap();
    let error = refused(&tree.trash(), Some(other.path()));
    assert!(error.message().ends_with("are on two file systems"), "{error}");
    assert!(error.help().unwrap().starts_with("name a folder"), "{error}");
}

#[test]
fn one_trash_is_found_in_its_folder_and_of_several_one_has_to_be_named() {
    let (tree, _) = thrown();
    let error = refused(&tree.data(), None);
    let message = format!("there is no trash in `{}`", tree.data().display());
    assert_eq!((error.code(), error.message()), (Code::IoRead, message.as_str()));
    // These are no trashes, and this is one that was stopped before it held anything.
    tree.fill([("trash/0000000000000000", "")]);
    fs::create_dir(tree.path("trash/old")).unwrap();
    fs::create_dir(tree.path("trash/fedcba9876543210")).unwrap();
    assert_eq!(restore(&tree.trash(), None, true, &|_, _| {}).unwrap().trash, tree.own_trash());
    fs::write(tree.path("trash/fedcba9876543210/manifest.json"), "").unwrap();
    let error = refused(&tree.trash(), None);
    let message = format!("there are 2 trashes in `{}`", tree.trash().display());
    assert_eq!(error.message(), message);
    let help = format!("name one of them, such as `{}`", tree.own_trash().display());
    assert_eq!(error.help(), Some(help.as_str()));
    // Under another name, it is known by its manifest.
    fs::rename(tree.own_trash(), tree.path("kept")).unwrap();
    assert!(restore(&tree.path("kept"), None, false, &|_, _| {}).unwrap().is_emptied);
    assert!(!tree.path("kept").exists());
}

#[test]
fn a_manifest_that_is_damaged_or_gone_is_an_error_and_the_files_stay() {
    let (tree, _) = thrown();
    let path = tree.own_trash().join("manifest.json");
    let sound = fs::read_to_string(&path).unwrap();
    for text in [
        "",
        "{",
        "[]",
        "{}",
        &sound.replace("\"trash\"", "\"plan\""),
        &sound.replace("\"housekeep\": 1", "\"housekeep\": 2"),
        &sound.replace("\"rule\"", "\"role\""),
    ] {
        fs::write(&path, text).unwrap();
        let error = refused(&tree.trash(), None);
        let start = format!("`{}` is no manifest of a trash: ", path.display());
        assert!(error.message().starts_with(&start), "{error}");
        assert_eq!(error.code(), Code::IoFormat);
    }
    let relative = sound.replace(&tree.data().display().to_string(), "../data");
    for text in [Some(relative), None] {
        match text {
            Some(text) => fs::write(&path, text).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let error = refused(&tree.trash(), None);
        assert!(error.message().ends_with("says where its files were"), "{error}");
    }
    // A pipe in its place does not make anyone wait.
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    refused(&tree.trash(), None);
    fs::remove_file(&path).unwrap();
    assert_eq!(tree.seen("trash").len(), 3);
    let restoration = restore(&tree.trash(), Some(&tree.data()), false, &|_, _| {}).unwrap();
    assert_eq!((restoration.restored, restoration.is_emptied), (3, true));
}

#[test]
fn what_is_no_file_is_left_in_the_trash() {
    let (tree, _) = thrown();
    tree.fill([("outside", "1")]);
    symlink("../../../outside", tree.own_trash().join("files/link")).unwrap();
    let restoration = tree.restore();
    assert_eq!((restoration.restored, restoration.failed, restoration.is_emptied), (3, 1, false));
    assert!(tree.own_trash().join("files/link").is_symlink());
    assert!(tree.own_trash().join("manifest.json").exists());
    assert!(!tree.own_trash().join("files/sub").exists());
}

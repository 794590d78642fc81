//! Removal, for good and into a trash.

use std::cell::Cell;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::dir::Dir;
use super::super::remove::throw;
use super::*;

/// Removes what was listed, for good.
fn unlink(tree: &Tree, listing: &Listing) -> Removal {
    tree.remove(listing, Way::ForGood, false)
}

fn refused(folder: &Path, way: Way<'_>, is_dry: bool) -> Error {
    let real = fs::canonicalize(folder).unwrap_or_default();
    let listed = name::to_text(&real);
    remove(&Order { folder, listed: &listed, way, is_dry }, [], &|_, _| {}).unwrap_err()
}

#[test]
fn files_go_for_good() {
    let tree = Tree::new();
    tree.fill([("data/a", "1"), ("data/sub/b", "22"), ("data/keep.log", "333")]);
    let removal = unlink(&tree, &tree.list("{a,sub/b}"));
    assert_eq!(fates(&removal), [("a", &Fate::Removed), ("sub/b", &Fate::Removed)]);
    assert_eq!((removal.removed, removal.removed_bytes), (2, 3));
    assert_eq!((removal.gone, removal.changed, removal.failed), (0, 0, 0));
    assert_eq!((removal.folder, removal.trash, removal.is_dry), (tree.data(), None, false));
    assert_eq!(tree.ids("**"), ["keep.log"]);
    assert!(tree.path("data/sub").is_dir());
}

#[test]
fn files_go_into_a_trash_as_they_are() {
    let tree = Tree::new();
    tree.fill([("data/a", "1"), ("data/sub/deep/b", "22")]);
    set_mode(&tree.path("data/a"), 0o604);
    set_mode(&tree.path("data/sub"), 0o750);
    let before = tree.seen("data");
    let removal = tree.throw(&tree.list("**"));
    assert_eq!((removal.removed, removal.trash), (2, Some(tree.own_trash())));
    assert!(tree.seen("data").is_empty());
    let files = "trash/0123456789abcdef/files";
    assert_eq!(tree.seen(files), before);
    assert_eq!(mode(&tree.trash()), 0o700);
    assert_eq!(mode(&tree.own_trash()), 0o700);
    assert_eq!(mode(&tree.path(files).join("sub")), 0o750);
    let manifest = fs::read_to_string(tree.own_trash().join("manifest.json")).unwrap();
    let expected = format!(
        "{{\n  \"housekeep\": 1,\n  \"kind\": \"trash\",\n  \"rule\": \"{RULE}\",\n  \
         \"plan_sha256\": \"{PLAN}\",\n  \"folder\": \"{}\",\n  \
         \"created_at\": \"2026-02-13T03:00:00Z\"\n}}\n",
        tree.data().display(),
    );
    assert_eq!(manifest, expected);
}

#[test]
fn a_dry_run_touches_nothing_and_says_what_would_be() {
    let tree = Tree::new();
    tree.fill([("data/a", "1"), ("data/b", "22"), ("data/c", "333")]);
    let listing = tree.list("*");
    fs::remove_file(tree.path("data/b")).unwrap();
    fs::write(tree.path("data/c"), "other").unwrap();
    let before = tree.seen("");
    let fates_are =
        [("a", &Fate::Removed), ("b", &Fate::Gone), ("c", &changed("it has 5 bytes, and had 3"))];
    for way in [Way::ForGood, into(&tree.trash())] {
        let dry = tree.remove(&listing, way, true);
        assert_eq!((fates(&dry), dry.is_dry), (fates_are.to_vec(), true));
        assert_eq!(tree.seen(""), before);
    }
    let dry = tree.run([], into(&tree.trash()), true, &|_, _| {}).unwrap();
    assert_eq!(dry.trash, Some(tree.own_trash()));
    assert!(!tree.trash().exists());
    let removal = tree.throw(&listing);
    assert_eq!(fates(&removal), fates_are);
}

#[test]
fn what_is_not_as_it_was_is_left_alone() {
    let tree = Tree::new();
    tree.fill([
        ("data/gone", "1"),
        ("data/later", "same"),
        ("data/longer", "same"),
        ("data/folder", "1"),
        ("data/link", "same"),
        ("data/sub/file", "1"),
        ("data/sub/other", "1"),
        ("outside/link", "same"),
    ]);
    let listing = tree.list("**");
    fs::remove_file(tree.path("data/gone")).unwrap();
    // The same size and another time; then the same time and another size.
    write(&tree.path("data/later"), "Same", Duration::from_micros(THEN * 1_000_000 + 4_000_001));
    write(&tree.path("data/longer"), "longer", Duration::from_secs(THEN + 4));
    for name in ["folder", "link"] {
        fs::remove_file(tree.path("data").join(name)).unwrap();
    }
    fs::create_dir(tree.path("data/folder")).unwrap();
    symlink("../outside/link", tree.path("data/link")).unwrap();
    fs::remove_dir_all(tree.path("data/sub")).unwrap();
    fs::write(tree.path("data/sub"), "").unwrap();
    let before = tree.seen("");
    let why =
        "it was written to at 2026-02-01T00:00:04.000001Z, and before at 2026-02-01T00:00:04Z";
    let way = changed("a folder on the way to it is a link or a file");
    let expected = [
        ("folder", &changed("it is no regular file")),
        ("gone", &Fate::Gone),
        ("later", &changed(why)),
        ("link", &changed("it is no regular file")),
        ("longer", &changed("it has 6 bytes, and had 4")),
        ("sub/file", &way),
        ("sub/other", &way),
    ];
    for removal in [unlink(&tree, &listing), tree.throw(&listing)] {
        assert_eq!(fates(&removal), expected);
        assert_eq!((removal.gone, removal.changed), (1, 6));
        // A trash that took nothing is not left behind.
        assert_eq!(removal.trash, None);
        fs::remove_dir(tree.trash()).ok();
        assert_eq!(tree.seen(""), before);
    }
}

#[test]
fn finer_times_are_one_as_long_as_they_are_one_microsecond() {
    let tree = Tree::new();
    tree.fill([("data/a", "1")]);
    touch(&tree.path("data/a"), Duration::from_nanos(THEN * 1_000_000_000 + 1_999));
    let listing = tree.list("*");
    touch(&tree.path("data/a"), Duration::from_nanos(THEN * 1_000_000_000 + 1_000));
    assert_eq!(unlink(&tree, &listing).removed, 1);
}

#[test]
fn a_plan_is_not_applied_to_another_folder() {
    let tree = Tree::new();
    tree.fill([("data/a", "1"), ("other/a", "1")]);
    let listing = tree.list("*");
    let listed = listing.source().get(SOURCE).unwrap().clone();
    // Named as before, it is another folder now.
    symlink("data", tree.path("link")).unwrap();
    let order = |folder| Order { folder, listed: &listed, way: Way::ForGood, is_dry: false };
    let link = tree.path("link");
    let dry = Order { is_dry: true, ..order(&link) };
    assert_eq!(remove(&dry, condemned(&listing), &|_, _| {}).unwrap().removed, 1);
    fs::remove_file(&link).unwrap();
    symlink("other", &link).unwrap();
    let error = remove(&order(&link), condemned(&listing), &|_, _| {}).unwrap_err();
    let (data, other) = (tree.data(), tree.path("other"));
    let message = format!("the plan is of `{}`, and not of `{}`", data.display(), other.display());
    assert_eq!((error.code(), error.message()), (Code::IoRead, message.as_str()));
    assert_eq!((tree.seen("data").len(), tree.seen("other").len()), (1, 1));
}

/// A tree with two files outside that look like those inside, and a way to swap the folders.
fn ambush() -> (Tree, Listing) {
    let tree = Tree::new();
    let inside = ["data/sub/deep/a", "data/sub/deep/b"];
    let outside = ["outside/deep/a", "outside/deep/b"];
    tree.fill(inside.into_iter().chain(outside).map(|path| (path, "same")));
    let listing = tree.list("**");
    (tree, listing)
}

#[test]
fn a_folder_that_became_a_link_leads_nowhere() {
    for (replaced, by) in [("data/sub", "../outside"), ("data/sub/deep", "../../outside/deep")] {
        let (tree, listing) = ambush();
        fs::rename(tree.path(replaced), tree.path("aside")).unwrap();
        symlink(by, tree.path(replaced)).unwrap();
        // As a path, it is all still there.
        assert!(tree.path("data/sub/deep/a").is_file());
        let before = tree.seen("outside");
        for removal in [unlink(&tree, &listing), tree.throw(&listing)] {
            assert_eq!((removal.removed, removal.changed), (0, 2), "{:?}", removal.files);
            assert_eq!(tree.seen("outside"), before);
        }
    }
}

#[test]
fn a_folder_that_becomes_a_link_half_way_leads_nowhere() {
    let (tree, listing) = ambush();
    let swap = |done, _: Option<u64>| {
        if done == 1 {
            fs::rename(tree.path("data/sub"), tree.path("aside")).unwrap();
            symlink("../outside", tree.path("data/sub")).unwrap();
        }
    };
    let before = tree.seen("outside");
    let removal = tree.run(condemned(&listing), Way::ForGood, false, &swap).unwrap();
    assert_eq!((removal.removed, removal.changed), (1, 1));
    assert_eq!(tree.seen("outside"), before);
    assert_eq!(tree.seen("aside").len(), 1);
}

#[test]
fn a_folder_that_becomes_a_link_again_and_again_leads_nowhere() {
    let tree = Tree::new();
    let names = || (0..500).map(|n| format!("deep/{n}"));
    tree.fill(names().map(|name| (format!("data/sub/{name}"), "same")));
    tree.fill(names().map(|name| (format!("outside/{name}"), "same")));
    let (listing, before) = (tree.list("**"), tree.seen("outside"));
    let (sub, aside) = (tree.path("data/sub"), tree.path("aside"));
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                fs::rename(&sub, &aside).unwrap();
                symlink("../outside", &sub).unwrap();
                fs::remove_file(&sub).unwrap();
                fs::rename(&aside, &sub).unwrap();
            }
        });
        for way in [Way::ForGood, into(&tree.trash())].into_iter().cycle().take(20) {
            tree.remove(&listing, way, false);
        }
        is_done.store(true, Ordering::Relaxed);
    });
    assert_eq!(tree.seen("outside"), before);
    // The rest goes once nobody is in the way.
    tree.remove(&listing, Way::ForGood, false);
    assert_eq!(tree.seen("data").len(), 0);
}

#[test]
fn no_id_leads_out_of_the_folder() {
    let tree = Tree::new();
    tree.fill([("outside", "1"), ("data/sub/a", "1")]);
    let listing = tree.list("**");
    let file = listing.files.first().unwrap();
    let absolute = tree.path("outside").display().to_string();
    let before = tree.seen("");
    for id in ["../outside", "sub/../../outside", absolute.as_str(), "", ".", "sub/", "sub//a"] {
        let file = Condemned { id, size: file.size, mtime: file.mtime };
        let why = Fate::Failed("it names nothing below the folder".into());
        for way in [Way::ForGood, into(&tree.trash())] {
            let removal = tree.run([file], way, false, &|_, _| {}).unwrap();
            assert_eq!(fates(&removal), [(id, &why)]);
            fs::remove_dir(tree.trash()).ok();
        }
    }
    assert_eq!(tree.seen(""), before);
}

#[test]
fn one_that_fails_does_not_keep_the_others() {
    let tree = Tree::new();
    tree.fill([("data/a", "1"), ("data/b/c", "1"), ("data/d", "1")]);
    let listing = tree.list("**");
    // The trash holds other things of two of these names already.
    tree.fill([
        ("trash/0123456789abcdef/files/a", "other"),
        ("trash/0123456789abcdef/files/b", ""),
    ]);
    let removal = tree.throw(&listing);
    let expected = [
        ("a", &Fate::Failed("the trash holds another file of its name".into())),
        ("b/c", &Fate::Failed("the trash has no place: it is no folder".into())),
        ("d", &Fate::Removed),
    ];
    assert_eq!(fates(&removal), expected);
    assert_eq!((removal.removed, removal.failed), (1, 2));
    assert_eq!(tree.ids("**"), ["a", "b/c"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_name_may_be_anything() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let tree = Tree::new();
    let names = [&b"two\nlines"[..], b"\xff\xfe", b"back\\slash", b"\x1b[31m", b"--", b"\xc3\xa9"];
    tree.fill(names.map(|name| (Path::new("data").join(OsStr::from_bytes(name)), "")));
    let before = tree.seen("data");
    assert_eq!(tree.throw(&tree.list("*")).removed, names.len() as u64);
    assert_eq!(tree.seen("trash/0123456789abcdef/files"), before);
    assert_eq!(tree.restore().restored, names.len() as u64);
    assert_eq!(tree.seen("data"), before);
    assert_eq!(unlink(&tree, &tree.list("*")).removed, names.len() as u64);
}

#[test]
fn a_file_that_is_written_to_while_it_is_moved_is_put_back() {
    let tree = Tree::new();
    tree.fill([("data/a", "as it is now"), ("bin/other", "")]);
    let (here, there) = (Dir::open(&tree.data()).unwrap(), Dir::open(&tree.path("bin")).unwrap());
    let listing = tree.list("*");
    let planned = Condemned { size: 2, ..condemned(&listing).next().unwrap() };
    let fate = throw(&planned, &here, "a".as_ref(), &there).unwrap();
    assert_eq!(fate, changed("it has 12 bytes, and had 2"));
    assert_eq!(tree.ids("*"), ["a"]);
    // What took its place while it was checked is put back as well, whatever it is.
    fs::remove_file(tree.path("data/a")).unwrap();
    symlink("nowhere", tree.path("data/a")).unwrap();
    let fate = throw(&planned, &here, "a".as_ref(), &there).unwrap();
    assert_eq!(fate, changed("it is no regular file"));
    assert!(tree.path("data/a").is_symlink());
    assert_eq!(tree.seen("bin").len(), 1);
}

#[test]
fn the_same_plan_goes_on_with_its_trash_and_no_other_does() {
    let tree = Tree::new();
    tree.fill([("data/a", "1"), ("data/b", "1"), ("other/a", "1")]);
    let listing = tree.list("*");
    assert_eq!(tree.throw(&tree.list("a")).removed, 1);
    let again = tree.throw(&listing);
    assert_eq!(fates(&again), [("a", &Fate::Gone), ("b", &Fate::Removed)]);
    // Nothing is left for it to do, and what it did before stays.
    assert_eq!(tree.throw(&listing).trash, Some(tree.own_trash()));

    let trash = tree.trash();
    let error = refused(&tree.path("other"), into(&trash), false);
    let message = format!("the trash `{}` is of another folder", tree.own_trash().display());
    assert_eq!((error.code(), error.message()), (Code::IoWrite, message.as_str()));
    let Way::Trash(asked) = into(&trash) else { unreachable!() };
    let plan = PLAN.replace("cdef0123", "cdefffff");
    let error = refused(&tree.data(), Way::Trash(TrashFor { plan_sha256: &plan, ..asked }), false);
    assert!(error.message().ends_with("is of another plan"), "{error}");
    for plan in ["", "0123456789abcde", "../../../../../..", "0123456789ABCDEF"] {
        let way = Way::Trash(TrashFor { plan_sha256: plan, ..asked });
        assert_eq!(refused(&tree.data(), way, false).code(), Code::PlanSyntax);
    }
}

#[test]
fn two_runs_never_share_a_trash() {
    let tree = Tree::new();
    tree.fill([("data/a", "1"), ("data/b", "1")]);
    let seen = Cell::new(0);
    let other = |_, _: Option<u64>| {
        let error = refused(&tree.data(), into(&tree.trash()), false);
        assert!(error.message().ends_with("is in use"), "{error}");
        let error = restore(&tree.trash(), None, false, &|_, _| {}).unwrap_err();
        assert!(error.message().ends_with("is in use"), "{error}");
        seen.set(seen.get() + 1);
    };
    let listing = tree.list("*");
    tree.run(condemned(&listing), into(&tree.trash()), false, &other).unwrap();
    assert_eq!(seen.get(), 2);
    assert_eq!(tree.restore().restored, 2);
}

#[test]
fn a_trash_inside_the_folder_or_around_it_is_refused() {
    let tree = Tree::new();
    tree.fill([("data/sub/a", "1")]);
    symlink("data", tree.path("link")).unwrap();
    let before = tree.seen("");
    for trash in ["data", "data/trash", "data/sub", "data/sub/trash", "link", "link/trash"] {
        for is_dry in [true, false] {
            let error = refused(&tree.data(), into(&tree.path(trash)), is_dry);
            assert_eq!(error.code(), Code::IoWrite);
            let middle = format!("lies in the folder `{}`", tree.data().display());
            assert!(error.message().contains(&middle), "{trash}: {error}");
        }
    }
    for (folder, trash) in [("data/sub", "data"), ("data", ""), ("link", "")] {
        let error = refused(&tree.path(folder), into(&tree.path(trash)), false);
        assert!(error.message().contains("lies in the trash"), "{error}");
    }
    assert_eq!(tree.seen(""), before);
}

#[test]
fn a_trash_that_cannot_be_made_is_an_error() {
    let tree = Tree::new();
    tree.fill([("file", "1")]);
    symlink("nowhere", tree.path("dangling")).unwrap();
    for (trash, why) in [
        ("nowhere/trash", "there is no such folder"),
        ("file", "it is no folder"),
        ("file/trash", "it is no folder"),
        ("dangling", "it is no folder"),
    ] {
        let trash = tree.path(trash);
        let error = refused(&tree.data(), into(&trash), false);
        assert_eq!(error.message(), format!("cannot write `{}`: {why}", trash.display()));
    }
    let error = refused(&tree.path("file"), Way::ForGood, false);
    assert!(error.message().ends_with("it is no folder"), "{error}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_trash_on_another_file_system_is_refused_before_anything_is_moved() {
    let tree = Tree::new();
    tree.fill([("data/a", "1")]);
    // One of the two is not where the tree is.
    let other = ["/dev/shm", env!("CARGO_MANIFEST_DIR")].into_iter().find(|other| {
        fs::metadata(other).unwrap().dev() != fs::metadata(tree.data()).unwrap().dev()
    });
    let other = tempfile::tempdir_in(other.expect("there is a second file system")).unwrap();
    let other = other.path();
    for trash in [other.to_owned(), other.join("trash")] {
        for is_dry in [true, false] {
            let listing = tree.list("*");
            let error =
                tree.run(condemned(&listing), into(&trash), is_dry, &|_, _| {}).unwrap_err();
            let (trash, data) = (trash.display(), tree.data());
            let message =
                format!("the trash `{trash}` and `{}` are on two file systems", data.display());
            assert_eq!((error.code(), error.message()), (Code::IoWrite, message.as_str()));
            let help = "name a trash on the folder's own, where files are moved and not copied";
            assert_eq!(error.help(), Some(help));
        }
    }
    assert_eq!(fs::read_dir(other).unwrap().count(), 0);
    assert_eq!(tree.ids("*"), ["a"]);
    // One that is a whole file system away from a single file: that file alone fails.
    let (here, there) = (Dir::open(&tree.data()).unwrap(), Dir::open(other).unwrap());
    let listing = tree.list("*");
    let file = condemned(&listing).next().unwrap();
    let fate = throw(&file, &here, "a".as_ref(), &there).unwrap();
    assert_eq!(fate, Fate::Failed("it is on another file system than the trash".into()));
    assert_eq!(tree.ids("*"), ["a"]);
}

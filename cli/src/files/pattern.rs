//! Patterns: what `files` in a rule says.

use std::path::{Path, PathBuf};

use globset::{ErrorKind, GlobBuilder, GlobSet, GlobSetBuilder};
use housekeep::{Code, Error};

use crate::text::plain;

/// Longer than any path that could match.
const MAX_BYTES: usize = 4096;
/// Where a pattern stops to be a plain path.
const SPECIAL: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];

/// The pattern of a rule, in two parts: all folders before the first name with a wildcard are its
/// base, and the rest is matched against paths below the folder that is listed.
///
/// | pattern             | base            | rest               |
/// |---------------------|-----------------|--------------------|
/// | `temp/*`            | `temp`          | `*`                |
/// | `/logs/agents/**`   | `/logs/agents`  | `**`               |
/// | `a/*/b/*.log`       | `a`             | `*/b/*.log`        |
/// | `maintenance.log*`  | the present one | `maintenance.log*` |
/// | `/var/log/cron.log` | `/var/log`      | `cron.log`         |
///
/// `*` stands for any part of one name, `**` for any folders; names that begin with a dot are
/// names like all others. `?` and `[a-z]` stand for one byte, `{a,b}` for one of the two, and a
/// backslash takes the meaning away from what follows it.
#[derive(Debug)]
pub(crate) struct Pattern {
    base: PathBuf,
    #[cfg(test)]
    rest: String,
    files: GlobSet,
    /// Which folders may hold such a file: the first entry is for those right in the base.
    folders: Vec<GlobSet>,
    /// Whether any folder farther down may.
    is_deep: bool,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// `policy.bad_value` for one that cannot be read, or that no file could match.
    pub(crate) fn new(text: &str) -> Result<Self, Error> {
        let wrong = |why: &str, help: &str| bad(text, why, help);
        if text.len() > MAX_BYTES {
            return Err(wrong("it is too long", "write a shorter one"));
        }
        if text.contains('\0') {
            return Err(wrong("no name has a NUL in it", "leave it out"));
        }
        let plain_end = text.find(SPECIAL).unwrap_or(text.len());
        let slash = text.get(..plain_end).and_then(|plain| plain.rfind('/'));
        let (base, rest) = match slash.and_then(|slash| text.split_at_checked(slash)) {
            None => ("", text),
            // The root is written with its slash.
            Some(("", rest)) => ("/", rest),
            Some(parts) => parts,
        };
        let rest = if slash.is_some() { rest.strip_prefix('/').unwrap_or(rest) } else { rest };
        if rest.split('/').any(|name| matches!(name, "" | "." | "..")) {
            return Err(wrong("no file has such a name", "name files, such as `temp/*`"));
        }
        if !has_whole_folders(rest) {
            let help = "let `**` stand alone between slashes, such as `temp/**/*.log`";
            return Err(wrong("`**` is part of a name", help));
        }
        let files =
            glob(rest).map_err(|why| wrong(&why, "mend it, or write `\\` before the sign"))?;
        let (folders, is_deep) = folders(rest);
        Ok(Self {
            base: PathBuf::from(base),
            #[cfg(test)]
            rest: rest.to_owned(),
            files,
            folders,
            is_deep,
        })
    }

    /// The folder that the pattern itself names; empty for the present one.
    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    /// What paths below the folder are matched against.
    #[cfg(test)]
    fn rest(&self) -> &str {
        &self.rest
    }

    /// Whether the file of this path, below the folder, is meant.
    pub(super) fn names(&self, file: &Path) -> bool {
        self.files.is_match(file)
    }

    /// Whether the folder of this path could hold a file that is meant. `depth` is the number of
    /// names in the path.
    pub(super) fn enters(&self, folder: &Path, depth: usize) -> bool {
        match self.folders.get(depth.saturating_sub(1)) {
            Some(folders) => folders.is_match(folder),
            None => self.is_deep,
        }
    }
}

fn bad(text: &str, why: &str, help: &str) -> Error {
    let message = format!("`{}` is no pattern of files: {why}", plain(text));
    Error::host(Code::PolicyBadValue, message, Some(help.into()))
}

/// As a set of one: unlike a single glob, that tells of every error, and never panics.
fn glob(text: &str) -> Result<GlobSet, String> {
    let glob = GlobBuilder::new(text)
        .literal_separator(true)
        .backslash_escape(true)
        .empty_alternates(true)
        .build();
    let set = glob.and_then(|glob| GlobSetBuilder::new().add(glob).build());
    set.map_err(|error| match error.kind() {
        // Its text is the expression that the pattern became.
        ErrorKind::Regex(_) => "it is too intricate".into(),
        kind => kind.to_string(),
    })
}

/// That each `**` stands for whole folders: `a**` means no more than `a*`, and is a mistake.
fn has_whole_folders(text: &str) -> bool {
    let mut before = '/';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => drop(rest.next()),
            '*' if rest.next_if_eq(&'*').is_some() => {
                let is_begun = matches!(before, '/' | '{' | ',');
                let is_ended = matches!(rest.peek(), None | Some('/' | '}' | ','));
                if !is_begun || !is_ended {
                    return false;
                }
            }
            _ => {}
        }
        before = c;
    }
    true
}

/// Which folders may hold a file that is meant: one set for each level, and whether all may below
/// the last of them.
fn folders(rest: &str) -> (Vec<GlobSet>, bool) {
    let mut folders = Vec::new();
    let mut from = 0;
    for (slash, _) in rest.match_indices('/') {
        let (Some(name), Some(path)) = (rest.get(from..slash), rest.get(..slash)) else { break };
        if name.contains("**") {
            return (folders, true);
        }
        // A slash within braces parts what is nothing by itself.
        let Ok(set) = glob(path) else { return (folders, true) };
        folders.push(set);
        from = slash + 1;
    }
    let is_deep = rest.get(from..).is_some_and(|name| name.contains("**"));
    (folders, is_deep)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn parts(text: &str) -> (String, String) {
        let pattern = Pattern::new(text).unwrap();
        (pattern.base().display().to_string(), pattern.rest().to_owned())
    }

    #[test]
    fn the_base_ends_where_the_first_wildcard_begins() {
        for (text, base, rest) in [
            ("temp/*", "temp", "*"),
            ("/logs/agents/**", "/logs/agents", "**"),
            ("a/*/b/*.log", "a", "*/b/*.log"),
            ("maintenance.log*", "", "maintenance.log*"),
            ("/var/log/cron.log", "/var/log", "cron.log"),
            ("cron.log", "", "cron.log"),
            ("/*", "/", "*"),
            ("/boot.log", "/", "boot.log"),
            ("../temp/?", "../temp", "?"),
            ("a/b{c,d/e}/f", "a", "b{c,d/e}/f"),
            ("a/b\\*/c", "a", "b\\*/c"),
            ("a/b[12]", "a", "b[12]"),
        ] {
            assert_eq!(parts(text), (base.to_owned(), rest.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_pattern_means_what_people_expect() {
        for (pattern, path, is_meant) in [
            ("*", "a", true),
            ("*", ".hidden", true),
            ("*", "two\nlines", true),
            ("*", "a/b", false),
            ("**", "a", true),
            ("**", "a/.b/c", true),
            ("**/*.log", "x.log", true),
            ("**/*.log", "a/b/x.log", true),
            ("**/*.log", "a/b/x.txt", false),
            ("*/**", "a", false),
            ("*/**", "a/b/c", true),
            ("*/x/*", "a/x/b", true),
            ("*/x/*", "a/b/x/c", false),
            ("m.log*", "m.log.1", true),
            ("m.log*", "old-m.log", false),
            ("m.log", "m.log", true),
            ("m.log", "mXlog", false),
            ("{a,b/c}/*", "b/c/d", true),
            ("x{,.gz}", "x", true),
            ("x{,.gz}", "x.gz", true),
            ("[!a]x", "/x", false),
            ("?", "b", true),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("a[*]", "a*", true),
            ("\\**", "*b", true),
        ] {
            let found = Pattern::new(pattern).unwrap();
            assert_eq!(found.names(Path::new(path)), is_meant, "{pattern} {path}");
        }
    }

    #[test]
    fn every_folder_on_the_way_to_a_file_is_entered_and_few_others() {
        for (pattern, folder, is_entered) in [
            ("*", "a", false),
            ("m.log", "a", false),
            ("*/x/*.log", "a", true),
            ("*/x/*.log", "a/x", true),
            ("*/x/*.log", "a/private", false),
            ("*/x/*.log", "a/x/b", false),
            ("x*/**", "private", false),
            ("x*/**", "x1/a/b", true),
            ("*/**/x", "a/b/c", true),
            ("{a/b,c}/*", "a/b", true),
            ("{**,a}/x", "b/c/d", true),
        ] {
            let found = Pattern::new(pattern).unwrap();
            let folder = Path::new(folder);
            let depth = folder.components().count();
            assert_eq!(found.enters(folder, depth), is_entered, "{pattern} {folder:?}");
        }
    }

    #[test]
    fn a_bad_pattern_is_an_error_of_the_policy() {
        for (text, why) in [
            ("", "no file has such a name"),
            ("temp/", "no file has such a name"),
            ("temp/..", "no file has such a name"),
            ("*/../x", "no file has such a name"),
            ("a*//b", "no file has such a name"),
            ("a/*\0", "no name has a NUL in it"),
            ("logs/**.log", "`**` is part of a name"),
            ("logs**", "`**` is part of a name"),
            ("logs/***", "`**` is part of a name"),
            ("[a", "unclosed character class; missing ']'"),
            ("{a,b", "unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)"),
            ("a\\", "dangling '\\'"),
            ("[z-a]", "invalid range; 'z' > 'a'"),
        ] {
            let error = Pattern::new(text).unwrap_err();
            assert_eq!(error.code(), Code::PolicyBadValue, "{text}");
            let message = format!("`{}` is no pattern of files: {why}", plain(text));
            assert_eq!(error.message(), message);
            assert!(error.help().is_some());
        }
        for long in ["x".repeat(MAX_BYTES + 1), "{".repeat(2000) + "a" + &"}".repeat(2000)] {
            assert_eq!(Pattern::new(&long).unwrap_err().code(), Code::PolicyBadValue);
        }
    }
}

//! Names of files as text, whatever they hold.
//!
//! A name may be any bytes but `/` and NUL. As text, a backslash is written `\\` and a byte that is
//! no UTF-8 `\xff`; all else, a newline too, stands as it is. Each name has one text, and each text
//! at most one name: what is not written like that names nothing.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// The id of a file: its path below the folder, with `/` between the names.
pub(crate) fn to_id(path: &Path) -> String {
    let names: Vec<String> =
        path.components().map(|name| escape(name.as_os_str().as_encoded_bytes())).collect();
    names.join("/")
}

/// The path of an id; none for what could lead out of the folder, or is no id at all.
pub(crate) fn from_id(id: &str) -> Option<PathBuf> {
    let is_name = |name: &str| !matches!(name, "" | "." | "..");
    if !id.split('/').all(is_name) {
        return None;
    }
    let path = from_text(id)?;
    // Where other signs than `/` part names as well, they must not.
    let names = path.components().filter(|part| matches!(part, Component::Normal(_))).count();
    (names == id.split('/').count()).then_some(path)
}

/// Any path as text.
pub(crate) fn to_text(path: &Path) -> String {
    escape(path.as_os_str().as_encoded_bytes())
}

/// The path that such a text is of.
pub(crate) fn from_text(text: &str) -> Option<PathBuf> {
    let bytes = unescape(text)?;
    // A byte may be escaped only where it has to be: else one path had two texts.
    let is_exact = escape(&bytes) == text;
    native(bytes).filter(|_| is_exact).map(PathBuf::from)
}

fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for (n, part) in chunk.valid().split('\\').enumerate() {
            if n > 0 {
                out.push_str("\\\\");
            }
            out.push_str(part);
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        rest = match escaped.strip_prefix('\\') {
            Some(after) => {
                bytes.push(b'\\');
                after
            }
            None => {
                let (digits, after) = escaped.strip_prefix('x')?.split_at_checked(2)?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                after
            }
        };
    }
    bytes.extend_from_slice(rest.as_bytes());
    (!bytes.contains(&0)).then_some(bytes)
}

#[cfg(unix)]
fn native(bytes: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

#[cfg(not(unix))]
fn native(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn path(bytes: &[u8]) -> PathBuf {
        PathBuf::from(OsStr::from_bytes(bytes))
    }

    #[test]
    fn names_stand_as_they_are_where_they_can() {
        for (bytes, id) in [
            (&b"a/b.log"[..], "a/b.log"),
            (b"two\nlines", "two\nlines"),
            ("år/日本 .log".as_bytes(), "år/日本 .log"),
            (b"back\\slash", "back\\\\slash"),
            (b"\xff", "\\xff"),
            (b"a\xc3/\xa9", "a\\xc3/\\xa9"),
            (b"\\xff", "\\\\xff"),
            (b"...", "..."),
            (b" ", " "),
        ] {
            assert_eq!(to_id(&path(bytes)), id);
            assert_eq!(from_id(id), Some(path(bytes)), "{id}");
        }
    }

    #[test]
    fn what_is_no_id_names_nothing() {
        for id in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "./a",
            "a/..",
            "../a",
            "a/../b",
            "a/./b",
            "a\0b",
            "\\",
            "a\\",
            "\\x",
            "\\xf",
            "\\xfg",
            "\\x+f",
            "\\n",
            "\\xFF",
            "\\x00",
            "\\x2f",
            "\\x61",
            "\\xc3\\xa9",
            "\\é",
            "\\x2e\\x2e/a",
        ] {
            assert_eq!(from_id(id), None, "{id:?}");
        }
    }

    #[test]
    fn any_path_comes_back_from_its_text() {
        assert_eq!(to_text(Path::new("/srv/a\\b")), "/srv/a\\\\b");
        assert_eq!(from_text("/srv/a\\\\b"), Some(PathBuf::from("/srv/a\\b")));
    }

    /// A name of bytes that often are near to what is special.
    fn name() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            Just(b'\\'),
            Just(b'x'),
            Just(b'.'),
            Just(b'\n'),
            Just(0xc3),
            Just(0xa9),
            1..=255_u8
        ];
        vec(byte.prop_filter("no name has it", |byte| *byte != b'/'), 1..12)
            .prop_filter("these are no names", |name| name != b"." && name != b"..")
    }

    proptest! {
        #[test]
        fn every_path_has_one_id(names in vec(name(), 1..5)) {
            let path = path(&names.join(&b'/'));
            prop_assert_eq!(from_id(&to_id(&path)), Some(path));
        }

        #[test]
        fn every_id_has_one_path(id in "[a./\\\\xcf39é\n]{0,16}") {
            if let Some(path) = from_id(&id) {
                prop_assert_eq!(to_id(&path), id);
                prop_assert!(path.components().all(|part| matches!(part, Component::Normal(_))));
            }
        }
    }
}

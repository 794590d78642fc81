//! One opaque error with a stable code, a sentence, what to do, and where it happened.

mod codes;

use std::fmt;

pub use codes::Code;

use crate::bounds::QUOTED_CHARS;

/// What kind of thing went wrong: bad policy and bad data are different.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The policy, or what was asked of it.
    Policy,
    /// The rows.
    Data,
    /// A plan that is refused, altered or unreadable.
    Plan,
    /// What is done in a database, and was not.
    Apply,
    /// A file or stream of the host's.
    Io,
    /// The caller stopped it.
    Cancelled,
}

impl Kind {
    /// The kind in lower case, as in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Policy => "policy",
            Kind::Data => "data",
            Kind::Plan => "plan",
            Kind::Apply => "apply",
            Kind::Io => "io",
            Kind::Cancelled => "cancelled",
        }
    }
}

/// A place in a policy that was given as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Byte offsets from the start of the text: first, and one past the last.
    pub span: (usize, usize),
}

/// Why something was refused.
///
/// [`Display`](fmt::Display) gives the sentence and, after a semicolon, what to do.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    code: Code,
    message: String,
    help: Option<String>,
    path: Option<String>,
    row: Option<u64>,
    position: Option<Position>,
}

/// What each module's own error says; [`Error`] is made from these alone.
pub(crate) trait Leaf: fmt::Display {
    fn code(&self) -> Code;
    /// What the user should do, in lower case and without a full stop.
    fn help(&self) -> Option<String> {
        None
    }
}

impl<L: Leaf> From<L> for Error {
    fn from(leaf: L) -> Self {
        Self::build(leaf.code(), leaf.to_string(), leaf.help())
    }
}

impl Error {
    fn build(code: Code, message: String, help: Option<String>) -> Self {
        Self(Box::new(Inner { code, message, help, path: None, row: None, position: None }))
    }

    /// An error of the host's own input and output, so that it reads like all others.
    ///
    /// `code` is one of the `io.*` codes; `message` and `help` are in lower case, without a full
    /// stop.
    #[must_use]
    pub fn host(code: Code, message: impl Into<String>, help: Option<String>) -> Self {
        Self::build(code, message.into(), help)
    }

    /// Which error it is.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.code.kind()
    }

    /// What went wrong, without what to do.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it, where that can be said.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// Where: a path in the document such as `dedupe.runs.window`, or the column of a row.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The row, counted from 1; a header is not a row.
    #[must_use]
    pub fn row(&self) -> Option<u64> {
        self.0.row
    }

    /// Line and column, for a policy given as text.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    pub(crate) fn at_path(mut self, path: impl Into<String>) -> Self {
        self.0.path.get_or_insert(path.into());
        self
    }

    /// The same, where its path begins below another: that is put before it.
    pub(crate) fn under(mut self, base: &str) -> Self {
        let path = self.0.path.take();
        self.0.path = Some(path.map_or_else(|| base.to_owned(), |path| format!("{base}.{path}")));
        self
    }

    pub(crate) fn at_row(mut self, row: u64) -> Self {
        self.0.row.get_or_insert(row);
        self
    }

    #[cfg(feature = "documents")]
    pub(crate) fn at_position(mut self, position: Option<Position>) -> Self {
        if self.0.position.is_none() {
            self.0.position = position;
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if f.alternate() {
            // For a deserializer of ours, which takes it apart again.
            let help = inner.help.as_deref().unwrap_or_default();
            return write!(f, "{}{PART}{}{PART}{help}", inner.code.as_str(), inner.message);
        }
        match (inner.row, inner.path.as_deref().map(quoted)) {
            (Some(row), Some(path)) => write!(f, "row {row}, {path}: ")?,
            (Some(row), None) => write!(f, "row {row}: ")?,
            (None, Some(path)) => write!(f, "{path}: ")?,
            (None, None) => {}
        }
        f.write_str(&inner.message)?;
        match &inner.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {self}", self.0.code.as_str())
    }
}

impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl std::error::Error for Error {}

/// Parts code, message and help in the alternate form. Serde carries an error as text alone; this
/// is how one of ours keeps its parts on the way through.
const PART: char = '\u{1f}';

#[cfg(feature = "documents")]
impl Error {
    /// Whatever a deserializer was told: one of ours whole, anything else as `code`.
    pub(crate) fn told(text: &str, code: Code) -> Self {
        let mut parts = text.splitn(3, PART);
        let known = |text| Code::ALL.iter().copied().find(|code| code.as_str() == text);
        if let (Some(own), Some(message), Some(help)) =
            (parts.next().and_then(known), parts.next(), parts.next())
        {
            let help = (!help.is_empty()).then(|| help.to_owned());
            return Self::build(own, message.to_owned(), help);
        }
        Self::build(code, text.to_owned(), None)
    }
}

/// The user's own text in backticks, on one line, and cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("`");
    for (n, c) in text.chars().enumerate() {
        if n == QUOTED_CHARS {
            out.push('…');
            break;
        }
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out.push('`');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_begin_with_their_kind() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code:?} twice");
            let family = code.as_str().split('.').next().unwrap();
            let expected = match code.kind() {
                Kind::Data => &["rows", "metrics", "state", "report"][..],
                kind => &[kind.as_str()],
            };
            assert!(expected.contains(&family), "{code:?}");
        }
    }

    #[test]
    fn long_text_is_cut_and_stays_on_one_line() {
        assert_eq!(quoted("a\nb"), "`a\\nb`");
        assert_eq!(quoted(&"x".repeat(1_000_000)).chars().count(), QUOTED_CHARS + 3);
    }
}

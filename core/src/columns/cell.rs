//! One value of one row, and the types that columns have.

use std::fmt;

use super::{List, uuid};
use crate::time::Instant;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "documents",
    derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)
)]
#[cfg_attr(feature = "documents", serde(rename_all = "lowercase"))]
pub enum Type {
    /// Text; ordered by its bytes.
    Text,
    /// A whole number of 64 bits.
    Integer,
    /// A UUID; compared by value, whatever its case.
    Uuid,
    /// True or false.
    Boolean,
    /// A point in time.
    Instant,
    /// A list of text; never an id, a key or a time.
    List,
    /// A number, fraction and all, of which NaN is none: for what is measured. No rule over rows has it.
    #[cfg_attr(feature = "documents", serde(skip))]
    Number,
}

impl Type {
    /// The name, as a policy writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Type::Text => "text",
            Type::Integer => "integer",
            Type::Uuid => "uuid",
            Type::Boolean => "boolean",
            Type::Instant => "instant",
            Type::List => "list",
            Type::Number => "number",
        }
    }

    /// With its article, for a sentence.
    pub(crate) fn described(self) -> &'static str {
        match self {
            Type::Text => "a text",
            Type::Integer => "an integer",
            Type::Uuid => "a uuid",
            Type::Boolean => "true or false",
            Type::Instant => "a time",
            Type::List => "a list of text",
            Type::Number => "a number",
        }
    }
}

/// One value, borrowed from the record or the column that holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// The record has no such field. Not the same as null.
    Missing,
    /// The record has the field, without a value.
    Null,
    /// A value no column can hold, described with its article: `a list`.
    Unfit(&'static str),
    /// Text from a format where everything is text: its type comes from the rule or the column.
    Raw(&'a str),
    /// Text.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A UUID, most significant byte first.
    Uuid([u8; 16]),
    /// True or false.
    Boolean(bool),
    /// A point in time.
    Instant(Instant),
    /// What a wall clock shows: the rule's `tz` says where it hangs.
    Local {
        /// Its reading, as if it were in UTC.
        reading: Instant,
        /// Whether it is the second time that the clock shows it, in a night it is set back.
        fold: bool,
    },
    /// A list of text, for a column that the rule says holds lists.
    List(List<'a>),
    /// A number with a fraction, or none at all such as NaN, for a column of what is measured.
    Number(f64),
}

impl Cell<'_> {
    /// A list of anything but text, which no column can hold; one of text is a [`Cell::List`].
    pub const LIST: Self = Cell::Unfit("a list");
    /// An object, which no column can hold.
    pub const OBJECT: Self = Cell::Unfit("an object");
    /// Text with half a character, such as a lone surrogate, which no column can hold.
    pub const NOT_UNICODE: Self = Cell::Unfit("text that is not Unicode");
    /// Anything else of a host's own, which no column can hold.
    pub const OTHER: Self = Cell::Unfit("a value of another kind");
    /// A number that does not fit, which no column can hold.
    pub const WIDE: Self = Cell::Unfit("a number of more than 64 bits");

    /// What it is, with its article.
    pub(crate) fn described(&self) -> &'static str {
        match self {
            Cell::Missing => "nothing",
            Cell::Null => "null",
            Cell::Unfit(what) => what,
            Cell::Raw(_) | Cell::Text(_) => Type::Text.described(),
            Cell::Integer(_) => Type::Integer.described(),
            Cell::Uuid(_) => Type::Uuid.described(),
            Cell::Boolean(_) => Type::Boolean.described(),
            Cell::Instant(_) | Cell::Local { .. } => Type::Instant.described(),
            Cell::List(_) => "a list",
            Cell::Number(_) => "a number with a fraction",
        }
    }
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Missing | Cell::Null => f.write_str("null"),
            Cell::Unfit(what) => f.write_str(what),
            Cell::Raw(text) | Cell::Text(text) => f.write_str(text),
            Cell::Integer(value) => value.fmt(f),
            Cell::Uuid(bytes) => f.write_str(&uuid::text(*bytes)),
            Cell::Boolean(value) => value.fmt(f),
            Cell::Instant(value) => value.fmt(f),
            Cell::List(list) => list.fmt(f),
            Cell::Number(value) => value.fmt(f),
            Cell::Local { reading, .. } => f.write_str(reading.to_string().trim_end_matches('Z')),
        }
    }
}

//! How many bytes.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::error::{Code, Error, Leaf, quoted};
use crate::text_form::text_form;

/// Units and their bytes: those of 1024, and those of 1000. From the largest on.
const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("B", 1),
];

/// A number of bytes.
///
/// Read from text such as `50MiB`, `10 MB` or `512B`, and written in the largest unit that it is a
/// whole number of.
///
/// ```
/// use housekeep::size::Size;
///
/// let size: Size = "50 MiB".parse()?;
/// assert_eq!((size.bytes(), size.to_string().as_str()), (52_428_800, "50MiB"));
/// # Ok::<(), housekeep::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u64);

/// A text that is no size.
#[derive(Debug, Error)]
enum NotASize {
    #[error("{} is no size", quoted(.0))]
    Malformed(String),
    #[error("{} has a number without a unit", quoted(.0))]
    NoUnit(String),
    #[error("{} is more than 64 bits can count", quoted(.0))]
    TooLarge(String),
}

impl Leaf for NotASize {
    fn code(&self) -> Code {
        Code::PolicyBadValue
    }

    fn help(&self) -> Option<String> {
        Some("write a whole number and a unit (B, kB, MB, GB, TB of 1000; KiB, MiB, GiB, TiB of 1024), such as `50MiB`".into())
    }
}

impl Size {
    /// So many bytes.
    #[must_use]
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// How many bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// A pattern that every text the parser accepts matches, for the JSON Schema.
    #[cfg(feature = "documents")]
    fn pattern() -> String {
        let units: Vec<&str> = UNITS.iter().map(|(unit, _)| *unit).collect();
        format!(r"^\s*\d+\s*({})\s*$", units.join("|"))
    }

    fn read(text: &str) -> Result<Self, NotASize> {
        let trimmed = text.trim();
        let end = trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(trimmed.len());
        let (digits, unit) = trimmed.split_at(end);
        if digits.is_empty() {
            return Err(NotASize::Malformed(text.to_owned()));
        }
        if unit.is_empty() {
            return Err(NotASize::NoUnit(text.to_owned()));
        }
        let found = UNITS.iter().find(|(name, _)| *name == unit.trim_start());
        let (_, each) = found.ok_or_else(|| NotASize::Malformed(text.to_owned()))?;
        let bytes = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(*each));
        bytes.map(Self).ok_or_else(|| NotASize::TooLarge(text.to_owned()))
    }
}

impl FromStr for Size {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(Self::read(text)?)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |&&(_, each): &&(&str, u64)| self.0 > 0 && self.0.is_multiple_of(each);
        match UNITS.iter().find(whole) {
            Some((unit, each)) => write!(f, "{}{unit}", self.0 / each),
            None => f.write_str("0B"),
        }
    }
}

text_form!(
    Size,
    "A number of bytes: a whole number and a unit, such as `50MiB` (1024) or `10MB` (1000).",
    Size::pattern()
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_they_are_read() {
        for text in ["0B", "1B", "1KiB", "50MiB", "10MB", "3TB", "1500kB", "18446744073709551615B"]
        {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        assert_eq!(" 2 GiB ".parse::<Size>().unwrap(), Size::new(2 << 30));
        for bad in ["", "MB", "10", "10 mb", "1.5GB", "-1B", "10MBs", "18446744073709551616B"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }
}

//! A share of one, as it is written.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::error::{Code, Error, Leaf, quoted};
use crate::text_form::text_form;

/// A share of one: `99.9%`, or `0.999`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(f64);

/// A text that is no share.
#[derive(Debug, Error)]
enum NotAShare {
    #[error("{} is no share of one", quoted(.0))]
    Malformed(String),
    #[error("{} is more than all", quoted(.0))]
    TooMuch(String),
}

impl Leaf for NotAShare {
    fn code(&self) -> Code {
        match self {
            NotAShare::Malformed(_) => Code::PolicyBadValue,
            NotAShare::TooMuch(_) => Code::PolicyOutOfRange,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            NotAShare::TooMuch(text) if text.parse().is_ok_and(|share: f64| share <= 100.0) => {
                format!("write `{text}%`")
            }
            _ => "write it from `0%` to `100%`, such as `99.9%`".into(),
        })
    }
}

/// The last digits of what is made of decimal fractions are noise.
pub(super) fn rounded(number: f64) -> f64 {
    const DIGITS: f64 = 1e12;
    (number * DIGITS).round() / DIGITS
}

impl Share {
    /// So much of one.
    #[must_use]
    pub fn new(share: f64) -> Self {
        Self(share)
    }

    /// How much of one it is.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// How much of a hundred it is.
    #[must_use]
    pub fn percent(self) -> f64 {
        rounded(self.0 * 100.0)
    }
}

impl FromStr for Share {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let trimmed = text.trim();
        let (digits, of) = match trimmed.strip_suffix('%') {
            Some(digits) => (digits.trim_end(), 100.0),
            None => (trimmed, 1.0),
        };
        let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        let number = digits.parse::<f64>().ok().filter(|_| is_number);
        match number {
            None => Err(NotAShare::Malformed(text.to_owned()).into()),
            Some(number) if number <= of => Ok(Self(rounded(number / of))),
            Some(_) => Err(NotAShare::TooMuch(text.to_owned()).into()),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.percent())
    }
}

text_form!(Share, "A share of one, such as `99.9%`.", r"^\s*(\d+\.?\d*|\.\d+)\s*%?\s*$");

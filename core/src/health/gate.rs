//! What delays that a check changes its mind.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::bounds::{QUORUM, VOTES};
use crate::error::{Code, Error, Leaf, quoted};
use crate::text_form::text_form;
use crate::time::Duration;

/// So many of so many: `3 of 5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quorum {
    hits: u16,
    of: u16,
}

/// What delays a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Gate {
    /// Nothing: it changes at once.
    #[default]
    Open,
    /// It has to have been so for as long.
    For(Duration),
    /// It has to have been so in so many of the last samples, which are 64 at most.
    Count(Quorum),
}

/// What is no quorum.
#[derive(Debug, Error)]
enum NotAQuorum {
    #[error("{} does not say how many of how many", quoted(.0))]
    Malformed(String),
    #[error("{0} of {1} can never be")]
    TooMany(u16, u16),
}

impl Leaf for NotAQuorum {
    fn code(&self) -> Code {
        match self {
            NotAQuorum::Malformed(_) => Code::PolicyBadValue,
            NotAQuorum::TooMany(..) => Code::PolicyNeverMatches,
        }
    }

    fn help(&self) -> Option<String> {
        Some("write a number of a larger one, such as `3 of 5`".into())
    }
}

impl Quorum {
    /// `hits` of `of`.
    ///
    /// # Errors
    /// `policy.out_of_range` for numbers outside 1 to 10,000, `policy.never_matches` for more than all.
    pub fn new(hits: u16, of: u16) -> Result<Self, Error> {
        let (hits, of) = (QUORUM.check(hits)?, QUORUM.check(of)?);
        if hits > of { Err(NotAQuorum::TooMany(hits, of).into()) } else { Ok(Self { hits, of }) }
    }

    /// How many.
    #[must_use]
    pub fn hits(self) -> u16 {
        self.hits
    }

    /// Of how many.
    #[must_use]
    pub fn of(self) -> u16 {
        self.of
    }
}

impl FromStr for Quorum {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let read = || {
            let (hits, of) = text.split_once(" of ")?;
            Some((hits.trim().parse::<u16>().ok()?, of.trim().parse::<u16>().ok()?))
        };
        let (hits, of) = read().ok_or_else(|| NotAQuorum::Malformed(text.to_owned()))?;
        Self::new(hits, of)
    }
}

impl fmt::Display for Quorum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.hits, self.of)
    }
}

impl Gate {
    /// The gate, if so many samples can be remembered.
    ///
    /// # Errors
    /// `policy.out_of_range` for more than 64 of them.
    pub(super) fn checked(self) -> Result<Self, Error> {
        if let Gate::Count(quorum) = self {
            VOTES.check(quorum.of)?;
        }
        Ok(self)
    }
}

impl FromStr for Gate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.contains(" of ") {
            return text.parse().map(Gate::Count);
        }
        text.parse().map(Gate::For)
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gate::Open => fmt::Display::fmt(&Duration::ZERO, f),
            Gate::For(time) => fmt::Display::fmt(time, f),
            Gate::Count(quorum) => fmt::Display::fmt(quorum, f),
        }
    }
}

text_form!(Quorum, "So many of the last so many, such as `3 of 5`.", r"^\s*\d+\s+of\s+\d+\s*$");
text_form!(Gate, "A duration such as `5m`, or so many of the last samples, such as `3 of 5`.");

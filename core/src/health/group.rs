//! Several checks as one.

use std::fmt;
use std::str::FromStr;

use super::{Quorum, Status};
use crate::error::Error;
use crate::text_form::text_form;

/// How the statuses of a group's members become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RollUp {
    /// The worst of them.
    #[default]
    Worst,
    /// As bad as at least so many of all are: with `2 of 3`, the second worst.
    Count(Quorum),
}

/// Checks and other groups that have a status together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    pub(super) of: Vec<String>,
    pub(super) roll_up: RollUp,
    pub(super) cap: Option<Status>,
    pub(super) critical: bool,
}

impl Group {
    /// Of checks and groups, by their names.
    #[must_use]
    pub fn new(of: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { of: of.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// How their statuses become one.
    #[must_use]
    pub fn roll_up(mut self, roll_up: RollUp) -> Self {
        self.roll_up = roll_up;
        self
    }

    /// The worst it may be, however its members are.
    #[must_use]
    pub fn cap(mut self, cap: Status) -> Self {
        self.cap = Some(cap);
        self
    }

    /// Whether those look at it who look at nothing else.
    #[must_use]
    pub fn critical(mut self, critical: bool) -> Self {
        self.critical = critical;
        self
    }

    /// The names of its members.
    #[must_use]
    pub fn of(&self) -> &[String] {
        &self.of
    }
}

impl FromStr for RollUp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.trim() == "worst" { Ok(RollUp::Worst) } else { text.parse().map(RollUp::Count) }
    }
}

impl fmt::Display for RollUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RollUp::Worst => f.write_str("worst"),
            RollUp::Count(quorum) => fmt::Display::fmt(quorum, f),
        }
    }
}

text_form!(
    RollUp,
    "How the statuses of the members become one: `worst`, or as bad as at least so many of all, such as `2 of 3`."
);

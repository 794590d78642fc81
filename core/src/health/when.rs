//! Where a number means something at all.

use std::fmt;
use std::str::FromStr;

use super::{Metric, Threshold};
use crate::error::Error;
use crate::text_form::text_form;

/// A metric and a condition on it, as it is written: `requests >= 20`.
#[derive(Clone, Debug, PartialEq)]
pub struct When {
    /// What is looked at.
    pub metric: Metric,
    /// What it has to be.
    pub threshold: Threshold,
}

impl FromStr for When {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let signs = text.find(['<', '>', '=', '!']);
        let words = || [" inside ", " outside "].iter().find_map(|word| text.find(word));
        let (metric, threshold) = text.split_at(signs.or_else(words).unwrap_or(text.len()));
        Ok(Self { metric: metric.parse()?, threshold: threshold.parse()? })
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.metric, self.threshold)
    }
}

text_form!(When, "A metric and a condition on it, such as `requests >= 20`.");

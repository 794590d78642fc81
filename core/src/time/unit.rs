//! What an integer time counts.

use super::Instant;

/// The unit of integer times, counted from 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "documents",
    derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)
)]
pub enum TimeUnit {
    /// Seconds.
    #[cfg_attr(feature = "documents", serde(rename = "s"))]
    Seconds,
    /// Milliseconds.
    #[cfg_attr(feature = "documents", serde(rename = "ms"))]
    Milliseconds,
    /// Microseconds.
    #[cfg_attr(feature = "documents", serde(rename = "us"))]
    Microseconds,
    /// Nanoseconds; what is finer than a microsecond is cut, towards the past.
    #[cfg_attr(feature = "documents", serde(rename = "ns"))]
    Nanoseconds,
}

impl TimeUnit {
    /// The instant that `count` units after 1970 is; `None` outside the years 0001 to 9999.
    #[must_use]
    pub fn instant(self, count: i64) -> Option<Instant> {
        let micros = match self {
            TimeUnit::Seconds => count.checked_mul(1_000_000)?,
            TimeUnit::Milliseconds => count.checked_mul(1_000)?,
            TimeUnit::Microseconds => count,
            TimeUnit::Nanoseconds => count.div_euclid(1_000),
        };
        Instant::checked(micros)
    }
}

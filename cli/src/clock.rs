//! The only clock.

use std::time::{SystemTime, UNIX_EPOCH};

use housekeep::Error;
use housekeep::time::Instant;

/// The present: what was said on the command line, or else now.
pub(crate) fn present(said: Option<Instant>) -> Result<Instant, Error> {
    said.map_or_else(now, Ok)
}

/// Now, in whole microseconds.
fn now() -> Result<Instant, Error> {
    let now = SystemTime::now();
    let micros = match now.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |micros| -micros)
        }
    };
    Instant::from_micros(micros)
}

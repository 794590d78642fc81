//! Instants, durations and zones.
//!
//! An instant is a whole number of microseconds since 1970-01-01T00:00:00Z, in the years 0001 to
//! 9999. A duration is elapsed time; a span may also count months on a calendar. Nothing here reads a
//! clock.

mod date;
mod duration;
mod instant;
mod span;
mod text;
mod unit;
mod weekly;
mod zone;

pub use date::Date;
pub use duration::Duration;
pub(crate) use duration::TICK;
pub use instant::Instant;
pub use span::Span;
pub(crate) use text::{NotATime, TextFault, parse_instant};
pub use unit::TimeUnit;
pub use weekly::{Hours, WallTime, Weekday};
pub use zone::Zone;

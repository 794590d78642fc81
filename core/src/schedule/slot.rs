//! A slot: one occasion of a schedule.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::error::{Code, Error, Leaf, quoted};
use crate::text_form::text_form;
use crate::time::{Date, Instant, WallTime};

/// What a slot is known by: its nominal day and, of a schedule with several times a day, its nominal
/// time. `2026-03-06`, or `2026-03-06T14:00`.
///
/// It is the day of the rule and of no clock, so that neither a restart, nor a clock that goes back, nor
/// a change to summer time makes two of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotId {
    /// The day.
    pub date: Date,
    /// The time, where a day has several.
    pub time: Option<WallTime>,
}

/// What names no slot.
#[derive(Debug, Error)]
#[error("{} names no slot", quoted(.0))]
struct NotASlot(String);

impl Leaf for NotASlot {
    fn code(&self) -> Code {
        Code::StateBadEvent
    }

    fn help(&self) -> Option<String> {
        Some(
            "write its day, such as `2026-03-06`, or day and time, such as `2026-03-06T14:00`"
                .into(),
        )
    }
}

impl From<Date> for SlotId {
    fn from(date: Date) -> Self {
        Self { date, time: None }
    }
}

impl FromStr for SlotId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let read = || {
            let time = time.map(str::parse).transpose()?;
            Ok::<_, Error>(Self { date: date.parse()?, time })
        };
        read().map_err(|_| NotASlot(text.to_owned()).into())
    }
}

impl fmt::Display for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time {
            Some(time) => write!(f, "{}T{time}", self.date),
            None => write!(f, "{}", self.date),
        }
    }
}

impl fmt::Debug for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

text_form!(
    SlotId,
    "A slot: its day, such as `2026-03-06`, or day and time, such as `2026-03-06T14:00`."
);

/// One occasion of a schedule: when it may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// What it is known by.
    pub id: SlotId,
    /// The time of day that the rule says.
    pub at: WallTime,
    /// The first instant at which it may start.
    pub open: Instant,
    /// The first instant at which it may start no more: the end of its window, less the cutoff.
    pub cutoff: Instant,
    /// The end of its window: it is over at this instant.
    pub close: Instant,
    /// When it is announced, if it is.
    pub notice_at: Option<Instant>,
}

impl Slot {
    /// Its day and its time of day, whether its name has a time or not: `2026-03-06T14:00`.
    #[must_use]
    pub fn nominal(&self) -> String {
        SlotId { time: Some(self.at), ..self.id }.to_string()
    }

    /// Whether it may start.
    #[must_use]
    pub fn may_start(&self, now: Instant) -> bool {
        self.open <= now && now < self.cutoff
    }

    /// Whether an instant lies in its window.
    #[must_use]
    pub fn contains(&self, at: Instant) -> bool {
        self.open <= at && at < self.close
    }
}

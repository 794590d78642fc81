//! Instants from text: RFC 3339 and PostgreSQL's text form, by byte.
//!
//! Millions of these are read for one plan, so digits are taken from their fixed places; the
//! calendar itself is chrono's.

use thiserror::Error;

use super::instant::{MICROS_PER_SECOND, day_number};
use super::{Instant, Zone};
use crate::error::{Code, Leaf, quoted};

/// Why a text is no instant; [`TextFault::of`] adds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextFault {
    Malformed,
    Naive,
    Infinite,
    OutOfYears,
}

/// A text that is no instant.
#[derive(Debug, Error)]
pub(crate) enum NotATime {
    #[error("{} is no time", quoted(.0))]
    Malformed(String),
    #[error("{} has no offset", quoted(.0))]
    Naive(String),
    #[error("{} is no point in time", quoted(.0))]
    Infinite(String),
    #[error("{} is outside the years 0001 to 9999", quoted(.0))]
    OutOfYears(String),
}

impl TextFault {
    pub(crate) fn of(self, text: &str) -> NotATime {
        let text = text.to_owned();
        match self {
            TextFault::Malformed => NotATime::Malformed(text),
            TextFault::Naive => NotATime::Naive(text),
            TextFault::Infinite => NotATime::Infinite(text),
            TextFault::OutOfYears => NotATime::OutOfYears(text),
        }
    }
}

impl Leaf for NotATime {
    fn code(&self) -> Code {
        match self {
            NotATime::Malformed(_) => Code::RowsBadValue,
            NotATime::Naive(_) => Code::RowsNaiveTime,
            NotATime::Infinite(_) => Code::RowsInfiniteTime,
            NotATime::OutOfYears(_) => Code::RowsTimeOutOfRange,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            NotATime::Malformed(_) => {
                "write it as RFC 3339 does, such as 2026-02-13T03:00:00Z".into()
            }
            NotATime::Naive(_) => {
                "add the offset, such as 2026-02-13T03:00:00Z, or name the rule's `tz`".into()
            }
            NotATime::Infinite(_) | NotATime::OutOfYears(_) => {
                "give the row a real time, or null if it has none".into()
            }
        })
    }
}

/// Reads an instant. A time without an offset is taken in `zone`, where there is one.
pub(crate) fn parse_instant(text: &[u8], zone: Option<Zone>) -> Result<Instant, TextFault> {
    let mut text = Reader(text);
    let day = text.date()?;
    if !matches!(text.next(), Some(b'T' | b't' | b' ')) {
        return Err(TextFault::Malformed);
    }
    let micros = text.clock()?;
    match text.offset()? {
        Some(offset) => {
            Instant::from_day(day, micros - offset * MICROS_PER_SECOND).ok_or(TextFault::OutOfYears)
        }
        None => match zone {
            Some(zone) => zone.resolve(day, micros).ok_or(TextFault::OutOfYears),
            None => Err(TextFault::Naive),
        },
    }
}

/// What is left of the text.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn skip(&mut self, byte: u8) -> Result<(), TextFault> {
        if self.next() == Some(byte) { Ok(()) } else { Err(TextFault::Malformed) }
    }

    /// Exactly `width` digits.
    fn digits(&mut self, width: usize) -> Result<u32, TextFault> {
        let mut value = 0;
        for _ in 0..width {
            match self.next() {
                Some(digit @ b'0'..=b'9') => value = value * 10 + u32::from(digit - b'0'),
                _ => return Err(TextFault::Malformed),
            }
        }
        Ok(value)
    }

    /// Exactly two digits, no more than `most`.
    fn two(&mut self, most: u32) -> Result<i64, TextFault> {
        match self.digits(2)? {
            value if value <= most => Ok(i64::from(value)),
            _ => Err(TextFault::Malformed),
        }
    }

    fn date(&mut self) -> Result<i64, TextFault> {
        let whole = self.0;
        if whole.eq_ignore_ascii_case(b"infinity") || whole.eq_ignore_ascii_case(b"-infinity") {
            return Err(TextFault::Infinite);
        }
        let negative = self.peek() == Some(b'-');
        if matches!(self.peek(), Some(b'-' | b'+')) {
            self.next();
        }
        let years = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if years > 4 || negative {
            // Years that other tools write, and that are not ours: told apart from nonsense.
            let dash = self.0.get(years) == Some(&b'-');
            return Err(if years >= 4 && dash {
                TextFault::OutOfYears
            } else {
                TextFault::Malformed
            });
        }
        let year = self.digits(4)?;
        self.skip(b'-')?;
        let month = self.digits(2)?;
        self.skip(b'-')?;
        let day = self.digits(2)?;
        if year == 0 || whole.ends_with(b" BC") {
            return Err(TextFault::OutOfYears);
        }
        let year = i32::try_from(year).map_err(|_| TextFault::Malformed)?;
        day_number(year, month, day).ok_or(TextFault::Malformed)
    }

    /// Microseconds into the day. A leap second counts as the first of the next minute.
    fn clock(&mut self) -> Result<i64, TextFault> {
        let hour = self.two(23)?;
        self.skip(b':')?;
        let minute = self.two(59)?;
        self.skip(b':')?;
        let second = self.two(60)?;
        let mut micros = ((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND;
        if matches!(self.peek(), Some(b'.' | b',')) {
            self.next();
            let mut place = MICROS_PER_SECOND / 10;
            let mut any = false;
            while let Some(digit @ b'0'..=b'9') = self.peek() {
                self.next();
                micros += i64::from(digit - b'0') * place;
                place /= 10;
                any = true;
            }
            if !any {
                return Err(TextFault::Malformed);
            }
        }
        Ok(micros)
    }

    /// Seconds east of Greenwich; `None` where the text ends without an offset.
    fn offset(&mut self) -> Result<Option<i64>, TextFault> {
        let sign = match self.next() {
            None => return Ok(None),
            Some(b'Z' | b'z') => 0,
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(_) => return Err(TextFault::Malformed),
        };
        let mut seconds = 0;
        if sign != 0 {
            seconds = self.two(23)? * 3600;
            for unit in [60, 1] {
                if self.0.is_empty() {
                    break;
                }
                if self.peek() == Some(b':') {
                    self.next();
                }
                seconds += self.two(59)? * unit;
            }
        }
        if self.0.is_empty() { Ok(Some(sign * seconds)) } else { Err(TextFault::Malformed) }
    }
}

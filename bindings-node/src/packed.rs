//! The values of a chunk of rows, packed by `ts/pack.cts` so that they cross in one piece.
//!
//! A tag says what each value is, a number holds what fits one, and all texts of the chunk are one
//! text: crossing once per value would cost more than the decision itself.

use std::collections::HashMap;

use housekeep::columns::{Cell, ListBuilder};
use housekeep::time::{Instant, TimeUnit};

/// What a value is. The numbers are `Tag` in `ts/pack.cts`; the tests show every one of them.
mod tag {
    pub(super) const MISSING: u8 = 0;
    pub(super) const NULL: u8 = 1;
    pub(super) const TEXT: u8 = 2;
    pub(super) const NUMBER: u8 = 3;
    pub(super) const FALSE: u8 = 4;
    pub(super) const TRUE: u8 = 5;
    /// Its digits are in the text.
    pub(super) const BIGINT: u8 = 6;
    /// Milliseconds since 1970, or NaN.
    pub(super) const DATE: u8 = 7;
    /// The digits of microseconds since 1970 are in the text.
    pub(super) const MICROS: u8 = 8;
    /// Not of text alone.
    pub(super) const LIST: u8 = 9;
    pub(super) const OBJECT: u8 = 10;
    /// A list of text: in its own text, each is behind its length in UTF-16 units and a colon.
    pub(super) const TEXTS: u8 = 12;
    /// Ours alone: a text that turned out to hold half a character.
    pub(super) const NOT_UNICODE: u8 = 255;
}

/// Past this, numbers of JavaScript are no longer exact.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;
/// The first number of more than 64 bits.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;

/// The values of a chunk, one after the other.
#[derive(Debug)]
pub(crate) struct Packed {
    tags: Vec<u8>,
    numbers: Vec<f64>,
    text: String,
    /// Where the text of each value ends; it begins where the one before it does.
    ends: Vec<usize>,
    /// The lists of text, by their places.
    lists: HashMap<usize, ListBuilder>,
}

impl Packed {
    /// `numbers` holds the length of each text, in UTF-16 units.
    pub(crate) fn new(tags: &[u8], numbers: &[f64], units: &[u16]) -> Self {
        let mut packed = Self {
            tags: tags.to_vec(),
            numbers: numbers.to_vec(),
            text: String::new(),
            ends: Vec::with_capacity(tags.len()),
            lists: HashMap::new(),
        };
        packed.unpack(units);
        packed
    }

    /// The texts as UTF-8. A half character is never replaced by another one: two different texts
    /// could become the same.
    fn unpack(&mut self, units: &[u16]) {
        let ascii = units.iter().fold(0, |all, unit| all | unit) < 0x80;
        if ascii {
            let bytes = units.iter().map(|&unit| unit.to_le_bytes()[0]).collect();
            self.text = String::from_utf8(bytes).unwrap_or_default();
        }
        let mut from = 0;
        for (at, (tag, number)) in self.tags.iter_mut().zip(&self.numbers).enumerate() {
            if matches!(*tag, tag::TEXT | tag::BIGINT | tag::MICROS | tag::TEXTS) {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a length of JavaScript"
                )]
                let to = from + *number as usize;
                let own = units.get(from..to).unwrap_or_default();
                if *tag == tag::TEXTS {
                    self.lists.extend(list(own).map(|list| (at, list)));
                } else if !ascii {
                    match String::from_utf16(own) {
                        Ok(text) => self.text.push_str(&text),
                        Err(_) => *tag = tag::NOT_UNICODE,
                    }
                }
                from = to;
            }
            self.ends.push(if ascii { from } else { self.text.len() });
        }
    }

    fn text(&self, at: usize) -> &str {
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        let to = self.ends.get(at).copied().unwrap_or(0);
        self.text.get(from.unwrap_or(0)..to).unwrap_or_default()
    }

    /// How many values it has.
    pub(crate) fn len(&self) -> usize {
        self.tags.len()
    }

    /// The value at this place.
    pub(crate) fn cell(&self, at: usize) -> Cell<'_> {
        let number = || self.numbers.get(at).copied().unwrap_or(0.0);
        let digits = || self.text(at).parse::<i64>().ok();
        match self.tags.get(at).copied().unwrap_or(tag::MISSING) {
            tag::MISSING => Cell::Missing,
            tag::NULL => Cell::Null,
            tag::TEXT => Cell::Text(self.text(at)),
            tag::NUMBER => whole(number()),
            tag::FALSE => Cell::Boolean(false),
            tag::TRUE => Cell::Boolean(true),
            tag::BIGINT => digits().map_or(Cell::WIDE, Cell::Integer),
            tag::DATE => date(number()),
            tag::MICROS => instant(digits().and_then(|micros| Instant::from_micros(micros).ok())),
            tag::LIST => Cell::LIST,
            // One with half a character is none of text.
            tag::TEXTS => self.lists.get(&at).map_or(Cell::LIST, |list| Cell::List(list.list())),
            tag::OBJECT => Cell::OBJECT,
            tag::NOT_UNICODE => Cell::NOT_UNICODE,
            _ => Cell::OTHER,
        }
    }
}

/// The texts of a list; `None` if one of them has half a character.
fn list(mut units: &[u16]) -> Option<ListBuilder> {
    let mut list = ListBuilder::new();
    while !units.is_empty() {
        let colon = units.iter().position(|&unit| unit == u16::from(b':'))?;
        let (length, rest) = units.split_at_checked(colon)?;
        let length = String::from_utf16(length).ok()?.parse().ok()?;
        let (text, rest) = rest.get(1..)?.split_at_checked(length)?;
        list.push(&String::from_utf16(text).ok()?);
        units = rest;
    }
    Some(list)
}

#[expect(clippy::cast_possible_truncation, reason = "a whole number that is exact")]
pub(crate) fn whole(number: f64) -> Cell<'static> {
    if number.fract() != 0.0 || !number.is_finite() {
        Cell::Number(number)
    } else if number.abs() >= TWO_63 {
        Cell::WIDE
    } else if number.abs() > MAX_SAFE {
        Cell::Unfit("a number past 2^53, where it is no longer exact")
    } else {
        Cell::Integer(number as i64)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a Date is whole and far from 2^63")]
fn date(millis: f64) -> Cell<'static> {
    if millis.fract() != 0.0 || !millis.is_finite() {
        return Cell::Unfit("a Date that is no time");
    }
    instant(TimeUnit::Milliseconds.instant(millis as i64))
}

fn instant(at: Option<Instant>) -> Cell<'static> {
    at.map_or(Cell::Unfit("a time outside the years 0001 to 9999"), Cell::Instant)
}

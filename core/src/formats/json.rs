//! JSON and JSON lines. `serde_json` parses; a row goes straight into its places, and fields that
//! no rule needs are passed over.

use std::fmt;
use std::io::BufRead;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::slot::{Kind, Row};
use super::window::Window;
use super::{BadBytes, Format};
use crate::columns::{Cell, Need, Table, TableBuilder, append_element};
use crate::error::Error;

/// A mark at the start of a text, which says nothing in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What the first bytes are: an array or a whole object with `data` is one document; an object
/// that ends with its line is a row.
pub(super) fn sniff(first: &[u8]) -> Format {
    let first = first.strip_prefix(BYTE_ORDER_MARK).unwrap_or(first).trim_ascii_start();
    if first.first() != Some(&b'{') {
        return Format::Json;
    }
    let line = first.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let is_whole = serde_json::from_slice::<IgnoredAny>(line).is_ok();
    let more = !first.get(line.len()..).unwrap_or_default().trim_ascii().is_empty();
    let has_data = || serde_json::from_slice(line).is_ok_and(|HasData(has)| has);
    if is_whole && (more || !has_data()) { Format::Ndjson } else { Format::Json }
}

/// Whether an object has a field `data`.
struct HasData(bool);

impl<'de> serde::Deserialize<'de> for HasData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = std::collections::BTreeMap::<String, IgnoredAny>::deserialize(deserializer)?;
        Ok(Self(fields.contains_key("data")))
    }
}

pub(super) fn read_lines(needs: &[Need], mut input: impl BufRead) -> Result<Table, Error> {
    let mut rows = Rows::new(needs);
    let mut line = Vec::new();
    let mut any = false;
    loop {
        line.clear();
        let length = input.read_until(b'\n', &mut line).map_err(BadBytes::Read)?;
        if length == 0 {
            break;
        }
        let text = if any { &*line } else { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&line) };
        any = true;
        if text.trim_ascii().is_empty() {
            continue;
        }
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        let read = RowSeed(&mut rows).deserialize(&mut deserializer);
        read.and_then(|()| deserializer.end()).map_err(|error| rows.failed(&error))?;
    }
    if any { rows.finish() } else { Err(BadBytes::Empty.into()) }
}

pub(super) fn read_document(needs: &[Need], input: impl BufRead) -> Result<Table, Error> {
    let mut window = Window::new(input);
    if !window.grow().map_err(BadBytes::Read)? {
        return Err(BadBytes::Empty.into());
    }
    if window.rest().starts_with(BYTE_ORDER_MARK) {
        window.consume(BYTE_ORDER_MARK.len());
    }
    let mut rows = Rows::new(needs);
    let found_rows = if window.peek().map_err(BadBytes::Read)? == Some(b'[') {
        rows.read_array(&mut window)?;
        true
    } else {
        let mut deserializer = serde_json::Deserializer::from_reader(window.into_reader());
        let read = deserializer.deserialize_any(DocumentVisitor(&mut rows));
        let ended = read.and_then(|found| deserializer.end().map(|()| found));
        ended.map_err(|error| rows.failed(&error))?
    };
    if found_rows { rows.finish() } else { Err(BadBytes::NoData.into()) }
}

/// The rows read so far.
struct Rows<'n> {
    needs: &'n [Need],
    row: Row,
    builder: TableBuilder,
    /// An error of ours, which the parser only carries as text.
    failure: Option<Error>,
}

impl<'n> Rows<'n> {
    fn new(needs: &'n [Need]) -> Self {
        Self { needs, row: Row::new(needs), builder: TableBuilder::new(needs), failure: None }
    }

    fn finish(self) -> Result<Table, Error> {
        self.builder.finish()
    }

    /// Reads an array row by row, each from the bytes at hand: that is several times faster than
    /// to parse an array as it streams in, and needs no more memory. Only the brackets and commas
    /// between the rows are looked at here.
    fn read_array(&mut self, window: &mut Window<impl BufRead>) -> Result<(), Error> {
        window.consume(1);
        let mut is_first = true;
        loop {
            match (window.peek().map_err(BadBytes::Read)?, is_first) {
                (Some(b']'), _) => break,
                (Some(b','), false) => {
                    window.consume(1);
                    if window.peek().map_err(BadBytes::Read)? == Some(b']') {
                        return Err(self.not_json("a row was expected after the comma"));
                    }
                }
                (Some(_), true) => {}
                (Some(_), false) => return Err(self.not_json("expected `,` or `]`")),
                (None, _) => return Err(self.truncated("in the middle of a list")),
            }
            self.read_row(window)?;
            is_first = false;
        }
        window.consume(1);
        match window.peek().map_err(BadBytes::Read)? {
            None => Ok(()),
            Some(_) => Err(self.not_json("trailing characters")),
        }
    }

    /// Reads the row that begins here.
    fn read_row(&mut self, window: &mut Window<impl BufRead>) -> Result<(), Error> {
        loop {
            let mut deserializer = serde_json::Deserializer::from_slice(window.rest());
            match RowSeed(self).deserialize(&mut deserializer) {
                Ok(()) => {
                    // An iterator knows how far its deserializer has come.
                    let length = deserializer.into_iter::<IgnoredAny>().byte_offset();
                    window.consume(length);
                    return Ok(());
                }
                Err(error) => {
                    // The row may go on behind what is at hand.
                    let is_cut = error.is_eof() && self.failure.is_none();
                    if !(is_cut && window.grow().map_err(BadBytes::Read)?) {
                        return Err(self.failed(&error));
                    }
                }
            }
        }
    }

    fn not_json(&self, what: &str) -> Error {
        let bad = BadBytes::Json(format!("this is not JSON: {what}"));
        Error::from(bad).at_row(self.builder.rows() + 1)
    }

    fn truncated(&self, what: &str) -> Error {
        Error::from(BadBytes::Truncated(what.to_owned())).at_row(self.builder.rows() + 1)
    }

    /// The row in hand goes into the columns.
    fn push<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.builder.push(&self.row).map_err(|error| self.fail(error))
    }

    fn fail<E: serde::de::Error>(&mut self, error: Error) -> E {
        self.failure = Some(error);
        E::custom("refused")
    }

    /// What really went wrong, where the parser stopped.
    fn failed(&mut self, error: &serde_json::Error) -> Error {
        if let Some(own) = self.failure.take() {
            return own;
        }
        let said = error.to_string();
        let message = said.rsplit_once(" at line ").map_or(said.as_str(), |(message, _)| message);
        let bad = match error.classify() {
            Category::Io => BadBytes::Read(std::io::Error::other(message.to_owned())),
            Category::Eof => {
                BadBytes::Truncated(message.replace("EOF while parsing", "in the middle of"))
            }
            _ if message.starts_with("invalid unicode code point") => BadBytes::NotUnicode,
            _ => BadBytes::Json(format!("this is not JSON: {message}")),
        };
        Error::from(bad).at_row(self.builder.rows() + 1)
    }
}

/// What is neither text, an array nor an object is not what was looked for.
macro_rules! no_other {
    () => {
        fn visit_unit<E>(self) -> Result<bool, E> {
            Ok(false)
        }

        fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
            Ok(false)
        }

        fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
            Ok(false)
        }

        fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
            Ok(false)
        }

        fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
            Ok(false)
        }
    };
}

/// The whole document: whether it held rows, by itself or in its `data`.
struct DocumentVisitor<'r, 'n>(&'r mut Rows<'n>);

impl<'de> Visitor<'de> for DocumentVisitor<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rows, or an object whose `data` is one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<bool, A::Error> {
        RowsVisitor(self.0).visit_seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "data" {
                found = map.next_value_seed(DataSeed(self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    no_other!();
}

/// The rows themselves: whether this is an array.
struct RowsVisitor<'r, 'n>(&'r mut Rows<'n>);

impl<'de> Visitor<'de> for RowsVisitor<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        while seq.next_element_seed(RowSeed(self.0))?.is_some() {}
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    no_other!();
}

/// The value of `data`: whether it is an array.
struct DataSeed<'r, 'n>(&'r mut Rows<'n>);

impl<'de> DeserializeSeed<'de> for DataSeed<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(RowsVisitor(self.0))
    }
}

/// One row: read into its places, and from there into the columns.
struct RowSeed<'r, 'n>(&'r mut Rows<'n>);

impl<'de> DeserializeSeed<'de> for RowSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl RowSeed<'_, '_> {
    fn not_a_record<E: serde::de::Error>(self, found: Cell<'_>) -> Result<(), E> {
        let error = self.0.builder.not_a_record(&found);
        Err(self.0.fail(error))
    }
}

impl<'de> Visitor<'de> for RowSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let rows = self.0;
        rows.row.clear();
        while let Some(place) = map.next_key_seed(PlaceSeed(rows.needs))? {
            let Some(place) = place else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let Some(slot) = rows.row.slots.get_mut(place) else { continue };
            if slot.kind != Kind::MISSING {
                let row = rows.builder.rows() + 1;
                let name = rows.needs.get(place).map(|need| need.name.clone()).unwrap_or_default();
                return Err(rows.fail(Error::from(BadBytes::Repeated).at_row(row).at_path(name)));
            }
            slot.text.clear();
            slot.kind = map.next_value_seed(CellSeed(&mut slot.text))?;
        }
        rows.push()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        self.not_a_record(Cell::LIST)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.not_a_record(Cell::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.not_a_record(Cell::Boolean(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.not_a_record(Cell::Integer(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.not_a_record(i64::try_from(value).map_or(Cell::WIDE, Cell::Integer))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.not_a_record(Cell::Number(value))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.not_a_record(Cell::Text(text))
    }
}

/// A field's name: its place among the needs, if it has one.
struct PlaceSeed<'n>(&'n [Need]);

impl<'de> DeserializeSeed<'de> for PlaceSeed<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for PlaceSeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|need| need.name == name))
    }
}

/// A field's value.
struct CellSeed<'t>(&'t mut String);

impl<'de> DeserializeSeed<'de> for CellSeed<'_> {
    type Value = Kind;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed<'_> {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Kind, E> {
        self.0.push_str(text);
        Ok(Kind::Text)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Other(Cell::Integer(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Other(i64::try_from(value).map_or(Cell::WIDE, Cell::Integer)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Kind, E> {
        Ok(Kind::Other(Cell::Number(value)))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Other(Cell::Boolean(value)))
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Other(Cell::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Kind, A::Error> {
        while let Some(is_text) = seq.next_element_seed(ElementSeed(self.0))? {
            if !is_text {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Kind::Other(Cell::LIST));
            }
        }
        Ok(Kind::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Kind::Other(Cell::OBJECT))
    }
}

/// An element of a list, behind those before it: whether it is text.
struct ElementSeed<'t>(&'t mut String);

impl<'de> DeserializeSeed<'de> for ElementSeed<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ElementSeed<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        append_element(self.0, text);
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(false)
    }

    no_other!();
}

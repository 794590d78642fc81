//! A row as a line of an export: a JSON object of texts and nulls. It is written of the texts that the server
//! makes, and the texts of some columns are read of it without the others.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::catalog::Column;
use crate::columns::escape_json;

/// How the rows of a table are written. These are the bytes that `row_to_json` would give, which costs the server
/// as much as all the rest of a removal.
#[derive(Debug)]
pub(super) struct Layout {
    /// What stands before the value of each column.
    before: Vec<String>,
}

impl Layout {
    pub(super) fn of(columns: &[Column]) -> Self {
        let before = columns.iter().enumerate().map(|(n, column)| {
            let mut text = String::from(if n == 0 { "{\"" } else { ",\"" });
            escape_json(&column.name, &mut text);
            text.push_str("\":");
            text
        });
        Self { before: before.collect() }
    }

    /// A row, of which there is a text or a null of each column.
    pub(super) fn line(&self, row: &[Option<String>]) -> String {
        let values = || self.before.iter().zip(row);
        let length: usize = values()
            .map(|(name, text)| name.len() + 4 + text.as_ref().map_or(0, String::len))
            .sum();
        let mut line = String::with_capacity(length);
        for (name, text) in values() {
            line.push_str(name);
            match text {
                None => line.push_str("null"),
                Some(text) => {
                    line.push('"');
                    escape_json(text, &mut line);
                    line.push('"');
                }
            }
        }
        line.push_str(if line.is_empty() { "{}" } else { "}" });
        line
    }
}

/// The texts of these columns, in their order; none for a null, for a column that the row lacks, and for
/// what is no row.
pub(super) fn texts<'t>(line: &'t str, columns: &[&str]) -> Vec<Option<Cow<'t, str>>> {
    let mut reader = serde_json::Deserializer::from_str(line);
    Columns(columns).deserialize(&mut reader).unwrap_or_else(|_| vec![None; columns.len()])
}

struct Columns<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Columns<'_> {
    type Value = Vec<Option<Cow<'de, str>>>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Columns<'_> {
    type Value = Vec<Option<Cow<'de, str>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut texts = vec![None; self.0.len()];
        while let Some(name) = map.next_key_seed(Text)? {
            let name = name.unwrap_or_default();
            let place = self.0.iter().position(|column| *column == name);
            match place.and_then(|place| texts.get_mut(place)) {
                Some(text) => *text = map.next_value_seed(Text)?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(texts)
    }
}

/// A text or null, of which nothing is copied that needs not be.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or null")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn columns_are_found_whatever_their_order() {
        let line = r#"{"a":"1","b\n":"x\ty","c":null,"d":"4"}"#;
        let found = |columns: &[&str]| -> Vec<Option<String>> {
            texts(line, columns).into_iter().map(|text| text.map(Into::into)).collect()
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(found(&["d", "b\n", "c", "e"]), [text("4"), text("x\ty"), None, None]);
        assert_eq!(texts("[]", &["a"]), [None]);
        assert_eq!(texts(r#"{"a":1}"#, &["a"]), [None]);
        assert_eq!(texts(r#"{"a":"1""#, &["a"]), [None]);
    }
}

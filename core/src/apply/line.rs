//! A row as a line of an export: the texts of some of its columns, read without the others.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

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

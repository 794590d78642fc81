//! The texts of some entries of a JSON object, which is read no further than they stand.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// The texts of these entries, in their order, and integers as texts; none for a null, for an entry that the object
/// lacks, and for what is no object. What stands behind the last of them is not looked at.
pub(crate) fn texts<'t>(object: &'t str, names: &[&str]) -> Vec<Option<Cow<'t, str>>> {
    let mut texts = vec![None; names.len()];
    let mut reader = serde_json::Deserializer::from_str(object);
    // It ends with an error where the object is not read to its end.
    reader.deserialize_map(Entries { names, texts: &mut texts }).ok();
    texts
}

struct Entries<'a, 't> {
    names: &'a [&'a str],
    texts: &'a mut [Option<Cow<'t, str>>],
}

impl<'de> Visitor<'de> for Entries<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut missing = self.names.len();
        while missing > 0
            && let Some(name) = map.next_key_seed(Text)?
        {
            let name = name.unwrap_or_default();
            let place = self.names.iter().position(|own| *own == name);
            match place.and_then(|place| self.texts.get_mut(place)) {
                Some(text) => {
                    *text = map.next_value_seed(Text)?;
                    missing -= 1;
                }
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// A text, an integer or null, of which nothing is copied that needs not be.
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
        f.write_str("a text, an integer or null")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn entries_are_found_whatever_their_order() {
        let object = r#"{"a":"1","b\n":"x\ty","c":null,"d":4}"#;
        let found = |names: &[&str]| -> Vec<Option<String>> {
            texts(object, names).into_iter().map(|text| text.map(Into::into)).collect()
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(found(&["d", "b\n", "c", "e"]), [text("4"), text("x\ty"), None, None]);
        assert_eq!(texts("[]", &["a"]), [None]);
        assert_eq!(texts(r#"{"a":[1]}"#, &["a"]), [None]);
        assert_eq!(texts(r#"{"a":"1""#, &["b"]), [None]);
    }

    #[test]
    fn what_stands_behind_them_is_not_read() {
        let found = texts(r#"{"b":[1],"a":"1","c":"#, &["a"]);
        assert_eq!(found, [Some("1".into())]);
    }
}

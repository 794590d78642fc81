//! The key or the group of a row as a document.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::columns::Cell;

/// The key of a row: column names to values, in the order of the rule. Ids inside it are text like
/// all ids; only null and booleans are not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Key<'a>(Vec<(Cow<'a, str>, KeyValue<'a>)>);

/// A value of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyValue<'a> {
    /// There is none.
    Null,
    /// True or false.
    Boolean(bool),
    /// Anything else, as text.
    Text(Cow<'a, str>),
}

impl<'a> Key<'a> {
    /// Of columns, with the row's values.
    pub(crate) fn new(columns: impl IntoIterator<Item = (&'a str, Cell<'a>)>) -> Self {
        let entries = columns.into_iter().map(|(name, cell)| (name.into(), cell.into()));
        Self(entries.collect())
    }

    /// Names and values, in the order of the rule.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &KeyValue<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// The value of the column at this place.
    pub(crate) fn cell(&self, place: usize) -> Cell<'_> {
        match self.0.get(place).map(|(_, value)| value) {
            None | Some(KeyValue::Null) => Cell::Null,
            Some(KeyValue::Boolean(value)) => Cell::Boolean(*value),
            Some(KeyValue::Text(text)) => Cell::Text(text),
        }
    }

    /// The same, which borrows nothing.
    pub(crate) fn into_owned(self) -> Key<'static> {
        let entries = self.0.into_iter().map(|(name, value)| {
            let value = match value {
                KeyValue::Null => KeyValue::Null,
                KeyValue::Boolean(value) => KeyValue::Boolean(value),
                KeyValue::Text(text) => KeyValue::Text(Cow::Owned(text.into_owned())),
            };
            (Cow::Owned(name.into_owned()), value)
        });
        Key(entries.collect())
    }

    /// Puts the columns in the order of the rule, whatever order they were read in.
    pub(super) fn put_in_order(&mut self, names: &[String]) {
        self.0.sort_by_key(|(name, _)| names.iter().position(|own| own == name));
    }
}

#[cfg(feature = "arrow")]
impl KeyValue<'_> {
    /// The value as text, if there is one.
    pub(crate) fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            KeyValue::Null => None,
            KeyValue::Boolean(value) => Some(value.to_string().into()),
            KeyValue::Text(text) => Some(Cow::Borrowed(text)),
        }
    }
}

impl fmt::Display for KeyValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyValue::Null => f.write_str("null"),
            KeyValue::Boolean(value) => value.fmt(f),
            KeyValue::Text(text) => f.write_str(text),
        }
    }
}

impl<'a> From<Cell<'a>> for KeyValue<'a> {
    fn from(cell: Cell<'a>) -> Self {
        match cell {
            Cell::Null | Cell::Missing => KeyValue::Null,
            Cell::Boolean(value) => KeyValue::Boolean(value),
            cell => KeyValue::Text(text(cell)),
        }
    }
}

impl<'de> Deserialize<'de> for KeyValue<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;
        impl<'de> Visitor<'de> for Value {
            type Value = KeyValue<'static>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, true, false or null")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(KeyValue::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(KeyValue::Boolean(value))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(KeyValue::Text(text.to_owned().into()))
            }
        }
        deserializer.deserialize_any(Value)
    }
}

impl Serialize for KeyValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            KeyValue::Null => serializer.serialize_unit(),
            KeyValue::Boolean(value) => serializer.serialize_bool(*value),
            KeyValue::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Key<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Key<'static>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of key columns")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Key(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// An id as text, borrowed where it is text already.
pub(crate) fn text(cell: Cell<'_>) -> Cow<'_, str> {
    match cell {
        Cell::Text(text) | Cell::Raw(text) => Cow::Borrowed(text),
        cell => Cow::Owned(cell.to_string()),
    }
}

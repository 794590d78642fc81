//! From a [`Node`] to any type, with our own errors: the path, and what was meant.

use std::fmt::{self, Display};

use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use thiserror::Error;

use super::node::{Entry, Node, Value};
use crate::error::{self, Code, Leaf, quoted};
use crate::suggest;

/// What is wrong with a document's shape.
#[derive(Debug, Error)]
enum BadShape {
    #[error("there is no key {} here", quoted(.name))]
    UnknownField { name: String, known: &'static [&'static str] },
    #[error("{} is none of the words that are known here", quoted(.name))]
    UnknownValue { name: String, known: &'static [&'static str] },
    #[error("the key {} is missing", quoted(.0))]
    Missing(&'static str),
    #[error("the key {} is given twice", quoted(.0))]
    Repeated(&'static str),
    #[error("{expected} was expected, and {found} was found")]
    Type { expected: String, found: String },
    #[error("{found} cannot stand here, where {expected} was expected")]
    Range { expected: String, found: String },
}

impl Leaf for BadShape {
    fn code(&self) -> Code {
        match self {
            BadShape::UnknownField { .. } => Code::PolicyUnknownField,
            BadShape::UnknownValue { .. } => Code::PolicyUnknownValue,
            BadShape::Missing(_) => Code::PolicyMissingField,
            BadShape::Repeated(_) => Code::PolicyRepeatedField,
            BadShape::Type { .. } => Code::PolicyWrongType,
            BadShape::Range { .. } => Code::PolicyOutOfRange,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            BadShape::UnknownField { name, known } | BadShape::UnknownValue { name, known } => {
                suggest::help(name, known.iter().copied())
            }
            BadShape::Missing(name) => Some(format!("add {}", quoted(name))),
            BadShape::Repeated(_) => Some("keep one of the two".into()),
            BadShape::Type { expected, found } => match expected.as_str() {
                "a text" => Some("put it in quotes".into()),
                "a list" if found == "a table" => Some("put it in brackets".into()),
                "a list" => Some("put it in brackets, such as `[\"…\"]`".into()),
                "a table" => Some("write it as a table".into()),
                _ => None,
            },
            BadShape::Range { .. } => None,
        }
    }
}

/// An error on its way up through the document, gathering its path.
#[derive(Debug)]
pub(super) struct Fault {
    error: error::Error,
    /// Innermost part last.
    path: Vec<String>,
}

impl Fault {
    fn under(mut self, part: impl Into<String>) -> Self {
        self.path.insert(0, part.into());
        self
    }

    fn finish(self) -> error::Error {
        let path = self.path.join(".").replace(".[", "[");
        if path.is_empty() { self.error } else { self.error.at_path(path) }
    }
}

impl<L: Leaf> From<L> for Fault {
    fn from(leaf: L) -> Self {
        Self { error: leaf.into(), path: Vec::new() }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        let error = error::Error::told(&format!("{message:#}"), Code::PolicyBadValue);
        Self { error, path: Vec::new() }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        BadShape::Type { expected: plain(expected), found: described(found) }.into()
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        BadShape::Range { expected: plain(expected), found: described(found) }.into()
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::from(BadShape::UnknownField { name: name.to_owned(), known })
    }

    fn unknown_variant(name: &str, known: &'static [&'static str]) -> Self {
        BadShape::UnknownValue { name: name.to_owned(), known }.into()
    }

    fn missing_field(name: &'static str) -> Self {
        BadShape::Missing(name).into()
    }

    fn duplicate_field(name: &'static str) -> Self {
        BadShape::Repeated(name).into()
    }
}

/// What serde expected, in the words of a document: no user has heard of a `u64`.
fn plain(expected: &dyn Expected) -> String {
    let said = expected.to_string();
    match said.as_str() {
        "u64" | "u32" => "a whole number, zero or more,".into(),
        "i64" => "a whole number".into(),
        "f64" => "a number".into(),
        "a string" => "a text".into(),
        "a sequence" => "a list".into(),
        "a map" => "a table".into(),
        "a boolean" => "true or false".into(),
        _ if said.starts_with("struct ") => "a table".into(),
        _ if said.starts_with("enum ") || said.ends_with("identifier") => "a text".into(),
        _ => said,
    }
}

fn described(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(value) => format!("the number `{value}`"),
        Unexpected::Signed(value) => format!("the number `{value}`"),
        Unexpected::Float(value) => format!("the number `{value}`"),
        Unexpected::Str(text) => format!("the text {}", quoted(text)),
        Unexpected::Seq => "a list".into(),
        Unexpected::Map => "a table".into(),
        Unexpected::Unit | Unexpected::Option => "null".into(),
        _ => "something else".into(),
    }
}

/// Reads `T` from the document.
pub(super) fn read<'de, T: de::Deserialize<'de>>(node: &'de Node) -> Result<T, error::Error> {
    T::deserialize(NodeReader(node)).map_err(Fault::finish)
}

#[derive(Clone, Copy)]
struct NodeReader<'de>(&'de Node);

impl<'de> Deserializer<'de> for NodeReader<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Null => visitor.visit_unit(),
            Value::Boolean(value) => visitor.visit_bool(*value),
            Value::Integer(value) => visitor.visit_i64(*value),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::List(items) => visitor.visit_seq(Items(items.iter().enumerate())),
            Value::Map(entries) => visitor.visit_map(Fields { rest: entries.iter(), value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Text(word) => {
                let word: StringDeserializer<Fault> = word.clone().into_deserializer();
                visitor.visit_enum(word)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.0.value {
            // Serde would take a list for a struct, by the order of its fields.
            Value::List(_) => Err(de::Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct Items<'de>(std::iter::Enumerate<std::slice::Iter<'de, Node>>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some((index, node)) = self.0.next() else { return Ok(None) };
        let value = seed.deserialize(NodeReader(node));
        value.map(Some).map_err(|fault| fault.under(format!("[{index}]")))
    }
}

struct Fields<'de> {
    rest: std::slice::Iter<'de, Entry>,
    value: Option<&'de Entry>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some(entry) = self.rest.next() else { return Ok(None) };
        self.value = Some(entry);
        let key: StringDeserializer<Fault> = entry.key.clone().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|fault| fault.under(entry.key.as_str()))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        // Serde asks for a value only after its key.
        let Some(entry) = self.value.take() else {
            return Err(BadShape::Missing("value").into());
        };
        seed.deserialize(NodeReader(&entry.node)).map_err(|fault| fault.under(entry.key.as_str()))
    }
}

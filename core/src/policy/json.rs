//! The JSON front. `serde_json` parses; a raw value knows where in the text it stands.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use thiserror::Error;

use super::node::{Document, Entry, Node, Span, Value, Wide, position};
use crate::bounds::POLICY_DEPTH;
use crate::error::{Code, Error, Leaf, Position, quoted};

/// What the parser said, or a key given twice.
#[derive(Debug, Error)]
enum NotJson {
    #[error("the policy is not JSON: {0}")]
    Syntax(String),
    #[error("{} is given twice", quoted(.0))]
    Repeated(String),
}

impl Leaf for NotJson {
    fn code(&self) -> Code {
        match self {
            NotJson::Syntax(_) => Code::PolicySyntax,
            NotJson::Repeated(_) => Code::PolicyRepeatedField,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            NotJson::Syntax(_) => "mend the line".into(),
            NotJson::Repeated(_) => "keep one of the two".into(),
        })
    }
}

pub(super) fn read(text: &str) -> Result<Document, Error> {
    let reader = Reader { text };
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| reader.syntax(&error))?;
    Ok(Document { root: reader.node(raw, 0)?, text: Some(text.to_owned()) })
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn syntax(self, error: &serde_json::Error) -> Error {
        // "message at line 1 column 2": the place is said in another way.
        let said = error.to_string();
        let message = said.rsplit_once(" at line ").map_or(said.as_str(), |(message, _)| message);
        let line_start: usize = self
            .text
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum();
        let at = (line_start + error.column().saturating_sub(1)).min(self.text.len());
        let place = position(self.text, at..at).unwrap_or(Position {
            line: u32::try_from(error.line()).unwrap_or(u32::MAX),
            column: u32::try_from(error.column()).unwrap_or(u32::MAX),
            span: (at, at),
        });
        Error::from(NotJson::Syntax(message.to_owned())).at_position(Some(place))
    }

    /// Where a part of the text stands in it.
    fn span(self, part: &'a str) -> Span {
        let start = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        start..start + part.len()
    }

    fn place(self, error: impl Into<Error>, span: Span) -> Error {
        error.into().at_position(position(self.text, span))
    }

    fn parse<T: Deserialize<'a>>(self, raw: &'a RawValue) -> Result<T, Error> {
        serde_json::from_str(raw.get()).map_err(|error| self.syntax(&error))
    }

    fn node(self, raw: &'a RawValue, depth: usize) -> Result<Node, Error> {
        let span = self.span(raw.get());
        POLICY_DEPTH.check(depth).map_err(|error| self.place(error, span.clone()))?;
        let value = match raw.get().as_bytes().first() {
            Some(b'{') => {
                let Fields(fields) = self.parse(raw)?;
                let mut entries: Vec<Entry> = Vec::with_capacity(fields.len());
                for (key, value) in fields {
                    let name: String = self.parse(key)?;
                    let key_span = self.span(key.get());
                    if entries.iter().any(|entry| entry.key == name) {
                        return Err(self.place(NotJson::Repeated(name), key_span));
                    }
                    let node = self.node(value, depth + 1)?;
                    entries.push(Entry { key: name, key_span: Some(key_span), node });
                }
                Value::Map(entries)
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = self.parse(raw)?;
                Value::List(
                    items
                        .into_iter()
                        .map(|item| self.node(item, depth + 1))
                        .collect::<Result<_, _>>()?,
                )
            }
            Some(b'"') => Value::Text(self.parse(raw)?),
            Some(b't' | b'f') => Value::Boolean(self.parse(raw)?),
            Some(b'n') => Value::Null,
            _ => self.number(raw.get(), &span)?,
        };
        Ok(Node { value, span: Some(span) })
    }

    fn number(self, text: &str, span: &Span) -> Result<Value, Error> {
        if let Ok(value) = text.parse() {
            return Ok(Value::Integer(value));
        }
        let is_integer = !text.contains(['.', 'e', 'E']);
        match text.parse() {
            Ok(value) if !is_integer => Ok(Value::Float(value)),
            _ => Err(self.place(Wide(text.to_owned()), span.clone())),
        }
    }
}

/// The fields of an object, in their order, with their keys as they stand.
struct Fields<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Vec<(&'de RawValue, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(All).map(Fields)
    }
}

//! The TOML front.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};
use thiserror::Error;

use super::node::{Document, Entry, Node, Value, Wide, position};
use crate::error::{Code, Error, Leaf};

/// What the parser said.
#[derive(Debug, Error)]
#[error("the policy is not TOML: {0}")]
struct NotToml(String);

impl Leaf for NotToml {
    fn code(&self) -> Code {
        Code::PolicySyntax
    }

    fn help(&self) -> Option<String> {
        Some("mend the line".into())
    }
}

pub(super) fn read(text: &str) -> Result<Document, Error> {
    let table = DeTable::parse(text).map_err(|error| {
        // The parser's messages may have lines of their own.
        let message = error.message().trim().replace('\n', ", ");
        let place = error.span().and_then(|span| position(text, span));
        Error::from(NotToml(message)).at_position(place)
    })?;
    let span = table.span();
    let value = map(table.as_ref(), text)?;
    Ok(Document { root: Node { value, span: Some(span) }, text: Some(text.to_owned()) })
}

fn map(table: &DeTable<'_>, text: &str) -> Result<Value, Error> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table {
        entries.push(Entry {
            key: key.as_ref().to_string(),
            key_span: Some(key.span()),
            node: node(value, text)?,
        });
    }
    Ok(Value::Map(entries))
}

fn node(value: &Spanned<DeValue<'_>>, text: &str) -> Result<Node, Error> {
    let place = |error: Wide| Error::from(error).at_position(position(text, value.span()));
    let read = match value.as_ref() {
        DeValue::Boolean(value) => Value::Boolean(*value),
        DeValue::Integer(number) => {
            let parsed = i64::from_str_radix(number.as_str(), number.radix());
            Value::Integer(parsed.map_err(|_| place(Wide(number.to_string())))?)
        }
        DeValue::Float(number) => {
            let parsed = number.as_str().parse();
            Value::Float(parsed.map_err(|_| place(Wide(number.to_string())))?)
        }
        DeValue::String(text) => Value::Text(text.to_string()),
        // A date without quotes means what it means with them.
        DeValue::Datetime(at) => Value::Text(at.to_string()),
        DeValue::Array(items) => {
            Value::List(items.iter().map(|item| node(item, text)).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => map(table, text)?,
    };
    Ok(Node { value: read, span: Some(value.span()) })
}

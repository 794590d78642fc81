//! The front for documents that a host already has in memory: they stand in no text.

use serde_json::Value as Json;

use super::node::{Document, Entry, Node, Value, Wide};
use crate::bounds::POLICY_DEPTH;
use crate::error::Error;

pub(super) fn read(value: &Json) -> Result<Document, Error> {
    Ok(Document { root: node(value, 0)?, text: None })
}

/// What [`read`] took: the document without its places.
pub(super) fn write(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Boolean(value) => (*value).into(),
        Value::Integer(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(write).collect(),
        Value::Map(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), write(&entry.node))).collect()
        }
    }
}

fn node(value: &Json, depth: usize) -> Result<Node, Error> {
    POLICY_DEPTH.check(depth)?;
    let below = |value| node(value, depth + 1);
    let value = match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Boolean(*value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Value::Integer(value),
            (None, Some(value)) if number.is_f64() => Value::Float(value),
            (None, _) => return Err(Wide(number.to_string()).into()),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(below).collect::<Result<_, _>>()?),
        Json::Object(fields) => {
            let entries = fields.iter().map(|(key, value)| {
                Ok(Entry { key: key.clone(), key_span: None, node: below(value)? })
            });
            Value::Map(entries.collect::<Result<_, Error>>()?)
        }
    };
    Ok(Node { value, span: None })
}

//! A document as a tree: what TOML, JSON and a host's dictionary have in common, with the place of
//! each value in the text where there is a text.

use std::ops::Range;

use thiserror::Error;

use crate::error::{Code, Error, Leaf, Position, quoted};

/// Byte offsets in the text.
pub(super) type Span = Range<usize>;

/// One value of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) span: Option<Span>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Option<Span>,
    pub(super) node: Node,
}

impl Node {
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// Where `path` stands: the value, or its key if `at_key`, or the innermost part of the path
    /// that there is.
    fn locate(&self, path: &str, at_key: bool) -> Option<Span> {
        if path.is_empty() {
            return self.span.clone();
        }
        let deeper = match &self.value {
            // A key may itself hold a dot, so the path is not simply cut at the dots.
            Value::Map(entries) => entries.iter().find_map(|entry| {
                let rest = path.strip_prefix(entry.key.as_str())?;
                let ends = rest.is_empty() || rest.starts_with(['.', '[']);
                let rest = rest.strip_prefix('.').unwrap_or(rest);
                if ends && rest.is_empty() && at_key {
                    return entry.key_span.clone();
                }
                ends.then(|| entry.node.locate(rest, at_key)).flatten()
            }),
            Value::List(items) => path.strip_prefix('[').and_then(|path| {
                let (index, rest) = path.split_once(']')?;
                let item = items.get(index.parse::<usize>().ok()?)?;
                item.locate(rest.strip_prefix('.').unwrap_or(rest), at_key)
            }),
            _ => None,
        };
        deeper.or_else(|| self.span.clone())
    }

    /// Sets the value at a dotted path below this one; none takes it away.
    pub(super) fn set(&mut self, path: &[&str], value: Option<Value>) {
        let Some((first, rest)) = path.split_first() else { return };
        if !matches!(self.value, Value::Map(_)) {
            self.value = Value::Map(Vec::new());
        }
        let Value::Map(entries) = &mut self.value else { return };
        let place = entries.iter().position(|entry| entry.key == *first);
        if rest.is_empty() {
            entries.retain(|entry| entry.key != *first);
            if let Some(value) = value {
                entries.push(Entry::unplaced(first, value));
            }
            return;
        }
        if place.is_none() {
            entries.push(Entry::unplaced(first, Value::Map(Vec::new())));
        }
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *first) {
            entry.node.set(rest, value);
        }
    }
}

/// A number that no policy takes.
#[derive(Debug, Error)]
#[error("the number {} does not fit 64 bits", quoted(.0))]
pub(super) struct Wide(pub(super) String);

impl Leaf for Wide {
    fn code(&self) -> Code {
        Code::PolicyOutOfRange
    }

    fn help(&self) -> Option<String> {
        Some("write a smaller number".into())
    }
}

impl Entry {
    fn unplaced(key: &str, value: Value) -> Self {
        Self { key: key.to_owned(), key_span: None, node: Node { value, span: None } }
    }
}

/// A document and the text it came from.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) root: Node,
    /// None where the document, or a part of it, stands in no text.
    pub(super) text: Option<String>,
}

impl Document {
    /// The error with its line and column, found by its path.
    pub(super) fn place(&self, error: Error) -> Error {
        use crate::error::Code::{PolicyRepeatedField, PolicyUnknownField};
        let at_key = matches!(error.code(), PolicyUnknownField | PolicyRepeatedField);
        let span = self.root.locate(error.path().unwrap_or_default(), at_key);
        let place = self.text.as_deref().zip(span);
        error.at_position(place.and_then(|(text, span)| position(text, span)))
    }
}

/// Line and column of a span.
pub(super) fn position(text: &str, span: Span) -> Option<Position> {
    let before = text.get(..span.start)?;
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Some(Position {
        line: u32::try_from(line).ok()?,
        column: u32::try_from(column).ok()?,
        span: (span.start, span.end),
    })
}

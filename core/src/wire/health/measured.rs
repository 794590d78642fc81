//! What was measured, as a host has it in memory.

use serde_json::Value;

use super::Number;
use crate::error::Error;
use crate::time::Instant;

/// Metrics that a host has in memory, before it is known what each of them reads.
///
/// ```
/// use housekeep::health::{Reading, Snapshot};
/// use housekeep::wire::Measured;
///
/// let cpu = Measured::Object(vec![("cpu".into(), Measured::Number(93.0))]);
/// let host = Measured::Object(vec![("host".into(), cpu)]);
/// let snapshot = Snapshot::from_measured(host)?;
/// assert_eq!(snapshot.reading("host.cpu"), Some(&Reading::Number(93.0, None)));
/// # Ok::<(), housekeep::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// Nothing.
    Null,
    /// True or false.
    Boolean(bool),
    /// A number, which may be NaN or infinite.
    Number(f64),
    /// A text: of an instant, of a number that JSON does not have, or of neither.
    Text(String),
    /// An instant.
    Instant(Instant),
    /// Several.
    List(Vec<Measured>),
    /// Several, by name.
    Object(Vec<(String, Measured)>),
    /// What no metric can be, and why. It is refused with the path that it is at.
    Wrong(Error),
}

impl From<&Value> for Measured {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Measured::Null,
            Value::Bool(value) => Measured::Boolean(*value),
            Value::Number(number) => Measured::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Measured::Text(text.clone()),
            Value::Array(items) => Measured::List(items.iter().map(Into::into).collect()),
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), value.into()));
                Measured::Object(fields.collect())
            }
        }
    }
}

impl From<&Measured> for Value {
    fn from(measured: &Measured) -> Self {
        match measured {
            Measured::Null => Value::Null,
            Measured::Boolean(value) => Value::Bool(*value),
            Measured::Number(number) => serde_json::to_value(Number(*number)).unwrap_or_default(),
            Measured::Text(text) => text.clone().into(),
            Measured::Instant(at) => at.to_string().into(),
            Measured::List(items) => items.iter().map(Value::from).collect(),
            Measured::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect()
            }
            Measured::Wrong(error) => error.message().into(),
        }
    }
}

//! JSON → what was measured.

use serde_json::{Map, Value};
use thiserror::Error;

use super::Number;
use crate::bounds::POLICY_DEPTH;
use crate::error::{Code, Error, Leaf, quoted};
use crate::health::{Reading, Snapshot};
use crate::time::{Instant, parse_instant};

/// What cannot be read as metrics.
#[derive(Debug, Error)]
enum NotMetrics {
    #[error("the metrics are no JSON: {0}")]
    Syntax(String),
    #[error("the metrics are {0}, and an object was expected")]
    NoObject(&'static str),
    #[error("{} is no instant", quoted(.0))]
    NoInstant(String),
    #[error("a sample is an instant and a number, and this is {0}")]
    NoSample(String),
}

impl Leaf for NotMetrics {
    fn code(&self) -> Code {
        match self {
            NotMetrics::Syntax(_) | NotMetrics::NoObject(_) => Code::MetricsSyntax,
            NotMetrics::NoInstant(_) | NotMetrics::NoSample(_) => Code::MetricsBadValue,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                NotMetrics::Syntax(_) | NotMetrics::NoObject(_) => {
                    "give an object of metrics by name, such as `{\"cpu\": 42}`"
                }
                NotMetrics::NoInstant(_) => {
                    "write a time with an offset, such as `2026-02-13T03:00:00Z`"
                }
                NotMetrics::NoSample(_) => "write samples as `[[\"2026-02-13T03:00:00Z\", 42], …]`",
            }
            .into(),
        )
    }
}

impl Snapshot {
    /// Reads an object of metrics by name. A metric is a number, true or false, an instant, null, `{"value":
    /// 42, "at": "2026-02-13T03:00:00Z"}`, or a list of samples `[at, value]`; what stands in another
    /// object has the two names with a dot between them. The texts `NaN`, `Infinity` and `-Infinity` are
    /// numbers; other texts are no reading of any check.
    ///
    /// # Errors
    /// `metrics.syntax` for what is no JSON object, `metrics.bad_value` for a sample that is none, with its
    /// path.
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        let value: Value = serde_json::from_slice(text).map_err(|error| {
            let said = error.to_string();
            NotMetrics::Syntax(said.replace("EOF while parsing", "it ends in the middle of"))
        })?;
        Self::from_value(&value)
    }

    /// Takes metrics that are in memory already.
    ///
    /// # Errors
    /// As [`Snapshot::from_json`].
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        let kind = match value {
            Value::Object(metrics) => {
                let mut snapshot = Self::new();
                add(&mut snapshot, metrics, &mut Vec::new())?;
                return Ok(snapshot);
            }
            Value::Array(_) => "a list",
            Value::Null => "null",
            _ => "a single value",
        };
        Err(NotMetrics::NoObject(kind).into())
    }
}

fn add<'a>(
    snapshot: &mut Snapshot,
    metrics: &'a Map<String, Value>,
    path: &mut Vec<&'a str>,
) -> Result<(), Error> {
    POLICY_DEPTH.check(path.len())?;
    for (name, value) in metrics {
        path.push(name);
        match value {
            Value::Object(below) if !is_sample(below) => add(snapshot, below, path)?,
            leaf => {
                let reading =
                    read(leaf).map_err(|error| Error::from(error).at_path(path.join(".")))?;
                snapshot.insert(path, reading);
            }
        }
        path.pop();
    }
    Ok(())
}

/// Whether an object is one reading: `{"value": …, "at": …}`.
fn is_sample(object: &Map<String, Value>) -> bool {
    let is_leaf = |value: &Value| !value.is_object() && !value.is_array();
    object.get("value").is_some_and(is_leaf)
        && object.keys().all(|key| key == "value" || key == "at")
}

fn read(value: &Value) -> Result<Reading, NotMetrics> {
    Ok(match value {
        Value::Null => Reading::Null,
        Value::Bool(value) => Reading::Number(f64::from(u8::from(*value)), None),
        Value::Number(number) => Reading::Number(number.as_f64().unwrap_or(f64::NAN), None),
        Value::String(text) => match (Number::word(text), instant(text)) {
            (Some(number), _) => Reading::Number(number, None),
            (None, Some(at)) => Reading::Instant(at),
            (None, None) => Reading::Other,
        },
        Value::Array(samples) => {
            let mut samples = samples.iter().map(sample).collect::<Result<Vec<_>, _>>()?;
            samples.sort_by_key(|(at, _)| *at);
            Reading::Samples(samples)
        }
        Value::Object(object) => {
            let at = match object.get("at") {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => {
                    Some(instant(text).ok_or_else(|| NotMetrics::NoInstant(text.clone()))?)
                }
                Some(other) => return Err(NotMetrics::NoInstant(other.to_string())),
            };
            match read(object.get("value").unwrap_or(&Value::Null))? {
                Reading::Number(number, _) => Reading::Number(number, at),
                other => other,
            }
        }
    })
}

fn sample(value: &Value) -> Result<(Instant, f64), NotMetrics> {
    let parts = value.as_array().map(Vec::as_slice);
    if let Some([Value::String(at), number]) = parts
        && let (Some(at), Ok(Reading::Number(number, _))) = (instant(at), read(number))
    {
        return Ok((at, number));
    }
    Err(NotMetrics::NoSample(quoted(&value.to_string())))
}

fn instant(text: &str) -> Option<Instant> {
    parse_instant(text.as_bytes(), None).ok()
}

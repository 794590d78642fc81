//! JSON → what was measured.

use serde_json::Value;
use thiserror::Error;

use super::{Measured, Number};
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
    #[error("the metrics are nested too deep")]
    TooDeep,
}

/// Objects that lie one in the other: they are read by functions that call themselves.
const DEEPEST: usize = 64;

impl Leaf for NotMetrics {
    fn code(&self) -> Code {
        match self {
            NotMetrics::Syntax(_) | NotMetrics::NoObject(_) => Code::MetricsSyntax,
            NotMetrics::NoInstant(_) | NotMetrics::NoSample(_) | NotMetrics::TooDeep => {
                Code::MetricsBadValue
            }
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
                NotMetrics::TooDeep => "give metrics by names with fewer parts",
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
        Self::from_measured((&value).into())
    }

    /// Takes metrics that are in memory already.
    ///
    /// # Errors
    /// As [`Snapshot::from_json`]; and what the host itself found to be no metric.
    pub fn from_measured(metrics: Measured) -> Result<Self, Error> {
        let kind = match metrics {
            Measured::Object(metrics) => {
                let mut snapshot = Self::new();
                add(&mut snapshot, &metrics, &mut Vec::new())?;
                return Ok(snapshot);
            }
            Measured::Wrong(error) => return Err(error),
            Measured::List(_) => "a list",
            Measured::Null => "null",
            _ => "a single value",
        };
        Err(NotMetrics::NoObject(kind).into())
    }
}

fn add<'a>(
    snapshot: &mut Snapshot,
    metrics: &'a [(String, Measured)],
    path: &mut Vec<&'a str>,
) -> Result<(), Error> {
    let here = |error: Error, path: &[&str]| error.at_path(path.join("."));
    if path.len() > DEEPEST {
        return Err(here(NotMetrics::TooDeep.into(), path));
    }
    // Of two that are wrong every host names the same.
    let mut metrics: Vec<_> = metrics.iter().collect();
    metrics.sort_by_key(|(name, _)| name);
    for (name, value) in metrics {
        path.push(name);
        match value {
            Measured::Object(below) if below.is_empty() => snapshot.insert_empty(path),
            Measured::Object(below) if !is_sample(below) => add(snapshot, below, path)?,
            leaf => {
                let reading = read(leaf).map_err(|error| here(error, path))?;
                snapshot.insert(path, reading);
            }
        }
        path.pop();
    }
    Ok(())
}

/// Whether an object is one reading: `{"value": …, "at": …}`.
fn is_sample(object: &[(String, Measured)]) -> bool {
    let is_leaf = |value: &Measured| !matches!(value, Measured::Object(_) | Measured::List(_));
    field(object, "value").is_some_and(is_leaf)
        && object.iter().all(|(key, _)| key == "value" || key == "at")
}

fn field<'a>(object: &'a [(String, Measured)], name: &str) -> Option<&'a Measured> {
    object.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn read(value: &Measured) -> Result<Reading, Error> {
    Ok(match value {
        Measured::Null => Reading::Null,
        Measured::Boolean(value) => Reading::Number(f64::from(u8::from(*value)), None),
        Measured::Number(number) => Reading::Number(*number, None),
        Measured::Instant(at) => Reading::Instant(*at),
        Measured::Text(text) => match (Number::word(text), instant(text)) {
            (Some(number), _) => Reading::Number(number, None),
            (None, Some(at)) => Reading::Instant(at),
            (None, None) => Reading::Other,
        },
        Measured::List(samples) => {
            let mut samples = samples.iter().map(sample).collect::<Result<Vec<_>, _>>()?;
            samples.sort_by_key(|(at, _)| *at);
            Reading::Samples(samples)
        }
        Measured::Object(object) => {
            let at = match field(object, "at") {
                None | Some(Measured::Null) => None,
                Some(at) => Some(taken_at(at)?),
            };
            match read(field(object, "value").unwrap_or(&Measured::Null))? {
                Reading::Number(number, _) => Reading::Number(number, at),
                other => other,
            }
        }
        Measured::Wrong(error) => return Err(error.clone()),
    })
}

/// When a reading was taken.
fn taken_at(value: &Measured) -> Result<Instant, Error> {
    match value {
        Measured::Instant(at) => Ok(*at),
        Measured::Text(text) => {
            Ok(instant(text).ok_or_else(|| NotMetrics::NoInstant(text.clone()))?)
        }
        Measured::Wrong(error) => Err(error.clone()),
        other => Err(NotMetrics::NoInstant(Value::from(other).to_string()).into()),
    }
}

fn sample(value: &Measured) -> Result<(Instant, f64), Error> {
    let none = || NotMetrics::NoSample(quoted(&Value::from(value).to_string()));
    let Measured::List(parts) = value else {
        return Err(match value {
            Measured::Wrong(error) => error.clone(),
            _ => none().into(),
        });
    };
    let wrong = parts.iter().find_map(|part| match part {
        Measured::Wrong(error) => Some(error.clone()),
        _ => None,
    });
    if let Some(error) = wrong {
        return Err(error);
    }
    if let [at, number] = parts.as_slice()
        && let Ok(at) = taken_at(at)
    {
        match read(number)? {
            Reading::Number(number, _) => return Ok((at, number)),
            // As missing as what is not a number.
            Reading::Null => return Ok((at, f64::NAN)),
            _ => {}
        }
    }
    Err(none().into())
}

fn instant(text: &str) -> Option<Instant> {
    parse_instant(text.as_bytes(), None).ok()
}

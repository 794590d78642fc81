//! Checks, asked at one moment: what was measured, what is said, and what is remembered.

use std::sync::Arc;

use housekeep::health::{self, Mute, Outage, Snapshot};
use housekeep::report::Report;
use housekeep::time::Instant;
use housekeep::wire::Measured;
use housekeep::{Code, Error};
use napi::bindgen_prelude::{BigInt, Either, Env, Uint8ArraySlice};
use napi_derive::napi;
use serde::Deserialize;

use crate::ask::moment;
use crate::error::{Failure, guarded};
use crate::policy::Policy;

/// What is remembered, as a handle.
#[napi]
pub struct State(Arc<health::State>);

/// What was said at one moment, as a handle.
#[napi]
pub struct Evaluated {
    report: Report,
    state: Arc<health::State>,
}

/// One part of metrics that lie one behind the other, as `ts/metrics.cts` puts them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Null,
    Boolean(bool),
    Number(f64),
    Text(String),
    Mark(Mark),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mark {
    /// So many parts follow.
    List(usize),
    /// So many pairs follow: a name, and what has it.
    Object(usize),
    /// An instant.
    Micros(String),
    /// What no metric can be: why, and what to do.
    Wrong(String, String),
}

/// The next metric. The parts are made by our own front, which never leaves one out.
fn measured(parts: &mut impl Iterator<Item = Part>) -> Measured {
    match parts.next() {
        Some(Part::Null) | None => Measured::Null,
        Some(Part::Boolean(value)) => Measured::Boolean(value),
        Some(Part::Number(number)) => Measured::Number(number),
        Some(Part::Text(text)) => Measured::Text(text),
        Some(Part::Mark(Mark::List(count))) => {
            Measured::List((0..count).map(|_| measured(parts)).collect())
        }
        Some(Part::Mark(Mark::Object(count))) => {
            let name = |part| if let Some(Part::Text(name)) = part { name } else { String::new() };
            let field = |_| (name(parts.next()), measured(parts));
            Measured::Object((0..count).map(field).collect())
        }
        Some(Part::Mark(Mark::Micros(micros))) => match instant(&micros) {
            Ok(at) => Measured::Instant(at),
            Err(error) => Measured::Wrong(error),
        },
        Some(Part::Mark(Mark::Wrong(message, help))) => {
            Measured::Wrong(Error::host(Code::MetricsBadValue, message, Some(help)))
        }
    }
}

fn instant(micros: &str) -> Result<Instant, Error> {
    // Our own front lets nothing pass that has more bits.
    Instant::from_micros(micros.parse().unwrap_or(i64::MAX)).map_err(|error| {
        Error::host(Code::MetricsBadValue, error.message(), error.help().map(Into::into))
    })
}

/// Metrics in parts, or in JSON.
pub(crate) fn snapshot(metrics: Either<String, Uint8ArraySlice<'_>>) -> Result<Snapshot, Failure> {
    Ok(match metrics {
        Either::A(parts) => {
            let parts = serde_json::from_str::<Vec<Part>>(&parts)
                .map_err(|error| Failure::Panicked(error.to_string()))?;
            Snapshot::from_measured(measured(&mut parts.into_iter()))?
        }
        Either::B(json) => Snapshot::from_json(&json)?,
    })
}

/// How is everything, by metrics in parts or in JSON, and by what is remembered?
#[napi]
pub fn evaluate(
    env: &Env,
    policy: &Policy,
    metrics: Either<String, Uint8ArraySlice<'_>>,
    state: Option<&State>,
    now: Either<BigInt, String>,
) -> napi::Result<Evaluated> {
    guarded(env, || {
        let rules = policy.0.health()?;
        let snapshot = snapshot(metrics)?;
        let (report, state) = rules.evaluate(&snapshot, remembered(state), moment(now)?);
        Ok(Evaluated { report, state: state.into() })
    })
}

/// The state, with somebody on a check.
#[napi]
pub fn acknowledge(
    env: &Env,
    policy: &Policy,
    state: Option<&State>,
    check: String,
    instance: Option<String>,
    now: Either<BigInt, String>,
) -> napi::Result<State> {
    guarded(env, || {
        let rules = policy.0.health()?;
        let (now, instance) = (moment(now)?, instance.as_deref());
        Ok(State(rules.acknowledge(remembered(state), &check, instance, now)?.into()))
    })
}

/// The state, with nobody told of some checks for a time.
#[napi]
pub fn mute(
    env: &Env,
    policy: &Policy,
    state: Option<&State>,
    of: Vec<String>,
    from: Either<BigInt, String>,
    until: Either<BigInt, String>,
) -> napi::Result<State> {
    guarded(env, || {
        let rules = policy.0.health()?;
        let mute = Mute { of, from: moment(from)?, until: moment(until)? };
        Ok(State(rules.mute(remembered(state), mute)?.into()))
    })
}

/// The state from before the host was down, which it was since the last evaluation.
#[napi]
pub fn resume(
    env: &Env,
    policy: &Policy,
    state: Option<&State>,
    now: Either<BigInt, String>,
    tolerance: String,
    grace: String,
) -> napi::Result<State> {
    guarded(env, || {
        let rules = policy.0.health()?;
        let outage = Outage { tolerance: tolerance.parse()?, grace: grace.parse()? };
        Ok(State(rules.resume(remembered(state), outage, moment(now)?).into()))
    })
}

/// Is what the policy requires ok, by a report as JSON?
#[napi]
pub fn require(
    env: &Env,
    policy: &Policy,
    report: Option<Uint8ArraySlice<'_>>,
    now: Either<BigInt, String>,
) -> napi::Result<()> {
    guarded(env, || Ok(policy.0.health()?.require(report.as_deref(), moment(now)?)?))
}

fn remembered(state: Option<&State>) -> health::State {
    state.map(|state| (*state.0).clone()).unwrap_or_default()
}

/// Reads a state that was written as JSON.
#[napi]
pub fn parse_state(env: &Env, json: Uint8ArraySlice<'_>) -> napi::Result<State> {
    guarded(env, || Ok(State(health::State::from_json(&json)?.into())))
}

/// What a report says besides its checks and groups.
#[napi(object)]
#[expect(missing_docs, reason = "they are core's, and documented in ts/health.cts")]
pub struct ReportHead {
    pub at: String,
    pub policy_sha256: String,
    pub status: String,
    pub word: String,
    pub critical: Option<String>,
    pub next_change: Option<String>,
}

#[napi]
impl Evaluated {
    /// What the report says besides its checks and groups.
    #[napi]
    pub fn head(&self, env: &Env) -> napi::Result<ReportHead> {
        let report = &self.report;
        guarded(env, || {
            Ok(ReportHead {
                at: report.now().to_string(),
                policy_sha256: report.policy_sha256().to_owned(),
                status: report.status().as_str().to_owned(),
                word: report.word().to_owned(),
                critical: report.critical().map(|status| status.as_str().to_owned()),
                next_change: report.next_change().map(|at| at.to_string()),
            })
        })
    }

    /// What is critical alone, beside the same state.
    #[napi]
    pub fn critical_only(&self, env: &Env) -> napi::Result<Evaluated> {
        guarded(env, || {
            let (report, state) = (self.report.critical_only()?, Arc::clone(&self.state));
            Ok(Evaluated { report, state })
        })
    }

    /// The report as a document.
    #[napi]
    pub fn to_json(&self, env: &Env) -> napi::Result<String> {
        guarded(env, || Ok(self.report.to_json()))
    }

    /// What a Nagios plugin prints.
    #[napi]
    pub fn to_nagios(&self, env: &Env) -> napi::Result<String> {
        guarded(env, || Ok(self.report.to_nagios()))
    }

    /// The report as OpenMetrics.
    #[napi]
    pub fn to_openmetrics(&self, env: &Env) -> napi::Result<String> {
        guarded(env, || Ok(self.report.to_openmetrics()))
    }

    /// What to remember for the next time.
    #[napi]
    pub fn state(&self, env: &Env) -> napi::Result<State> {
        guarded(env, || Ok(State(Arc::clone(&self.state))))
    }
}

#[napi]
impl State {
    /// As a document.
    #[napi]
    pub fn to_json(&self, env: &Env) -> napi::Result<String> {
        guarded(env, || Ok(self.0.to_json()))
    }

    /// Whether the two remember the same.
    #[napi]
    pub fn equals(&self, env: &Env, other: &State) -> napi::Result<bool> {
        guarded(env, || Ok(self.0 == other.0))
    }

    /// When it was made, if anything is remembered.
    #[napi]
    pub fn at(&self, env: &Env) -> napi::Result<Option<String>> {
        guarded(env, || Ok(self.0.now().map(|at| at.to_string())))
    }
}

//! The policy, as a handle.

use std::sync::Arc;

use housekeep::policy::{self, Syntax};
use napi::bindgen_prelude::{BigInt, Either, Env};
use napi_derive::napi;

use crate::ask::moment;
use crate::error::guarded;

/// A policy that was read and found sound.
#[napi]
pub struct Policy(pub(crate) Arc<policy::Policy>);

impl From<policy::Policy> for Policy {
    fn from(policy: policy::Policy) -> Self {
        Self(Arc::new(policy))
    }
}

/// The syntax that a file's name says: `json` or `toml`.
#[napi]
pub fn syntax_of_file(env: &Env, name: String) -> napi::Result<String> {
    guarded(env, || {
        Ok(match Syntax::of_file(&name) {
            Syntax::Json => "json".into(),
            Syntax::Toml => "toml".into(),
        })
    })
}

/// Reads a policy from text.
#[napi]
pub fn parse_policy(env: &Env, text: String, is_json: bool) -> napi::Result<Policy> {
    let syntax = if is_json { Syntax::Json } else { Syntax::Toml };
    guarded(env, || Ok(policy::Policy::parse(&text, syntax)?.into()))
}

/// Takes a policy that is in memory, which comes over as JSON: it has no lines of its own.
#[napi]
pub fn policy_from_document(env: &Env, json: String) -> napi::Result<Policy> {
    guarded(env, || {
        // What JavaScript wrote as JSON can be read as JSON, but for nesting past any reason.
        match serde_json::from_str(&json) {
            Ok(document) => Ok(policy::Policy::from_value(&document)?.into()),
            Err(_) => Ok(policy::Policy::from_json(&json)?.into()),
        }
    })
}

/// The JSON Schema of a policy.
#[napi]
pub fn policy_schema(env: &Env) -> napi::Result<String> {
    guarded(env, || Ok(policy::Policy::schema()))
}

#[napi]
impl Policy {
    /// The names of its rules, each with its family.
    #[napi]
    pub fn rules(&self, env: &Env) -> napi::Result<Vec<String>> {
        guarded(env, || Ok(self.0.rules().collect()))
    }

    /// The checks and groups that have to be ok before anything is removed.
    #[napi]
    pub fn required(&self, env: &Env) -> napi::Result<Vec<String>> {
        guarded(env, || {
            Ok(self.0.health().map(|rules| rules.required().to_vec()).unwrap_or_default())
        })
    }

    /// The names of its rules as a document.
    #[napi]
    pub fn to_json(&self, env: &Env) -> napi::Result<String> {
        guarded(env, || Ok(self.0.to_json()))
    }

    /// The checks as alerting rules of Prometheus.
    #[napi]
    pub fn to_prometheus(&self, env: &Env) -> napi::Result<String> {
        guarded(env, || Ok(self.0.health()?.to_prometheus()))
    }

    /// What promtool tests those rules with.
    #[napi]
    pub fn to_prometheus_tests(&self, env: &Env, rules_file: String) -> napi::Result<String> {
        guarded(env, || Ok(self.0.health()?.to_prometheus_tests(&rules_file)))
    }

    /// A rule as statements of PostgreSQL.
    #[napi]
    pub fn statements(
        &self,
        env: &Env,
        rule: String,
        now: Either<BigInt, String>,
        batch: Option<u32>,
    ) -> napi::Result<String> {
        guarded(env, || Ok(self.0.statements(&rule, moment(now)?, batch)?.to_json()))
    }

    /// The same policy with one setting of a rule changed.
    #[napi]
    pub fn with(&self, env: &Env, rule: String, setting: String) -> napi::Result<Policy> {
        guarded(env, || Ok(self.0.with(&rule, &setting)?.into()))
    }
}

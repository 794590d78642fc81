//! What a call fails with, on its way to JavaScript's `HousekeepError`.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

use housekeep::{Code, Error};
use napi::bindgen_prelude::{Env, JsObjectValue, JsValue, Object};
use napi_derive::napi;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// Core refused.
    Refused(Error),
    /// A bug of ours: something panicked, and said this.
    Panicked(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Failure {
    fn message(&self) -> String {
        match self {
            Failure::Refused(error) => error.to_string(),
            Failure::Panicked(said) => format!("this is a bug in housekeep: {said}"),
        }
    }

    /// The error as the document that hosts share.
    fn document(&self) -> String {
        match self {
            Failure::Refused(error) => error.to_json(),
            Failure::Panicked(_) => {
                let message = self.message();
                let error = serde_json::json!({
                    "code": "internal", "kind": "internal", "message": message,
                });
                format!("{:#}\n", serde_json::json!({ "error": error }))
            }
        }
    }

    /// As an `Error` of JavaScript with its document, from which the facade makes its own class.
    pub(crate) fn thrown(self, env: &Env) -> napi::Error {
        let made = || -> napi::Result<Object<'_>> {
            let mut error = env.create_error(napi::Error::from_reason(self.message()))?;
            error.set_named_property("housekeep", self.document())?;
            Ok(error)
        };
        match made() {
            Ok(error) => napi::Error::from_unknown_without_coercion(error.to_unknown()),
            Err(error) => error,
        }
    }
}

/// Runs what an export does. A panic must not reach Node, where it would end the process.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let said = |panic: Box<dyn Any + Send>| match panic.downcast::<String>() {
        Ok(said) => *said,
        Err(panic) => panic.downcast_ref::<&str>().map_or("it panicked", |said| *said).to_owned(),
    };
    panic::catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Failure::Panicked(said(panic))))
}

/// The same for an export that throws.
pub(crate) fn guarded<T>(env: &Env, work: impl FnOnce() -> Result<T, Failure>) -> napi::Result<T> {
    caught(work).map_err(|failure| failure.thrown(env))
}

/// One line of core's table of codes.
#[napi(object)]
pub struct CodeEntry {
    /// The stable text.
    pub code: String,
    /// What kind of thing went wrong.
    pub kind: String,
    /// One line about it.
    pub about: String,
}

/// Core's table of codes.
#[napi]
pub fn codes(env: &Env) -> napi::Result<Vec<CodeEntry>> {
    let entry = |code: &Code| CodeEntry {
        code: code.as_str().to_owned(),
        kind: code.kind().as_str().to_owned(),
        about: code.about().to_owned(),
    };
    guarded(env, || Ok(Code::ALL.iter().map(entry).collect()))
}

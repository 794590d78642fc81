//! Panics on purpose, through the same two doors as every other call.

use napi::bindgen_prelude::{AsyncTask, Env};
use napi_derive::napi;

use crate::ask::Answer;
use crate::error::{Failure, guarded};
use crate::task::Later;

#[expect(clippy::panic, reason = "to be caught")]
fn panics() -> Result<Answer, Failure> {
    panic!("on purpose")
}

/// Panics here.
#[napi]
pub fn panic_now(env: &Env) -> napi::Result<Answer> {
    guarded(env, panics)
}

/// Panics on another thread.
#[napi]
pub fn panic_later() -> AsyncTask<Later> {
    AsyncTask::new(Later::new(panics))
}

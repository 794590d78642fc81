//! Work off the event loop, and stopping it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::Task;
use napi::bindgen_prelude::{Env, ToNapiValue, TypeName};
use napi_derive::napi;

use crate::error::{Failure, caught};

type Work<T> = Box<dyn FnOnce() -> Result<T, Failure> + Send>;

/// Work for another thread. What it fails with becomes an error of JavaScript on JavaScript's own.
pub struct Later<T>(Option<Work<T>>);

impl<T> Later<T> {
    pub(crate) fn new(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Self {
        Self(Some(Box::new(work)))
    }
}

impl<T: Send + ToNapiValue + TypeName + 'static> Task for Later<T> {
    type Output = Result<T, Failure>;
    type JsValue = T;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let done_before = || Err(Failure::Panicked("this was done before".into()));
        Ok(caught(|| self.0.take().map_or_else(done_before, |work| work())))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<T> {
        output.map_err(|failure| failure.thrown(&env))
    }
}

/// A wish to stop, which the work asks for now and then.
#[napi]
#[derive(Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn shared(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

#[napi]
impl Stop {
    /// Not yet.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Now.
    #[napi]
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

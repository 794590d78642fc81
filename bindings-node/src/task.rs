//! Work off the event loop, and stopping it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::{Env, Task};
use napi_derive::napi;

use crate::ask::{Answer, adopted};
use crate::error::{Failure, caught};

type Work = Box<dyn FnOnce() -> Result<Answer, Failure> + Send>;

/// Work for another thread. What it fails with becomes an error of JavaScript on JavaScript's own.
pub struct Later(Option<Work>);

impl Later {
    pub(crate) fn new(work: impl FnOnce() -> Result<Answer, Failure> + Send + 'static) -> Self {
        Self(Some(Box::new(work)))
    }
}

impl Task for Later {
    type Output = Result<Answer, Failure>;
    type JsValue = Answer;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let done_before = || Err(Failure::Panicked("this was done before".into()));
        Ok(caught(|| self.0.take().map_or_else(done_before, |work| work())))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<Answer> {
        adopted(output.map_err(|failure| failure.thrown(&env))?, &env)
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

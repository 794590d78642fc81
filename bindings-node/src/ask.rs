//! A question to a rule, made ready before its rows are read.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use housekeep::columns::Need;
use housekeep::policy::DedupeRule;
use housekeep::time::{Duration, Instant};
use housekeep::{Control, Error};
use napi::bindgen_prelude::{AsyncTask, BigInt, Either, Env};
use napi_derive::napi;

use crate::error::guarded;
use crate::plan::Plan;
use crate::policy::Policy;
use crate::rows::{Rows, Taken};
use crate::task::{Later, Stop};

/// What is asked.
#[derive(Debug)]
enum Question {
    Plan,
    Sweep(Vec<Duration>),
    Compare(Box<DedupeRule>),
    Explain(String),
}

/// A plan, or another answer as its document.
pub type Answer = Either<Plan, String>;

/// A rule, a time, and what is asked.
#[derive(Debug)]
pub(crate) struct Asked {
    rule: DedupeRule,
    question: Question,
    now: Instant,
    source: housekeep::plan::Source,
    threads: Option<usize>,
}

impl Asked {
    pub(crate) fn answer(&self, rows: Taken, stop: &AtomicBool) -> Result<Answer, Error> {
        let stopped = || stop.load(Ordering::Relaxed);
        let mut control = Control::new().cancel(&stopped);
        if let Some(threads) = self.threads {
            control = control.threads(threads)?;
        }
        let table = rows.input.table(self.rule.needs())?;
        let (rule, now, source) = (&self.rule, self.now, self.source.clone());
        Ok(match &self.question {
            Question::Plan => {
                Either::A(Plan::new(rule.plan(&table, now, source, &control)?, rows.bytes))
            }
            Question::Sweep(windows) => {
                Either::B(rule.sweep(&table, windows, now, source, &control)?.to_json())
            }
            Question::Compare(other) => {
                Either::B(rule.compare(other, &table, now, source, &control)?.to_json())
            }
            Question::Explain(id) => Either::B(rule.explain(&table, id, now)?.to_json()),
        })
    }
}

/// A question, as a handle.
#[napi]
pub struct Ask(Arc<Asked>);

/// What every question has.
#[napi(object)]
pub struct Terms {
    /// The rule's name.
    pub rule: String,
    /// The time it is asked at: microseconds since 1970, or text.
    pub now: Either<BigInt, String>,
    /// Where the rows came from.
    pub source: Option<HashMap<String, String>>,
    /// On how many threads.
    pub threads: Option<u32>,
}

fn ask(
    policy: &Policy,
    terms: Terms,
    question: impl FnOnce(&DedupeRule) -> Result<Question, Error>,
) -> Result<Ask, Error> {
    let rule = policy.0.dedupe(&terms.rule)?.clone();
    let now = match terms.now {
        Either::A(micros) => Instant::from_micros(micros.get_i64().0)?,
        Either::B(text) => Instant::parse(&text)?,
    };
    let question = question(&rule)?;
    let source = terms.source.unwrap_or_default().into_iter().collect();
    let threads = terms.threads.map(|threads| threads as usize);
    Ok(Ask(Arc::new(Asked { rule, question, now, source, threads })))
}

/// Which rows go?
#[napi]
pub fn ask_plan(env: &Env, policy: &Policy, terms: Terms) -> napi::Result<Ask> {
    guarded(env, || Ok(ask(policy, terms, |_| Ok(Question::Plan))?))
}

/// What would each window drop?
#[napi]
pub fn ask_sweep(
    env: &Env,
    policy: &Policy,
    terms: Terms,
    windows: Vec<String>,
) -> napi::Result<Ask> {
    guarded(env, || {
        let windows = || windows.iter().map(|window| window.parse()).collect::<Result<_, _>>();
        Ok(ask(policy, terms, |_| Ok(Question::Sweep(windows()?)))?)
    })
}

/// On which ids do the two policies' rules of this name differ?
#[napi]
pub fn ask_compare(env: &Env, policy: &Policy, terms: Terms, other: &Policy) -> napi::Result<Ask> {
    guarded(env, || {
        let question = |rule: &DedupeRule| {
            Ok(Question::Compare(Box::new(other.0.dedupe(rule.name())?.clone())))
        };
        Ok(ask(policy, terms, question)?)
    })
}

/// What becomes of this row?
#[napi]
pub fn ask_explain(env: &Env, policy: &Policy, terms: Terms, id: String) -> napi::Result<Ask> {
    guarded(env, || Ok(ask(policy, terms, |_| Ok(Question::Explain(id)))?))
}

/// The answer, on its way to JavaScript.
pub(crate) fn adopted(answer: Answer, env: &Env) -> napi::Result<Answer> {
    match answer {
        Either::A(plan) => Ok(Either::A(plan.adopted(env)?)),
        document => Ok(document),
    }
}

impl Ask {
    pub(crate) fn needs(&self) -> &[Need] {
        self.0.rule.needs()
    }
}

#[napi]
impl Ask {
    /// The names of the columns that the rule reads.
    #[napi]
    pub fn columns(&self, env: &Env) -> napi::Result<Vec<String>> {
        guarded(env, || Ok(self.needs().iter().map(|need| need.name.clone()).collect()))
    }

    /// The answer, now.
    #[napi]
    pub fn answer(&self, env: &Env, rows: &mut Rows) -> napi::Result<Answer> {
        let answer = guarded(env, || Ok(self.0.answer(rows.take(), &AtomicBool::new(false))?))?;
        adopted(answer, env)
    }

    /// The answer, worked out on another thread.
    #[napi]
    pub fn answer_later(
        &self,
        env: &Env,
        rows: &mut Rows,
        stop: &Stop,
    ) -> napi::Result<AsyncTask<Later>> {
        guarded(env, || {
            let (asked, rows, stop) = (Arc::clone(&self.0), rows.take(), stop.shared());
            Ok(AsyncTask::new(Later::new(move || Ok(asked.answer(rows, &stop)?))))
        })
    }
}

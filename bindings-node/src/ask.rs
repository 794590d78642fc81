//! A question to a rule, made ready before its rows are read.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use housekeep::columns::Need;
use housekeep::plan::Detail;
use housekeep::policy::{self, DedupeRule, HealthRules, Rule};
use housekeep::time::{Duration, Instant};
use housekeep::{Control, Error};
use napi::bindgen_prelude::{AsyncTask, BigInt, Either, Either3, Env};
use napi_derive::napi;

use crate::error::guarded;
use crate::fleet::Fleet;
use crate::plan::Plan;
use crate::policy::Policy;
use crate::rows::{Rows, Taken};
use crate::task::{Later, Stop};

/// What is asked, and of which rule.
#[derive(Debug)]
enum Question {
    Plan(Box<Rule>, Detail),
    Sweep(Box<DedupeRule>, Vec<Duration>),
    Compare(Box<[DedupeRule; 2]>),
    Explain(Box<Rule>, String),
    Fleet(HealthRules),
}

impl Question {
    fn needs(&self) -> &[Need] {
        match self {
            Question::Plan(rule, _) | Question::Explain(rule, _) => rule.needs(),
            Question::Sweep(rule, _) => rule.needs(),
            Question::Compare(rules) => {
                let [own, _] = &**rules;
                own.needs()
            }
            Question::Fleet(rules) => rules.fleet_needs(),
        }
    }
}

/// A plan, another answer as its document, or how many snapshots are.
pub type Answer = Either3<Plan, String, Fleet>;

/// What is asked, and the time it is asked at.
#[derive(Debug)]
pub(crate) struct Asked {
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
        let table = rows.input.table(self.question.needs())?;
        let (now, source) = (self.now, self.source.clone());
        Ok(match &self.question {
            Question::Plan(rule, detail) => {
                let plan = rule.plan(&table, now, source, *detail, &control)?;
                Either3::A(Plan::new(plan, rows.bytes))
            }
            Question::Sweep(rule, windows) => {
                Either3::B(rule.sweep(&table, windows, now, source, &control)?.to_json())
            }
            Question::Compare(rules) => {
                let [own, other] = &**rules;
                Either3::B(own.compare(other, &table, now, source, &control)?.to_json())
            }
            Question::Explain(rule, id) => Either3::B(rule.explain(&table, id, now)?.to_json()),
            Question::Fleet(rules) => Either3::C(rules.screen_fleet(&table, now, &control)?.into()),
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

/// The time that something is asked at.
pub(crate) fn moment(now: Either<BigInt, String>) -> Result<Instant, Error> {
    match now {
        Either::A(micros) => Instant::from_micros(micros.get_i64().0),
        Either::B(text) => Instant::parse(&text),
    }
}

fn ask(
    policy: &Policy,
    terms: Terms,
    question: impl FnOnce(&policy::Policy, &str) -> Result<Question, Error>,
) -> Result<Ask, Error> {
    let question = question(&policy.0, &terms.rule)?;
    let now = moment(terms.now)?;
    let source = terms.source.unwrap_or_default().into_iter().collect();
    let threads = terms.threads.map(|threads| threads as usize);
    Ok(Ask(Arc::new(Asked { question, now, source, threads })))
}

/// Which rows go, and if asked for, which stay?
#[napi]
pub fn ask_plan(env: &Env, policy: &Policy, terms: Terms, decisions: bool) -> napi::Result<Ask> {
    guarded(env, || {
        let detail = if decisions { Detail::Decisions } else { Detail::Drops };
        Ok(ask(policy, terms, |policy, rule| {
            Ok(Question::Plan(policy.rule(rule)?.clone().into(), detail))
        })?)
    })
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
        Ok(ask(policy, terms, |policy, rule| {
            let rule = policy.dedupe(rule)?.clone().into();
            let windows = windows.iter().map(|window| window.parse()).collect::<Result<_, _>>()?;
            Ok(Question::Sweep(rule, windows))
        })?)
    })
}

/// On which ids do the two policies' rules of this name differ?
#[napi]
pub fn ask_compare(env: &Env, policy: &Policy, terms: Terms, other: &Policy) -> napi::Result<Ask> {
    guarded(env, || {
        Ok(ask(policy, terms, |policy, rule| {
            let own = policy.dedupe(rule)?.clone();
            let other = other.0.dedupe(own.name())?.clone();
            Ok(Question::Compare(Box::new([own, other])))
        })?)
    })
}

/// What becomes of this row?
#[napi]
pub fn ask_explain(env: &Env, policy: &Policy, terms: Terms, id: String) -> napi::Result<Ask> {
    guarded(env, || {
        Ok(ask(policy, terms, |policy, rule| {
            Ok(Question::Explain(policy.rule(rule)?.clone().into(), id))
        })?)
    })
}

/// How is each of many snapshots?
#[napi]
pub fn ask_fleet(
    env: &Env,
    policy: &Policy,
    now: Either<BigInt, String>,
    threads: Option<u32>,
) -> napi::Result<Ask> {
    guarded(env, || {
        let question = Question::Fleet(policy.0.health()?.clone());
        let threads = threads.map(|threads| threads as usize);
        Ok(Ask(Arc::new(Asked {
            question,
            now: moment(now)?,
            source: Default::default(),
            threads,
        })))
    })
}

/// The answer, on its way to JavaScript.
pub(crate) fn adopted(answer: Answer, env: &Env) -> napi::Result<Answer> {
    match answer {
        Either3::A(plan) => Ok(Either3::A(plan.adopted(env)?)),
        other => Ok(other),
    }
}

impl Ask {
    pub(crate) fn needs(&self) -> &[Need] {
        self.0.question.needs()
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

//! The machine of core that decides every step of what is done in a database. The drivers, in
//! TypeScript, carry the steps out.

use std::sync::{Arc, Mutex, PoisonError};

use housekeep::apply::{self, Answer, Outcome, Param, Way};
use housekeep::plan::Detail;
use housekeep::time::Duration;
use housekeep::{Code, Error};
use napi::Task;
use napi::bindgen_prelude::{AsyncTask, BigInt, Buffer, Either, Env, Uint8ArraySlice};
use napi_derive::napi;

use crate::ask::moment;
use crate::error::{Failure, caught, guarded};
use crate::plan::Plan;
use crate::policy::Policy;

type Shared = Arc<Mutex<Option<apply::Machine<Answer>>>>;

/// Decides every step, and does none itself.
#[napi]
pub struct Machine(Shared);

/// One thing that a driver does.
#[napi(object, object_from_js = false)]
#[derive(Default)]
pub struct Step {
    /// What it is, in a word.
    pub kind: String,
    /// A statement, the name of a file, or a question.
    pub text: String,
    /// The parameters of a statement.
    pub params: Vec<Either<String, Vec<Option<String>>>>,
    /// What is written at the end of a file.
    pub data: Option<Buffer>,
    /// Whether a file is whole then.
    pub is_whole: bool,
    /// How long to wait, in milliseconds.
    pub millis: f64,
    /// What is carried out together.
    pub machines: Vec<Machine>,
}

/// How a plan is applied.
#[napi(object)]
pub struct ApplyTerms {
    /// The time it is asked at.
    pub now: Either<BigInt, String>,
    /// How far it goes.
    pub way: String,
    /// So many rows in a transaction.
    pub batch: Option<u32>,
    /// So many transactions at a time.
    pub jobs: Option<u32>,
    /// Whether rows that were changed are left, and the others go.
    pub skip_changed: bool,
    /// How old the plan may be.
    pub max_age: Option<String>,
    /// The report of checks that the policy requires.
    pub health: Option<String>,
}

/// What is exported.
#[napi(object)]
pub struct ExportTerms {
    /// The rule.
    pub rule: String,
    /// The time it is asked at.
    pub now: Either<BigInt, String>,
    /// Only rows from this time on.
    pub since: Option<Either<BigInt, String>>,
    /// Only so many rows, the newest.
    pub last: Option<u32>,
}

impl<T: Into<Answer> + 'static> From<apply::Machine<T>> for Machine {
    fn from(machine: apply::Machine<T>) -> Self {
        Self(Arc::new(Mutex::new(Some(machine.of_any_answer()))))
    }
}

impl From<apply::Step> for Step {
    fn from(step: apply::Step) -> Self {
        let of = |kind: &str, text: &str| Step {
            kind: kind.to_owned(),
            text: text.to_owned(),
            ..Step::default()
        };
        match step {
            apply::Step::Begin(isolation) => of("begin", isolation.begin()),
            apply::Step::Exec(statement) => {
                let params = statement.params.into_iter().map(|param| match param {
                    Param::Text(text) => Either::A(text),
                    Param::Texts(texts) => Either::B(texts),
                });
                Step { params: params.collect(), ..of("exec", &statement.sql) }
            }
            apply::Step::Persist(file) => Step {
                data: Some(file.bytes.into()),
                is_whole: file.is_whole,
                ..of("persist", &file.name)
            },
            apply::Step::Read(name) => of("read", &name),
            apply::Step::Confirm(question) => of("confirm", &question.text),
            apply::Step::Commit(_) => of("commit", "COMMIT"),
            apply::Step::Rollback => of("rollback", "ROLLBACK"),
            apply::Step::Reconnect => of("reconnect", ""),
            apply::Step::Together(machines) => Step {
                machines: machines.into_iter().map(Machine::from).collect(),
                ..of("together", "")
            },
            apply::Step::Sleep(time) => {
                Step { millis: time.as_micros() as f64 / 1e3, ..of("sleep", "") }
            }
        }
    }
}

/// The machine that plans over the rows of the rule's table.
#[napi]
pub fn plan_machine(
    env: &Env,
    policy: &Policy,
    rule: String,
    now: Either<BigInt, String>,
    decisions: bool,
) -> napi::Result<Machine> {
    guarded(env, || {
        let detail = if decisions { Detail::Decisions } else { Detail::Drops };
        Ok(apply::Reading::new(&policy.0, &rule)?.plan(moment(now)?, detail).into())
    })
}

/// The machine that exports the rule's table, with what hangs on it.
#[napi]
pub fn export_machine(
    env: &Env,
    policy: &Policy,
    terms: ExportTerms,
    plan: Option<&Plan>,
) -> napi::Result<Machine> {
    guarded(env, || {
        let mut export = apply::Export::new(&policy.0, &terms.rule, moment(terms.now)?)?;
        if let Some(plan) = plan {
            export = export.of_plan(plan.core().clone())?;
        } else if let Some(rows) = terms.last {
            export = export.last(u64::from(rows));
        } else if let Some(since) = terms.since {
            export = export.since(moment(since)?);
        }
        Ok(export.machine().into())
    })
}

/// The machine that applies a plan.
#[napi]
pub fn apply_machine(
    env: &Env,
    policy: &Policy,
    plan: &Plan,
    terms: ApplyTerms,
) -> napi::Result<Machine> {
    guarded(env, || {
        let way = match terms.way.as_str() {
            "dryRun" => Way::DryRun,
            "rehearse" => Way::Rehearse,
            _ => Way::Apply,
        };
        let health = terms.health.as_deref().map(str::as_bytes);
        let plan = plan.core().clone();
        let mut apply = apply::Apply::new(plan, &policy.0, health, moment(terms.now)?)?;
        if let Some(oldest) = terms.max_age {
            apply = apply.oldest(oldest.parse::<Duration>()?);
        }
        apply = apply.way(way).skip_changed(terms.skip_changed);
        if let Some(rows) = terms.batch {
            apply = apply.batch(rows as usize);
        }
        if let Some(jobs) = terms.jobs {
            apply = apply.jobs(jobs as usize);
        }
        Ok(apply.machine().into())
    })
}

/// The machine that says whether the rule's table is as the rule would leave it.
#[napi]
pub fn verify_machine(
    env: &Env,
    policy: &Policy,
    rule: String,
    now: Either<BigInt, String>,
) -> napi::Result<Machine> {
    guarded(env, || Ok(apply::Verify::new(&policy.0, &rule, moment(now)?)?.machine().into()))
}

/// The machine that puts back what an export holds and the database lacks, or only looks.
#[napi]
pub fn restore_machine(env: &Env, for_real: bool) -> napi::Result<Machine> {
    guarded(env, || {
        let restore = apply::Restore::new();
        Ok(if for_real { restore.for_real().machine().into() } else { restore.machine().into() })
    })
}

impl Machine {
    fn feed(&self, env: &Env, outcome: Outcome) -> napi::Result<()> {
        guarded(env, || {
            let mut machine = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(machine) = machine.as_mut() {
                machine.feed(outcome);
            }
            Ok(())
        })
    }
}

/// The next step, found on another thread: there rows are judged.
pub struct Next(Shared);

impl Task for Next {
    type Output = Result<Option<apply::Step>, Failure>;
    type JsValue = Option<Step>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(caught(|| {
            let mut machine = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(machine.as_mut().and_then(apply::Machine::next_step))
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<Option<Step>> {
        Ok(output.map_err(|failure| failure.thrown(&env))?.map(Step::from))
    }
}

#[napi]
impl Machine {
    /// The next step; null once all is done.
    #[napi]
    pub fn next_step(&self) -> AsyncTask<Next> {
        AsyncTask::new(Next(Arc::clone(&self.0)))
    }

    /// It is done.
    #[napi]
    pub fn done(&self, env: &Env) -> napi::Result<()> {
        self.feed(env, Outcome::Done)
    }

    /// The rows that a statement gave.
    #[napi]
    pub fn rows(&self, env: &Env, rows: Vec<Vec<Option<String>>>) -> napi::Result<()> {
        let rows = rows.iter().map(|row| row.iter().map(Option::as_deref));
        self.feed(env, Outcome::Rows(rows.collect()))
    }

    /// What was read of a file.
    #[napi]
    pub fn bytes(&self, env: &Env, bytes: Uint8ArraySlice<'_>) -> napi::Result<()> {
        self.feed(env, Outcome::Bytes(bytes.to_vec()))
    }

    /// What a person typed.
    #[napi]
    pub fn answer(&self, env: &Env, answer: String) -> napi::Result<()> {
        self.feed(env, Outcome::Answer(answer))
    }

    /// The server refused.
    #[napi]
    pub fn refused(&self, env: &Env, sqlstate: String, message: String) -> napi::Result<()> {
        self.feed(env, Outcome::Refused { sqlstate, message })
    }

    /// The connection is gone.
    #[napi]
    pub fn lost(&self, env: &Env, why: String) -> napi::Result<()> {
        self.feed(env, Outcome::Lost(why))
    }

    /// The driver could not do it, for a reason of its own, which it throws itself.
    #[napi]
    pub fn failed(&self, env: &Env, why: String) -> napi::Result<()> {
        self.feed(env, Outcome::Failed(Error::host(Code::IoWrite, why, None)))
    }

    /// The answer, once there is no further step: a plan, or a document as JSON.
    #[napi]
    pub fn finish(&self, env: &Env) -> napi::Result<Option<Either<Plan, String>>> {
        let answer = guarded(env, || {
            let mut machine = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let ended = || Failure::Panicked("the answer was taken before".into());
            Ok(machine.take().ok_or_else(ended)?.finish()?)
        })?;
        Ok(match answer {
            Answer::Plan(plan) => Some(Either::A(Plan::new(*plan, 0).adopted(env)?)),
            Answer::Document(json) => Some(Either::B(json)),
            Answer::Nothing => None,
        })
    }
}

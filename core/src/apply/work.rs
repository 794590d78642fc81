//! What is to be removed, and what has come of it so far: known to every lane of an apply.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use thiserror::Error as Thrown;

use super::coverage::Coverage;
use super::kept::Kept;
use super::planned::Planned;
use super::report::Outcomes;
use super::request::Apply;
use super::survey::Survey;
use super::trouble::Trouble;
use crate::error::{Code, Error, Leaf};

/// What is to be removed.
pub(super) struct Work {
    pub(super) apply: Apply,
    pub(super) survey: Survey,
    pub(super) coverage: Coverage,
    pub(super) planned: Planned,
    /// How many parts there are.
    pub(super) parts: usize,
    progress: Mutex<Progress>,
}

/// What has come of it so far.
#[derive(Debug, Default)]
struct Progress {
    waiting: VecDeque<Part>,
    done: BTreeMap<u32, PartDone>,
    failed: BTreeMap<u32, Error>,
    rows: u64,
    /// Planned rows that are left where they are.
    changed: BTreeSet<String>,
}

/// A part of the plan, which goes in a transaction of its own.
#[derive(Debug)]
pub(super) struct Part {
    /// From 1.
    pub(super) number: u32,
    /// Places in the plan.
    pub(super) places: Vec<usize>,
}

/// What came of a part.
#[derive(Debug, Default)]
pub(super) struct PartDone {
    /// What was removed; none where there was nothing to remove, or nothing was to stay so.
    pub(super) kept: Option<Kept>,
    pub(super) gone: u64,
    pub(super) changed: Vec<String>,
    /// Rows that went, by the table's place in the survey.
    pub(super) removed: Vec<u64>,
    pub(super) outcomes: Option<Outcomes>,
    pub(super) warnings: Vec<String>,
}

/// Parts that failed at the same time: of one of them it may not be known whether it was committed.
#[derive(Debug, Thrown)]
#[error(
    "{}; {committed} of {parts} transactions were committed{kept}",
    .errors.iter().map(Error::message).collect::<Vec<_>>().join("; and of another part: ")
)]
struct Failed {
    errors: Vec<Error>,
    committed: usize,
    parts: usize,
    /// Where what these removed is kept, if that can be said.
    kept: String,
}

impl Leaf for Failed {
    fn code(&self) -> Code {
        self.errors.first().map_or(Code::ApplyDriver, Error::code)
    }

    fn help(&self) -> Option<String> {
        self.errors.first().and_then(Error::help).map(str::to_owned)
    }
}

impl Work {
    pub(super) fn new(
        apply: Apply,
        survey: Survey,
        coverage: Coverage,
        planned: Planned,
        parts: Vec<Vec<usize>>,
    ) -> Self {
        let count = parts.len();
        let waiting = (1..).zip(parts).map(|(number, places)| Part { number, places }).collect();
        let progress = Mutex::new(Progress { waiting, ..Progress::default() });
        Self { apply, survey, coverage, planned, parts: count, progress }
    }

    fn progress<R>(&self, with: impl FnOnce(&mut Progress) -> R) -> R {
        with(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The next part; none at the end, and once one has failed.
    pub(super) fn next(&self) -> Option<Part> {
        self.progress(|all| if all.failed.is_empty() { all.waiting.pop_front() } else { None })
    }

    /// Keeps what came of a part. Says how many planned rows are done with.
    pub(super) fn keep(&self, part: &Part, came: Result<PartDone, Error>) -> u64 {
        self.progress(|all| {
            match came {
                Ok(done) => {
                    all.rows += part.places.len() as u64;
                    all.changed.extend(done.changed.iter().cloned());
                    all.done.insert(part.number, done);
                }
                Err(error) => drop(all.failed.insert(part.number, error)),
            }
            all.rows
        })
    }

    /// How many planned rows are done with.
    pub(super) fn rows(&self) -> u64 {
        self.progress(|all| all.rows)
    }

    /// Planned rows that are left where they are, as far as it is known.
    pub(super) fn changed(&self) -> BTreeSet<String> {
        self.progress(|all| all.changed.clone())
    }

    /// What came of the parts that are done, in their order, once no more are; and what others failed for.
    pub(super) fn finish(&self) -> (Vec<PartDone>, Vec<Error>) {
        let (done, failed) =
            self.progress(|all| (std::mem::take(&mut all.done), std::mem::take(&mut all.failed)));
        (done.into_values().collect(), failed.into_values().collect())
    }

    /// What is to be said of errors, and of the parts that are done all the same.
    pub(super) fn failed(
        &self,
        mut errors: Vec<Error>,
        done: &[PartDone],
        manifest: Result<Option<String>, Trouble>,
    ) -> Error {
        if (errors.len(), self.parts) == (1, 1) {
            return errors.remove(0);
        }
        let committed = done.iter().filter(|part| part.kept.is_some()).count();
        let kept = match manifest {
            Ok(name) => name.map(|name| format!(", and what they removed is kept by {name}")),
            Err(trouble) => Some(format!("; {}", no_manifest(trouble))),
        };
        let (parts, kept) = (self.parts, kept.unwrap_or_default());
        Failed { errors, committed, parts, kept }.into()
    }
}

/// What is to be said where several transactions have removed rows, and nothing keeps these together.
pub(super) fn no_manifest(why: Trouble) -> String {
    let why = Error::from(why);
    let own = "what each transaction removed is kept in a folder of its own";
    format!("{own}, and there is no manifest of all: {}", why.message())
}

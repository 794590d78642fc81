//! Any answer, for hosts whose machines are all of one type.

use super::report::{Applied, Exported, Restored, Verification};
use super::talk::Machine;
use crate::plan::Plan;

/// What a machine answers with.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A plan.
    Plan(Box<Plan>),
    /// Anything else, as canonical JSON.
    Document(String),
    /// Nothing: it is a part of something, and what it found is known there.
    Nothing,
}

impl From<()> for Answer {
    fn from((): ()) -> Self {
        Answer::Nothing
    }
}

impl From<Plan> for Answer {
    fn from(plan: Plan) -> Self {
        Answer::Plan(Box::new(plan))
    }
}

macro_rules! documents {
    ($($answer:ident),*) => {$(
        impl From<$answer> for Answer {
            fn from(answer: $answer) -> Self {
                Answer::Document(answer.to_json())
            }
        }
    )*};
}

documents!(Applied, Exported, Restored, Verification);

impl<T: Into<Answer> + 'static> Machine<T> {
    /// The same machine, whatever it answers with.
    #[must_use]
    pub fn of_any_answer(self) -> Machine<Answer> {
        self.map(Into::into)
    }
}

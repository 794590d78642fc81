//! Schedules as documents: slots, what is due, what was missed, and what is remembered.

mod answer;
mod entry;
mod sentence;
mod state;

pub use answer::{DueAnswer, KeepAnswer, MissedAnswer, NextAnswer, SlotsAnswer, UndoneSlot};
pub use sentence::Reason;

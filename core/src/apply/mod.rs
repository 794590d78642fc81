//! Doing it: what a plan says is exported, removed and restored in PostgreSQL, without a connection here.
//!
//! A [`Machine`] decides every step, and a host only carries it out: it begins a transaction, runs a
//! statement, writes a file, asks a person. So one order of events, in which nothing can be lost, is the
//! same over every driver of every language.
//!
//! ```
//! use housekeep::apply::{Machine, Outcome, Step};
//!
//! /// What a host does: five functions of its driver, and files.
//! trait Driver {
//!     fn carry_out(&mut self, step: Step) -> Outcome;
//! }
//!
//! fn run<T>(mut machine: Machine<T>, driver: &mut impl Driver) -> Result<T, housekeep::Error> {
//!     while let Some(step) = machine.next_step() {
//!         let outcome = driver.carry_out(step);
//!         machine.feed(outcome);
//!     }
//!     machine.finish()
//! }
//! ```
//!
//! The order of events of each is one `async fn` that is polled by hand, so that it reads as a page of
//! code; no runtime is needed. [`Step::Commit`] carries a [`Verified`], which only a passed verification
//! returns.

mod answer;
mod case;
mod catalog;
mod coverage;
mod export;
mod files;
mod judge;
mod kept;
mod lane;
mod line;
mod look;
mod manifest;
mod outcomes;
mod pace;
mod part;
mod parts;
mod planned;
mod prove;
mod read;
mod remove;
mod report;
mod request;
mod restore;
mod rows;
mod session;
mod statements;
mod step;
mod survey;
mod talk;
mod trouble;
mod verify;
mod work;

pub use answer::Answer;
pub use export::Export;
pub use prove::Verified;
pub use read::{Form, Outline, Reading};
pub use report::{
    Applied, Exported, KeyCount, Outcome as Done, Outcomes, Restored, RestoredTable, TableCount,
    Verification,
};
pub use request::{Apply, Way, YES};
pub use restore::Restore;
pub use rows::{Row, Rows};
pub use step::{File, Isolation, Outcome, Param, Question, Statement, Step};
pub use talk::Machine;
pub use verify::Verify;

//! Doing it: what a plan says is exported, removed and restored in PostgreSQL, without a connection here.
//!
//! A [`Machine`] decides every step, and a host only carries it out: it begins a transaction, runs a
//! statement, writes a file, asks a person. So one order of events, in which nothing can be lost, is the
//! same over every driver of every language.

mod answer;
mod catalog;
mod coverage;
mod export;
mod files;
mod judge;
mod manifest;
mod outcomes;
mod prove;
mod read;
mod remove;
mod report;
mod restore;
mod session;
mod statements;
mod step;
mod survey;
mod talk;
mod trouble;
mod verify;

pub use answer::Answer;
pub use export::Export;
pub use prove::Verified;
pub use read::{Form, Outline, Reading};
pub use remove::{Apply, Way, YES};
pub use report::{
    Applied, Exported, KeyCount, Outcome as Done, Outcomes, Restored, RestoredTable, TableCount,
    Verification,
};
pub use restore::Restore;
pub use step::{File, Isolation, Outcome, Param, Question, Row, Statement, Step};
pub use survey::Fingerprint;
pub use talk::Machine;
pub use verify::Verify;

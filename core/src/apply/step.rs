//! What a host is asked to do, and what it says of it.

use super::prove::Verified;
use super::rows::Rows;
use super::talk::Machine;
use crate::error::Error;
use crate::time::Duration;

/// One thing that a host does, in the order in which it is asked.
#[derive(Debug)]
#[must_use]
pub enum Step {
    /// Begin a transaction. Answer with [`Outcome::Done`].
    Begin(Isolation),
    /// Run one statement, in the transaction if one has begun. Answer with [`Outcome::Rows`]: every
    /// column is a text or null.
    Exec(Statement),
    /// Write more of a file, or end it: see [`File`]. Answer with [`Outcome::Done`].
    Persist(File),
    /// Give more of a file of this name, from where the last such step ended: some megabytes at most.
    /// Answer with [`Outcome::Bytes`], which are none at its end, or where there is no such file.
    Read(String),
    /// Ask a person. Answer with [`Outcome::Answer`].
    Confirm(Question),
    /// Commit the transaction. Answer with [`Outcome::Done`], or with [`Outcome::Lost`] where it is not
    /// known whether it was committed.
    Commit(Verified),
    /// Roll the transaction back. Answer with [`Outcome::Done`], whatever becomes of it.
    Rollback,
    /// Connect again: the connection was lost, and with it the transaction.
    Reconnect,
    /// Wait. Answer with [`Outcome::Done`].
    Sleep(Duration),
    /// Carry out all of these at the same time, each over a connection of its own; or one after the other, where
    /// that cannot be. Each reads and writes the same folder. Answer with [`Outcome::Done`] when all have ended:
    /// what they found is known here, and none of them asks a person.
    Together(Vec<Machine<()>>),
}

/// How a transaction sees what others do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// `BEGIN ISOLATION LEVEL READ COMMITTED`: what rows are removed in.
    ReadCommitted,
    /// `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`: one snapshot for all that is read.
    Snapshot,
}

impl Isolation {
    /// The statement that begins it.
    #[must_use]
    pub fn begin(self) -> &'static str {
        match self {
            Isolation::ReadCommitted => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            Isolation::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }
}

/// A statement and its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// SQL with `$1`, `$2` and so on.
    pub sql: String,
    /// What stands for them, in their order.
    pub params: Vec<Param>,
}

/// A parameter: a text, or an array of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Param {
    /// `text`.
    Text(String),
    /// `text[]`.
    Texts(Vec<Option<String>>),
}

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, with `/` between folders, which are made. The file itself must not be there yet.
    pub name: String,
    /// What is written at its end.
    pub bytes: Vec<u8>,
    /// Whether it is all there now: before the answer it has to be safe on the disk.
    pub is_whole: bool,
}

/// What a person is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is about to happen, in a few lines.
    pub text: String,
    /// What has to be typed for it.
    pub expected: &'static str,
}

/// What came of a step.
#[derive(Debug)]
pub enum Outcome {
    /// It is done, and there is nothing to say of it.
    Done,
    /// The rows that a statement gave.
    Rows(Rows),
    /// What was read of a file.
    Bytes(Vec<u8>),
    /// What a person typed.
    Answer(String),
    /// The server refused.
    Refused {
        /// The SQLSTATE, five characters.
        sqlstate: String,
        /// What it says.
        message: String,
    },
    /// The connection is gone, with what is known of why.
    Lost(String),
    /// The host could not do it.
    Failed(Error),
}

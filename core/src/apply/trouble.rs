//! What can go wrong between a step and its outcome.

use thiserror::Error as Thrown;

use super::step::Outcome;
use crate::error::{Code, Error, Leaf};

/// Why a protocol does not go on.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server refused a statement.
    Database(Refused),
    /// The connection is gone.
    Lost(String),
    /// Rows that went without having been locked had changed, were gone, or others came to hang on them.
    Unlocked(Error),
    /// We refuse, or the host failed: trying again would change nothing.
    Refused(Error),
}

/// What the server says.
#[derive(Debug, Thrown)]
#[error("the database refuses: {message} ({sqlstate})")]
pub(super) struct Refused {
    pub(super) sqlstate: String,
    message: String,
}

/// A connection that is gone.
#[derive(Debug, Thrown)]
#[error("the connection to the database is lost: {0}")]
struct Lost(String);

/// A host that does not do as it is asked.
#[derive(Debug, Thrown)]
pub(super) enum BadHost {
    #[error("a step was given, and no outcome of it was fed")]
    NotFed,
    #[error("the outcome does not fit the step")]
    Unfit,
    #[error("the statement gave no value where it always gives one")]
    NoText,
}

impl Leaf for BadHost {
    fn code(&self) -> Code {
        Code::ApplyDriver
    }

    fn help(&self) -> Option<String> {
        Some(
            "mend the driver: it feeds the outcome of each step before it asks for the next".into(),
        )
    }
}

impl Leaf for Lost {
    fn code(&self) -> Code {
        Code::ApplyConnection
    }

    fn help(&self) -> Option<String> {
        Some(
            "what was not committed is not done; see that the server is up, and run it again"
                .into(),
        )
    }
}

impl Leaf for Refused {
    fn code(&self) -> Code {
        match self.sqlstate.as_str() {
            "25006" => Code::ApplyReadOnly,
            _ => Code::ApplyDatabase,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self.sqlstate.as_str() {
            "25006" => "this is a standby, or may only be read: give the primary's URL",
            "42501" => "grant the role what it lacks, or connect as another one",
            "42P01" => "check the table's name in the policy, and the database's in the URL",
            LOCKED => "others hold the rows for long: try again later, or with smaller batches",
            "57014" => "the statement took too long: allow more time, or make smaller batches",
            "40P01" | "40001" => "others change the same rows: try again later",
            state if HELD.contains(&state) => {
                "declare the key that still points here in the policy's `children`"
            }
            _ => "see what the server's log says of it",
        };
        Some(help.into())
    }
}

/// What a foreign key says that holds: of `NO ACTION`, and of `RESTRICT`.
const HELD: [&str; 2] = ["23503", "23001"];
/// A lock that is not available.
const LOCKED: &str = "55P03";

impl Trouble {
    pub(super) fn of(outcome: Outcome) -> Self {
        match outcome {
            // The last word of a connection, and not of a statement: whether it was done is not known.
            Outcome::Refused { sqlstate, message }
                if sqlstate.starts_with("08") || sqlstate.starts_with("57P") =>
            {
                Trouble::Lost(message)
            }
            Outcome::Refused { sqlstate, message } => {
                Trouble::Database(Refused { sqlstate, message })
            }
            Outcome::Lost(why) => Trouble::Lost(why),
            Outcome::Failed(error) => Trouble::Refused(error),
            Outcome::Done | Outcome::Rows(_) | Outcome::Bytes(_) | Outcome::Answer(_) => {
                BadHost::Unfit.into()
            }
        }
    }

    /// The same of rows that were not locked before: under lock it may come out otherwise.
    pub(super) fn unlocked(self) -> Self {
        match self {
            // Keys that the policy does not declare were refused before: what arrived keeps these rows.
            Trouble::Database(refused)
                if HELD.contains(&refused.sqlstate.as_str()) || refused.sqlstate == LOCKED =>
            {
                Trouble::Unlocked(refused.into())
            }
            Trouble::Refused(error)
                if matches!(error.code(), Code::ApplyNoExport | Code::ApplyNotVerified) =>
            {
                Trouble::Unlocked(error)
            }
            other => other,
        }
    }

    /// Whether another try may come out otherwise: others were in the way.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            // Serialisation, deadlock, lock not available.
            Trouble::Database(refused) => {
                matches!(refused.sqlstate.as_str(), "40001" | "40P01" | LOCKED)
            }
            Trouble::Lost(_) | Trouble::Unlocked(_) => true,
            Trouble::Refused(_) => false,
        }
    }
}

impl<L: Leaf> From<L> for Trouble {
    fn from(leaf: L) -> Self {
        Trouble::Refused(leaf.into())
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Trouble::Refused(error)
    }
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Database(refused) => refused.into(),
            Trouble::Lost(why) => Lost(why).into(),
            Trouble::Unlocked(error) | Trouble::Refused(error) => error,
        }
    }
}

//! Exit codes.

use std::process::ExitCode;

use housekeep::{Code, Error};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Something could not be read, written or understood.
    Failed = 1,
    /// `plan --detailed-exitcode`: done, and there is something to drop.
    Drops = 2,
    /// Refused: a guard was exceeded, a plan is not what it was, or a file is in the way.
    Refused = 3,
    /// The command line itself is wrong (`EX_USAGE`).
    Usage = 64,
}

impl Exit {
    /// For an error of core's.
    pub(crate) fn of(error: &Error) -> Self {
        match error.code() {
            Code::PlanGuard | Code::PlanAltered | Code::PlanVersion => Exit::Refused,
            _ => Exit::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

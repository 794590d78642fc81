//! Exit codes.

use std::process::ExitCode;

use housekeep::health::Status;
use housekeep::{Code, Error};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Something could not be read, written or understood.
    Failed,
    /// With `--detailed-exitcode`: done, and there is something to drop, or a run that may start.
    Detailed,
    /// Refused: a guard was exceeded, a plan is not what it was, what is required is not ok, or a file is
    /// in the way.
    Refused,
    /// `health`: as a Nagios plugin ends, also where it fails.
    Health(Status),
    /// The command line itself is wrong (`EX_USAGE`).
    Usage,
}

impl Exit {
    /// For an error of core's.
    pub(crate) fn of(error: &Error) -> Self {
        match error.code() {
            Code::PlanGuard
            | Code::PlanAltered
            | Code::PlanVersion
            | Code::ReportNotOk
            | Code::ApplyStale
            | Code::ApplyOther
            | Code::ApplyNoExport
            | Code::ApplyExportAltered
            | Code::ApplyNotConfirmed
            | Code::ApplyUndeclared
            | Code::ApplyChanged
            | Code::ApplyNotVerified
            | Code::ApplyDiffers
            | Code::ApplyReadOnly
            | Code::ReportVersion => Exit::Refused,
            _ => Exit::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Detailed => 2,
            Exit::Refused => 3,
            Exit::Health(status) => status.exit_code(),
            Exit::Usage => 64,
        })
    }
}

//! A report that something depends on: whether the checks that a policy asks for are ok, and it is new.

use serde::Deserialize;
use thiserror::Error;

use crate::error::{Code, Error, Leaf, quoted};
use crate::health::Status;
use crate::policy::HealthRules;
use crate::time::{Duration, Instant};
use crate::wire::VERSION;

/// How old a report may be that something depends on.
const OLDEST: Duration = Duration::from_mins(60);

/// What is read of a report.
#[derive(Deserialize)]
struct ReportDocument {
    housekeep: u32,
    kind: String,
    at: Instant,
    policy_sha256: String,
    checks: Vec<CheckEntry>,
    groups: Vec<GroupEntry>,
}

#[derive(Deserialize)]
struct CheckEntry {
    check: String,
    status: Status,
    sentence: String,
}

#[derive(Deserialize)]
struct GroupEntry {
    group: String,
    status: Status,
}

/// Why nothing may be removed.
#[derive(Debug, Error)]
enum NotOk {
    #[error("this is no report of checks: {0}")]
    Syntax(String),
    #[error("this is a document of kind {}, and a report of checks was expected", quoted(.0))]
    Kind(String),
    #[error("the report is of version {0}, and this program reads version {VERSION}")]
    Version(u32),
    #[error("the policy requires that {} is ok, and the report is of another policy", quoted(.0))]
    Policy(String),
    #[error("the report is of {at}, {age} ago, and may be {OLDEST} old at most")]
    Old { at: Instant, age: Duration },
    #[error("the report is of {0}, which is still to come")]
    Future(Instant),
    #[error("the policy requires that {} ok, and no report says so", listed(.0))]
    Nothing(Vec<String>),
    #[error("the policy requires that {} is ok: {sentence}", quoted(.name))]
    Bad { name: String, sentence: String },
}

impl Leaf for NotOk {
    fn code(&self) -> Code {
        match self {
            NotOk::Syntax(_) | NotOk::Kind(_) => Code::ReportSyntax,
            NotOk::Version(_) => Code::ReportVersion,
            NotOk::Nothing(_)
            | NotOk::Policy(_)
            | NotOk::Old { .. }
            | NotOk::Future(_)
            | NotOk::Bad { .. } => Code::ReportNotOk,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                NotOk::Nothing(_) => {
                    "give what `housekeep health --format json` printed; to the program with `--health FILE`"
                }
                NotOk::Syntax(_) | NotOk::Kind(_) | NotOk::Version(_) => {
                    "give what `housekeep health --format json` printed"
                }
                NotOk::Policy(_) => "evaluate the checks of this policy, and give that report",
                NotOk::Old { .. } | NotOk::Future(_) => "evaluate the checks now, and try again",
                NotOk::Bad { .. } => "mend it, evaluate the checks again, and try then",
            }
            .into(),
        )
    }
}

/// Names in a sentence, and the verb that goes with them.
fn listed(names: &[String]) -> String {
    let all: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    match all.split_last() {
        Some((last, [])) => format!("{last} is"),
        Some((last, others)) => format!("{} and {last} are", others.join(", ")),
        None => String::new(),
    }
}

impl HealthRules {
    /// Judges a report, as [`Report::to_json`](super::Report::to_json) wrote it: whether everything that
    /// the policy requires before something is removed is ok, and the report not older than an hour. A
    /// policy that requires nothing is content with any, and with none.
    ///
    /// # Errors
    /// `report.syntax` and `report.version` for what is no report; `report.not_ok` without one, for one of
    /// other checks, one that is too old, and one that says that a check is not ok.
    pub fn require(&self, report: Option<&[u8]>, now: Instant) -> Result<(), Error> {
        let Some(first) = self.required().first() else { return Ok(()) };
        let report = report.ok_or_else(|| NotOk::Nothing(self.required().to_vec()))?;
        let report: ReportDocument =
            serde_json::from_slice(report).map_err(|error| NotOk::Syntax(error.to_string()))?;
        if report.kind != "health" {
            return Err(NotOk::Kind(report.kind).into());
        }
        if report.housekeep != VERSION {
            return Err(NotOk::Version(report.housekeep).into());
        }
        if report.policy_sha256 != self.sha256() {
            return Err(NotOk::Policy(first.clone()).into());
        }
        let (at, age) = (report.at, report.at.distance(now));
        if at > now {
            return Err(NotOk::Future(at).into());
        }
        if age > OLDEST {
            return Err(NotOk::Old { at, age }.into());
        }
        match self.required().iter().find_map(|name| report.complaint(name)) {
            Some(bad) => Err(bad.into()),
            None => Ok(()),
        }
    }
}

impl ReportDocument {
    /// What is wrong with a check or a group, if it is not ok.
    fn complaint(&self, name: &str) -> Option<NotOk> {
        let bad = |sentence: String| Some(NotOk::Bad { name: name.to_owned(), sentence });
        if let Some(group) = self.groups.iter().find(|own| own.group == name) {
            let said = || format!("{} is {}", quoted(name), group.status.as_str());
            return if group.status == Status::Ok { None } else { bad(said()) };
        }
        let own = || self.checks.iter().filter(|own| own.check == name);
        if own().next().is_none() {
            return bad("the report does not have it".into());
        }
        own().find(|own| own.status != Status::Ok).and_then(|own| bad(own.sentence.clone()))
    }
}

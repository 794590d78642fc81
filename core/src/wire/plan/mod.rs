//! Plans as documents. Each family has a document of its own; what they share is here.

mod dedupe;
mod key;
mod retention;

use std::borrow::Cow;
use std::io::{self, Write};

use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;

pub(crate) use dedupe::{AdviceDocument, NearestDocument};
pub(crate) use key::text;
pub use key::{Key, KeyValue};
pub use retention::{Citation, Decision, OldestKept, Removal, Stay};

use super::{VERSION, digest, is_as_written, texts_of};
use crate::error::{Code, Error, Leaf, quoted};
use crate::plan::{Body, Plan};

/// Something about the plan that a person should know.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WarningDocument {
    pub(crate) code: String,
    pub(crate) count: u64,
    pub(crate) message: String,
}

/// A list that is made while it is written.
struct Lazily<F>(F);

impl<F, I> Serialize for Lazily<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// What cannot be read as a plan.
#[derive(Debug, Error)]
enum NotAPlan {
    #[error("this is not a plan: {0}")]
    Syntax(String),
    #[error("the plan is of version {0}, and this program reads version {VERSION}")]
    Version(u64),
    #[error("this is a document of kind {}, and a plan was expected", quoted(.0))]
    Kind(String),
    #[error("the plan has no digest")]
    NoDigest,
    #[error("the plan is not what its digest says")]
    Altered,
}

impl Leaf for NotAPlan {
    fn code(&self) -> Code {
        match self {
            NotAPlan::Syntax(_) | NotAPlan::Kind(_) => Code::PlanSyntax,
            NotAPlan::Version(_) => Code::PlanVersion,
            NotAPlan::NoDigest | NotAPlan::Altered => Code::PlanAltered,
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                NotAPlan::Syntax(_) | NotAPlan::Kind(_) => {
                    "give the file that `housekeep plan --output` wrote"
                }
                NotAPlan::Version(_) => "plan again with this program, or use the one it came from",
                NotAPlan::NoDigest | NotAPlan::Altered => {
                    "plan again: a plan is not to be edited, change the policy instead"
                }
            }
            .into(),
        )
    }
}

/// What `serde_json` says, without what is in the terms of the structs here.
fn syntax(error: &serde_json::Error) -> NotAPlan {
    let said = error.to_string();
    let message = said.split(", expected").next().unwrap_or_default();
    let message = message.split(" at line ").next().unwrap_or_default();
    NotAPlan::Syntax(message.replace("EOF while parsing", "it ends in the middle of"))
}

/// Gives the digest, and refuses a document that is not what that says.
fn checked(
    document: &impl Serialize,
    said: Option<Cow<'_, str>>,
    text: &str,
) -> Result<String, NotAPlan> {
    let said = said.ok_or(NotAPlan::NoDigest)?;
    // Most are just as they were written, and need not be made again.
    if is_as_written(text, &said) || digest(document) == said {
        Ok(said.into_owned())
    } else {
        Err(NotAPlan::Altered)
    }
}

/// Writes the plan with its digest, and gives the digest back.
pub(crate) fn write_plan<W: Write>(out: W, plan: &Plan) -> io::Result<String> {
    match &plan.body {
        Body::Dedupe(body) => dedupe::write(out, plan, body),
        Body::Retention(body) => retention::write(out, plan, body),
    }
}

/// Reads a plan, whatever its white space and the order of its keys, and checks its digest.
pub(crate) fn read_plan(text: &str) -> Result<Plan, Error> {
    let head = head(text)?;
    if head.housekeep != u64::from(VERSION) {
        return Err(NotAPlan::Version(head.housekeep).into());
    }
    match head.kind.as_ref() {
        "dedupe" => dedupe::read(text),
        "retention" => retention::read(text),
        _ => Err(NotAPlan::Kind(head.kind.into_owned()).into()),
    }
}

/// What a document is.
#[derive(Deserialize)]
struct Head<'a> {
    housekeep: u64,
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

fn head(text: &str) -> Result<Head<'_>, NotAPlan> {
    // It stands before the rest, unless somebody else has written that.
    if let [Some(housekeep), Some(kind)] = texts_of(text, &["housekeep", "kind"]).as_slice()
        && let Ok(housekeep) = housekeep.parse()
    {
        return Ok(Head { housekeep, kind: kind.clone() });
    }
    serde_json::from_str(text).map_err(|error| syntax(&error))
}

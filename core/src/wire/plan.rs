//! A plan as a document, written and read by the same structs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::canonical::write_with_digest;
use super::{VERSION, canonical, sha256};
use crate::columns::Cell;
use crate::dedupe::Skipped;
use crate::error::{Code, Error, Leaf, quoted};
use crate::plan::{DropEntry, Plan, Reason};
use crate::policy::DedupeDocument;
use crate::time::{Duration, Instant};

/// The frame of a plan. `I` are the ids and `D` the drops: lists when read, made one at a time
/// when written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PlanDocument<'a, I, D> {
    housekeep: u32,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    rule: Cow<'a, str>,
    table: Option<Cow<'a, str>>,
    planned_at: Instant,
    rule_sha256: Cow<'a, str>,
    source: Cow<'a, BTreeMap<String, String>>,
    settings: Cow<'a, DedupeDocument>,
    total: u64,
    eligible: u64,
    keep: u64,
    drop: u64,
    skipped: Skipped,
    drop_ids: I,
    drops: D,
    advice: Cow<'a, AdviceDocument>,
    nearest: Cow<'a, Option<NearestDocument>>,
    warnings: Cow<'a, [WarningDocument]>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    sha256: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct DropDocument<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    keeper_id: Cow<'a, str>,
    #[serde(borrow)]
    key: KeyDocument<'a>,
    time: Instant,
    keeper_time: Instant,
    gap: Duration,
    #[serde(borrow)]
    reasons: [ReasonDocument<'a>; 1],
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ReasonDocument<'a> {
    #[serde(borrow)]
    rule: Cow<'a, str>,
    why: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    via_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    via_gap: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    bucket: Option<Instant>,
}

/// Whether to apply the plan, and why.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdviceDocument {
    pub(crate) apply: bool,
    pub(crate) why: String,
}

/// What came nearest to being a duplicate.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NearestDocument {
    pub(crate) id: String,
    pub(crate) other_id: String,
    pub(crate) gap: Duration,
}

/// Something about the plan that a person should know.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WarningDocument {
    pub(crate) code: String,
    pub(crate) count: u64,
    pub(crate) message: String,
}

/// The key of a row: column names to values, in the order of the rule. Ids inside it are text like
/// all ids; only null and booleans are not.
pub(super) struct KeyDocument<'a>(pub(super) Vec<(Cow<'a, str>, KeyValue<'a>)>);

pub(super) enum KeyValue<'a> {
    Null,
    Boolean(bool),
    Text(Cow<'a, str>),
}

impl<'a> From<Cell<'a>> for KeyValue<'a> {
    fn from(cell: Cell<'a>) -> Self {
        match cell {
            Cell::Null | Cell::Missing => KeyValue::Null,
            Cell::Boolean(value) => KeyValue::Boolean(value),
            cell => KeyValue::Text(text(cell)),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for KeyValue<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;
        impl<'de> Visitor<'de> for Value {
            type Value = KeyValue<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, true, false or null")
            }

            fn visit_unit<E>(self) -> Result<KeyValue<'de>, E> {
                Ok(KeyValue::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<KeyValue<'de>, E> {
                Ok(KeyValue::Boolean(value))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<KeyValue<'de>, E> {
                Ok(KeyValue::Text(text.into()))
            }

            fn visit_str<E>(self, text: &str) -> Result<KeyValue<'de>, E> {
                Ok(KeyValue::Text(text.to_owned().into()))
            }
        }
        deserializer.deserialize_any(Value)
    }
}

impl Serialize for KeyValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            KeyValue::Null => serializer.serialize_unit(),
            KeyValue::Boolean(value) => serializer.serialize_bool(*value),
            KeyValue::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl Serialize for KeyDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for KeyDocument<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = KeyDocument<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of key columns")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(KeyDocument(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// An id as text, borrowed where it is text already.
pub(super) fn text(cell: Cell<'_>) -> Cow<'_, str> {
    match cell {
        Cell::Text(text) | Cell::Raw(text) => Cow::Borrowed(text),
        cell => Cow::Owned(cell.to_string()),
    }
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

fn drop_document<'a>(rule: &'a str, drop: DropEntry<'a>) -> DropDocument<'a> {
    let (mut via_id, mut via_gap, mut bucket) = (None, None, None);
    match drop.reason {
        Reason::WithinWindow | Reason::SameKey => {}
        Reason::Chained { via, gap } => (via_id, via_gap) = (Some(text(via)), Some(gap)),
        Reason::SameBucket { start } => bucket = Some(start),
    }
    DropDocument {
        id: text(drop.id),
        keeper_id: text(drop.keeper_id),
        key: KeyDocument(
            drop.key.into_iter().map(|(name, cell)| (name.into(), cell.into())).collect(),
        ),
        time: drop.time,
        keeper_time: drop.keeper_time,
        gap: drop.gap,
        reasons: [ReasonDocument {
            rule: rule.into(),
            why: drop.reason.as_str().into(),
            via_id,
            via_gap,
            bucket,
        }],
    }
}

/// Writes the plan with its digest, and gives the digest back.
pub(crate) fn write_plan<W: Write>(out: W, plan: &Plan) -> io::Result<String> {
    let rule = format!("dedupe.{}", plan.head.rule);
    let head = &plan.head;
    let document = PlanDocument {
        housekeep: VERSION,
        kind: "dedupe".into(),
        rule: head.rule.as_str().into(),
        table: head.settings.table.as_deref().map(Cow::from),
        planned_at: head.planned_at,
        rule_sha256: head.rule_sha256.as_str().into(),
        source: Cow::Borrowed(&head.source),
        settings: Cow::Borrowed(&head.settings),
        total: head.total,
        eligible: plan.eligible(),
        keep: head.keep,
        drop: plan.drop_count(),
        skipped: head.skipped,
        drop_ids: Lazily(|| plan.drop_ids().map(text)),
        drops: Lazily(|| plan.drops().map(|drop| drop_document(&rule, drop))),
        advice: Cow::Borrowed(&head.advice),
        nearest: Cow::Borrowed(&head.nearest),
        warnings: Cow::Borrowed(&head.warnings),
        sha256: None,
    };
    write_with_digest(out, &document)
}

/// What cannot be read as a plan.
#[derive(Debug, Error)]
enum NotAPlan {
    #[error("this is not a plan: {0}")]
    Syntax(String),
    #[error("the plan is of version {0}, and this program reads version {VERSION}")]
    Version(u64),
    #[error("this is a plan of kind {}, and {} was expected", quoted(.0), quoted("dedupe"))]
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

/// A plan's document, read and whole.
pub(crate) struct ReadPlan<'a>(PlanDocument<'a, Vec<Cow<'a, str>>, Vec<DropDocument<'a>>>);

/// Reads a plan, whatever its white space and the order of its keys, and checks its digest.
pub(crate) fn read_plan(text: &str) -> Result<ReadPlan<'_>, Error> {
    #[derive(Deserialize)]
    struct Version {
        housekeep: u64,
        kind: String,
    }
    // What follows is in the terms of the structs here.
    let syntax = |error: serde_json::Error| {
        let said = error.to_string();
        let message = said.split(", expected").next().unwrap_or_default();
        let message = message.split(" at line ").next().unwrap_or_default();
        NotAPlan::Syntax(message.replace("EOF while parsing", "it ends in the middle of"))
    };
    let version: Version = serde_json::from_str(text).map_err(syntax)?;
    if version.housekeep != u64::from(VERSION) {
        return Err(NotAPlan::Version(version.housekeep).into());
    }
    if version.kind != "dedupe" {
        return Err(NotAPlan::Kind(version.kind).into());
    }
    let mut document: PlanDocument<'_, Vec<_>, Vec<DropDocument<'_>>> =
        serde_json::from_str(text).map_err(syntax)?;
    let order = |name: &str| document.settings.key.iter().position(|own| own == name);
    for drop in &mut document.drops {
        drop.key.0.sort_by_key(|(name, _)| order(name));
    }
    let digest = document.sha256.take().ok_or(NotAPlan::NoDigest)?;
    if sha256(canonical(&document).as_bytes()) != digest {
        return Err(NotAPlan::Altered.into());
    }
    Ok(ReadPlan(document))
}

impl ReadPlan<'_> {
    /// The plan itself: its rows become a table again, each drop followed by its keeper.
    pub(crate) fn into_plan(self) -> Result<Plan, Error> {
        let document = self.0;
        let head = crate::plan::Head {
            rule: document.rule.into_owned(),
            planned_at: document.planned_at,
            rule_sha256: document.rule_sha256.into_owned(),
            source: document.source.into_owned(),
            settings: document.settings.into_owned(),
            total: document.total,
            keep: document.keep,
            skipped: document.skipped,
            advice: document.advice.into_owned(),
            nearest: document.nearest.into_owned(),
            warnings: document.warnings.into_owned(),
        };
        let mut rows = crate::plan::RowsOfPlan::new(&head.settings);
        for drop in &document.drops {
            let key = |n: usize| match drop.key.0.get(n).map(|(_, value)| value) {
                None | Some(KeyValue::Null) => Cell::Null,
                Some(KeyValue::Boolean(value)) => Cell::Boolean(*value),
                Some(KeyValue::Text(text)) => Cell::Text(text),
            };
            rows.push(&drop.id, &key, drop.time)?;
            rows.push(&drop.keeper_id, &key, drop.keeper_time)?;
        }
        rows.finish(head)
    }
}

//! A dedupe rule: checked, with its defaults filled in, and what it needs of the rows.

use thiserror::Error;

use super::document::{DedupeDocument, PolicyDocument};
use super::reads::Reads;
use super::subject::{check_name, check_table, id_columns, not_empty};
use crate::bounds::KEY_COLUMNS;
use crate::columns::{Need, TimeFormat};
use crate::condition::Test;
use crate::dedupe::{Mode, Rule};
use crate::error::{Code, Error, Leaf, quoted};
use crate::one_or_more::OneOrMore;
use crate::time::Duration;
use crate::wire;

/// A dedupe rule of a policy, ready to plan with.
#[derive(Clone, Debug)]
pub struct DedupeRule {
    name: String,
    settings: DedupeDocument,
    rule: Rule,
    id: Vec<String>,
    only: Vec<(String, Test)>,
    needs: Vec<Need>,
    sha256: String,
}

/// What no rule may say.
#[derive(Debug, Error)]
enum BadRule {
    #[error("the rule has no key column")]
    NoKey,
    #[error("the column {} is in the key twice", quoted(.0))]
    RepeatedKey(String),
    #[error("the column {} is the id and in the key, so no two rows are ever the same", quoted(.0))]
    IdInKey(String),
    #[error("all columns of the id are in the key, so no two rows are ever the same")]
    WholeIdInKey,
    #[error("the column {} is both the id and the time", quoted(.0))]
    IdIsTime(String),
    #[error("`mode = \"{}\"` needs a window", .0.as_str())]
    NoWindow(Mode),
    #[error("`mode = \"forever\"` has no {0}, so this has no meaning")]
    MeaninglessForever(&'static str),
    #[error("a window of zero has no buckets")]
    EmptyBuckets,
}

impl Leaf for BadRule {
    fn code(&self) -> Code {
        match self {
            BadRule::NoKey | BadRule::IdInKey(_) | BadRule::WholeIdInKey => {
                Code::PolicyNeverMatches
            }
            BadRule::RepeatedKey(_) => Code::PolicyRepeatedField,
            BadRule::NoWindow(_) => Code::PolicyMissingField,
            BadRule::IdIsTime(_) | BadRule::MeaninglessForever(_) | BadRule::EmptyBuckets => {
                Code::PolicyConflict
            }
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadRule::NoKey => "name the columns in which duplicates are the same",
            BadRule::RepeatedKey(_) => "keep one of the two",
            BadRule::IdInKey(_) | BadRule::WholeIdInKey => "leave the id out of the key",
            BadRule::IdIsTime(_) => "name the column that says when the row came to be",
            BadRule::NoWindow(_) => "add one, such as `window = \"10m\"`",
            BadRule::MeaninglessForever(_) => "take it out, or choose another mode",
            BadRule::EmptyBuckets => "give a longer one, or choose another mode",
        };
        Some(help.into())
    }
}

impl DedupeRule {
    pub(super) fn check(
        name: &str,
        given: &DedupeDocument,
        policy: &PolicyDocument,
    ) -> Result<Self, Error> {
        let base = format!("dedupe.{name}");
        let at = |key: &str| format!("{base}.{key}");
        check_name(name, &base)?;
        let id = id_columns(given.id.as_ref(), given.table.as_ref(), &base, policy)?;
        if let Some(table) = &given.table {
            check_table(table, &id, &at("table"), policy)?;
        }

        check_key(given, &id).map_err(|error| error.at_path(at("key")))?;
        not_empty(&given.time).map_err(|error| error.at_path(at("time")))?;
        if id.contains(&given.time) {
            let error = Error::from(BadRule::IdIsTime(given.time.clone()));
            return Err(error.at_path(at("time")));
        }
        let rule = compile(given, &at)?;
        let settings = filled(given, &id, &rule);
        let (needs, only) = needs(given, &id, &base)?;
        let sha256 = wire::sha256(wire::canonical(&settings).as_bytes());
        Ok(Self { name: name.to_owned(), settings, rule, id, only, needs, sha256 })
    }

    /// The name, without its family.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The table the rows are of, if the rule names one.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        self.settings.table.as_deref()
    }

    /// The column of the id, or those that name a row together.
    #[must_use]
    pub fn id(&self) -> &[String] {
        &self.id
    }

    /// The columns of the key, in their order.
    #[must_use]
    pub fn key(&self) -> &[String] {
        &self.settings.key
    }

    /// The column of the time.
    #[must_use]
    pub fn time(&self) -> &str {
        &self.settings.time
    }

    /// What makes a row a duplicate, without names: for rows that are your own structs.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// What the rule is about: conditions on columns, all of which have to hold.
    #[must_use]
    pub fn only(&self) -> &[(String, Test)] {
        &self.only
    }

    /// A plan is advised to be applied when it drops more than this.
    #[must_use]
    pub fn advise_above(&self) -> u64 {
        self.settings.advise_above.unwrap_or(0)
    }

    /// The columns it reads, for whoever fetches the rows.
    #[must_use]
    pub fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// The digest of the rule with its defaults filled in, in hexadecimal. Two rules of one digest
    /// decide the same.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    pub(crate) fn settings(&self) -> &DedupeDocument {
        &self.settings
    }
}

fn check_key(given: &DedupeDocument, id: &[String]) -> Result<(), Error> {
    if given.key.is_empty() {
        return Err(BadRule::NoKey.into());
    }
    KEY_COLUMNS.check(given.key.len())?;
    for (n, column) in given.key.iter().enumerate() {
        not_empty(column)?;
        if id == std::slice::from_ref(column) {
            return Err(BadRule::IdInKey(column.clone()).into());
        }
        if given.key.iter().take(n).any(|other| other == column) {
            return Err(BadRule::RepeatedKey(column.clone()).into());
        }
    }
    if id.iter().all(|column| given.key.contains(column)) {
        return Err(BadRule::WholeIdInKey.into());
    }
    Ok(())
}

/// The settings that the kernel knows.
fn compile(given: &DedupeDocument, at: &impl Fn(&str) -> String) -> Result<Rule, Error> {
    let mode = given.mode.unwrap_or_default();
    let mut rule = match (mode, given.window) {
        (Mode::Forever, None) if given.open.is_some() => {
            let error = Error::from(BadRule::MeaninglessForever("open clusters"));
            return Err(error.at_path(at("open")));
        }
        (Mode::Forever, None) => Rule::forever(),
        (Mode::Forever, Some(_)) => {
            let error = Error::from(BadRule::MeaninglessForever("window"));
            return Err(error.at_path(at("window")));
        }
        (_, None) => return Err(Error::from(BadRule::NoWindow(mode)).at_path(at("mode"))),
        (Mode::Tumbling, Some(Duration::ZERO)) => {
            return Err(Error::from(BadRule::EmptyBuckets).at_path(at("window")));
        }
        (_, Some(window)) => Rule::within(window).mode(mode),
    };
    if let Some(keep) = given.keep {
        rule = rule.keep(keep);
    }
    if let Some(null_key) = given.null_key {
        rule = rule.null_key(null_key);
    }
    if let Some(open) = given.open {
        rule = rule.open(open);
    }
    if let Some(skew) = given.skew {
        rule = rule.skew(skew);
    }
    if let Some(guard) = &given.guard {
        rule = rule.guard(guard.check().map_err(|error| error.at_path(at("guard.max_fraction")))?);
    }
    Ok(rule)
}

/// The document with every default said, so that its digest does not depend on what was left out.
fn filled(given: &DedupeDocument, id: &[String], rule: &Rule) -> DedupeDocument {
    let forever = rule.get_mode() == Mode::Forever;
    DedupeDocument {
        id: Some(OneOrMore(id.to_owned())),
        keep: Some(rule.get_keep()),
        mode: Some(rule.get_mode()),
        null_key: Some(rule.get_null_key()),
        open: (!forever).then(|| rule.get_open()),
        skew: Some(rule.get_skew()),
        advise_above: Some(given.advise_above.unwrap_or(0)),
        ..given.clone()
    }
}

type Only = Vec<(String, Test)>;

fn needs(given: &DedupeDocument, id: &[String], base: &str) -> Result<(Vec<Need>, Only), Error> {
    let time = TimeFormat { zone: given.tz, unit: given.time_unit };
    let mut reads = Reads::new(base, time, &given.types);
    reads.id(id)?;
    given.key.iter().try_for_each(|column| reads.single(column, "key"))?;
    reads.time(&given.time)?;
    let only = reads.conditions(&given.only, &format!("{base}.only"))?;
    Ok((reads.finish()?, only))
}

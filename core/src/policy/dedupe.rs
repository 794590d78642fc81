//! A dedupe rule: checked, with its defaults filled in, and what it needs of the rows.

use thiserror::Error;

use super::document::{DedupeDocument, GuardDocument, PolicyDocument};
use crate::bounds::KEY_COLUMNS;
use crate::columns::{Need, TimeFormat, Type};
use crate::condition::Test;
use crate::dedupe::{Guard, Mode, Rule};
use crate::error::{Code, Error, Leaf, quoted};
use crate::suggest;
use crate::time::Duration;
use crate::wire;

/// A dedupe rule of a policy, ready to plan with.
#[derive(Clone, Debug)]
pub struct DedupeRule {
    name: String,
    settings: DedupeDocument,
    rule: Rule,
    id: String,
    only: Vec<(String, Test)>,
    needs: Vec<Need>,
    sha256: String,
}

/// What no rule may say.
#[derive(Debug, Error)]
enum BadRule {
    #[error("the name {} cannot be told from a path", quoted(.0))]
    Name(String),
    #[error("the rule has no key column")]
    NoKey,
    #[error("the column {} is in the key twice", quoted(.0))]
    RepeatedKey(String),
    #[error("the column {} is the id and in the key, so no two rows are ever the same", quoted(.0))]
    IdInKey(String),
    #[error("the column {} is both the id and the time", quoted(.0))]
    IdIsTime(String),
    #[error("`mode = \"{}\"` needs a window", .0.as_str())]
    NoWindow(Mode),
    #[error("`mode = \"forever\"` has no {0}, so this has no meaning")]
    MeaninglessForever(&'static str),
    #[error("a window of zero has no buckets")]
    EmptyBuckets,
    #[error("the rule reads no column {}", quoted(.name))]
    UnknownColumn { name: String, known: Vec<String> },
    #[error("the time is {} here, and a time is an instant", .0.described())]
    TimeType(Type),
    #[error("the {0} is a list of text here, and rows are told apart by single values")]
    ListType(&'static str),
    #[error("the table {} is listed in `never`", quoted(.0))]
    Protected(String),
    #[error("the child {} is listed twice with the key {}", quoted(.table), quoted(.key))]
    RepeatedChild { table: String, key: String },
    #[error("a name is empty")]
    EmptyName,
}

impl Leaf for BadRule {
    fn code(&self) -> Code {
        match self {
            BadRule::Name(_) | BadRule::EmptyName => Code::PolicyBadValue,
            BadRule::NoKey | BadRule::IdInKey(_) => Code::PolicyNeverMatches,
            BadRule::RepeatedKey(_) | BadRule::RepeatedChild { .. } => Code::PolicyRepeatedField,
            BadRule::NoWindow(_) => Code::PolicyMissingField,
            BadRule::UnknownColumn { .. } => Code::PolicyUnknownField,
            BadRule::Protected(_) => Code::PolicyProtected,
            BadRule::IdIsTime(_)
            | BadRule::MeaninglessForever(_)
            | BadRule::EmptyBuckets
            | BadRule::TimeType(_)
            | BadRule::ListType(_) => Code::PolicyConflict,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadRule::Name(_) => "use letters, digits, `_` and `-`",
            BadRule::EmptyName => "give the name of a column or table",
            BadRule::NoKey => "name the columns in which duplicates are the same",
            BadRule::RepeatedKey(_) | BadRule::RepeatedChild { .. } => "keep one of the two",
            BadRule::IdInKey(_) => "leave the id out of the key",
            BadRule::IdIsTime(_) => "name the column that says when the row came to be",
            BadRule::NoWindow(_) => "add one, such as `window = \"10m\"`",
            BadRule::MeaninglessForever(_) => "take it out, or choose another mode",
            BadRule::EmptyBuckets => "give a longer one, or choose another mode",
            BadRule::UnknownColumn { name, known } => {
                return suggest::help(name, known.iter().map(String::as_str));
            }
            BadRule::TimeType(_) => "leave it out; for integers say `time_unit`",
            BadRule::ListType(_) => "name a column that holds one value a row",
            BadRule::Protected(_) => "take the rule out: such a table is never touched",
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
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            return Err(Error::from(BadRule::Name(name.to_owned())).at_path(base));
        }
        if let Some(table) = &given.table {
            check_table(table, &at("table"), policy)?;
        }
        let table = given.table.as_ref().and_then(|table| policy.table.get(table));
        let id = given.id.clone().or_else(|| table.and_then(|table| table.id.clone()));
        let id = id.unwrap_or_else(|| "id".into());

        check_key(given, &id).map_err(|error| error.at_path(at("key")))?;
        if given.time.is_empty() {
            return Err(Error::from(BadRule::EmptyName).at_path(at("time")));
        }
        if given.time == id {
            return Err(Error::from(BadRule::IdIsTime(id)).at_path(at("time")));
        }
        let rule = compile(given, &at)?;
        let settings = filled(given, &id, &rule);
        let (needs, only) = needs(given, &id, &at)?;
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

    /// The column of the id.
    #[must_use]
    pub fn id(&self) -> &str {
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

/// The table and its children may be touched at all.
fn check_table(table: &str, path: &str, policy: &PolicyDocument) -> Result<(), Error> {
    let forbidden = |name: &String| policy.never.contains(name);
    if policy.never.iter().any(|never| never == table) {
        return Err(Error::from(BadRule::Protected(table.to_owned())).at_path(path));
    }
    let Some(document) = policy.table.get(table) else { return Ok(()) };
    for (n, child) in document.children.iter().enumerate() {
        let path = format!("table.{table}.children[{n}]");
        if forbidden(&child.table) {
            return Err(Error::from(BadRule::Protected(child.table.clone())).at_path(path));
        }
        if child.table.is_empty() || child.key.is_empty() {
            return Err(Error::from(BadRule::EmptyName).at_path(path));
        }
        let same = |other: &&super::document::ChildDocument| {
            other.table == child.table && other.key == child.key
        };
        if document.children.iter().take(n).find(same).is_some() {
            let (table, key) = (child.table.clone(), child.key.clone());
            return Err(Error::from(BadRule::RepeatedChild { table, key }).at_path(path));
        }
    }
    Ok(())
}

fn check_key(given: &DedupeDocument, id: &String) -> Result<(), Error> {
    if given.key.is_empty() {
        return Err(BadRule::NoKey.into());
    }
    KEY_COLUMNS.check(given.key.len())?;
    for (n, column) in given.key.iter().enumerate() {
        if column.is_empty() {
            return Err(BadRule::EmptyName.into());
        }
        if column == id {
            return Err(BadRule::IdInKey(id.clone()).into());
        }
        if given.key.iter().take(n).any(|other| other == column) {
            return Err(BadRule::RepeatedKey(column.clone()).into());
        }
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
    if let Some(GuardDocument { max_drops, max_fraction }) = given.guard {
        let mut guard = Guard::new();
        if let Some(most) = max_drops {
            guard = guard.max_drops(most);
        }
        if let Some(most) = max_fraction {
            guard = guard
                .max_fraction(most)
                .map_err(|error| error.at_path(at("guard.max_fraction")))?;
        }
        rule = rule.guard(guard);
    }
    Ok(rule)
}

/// The document with every default said, so that its digest does not depend on what was left out.
fn filled(given: &DedupeDocument, id: &str, rule: &Rule) -> DedupeDocument {
    let forever = rule.get_mode() == Mode::Forever;
    DedupeDocument {
        id: Some(id.to_owned()),
        keep: Some(rule.get_keep()),
        mode: Some(rule.get_mode()),
        null_key: Some(rule.get_null_key()),
        open: (!forever).then(|| rule.get_open()),
        skew: Some(rule.get_skew()),
        advise_above: Some(given.advise_above.unwrap_or(0)),
        ..given.clone()
    }
}

/// A column that tells rows apart holds no lists; the error says which setting makes it.
fn check_single(need: &Need, given: &DedupeDocument) -> Result<(), (Error, &'static str)> {
    if need.ty != Some(Type::List) {
        return Ok(());
    }
    let part = if need.required {
        "id"
    } else if given.key.contains(&need.name) {
        "key"
    } else {
        return Ok(());
    };
    let setting = if given.types.contains_key(&need.name) { "types" } else { "only" };
    Err((BadRule::ListType(part).into(), setting))
}

type Only = Vec<(String, Test)>;

/// What is read of each row: each column once, however many parts it plays.
fn needs(
    given: &DedupeDocument,
    id: &str,
    at: &impl Fn(&str) -> String,
) -> Result<(Vec<Need>, Only), Error> {
    let columns = std::iter::once(id)
        .chain(given.key.iter().map(String::as_str))
        .chain([given.time.as_str()])
        .chain(given.only.keys().map(String::as_str));
    let mut needs: Vec<Need> = Vec::new();
    for name in columns {
        if !needs.iter().any(|need| need.name == name) {
            needs.push(Need {
                name: name.to_owned(),
                ty: given.types.get(name).copied(),
                time: TimeFormat { zone: given.tz, unit: given.time_unit },
                required: name == id,
            });
        }
    }
    if let Some(name) =
        given.types.keys().find(|name| !needs.iter().any(|need| need.name == **name))
    {
        let known = needs.iter().map(|need| need.name.clone()).collect();
        let error = BadRule::UnknownColumn { name: name.clone(), known };
        return Err(Error::from(error).at_path(at(&format!("types.{name}"))));
    }
    let mut only = Vec::with_capacity(given.only.len());
    for need in &mut needs {
        if need.name == given.time {
            if let Some(ty) = need.ty.filter(|ty| *ty != Type::Instant) {
                let path = at(&format!("types.{}", need.name));
                return Err(Error::from(BadRule::TimeType(ty)).at_path(path));
            }
            need.ty = Some(Type::Instant);
        }
        if let Some(test) = given.only.get(&need.name) {
            let path = || at(&format!("only.{}", need.name));
            let asked = test.ty().map_err(|bad| Error::from(bad).at_path(path()))?;
            need.ty = need.ty.or(asked);
            let test = test.check(need.ty).map_err(|bad| Error::from(bad).at_path(path()))?;
            only.push((need.name.clone(), test));
        }
        check_single(need, given)
            .map_err(|(error, setting)| error.at_path(at(&format!("{setting}.{}", need.name))))?;
    }
    Ok((needs, only))
}

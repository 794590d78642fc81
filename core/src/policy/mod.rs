//! The policy: the document that says the rules, read once, checked whole, and then immutable.
//!
//! Everything that can be wrong with a policy is refused when it is read, not when it is run: an
//! unknown key, a rule that could never match, two settings that cannot both hold.
//!
//! ```
//! use housekeep::policy::Policy;
//!
//! let error = Policy::from_toml("[dedupe.runs]\nkey = [\"task\"]\ntime = \"at\"\nwidnow = \"10m\"\n")
//!     .unwrap_err();
//! assert_eq!(error.code().as_str(), "policy.unknown_field");
//! assert_eq!(error.help(), Some("did you mean `window`?"));
//! assert_eq!(error.position().map(|at| (at.line, at.column)), Some((4, 1)));
//! ```

mod de;
mod dedupe;
mod document;
mod health;
mod json;
mod node;
mod reads;
mod retention;
mod rule;
mod schedule;
mod subject;
mod tables;
mod toml;
mod value;

use thiserror::Error;

pub use dedupe::DedupeRule;
use document::PolicyDocument;
pub(crate) use document::{CheckDocument, DedupeDocument, RetentionDocument};
pub use health::HealthRules;
use node::{Document, Value};
pub(crate) use retention::Part;
pub use retention::RetentionRule;
pub use rule::{Family, Rule};
pub use schedule::ScheduleRule;
pub use tables::TableTree;
pub(crate) use tables::{Circle, ExpectedIndexes};

use crate::bounds::POLICY_DEPTH;
use crate::error::{Code, Error, Leaf, quoted};
use crate::suggest;

/// A policy that was read and found sound. Cheap to share between threads.
#[derive(Clone, Debug)]
pub struct Policy {
    source: Document,
    rules: Vec<Rule>,
    health: Option<HealthRules>,
    schedules: Vec<ScheduleRule>,
}

/// What the documents of a policy become.
type Compiled = (Vec<Rule>, Option<HealthRules>, Vec<ScheduleRule>);

/// What a policy is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// TOML.
    Toml,
    /// JSON, which means what the same TOML means.
    Json,
}

impl Syntax {
    /// JSON for a file name that ends in `.json`, else TOML.
    #[must_use]
    pub fn of_file(name: &str) -> Self {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        let is_json = ending.is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        if is_json { Syntax::Json } else { Syntax::Toml }
    }
}

/// What is wrong with a policy as a whole, or with what is asked of it.
#[derive(Debug, Error)]
enum BadPolicy {
    #[error("the policy has no rule")]
    Empty,
    #[error("the policy has no rule {}", quoted(.name))]
    UnknownRule { name: String, known: Vec<String> },
    #[error("the policy has rules {} of two families", quoted(.0))]
    Ambiguous(String),
    #[error("{} is no {wanted} rule, and only of those can this be asked", quoted(.name))]
    Family { name: String, wanted: Family },
    #[error("the policy has no checks")]
    NoChecks,
    #[error("the policy has no schedule {}", quoted(.name))]
    NoSchedule { name: String, known: Vec<String> },
    #[error("{} sets nothing", quoted(.0))]
    BadSetting(String),
}

impl Leaf for BadPolicy {
    fn code(&self) -> Code {
        match self {
            BadPolicy::Empty => Code::PolicyEmpty,
            BadPolicy::UnknownRule { .. }
            | BadPolicy::Ambiguous(_)
            | BadPolicy::Family { .. }
            | BadPolicy::NoChecks
            | BadPolicy::NoSchedule { .. } => Code::PolicyUnknownRule,
            BadPolicy::BadSetting(_) => Code::PolicyBadValue,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            BadPolicy::Empty => Some(
                "add one, such as `[dedupe.runs]`, `[retention.logs]`, `[check.cpu]` or \
                 `[schedule.backup]`"
                    .into(),
            ),
            BadPolicy::NoSchedule { name, known } => {
                let known = suggest::help(name, known.iter().map(String::as_str));
                Some(known.unwrap_or_else(|| "add one, such as `[schedule.backup]`".into()))
            }
            BadPolicy::NoChecks => Some("add one, such as `[check.cpu]`".into()),
            BadPolicy::UnknownRule { name, known } => {
                suggest::help(name, known.iter().map(String::as_str))
            }
            BadPolicy::Ambiguous(name) => {
                Some(format!("name its family: `dedupe.{name}` or `retention.{name}`"))
            }
            BadPolicy::Family { wanted, .. } => Some(format!("name a {wanted} rule")),
            BadPolicy::BadSetting(_) => {
                Some("write it as `key=value`, such as `window=60m`".into())
            }
        }
    }
}

impl Policy {
    /// Reads a policy in TOML.
    ///
    /// # Errors
    /// A `policy.*` error, with its path and, where it has one, its line and column.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        Self::check(toml::read(text)?)
    }

    /// Reads a policy in JSON, which means what the same TOML means.
    ///
    /// # Errors
    /// A `policy.*` error, with its path and, where it has one, its line and column.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        Self::check(json::read(text)?)
    }

    /// Reads a policy in one of the two.
    ///
    /// # Errors
    /// A `policy.*` error, with its path and, where it has one, its line and column.
    pub fn parse(text: &str, syntax: Syntax) -> Result<Self, Error> {
        match syntax {
            Syntax::Toml => Self::from_toml(text),
            Syntax::Json => Self::from_json(text),
        }
    }

    /// Takes a policy that is in memory already, say as a part of a larger configuration.
    ///
    /// # Errors
    /// A `policy.*` error with its path; a value in memory has no line.
    pub fn from_value(document: &serde_json::Value) -> Result<Self, Error> {
        Self::check(value::read(document)?)
    }

    /// The document it was read from, as it was given: without its comments, and without defaults.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        value::write(&self.source.root)
    }

    /// What it was read from, as it is written.
    fn document(&self) -> Result<PolicyDocument, Error> {
        de::read(&self.source.root)
    }

    fn check(source: Document) -> Result<Self, Error> {
        let compile = || -> Result<Compiled, Error> {
            let document: PolicyDocument = de::read(&source.root)?;
            let dedupe = document
                .dedupe
                .iter()
                .map(|(name, rule)| DedupeRule::check(name, rule, &document).map(Rule::Dedupe));
            let retention = document.retention.iter().map(|(name, rule)| {
                RetentionRule::check(name, rule, &document).map(Rule::Retention)
            });
            let rules = dedupe.chain(retention).collect::<Result<Vec<_>, _>>()?;
            let schedules = schedule::check(&document)?;
            let health = HealthRules::check(&document, &schedules)?;
            if rules.is_empty() && health.is_none() && schedules.is_empty() {
                return Err(BadPolicy::Empty.into());
            }
            Ok((rules, health, schedules))
        };
        match compile() {
            Ok((rules, health, schedules)) => Ok(Self { source, rules, health, schedules }),
            Err(error) => Err(source.place(error)),
        }
    }

    /// The JSON Schema of a policy, for editors and other tools.
    #[must_use]
    pub fn schema() -> String {
        crate::wire::canonical(&schemars::schema_for!(PolicyDocument))
    }

    /// The names of the rules, each with its family: `dedupe.runs`, `check.cpu`.
    pub fn rules(&self) -> impl Iterator<Item = String> + '_ {
        let health = self.health.iter().flat_map(HealthRules::names);
        let schedules = self.schedules.iter().map(|rule| format!("schedule.{}", rule.name()));
        self.rules.iter().map(Rule::full_name).chain(health).chain(schedules)
    }

    /// Its schedules, in the order of their names.
    #[must_use]
    pub fn schedules(&self) -> &[ScheduleRule] {
        &self.schedules
    }

    /// The schedule of this name, with or without its family: `backup` or `schedule.backup`.
    ///
    /// # Errors
    /// `policy.unknown_rule`, with the names there are.
    pub fn schedule(&self, name: &str) -> Result<&ScheduleRule, Error> {
        let own = name.strip_prefix("schedule.").unwrap_or(name);
        let known = || self.schedules.iter().map(|rule| rule.name().to_owned()).collect();
        let found = self.schedules.iter().find(|rule| rule.name() == own);
        Ok(found.ok_or_else(|| BadPolicy::NoSchedule { name: name.to_owned(), known: known() })?)
    }

    /// Its checks, groups and objectives.
    ///
    /// # Errors
    /// `policy.unknown_rule` if it has none.
    pub fn health(&self) -> Result<&HealthRules, Error> {
        Ok(self.health.as_ref().ok_or(BadPolicy::NoChecks)?)
    }

    /// The rule of this name, with its family or, if no other family has one of the name, without:
    /// `dedupe.runs` or `runs`.
    ///
    /// # Errors
    /// `policy.unknown_rule`, with the names there are.
    pub fn rule(&self, name: &str) -> Result<&Rule, Error> {
        if let Some(rule) = self.rules.iter().find(|rule| rule.full_name() == name) {
            return Ok(rule);
        }
        let mut found = self.rules.iter().filter(|rule| rule.name() == name);
        match (found.next(), found.next()) {
            (Some(rule), None) => Ok(rule),
            (Some(_), Some(_)) => Err(BadPolicy::Ambiguous(name.to_owned()).into()),
            (None, _) => {
                Err(BadPolicy::UnknownRule { name: name.to_owned(), known: self.names(name) }
                    .into())
            }
        }
    }

    /// The names that rules may be asked for by, for whoever asked for `other`: the shortest that are
    /// not ambiguous; with a family those of that name, or all, where it names a family.
    fn names(&self, other: &str) -> Vec<String> {
        let full = || self.rules.iter().map(Rule::full_name);
        if let Some((_, name)) = other.split_once('.') {
            let same = |rule: &&Rule| rule.name() == name;
            let found: Vec<_> = self.rules.iter().filter(same).map(Rule::full_name).collect();
            return if found.is_empty() { full().collect() } else { found };
        }
        let is_alone =
            |name: &str| self.rules.iter().filter(|rule| rule.name() == name).nth(1).is_none();
        let shortest = self.rules.iter().map(|rule| match rule.name() {
            name if is_alone(name) => name.to_owned(),
            _ => rule.full_name(),
        });
        shortest.collect()
    }

    /// The dedupe rule of this name, with or without its family: `runs` or `dedupe.runs`.
    ///
    /// # Errors
    /// `policy.unknown_rule`, with the names there are.
    pub fn dedupe(&self, name: &str) -> Result<&DedupeRule, Error> {
        match self.of(Family::Dedupe, name)? {
            Rule::Dedupe(rule) => Ok(rule),
            other => {
                Err(BadPolicy::Family { name: other.full_name(), wanted: Family::Dedupe }.into())
            }
        }
    }

    /// The retention rule of this name, with or without its family.
    ///
    /// # Errors
    /// `policy.unknown_rule`, with the names there are.
    pub fn retention(&self, name: &str) -> Result<&RetentionRule, Error> {
        match self.of(Family::Retention, name)? {
            Rule::Retention(rule) => Ok(rule),
            other => {
                Err(BadPolicy::Family { name: other.full_name(), wanted: Family::Retention }.into())
            }
        }
    }

    /// The rule of this name: where two families have one, that of the one asked for.
    fn of(&self, family: Family, name: &str) -> Result<&Rule, Error> {
        let own = |rule: &&Rule| rule.family() == family && rule.name() == name;
        self.rules.iter().find(own).map_or_else(|| self.rule(name), Ok)
    }

    /// The same policy with one setting of a rule changed, to see what would be different.
    ///
    /// `setting` is `key=value`, with the value as TOML or as a bare word: `window=60m`,
    /// `guard.max_drops=5`, `only.status=["done"]`. The value `none` takes the setting away; so
    /// does `mode=forever` with the window, which has no meaning then.
    ///
    /// # Errors
    /// `policy.unknown_rule`, or whatever the changed policy is refused for.
    pub fn with(&self, rule: &str, setting: &str) -> Result<Self, Error> {
        let rule = self.rule(rule)?;
        let (family, name) = (rule.family().as_str(), rule.name());
        let (path, value) = setting
            .split_once('=')
            .map(|(path, value)| (path.trim(), value.trim()))
            .filter(|(path, _)| path.split('.').all(|part| !part.is_empty()))
            .ok_or_else(|| BadPolicy::BadSetting(setting.to_owned()))?;
        POLICY_DEPTH.check(path.split('.').count())?;
        let mut source = self.source.clone();
        let full: Vec<&str> = [family, name].into_iter().chain(path.split('.')).collect();
        source.root.set(&full, (value != "none").then(|| bare(value)));
        if (family, path, value) == ("dedupe", "mode", "forever") {
            source.root.set(&["dedupe", name, "window"], None);
            source.root.set(&["dedupe", name, "open"], None);
        }
        // What is refused now stands in no text.
        source.text = None;
        Self::check(source)
    }
}

/// A value as TOML, or else as the text it is.
fn bare(value: &str) -> Value {
    let read = toml::read(&format!("value = {value}")).ok();
    let found =
        read.and_then(|document| document.root.get("value").map(|entry| entry.node.value.clone()));
    found.unwrap_or_else(|| Value::Text(value.to_owned()))
}

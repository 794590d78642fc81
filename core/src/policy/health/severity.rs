//! Severities and hours as they are written, checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

use crate::error::{Code, Error, Leaf, quoted};
use crate::health::{Severity, Tier};
use crate::policy::document::{HoursDocument, PolicyDocument, SeverityDocument, TierDocument};
use crate::policy::subject::check_name;
use crate::suggest;
use crate::time::{Duration, Hours};

/// The severities of a policy, by name.
pub(super) struct Severities(BTreeMap<String, Arc<Severity>>);

/// What is wrong with a severity.
#[derive(Debug, Error)]
enum BadSeverity {
    #[error("the policy has no severity {}", quoted(.name))]
    Unknown { name: String, known: Vec<String> },
    #[error("the policy has no hours {}", quoted(.name))]
    UnknownHours { name: String, known: Vec<String> },
    #[error("nobody is named")]
    Nobody,
    #[error("of a severity without `ack`, `resolve` or `tiers` nothing follows")]
    Nothing,
    #[error("it has to be over in {resolve}, before anybody has to be on it, in {ack}")]
    Reversed { ack: Duration, resolve: Duration },
}

impl Leaf for BadSeverity {
    fn code(&self) -> Code {
        match self {
            BadSeverity::Unknown { .. } | BadSeverity::UnknownHours { .. } => {
                Code::PolicyUnknownValue
            }
            BadSeverity::Nobody => Code::PolicyBadValue,
            BadSeverity::Nothing => Code::PolicyMissingField,
            BadSeverity::Reversed { .. } => Code::PolicyConflict,
        }
    }

    fn help(&self) -> Option<String> {
        let like = |name: &str, known: &[String], add: &str| {
            let known = suggest::help(name, known.iter().map(String::as_str));
            Some(known.unwrap_or_else(|| add.to_owned()))
        };
        match self {
            BadSeverity::Unknown { name, known } => like(name, known, "add `[severity.…]`"),
            BadSeverity::UnknownHours { name, known } => like(name, known, "add `[hours.…]`"),
            BadSeverity::Nobody => Some("give a name that your host knows".into()),
            BadSeverity::Nothing => Some("say who is called: `tiers = [{ who = \"dev\" }]`".into()),
            BadSeverity::Reversed { .. } => Some("give `ack` the shorter time".into()),
        }
    }
}

impl Severities {
    pub(super) fn check(policy: &PolicyDocument) -> Result<Self, Error> {
        let mut hours = BTreeMap::new();
        for (name, given) in &policy.hours {
            check_name(name, &format!("hours.{name}"))?;
            hours.insert(name.as_str(), given.hours());
        }
        let mut all = BTreeMap::new();
        for (name, given) in &policy.severity {
            let base = format!("severity.{name}");
            check_name(name, &base)?;
            all.insert(name.clone(), Arc::new(given.check(&base, &hours)?));
        }
        Ok(Self(all))
    }

    pub(super) fn named(&self, name: &str) -> Result<Arc<Severity>, Error> {
        let found = self.0.get(name).map(Arc::clone);
        let known = || self.0.keys().cloned().collect();
        Ok(found.ok_or_else(|| BadSeverity::Unknown { name: name.to_owned(), known: known() })?)
    }
}

impl HoursDocument {
    fn hours(&self) -> Hours {
        Hours::new(self.days.as_deref().unwrap_or_default(), self.at, self.until, self.tz)
    }
}

impl SeverityDocument {
    fn check(&self, base: &str, hours: &BTreeMap<&str, Hours>) -> Result<Severity, Error> {
        if self.ack.is_none() && self.resolve.is_none() && self.tiers.is_empty() {
            return Err(Error::from(BadSeverity::Nothing).at_path(base));
        }
        let mut severity = Severity::new();
        if let Some(time) = self.ack {
            severity = severity.ack(time);
        }
        if let Some(time) = self.resolve {
            severity = severity.resolve(time);
        }
        if let (Some(ack), Some(resolve)) = (self.ack, self.resolve)
            && resolve < ack
        {
            let error = Error::from(BadSeverity::Reversed { ack, resolve });
            return Err(error.at_path(format!("{base}.resolve")));
        }
        for (n, tier) in self.tiers.iter().enumerate() {
            let tier = tier.check(hours);
            severity =
                severity.tier(tier.map_err(|error| error.at_path(format!("{base}.tiers[{n}]")))?);
        }
        Ok(severity)
    }
}

impl TierDocument {
    fn check(&self, hours: &BTreeMap<&str, Hours>) -> Result<Tier, Error> {
        if self.who.is_empty() {
            return Err(BadSeverity::Nobody.into());
        }
        let tier = Tier::new(self.who.as_str()).after(self.after);
        let Some(given) = &self.hours else { return Ok(tier) };
        let (is_outside, name) = match given.strip_prefix('!') {
            Some(name) => (true, name),
            None => (false, given.as_str()),
        };
        let own = hours.get(name).cloned().ok_or_else(|| BadSeverity::UnknownHours {
            name: name.to_owned(),
            known: hours.keys().map(|name| (*name).to_owned()).collect(),
        })?;
        if is_outside { tier.outside(own) } else { Ok(tier.inside(own)) }
    }
}

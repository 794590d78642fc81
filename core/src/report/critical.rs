//! A report of what is critical alone.

use std::collections::BTreeSet;

use thiserror::Error;

use super::Report;
use crate::error::{Code, Error, Leaf};
use crate::health::{Findings, Grouped};
use crate::policy::HealthRules;

/// No group is marked.
#[derive(Debug, Error)]
#[error("the policy has no critical group")]
struct NoCritical;

impl Leaf for NoCritical {
    fn code(&self) -> Code {
        Code::PolicyMissingField
    }

    fn help(&self) -> Option<String> {
        Some("mark one with `critical = true`".into())
    }
}

impl Report {
    /// What the report says of the critical groups, and of the checks and groups that they are made of:
    /// the whole is as bad as the worst of them.
    ///
    /// # Errors
    /// `policy.missing_field` if no group is critical.
    pub fn critical_only(&self) -> Result<Self, Error> {
        let status = self.critical().ok_or(NoCritical)?;
        let names = members(&self.rules, &self.findings.groups);
        let checks = self.findings.checks.iter().filter(|own| names.contains(&*own.check));
        let checks: Vec<_> = checks.cloned().collect();
        let groups = self.findings.groups.iter().filter(|own| names.contains(&*own.group));
        let groups = groups.cloned().collect();
        let Findings { now, next_mute, .. } = self.findings;
        let next_change = checks.iter().filter_map(|checked| checked.verdict.next_change);
        let next_change = next_change.chain(next_mute).min();
        let findings = Findings { now, status, checks, groups, next_change, next_mute };
        Ok(Self { rules: self.rules.clone(), findings })
    }
}

/// The names of the critical groups, and of all that they are made of, however far down.
fn members<'a>(rules: &'a HealthRules, groups: &'a [Grouped]) -> BTreeSet<&'a str> {
    let critical = groups.iter().map(|group| &*group.group);
    let mut ahead: Vec<&str> = critical.filter(|group| rules.is_critical(group)).collect();
    let mut names = BTreeSet::new();
    while let Some(name) = ahead.pop() {
        if names.insert(name)
            && let Some((_, group)) = rules.health().groups().find(|(own, _)| *own == name)
        {
            ahead.extend(group.of().iter().map(String::as_str));
        }
    }
    names
}

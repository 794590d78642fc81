//! The policy file.

use std::fs;
use std::io;
use std::path::Path;

use housekeep::policy::{DedupeRule, HealthRules, Policy, Rule, Syntax};
use housekeep::{Code, Error};

use crate::args::Common;
use crate::failure::{Failure, cannot_read};
use crate::text::plain;

/// A policy, and the text it was read from.
#[derive(Debug)]
pub(crate) struct PolicyFile {
    pub(crate) name: String,
    text: String,
    pub(crate) policy: Policy,
}

impl PolicyFile {
    /// Reads a policy: JSON if its name ends in `.json`, else TOML.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                let message = format!("there is no policy `{}`", plain(&name));
                let help = "write one, or name another with --policy FILE";
                Error::host(Code::IoRead, message, Some(help.into()))
            }
            _ => cannot_read(&name, &error),
        })?;
        match Policy::parse(&text, Syntax::of_file(&name)) {
            Ok(policy) => Ok(Self { name, text, policy }),
            Err(error) => Err(Failure::within(&name, &text, error)),
        }
    }

    /// The same, for a command that can do without one: none where the usual one is not there, and no
    /// other is named.
    pub(crate) fn read_if_there(common: &Common) -> Result<Option<Self>, Failure> {
        let path = common.policy();
        let found = fs::symlink_metadata(path);
        let is_absent = found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        if is_absent && common.policy.is_none() {
            return Ok(None);
        }
        Self::read(path).map(Some)
    }

    /// The rule of this name, with some of its settings changed.
    pub(crate) fn rule(&self, name: &str, settings: &[String]) -> Result<Rule, Failure> {
        self.policy.rule(name).map_err(|error| self.here(error))?;
        Ok(self.changed(name, settings)?.rule(name)?.clone())
    }

    /// The same, of a dedupe rule: for what can be asked of those alone.
    pub(crate) fn dedupe(&self, name: &str, settings: &[String]) -> Result<DedupeRule, Failure> {
        self.policy.dedupe(name).map_err(|error| self.here(error))?;
        Ok(self.changed(name, settings)?.dedupe(name)?.clone())
    }

    /// Its checks and groups.
    pub(crate) fn health(&self) -> Result<&HealthRules, Failure> {
        self.policy.health().map_err(|error| self.here(error))
    }

    /// The policy with some settings of a rule changed.
    pub(crate) fn changed(&self, name: &str, settings: &[String]) -> Result<Policy, Error> {
        let changed = |policy: Policy, setting: &String| policy.with(name, setting);
        settings.iter().try_fold(self.policy.clone(), changed)
    }

    /// An error that is about it.
    pub(crate) fn here(&self, error: Error) -> Failure {
        Failure::within(&self.name, &self.text, error)
    }
}

//! A retention rule: checked, with its defaults filled in, and what it needs of the items.

mod bad;
mod conditions;
mod settings;

use bad::BadRule;
use conditions::part_of;
pub(crate) use conditions::{Checked, Part, Parts};
use settings::{filled, override_of, rule_of};

use super::document::{
    FloorDocument, KeepDocument, LimitDocument, OverrideDocument, PolicyDocument, RetentionDocument,
};
use super::reads::Reads;
use super::subject::check_name;
use crate::Guard;
use crate::bounds::OVERRIDES;
use crate::columns::{Need, TimeFormat};
use crate::condition::Test;
use crate::error::Error;
use crate::one_or_more::OneOrMore;
use crate::retention::{Anchor, Every, Rule};
use crate::time::Zone;
use crate::wire;

/// A retention rule of a policy, ready to plan with.
#[derive(Clone, Debug)]
pub struct RetentionRule {
    name: String,
    settings: RetentionDocument,
    rule: Rule,
    guard: Guard,
    matches: Checked,
    parts: Parts,
    needs: Vec<Need>,
    sha256: String,
}

impl RetentionRule {
    pub(in crate::policy) fn check(
        name: &str,
        given: &RetentionDocument,
        policy: &PolicyDocument,
    ) -> Result<Self, Error> {
        let base = format!("retention.{name}");
        check_name(name, &base)?;
        let settings = filled(given, policy, &base)?;
        let mut rule = rule_of(&settings, &base)?;
        let overrides = || (0..).zip(&settings.overrides);
        OVERRIDES
            .check(settings.overrides.len())
            .map_err(|bad| Error::from(bad).at_path(&*base))?;
        for (n, change) in overrides() {
            let path = format!("{base}.override[{n}]");
            rule = rule.overridden_by(override_of(change, &settings, &path)?);
        }
        if !settings.removes() {
            return Err(Error::from(BadRule::Nothing).at_path(base));
        }
        let guard = settings.guard.clone().unwrap_or_default().check();
        let guard = guard.map_err(|error| error.at_path(format!("{base}.guard.max_fraction")))?;

        let time = TimeFormat { zone: settings.tz, unit: settings.time_unit };
        let mut reads = Reads::new(&base, time, &settings.types);
        reads.id(id_of(&settings))?;
        settings.by.iter().try_for_each(|column| reads.single(column, "group"))?;
        reads.time(settings.time.as_deref().unwrap_or_default())?;
        if let Some(size) = &settings.size {
            reads.size(size)?;
        }
        let matches = reads.conditions(&settings.matches, &format!("{base}.match"))?;
        let mut parts = Parts { base: part_of(&settings, &mut reads, &base)?, ..Parts::default() };
        for (n, change) in overrides() {
            let path = format!("{base}.override[{n}]");
            let when = reads.conditions(&change.when, &format!("{path}.when"))?;
            parts.overrides.push((when, parts.base.changed(change, &mut reads, &path)?));
        }
        let needs = reads.finish()?;
        let sha256 = wire::sha256(wire::canonical(&settings).as_bytes());
        Ok(Self { name: name.to_owned(), settings, rule, guard, matches, parts, needs, sha256 })
    }

    /// The name, without its family.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The table the items are rows of, if the rule names one.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        self.settings.table.as_deref()
    }

    /// The files the items are, if the rule says so: a path with `*` and `**`.
    #[must_use]
    pub fn files(&self) -> Option<&str> {
        self.settings.files.as_deref()
    }

    /// The column of the id, or those that name an item together.
    #[must_use]
    pub fn id(&self) -> &[String] {
        id_of(&self.settings)
    }

    /// The columns that group the items, in their order.
    #[must_use]
    pub fn by(&self) -> &[String] {
        &self.settings.by
    }

    /// The column of the time.
    #[must_use]
    pub fn time(&self) -> &str {
        self.settings.time.as_deref().unwrap_or_default()
    }

    /// The column of the size in bytes, if it is read.
    #[must_use]
    pub fn size(&self) -> Option<&str> {
        self.settings.size.as_deref()
    }

    /// What outlives its use, without names: for items that are your own structs.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// How large a plan may be.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// What the rule is about: conditions on columns, all of which have to hold.
    #[must_use]
    pub fn matches(&self) -> &[(String, Test)] {
        &self.matches
    }

    /// The columns it reads, for whoever fetches the items.
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

    pub(crate) fn parts(&self) -> &Parts {
        &self.parts
    }

    pub(crate) fn settings(&self) -> &RetentionDocument {
        &self.settings
    }
}

/// The columns of the id, once the defaults are filled in.
fn id_of(settings: &RetentionDocument) -> &[String] {
    settings.id.as_ref().map_or(&[], |OneOrMore(id)| id)
}

/// Every setting of an item's rule, by where it stands in the policy.
impl RetentionRule {
    /// The path of a setting that decides the items under an override, or under none.
    pub(crate) fn path(&self, under: Option<u16>, key: &str) -> String {
        let change = under.and_then(|place| self.settings.overrides.get(usize::from(place)));
        let names = |change: &OverrideDocument| match key.split(['.', '[']).next() {
            Some("limit") => change.limit.is_some(),
            Some("floor") => change.floor.is_some(),
            Some("hold") => change.hold.is_some(),
            Some("require") => change.require.is_some(),
            Some("keep") => change.keep.is_some(),
            _ => false,
        };
        match (under, change.is_some_and(names)) {
            (Some(place), true) => format!("retention.{}.override[{place}].{key}", self.name),
            _ => format!("retention.{}.{key}", self.name),
        }
    }

    /// The limit, the floor and the keep rules that decide the items under an override, or under
    /// none.
    pub(crate) fn said(
        &self,
        under: Option<u16>,
    ) -> (Option<&LimitDocument>, Option<&FloorDocument>, &[KeepDocument]) {
        let settings = &self.settings;
        let change = under.and_then(|place| settings.overrides.get(usize::from(place)));
        let limit = change.and_then(|change| change.limit.as_ref()).or(settings.limit.as_ref());
        let floor = change.and_then(|change| change.floor.as_ref()).or(settings.floor.as_ref());
        let keep = change.and_then(|change| change.keep.as_ref()).or(settings.keep.as_ref());
        (limit, floor, keep.map_or(&[], Vec::as_slice))
    }

    /// What `within` is measured from, for the items under an override, or under none.
    pub(crate) fn anchor(&self, under: Option<u16>) -> Anchor {
        let change = under.and_then(|place| self.settings.overrides.get(usize::from(place)));
        change.and_then(|change| change.anchor).or(self.settings.anchor).unwrap_or_default()
    }

    /// The zone of the calendar.
    pub(crate) fn zone(&self) -> Zone {
        self.settings.tz.unwrap_or(Zone::UTC)
    }

    /// How long the periods of a keep rule are.
    pub(crate) fn every(&self, under: Option<u16>, keep: u16) -> Option<Every> {
        let (_, _, keeps) = self.said(under);
        keeps.get(usize::from(keep))?.every
    }
}

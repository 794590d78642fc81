//! A retention rule: checked, with its defaults filled in, and what it needs of the items.

use thiserror::Error;

use super::document::{
    Conditions, FloorDocument, KeepDocument, LimitDocument, OverrideDocument, PolicyDocument,
    RetentionDocument,
};
use super::reads::Reads;
use super::subject::{check_name, check_table, id_column, not_empty};
use crate::Guard;
use crate::bounds::{KEEP_COUNT, KEY_COLUMNS, OVERRIDES};
use crate::columns::{Need, TimeFormat};
use crate::condition::Test;
use crate::error::{Code, Error, Leaf, quoted};
use crate::retention::{Anchor, Every, Keep, Overlap, Rule};
use crate::time::{Span, Zone};
use crate::wire;

/// The columns of files: name below their folder, time of the last change, and bytes.
const FILE_COLUMNS: [&str; 3] = ["name", "mtime", "size"];

/// Conditions on columns, all of which have to hold.
pub(crate) type Checked = Vec<(String, Test)>;

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

/// The conditions of a rule and of its overrides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) base: Part,
    /// Each with what falls under it.
    pub(crate) overrides: Vec<(Checked, Part)>,
}

/// The conditions that decide the items of a rule, or of an override of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    pub(crate) hold: Checked,
    pub(crate) require: Checked,
    /// What each keep rule is about.
    pub(crate) keeps: Vec<Checked>,
}

/// What no rule may say.
#[derive(Debug, Error)]
enum BadRule {
    #[error("the rule has no limit and no keep rule, so it would never remove anything")]
    Nothing,
    #[error("the rule is about a table and about files")]
    TableAndFiles,
    #[error("the rule names no time")]
    NoTime,
    #[error("files have the columns name, mtime and size, so `{0}` has no meaning")]
    FileColumn(&'static str),
    #[error("the column {} is named twice", quoted(.0))]
    Repeated(String),
    #[error("the column {} is both the id and {}", quoted(.0), .1)]
    IdIs(String, &'static str),
    #[error("{0} is empty")]
    Says(&'static str),
    #[error("an edge without {0} has no meaning")]
    Edge(&'static str),
    #[error("{0} counts months or years, which need a calendar")]
    NoZone(Span),
    #[error(
        "a keep rule without `every` claims all items that it is about, so `{0}` has no meaning"
    )]
    Periodless(&'static str),
    #[error("a keep rule without `every`, `within` and `where` claims everything")]
    ClaimsAll,
    #[error("a count of 0 claims nothing")]
    ClaimsNone,
    #[error("the override changes nothing")]
    ChangesNothing,
}

impl Leaf for BadRule {
    fn code(&self) -> Code {
        match self {
            BadRule::Nothing | BadRule::ClaimsNone => Code::PolicyNeverMatches,
            BadRule::NoTime | BadRule::NoZone(_) => Code::PolicyMissingField,
            BadRule::Repeated(_) => Code::PolicyRepeatedField,
            BadRule::Says(_) | BadRule::ClaimsAll | BadRule::ChangesNothing => Code::PolicyBadValue,
            BadRule::TableAndFiles
            | BadRule::FileColumn(_)
            | BadRule::IdIs(..)
            | BadRule::Edge(_)
            | BadRule::Periodless(_) => Code::PolicyConflict,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadRule::Nothing => "add one, such as `limit = { age = \"30d\" }`",
            BadRule::TableAndFiles => "make two rules of it",
            BadRule::NoTime => "name the column that an item's age is counted from, as `time`",
            BadRule::FileColumn(_) => "take it out",
            BadRule::Repeated(_) => "name it once",
            BadRule::IdIs(..) => "name another column",
            BadRule::Says(_) => "say something in it, or take it out",
            BadRule::Edge(_) => "take it out, or say how long",
            BadRule::NoZone(_) => {
                "say whose, such as `tz = \"America/Santiago\"`, or count in days"
            }
            BadRule::Periodless(_) => "add `every`, or take it out",
            BadRule::ClaimsAll => "say what it is about, or take it out",
            BadRule::ClaimsNone => "give 1 or more, or -1 for all",
            BadRule::ChangesNothing => {
                "name what is different: limit, floor, hold, require, keep, anchor or overlap"
            }
        };
        Some(help.into())
    }
}

impl RetentionRule {
    pub(super) fn check(
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
        reads.id(settings.id.as_deref().unwrap_or_default())?;
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

    /// The column of the id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.settings.id.as_deref().unwrap_or_default()
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

/// The document with every default said, so that its digest does not depend on what was left out.
fn filled(
    given: &RetentionDocument,
    policy: &PolicyDocument,
    base: &str,
) -> Result<RetentionDocument, Error> {
    let at = |key: &str| format!("{base}.{key}");
    let bad = |bad: BadRule, key: &str| Error::from(bad).at_path(at(key));
    if let Some(table) = &given.table {
        check_table(table, &at("table"), policy)?;
    }
    let mut settings = given.clone();
    if let Some(files) = &given.files {
        not_empty(files).map_err(|error| error.at_path(at("files")))?;
        if given.table.is_some() {
            return Err(bad(BadRule::TableAndFiles, "files"));
        }
        let columns = [("id", &given.id), ("time", &given.time), ("size", &given.size)];
        if let Some((key, _)) = columns.iter().find(|(_, column)| column.is_some()) {
            return Err(bad(BadRule::FileColumn(key), key));
        }
        let [id, time, size] = FILE_COLUMNS.map(|name| Some(name.to_owned()));
        (settings.id, settings.time, settings.size) = (id, time, size);
    } else {
        settings.id = Some(id_column(given.id.as_ref(), given.table.as_ref(), policy));
        if given.counts_bytes() && given.size.is_none() {
            settings.size = Some("size".into());
        }
    }
    let id = settings.id.clone().unwrap_or_default();
    for (key, column) in [("id", &settings.id), ("time", &settings.time), ("size", &settings.size)]
    {
        let Some(column) = column else { continue };
        not_empty(column).map_err(|error| error.at_path(at(key)))?;
        if key != "id" && *column == id {
            let what = if key == "time" { "the time" } else { "the size" };
            return Err(bad(BadRule::IdIs(id, what), key));
        }
    }
    if settings.time.is_none() {
        return Err(Error::from(BadRule::NoTime).at_path(base));
    }
    check_by(&settings.by, &id).map_err(|error| error.at_path(at("by")))?;
    settings.anchor = Some(settings.anchor.unwrap_or_default());
    settings.overlap = Some(settings.overlap.unwrap_or_default());
    Ok(settings)
}

fn check_by(by: &[String], id: &String) -> Result<(), Error> {
    KEY_COLUMNS.check(by.len().max(1))?;
    for (n, column) in by.iter().enumerate() {
        not_empty(column)?;
        if column == id {
            return Err(BadRule::IdIs(id.clone(), "what groups the items").into());
        }
        if by.iter().take(n).any(|other| other == column) {
            return Err(BadRule::Repeated(column.clone()).into());
        }
    }
    Ok(())
}

impl RetentionDocument {
    fn limits(&self) -> impl Iterator<Item = &LimitDocument> {
        self.limit.iter().chain(self.overrides.iter().filter_map(|change| change.limit.as_ref()))
    }

    fn counts_bytes(&self) -> bool {
        self.limits().any(|limit| limit.bytes.is_some())
    }

    /// Whether it could remove anything.
    fn removes(&self) -> bool {
        let keeps = |keep: &Option<Vec<_>>| keep.as_ref().is_some_and(|keeps| !keeps.is_empty());
        self.limits().any(LimitDocument::limits)
            || keeps(&self.keep)
            || self.overrides.iter().any(|change| keeps(&change.keep))
    }
}

impl LimitDocument {
    fn limits(&self) -> bool {
        self.age.is_some() || self.count.is_some() || self.bytes.is_some()
    }
}

/// The settings that the kernel knows, at a path.
fn rule_of(given: &RetentionDocument, path: &str) -> Result<Rule, Error> {
    if let Some(limit) = given.limit.as_ref().filter(|limit| !limit.limits()) {
        let (bad, key) = match limit.edge {
            Some(_) => (BadRule::Edge("an age"), "limit.edge"),
            None => (BadRule::Says("the limit"), "limit"),
        };
        return Err(Error::from(bad).at_path(format!("{path}.{key}")));
    }
    if given.keep.as_ref().is_some_and(Vec::is_empty) {
        return Err(
            Error::from(BadRule::Says("the list of keep rules")).at_path(format!("{path}.keep"))
        );
    }
    let settings = Settings {
        limit: given.limit.as_ref(),
        floor: given.floor.as_ref(),
        keep: given.keep.as_deref().unwrap_or_default(),
        anchor: given.anchor.unwrap_or_default(),
        overlap: given.overlap.unwrap_or_default(),
        zone: given.tz,
    };
    settings.rule(path)
}

/// The same of an override: what it does not say is the rule's.
fn override_of(
    change: &OverrideDocument,
    given: &RetentionDocument,
    path: &str,
) -> Result<Rule, Error> {
    if change.when.is_empty() {
        return Err(Error::from(BadRule::Says("`when`")).at_path(format!("{path}.when")));
    }
    if !change.changes() {
        return Err(Error::from(BadRule::ChangesNothing).at_path(path));
    }
    let settings = Settings {
        limit: change.limit.as_ref().or(given.limit.as_ref()),
        floor: change.floor.as_ref().or(given.floor.as_ref()),
        keep: change.keep.as_deref().or(given.keep.as_deref()).unwrap_or_default(),
        anchor: change.anchor.or(given.anchor).unwrap_or_default(),
        overlap: change.overlap.or(given.overlap).unwrap_or_default(),
        zone: given.tz,
    };
    settings.rule(path)
}

impl OverrideDocument {
    fn changes(&self) -> bool {
        let Self { when: _, limit, floor, hold, require, keep, anchor, overlap } = self;
        let settings = [limit.is_some(), floor.is_some(), keep.is_some()];
        let conditions = [hold.is_some(), require.is_some()];
        let words = [anchor.is_some(), overlap.is_some()];
        settings.into_iter().chain(conditions).chain(words).any(|is_said| is_said)
    }
}

/// What a rule, or a rule with an override, says to the kernel.
struct Settings<'a> {
    limit: Option<&'a LimitDocument>,
    floor: Option<&'a FloorDocument>,
    keep: &'a [KeepDocument],
    anchor: Anchor,
    overlap: Overlap,
    zone: Option<Zone>,
}

impl Settings<'_> {
    fn rule(&self, path: &str) -> Result<Rule, Error> {
        let at = |key: &str| format!("{path}.{key}");
        let mut rule = Rule::new().anchor(self.anchor).overlap(self.overlap);
        if let Some(zone) = self.zone {
            rule = rule.zone(zone);
        }
        if let Some(limit) = self.limit {
            match (limit.age, limit.edge) {
                (Some(age), edge) => {
                    self.check_span(age, &at("limit.age"))?;
                    rule = rule.limit_age(age, edge.unwrap_or_default());
                }
                (None, Some(_)) => {
                    return Err(Error::from(BadRule::Edge("an age")).at_path(at("limit.edge")));
                }
                (None, None) => {}
            }
            if let Some(count) = limit.count {
                rule = rule.limit_count(count);
            }
            if let Some(bytes) = limit.bytes {
                rule = rule.limit_bytes(bytes.bytes());
            }
        }
        match self.floor {
            Some(FloorDocument { count: None, age: None }) => {
                return Err(Error::from(BadRule::Says("the floor")).at_path(at("floor")));
            }
            Some(floor) => {
                rule = rule.floor_count(floor.count.unwrap_or(0));
                if let Some(age) = floor.age {
                    self.check_span(age, &at("floor.age"))?;
                    rule = rule.floor_age(age);
                }
            }
            None => {}
        }
        for (n, keep) in self.keep.iter().enumerate() {
            rule = rule.keep(self.keep_rule(keep, &at(&format!("keep[{n}]")))?);
        }
        Ok(rule)
    }

    fn keep_rule(&self, given: &KeepDocument, path: &str) -> Result<Keep, Error> {
        let at = |key: &str| format!("{path}.{key}");
        let bad = |bad: BadRule, key: &str| Err(Error::from(bad).at_path(at(key)));
        let mut keep = match given.every {
            Some(every) => Keep::each(every),
            None if given.count.is_some() => return bad(BadRule::Periodless("count"), "count"),
            None if given.oldest.is_some() => return bad(BadRule::Periodless("oldest"), "oldest"),
            None if given.within.is_none() && given.about.is_empty() => {
                return Err(Error::from(BadRule::ClaimsAll).at_path(path));
            }
            None => Keep::all(),
        };
        if let Some(count) = given.count {
            KEEP_COUNT.check(count).map_err(|bad| Error::from(bad).at_path(at("count")))?;
            match u64::try_from(count) {
                Ok(0) => return bad(BadRule::ClaimsNone, "count"),
                Ok(count) => keep = keep.count(count),
                Err(_) => {}
            }
        }
        match (given.within, given.edge) {
            (Some(within), edge) => {
                self.check_span(within, &at("within"))?;
                keep = keep.within(within).edge(edge.unwrap_or_default());
            }
            (None, Some(_)) => return bad(BadRule::Edge("`within`"), "edge"),
            (None, None) => {}
        }
        Ok(if given.oldest == Some(true) { keep.oldest() } else { keep })
    }

    fn check_span(&self, span: Span, path: &str) -> Result<(), Error> {
        if span.is_calendar() && self.zone.is_none() {
            return Err(Error::from(BadRule::NoZone(span)).at_path(path));
        }
        Ok(())
    }
}

/// The conditions of the rule itself.
fn part_of(given: &RetentionDocument, reads: &mut Reads<'_>, path: &str) -> Result<Part, Error> {
    Ok(Part {
        hold: reads.conditions(&given.hold, &format!("{path}.hold"))?,
        require: reads.conditions(&given.require, &format!("{path}.require"))?,
        keeps: keeps_of(given.keep.as_deref().unwrap_or_default(), reads, path)?,
    })
}

fn keeps_of(
    keeps: &[KeepDocument],
    reads: &mut Reads<'_>,
    path: &str,
) -> Result<Vec<Checked>, Error> {
    let each = keeps.iter().enumerate();
    each.map(|(n, keep)| reads.conditions(&keep.about, &format!("{path}.keep[{n}].where")))
        .collect()
}

impl Part {
    /// The conditions of an override: what it does not say is the rule's.
    fn changed(
        &self,
        change: &OverrideDocument,
        reads: &mut Reads<'_>,
        path: &str,
    ) -> Result<Self, Error> {
        let mut part = self.clone();
        let mut replace = |own: &mut Checked, said: &Option<Conditions>, key: &str| {
            if let Some(said) = said {
                *own = reads.conditions(said, &format!("{path}.{key}"))?;
            }
            Ok::<_, Error>(())
        };
        replace(&mut part.hold, &change.hold, "hold")?;
        replace(&mut part.require, &change.require, "require")?;
        if let Some(keeps) = &change.keep {
            part.keeps = keeps_of(keeps, reads, path)?;
        }
        Ok(part)
    }
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

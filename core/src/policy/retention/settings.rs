//! What a retention rule says, with its defaults, and the same for the kernel.

use super::bad::BadRule;
use super::id_of;
use crate::bounds::{KEEP_COUNT, KEY_COLUMNS};
use crate::error::Error;
use crate::one_or_more::OneOrMore;
use crate::policy::document::{
    FloorDocument, KeepDocument, LimitDocument, OverrideDocument, PolicyDocument, RetentionDocument,
};
use crate::policy::subject::{check_table, id_columns, not_empty};
use crate::retention::{Anchor, Keep, Overlap, Rule};
use crate::time::{Span, Zone};

/// The columns of files: name below their folder, time of the last change, and bytes.
const FILE_COLUMNS: [&str; 3] = ["name", "mtime", "size"];

/// The document with every default said, so that its digest does not depend on what was left out.
pub(super) fn filled(
    given: &RetentionDocument,
    policy: &PolicyDocument,
    base: &str,
) -> Result<RetentionDocument, Error> {
    let at = |key: &str| format!("{base}.{key}");
    let bad = |bad: BadRule, key: &str| Error::from(bad).at_path(at(key));
    let id = id_columns(given.id.as_ref(), given.table.as_ref(), base, policy)?;
    if let Some(table) = &given.table {
        check_table(table, &id, &at("table"), policy)?;
    }
    let mut settings = given.clone();
    if let Some(files) = &given.files {
        not_empty(files).map_err(|error| error.at_path(at("files")))?;
        if given.table.is_some() {
            return Err(bad(BadRule::TableAndFiles, "files"));
        }
        let is_said = [
            ("id", given.id.is_some()),
            ("time", given.time.is_some()),
            ("size", given.size.is_some()),
        ];
        if let Some((key, _)) = is_said.into_iter().find(|(_, is_said)| *is_said) {
            return Err(bad(BadRule::FileColumn(key), key));
        }
        let [id, time, size] = FILE_COLUMNS.map(str::to_owned);
        settings.id = Some(OneOrMore(vec![id]));
        (settings.time, settings.size) = (Some(time), Some(size));
    } else {
        settings.id = Some(OneOrMore(id));
        if given.counts_bytes() && given.size.is_none() {
            settings.size = Some("size".into());
        }
    }
    let id = id_of(&settings);
    for (key, what, column) in
        [("time", "the time", &settings.time), ("size", "the size", &settings.size)]
    {
        let Some(column) = column else { continue };
        not_empty(column).map_err(|error| error.at_path(at(key)))?;
        if id.contains(column) {
            return Err(bad(BadRule::IdIs(column.clone(), what), key));
        }
    }
    if settings.time.is_none() {
        return Err(Error::from(BadRule::NoTime).at_path(base));
    }
    check_by(&settings.by, id).map_err(|error| error.at_path(at("by")))?;
    settings.anchor = Some(settings.anchor.unwrap_or_default());
    settings.overlap = Some(settings.overlap.unwrap_or_default());
    Ok(settings)
}

fn check_by(by: &[String], id: &[String]) -> Result<(), Error> {
    KEY_COLUMNS.check(by.len().max(1))?;
    for (n, column) in by.iter().enumerate() {
        not_empty(column)?;
        if id == std::slice::from_ref(column) {
            return Err(BadRule::IdIs(column.clone(), "what groups the items").into());
        }
        if by.iter().take(n).any(|other| other == column) {
            return Err(BadRule::Repeated(column.clone()).into());
        }
    }
    if id.iter().all(|column| by.contains(column)) {
        return Err(BadRule::IdGroups.into());
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
    pub(super) fn removes(&self) -> bool {
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
pub(super) fn rule_of(given: &RetentionDocument, path: &str) -> Result<Rule, Error> {
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
pub(super) fn override_of(
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

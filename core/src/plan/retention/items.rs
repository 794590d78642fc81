//! A rule and a table → the items that the kernel decides.

use crate::columns::Table;
use crate::condition::{Bound, Test};
use crate::control::Control;
use crate::error::Error;
use crate::groups::{self, TableRows};
use crate::policy::{Part, RetentionRule};
use crate::retention::Items;

impl RetentionRule {
    /// The parts of a table that the rule reads, for the kernel.
    ///
    /// # Errors
    /// `rows.missing_column`, `rows.wrong_type`, `rows.null_id`.
    pub fn items<'a>(&'a self, table: &'a Table) -> Result<Items<'a, TableRows<'a>>, Error> {
        let rows = TableRows::new(table, self.id(), self.by(), self.time(), self.matches())?;
        let mut items = Items::new(rows);
        let parts = self.parts();
        let bound = |of: fn(&Part) -> &Vec<(String, Test)>| Parts::new(table, self, of);
        let overrides = parts.overrides.iter().map(|(when, _)| Bound::new(table, when));
        let overrides = overrides.collect::<Result<Vec<_>, Error>>()?;
        if !overrides.is_empty() {
            let overrides = overrides.clone();
            items = items.under(move |row| falls_under(&overrides, row));
        }
        let under = move |row| falls_under(&overrides, row);
        if let Some(held) = bound(|part| &part.hold)? {
            let under = under.clone();
            items = items.held(move |row| held.of(under(row)).is_some_and(|held| held.hold(row)));
        }
        if let Some(required) = bound(|part| &part.require)? {
            let under = under.clone();
            items =
                items.required(move |row| required.of(under(row)).is_none_or(|all| all.hold(row)));
        }
        if let Some(keeps) = self.keeps(table)? {
            items = items.claimable(move |keep, row| {
                let own = keeps.get(under(row).map_or(0, |place| usize::from(place) + 1));
                own.and_then(|own| own.get(keep)).is_none_or(|about| about.hold(row))
            });
        }
        if let Some(size) = self.size() {
            let size = table.find(size)?;
            items = items.bytes(move |row| {
                size.number(row).and_then(|size| u64::try_from(size).ok()).unwrap_or(0)
            });
        }
        Ok(items)
    }

    /// The items, whose ids name one each: an answer is about to name them.
    pub(super) fn items_with_ids<'a>(
        &'a self,
        table: &'a Table,
        control: &Control<'_>,
    ) -> Result<Items<'a, TableRows<'a>>, Error> {
        let items = self.items(table)?;
        groups::check_ids(items.rows(), control)?;
        Ok(items)
    }

    /// What each keep rule is about: those of the rule, then those of each override. None if all are
    /// about all items.
    fn keeps<'a>(&'a self, table: &'a Table) -> Result<Option<Vec<Vec<Bound<'a>>>>, Error> {
        let parts = self.parts();
        let all = std::iter::once(&parts.base).chain(parts.overrides.iter().map(|(_, part)| part));
        if all.clone().all(|part| part.keeps.iter().all(Vec::is_empty)) {
            return Ok(None);
        }
        let each = |part: &'a Part| {
            part.keeps.iter().map(|about| Bound::new(table, about)).collect::<Result<Vec<_>, _>>()
        };
        all.map(each).collect::<Result<_, Error>>().map(Some)
    }
}

/// The first override whose conditions hold.
fn falls_under(overrides: &[Bound<'_>], row: u32) -> Option<u16> {
    let place = overrides.iter().position(|when| when.hold(row))?;
    u16::try_from(place).ok()
}

/// One kind of condition, of the rule and of each override.
struct Parts<'a> {
    base: Option<Bound<'a>>,
    overrides: Vec<Option<Bound<'a>>>,
}

impl<'a> Parts<'a> {
    /// None if there is no such condition anywhere.
    fn new(
        table: &'a Table,
        rule: &'a RetentionRule,
        of: fn(&Part) -> &Vec<(String, Test)>,
    ) -> Result<Option<Self>, Error> {
        let bound = |part: &'a Part| match of(part).as_slice() {
            [] => Ok(None),
            given => Bound::new(table, given).map(Some),
        };
        let parts = rule.parts();
        let overrides = parts.overrides.iter().map(|(_, part)| bound(part));
        let own =
            Self { base: bound(&parts.base)?, overrides: overrides.collect::<Result<_, Error>>()? };
        let has_any = own.base.is_some() || own.overrides.iter().any(Option::is_some);
        Ok(has_any.then_some(own))
    }

    fn of(&self, under: Option<u16>) -> Option<&Bound<'a>> {
        match under {
            None => self.base.as_ref(),
            Some(place) => self.overrides.get(usize::from(place))?.as_ref(),
        }
    }
}

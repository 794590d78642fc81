//! Items and rules as plain data.

use crate::error::Error;
use crate::groups::{Records, Rows};
use crate::retention::{Anchor, Edge, Every, Items, Keep, Overlap, Rule};
use crate::time::{Duration, Instant, Span, Zone};

/// An item, and all that a retention rule asks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The id; no other item has it.
    pub id: i64,
    /// What groups it. A null is a value as any other.
    pub group: Option<u32>,
    /// The time, if it has one.
    pub time: Option<Instant>,
    /// Whether the rule is about it.
    pub matched: bool,
    /// Whether it is never removed.
    pub held: bool,
    /// How large it is.
    pub size: u64,
    /// Whether it may go: if not, it is blocked.
    pub may_go: bool,
    /// Whether each keep rule is about it; those past the end are.
    pub claimable: Vec<bool>,
    /// The override it falls under, by its place; none if the rule does not have that.
    pub under: Option<u16>,
}

/// A length of time: months, and elapsed time beyond them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Age {
    /// Months of the calendar.
    pub months: u32,
    /// Elapsed time.
    pub elapsed: Duration,
}

/// A keep rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The length of its periods; none claims all that it is about, and neither counts nor asks for
    /// the oldest.
    pub every: Option<Every>,
    /// How many periods, if not all.
    pub count: Option<u64>,
    /// How far back from the anchor, and whether what is exactly so old is still within.
    pub within: Option<(Age, Edge)>,
    /// Whether the oldest item is claimed as well.
    pub oldest: bool,
}

/// A rule, open to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The limit of age, and whether what is exactly so old is over it.
    pub limit_age: Option<(Age, Edge)>,
    /// The limit of count.
    pub limit_count: Option<u64>,
    /// The limit of bytes.
    pub limit_bytes: Option<u64>,
    /// How many of the newest are never removed.
    pub floor_count: u64,
    /// What is younger is never removed.
    pub floor_age: Option<Age>,
    /// The keep rules.
    pub keeps: Vec<Claim>,
    /// What `within` is measured from.
    pub anchor: Anchor,
    /// What several claims of one item mean.
    pub overlap: Overlap,
    /// The calendar.
    pub zone: Zone,
    /// What decides the items under each override, in place of all above. These have none of their
    /// own.
    pub overrides: Vec<Spec>,
}

impl Age {
    /// Elapsed time alone.
    #[must_use]
    pub const fn elapsed(elapsed: Duration) -> Self {
        Self { months: 0, elapsed }
    }

    /// Months alone.
    #[must_use]
    pub const fn months(months: u32) -> Self {
        Self { months, elapsed: Duration::ZERO }
    }

    /// The same for a rule.
    ///
    /// # Errors
    /// Never: what a span writes it can read.
    pub fn span(self) -> Result<Span, Error> {
        match (self.months, self.elapsed) {
            (0, elapsed) => Ok(elapsed.into()),
            (months, Duration::ZERO) => Ok(Span::months(months)),
            (months, elapsed) => format!("{months}mo{elapsed}").parse(),
        }
    }
}

impl Spec {
    /// A rule that removes nothing, with calendars in UTC.
    #[must_use]
    pub fn new() -> Self {
        Self {
            limit_age: None,
            limit_count: None,
            limit_bytes: None,
            floor_count: 0,
            floor_age: None,
            keeps: Vec::new(),
            anchor: Anchor::Now,
            overlap: Overlap::Shared,
            zone: Zone::UTC,
            overrides: Vec::new(),
        }
    }

    /// The override that decides an item, if one does.
    #[must_use]
    pub fn place_of(&self, item: &Item) -> Option<u16> {
        item.under.filter(|under| usize::from(*under) < self.overrides.len())
    }

    /// What decides an item: an override, or the rule itself.
    #[must_use]
    pub fn of(&self, item: &Item) -> &Self {
        self.place_of(item).and_then(|under| self.overrides.get(usize::from(under))).unwrap_or(self)
    }

    /// The same for the kernel.
    ///
    /// # Errors
    /// Never, as [`Age::span`].
    pub fn rule(&self) -> Result<Rule, Error> {
        let mut rule = Rule::new()
            .floor_count(self.floor_count)
            .anchor(self.anchor)
            .overlap(self.overlap)
            .zone(self.zone);
        if let Some((age, edge)) = self.limit_age {
            rule = rule.limit_age(age.span()?, edge);
        }
        if let Some(count) = self.limit_count {
            rule = rule.limit_count(count);
        }
        if let Some(bytes) = self.limit_bytes {
            rule = rule.limit_bytes(bytes);
        }
        if let Some(age) = self.floor_age {
            rule = rule.floor_age(age.span()?);
        }
        for claim in &self.keeps {
            let mut keep = claim.every.map_or_else(Keep::all, Keep::each);
            if let Some(count) = claim.count {
                keep = keep.count(count);
            }
            if let Some((age, edge)) = claim.within {
                keep = keep.within(age.span()?).edge(edge);
            }
            rule = rule.keep(if claim.oldest { keep.oldest() } else { keep });
        }
        for other in &self.overrides {
            rule = rule.overridden_by(other.rule()?);
        }
        Ok(rule)
    }
}

impl Default for Spec {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows items to the kernel.
pub(super) fn shown(items: &[Item]) -> Result<Items<'_, impl Rows + '_>, Error> {
    let rows = Records::new(items, |item| item.group, |item| item.time, |item| item.id)?
        .null_key(|item: &Item| item.group.is_none())
        .only(|item: &Item| item.matched);
    let get = move |row: u32| items.get(row as usize);
    Ok(Items::new(rows)
        .held(move |row| get(row).is_some_and(|item| item.held))
        .bytes(move |row| get(row).map_or(0, |item| item.size))
        .required(move |row| get(row).is_some_and(|item| item.may_go))
        .claimable(move |keep, row| {
            get(row).is_some_and(|item| item.claimable.get(keep).copied().unwrap_or(true))
        })
        .under(move |row| get(row)?.under))
}

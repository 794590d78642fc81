//! What outlives its use, without names: limits, floors and keep rules.

use super::Every;
use crate::time::{Instant, Span, Zone};
use crate::words::words;

/// A retention rule. An empty one removes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub(super) limit: Limit,
    pub(super) floor: Floor,
    pub(super) keeps: Vec<Keep>,
    pub(super) anchor: Anchor,
    pub(super) overlap: Overlap,
    pub(super) zone: Zone,
    pub(super) overrides: Vec<Rule>,
}

/// Caps: any one of them removes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Limit {
    pub(super) age: Option<Span>,
    pub(super) edge: Edge,
    pub(super) count: Option<u64>,
    pub(super) bytes: Option<u64>,
}

/// What is never removed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Floor {
    pub(super) count: u64,
    pub(super) age: Option<Span>,
}

words! {
    /// What an age that is exactly the limit means.
    Edge {
        /// Not over it yet.
        #[default]
        After = "after",
        /// Over it already.
        At = "at",
    }
}

words! {
    /// What `within` is measured from.
    Anchor {
        /// The `now` of the decision.
        #[default]
        Now = "now",
        /// The newest item of the group that is not in the future.
        Newest = "newest",
    }
}

words! {
    /// What it means that several keep rules claim one item.
    Overlap {
        /// Each counts it: every rule is as if it were alone.
        #[default]
        Shared = "shared",
        /// An item that a finer rule claimed stands for its period, and does not use up the count.
        Extra = "extra",
        /// Periods that hold an item which a finer rule claimed are passed over.
        Cover = "cover",
    }
}

/// A keep rule: of each period it claims the newest item, and perhaps the oldest item of all.
#[derive(Clone, Debug, PartialEq)]
pub struct Keep {
    /// None claims whatever the rule is about, and uses up no period.
    pub(super) every: Option<Every>,
    pub(super) count: Option<u64>,
    pub(super) within: Option<Span>,
    pub(super) edge: Edge,
    pub(super) oldest: bool,
}

impl Keep {
    /// One item of every period.
    #[must_use]
    pub fn each(every: Every) -> Self {
        Self { every: Some(every), ..Self::all() }
    }

    /// All items that it is about. They use up no period and no count of other keep rules, whatever
    /// the overlap.
    #[must_use]
    pub fn all() -> Self {
        Self { every: None, count: None, within: None, edge: Edge::After, oldest: false }
    }

    /// In no more than this many periods. Empty periods are passed over.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// Only items that are no older than this, measured from the rule's anchor.
    #[must_use]
    pub fn within(mut self, within: impl Into<Span>) -> Self {
        self.within = Some(within.into());
        self
    }

    /// What an item that is exactly so old means. Under [`Edge::At`] it is still within.
    #[must_use]
    pub fn edge(mut self, edge: Edge) -> Self {
        self.edge = edge;
        self
    }

    /// The oldest item too, as long as the count is not used up.
    #[must_use]
    pub fn oldest(mut self) -> Self {
        self.oldest = true;
        self
    }

    /// Whether an item is not too old for the rule.
    pub(super) fn reaches(&self, at: Instant, base: Instant, zone: Zone) -> bool {
        self.within.is_none_or(|within| self.is_since(at, within.checked_before(base, zone)))
    }

    /// Whether an item is not too old for a window that begins then; none is before all time.
    pub(super) fn is_since(&self, at: Instant, begins: Option<Instant>) -> bool {
        begins.is_none_or(|begins| match self.edge {
            Edge::After => at > begins,
            Edge::At => at >= begins,
        })
    }
}

impl Default for Rule {
    fn default() -> Self {
        Self::new()
    }
}

impl Rule {
    /// A rule that removes nothing, with calendars in UTC.
    #[must_use]
    pub fn new() -> Self {
        Self {
            limit: Limit::default(),
            floor: Floor::default(),
            keeps: Vec::new(),
            anchor: Anchor::Now,
            overlap: Overlap::Shared,
            zone: Zone::UTC,
            overrides: Vec::new(),
        }
    }

    /// Removes what is older than this.
    #[must_use]
    pub fn limit_age(mut self, age: impl Into<Span>, edge: Edge) -> Self {
        (self.limit.age, self.limit.edge) = (Some(age.into()), edge);
        self
    }

    /// Removes all but the newest so many of each group.
    #[must_use]
    pub fn limit_count(mut self, count: u64) -> Self {
        self.limit.count = Some(count);
        self
    }

    /// Removes all but the longest run of the newest items of each group that fits so many bytes.
    #[must_use]
    pub fn limit_bytes(mut self, bytes: u64) -> Self {
        self.limit.bytes = Some(bytes);
        self
    }

    /// Never removes one of the newest so many of each group.
    #[must_use]
    pub fn floor_count(mut self, count: u64) -> Self {
        self.floor.count = count;
        self
    }

    /// Never removes what is younger than this.
    #[must_use]
    pub fn floor_age(mut self, age: impl Into<Span>) -> Self {
        self.floor.age = Some(age.into());
        self
    }

    /// Adds a keep rule. Once there is one, what none claims is removed.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keeps.push(keep);
        self
    }

    /// What `within` is measured from.
    #[must_use]
    pub fn anchor(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    /// What it means that several keep rules claim one item.
    #[must_use]
    pub fn overlap(mut self, overlap: Overlap) -> Self {
        self.overlap = overlap;
        self
    }

    /// The zone whose calendar says what a day or a month is.
    #[must_use]
    pub fn zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// Adds a rule that decides the items that fall under it, in place of this one. They are decided
    /// among themselves: they count for none of the others' limits, floors and keep rules.
    ///
    /// Which items those are is said by [`Items::under`](super::Items::under). An override's own
    /// overrides are not looked at.
    #[must_use]
    pub fn overridden_by(mut self, rule: Rule) -> Self {
        self.overrides.push(rule);
        self
    }

    /// The first instant at which an item is too old.
    pub(super) fn over_age_at(&self, at: Instant) -> Option<Instant> {
        let condemned = self.limit.age?.checked_after(at, self.zone)?;
        match self.limit.edge {
            Edge::At => Some(condemned),
            Edge::After => condemned.next(),
        }
    }
}

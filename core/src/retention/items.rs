//! Rows as items: what else matters of them than group, time and id.

use std::fmt;

use super::Rule;
use crate::groups::Rows;
use crate::time::Instant;

type Predicate<'a> = Box<dyn Fn(u32) -> bool + Sync + 'a>;

/// Rows, and what a retention rule asks of them besides: closures over their numbers.
///
/// The key of the rows is what groups them, and rows that are [excluded] are not matched.
///
/// [excluded]: crate::groups::Standing::EXCLUDED
pub struct Items<'a, R> {
    pub(super) rows: R,
    held: Option<Predicate<'a>>,
    bytes: Option<Box<dyn Fn(u32) -> u64 + Sync + 'a>>,
    may_go: Option<Predicate<'a>>,
    claimable: Option<Box<dyn Fn(usize, u32) -> bool + Sync + 'a>>,
    under: Option<Box<dyn Fn(u32) -> Option<u16> + Sync + 'a>>,
}

impl<'a, R: Rows> Items<'a, R> {
    /// Nothing held, no sizes, every item open to every keep rule.
    #[must_use]
    pub fn new(rows: R) -> Self {
        Self { rows, held: None, bytes: None, may_go: None, claimable: None, under: None }
    }

    /// Which items are never removed. They count for no limit and no keep rule.
    #[must_use]
    pub fn held(mut self, is_held: impl Fn(u32) -> bool + Sync + 'a) -> Self {
        self.held = Some(Box::new(is_held));
        self
    }

    /// How large items are, for a limit of bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: impl Fn(u32) -> u64 + Sync + 'a) -> Self {
        self.bytes = Some(Box::new(bytes));
        self
    }

    /// Which items may go; others that would go are blocked: say, what is not exported yet.
    #[must_use]
    pub fn required(mut self, may_go: impl Fn(u32) -> bool + Sync + 'a) -> Self {
        self.may_go = Some(Box::new(may_go));
        self
    }

    /// Which items a keep rule, by its place among those of the item's own rule, is about.
    #[must_use]
    pub fn claimable(mut self, is: impl Fn(usize, u32) -> bool + Sync + 'a) -> Self {
        self.claimable = Some(Box::new(is));
        self
    }

    /// Which of the rule's overrides, by its place among them, an item falls under.
    #[must_use]
    pub fn under(mut self, under: impl Fn(u32) -> Option<u16> + Sync + 'a) -> Self {
        self.under = Some(Box::new(under));
        self
    }

    /// The rows.
    pub fn rows(&self) -> &R {
        &self.rows
    }

    /// None for an override that the rule does not have.
    pub(super) fn override_of(&self, row: u32, rule: &Rule) -> Option<u16> {
        let under = self.under.as_ref().filter(|_| !rule.overrides.is_empty())?(row)?;
        (usize::from(under) < rule.overrides.len()).then_some(under)
    }

    /// Keeps the older of two items, if there is another one.
    pub(super) fn keep_older(&self, oldest: &mut Option<(Instant, u32)>, at: Instant, row: u32) {
        let is_older = |(other, held): (Instant, u32)| {
            at < other || (at == other && self.rows.cmp_id(row, held).is_lt())
        };
        if oldest.is_none_or(is_older) {
            *oldest = Some((at, row));
        }
    }

    pub(super) fn is_held(&self, row: u32) -> bool {
        self.held.as_ref().is_some_and(|is_held| is_held(row))
    }

    pub(super) fn size(&self, row: u32) -> u64 {
        self.bytes.as_ref().map_or(0, |bytes| bytes(row))
    }

    pub(super) fn may_go(&self, row: u32) -> bool {
        self.may_go.as_ref().is_none_or(|may_go| may_go(row))
    }

    pub(super) fn is_claimable(&self, keep: usize, row: u32) -> bool {
        self.claimable.as_ref().is_none_or(|is| is(keep, row))
    }
}

impl<R: fmt::Debug> fmt::Debug for Items<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("rows", &self.rows).finish_non_exhaustive()
    }
}

//! One row in hand: a place per need, its text kept in a buffer that is used again.

use crate::columns::{Cell, List, Need, Record};

/// What stands in a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Anything but text.
    Other(Cell<'static>),
    /// Text of a typed format.
    Text,
    /// Text of a format where everything is text.
    Raw,
    /// A list of text, as it lies in one.
    List,
}

impl Kind {
    pub(super) const MISSING: Self = Kind::Other(Cell::Missing);
}

/// A place for one field.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) kind: Kind,
    pub(super) text: String,
}

/// The fields of one row that the rule needs.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) slots: Vec<Slot>,
}

impl Row {
    pub(super) fn new(needs: &[Need]) -> Self {
        let slot = |_| Slot { kind: Kind::MISSING, text: String::new() };
        Self { slots: needs.iter().map(slot).collect() }
    }

    pub(super) fn clear(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.kind = Kind::MISSING);
    }
}

impl Record for Row {
    #[inline]
    fn cell(&self, place: usize, _: &Need) -> Cell<'_> {
        let Some(slot) = self.slots.get(place) else { return Cell::Missing };
        match slot.kind {
            Kind::Other(cell) => cell,
            Kind::Text => Cell::Text(&slot.text),
            Kind::Raw => Cell::Raw(&slot.text),
            Kind::List => Cell::List(List::encoded(&slot.text)),
        }
    }
}

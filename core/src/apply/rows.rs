//! Rows that a statement gave.

use std::ops::Range;

/// Rows: each column a text, or null. The texts of all of them lie in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    text: String,
    /// Where each text is, and none for a null; row after row.
    cells: Vec<Option<Range<usize>>>,
    /// Where the cells of each row end.
    ends: Vec<usize>,
}

/// A row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    text: &'a str,
    cells: &'a [Option<Range<usize>>],
}

impl Rows {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row: the texts of its columns, and none for a null.
    pub fn push<'t>(&mut self, row: impl IntoIterator<Item = Option<&'t str>>) {
        for cell in row {
            let start = self.text.len();
            self.text.push_str(cell.unwrap_or_default());
            self.cells.push(cell.map(|_| start..self.text.len()));
        }
        self.ends.push(self.cells.len());
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The row at a place.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<Row<'_>> {
        let end = *self.ends.get(place)?;
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before));
        Some(Row { text: &self.text, cells: self.cells.get(start.copied().unwrap_or(0)..end)? })
    }

    /// Each row.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).filter_map(|place| self.get(place))
    }

    /// The text that a statement gives which gives one.
    pub(super) fn text(&self) -> Option<&str> {
        self.get(0)?.get(0)
    }
}

impl<'t, R: IntoIterator<Item = Option<&'t str>>> FromIterator<R> for Rows {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Self {
        let mut all = Self::new();
        rows.into_iter().for_each(|row| all.push(row));
        all
    }
}

impl<'a> Row<'a> {
    /// The text of a column; none for a null, and for a column that is not there.
    #[must_use]
    pub fn get(&self, column: usize) -> Option<&'a str> {
        self.text.get(self.cells.get(column)?.clone()?)
    }

    /// The texts of all columns.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = Option<&'a str>> + use<'a> {
        let Self { text, cells } = *self;
        cells.iter().map(|cell| text.get(cell.clone()?))
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn rows_are_given_back_as_they_came() {
        let given: [&[Option<&str>]; 4] =
            [&[Some("a"), None, Some("")], &[], &[Some("\u{1f600}")], &[None]];
        let rows: Rows = given.into_iter().map(|row| row.iter().copied()).collect();
        let back: Vec<Vec<Option<&str>>> = rows.iter().map(|row| row.texts().collect()).collect();
        assert_eq!(back, given);
        assert_eq!((rows.len(), rows.text()), (4, Some("a")));
        assert_eq!(rows.get(2).and_then(|row| row.get(0)), Some("\u{1f600}"));
        assert!(rows.get(4).is_none() && rows.get(1).is_some_and(|row| row.get(0).is_none()));
        assert!(Rows::new().is_empty());
    }
}

//! How many rows are asked for at once, by their ids.

/// Rows of the first statement.
const FIRST: usize = 2000;
/// Then as many as give back so many bytes, since all of them are held at once.
const MOST_BYTES: usize = 32 << 20;
const FEWEST: usize = 100;
const MOST: usize = 20_000;

/// Ids that are taken some at a time.
pub(super) struct Pace {
    /// The last are the next.
    rest: Vec<String>,
    step: usize,
}

impl Pace {
    /// In the order that they have.
    pub(super) fn of(mut ids: Vec<String>) -> Self {
        ids.reverse();
        Self { rest: ids, step: FIRST }
    }

    /// In the order that most indexes have, so that what lies together is asked for together: numbers by their
    /// size, and what is all of one length by its text.
    pub(super) fn sorted(mut ids: Vec<String>) -> Self {
        ids.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        Self::of(ids)
    }

    /// The next ones; none at the end.
    pub(super) fn next(&mut self) -> Option<Vec<String>> {
        let from = self.rest.len().saturating_sub(self.step);
        let mut some = self.rest.split_off(from);
        some.reverse();
        (!some.is_empty()).then_some(some)
    }

    /// So many ids gave back so many bytes.
    pub(super) fn learn(&mut self, ids: usize, bytes: usize) {
        let each = (bytes / ids.max(1)).max(1);
        self.step = (MOST_BYTES / each).clamp(FEWEST, MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::{FEWEST, FIRST, MOST, Pace};

    #[test]
    fn all_are_taken_once_and_in_their_order() {
        let ids: Vec<String> = (0..50_000u32).rev().map(|n| n.to_string()).collect();
        let mut pace = Pace::sorted(ids);
        let mut taken = Vec::new();
        let mut sizes = Vec::new();
        while let Some(some) = pace.next() {
            pace.learn(some.len(), some.len() * if sizes.is_empty() { 10 } else { 1 << 20 });
            sizes.push(some.len());
            taken.extend(some);
        }
        assert_eq!(sizes.get(..3), Some(&[FIRST, MOST, FEWEST][..]));
        assert!(taken.iter().enumerate().all(|(n, id)| *id == n.to_string()));
        assert_eq!(taken.len(), 50_000);
        assert!(Pace::of(Vec::new()).next().is_none());
    }
}

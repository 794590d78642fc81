//! Where a row is, in a column that came in several chunks.

/// Finds the chunk of a row with two look-ups, so that chunks need no concatenation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    /// First row of each chunk, and the number of rows at the end.
    starts: Vec<u32>,
    /// For each stretch of 2^`shift` rows, the chunk of its first row.
    guide: Vec<u32>,
    shift: u32,
}

impl Layout {
    /// From the lengths of the chunks; `None` if the rows do not fit 32 bits.
    pub(crate) fn new(lengths: impl IntoIterator<Item = usize>) -> Option<Self> {
        let mut starts = vec![0u32];
        let mut rows = 0u32;
        for length in lengths {
            rows = rows.checked_add(u32::try_from(length).ok()?)?;
            starts.push(rows);
        }
        if u64::from(rows) > crate::bounds::MAX_ROWS {
            return None;
        }
        // Stretches about as long as a chunk: one or two steps from the guide to the chunk.
        let chunks = u32::try_from(starts.len() - 1).ok()?.max(1);
        let shift = (rows / chunks).max(1).ilog2();
        let mut guide = Vec::new();
        let mut chunk = 0u32;
        for first in (0..rows).step_by(1 << shift) {
            while starts.get(chunk as usize + 1).is_some_and(|&end| end <= first) {
                chunk += 1;
            }
            guide.push(chunk);
        }
        Some(Self { starts, guide, shift })
    }

    pub(crate) fn rows(&self) -> u32 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Chunk and place in it. The row has to exist.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "a row that exists is below the last start")]
    pub(crate) fn locate(&self, row: u32) -> (usize, usize) {
        let mut chunk = self.guide[(row >> self.shift) as usize] as usize;
        while self.starts[chunk + 1] <= row {
            chunk += 1;
        }
        (chunk, (row - self.starts[chunk]) as usize)
    }

    /// The pieces of `count` rows from `start`: chunk, first place in it, length.
    pub(crate) fn pieces(
        &self,
        start: u32,
        count: usize,
    ) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let mut row = start;
        let mut left = count;
        std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let (chunk, at) = self.locate(row);
            let end = self.starts.get(chunk + 1).copied().unwrap_or(row);
            let length = left.min((end - row) as usize);
            left -= length;
            row += u32::try_from(length).unwrap_or(0);
            Some((chunk, at, length))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_whatever_the_chunks() {
        for lengths in [vec![], vec![5], vec![0, 3, 0, 0, 1, 1000, 7, 0], vec![64; 9], vec![1; 100]]
        {
            let layout = Layout::new(lengths.iter().copied()).unwrap();
            let expected: Vec<_> = lengths
                .iter()
                .enumerate()
                .flat_map(|(chunk, &length)| (0..length).map(move |at| (chunk, at)))
                .collect();
            assert_eq!(layout.rows() as usize, expected.len());
            for (row, &place) in expected.iter().enumerate() {
                assert_eq!(layout.locate(row as u32), place);
            }
            let pieces: Vec<_> = layout
                .pieces(0, expected.len())
                .flat_map(|(chunk, at, length)| (at..at + length).map(move |at| (chunk, at)))
                .collect();
            assert_eq!(pieces, expected);
        }
    }
}

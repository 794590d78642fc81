//! Entries by bucket → runs of one key, in order of time and id.

use super::Rows;
use super::entry::{self, Entry};
use super::partition::{Partitioned, scatter, starts};
use crate::control::{Steps, side_by_side};
use crate::error::Error;

/// Buckets up to this size are sorted at once; larger ones are split once more first.
const SORTED_AT_ONCE: usize = 32;
/// Entries whose keys are compared together: what is read of them fits the first-level cache.
const STRETCH: usize = 256;

/// Shows `each` every run of rows of one key, sorted by time, then id.
///
/// With `reach`, a key's rows come in several runs, split wherever two neighbours are farther
/// apart: what decides by neighbours needs no more, and rows that stand alone are never compared.
/// Every thread fills its own `A`; they come back in an order that depends on neither the threads
/// nor the order of the rows.
pub(crate) fn for_each_run<R: Rows, A: Default + Send>(
    rows: &R,
    entries: &Partitioned<Entry>,
    reach: Option<i64>,
    steps: &Steps<'_>,
    each: impl Fn(&mut A, &[Entry]) + Sync,
) -> Result<Vec<A>, Error> {
    // Rows that do not count are done with.
    steps.advance(rows.len() as usize - entries.len())?;
    side_by_side(entries.shares(steps.threads()), |share| {
        let mut out = A::default();
        let mut scratch = Scratch::default();
        for bucket in share {
            let (sorted, compared) = scratch.sort(entries, bucket);
            for stretch in stretches(sorted, reach) {
                let mixed = compared.keys(rows, stretch, reach);
                let clusters = stretch.chunk_by_mut(|a, b| are_near(*a, *b, reach));
                for (cluster, &is_mixed) in clusters.zip(mixed) {
                    visit(rows, cluster, is_mixed, reach, &mut |run| each(&mut out, run));
                }
            }
            steps.advance(sorted.len())?;
        }
        Ok(out)
    })
}

/// Cuts sorted entries into stretches that are looked at together, between two clusters.
fn stretches(sorted: &mut [Entry], reach: Option<i64>) -> impl Iterator<Item = &mut [Entry]> {
    let mut rest = sorted;
    std::iter::from_fn(move || {
        let all = std::mem::take(&mut rest);
        let further = all.get(STRETCH..).unwrap_or_default();
        let border = further.iter().zip(all.get(STRETCH - 1..).unwrap_or_default());
        let more = border.take_while(|(here, before)| are_near(**before, **here, reach)).count();
        let length = all.len().min(STRETCH + more);
        let (own, after) = all.split_at_mut(length);
        rest = after;
        (!own.is_empty()).then_some(own)
    })
}

/// Entries of one hash whose neighbours are near: of one key, unless two keys share the hash.
fn visit<R: Rows>(
    rows: &R,
    cluster: &mut [Entry],
    is_mixed: bool,
    reach: Option<i64>,
    each: &mut impl FnMut(&[Entry]),
) {
    if !is_mixed {
        order_ties(rows, cluster);
        return each(cluster);
    }
    // Two keys of one hash: the keys themselves sort them apart.
    cluster.sort_by(|&a, &b| {
        let keys = rows.cmp_key(entry::row(a), entry::row(b));
        keys.then(entry::time(a).cmp(&entry::time(b)))
    });
    for own in cluster.chunk_by_mut(|a, b| rows.same_key(entry::row(*a), entry::row(*b))) {
        for near in own.chunk_by_mut(|a, b| are_near(*a, *b, reach)) {
            order_ties(rows, near);
            each(near);
        }
    }
}

/// Whether two neighbours of one hash belong to one cluster.
#[inline]
fn are_near(older: Entry, newer: Entry, reach: Option<i64>) -> bool {
    entry::hash(older) == entry::hash(newer)
        && reach.is_none_or(|reach| entry::time(newer) - entry::time(older) <= reach)
}

/// Puts rows of one time in the order of their ids.
pub(super) fn order_ties<R: Rows>(rows: &R, run: &mut [Entry]) {
    for tied in run.chunk_by_mut(|a, b| entry::time(*a) == entry::time(*b)) {
        if tied.len() > 1 {
            tied.sort_unstable_by(|&a, &b| {
                let ids = rows.cmp_id(entry::row(a), entry::row(b));
                ids.then(entry::row(a).cmp(&entry::row(b)))
            });
        }
    }
}

/// Room for one bucket.
#[derive(Default)]
struct Scratch {
    entries: Vec<Entry>,
    counts: Vec<u32>,
    compared: Compared,
}

/// Keys that are compared together: those of the rows of each cluster.
#[derive(Default)]
struct Compared {
    rows: Vec<u32>,
    ends: Vec<usize>,
    mixed: Vec<bool>,
}

impl Compared {
    /// For each cluster of a stretch, whether it has rows of several keys.
    fn keys<R: Rows>(&mut self, rows: &R, stretch: &[Entry], reach: Option<i64>) -> &[bool] {
        self.rows.clear();
        self.ends.clear();
        for cluster in stretch.chunk_by(|a, b| are_near(*a, *b, reach)) {
            // A row that stands alone is compared with none.
            if cluster.len() > 1 {
                self.rows.extend(cluster.iter().map(|&entry| entry::row(entry)));
            }
            self.ends.push(self.rows.len());
        }
        self.mixed.clear();
        self.mixed.resize(self.ends.len(), false);
        rows.mixed(&self.rows, &self.ends, &mut self.mixed);
        &self.mixed
    }
}

impl Scratch {
    /// The bucket's entries, sorted, and room for comparing them.
    fn sort(
        &mut self,
        entries: &Partitioned<Entry>,
        bucket: usize,
    ) -> (&mut [Entry], &mut Compared) {
        let size = entries.bucket_len(bucket);
        self.entries.clear();
        if size <= SORTED_AT_ONCE {
            self.entries.extend(entries.bucket(bucket));
            self.entries.sort_unstable();
            return (&mut self.entries, &mut self.compared);
        }
        // As many parts as entries: most hold one or two, and sort in no time.
        let bits = size.ilog2();
        let part = |entry: Entry| (entry::hash(entry) >> (32 - bits)) as usize;
        self.counts.clear();
        self.counts.resize(1 << bits, 0);
        let counts = &mut self.counts;
        entries.bucket(bucket).for_each(|&entry| {
            if let Some(count) = counts.get_mut(part(entry)) {
                *count += 1;
            }
        });
        self.entries.resize(size, 0);
        let mut cursors = starts(&self.counts);
        let parts = entries.bucket(bucket).map(|&entry| (part(entry), entry));
        scatter(parts, &mut cursors, &mut self.entries);
        let mut rest = self.entries.as_mut_slice();
        for &count in self.counts.iter().filter(|&&count| count > 0) {
            let (own, after) = std::mem::take(&mut rest).split_at_mut(count as usize);
            own.sort_unstable();
            rest = after;
        }
        (&mut self.entries, &mut self.compared)
    }
}

//! What was measured, by dotted names.

use std::collections::BTreeMap;

use crate::time::Instant;

/// One measurement.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// A number and, if it is known, when it was taken. True is 1 and false 0; NaN is missing.
    Number(f64, Option<Instant>),
    /// An instant, such as that of the last backup.
    Instant(Instant),
    /// Several numbers, each with the instant it was taken at.
    Samples(Vec<(Instant, f64)>),
    /// Nothing, though the name is there.
    Null,
    /// Something that is no number and no instant, such as a word.
    Other,
}

/// Measurements by name. A name may have parts: `runs.fail_rate` is `fail_rate` below `runs`. What is
/// below a name may also be its instances, one reading each.
///
/// ```
/// use housekeep::health::{Reading, Snapshot};
///
/// let snapshot = Snapshot::new().number("disk.used", 84.0).number("queue", 12.0);
/// assert_eq!(snapshot.reading("disk.used"), Some(&Reading::Number(84.0, None)));
/// assert_eq!(snapshot.instances("disk").count(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot(BTreeMap<String, Node>);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Leaf(Reading),
    Branch(Snapshot),
}

impl Snapshot {
    /// Nothing measured.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, name: &str, value: f64) -> Self {
        self.with(name, Reading::Number(value, None))
    }

    /// Adds a reading, or puts it in the place of the one of this name.
    #[must_use]
    pub fn with(mut self, name: &str, reading: Reading) -> Self {
        self.insert(&name.split('.').collect::<Vec<_>>(), reading);
        self
    }

    /// Adds a reading below the names of a path. The last name may be an instance's, dots and all.
    pub fn insert(&mut self, path: &[&str], reading: Reading) {
        let Some((first, rest)) = path.split_first() else { return };
        if rest.is_empty() {
            self.0.insert((*first).to_owned(), Node::Leaf(reading));
            return;
        }
        let node = self.0.entry((*first).to_owned()).or_insert_with(Node::empty);
        if matches!(node, Node::Leaf(_)) {
            *node = Node::empty();
        }
        if let Node::Branch(below) = node {
            below.insert(rest, reading);
        }
    }

    /// The reading of this name.
    #[must_use]
    pub fn reading(&self, name: &str) -> Option<&Reading> {
        match self.node(name)? {
            Node::Leaf(reading) => Some(reading),
            Node::Branch(_) => None,
        }
    }

    /// The readings right below a name, in the order of their own names.
    pub fn instances(&self, name: &str) -> impl Iterator<Item = (&str, &Reading)> {
        let below = match self.node(name) {
            Some(Node::Branch(below)) => Some(&below.0),
            _ => None,
        };
        below.into_iter().flatten().filter_map(|(name, node)| match node {
            Node::Leaf(reading) => Some((name.as_str(), reading)),
            Node::Branch(_) => None,
        })
    }

    /// The reading of an instance of what has this name.
    #[must_use]
    pub fn instance(&self, name: &str, instance: &str) -> Option<&Reading> {
        match self.node(name)? {
            Node::Branch(below) => match below.0.get(instance)? {
                Node::Leaf(reading) => Some(reading),
                Node::Branch(_) => None,
            },
            Node::Leaf(_) => None,
        }
    }

    /// Whether what has this name has instances, even if there are none at the moment.
    #[must_use]
    pub fn has_instances(&self, name: &str) -> bool {
        matches!(self.node(name), Some(Node::Branch(_)))
    }

    /// Adds a name below the names of a path that has instances, of which there are none yet.
    pub fn insert_empty(&mut self, path: &[&str]) {
        let Some((first, rest)) = path.split_first() else { return };
        let node = self.0.entry((*first).to_owned()).or_insert_with(Node::empty);
        if let Node::Branch(below) = node {
            below.insert_empty(rest);
        }
    }

    fn node(&self, name: &str) -> Option<&Node> {
        if let Some(node) = self.0.get(name) {
            return Some(node);
        }
        // A key may hold a dot itself, so the name is not simply cut at the first.
        name.match_indices('.').find_map(|(dot, _)| match self.0.get(name.get(..dot)?)? {
            Node::Branch(below) => below.node(name.get(dot + 1..)?),
            Node::Leaf(_) => None,
        })
    }
}

impl Node {
    fn empty() -> Self {
        Node::Branch(Snapshot::default())
    }
}

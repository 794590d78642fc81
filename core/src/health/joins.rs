//! How the statuses of checks become those of groups, and of the whole.

use super::{Group, RollUp, Status};

/// The groups of some checks, each after those it is made of, and what is in no group.
///
/// A place is a number: those of the checks in the order of their names, then those of the groups. A
/// status is a number, too: its place in [`Status::ALL`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Joins {
    pub(super) each: Vec<Join>,
    /// By place, whether it is in a group.
    is_member: Vec<bool>,
}

/// A group, by the places of what it is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Join {
    pub(super) own: usize,
    pub(super) members: Vec<usize>,
    /// As bad as so many are.
    pub(super) hits: usize,
    pub(super) cap: u8,
}

impl Joins {
    /// Of groups in an order in which each comes after those it is made of.
    pub(super) fn new<'a>(
        groups: impl Iterator<Item = (&'a str, &'a Group)>,
        place: impl Fn(&str) -> Option<usize>,
    ) -> Self {
        let mut joins = Self::default();
        for (name, group) in groups {
            let members: Vec<usize> = group.of.iter().filter_map(|of| place(of)).collect();
            for &member in &members {
                let places = joins.is_member.len().max(member + 1);
                joins.is_member.resize(places, false);
                if let Some(is_member) = joins.is_member.get_mut(member) {
                    *is_member = true;
                }
            }
            joins.each.extend(place(name).map(|own| Join::new(own, members, group)));
        }
        joins
    }

    /// Whether it is what is in no group that the whole is made of.
    pub(super) fn is_root(&self, place: usize) -> bool {
        !self.is_member.get(place).copied().unwrap_or_default()
    }

    /// The status of the whole: the worst of what is in no group.
    pub(super) fn whole(&self, codes: &[u8]) -> Option<u8> {
        let roots = codes.iter().enumerate().filter(|(place, _)| self.is_root(*place));
        roots.map(|(_, code)| *code).max()
    }
}

impl Join {
    fn new(own: usize, members: Vec<usize>, group: &Group) -> Self {
        let hits = match group.roll_up {
            RollUp::Worst => 1,
            RollUp::Count(quorum) => usize::from(quorum.hits()).min(members.len().max(1)),
        };
        Self { own, members, hits, cap: group.cap.unwrap_or(Status::Crit).code() }
    }

    /// The status before the cap, by those of all places; unknown without members.
    pub(super) fn of(&self, codes: &[u8]) -> u8 {
        let members = || self.members.iter().filter_map(|&member| codes.get(member).copied());
        let as_bad = |least: u8| members().filter(|own| *own >= least).count() >= self.hits;
        let found = match self.hits {
            1 => members().max(),
            _ => [3, 2, 1, 0].into_iter().find(|least| as_bad(*least)),
        };
        found.unwrap_or(Status::Unknown.code())
    }
}

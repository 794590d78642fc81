//! How many services are, as a document.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::columns::Cell;
use crate::health::Status;
use crate::report::{Counts, Fleet, FleetRow};
use crate::time::Instant;
use crate::wire::{VERSION, canonical};

#[derive(serde::Serialize)]
struct FleetDocument<'a> {
    housekeep: u32,
    kind: &'a str,
    at: Instant,
    policy_sha256: &'a str,
    total: u64,
    status: CountEntry,
    checks: Vec<CheckEntry<'a>>,
    groups: Vec<GroupEntry<'a>>,
    rows: Vec<RowEntry<'a>>,
}

#[derive(serde::Serialize)]
struct CountEntry {
    ok: u64,
    warn: u64,
    unknown: u64,
    crit: u64,
}

#[derive(serde::Serialize)]
struct CheckEntry<'a> {
    check: &'a str,
    #[serde(flatten)]
    counts: CountEntry,
}

#[derive(serde::Serialize)]
struct GroupEntry<'a> {
    group: &'a str,
    #[serde(flatten)]
    counts: CountEntry,
}

#[derive(serde::Serialize)]
struct RowEntry<'a> {
    /// From 1 on, as in messages.
    row: u64,
    #[serde(skip_serializing_if = "Id::is_none")]
    id: Id<'a>,
    status: Status,
    #[serde(skip_serializing_if = "Named::is_empty")]
    checks: Named<'a>,
    #[serde(skip_serializing_if = "Named::is_empty")]
    groups: Named<'a>,
}

/// An id as text, whatever its type.
struct Id<'a>(Cell<'a>);

impl Id<'_> {
    fn is_none(&self) -> bool {
        self.0 == Cell::Missing
    }
}

impl Serialize for Id<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Cell::Null => serializer.serialize_none(),
            cell => serializer.collect_str(&cell),
        }
    }
}

/// Statuses by name.
struct Named<'a>(Vec<(&'a str, Status)>);

impl Named<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, status) in &self.0 {
            map.serialize_entry(name, status)?;
        }
        map.end()
    }
}

impl From<Counts> for CountEntry {
    fn from(Counts { ok, warn, unknown, crit }: Counts) -> Self {
        Self { ok, warn, unknown, crit }
    }
}

impl<'a> From<FleetRow<'a>> for RowEntry<'a> {
    fn from(FleetRow { row, id, status, checks, groups }: FleetRow<'a>) -> Self {
        let (checks, groups) = (Named(checks), Named(groups));
        Self { row: u64::from(row) + 1, id: Id(id), status, checks, groups }
    }
}

/// The answer as canonical JSON.
pub(crate) fn write_fleet(fleet: &Fleet) -> String {
    let checks = fleet.checks();
    let groups = fleet.groups();
    canonical(&FleetDocument {
        housekeep: VERSION,
        kind: "fleet",
        at: fleet.now(),
        policy_sha256: fleet.policy_sha256(),
        total: fleet.total(),
        status: fleet.counts().into(),
        checks: checks
            .map(|(check, codes)| CheckEntry { check, counts: Counts::of(codes).into() })
            .collect(),
        groups: groups
            .map(|(group, codes)| GroupEntry { group, counts: Counts::of(codes).into() })
            .collect(),
        rows: fleet.rows().map(Into::into).collect(),
    })
}

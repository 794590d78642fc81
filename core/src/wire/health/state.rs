//! What is remembered of checks, as a document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Number;
use crate::error::{Code, Error, Leaf, quoted};
use crate::health::{
    Alarm, Counters, History, Incident, Memory, Mute, Record, State, Status, Sum, Votes,
};
use crate::time::Instant;
use crate::wire::{VERSION, canonical};

const KIND: &str = "health-state";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StateDocument {
    housekeep: u32,
    kind: String,
    now: Option<Instant>,
    checks: BTreeMap<String, BTreeMap<String, RecordDocument>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mutes: Vec<MuteDocument>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct MuteDocument {
    of: Vec<String>,
    from: Instant,
    until: Instant,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RecordDocument {
    status: Status,
    since: Instant,
    #[serde(default, skip_serializing_if = "AlarmDocument::is_quiet")]
    warn: AlarmDocument,
    #[serde(default, skip_serializing_if = "AlarmDocument::is_quiet")]
    crit: AlarmDocument,
    #[serde(skip_serializing_if = "Option::is_none")]
    told: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sampled: Option<Instant>,
    /// Whether samples come with instants of their own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    timed: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    samples: Vec<(Instant, Number)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counters: Option<CountersDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<IncidentDocument>,
    /// How it was when it was told of last, if nobody was told since.
    #[serde(skip_serializing_if = "Option::is_none")]
    unsaid: Option<Status>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct IncidentDocument {
    raised: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    called: Option<Instant>,
}

/// What two counters said last, and how much they went up until each instant.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct CountersDocument {
    last: (Number, Number),
    sums: Vec<(Instant, Number, Number)>,
}

#[derive(Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct AlarmDocument {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    raised: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    over_since: Option<Instant>,
    /// The last samples, the newest at the end: 1 for those that meet the threshold.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    votes: String,
}

/// What cannot be read as a state.
#[derive(Debug, Error)]
enum NotAState {
    #[error("this is no state of checks: {0}")]
    Syntax(String),
    #[error("this is a document of kind {}, and a state of checks was expected", quoted(.0))]
    Kind(String),
    #[error("the state is of version {0}, and this program reads version {VERSION}")]
    Version(u32),
}

impl Leaf for NotAState {
    fn code(&self) -> Code {
        match self {
            NotAState::Syntax(_) | NotAState::Kind(_) => Code::StateSyntax,
            NotAState::Version(_) => Code::StateVersion,
        }
    }

    fn help(&self) -> Option<String> {
        Some("give what the last evaluation left, or begin without a state".into())
    }
}

impl State {
    /// Reads what [`State::to_json`] wrote, whatever its white space.
    ///
    /// # Errors
    /// `state.syntax` for anything else, `state.version` for that of another version of the format.
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        let document: StateDocument =
            serde_json::from_slice(text).map_err(|error| NotAState::Syntax(error.to_string()))?;
        if document.housekeep != VERSION {
            return Err(NotAState::Version(document.housekeep).into());
        }
        if document.kind != KIND {
            return Err(NotAState::Kind(document.kind).into());
        }
        let records = |own: BTreeMap<String, RecordDocument>| {
            let own = own.into_iter().map(|(name, record)| Ok((name, record.read()?)));
            own.collect::<Result<_, NotAState>>()
        };
        let checks = document.checks.into_iter();
        let checks = checks.map(|(name, own)| Ok((name, records(own)?)));
        let checks = checks.collect::<Result<_, NotAState>>()?;
        let mutes = document.mutes.into_iter();
        let mutes = mutes.map(|MuteDocument { of, from, until }| Mute { of, from, until });
        Ok(Self { now: document.now, checks, mutes: mutes.collect() })
    }

    /// As canonical JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let records = |own: &BTreeMap<String, Record>| {
            own.iter().map(|(name, record)| (name.clone(), record.into())).collect()
        };
        canonical(&StateDocument {
            housekeep: VERSION,
            kind: KIND.to_owned(),
            now: self.now,
            checks: self.checks.iter().map(|(name, own)| (name.clone(), records(own))).collect(),
            mutes: self.mutes.iter().cloned().map(Into::into).collect(),
        })
    }
}

impl From<&Record> for RecordDocument {
    fn from(record: &Record) -> Self {
        let samples = record.memory.history.0.iter();
        Self {
            status: record.status,
            since: record.since,
            warn: record.warn.into(),
            crit: record.crit.into(),
            told: record.told,
            sampled: record.sampled,
            timed: record.timed,
            samples: samples.map(|(at, value)| (*at, Number(*value))).collect(),
            counters: CountersDocument::of(&record.memory.counters),
            incident: record.incident.clone().map(Into::into),
            unsaid: record.unsaid,
        }
    }
}

impl RecordDocument {
    fn read(self) -> Result<Record, NotAState> {
        let mut history = History::default();
        // All at once: what a state holds are different samples, though two may be of one instant.
        history.add(self.samples.into_iter().map(|(at, Number(value))| (at, value)));
        Ok(Record {
            status: self.status,
            since: self.since,
            warn: self.warn.read()?,
            crit: self.crit.read()?,
            told: self.told,
            sampled: self.sampled,
            timed: self.timed,
            memory: Memory {
                history,
                counters: self.counters.map(CountersDocument::read).unwrap_or_default(),
            },
            incident: self.incident.map(Into::into),
            unsaid: self.unsaid,
        })
    }
}

impl From<Mute> for MuteDocument {
    fn from(Mute { of, from, until }: Mute) -> Self {
        Self { of, from, until }
    }
}

impl From<Incident> for IncidentDocument {
    fn from(Incident { raised, acknowledged, called }: Incident) -> Self {
        Self { raised, acknowledged, called }
    }
}

impl From<IncidentDocument> for Incident {
    fn from(IncidentDocument { raised, acknowledged, called }: IncidentDocument) -> Self {
        Self { raised, acknowledged, called }
    }
}

impl CountersDocument {
    /// None of counters that said nothing.
    fn of(counters: &Counters) -> Option<Self> {
        let (part, total) = counters.last?;
        let sums = counters.sums.iter();
        Some(Self {
            last: (Number(part), Number(total)),
            sums: sums.map(|sum| (sum.at, Number(sum.part), Number(sum.total))).collect(),
        })
    }

    fn read(self) -> Counters {
        let (Number(part), Number(total)) = self.last;
        let sums = self.sums.into_iter();
        let sums = sums.map(|(at, Number(part), Number(total))| Sum { at, part, total });
        let mut sums: Vec<_> = sums.collect();
        sums.sort_by_key(|sum| sum.at);
        Counters { last: Some((part, total)), sums }
    }
}

impl From<Alarm> for AlarmDocument {
    fn from(alarm: Alarm) -> Self {
        let Alarm { raised, since, over_since, votes } = alarm;
        let last = (0..votes.cast).rev();
        let votes =
            last.map(|place| if votes.bits >> place & 1 == 1 { '1' } else { '0' }).collect();
        Self { raised, since, over_since, votes }
    }
}

impl AlarmDocument {
    fn is_quiet(&self) -> bool {
        *self == Self::default()
    }

    fn read(self) -> Result<Alarm, NotAState> {
        let Self { raised, since, over_since, votes } = self;
        if votes.len() > 64 || !votes.bytes().all(|vote| matches!(vote, b'0' | b'1')) {
            return Err(NotAState::Syntax(format!("{} are no votes", quoted(&votes))));
        }
        let mut cast = Votes::default();
        votes.bytes().for_each(|vote| cast.cast(vote == b'1'));
        Ok(Alarm { raised, since, over_since, votes: cast })
    }
}

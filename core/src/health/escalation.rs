//! Who is called about a check, and by when somebody has to do something: a pure function of when it
//! was raised, when somebody said that they are on it, and now.

use std::sync::Arc;

use thiserror::Error;

use crate::error::{Code, Error, Leaf};
use crate::time::{Duration, Hours, Instant};

/// Who is called about what is so severe, and by when it has to be dealt with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Severity {
    ack: Option<Duration>,
    resolve: Option<Duration>,
    tiers: Vec<Tier>,
}

/// Somebody who is called, at once or later, and in some hours alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    who: Arc<str>,
    after: Duration,
    hours: Times,
}

#[derive(Clone, Debug, PartialEq)]
enum Times {
    Always,
    Inside(Hours),
    Outside(Hours),
}

/// How far what is raised has gone up the tiers.
#[derive(Clone, Debug, PartialEq)]
pub struct Escalation {
    /// Since when it is raised.
    pub raised: Instant,
    /// When somebody said that they are on it, if they did: nobody is called from then on.
    pub acknowledged: Option<Instant>,
    /// Who was called, in the order in which they were.
    pub called: Vec<Call>,
    /// Who is called next, if nobody says that they are on it.
    pub next: Option<Call>,
    /// By when somebody has to say that they are on it; none if somebody did.
    pub acknowledge_by: Option<Instant>,
    /// By when it has to be over.
    pub resolve_by: Option<Instant>,
}

/// A call of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Who.
    pub who: Arc<str>,
    /// When.
    pub at: Instant,
}

/// A tier that is never called.
#[derive(Debug, Error)]
#[error("nothing is outside of these hours, so `{0}` is never called")]
struct NeverCalled(String);

impl Leaf for NeverCalled {
    fn code(&self) -> Code {
        Code::PolicyNeverMatches
    }

    fn help(&self) -> Option<String> {
        Some("take `hours` out of the tier, or the tier out".into())
    }
}

impl Severity {
    /// Nobody is called, and nothing is due.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How soon somebody has to say that they are on it.
    #[must_use]
    pub fn ack(mut self, time: Duration) -> Self {
        self.ack = Some(time);
        self
    }

    /// How soon it has to be over.
    #[must_use]
    pub fn resolve(mut self, time: Duration) -> Self {
        self.resolve = Some(time);
        self
    }

    /// Adds somebody who is called.
    #[must_use]
    pub fn tier(mut self, tier: Tier) -> Self {
        self.tiers.push(tier);
        self
    }

    /// How far what was raised at an instant has gone up by now.
    #[must_use]
    pub fn escalation(
        &self,
        raised: Instant,
        acknowledged: Option<Instant>,
        now: Instant,
    ) -> Escalation {
        // Somebody who is on it needs nobody else.
        let calls = self.tiers.iter().filter_map(|tier| tier.call(raised));
        let calls = calls.filter(|call| acknowledged.is_none_or(|end| call.at <= end));
        let (mut called, to_come): (Vec<_>, Vec<_>) = calls.partition(|call| call.at <= now);
        // Those of one instant stay in the order of their tiers.
        called.sort_by_key(|call| call.at);
        let by = |time: Option<Duration>| time.map(|time| raised.saturating_add(time));
        Escalation {
            raised,
            acknowledged,
            called,
            next: to_come.into_iter().min_by_key(|call| call.at),
            acknowledge_by: by(self.ack).filter(|_| acknowledged.is_none()),
            resolve_by: by(self.resolve),
        }
    }
}

impl Tier {
    /// Called at once, at any hour.
    pub fn new(who: impl Into<Arc<str>>) -> Self {
        Self { who: who.into(), after: Duration::ZERO, hours: Times::Always }
    }

    /// Called so long after it was raised.
    #[must_use]
    pub fn after(mut self, time: Duration) -> Self {
        self.after = time;
        self
    }

    /// Called in some hours alone: at another time, when those begin.
    #[must_use]
    pub fn inside(mut self, hours: Hours) -> Self {
        self.hours = Times::Inside(hours);
        self
    }

    /// Called outside of some hours alone: within them, when those end.
    ///
    /// # Errors
    /// `policy.never_matches` for hours that nothing is outside of.
    pub fn outside(mut self, hours: Hours) -> Result<Self, Error> {
        if hours.is_always() {
            return Err(NeverCalled(self.who.to_string()).into());
        }
        self.hours = Times::Outside(hours);
        Ok(self)
    }

    fn call(&self, raised: Instant) -> Option<Call> {
        let due = raised.saturating_add(self.after);
        let at = match &self.hours {
            Times::Always => Some(due),
            Times::Inside(hours) => hours.next_inside(due),
            Times::Outside(hours) => hours.next_outside(due),
        };
        at.map(|at| Call { who: Arc::clone(&self.who), at })
    }
}

impl Escalation {
    /// What has to be done next, by when: somebody says that they are on it, or it is over.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.acknowledge_by.or(self.resolve_by)
    }

    /// What should have been done by now, in the words of a report: `acknowledge`, `resolve`.
    #[must_use]
    pub fn late(&self, now: Instant) -> Vec<&'static str> {
        let all = [(self.acknowledge_by, "acknowledge"), (self.resolve_by, "resolve")];
        let late = all.into_iter().filter(|(by, _)| by.is_some_and(|by| by <= now));
        late.map(|(_, what)| what).collect()
    }

    /// The first instant after now at which somebody is called or something is late.
    #[must_use]
    pub fn next_change(&self, now: Instant) -> Option<Instant> {
        let next = self.next.as_ref().map(|call| call.at);
        let all = [next, self.acknowledge_by, self.resolve_by];
        all.into_iter().flatten().filter(|at| *at > now).min()
    }
}

//! A host that was down, and goes on.

use super::{Gate, Health, State};
use crate::time::{Duration, Instant};

/// How a host goes on that was down for a while, and could not see whether anything was wrong meanwhile.
/// The rules are those of Prometheus after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// How long it may have been down: after more, what was on its way to be raised begins anew.
    pub tolerance: Duration,
    /// How long it looks on, at least, before anything is raised that was not; what has to be so for a
    /// shorter time begins anew.
    pub grace: Duration,
}

impl Default for Outage {
    /// An hour, and ten minutes.
    fn default() -> Self {
        Self { tolerance: Duration::from_mins(60), grace: Duration::from_mins(10) }
    }
}

impl Health {
    /// Takes over what is remembered from before the host was down, which was from the last evaluation
    /// until now. That time does not count for what was on its way to be raised; what was raised stays so.
    #[must_use]
    pub fn resume(&self, mut state: State, outage: Outage, now: Instant) -> State {
        let Some(down) = state.now().filter(|down| *down < now) else { return state.at(now) };
        for (name, records) in &mut state.checks {
            let Some(Gate::For(time)) = self.check_named(name).map(|check| check.gates().0) else {
                continue;
            };
            for record in records.values_mut() {
                for alarm in [&mut record.warn, &mut record.crit] {
                    let pending = alarm.since.filter(|_| !alarm.raised);
                    if let Some(since) = pending {
                        alarm.since = resumed(since, time, outage, down, now);
                    }
                }
            }
        }
        state.at(now)
    }
}

/// Since when it counts that something is wrong that has to be so for a time.
fn resumed(
    since: Instant,
    time: Duration,
    outage: Outage,
    down: Instant,
    now: Instant,
) -> Option<Instant> {
    let lost = now.distance(down);
    if lost > outage.tolerance || time < outage.grace {
        return None;
    }
    let latest = now.saturating_add(outage.grace).saturating_sub(time);
    Some(since.saturating_add(lost).max(latest))
}

//! An age that is asked of many items at one moment.

use super::Edge;
use crate::time::{Instant, Span, Zone};

/// Months are no fixed length, but no count of them, and no change of a clock, makes more of a
/// difference than this: 40 days.
const SLACK_MICROS: i64 = 40 * 86_400_000_000;

/// Which items are older than an age, at one moment.
#[derive(Clone, Debug)]
pub(super) struct Aged {
    age: Span,
    edge: Edge,
    zone: Zone,
    now: Instant,
    /// What is no younger is over the age; in microseconds since 1970, as the next.
    surely: i64,
    /// What is younger is not. Between the two the calendar has to say.
    at_most: i64,
}

/// Times that are over an age at one moment.
#[cfg(feature = "documents")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ages {
    /// All until this one; none if the first is not.
    pub(crate) until: Option<Instant>,
    /// And those between two, both ends of them, in their order.
    pub(crate) later: Vec<(Instant, Instant)>,
}

impl Aged {
    pub(super) fn new(age: Span, edge: Edge, zone: Zone, now: Instant) -> Self {
        let (surely, at_most) = if age.is_calendar() {
            let about = age.before(now, zone).as_micros();
            (about - SLACK_MICROS, about + SLACK_MICROS)
        } else {
            let last = now.as_micros() - age.elapsed().as_micros() - i64::from(edge == Edge::After);
            (last, last)
        };
        Self { age, edge, zone, now, surely, at_most }
    }

    /// Which times are over it: all until one, and perhaps some that are later, where the calendar goes
    /// back: where clocks do, or where months are cut to their length.
    #[cfg(feature = "documents")]
    pub(super) fn ages(&self) -> Ages {
        let mut found: Vec<(Instant, Instant)> = Vec::new();
        let mut over = |from: i64, until: i64| {
            let (from, until) =
                (from.max(Instant::MIN.as_micros()), until.min(Instant::MAX.as_micros()));
            if let (Some(from), Some(until)) = (Instant::checked(from), Instant::checked(until)) {
                match found.last_mut().filter(|last| last.1.next() == Some(from)) {
                    Some(last) => last.1 = until,
                    None if from <= until => found.push((from, until)),
                    None => {}
                }
            }
        };
        over(Instant::MIN.as_micros(), self.surely);
        let mut at = Instant::checked(self.surely.saturating_add(1).max(Instant::MIN.as_micros()));
        while let Some(from) = at.filter(|at| at.as_micros() <= self.at_most) {
            // Within a day, and between two changes of the clock, the calendar goes only on.
            let end = self.zone.steady_until(from);
            let last = end.map_or(Instant::MAX.as_micros(), |end| end.as_micros() - 1);
            let last = last.min(self.at_most);
            let is_over = |micros| Instant::checked(micros).is_some_and(|at| self.is_over(at));
            if is_over(from.as_micros()) {
                let (mut same, mut other) = (from.as_micros(), last + 1);
                while other - same > 1 {
                    let middle = same + (other - same) / 2;
                    if is_over(middle) { same = middle } else { other = middle }
                }
                over(from.as_micros(), same);
            }
            at = end;
        }
        let until = found.first().filter(|first| first.0 == Instant::MIN).map(|first| first.1);
        Ages { until, later: found.into_iter().skip(usize::from(until.is_some())).collect() }
    }

    #[inline]
    pub(super) fn is_over(&self, at: Instant) -> bool {
        let micros = at.as_micros();
        micros <= self.surely || (micros <= self.at_most && self.is_over_by_calendar(at))
    }

    fn is_over_by_calendar(&self, at: Instant) -> bool {
        // Nothing is over an age that it reaches beyond the end of time.
        self.age.checked_after(at, self.zone).is_some_and(|end| match self.edge {
            Edge::After => self.now > end,
            Edge::At => self.now >= end,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    #[test]
    fn what_is_not_asked_of_the_calendar_is_what_it_would_say() {
        let zones =
            ["UTC", "America/Santiago", "Pacific/Apia"].map(|zone| Zone::parse(zone).unwrap());
        let ages = ["0s", "1us", "7d", "1mo", "11mo", "1y", "48mo", "100y", "1mo30d", "8000y9999w"];
        let nows = [
            "0001-01-01T00:00:00Z",
            "2024-02-29T23:59:59.999999Z",
            "2024-03-31T12:00:00Z",
            "2011-12-31T10:00:00Z",
            "9999-12-31T23:59:59.999998Z",
            "9999-12-31T23:59:59.999999Z",
        ];
        let day = Duration::from_mins(24 * 60);
        for (zone, now) in zones.iter().flat_map(|zone| nows.iter().map(move |now| (*zone, now))) {
            let now = Instant::parse(now).unwrap();
            for (age, edge) in ages.iter().flat_map(|age| [(age, Edge::After), (age, Edge::At)]) {
                let aged = Aged::new(age.parse().unwrap(), edge, zone, now);
                let about = aged.age.before(now, zone);
                let mut around = vec![Instant::MIN, Instant::MAX, now];
                let (mut older, mut younger) = (about, about);
                for _ in 0..100 {
                    for at in [older, younger] {
                        let tick = Duration::from_micros(1).unwrap();
                        around.extend([at.saturating_sub(tick), at, at.saturating_add(tick)]);
                    }
                    (older, younger) = (older.saturating_sub(day), younger.saturating_add(day));
                }
                for at in around {
                    let said = aged.is_over_by_calendar(at);
                    assert_eq!(aged.is_over(at), said, "{age} {edge:?} {zone} {now} {at}");
                }
            }
        }
    }
}

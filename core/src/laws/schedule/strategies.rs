//! Strategies that make schedules and what happens to them where the edges are: times that clocks skip or
//! show twice, windows over midnight, starts that are stale at the microsecond, and clocks that go back.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::schedule::{
    Calendar, CatchUp, Days, Done, End, Event, IfMissed, Override, Rerun, Schedule, Slot, SlotId,
    State, What,
};
use crate::time::{Date, Duration, Instant, WallTime, Weekday, Zone};

/// A schedule, what is remembered, and moments in any order.
#[derive(Clone, Debug)]
pub struct Case {
    /// The schedule.
    pub schedule: Schedule,
    /// What is remembered: what came of `events`, but for what was refused.
    pub state: State,
    /// What happened.
    pub events: Vec<Event>,
    /// When it is asked.
    pub moments: Vec<Instant>,
}

/// Zones whose clocks are changed by an hour, by half of one, at midnight, or not at all.
const ZONES: [&str; 10] = [
    "UTC",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Europe/London",
    "Asia/Beirut",
    "Pacific/Auckland",
    "Africa/Cairo",
    "America/Havana",
    "Asia/Kolkata",
];
/// Days about which clocks are changed somewhere.
const AROUND: [(i32, u32, u32); 6] =
    [(2025, 3, 9), (2025, 4, 6), (2025, 9, 7), (2025, 10, 26), (2025, 11, 2), (2026, 1, 5)];
/// What is known of the calendar.
const KNOWN: [(i32, u32, u32); 2] = [(2024, 1, 1), (2027, 12, 31)];

fn date((year, month, day): (i32, u32, u32)) -> Date {
    Date::new(year, month, day).unwrap_or(Date::MAX)
}

fn time() -> impl Strategy<Value = WallTime> {
    let edges = select(vec![(0, 0), (0, 30), (1, 0), (1, 45), (2, 0), (2, 30), (23, 30), (23, 59)]);
    let any = (0u32..24, 0u32..60);
    prop_oneof![edges, any]
        .prop_map(|(hour, minute)| WallTime::new(hour, minute, 0).unwrap_or(WallTime::MIN))
}

fn days() -> impl Strategy<Value = Vec<Days>> {
    let weekday = || select(Weekday::ALL.to_vec());
    let calendar = vec(0i64..700, 0..30).prop_filter_map("never open", |closed| {
        let [first, last] = KNOWN.map(date);
        let closed = closed.into_iter().filter_map(|day| first.plus(day));
        let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        let calendar = Calendar::new("open", &week, closed, first..=last).ok()?;
        Some(vec![Days::Calendar(Arc::new(calendar))])
    });
    let weekdays = vec(weekday().prop_map(Days::Weekday), 1..4);
    let month = prop_oneof![
        (1u32..5, weekday()).prop_map(|(nth, day)| Days::Nth(nth, day)),
        weekday().prop_map(Days::Last),
        (1u32..32).prop_map(Days::Day),
        Just(Days::LastDay),
    ];
    let daily = Just(vec![Days::Daily]);
    prop_oneof![3 => daily, 2 => weekdays, 2 => calendar, 1 => vec(month, 1..3)]
}

fn end() -> impl Strategy<Value = End> {
    let length =
        select(vec![1u32, 10, 30, 60, 120, 24 * 60, 50 * 60]).prop_map(Duration::from_mins);
    prop_oneof![length.prop_map(End::For), time().prop_map(End::Until)]
}

/// A schedule that makes sense.
pub fn schedule() -> impl Strategy<Value = Schedule> {
    let when = (days(), vec(time(), 1..4), end(), select(ZONES.to_vec()));
    let around = (select(vec![0u32, 1, 10]), of(select(vec![1u32, 60, 48 * 60])));
    let missed = (select(IfMissed::ALL.to_vec()), 1u32..8, of(1u32..4), any::<bool>());
    let runs = (1u32..4, select(vec![1u32, 60, 24 * 60]), select(Done::ALL.to_vec()));
    let tasks = (0usize..4, select(Rerun::ALL.to_vec()));
    let day = of((0i64..20, time(), of(end())));
    (when, around, missed, runs, tasks, day).prop_filter_map("makes no sense", |parts| {
        let ((days, times, end, zone), (cutoff, notice), missed, runs, tasks, day) = parts;
        let (attempts, stale, done) = runs;
        let mut schedule = Schedule::new(days, times, zone.parse::<Zone>().ok()?)
            .end(end)
            .cutoff(Duration::from_mins(cutoff))
            .attempts(attempts)
            .stale(Duration::from_mins(stale))
            .done(done);
        if let Some(notice) = notice {
            schedule = schedule.notice(Duration::from_mins(notice));
        }
        let (if_missed, look_back, max, in_window) = missed;
        schedule = schedule.if_missed(if_missed);
        if if_missed == IfMissed::Each {
            schedule = schedule.look_back(look_back);
            schedule = max.map_or(schedule.clone(), |max| schedule.max(max.min(look_back)));
        }
        if if_missed != IfMissed::Skip && in_window {
            schedule = schedule.catch_up(CatchUp::Window);
        }
        let (count, rerun) = tasks;
        let names = ["load", "adjust", "refresh"];
        schedule = schedule.tasks(names.into_iter().take(count));
        schedule = if count > 0 { schedule.rerun(rerun) } else { schedule };
        if let Some((after, at, end)) = day {
            let day = date(AROUND[0]).plus(after)?;
            let change = Override { at: vec![at], end };
            let changed = schedule.clone().on(day, change);
            schedule = if changed.clone().checked().is_ok() { changed } else { schedule };
        }
        schedule.checked().ok()
    })
}

fn what(tasks: Vec<Arc<str>>) -> impl Strategy<Value = What> {
    let finished = (of(any::<bool>()), of(any::<bool>()));
    let finished = finished.prop_map(|(completed, success)| What::Finished { completed, success });
    let other = select(vec![
        What::Started,
        What::Started,
        What::Manual,
        What::Abandoned,
        What::Skipped,
        What::Noticed,
    ]);
    let task = (any::<Index>(), any::<bool>()).prop_map(move |(index, success)| {
        let name = if tasks.is_empty() { "none".into() } else { Arc::clone(index.get(&tasks)) };
        What::Task { name, success }
    });
    prop_oneof![3 => other, 2 => finished, 1 => task]
}

/// An event of one of some slots, near the time when it opens.
fn event(slots: Vec<Slot>, tasks: Vec<Arc<str>>) -> impl Strategy<Value = Event> {
    let about = (any::<Index>(), of(1u32..4), select(vec![-60i64, 0, 1, 30, 600, 3000]));
    (about, what(tasks)).prop_map(move |((index, nth, after), what)| {
        let slot = index.get(&slots);
        let at = slot.open.as_micros() + after * 60_000_000;
        let at = Instant::checked(at).unwrap_or(slot.open);
        Event { slot: slot.id, nth, at, what }
    })
}

/// A schedule, up to `most` events, and some moments.
pub fn case(most: usize) -> impl Strategy<Value = Case> {
    let around = select(AROUND.to_vec()).prop_map(date);
    let made = (schedule(), around).prop_filter_map("has no slots there", |(schedule, day)| {
        let begin = |days| schedule.zone().first_at(day.plus(days)?, WallTime::MIN);
        let slots = schedule.slots(begin(-10)?, begin(10)?).ok()?;
        (!slots.is_empty()).then_some((schedule, day, slots))
    });
    made.prop_flat_map(move |(schedule, day, slots)| {
        let events = vec(event(slots.clone(), schedule.tasks.clone()), 0..=most);
        let first = slots.first().map_or_else(|| day.into(), |slot| slot.id);
        let edges: Vec<Instant> =
            slots.iter().flat_map(|slot| [slot.open, slot.cutoff, slot.close]).collect();
        let moment =
            (any::<Index>(), -2i64..3, -90i64..90).prop_map(move |(index, micros, minutes)| {
                let near = if micros == 0 { minutes * 60_000_000 } else { micros };
                Instant::checked(index.get(&edges).as_micros() + near).unwrap_or(Instant::MIN)
            });
        (Just(schedule), Just(first), events, vec(moment, 1..5), 0i64..4)
    })
    .prop_map(|(schedule, first, events, moments, later)| {
        let since = SlotId { date: first.date.plus(later).unwrap_or(first.date), ..first };
        let mut state = State::new(since);
        for event in &events {
            state = schedule.record(state.clone(), event).unwrap_or(state);
        }
        Case { schedule, state, events, moments }
    })
}

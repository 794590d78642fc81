//! The laws that are about zones, in every zone there is, over years in which clocks were changed oddly.

use housekeep::laws::schedule as laws;
use housekeep::schedule::{Days, End, Schedule};
use housekeep::time::{Date, Duration, Instant, WallTime, Zone};

/// Whole days were skipped in 1993 (Kwajalein), 1994 and 1995 (Line Islands) and 2011 (Samoa, Tokelau).
const YEARS: [i32; 6] = [1993, 1994, 2011, 2018, 2025, 2026];

fn zones() -> impl Iterator<Item = Zone> {
    chrono_tz::TZ_VARIANTS.iter().map(|zone| Zone::parse(zone.name()).unwrap())
}

fn time(hour: u32, minute: u32) -> WallTime {
    WallTime::new(hour, minute, 0).unwrap()
}

fn years() -> impl Iterator<Item = (Date, Date)> {
    YEARS.into_iter().map(|year| (Date::new(year, 1, 1).unwrap(), Date::new(year, 12, 31).unwrap()))
}

#[test]
fn each_day_has_its_slot_in_every_zone() {
    let mut zones_seen = 0;
    for zone in zones() {
        zones_seen += 1;
        for (first, last) in years() {
            let at = time(u32::try_from(zones_seen).unwrap() % 24, 30);
            let daily = Schedule::new([Days::Daily], [at], zone);
            let daily = daily.end(End::Until(time(2, 15))).checked().unwrap();
            laws::one_slot_a_day(&daily, first, last).unwrap();
            let from = zone.first_at(first, WallTime::MIN).unwrap();
            let to = zone.first_at(last, WallTime::MAX).unwrap();
            let middle = from.saturating_add(Duration::from_mins(180 * 24 * 60 + 17));
            laws::parts_make_the_whole(&daily, from, middle, to).unwrap();
            laws::windows_are_half_open(&daily, from, to).unwrap();
        }
    }
    assert!(zones_seen > 500, "{zones_seen}");
}

/// About every change of the clocks, at times that it skips or shows twice, and at those around it.
#[test]
fn windows_open_at_the_first_instant_in_every_zone() {
    let mut changes = 0;
    for zone in zones() {
        for (first, last) in years() {
            let mut day = first;
            while day <= last {
                let next = day.plus(1).unwrap();
                let begin = |date: Date| zone.first_at(date, time(0, 0)).unwrap().as_micros();
                // A day that is not 24 hours long, as the clocks show it.
                if begin(next) - begin(day) != 86_400_000_000 {
                    changes += 1;
                    for at in
                        [(0, 0), (0, 30), (1, 45), (2, 0), (2, 30), (3, 0), (23, 30), (23, 59)]
                    {
                        for date in [day.plus(-1).unwrap(), day, next] {
                            laws::opens_at_the_first_instant(zone, date, time(at.0, at.1)).unwrap();
                        }
                    }
                }
                day = next;
            }
        }
    }
    assert!(changes > 2000, "{changes}");
}

#[test]
fn the_next_slot_is_the_next_in_every_zone() {
    for zone in zones() {
        let nightly = Schedule::new([Days::Daily], [time(0, 15), time(2, 30)], zone);
        let nightly = nightly.end(End::For(Duration::from_mins(90))).checked().unwrap();
        let samoa = zone.first_at(Date::new(2011, 12, 28).unwrap(), time(0, 0)).unwrap();
        let spring = zone.first_at(Date::new(2026, 3, 7).unwrap(), time(0, 0)).unwrap();
        for from in [samoa, spring] {
            for hours in 0..72 {
                let now = from.saturating_add(Duration::from_mins(hours * 60));
                laws::next_is_next(&nightly, now).unwrap();
            }
        }
    }
}

/// Where time begins and ends, the clocks of some zones show a year that no day has.
#[test]
fn time_has_its_first_and_last_slot_in_every_zone() {
    for zone in zones() {
        let daily = Schedule::new([Days::Daily], [time(12, 0)], zone);
        let daily = daily.end(End::For(Duration::from_mins(30))).checked().unwrap();
        let first = daily.next(Instant::MIN).unwrap().unwrap();
        assert!(first.id.date <= Date::MIN.plus(1).unwrap(), "{zone}: {first:?}");
        let days = Duration::from_mins(48 * 60);
        let (early, late) = (Instant::MIN.saturating_add(days), Instant::MAX.saturating_sub(days));
        for (from, to) in [(Instant::MIN, early), (late, Instant::MAX)] {
            let slots = daily.slots(from, to).unwrap();
            assert!((1..=2).contains(&slots.len()), "{zone}: {slots:?}");
        }
        assert!(daily.next(late).unwrap().is_some(), "{zone}");
    }
}

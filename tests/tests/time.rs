//! Instants and durations against other implementations, and against their own text.

#![cfg(test)]

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;
use housekeep::time::{Duration, Instant, Zone};
use proptest::prelude::*;

fn instants() -> impl Strategy<Value = Instant> {
    (Instant::MIN.as_micros()..=Instant::MAX.as_micros())
        .prop_map(|micros| Instant::from_micros(micros).unwrap())
}

proptest! {
    #[test]
    fn an_instant_is_written_and_read_as_chrono_does(at in instants()) {
        let text = at.to_string();
        prop_assert_eq!(Instant::parse(&text).unwrap(), at);
        let other: DateTime<Utc> = text.parse().unwrap();
        prop_assert_eq!(other.timestamp_micros(), at.as_micros());
    }

    #[test]
    fn offsets_and_postgres_forms_are_read(at in instants(), minutes in -15 * 60..=15 * 60i32) {
        let offset = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
        let local = DateTime::from_timestamp_micros(at.as_micros()).unwrap().with_timezone(&offset);
        prop_assume!((1..=9999).contains(&chrono::Datelike::year(&local)));
        for form in ["%Y-%m-%dT%H:%M:%S%.6f%:z", "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.9f%:z"] {
            let text = local.format(form).to_string();
            prop_assert_eq!(Instant::parse(&text).unwrap(), at, "{}", text);
        }
    }

    #[test]
    fn no_text_is_read_that_chrono_refuses(text in "[0-9]{4}-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-][0-2][0-9]:[0-5][0-9])") {
        let ours = Instant::parse(&text).map(Instant::as_micros).ok();
        let theirs = DateTime::parse_from_rfc3339(&text).ok().map(|at| at.timestamp_micros());
        let in_range = theirs.filter(|micros| Instant::from_micros(*micros).is_ok());
        // The year 0 is outside even where an offset leads back inside.
        prop_assert!(ours == in_range || text.starts_with("0000"), "{text}: {ours:?} and {theirs:?}");
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        let _ = Instant::parse(&text);
        let _ = text.parse::<Duration>();
        let _ = Zone::parse(&text);
    }

    #[test]
    fn a_duration_is_written_and_read(micros in 0..=Duration::MAX.as_micros()) {
        let duration = Duration::from_micros(micros).unwrap();
        prop_assert_eq!(duration.to_string().parse::<Duration>().unwrap(), duration);
    }
}

#[test]
fn durations_by_name() {
    let micros = |text: &str| text.parse::<Duration>().unwrap().as_micros();
    for (text, seconds) in [
        ("10m", 600),
        ("7d", 604_800),
        ("90 days", 7_776_000),
        ("1h30m", 5_400),
        (" 1 h 30 min ", 5_400),
        ("1w", 604_800),
        ("0s", 0),
        ("1 week 1 day 1 hour 1 minute 1 second", 694_861),
    ] {
        assert_eq!(micros(text), seconds * 1_000_000, "{text}");
    }
    assert_eq!(micros("1ms1us"), 1_001);
    for refused in
        ["", " ", "m", "10", "10 m 5", "5m1h", "1m1m", "1.5h", "-1m", "1mo", "2y", "10M", "1e3s"]
    {
        assert!(refused.parse::<Duration>().is_err(), "{refused}");
    }
}

#[test]
fn clocks_set_forward_and_back() {
    // What a table without offsets holds, in the zone its rule names.
    let policy = |zone: &str| {
        format!("[dedupe.r]\nkey = [\"k\"]\ntime = \"t\"\nwindow = \"1s\"\ntz = \"{zone}\"\n")
    };
    let read = |zone: &str, local: &str| {
        let policy = housekeep::policy::Policy::from_toml(&policy(zone)).unwrap();
        let rule = policy.dedupe("r").unwrap();
        let csv = format!("id,k,t\n1,a,{local}\n");
        let table = housekeep::formats::Format::Csv.read(rule.needs(), csv.as_bytes()).unwrap();
        table.column("t").unwrap().cell(0).to_string()
    };
    for (zone, local, utc) in [
        ("America/New_York", "2026-03-08 01:59:59", "2026-03-08T06:59:59Z"),
        ("America/New_York", "2026-03-08 02:30:00", "2026-03-08T07:00:00Z"),
        ("America/New_York", "2026-11-01 01:30:00", "2026-11-01T05:30:00Z"),
        ("America/Santiago", "2026-09-06 00:30:00", "2026-09-06T04:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-04 02:15:00", "2026-10-03T15:30:00Z"),
        ("Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30T10:00:00Z"),
        ("UTC", "0001-01-01 00:00:00", "0001-01-01T00:00:00Z"),
    ] {
        assert_eq!(read(zone, local), utc, "{local} in {zone}");
    }
    for name in ["America/New_York", "America/Santiago", "Europe/Berlin"] {
        let tz: Tz = name.parse().unwrap();
        for hour in 0..24 * 365 {
            let at = Utc.timestamp_opt(1_767_225_600 + hour * 3600, 0).unwrap();
            let local = at.with_timezone(&tz).naive_local();
            let first = tz.from_local_datetime(&local).earliest().unwrap().to_utc();
            let expected = first.format("%Y-%m-%dT%H:%M:%SZ").to_string();
            if hour % 37 == 0 || first != at {
                assert_eq!(read(name, &local.to_string()), expected, "{local} in {name}");
            }
        }
    }
}

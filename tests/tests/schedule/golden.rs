//! The public cases of croner and robfig/cron, and the sessions of New York's exchange.

use std::collections::BTreeMap;

use housekeep::policy::Policy;
use housekeep::schedule::Schedule;
use housekeep::time::{Date, Duration, Instant};
use housekeep_tests::golden;
use serde_json::Value;

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn at(value: &Value) -> Instant {
    Instant::parse(value.as_str().unwrap()).unwrap()
}

fn cron(text: &str, zone: &str) -> Result<Policy, housekeep::Error> {
    Policy::from_toml(&format!("[schedule.x]\ncron = {text:?}\nfor = \"1m\"\ntz = {zone:?}\n"))
}

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn cron_of_fixed_times() {
    let suite = golden::read("schedule/cron_next.json");
    let mut run = 0;
    let mut wrong = Vec::new();
    for case in list(&suite["cases"]) {
        let has = |option: &str| !case["options"][option].is_null();
        if case.get("prev").is_some()
            || case.get("policy_sensitive").is_some()
            || has("dayOffset")
            || has("mode")
        {
            continue;
        }
        run += 1;
        let mut text = case["cron"].as_str().unwrap().to_owned();
        if case["options"]["domAndDow"] == true {
            // As croner writes the same in an expression.
            let (first, weekday) = text.rsplit_once(' ').unwrap();
            text = format!("{first} +{weekday}");
        }
        let policy = cron(&text, case["tz"].as_str().unwrap());
        let policy = match policy {
            Ok(policy) => policy,
            Err(error) => {
                // What never comes is refused when it is read.
                let never = error.code() == housekeep::Code::PolicyNeverMatches;
                assert!(never && case["next"].is_null(), "{case}: {error}");
                continue;
            }
        };
        let rule = policy.schedule("x").unwrap().schedule();
        let found = rule.next(at(&case["from"])).unwrap();
        let expected = (!case["next"].is_null()).then(|| at(&case["next"]));
        if found.map(|slot| slot.open) != expected {
            wrong.push(format!("{case}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {run}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(run, 461);
}

/// The exchange's calendar, and a schedule of it that looks back at so many sessions.
fn exchange(suite: &Value, look_back: usize, more: &str) -> Result<Policy, housekeep::Error> {
    let closed: Vec<&str> =
        list(&suite["holidays"]).iter().map(|day| day["date"].as_str().unwrap()).collect();
    Policy::from_toml(&format!(
        "[calendar.xnys]
         week = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]
         closed = {closed:?}
         known = [\"2020-01-01\", \"2026-12-31\"]
         [schedule.x]
         days = \"xnys\"
         at = \"17:00\"
         for = \"30m\"
         tz = \"America/New_York\"
         missed = \"each\"
         look_back = {look_back}
         {more}"
    ))
}

fn schedule(policy: &Policy) -> &Schedule {
    policy.schedule("x").unwrap().schedule()
}

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn sessions_of_new_york() {
    let suite = golden::read("schedule/xnys_sessions.json");
    let policy = exchange(&suite, 7, "").unwrap();
    let slots = schedule(&policy)
        .slots(
            Instant::parse("2020-01-01T12:00:00Z").unwrap(),
            Instant::parse("2026-12-31T23:00:00Z").unwrap(),
        )
        .unwrap();
    let found: Vec<String> = slots.iter().map(|slot| slot.id.to_string()).collect();
    let sessions: Vec<&str> =
        list(&suite["sessions"]).iter().map(|day| day.as_str().unwrap()).collect();
    assert_eq!(found, sessions);
    assert_eq!(found.len(), 1759);
    // Three hours after the regular close there is half an hour of window on every one of them.
    for (slot, hours) in slots.iter().zip(list(&suite["session_hours"])) {
        let early = slot.open.distance(at(&hours["close_utc"]));
        assert!([1, 4].contains(&(early.as_micros() / 3_600_000_000)), "{hours}");
        assert_eq!(slot.close.distance(slot.open), Duration::from_mins(30));
    }
}

#[test]
#[cfg_attr(not(golden), ignore = "HOUSEKEEP_GOLDEN is not set")]
fn proofs_live_as_long_as_sessions_look_back() {
    let suite = golden::read("schedule/xnys_sessions.json");
    for (look_back, spans) in suite["lookback_spans"].as_object().unwrap() {
        let policy = exchange(&suite, look_back.parse().unwrap(), "").unwrap();
        let rule = schedule(&policy);
        let mut found: BTreeMap<String, i64> = BTreeMap::new();
        let sessions = list(&suite["sessions"]);
        let count = sessions.len() - look_back.parse::<usize>().unwrap();
        for day in sessions.iter().take(count) {
            let date: Date = day.as_str().unwrap().parse().unwrap();
            let slot = rule.slot(date.into()).unwrap().unwrap();
            let kept = rule.keep_until(slot.id).distance(slot.open).as_micros();
            // Less the week that a day may be declared closed in; to whole days, for clocks change.
            let days = (kept as f64 / 86_400e6 - 7.0).round() as i64;
            *found.entry(days.to_string()).or_default() += 1;
        }
        let expected: BTreeMap<String, i64> = spans["hist"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(days, count)| (days.clone(), count.as_i64().unwrap()))
            .collect();
        assert_eq!(found, expected, "{look_back}");
        // The longest, a week, and what clocks change: that is what has to be promised.
        let longest = spans["max_days"].as_i64().unwrap() + 7;
        let refused = exchange(&suite, look_back.parse().unwrap(), "retain = \"7d\"").unwrap_err();
        assert_eq!(refused.code().as_str(), "policy.conflict", "{refused}");
        let short = format!("retain = \"{}h\"", longest * 24 - 2);
        exchange(&suite, look_back.parse().unwrap(), &short).unwrap_err();
        let enough = format!("retain = \"{}h\"", longest * 24 + 2);
        exchange(&suite, look_back.parse().unwrap(), &enough).unwrap();
    }
}

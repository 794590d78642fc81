//! The JSON Schema agrees with the parser.

#![cfg(test)]

use std::collections::BTreeSet;

use housekeep::policy::Policy;
use housekeep::size::Size;
use housekeep::time::{Date, Duration, Span, WallTime};
use housekeep_tests::corpus::{cases, root};
use proptest::prelude::*;
use serde_json::Value;

fn schema() -> Value {
    serde_json::from_str(&Policy::schema()).unwrap()
}

#[test]
fn the_committed_schema_is_the_one_that_is_made() {
    let file = root().join("../core/policy.schema.json");
    if std::env::var_os("HOUSEKEEP_BLESS").is_some() {
        std::fs::write(&file, Policy::schema()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), Policy::schema());
}

#[test]
fn it_takes_every_sound_policy_and_refuses_misshapen_ones() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    // What only a check of the whole can see is sound to a schema.
    let shape = [
        "policy.unknown_field",
        "policy.unknown_value",
        "policy.wrong_type",
        "policy.missing_field",
    ];
    let (mut sound, mut refused) = (0, 0);
    for case in cases().iter().filter(|case| case.policy.is_some() || case.policy_file.is_some()) {
        let text = case.policy_text();
        let document: Option<Value> = if case.policy_is_json {
            serde_json::from_str(&text).ok()
        } else {
            toml::from_str(&text).ok()
        };
        let Some(document) = document else { continue };
        let read =
            if case.policy_is_json { Policy::from_json(&text) } else { Policy::from_toml(&text) };
        match read {
            Ok(_) => {
                assert!(validator.is_valid(&document), "{} is sound", case.name);
                sound += 1;
            }
            Err(error) if shape.contains(&error.code().as_str()) => {
                // These need to know what the rule reads, what a column holds, or what else there is.
                let deep = [
                    "policy-type-of-nothing",
                    "policy-wrong-type-comparison",
                    "policy-missing-window",
                    "has-in-text",
                    "has-in-time",
                    "list-compared",
                    "retention-bad-no-time",
                    "retention-bad-type-of-nothing",
                    "retention-bad-keep-where-type",
                    "retention-bad-keep-where-has",
                    "retention-bad-override-when-type",
                    "retention-bad-override-hold",
                    "health-group-unknown",
                    "health-lint-severity-unknown",
                    "health-lint-severity-no-other",
                    "health-lint-hours-unknown",
                    "health-lint-require-unknown",
                    "schedule-bad-days-list",
                    "schedule-bad-days-nothing",
                    "schedule-bad-days-word",
                    "schedule-bad-look-back-missing",
                    "schedule-bad-mutes",
                ];
                // So does the calendar that an age in months asks for.
                let is_deep =
                    deep.contains(&case.name.as_str()) || error.message().contains("calendar");
                if !is_deep {
                    assert!(!validator.is_valid(&document), "{} is misshapen", case.name);
                    refused += 1;
                }
            }
            Err(_) => {}
        }
    }
    assert!(sound > 300 && refused > 30, "{sound} sound and {refused} refused");
}

const DURATIONS: [&str; 7] = [
    "w|week|weeks",
    "d|day|days",
    "h|hr|hour|hours",
    "m|min|minutes",
    "s|sec|seconds",
    "ms",
    "us|µs",
];

/// What the schema says of texts of one kind.
fn validator(kind: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&schema()["$defs"][kind]).unwrap()
}

/// Texts of numbers and units, each unit at most once and in its order.
fn lengths(units: &[&str]) -> String {
    units.iter().map(|unit| format!("([0-9]{{1,4}} ?({unit}) ?)?")).collect()
}

#[test]
fn what_the_parser_takes_as_a_duration_the_pattern_matches() {
    let validator = validator("Duration");
    proptest!(|(text in lengths(&DURATIONS).as_str())| {
        let valid = validator.is_valid(&Value::String(text.clone()));
        prop_assert_eq!(valid, text.parse::<Duration>().is_ok(), "{}", text);
    });
    for refused in ["", "10", "m", "5m 1h", "-1m", "1mo", "1.5h"] {
        assert!(!validator.is_valid(&Value::String(refused.into())), "{refused}");
    }
}

#[test]
fn what_the_parser_takes_as_a_span_the_pattern_matches() {
    let validator = validator("Span");
    let units = [&["y|yr|year|years", "mo|month|months"][..], &DURATIONS].concat();
    proptest!(|(text in lengths(&units).as_str())| {
        let valid = validator.is_valid(&Value::String(text.clone()));
        prop_assert_eq!(valid, text.parse::<Span>().is_ok(), "{}", text);
    });
    // Whatever else it takes, too: numbers of any length, units that lie together, spaces anywhere.
    proptest!(|(text in "[ \t]?([0-9]{1,12}[ \t]{0,2}(y|mo|m|d|h|s|ms|years?|o)[ \t]?){0,4}")| {
        let is_taken = text.parse::<Span>().is_ok();
        prop_assert!(!is_taken || validator.is_valid(&Value::String(text.clone())), "{}", text);
    });
    for refused in ["", "10", "mo", "1mo 1y", "3d1y", "1y1y", "-1mo", "1.5y", "1y6"] {
        assert!(!validator.is_valid(&Value::String(refused.into())), "{refused}");
    }
}

#[test]
fn what_the_parser_takes_as_a_size_the_pattern_matches() {
    let validator = validator("Size");
    proptest!(|(text in " ?[0-9]{0,4} ?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB|kb|mb|KB|iB|M|)[ \t]?")| {
        let valid = validator.is_valid(&Value::String(text.clone()));
        prop_assert_eq!(valid, text.parse::<Size>().is_ok(), "{}", text);
    });
    for refused in ["", "10", "MB", "1.5GB", "-1B", "1GB 1MB", "10mb"] {
        assert!(!validator.is_valid(&Value::String(refused.into())), "{refused}");
    }
}

#[test]
fn what_the_parser_takes_as_a_day_or_a_time_of_day_the_pattern_matches() {
    let (date, time) = (validator("Date"), validator("WallTime"));
    proptest!(|(text in "[0-9]{4}-[0-3][0-9]-[0-3][0-9]")| {
        let is_taken = text.parse::<Date>().is_ok();
        prop_assert!(!is_taken || date.is_valid(&Value::String(text.clone())), "{}", text);
    });
    proptest!(|(text in "[0-2][0-9]:[0-6][0-9](:[0-6][0-9])?")| {
        let valid = time.is_valid(&Value::String(text.clone()));
        prop_assert_eq!(valid, text.parse::<WallTime>().is_ok(), "{}", text);
    });
}

/// Every key of a retention rule, of a schedule and of a calendar, and of their parts, is said by some
/// case, so that the schema is held to each.
#[test]
fn the_corpus_says_every_key_of_a_rule() {
    let schema = schema();
    let families = [
        ("retention", "RetentionDocument"),
        ("schedule", "ScheduleDocument"),
        ("calendar", "CalendarDocument"),
    ];
    let mut said = BTreeSet::new();
    for case in cases().iter().filter(|case| !case.policy_is_json && !case.fails) {
        let Ok(policy) = toml::from_str::<Value>(&case.policy_text()) else { continue };
        for (family, document) in families {
            for rule in policy[family].as_object().into_iter().flat_map(|rules| rules.values()) {
                keys(rule, document, &mut said);
            }
        }
    }
    let parts =
        ["LimitDocument", "FloorDocument", "KeepDocument", "OverrideDocument", "DayDocument"];
    for name in families.map(|(_, document)| document).into_iter().chain(parts) {
        for key in schema["$defs"][name]["properties"].as_object().unwrap().keys() {
            assert!(said.contains(&format!("{name}.{key}")), "no case has {name}.{key}");
        }
    }
}

/// The keys of a part of a rule, each with the struct it is of.
fn keys(part: &Value, name: &str, said: &mut BTreeSet<String>) {
    for (key, value) in part.as_object().into_iter().flatten() {
        said.insert(format!("{name}.{key}"));
        let within = match key.as_str() {
            "limit" => "LimitDocument",
            "floor" => "FloorDocument",
            "keep" => "KeepDocument",
            "override" if name == "ScheduleDocument" => "DayDocument",
            "override" => "OverrideDocument",
            _ => continue,
        };
        match value {
            Value::Array(all) => all.iter().for_each(|one| keys(one, within, said)),
            one => keys(one, within, said),
        }
    }
}

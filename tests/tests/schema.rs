//! The JSON Schema agrees with the parser.

#![cfg(test)]

use housekeep::policy::Policy;
use housekeep::time::Duration;
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
                // These need to know what the rule reads, or what a column holds.
                let deep = [
                    "policy-type-of-nothing",
                    "policy-wrong-type-comparison",
                    "policy-missing-window",
                    "has-in-text",
                    "has-in-time",
                    "list-compared",
                ];
                if !deep.contains(&case.name.as_str()) {
                    assert!(!validator.is_valid(&document), "{} is misshapen", case.name);
                    refused += 1;
                }
            }
            Err(_) => {}
        }
    }
    assert!(sound > 40 && refused > 8, "{sound} sound and {refused} refused");
}

#[test]
fn what_the_parser_takes_as_a_duration_the_pattern_matches() {
    let duration = &schema()["$defs"]["Duration"];
    let validator = jsonschema::validator_for(duration).unwrap();
    let number = "[0-9]{1,4}";
    let units = [
        "w|week|weeks",
        "d|day|days",
        "h|hr|hour|hours",
        "m|min|minutes",
        "s|sec|seconds",
        "ms",
        "us|µs",
    ];
    let parts: Vec<String> = units.iter().map(|unit| format!("({number} ?({unit}) ?)?")).collect();
    proptest!(|(text in parts.concat().as_str())| {
        let valid = validator.is_valid(&Value::String(text.clone()));
        prop_assert_eq!(valid, text.parse::<Duration>().is_ok(), "{}", text);
    });
    for refused in ["", "10", "m", "5m 1h", "-1m", "1mo", "1.5h"] {
        assert!(!validator.is_valid(&Value::String(refused.into())), "{refused}");
    }
}

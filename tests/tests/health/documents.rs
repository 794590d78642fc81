//! What is measured and remembered, as documents.

use housekeep::health::{Reading, Snapshot, State};
use housekeep::policy::Policy;
use housekeep::time::Instant;
use housekeep::wire::Measured;
use housekeep::{Code, Error};
use proptest::prelude::*;
use serde_json::Value;

fn now() -> Instant {
    Instant::parse("2026-02-13T03:00:00Z").unwrap()
}

proptest! {
    #[test]
    fn numbers_survive_json_to_their_last_bit(number in any::<f64>()) {
        prop_assume!(number.is_finite());
        let policy = "[check.a]\nvalue = 'mean(a, 5m)'\nwarn = '> 0'";
        let policy = Policy::from_toml(policy).unwrap();
        let given = Snapshot::new().number("a", number);
        let text = serde_json::json!({ "a": number }).to_string();
        prop_assert_eq!(&Snapshot::from_json(text.as_bytes()).unwrap(), &given);
        let (_, state) = policy.health().unwrap().evaluate(&given, State::new(), now());
        let read = State::from_json(state.to_json().as_bytes()).unwrap();
        prop_assert_eq!(read, state);
    }
}

#[test]
fn metrics_in_memory_are_read_as_their_text_is() {
    let text = r#"{
        "a": {"b": 1, "c.d": true, "e": null}, "f": "2026-02-13T03:00:00Z", "g": "UP",
        "h": {"value": -2.5, "at": "2026-02-13T03:00:00Z"}, "i": "Infinity",
        "j": [["2026-02-13T03:00:00Z", 2], ["2026-02-13T02:00:00Z", 1]],
        "k": {"value": 1, "unit": 2}, "l": {}, "m": []
    }"#;
    let value: Value = serde_json::from_str(text).unwrap();
    let read = Snapshot::from_json(text.as_bytes()).unwrap();
    assert_eq!(Snapshot::from_measured((&value).into()).unwrap(), read);
    assert_eq!(read.reading("h"), Some(&Reading::Number(-2.5, Some(now()))));
    let at = Measured::List(vec![Measured::Instant(now()), Measured::Number(f64::INFINITY)]);
    let object = |name: &str, value| Measured::Object(vec![(name.to_owned(), value)]);
    let read = Snapshot::from_measured(object("x", Measured::List(vec![at]))).unwrap();
    assert_eq!(read.reading("x"), Some(&Reading::Samples(vec![(now(), f64::INFINITY)])));
}

#[test]
fn what_a_host_refuses_is_refused_with_its_path() {
    let wrong = || Measured::Wrong(Error::host(Code::MetricsBadValue, "a window", None));
    let object = |name: &str, value| Measured::Object(vec![(name.to_owned(), value)]);
    let list = |items: &[Measured]| Measured::List(items.to_vec());
    let sample = list(&[wrong(), Measured::Number(1.0)]);
    let timed =
        Measured::Object(vec![("value".into(), Measured::Number(1.0)), ("at".into(), wrong())]);
    for given in [wrong(), list(&[wrong()]), list(&[sample]), object("value", wrong()), timed] {
        let error = Snapshot::from_measured(object("a", object("b", given))).unwrap_err();
        assert_eq!(error.to_string(), "`a.b`: a window");
    }
    assert_eq!(Snapshot::from_measured(wrong()).unwrap_err().to_string(), "a window");
    let both = Measured::Object(vec![("b".into(), wrong()), ("a".into(), wrong())]);
    assert_eq!(Snapshot::from_measured(both).unwrap_err().path(), Some("a"));
    let deep = (0..70).fold(Measured::Null, |below, _| object("a", below));
    let error = Snapshot::from_measured(deep).unwrap_err();
    assert_eq!(error.code(), Code::MetricsBadValue);
    assert_eq!(error.message(), "the metrics are nested too deep");
}

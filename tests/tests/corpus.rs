//! The corpus, asked of Rust.

#![cfg(test)]

use std::collections::BTreeSet;

use housekeep::Code;
use housekeep_tests::corpus::{Case, cases, root};

#[test]
fn rust_gives_the_exact_answers() {
    let bless = std::env::var_os("HOUSEKEEP_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut ran = 0;
    for case in cases().iter().filter(|case| case.is_for("rust")) {
        let found = case.ask_rust();
        assert_eq!(found.is_err(), case.fails, "{}: {found:?}", case.name);
        let found = found.unwrap_or_else(|error| error.to_json());
        if bless {
            std::fs::write(case.answer_file(), &found).unwrap();
        }
        if found != case.answer() {
            wrong.push(format!("{}\nexpected:\n{}\nfound:\n{found}", case.name, case.answer()));
        }
        ran += 1;
    }
    assert!(ran > 400, "only {ran} cases were asked");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_error_code_has_a_case() {
    let mut missing: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    for case in cases().iter().filter(|case| case.fails) {
        let answer: serde_json::Value = serde_json::from_str(&case.answer()).unwrap();
        missing.remove(answer["error"]["code"].as_str().unwrap());
    }
    // What no document can bring about is tested where it comes about: see `kernel/control.rs`
    // and `hostile.rs`.
    for elsewhere in ["cancelled", "rows.too_large"] {
        missing.remove(elsewhere);
    }
    // What a database brings about is tested on one: see `tests/apply` and the tests of the drivers.
    missing.retain(|code| !code.starts_with("apply."));
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn every_reason_of_retention_has_a_case() {
    let removed = ["over_age", "over_count", "over_bytes", "period_taken", "period_covered"];
    let unclaimed = ["count_full", "too_old", "not_about"];
    let kept = ["held", "newest", "young", "claimed", "oldest", "saved", "within_limits"];
    let left = ["required", "not_matched", "null_time", "future"];
    let words = [&removed[..], &unclaimed, &kept, &left].concat();
    let answers: Vec<String> = cases().iter().map(Case::answer).collect();
    let is_missing =
        |why: &&&str| !answers.iter().any(|answer| answer.contains(&format!("\"why\": \"{why}\"")));
    let missing: Vec<_> = words.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn every_rule_that_retention_serves_is_shown() {
    let shown: BTreeSet<String> = cases().into_iter().flat_map(|case| case.shows).collect();
    for id in ["F1", "F2", "F3", "F4", "F5", "F9", "F10", "F11", "T4", "P5", "A2", "A6"] {
        assert!(shown.contains(id), "no case shows {id}");
    }
}

#[test]
fn no_answer_is_left_over() {
    let names: BTreeSet<String> = cases().into_iter().map(|case| case.name).collect();
    for file in std::fs::read_dir(root().join("corpus/answers")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(names.contains(&name), "{} is the answer to no case", path.display());
    }
}

//! Inputs made to break it: nothing panics, and no message speaks of Rust.

#![cfg(test)]

use housekeep::formats::Format;
use housekeep::plan::{Plan, Source};
use housekeep::policy::Policy;
use housekeep::time::Instant;
use housekeep::{Code, Control, Error};
use proptest::prelude::*;

const POLICY: &str = "[dedupe.runs]\nkey = [\"task\"]\ntime = \"at\"\nwindow = \"10m\"\n";

/// Words that only a Rust programmer would know.
const RUST: [&str; 14] = [
    "struct", "enum ", "u64", "i64", "f64", "usize", "Option", "Some(", "None", "Vec<", "String",
    "::", "unwrap", "Document",
];

fn check(error: &Error) {
    let said = error.to_string();
    // What stands in backticks is the user's own.
    let own: String = said.split('`').step_by(2).collect();
    for word in RUST {
        assert!(!own.contains(word), "{said}");
    }
    assert!(said.len() < 2_000, "too long: {} bytes", said.len());
    assert!(!said.ends_with('.'), "{said}");
    assert!(!own.contains('\n'), "{said}");
    let parsed: serde_json::Value = serde_json::from_str(&error.to_json()).unwrap();
    assert_eq!(parsed["error"]["code"], error.code().as_str());
}

fn plan(format: Format, bytes: &[u8]) -> Result<Plan, Error> {
    let policy = Policy::from_toml(POLICY).unwrap();
    let rule = policy.dedupe("runs").unwrap();
    let table = format.read(rule.needs(), bytes).inspect_err(check)?;
    let now = Instant::parse("2026-02-13T03:00:00Z").unwrap();
    rule.plan(&table, now, Source::new(), &Control::new()).inspect_err(check)
}

#[test]
fn very_long_texts() {
    let long = "x".repeat(1_000_000);
    let row = |id: &str, task: &str, at: &str| {
        format!("{{\"id\": \"{id}\", \"task\": \"{task}\", \"at\": \"{at}\"}}")
    };
    let at = "2026-02-12T00:00:00Z";
    let two = format!("[{}, {}]", row(&long, &long, at), row("b", &long, "2026-02-12T00:01:00Z"));
    let found = plan(Format::Json, two.as_bytes()).unwrap();
    assert_eq!(found.drop_count(), 1);
    assert_eq!(Plan::from_json(&found.to_json()).unwrap(), found);
    for bad in [
        format!("[{}]", row("a", "T", &long)),
        format!("[{}, {}]", row(&long, "T", at), row(&long, "T", at)),
        format!("[{{\"{long}\": 1}}]"),
    ] {
        plan(Format::Json, bad.as_bytes()).unwrap_err();
    }
    let error = plan(Format::Csv, format!("{long},task,at\n").as_bytes()).unwrap_err();
    assert_eq!(error.code().as_str(), "rows.missing_column");
    for policy in [
        format!("[dedupe.{long}]\n"),
        format!("[dedupe.runs]\n{long} = 1\n"),
        POLICY.replace("10m", &long),
        POLICY.replace("10m", &"9".repeat(1_000_000)),
    ] {
        check(&Policy::from_toml(&policy).unwrap_err());
    }
}

#[test]
fn a_text_that_is_too_long_is_refused() {
    // No document of the corpus is this long.
    let row =
        format!("{{\"id\": \"{}\", \"task\": \"T\", \"at\": null}}\n", "x".repeat((256 << 20) + 1));
    let error = plan(Format::Ndjson, row.as_bytes()).unwrap_err();
    assert_eq!(
        (error.code().as_str(), error.to_string().as_str()),
        (
            "rows.too_large",
            "row 1, `id`: the text has 268435457 bytes, more than 268435456; leave such rows out",
        ),
    );
}

#[test]
fn lists_of_any_length() {
    let policy = POLICY.to_owned() + "only = { tags = { has = \"y\" } }\n";
    let policy = Policy::from_toml(&policy).unwrap();
    let needs = policy.dedupe("runs").unwrap().needs();
    let read = |tags: &str| {
        let row = format!("{{\"id\": 1, \"task\": \"T\", \"at\": null, \"tags\": [{tags}]}}\n");
        Format::Ndjson.read(needs, row.as_bytes()).inspect_err(check)
    };
    let many = "\"x\",".repeat(1_000_000);
    let table = read(&(many.clone() + "\"y\"")).unwrap();
    assert!(
        policy.dedupe("runs").unwrap().only()[0].1.matches(&table.column("tags").unwrap().cell(0))
    );
    assert_eq!(read(&(many + "7")).unwrap_err().code().as_str(), "rows.wrong_type");
    let deep = "[".repeat(100_000);
    assert_eq!(read(&deep).unwrap_err().code().as_str(), "rows.syntax");
    let long = format!("\"{}\"", "x".repeat(256 << 20));
    let error = read(&long).unwrap_err();
    assert_eq!(
        (error.code().as_str(), error.message()),
        ("rows.too_large", "the list has 268435466 bytes, more than 268435456"),
    );
}

#[test]
fn deep_nesting_is_refused() {
    for format in [Format::Json, Format::Ndjson] {
        plan(format, &b"[".repeat(100_000)).unwrap_err();
        plan(format, &b"{\"data\":".repeat(100_000)).unwrap_err();
        let deep = [b"{\"id\": ".as_slice(), &b"[".repeat(100_000)].concat();
        plan(format, &deep).unwrap_err();
    }
    check(&Policy::from_json(&"[".repeat(100_000)).unwrap_err());
    check(&Policy::from_json(&"{\"dedupe\":".repeat(100_000)).unwrap_err());
    let closed = format!("{{\"dedupe\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    check(&Policy::from_json(&closed).unwrap_err());
    check(&Policy::from_toml(&format!("a = {}", "[".repeat(100_000))).unwrap_err());
    check(&Policy::from_toml(&format!("a = {0}{0}", "[".repeat(100_000))).unwrap_err());
    let sound =
        Policy::from_toml("[dedupe.runs]\nkey = [\"task\"]\ntime = \"at\"\nwindow = \"1m\"\n");
    let setting = format!("only{}=1", ".a".repeat(100_000));
    check(&sound.unwrap().with("runs", &setting).unwrap_err());
    check(&Policy::from_toml(&format!("[{}]", ["a"; 10_000].join("."))).unwrap_err());
    check(&Plan::from_json(&"[".repeat(100_000)).unwrap_err());
}

#[test]
fn more_overrides_than_can_be_counted_are_refused() {
    let rule = "[retention.logs]\ntime = \"at\"\nlimit = { age = \"1d\" }\n";
    let change = "[[retention.logs.override]]\nwhen = { host = \"a\" }\nlimit = {}\n";
    let of = |count| Policy::from_toml(&format!("{rule}{}", change.repeat(count)));
    of(10_000).unwrap();
    let error = of(10_001).unwrap_err();
    check(&error);
    assert_eq!(error.code(), Code::PolicyOutOfRange);
}

#[test]
fn tables_that_hang_on_each_other_in_a_long_ring() {
    let table = |n: u32| {
        let next = (n + 1) % 20_000;
        format!("[table.t{n}]\nchildren = [{{ table = \"t{next}\", key = \"up\" }}]\n")
    };
    let tables: String = (0..20_000).map(table).collect();
    let rule = "[retention.logs]\ntable = \"t7\"\ntime = \"at\"\nlimit = { age = \"1d\" }\n";
    Policy::from_toml(&format!("{tables}{rule}")).unwrap();
    let error = Policy::from_toml(&format!("never = [\"t6\"]\n{tables}{rule}")).unwrap_err();
    check(&error);
    assert_eq!(error.code(), Code::PolicyProtected);
}

#[test]
fn a_mark_at_the_start_says_nothing() {
    let csv = "\u{feff}id,task,at\na,T,2026-02-12T00:00:00Z\n";
    let json = "\u{feff}[{\"id\": \"a\", \"task\": \"T\", \"at\": \"2026-02-12T00:00:00Z\"}]";
    let line = "\u{feff}{\"id\": \"a\", \"task\": \"T\", \"at\": \"2026-02-12T00:00:00Z\"}";
    for (format, text) in [(Format::Csv, csv), (Format::Json, json), (Format::Ndjson, line)] {
        assert_eq!(plan(format, text.as_bytes()).unwrap().total(), 1, "{format:?}");
    }
}

#[test]
fn line_ends_of_any_kind() {
    for end in ["\n", "\r\n"] {
        let csv = [
            "id,task,at",
            "a,,2026-02-12T00:00:00Z",
            "b,\"\",2026-02-12T00:00:00Z",
            "c,,2026-02-12T00:01:00Z",
        ];
        let found = plan(Format::Csv, csv.join(end).as_bytes()).unwrap();
        // Null and the empty text are two keys: `a` goes for `c`, and `b` stays.
        let ids: Vec<_> = found.drop_ids().map(|id| id.to_string()).collect();
        assert_eq!(ids, ["a"], "{end:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_as_rows(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for format in [Format::Json, Format::Ndjson, Format::Csv] {
            let _ = plan(format, &bytes);
        }
        let _ = Format::sniff(&bytes);
    }

    #[test]
    fn almost_rows(text in "(\\{\"id\": ?(1|\"a\"|null),? ?\"task\": ?(\"T\"|\\[1\\]|true|1.5), ?\"at\": ?(\"2026-02-1[0-9]T00:0[0-9]:00Z\"|7|null)\\}[,\n]?){0,5}[\\]}]?") {
        for text in [format!("[{text}"), text.clone(), format!("{{\"data\": [{text}]}}")] {
            for format in [Format::Json, Format::Ndjson] {
                let _ = plan(format, text.as_bytes());
            }
        }
    }

    #[test]
    fn any_text_as_a_policy(text in "\\PC{0,200}") {
        for error in [Policy::from_toml(&text), Policy::from_json(&text)].into_iter().filter_map(Result::err) {
            check(&error);
        }
    }

    #[test]
    fn almost_policies(
        key in prop::sample::select(vec!["window", "mode", "keep", "only", "guard", "types", "tz", "skew", "key", "time", "id", "table", "open", "null_key", "advise_above", "time_unit", "x"]),
        value in prop::sample::select(vec!["\"10m\"", "7", "-7", "1.5", "true", "[]", "[\"a\", 1]", "{}", "{ a = 1 }", "{ a = { lt = [1] } }", "{ a = [true, \"x\"] }", "\"anchor\"", "\"\"", "2026-01-01", "inf", "nan", "{ max_fraction = nan }", "{ a = 1.5 }", "{ a = { null = 1 } }", "{ a = { has = [] } }", "{ a = { has = [\"x\", 1] } }", "{ a = { has = \"x\", lt = 1 } }", "{ at = \"list\" }", "{ task = \"list\" }"]),
    ) {
        let base = POLICY.lines().filter(|line| !line.starts_with(&format!("{key} "))).collect::<Vec<_>>().join("\n");
        if let Err(error) = Policy::from_toml(&format!("{base}\n{key} = {value}\n")) {
            check(&error);
            prop_assert!(error.position().is_some(), "{error:?} has no line");
        }
    }

    #[test]
    fn a_cut_or_changed_plan_is_refused(cut in 0..3000usize, byte in 0..3000usize) {
        let csv = "id,task,at\na,T,2026-02-12T00:00:00Z\nb,T,2026-02-12T00:01:00Z\n";
        let json = plan(Format::Csv, csv.as_bytes()).unwrap().to_json();
        if let Some(part) = json.get(..cut.min(json.len() - 2)) {
            check(&Plan::from_json(part).unwrap_err());
        }
        let at = byte % json.len();
        let mut changed = json.clone().into_bytes();
        if changed[at].is_ascii_digit() {
            changed[at] = if changed[at] == b'9' { b'0' } else { changed[at] + 1 };
            check(&Plan::from_json(std::str::from_utf8(&changed).unwrap()).unwrap_err());
        }
    }
}

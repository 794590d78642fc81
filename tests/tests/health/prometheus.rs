//! Alerting rules, judged by promtool: it reads them, and finds the same alerts as housekeep raises.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use housekeep::policy::{HealthRules, Policy};
use housekeep_tests::corpus::root;
use proptest::prelude::*;
use proptest::sample::select;

const EVERYTHING: &str = include_str!("prometheus.toml");

/// The real one: `tests/promtool.sh` finds or fetches it.
fn promtool() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let found = Command::new(root().join("promtool.sh")).output().unwrap();
        let said = String::from_utf8_lossy(&found.stderr);
        assert!(found.status.success(), "there is no promtool: {said}");
        String::from_utf8(found.stdout).unwrap().trim_end().into()
    })
}

fn health(policy: &str) -> HealthRules {
    Policy::from_toml(policy).unwrap().health().unwrap().clone()
}

/// What promtool says of rules and their tests, and whether it is content.
fn judged(name: &str, rules: &str, tests: &str) -> (bool, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("rules.yml"), rules).unwrap();
    fs::write(folder.join("tests.yml"), tests).unwrap();
    let asked = [["check", "rules", "rules.yml"], ["test", "rules", "tests.yml"]].map(|args| {
        let found = Command::new(promtool()).args(args).current_dir(&folder).output().unwrap();
        let said = [found.stdout, found.stderr].concat();
        (found.status.success(), String::from_utf8_lossy(&said).into_owned())
    });
    let [(is_sound, checked), (is_right, tested)] = asked;
    (is_sound && is_right, checked + &tested)
}

/// How often each alert fires in its test, and how often not.
fn outcomes(tests: &str) -> BTreeMap<String, (usize, usize)> {
    let mut all: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in tests.lines().filter(|line| line.contains("alertname: ")) {
        let name = line.split("alertname: \"").nth(1).unwrap().split('"').next().unwrap();
        let counts = all.entry(name.to_owned()).or_default();
        match line.contains("exp_labels") {
            true => counts.0 += 1,
            false => counts.1 += 1,
        }
    }
    all
}

/// promtool is content, and every alert has both fired and not. Gives the names of those that have a test.
fn agrees(name: &str, policy: &str) -> Vec<String> {
    let health = health(policy);
    let (rules, tests) = (health.to_prometheus(), health.to_prometheus_tests("rules.yml"));
    let (is_content, said) = judged(name, &rules, &tests);
    assert!(is_content, "{name}: {said}\n{rules}\n{tests}");
    let count = rules.matches("- alert: ").count();
    assert!(said.contains(&format!("SUCCESS: {count} rules found")), "{name}: {said}");
    let outcomes = outcomes(&tests);
    for (alert, (firing, quiet)) in &outcomes {
        assert!(*firing > 0 && *quiet > 0, "{name}: {alert} fires {firing} times of {quiet} more");
    }
    outcomes.into_keys().collect()
}

/// The alerts without a test.
fn untested(policy: &str, tested: &[String]) -> Vec<String> {
    let rules = health(policy).to_prometheus();
    let names = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: "));
    let names = names.map(|name| name.trim_matches('"').to_owned());
    names.filter(|name| !tested.contains(name)).collect()
}

#[test]
fn the_scenarios_agree() {
    let pymerp = [
        "RestartsCritical",
        "Uptime1dWarning",
        "Uptime1hCritical",
        "Uptime3dWarning",
        "Uptime6hCritical",
    ];
    let systems: [(&str, &[&str]); 5] = [
        ("agentes", &[]),
        ("elruso", &[]),
        ("facturapi", &["DbGrowthCritical"]),
        ("pymerp", &pymerp),
        ("tradeul", &[]),
    ];
    for (system, without) in systems {
        let policy = root().join("scenarios").join(system).join("policy.toml");
        let policy = fs::read_to_string(policy).unwrap();
        let tested = agrees(system, &policy);
        assert_eq!(untested(&policy, &tested), without, "{system}");
    }
}

#[test]
fn everything_that_a_check_may_say_agrees() {
    let tested = agrees("everything", EVERYTHING);
    let without = [
        "Api1dWarning",
        "Api1hCritical",
        "Api3dWarning",
        "Api6hCritical",
        "CountBreachCritical",
        "CountKeepCritical",
        "RatioCritical",
        "RatioWarning",
        "RestartsCritical",
        "WeekWarning",
    ];
    assert_eq!(untested(EVERYTHING, &tested), without);
    let rules = health(EVERYTHING).to_prometheus();
    let lines: Vec<&str> = rules.lines().map(|line| line.trim().trim_start_matches("# ")).collect();
    let text = lines.join(" ");
    for said in [
        "`both` is left out: ",
        "`last_20` is left out: it looks at the last so many samples",
        "`severity` is left out: ",
        "`too_long` is left out: ",
        "`too_short` is left out: ",
        "`runs.total` and `runs_total` are one metric here: runs_total.",
        "Groups have no alert here, for their checks have: `all`, `api`.",
        "What is said again is for Alertmanager's repeat_interval: `restarts` every 1h.",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn promtool_sees_what_is_wrong() {
    let health = health("[check.cpu]\nvalue = 'cpu'\ncrit = '> 85'\nclear = '< 80'");
    let (rules, tests) = (health.to_prometheus(), health.to_prometheus_tests("rules.yml"));
    assert_eq!(judged("right", &rules, &tests), judged("right", &rules, &tests));
    assert!(judged("right", &rules, &tests).0);
    // Another bound, another end of it, and no memory of what is raised.
    for (from, to) in
        [("cpu > 85", "cpu > 86"), ("cpu > 85", "cpu >= 85"), ("cpu >= 80", "cpu >= 85")]
    {
        assert!(rules.contains(from));
        let (is_content, said) = judged("wrong-rules", &rules.replace(from, to), &tests);
        assert!(!is_content && said.contains("FAILED"), "{to}: {said}");
    }
    // One expectation that is another.
    let quiet = tests.lines().find(|line| line.contains("exp_alerts: []")).unwrap();
    let fires = tests.lines().find(|line| line.contains("exp_labels")).unwrap();
    let fires = fires.split("exp_alerts").nth(1).unwrap();
    let other = format!("{}exp_alerts{fires}", quiet.split("exp_alerts").next().unwrap());
    let (is_content, said) = judged("wrong-tests", &rules, &tests.replace(quiet, &other));
    assert!(!is_content && said.contains("FAILED"), "{said}");
    // And what is no rule at all.
    let (is_content, said) = judged("no-rules", &rules.replace("cpu > 85", "cpu >> 85"), &tests);
    assert!(!is_content && said.contains("parse error"), "{said}");
}

#[test]
fn a_policy_of_which_nothing_can_be_said_has_no_rules() {
    let health = health("[check.a]\nvalue = 'fail_rate(a, 5)'\nwarn = '> 10%'");
    let (rules, tests) = (health.to_prometheus(), health.to_prometheus_tests("rules.yml"));
    let (is_content, said) = judged("nothing", &rules, &tests);
    assert!(is_content && said.contains("SUCCESS: 0 rules found"), "{said}");
    assert!(rules.contains("`a` is left out") && tests.contains("tests: []"), "{rules}{tests}");
}

/// A check in words, some of which do not go together.
fn check() -> impl Strategy<Value = String> {
    let metric = select(vec![
        "x",
        "x",
        "x",
        "a.b",
        "x / y",
        "x / y",
        "age(t)",
        "until(t)",
        "mean(x, 3m)",
        "max(x, 4m)",
        "min(x, 90s)",
        "p90(x, 5m)",
        "p0(x, 3m)",
        "growth(x, 4m)",
        "increase(x, 4m)",
        "fail_rate(x, 3)",
    ]);
    let bound = || (0i32..=6, select(vec![1.0, 60.0, 0.1])).prop_map(|(n, by)| f64::from(n) * by);
    let threshold = move || {
        prop_oneof![
            (select(vec![">", ">=", "<", "<=", "==", "!="]), bound())
                .prop_map(|(op, bound)| format!("{op} {bound}")),
            (select(vec!["inside", "outside"]), bound(), bound())
                .prop_map(|(word, low, high)| format!("{word} {low}..{high}")),
        ]
    };
    let delay = || select(vec!["0s", "1m", "2m", "150s", "1500us"]);
    let keys = (
        prop::option::weighted(0.5, threshold()),
        threshold(),
        prop::option::weighted(0.5, threshold()),
        prop::option::weighted(0.3, threshold()),
        prop::option::weighted(0.3, (select(vec!["x", "y", "z / y", "age(s)"]), threshold())),
        prop::option::weighted(0.4, delay()),
        prop::option::weighted(0.3, select(vec!["1m", "150s", "3m", "2 of 3"])),
        prop::option::weighted(0.7, select(vec!["unknown", "keep", "breach", "ok"])),
        prop::option::weighted(0.2, select(vec!["90s", "3m", "7m"])),
        (prop::bool::weighted(0.3), prop::bool::weighted(0.1)),
    );
    (metric, keys).prop_filter_map("a check that makes sense", |(metric, keys)| {
        let (warn, crit, clear, clear_crit, when, delay, keep, missing, stale, (each, counts)) =
            keys;
        let mut text = format!("value = '{metric}'\ncrit = '{crit}'\n");
        let raise = delay.filter(|_| !counts).map(str::to_owned);
        let pairs = [
            ("each", each.then(|| "instance".to_owned())),
            ("count", counts.then(|| "2 of 3".to_owned())),
            ("for", raise),
            ("keep", keep.map(str::to_owned)),
            ("missing", missing.map(str::to_owned)),
            ("stale", stale.map(str::to_owned)),
            ("when", when.map(|(metric, threshold)| format!("{metric} {threshold}"))),
            ("clear", clear),
            ("warn", warn),
            ("clear_crit", clear_crit),
        ];
        // What does not go with the rest is left out.
        let is_sound = |text: &str| Policy::from_toml(&format!("[check.a]\n{text}")).is_ok();
        for (key, value) in pairs {
            let Some(value) = value else { continue };
            let more = format!("{text}{key} = '{value}'\n");
            if is_sound(&more) {
                text = more;
            }
        }
        is_sound(&text).then_some(text)
    })
}

/// promtool takes its time, so each policy has several checks. `PROPTEST_CASES` may ask for more.
fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").is_ok();
    let usual = ProptestConfig::default();
    let cases = if asked { usual.cases } else { 40 };
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 200, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_policy_agrees(checks in prop::collection::vec(check(), 1..8)) {
        let each = checks.iter().enumerate().map(|(n, check)| format!("[check.c{n}]\n{check}"));
        let health = health(&each.collect::<String>());
        let (rules, tests) = (health.to_prometheus(), health.to_prometheus_tests("rules.yml"));
        let (is_content, said) = judged("any", &rules, &tests);
        prop_assert!(is_content, "{}\n{}\n{}", said, rules, tests);
    }
}

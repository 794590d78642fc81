//! The tests of promtool: series, and what housekeep raises of them.

use std::fmt::Write;

use super::notes::Testing;
use super::query::{label_name, selector};
use super::rules::{Alert, Exported, Rules};
use super::series::{Point, Series, make};
use super::trace::{Raised, raised};
use super::write::{comment, number, quoted};

/// How often another series is made, where a number came too near to a bound.
const TURNS: u64 = 32;

/// What holds for every test.
const HEAD: [&str; 2] = [
    "Tests of the alerting rules that housekeep made from the checks of a policy: \
     promtool test rules FILE.",
    "The series are made for each check, about its bounds. What is expected is what housekeep raises of \
     them, evaluated each minute.",
];

pub(super) fn write(checks: &[Exported<'_>], rules_file: &str) -> String {
    let mut out = String::new();
    for text in HEAD {
        comment(&mut out, 0, text);
    }
    let _ = writeln!(out, "rule_files:\n  - {}\nevaluation_interval: 1m", quoted(rules_file));
    let mut tests = String::new();
    let mut has_tests = false;
    for check in checks {
        let Ok(rules) = &check.rules else { continue };
        match traced(check, rules) {
            Some((series, raised)) => {
                has_tests = true;
                write_test(&mut tests, check, rules, &series, &raised);
            }
            None => {
                let text = format!(
                    "`{}` has no test: its rules do something else, as they say themselves.",
                    check.name
                );
                comment(&mut tests, 2, &text);
            }
        }
    }
    out.push_str(if has_tests { "tests:\n" } else { "tests: []\n" });
    out + &tests
}

/// The series for a check, and what is raised of them.
fn traced<'a>(check: &Exported<'a>, rules: &Rules) -> Option<(Vec<Series<'a>>, Vec<Raised>)> {
    if rules.testing() == Testing::Not {
        return None;
    }
    let is_rounded = rules.notes.iter().any(|note| note.is_rounded());
    (1..=TURNS).find_map(|turn| {
        let series = make(check, rules, turn);
        let raised = raised(check, &series, is_rounded)?;
        Some((series, raised))
    })
}

fn write_test(
    out: &mut String,
    check: &Exported<'_>,
    rules: &Rules,
    series: &[Series<'_>],
    raised: &[Raised],
) {
    let label = check.settings.each.as_deref().map(label_name).unwrap_or_default();
    let _ = writeln!(out, "  - name: {}\n    interval: 1m\n    input_series:", quoted(check.name));
    for series in series {
        let mut name = selector(series.name).replace('\'', "\"");
        if let Some(instance) = series.instance {
            let own = format!("{label}={}", quoted(instance));
            name = match name.strip_suffix('}') {
                Some(open) => format!("{open}, {own}}}"),
                None => format!("{name}{{{own}}}"),
            };
        }
        let points: Vec<String> = series.points.iter().map(Point::text).collect();
        let _ = writeln!(out, "      - series: {}", quoted(&name));
        let _ = writeln!(out, "        values: {}", quoted(&points.join(" ")));
    }
    out.push_str("    alert_rule_test:\n");
    for alert in &rules.alerts {
        let of = |raised: &Raised| -> Vec<Option<String>> {
            let own = raised.iter().filter(|(level, _)| *level == alert.level);
            own.map(|(_, instance)| instance.clone()).collect()
        };
        let firing: Vec<Vec<Option<String>>> = raised.iter().map(of).collect();
        for (minute, firing) in asked(&firing) {
            let _ = writeln!(
                out,
                "      - {{eval_time: {minute}m, alertname: {}, exp_alerts: [{}]}}",
                quoted(&alert.name),
                alerts(alert, &label, firing)
            );
        }
    }
}

impl Point {
    fn text(&self) -> String {
        match self {
            Point::Value(value) => number(*value),
            Point::Gap => "_".into(),
            Point::End => "stale".into(),
        }
    }
}

/// The first and the last minute, those in which something else fires than before, and those on either side.
fn asked<T: PartialEq>(firing: &[T]) -> impl Iterator<Item = (usize, &T)> {
    let last = firing.len().saturating_sub(1);
    let changes =
        move |n: usize| n > 0 && firing.get(n) != firing.get(n - 1) && firing.get(n).is_some();
    let is_asked = move |n: &usize| {
        *n == 0 || *n == last || changes(*n) || changes(n + 1) || (*n > 0 && changes(n - 1))
    };
    firing.iter().enumerate().filter(move |(n, _)| is_asked(n))
}

fn alerts(alert: &Alert, label: &str, firing: &[Option<String>]) -> String {
    let summary = quoted(&alert.summary);
    let one = |instance: &Option<String>| {
        let own = alert.labels.iter().map(|(label, text)| (*label, text.as_str()));
        let instance = instance.iter().map(|instance| (label, instance.as_str()));
        let labels = own.chain(instance).map(|(label, text)| format!("{label}: {}", quoted(text)));
        let labels = labels.collect::<Vec<_>>().join(", ");
        format!("{{exp_labels: {{{labels}}}, exp_annotations: {{summary: {summary}}}}}")
    };
    firing.iter().map(one).collect::<Vec<_>>().join(", ")
}

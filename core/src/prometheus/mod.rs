//! Checks as alerting rules of Prometheus, and what promtool holds them to.
//!
//! A rule says in PromQL what a check says. Where Prometheus cannot do the same, the rule says so in a
//! comment, or is left out. The tests are made from what housekeep itself finds: `promtool test rules`
//! then says whether both raise and lower the same alerts in the same minutes.

mod notes;
mod promtool;
mod query;
mod rules;
mod series;
mod trace;
mod write;

use std::fmt::Write;

use crate::policy::HealthRules;
use query::merged;
use rules::{Alert, Exported, exported};
use write::{comment, quoted, template};

/// What holds for every rule.
const HEAD: [&str; 9] = [
    "Alerting rules for Prometheus 2.42 or newer, made by housekeep from the checks of a policy.",
    "Each check has an alert for each of its levels, which fires while that level is raised: a warning goes \
     on while the critical alert of its check fires. What is unknown raises nothing.",
    "Dots and dashes in the names of metrics are underscores here. Each series of a metric is an instance, \
     judged by itself; a check without `each` is about a metric of one series. All series of a check have \
     the same labels, and none called alertname, alertstate, check, severity, action or priority.",
    "The severity of a policy is the label priority here, for Alertmanager to route by: who is called, and \
     when, is its own to say, and so is who is on it and what is muted.",
    "A number is missing where it is NaN, where its series has ended, and where there is no sample of the \
     last 5m, or with `stale` of as long as that says.",
    "An instant is in seconds since 1970, as precise as a float is: to less than a microsecond.",
    "A window leaves out a sample that is as old as the window is long. Prometheus does so from version 3 on; \
     a millisecond less does it in both.",
    "Where a rule asks whether it fires already, ALERTS says how the evaluation before left it.",
    "What Prometheus does in another way is said above each rule.",
];

impl HealthRules {
    /// Alerting rules for Prometheus 2.42 or newer, as YAML: one alert for each level of each check, which
    /// fires while that level is raised. Comments say what Prometheus does in another way, and what is left
    /// out.
    ///
    /// ```
    /// use housekeep::policy::Policy;
    ///
    /// let policy = Policy::from_toml(r#"
    ///     [check.queue]
    ///     value   = "queue.length"
    ///     warn    = "> 100"
    ///     for     = "5m"
    ///     missing = "ok"
    /// "#)?;
    /// let rules = policy.health()?.to_prometheus();
    /// assert!(rules.contains(r#"
    ///       - alert: "QueueWarning"
    ///         expr: "queue_length > 100"
    ///         for: "5m"
    /// "#));
    /// # Ok::<(), housekeep::Error>(())
    /// ```
    #[must_use]
    pub fn to_prometheus(&self) -> String {
        let all = exported(self);
        let mut out = String::new();
        self.head(&mut out);
        out.push_str("groups:\n  - name: housekeep\n    interval: 1m\n    rules:");
        let has_alerts = all.iter().any(|check| check.rules.is_ok());
        out.push_str(if has_alerts { "\n" } else { " []\n" });
        for check in &all {
            write_check(&mut out, check);
        }
        out
    }

    /// A test of `promtool test rules` for each check whose rules do as it does: series about its bounds, and
    /// what housekeep raises of them in each minute. `rules` is the name of the file that
    /// [`to_prometheus`](Self::to_prometheus) was written to, as seen from the file of the tests.
    #[must_use]
    pub fn to_prometheus_tests(&self, rules: &str) -> String {
        promtool::write(&exported(self), rules)
    }

    fn head(&self, out: &mut String) {
        for text in HEAD {
            comment(out, 0, text);
        }
        for (name, names) in merged(self.metric_names()) {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            comment(out, 0, &format!("{} are one metric here: {name}.", names.join(" and ")));
        }
        let groups: Vec<String> =
            self.health().groups().map(|(name, _)| format!("`{name}`")).collect();
        if !groups.is_empty() {
            let text =
                format!("Groups have no alert here, for their checks have: {}.", groups.join(", "));
            comment(out, 0, &text);
        }
        let repeats = self.health().checks().filter_map(|(name, _)| {
            self.settings(name)?.repeat.map(|time| format!("`{name}` every {time}"))
        });
        let repeats: Vec<String> = repeats.collect();
        if !repeats.is_empty() {
            let repeats = repeats.join(", ");
            let text =
                format!("What is said again is for Alertmanager's repeat_interval: {repeats}.");
            comment(out, 0, &text);
        }
    }

    fn metric_names(&self) -> impl Iterator<Item = &str> {
        self.health().checks().flat_map(|(_, check)| {
            let guards = check.guard().into_iter().flat_map(|(metric, _)| metric.names());
            check.metric().names().chain(guards)
        })
    }
}

/// The rules of a check, or why there are none.
fn write_check(out: &mut String, check: &Exported<'_>) {
    match &check.rules {
        Err(why) => {
            let text = format!("`{}` is left out: {}.", check.name, why.text());
            comment(out, 6, &text);
        }
        Ok(rules) => {
            for note in &rules.notes {
                comment(out, 6, note.text());
            }
            rules.alerts.iter().for_each(|alert| write_alert(out, alert));
        }
    }
}

fn write_alert(out: &mut String, alert: &Alert) {
    let Alert { name, expr, wait, keep, labels, summary, .. } = alert;
    let _ = writeln!(out, "      - alert: {}", quoted(name));
    let _ = writeln!(out, "        expr: {}", quoted(expr));
    for (key, time) in [("for", wait), ("keep_firing_for", keep)] {
        if let Some(time) = time {
            let _ = writeln!(out, "        {key}: {}", quoted(time));
        }
    }
    out.push_str("        labels:\n");
    for (label, text) in labels {
        let _ = writeln!(out, "          {label}: {}", quoted(&template(text)));
    }
    let summary = quoted(&template(summary));
    let _ = writeln!(out, "        annotations:\n          summary: {summary}");
}

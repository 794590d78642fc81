//! A report as OpenMetrics 1.0, for a scrape or a push.

use std::fmt::Write;

use super::{CheckReport, Report};
use crate::health::Status;

/// A metric family: its samples stand together, below what they are.
struct Family {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    samples: String,
}

impl Family {
    /// A family of which each sample is one of four statuses.
    fn of_statuses(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: "stateset", help, samples: String::new() }
    }

    fn of_numbers(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: "gauge", help, samples: String::new() }
    }

    fn sample(&mut self, labels: &[(&str, &str)], value: &str) {
        self.samples.push_str(self.name);
        for (n, (label, text)) in labels.iter().enumerate() {
            let before = if n == 0 { '{' } else { ',' };
            let _ = write!(self.samples, "{before}{label}=\"{}\"", escaped(text));
        }
        let after = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.samples, "{after} {value}");
    }

    /// One sample for each status, of which one is 1. The standard names the label after the family.
    fn status(&mut self, labels: &[(&str, &str)], found: Status) {
        for status in Status::ALL {
            let own = [labels, &[(self.name, status.as_str())]].concat();
            self.sample(&own, if *status == found { "1" } else { "0" });
        }
    }

    /// Nothing for a family without samples.
    fn write(&self, out: &mut String) {
        let Self { name, kind, help, samples } = self;
        if !samples.is_empty() {
            let _ = write!(out, "# TYPE {name} {kind}\n# HELP {name} {help}\n{samples}");
        }
    }
}

impl Report {
    /// The report as OpenMetrics 1.0: the status of the whole, of each check and of each group as
    /// `StateSet`s, and the number of each check that has one as a gauge. A check without a number has
    /// none here either; its status says so.
    #[must_use]
    pub fn to_openmetrics(&self) -> String {
        let mut whole = Family::of_statuses("housekeep_status", "How the whole is.");
        whole.status(&[], self.status());
        let mut statuses = Family::of_statuses("housekeep_check_status", "How each check is.");
        let mut values =
            Family::of_numbers("housekeep_check_value", "The number that each check looks at.");
        for check in self.checks() {
            let labels = labels(&check);
            statuses.status(&labels, check.verdict().status);
            if let Some(number) = check.verdict().value {
                values.sample(&labels, &number_text(number));
            }
        }
        let mut groups = Family::of_statuses("housekeep_group_status", "How each group is.");
        for group in self.groups() {
            groups.status(&[("group", &group.group)], group.status);
        }
        let mut out = String::new();
        [whole, statuses, values, groups].iter().for_each(|family| family.write(&mut out));
        out.push_str("# EOF\n");
        out
    }
}

fn labels<'a>(check: &CheckReport<'a>) -> Vec<(&'static str, &'a str)> {
    let instance = check.instance().map(|instance| ("instance", instance));
    std::iter::once(("check", check.name())).chain(instance).collect()
}

fn number_text(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    number.to_string()
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

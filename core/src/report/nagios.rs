//! A report as a Nagios plugin says it.

use std::fmt::Write;

use super::{CheckReport, Report};
use crate::error::Error;
use crate::health::{Status, Unit};

impl Status {
    /// The exit code of a Nagios plugin: 0 to 3.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Status::Ok => 0,
            Status::Warn => 1,
            Status::Crit => 2,
            Status::Unknown => 3,
        }
    }

    fn nagios(self) -> &'static str {
        match self {
            Status::Ok => "OK",
            Status::Warn => "WARNING",
            Status::Crit => "CRITICAL",
            Status::Unknown => "UNKNOWN",
        }
    }
}

impl Report {
    /// What a Nagios plugin prints: a line with the status and what is not ok, performance data behind a
    /// bar, and a line for each check that is not ok.
    #[must_use]
    pub fn to_nagios(&self) -> String {
        let bad: Vec<CheckReport<'_>> =
            self.checks().filter(|check| check.verdict().status != Status::Ok).collect();
        let mut out = format!("{}: {}", self.status().nagios(), self.word());
        match bad.as_slice() {
            [] => {}
            [one] => {
                let _ = write!(out, ", {}", plain(&one.sentence()));
            }
            all => {
                let _ = write!(out, ", {} of {} checks are not ok", all.len(), self.checks().len());
            }
        }
        let data: Vec<String> = self.checks().filter_map(|check| performance(&check)).collect();
        if !data.is_empty() {
            let _ = write!(out, " | {}", data.join(" "));
        }
        out.push('\n');
        if bad.len() > 1 {
            for check in &bad {
                let _ = writeln!(out, "{}", plain(&check.sentence()));
            }
        }
        out
    }
}

impl Error {
    /// What a Nagios plugin prints that could not check anything: one line, for exit code 3.
    #[must_use]
    pub fn to_nagios(&self) -> String {
        format!("{}: {}\n", Status::Unknown.nagios(), plain(&self.to_string()))
    }
}

/// `'label'=value[unit];warn;crit`, of a check that has a number.
fn performance(check: &CheckReport<'_>) -> Option<String> {
    let number = check.verdict().value.filter(|number| number.is_finite())?;
    let label = match check.instance() {
        Some(instance) => format!("{} {instance}", check.name()),
        None => check.name().to_owned(),
    };
    let label: String =
        label.chars().map(|c| if "='|\n\r".contains(c) { '_' } else { c }).collect();
    // Those that the guidelines know.
    let unit = match check.unit() {
        Some(unit @ (Unit::Percent | Unit::Bytes | Unit::Kilobytes | Unit::Megabytes)) => {
            unit.as_str()
        }
        Some(unit @ (Unit::Gigabytes | Unit::Terabytes)) => unit.as_str(),
        Some(unit @ (Unit::Seconds | Unit::Milliseconds | Unit::Microseconds)) => unit.as_str(),
        _ => "",
    };
    let (warn, crit) = check.rules.ranges(check.name());
    let range = |range: Option<String>| range.unwrap_or_default();
    let text = format!("'{label}'={number}{unit};{};{}", range(warn), range(crit));
    Some(text.trim_end_matches(';').to_owned())
}

/// On one line, and without the bar that begins performance data.
fn plain(text: &str) -> String {
    text.replace(['\n', '\r'], " ").replace('|', "/")
}

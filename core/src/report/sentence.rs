//! Verdicts in words.

use std::fmt::{self, Write};

use super::CheckReport;
use crate::bounds::EXACT_INTEGERS;
use crate::health::{Gap, Level, Pending, Reason, Unit};
use crate::policy::CheckDocument;
use crate::time::Duration;

/// The condition that decides.
pub(super) enum Bound<'a> {
    /// This is a warning, or critical.
    Bad(String, Level),
    /// This is expected, and is not.
    Expected(String),
    /// This is to be met before the check is ok again.
    Clears(String),
    /// This says where the number means something.
    When(&'a crate::health::When),
}

impl Bound<'_> {
    pub(super) fn text(&self) -> String {
        match self {
            Bound::Bad(text, _) | Bound::Expected(text) | Bound::Clears(text) => text.clone(),
            Bound::When(when) => when.to_string(),
        }
    }
}

/// The condition that decides a check, if one does.
pub(super) fn bound<'a>(check: &CheckReport<'a>) -> Option<Bound<'a>> {
    let settings = check.rules.settings(check.name())?;
    let verdict = check.verdict();
    match verdict.reason() {
        Reason::Idle => settings.when.as_ref().map(Bound::When),
        Reason::Met | Reason::Pending => raises(settings, verdict.meets),
        Reason::NotClear => {
            let crit = (verdict.level == Level::Crit).then_some(settings.clear_crit.as_ref());
            let clear = crit.flatten().or(settings.clear.as_ref());
            clear.map(|clear| Bound::Clears(clear.to_string()))
        }
        Reason::Fine | Reason::Kept | Reason::Missing => None,
    }
}

fn raises(settings: &CheckDocument, level: Level) -> Option<Bound<'static>> {
    match (level, &settings.warn, &settings.crit, &settings.expect) {
        (Level::Warn, Some(warn), ..) => Some(Bound::Bad(warn.to_string(), level)),
        (Level::Crit, _, Some(crit), _) => Some(Bound::Bad(crit.to_string(), level)),
        (Level::Crit, _, None, Some(expect)) => Some(Bound::Expected(expect.to_string())),
        _ => None,
    }
}

pub(super) fn sentence(check: &CheckReport<'_>) -> String {
    let mut said = format!("`{}`", check.name());
    if let Some(instance) = check.instance() {
        let _ = write!(said, " of `{instance}`");
    }
    let _ = write!(said, " is {}: {}", check.verdict().status.as_str(), why(check));
    said
}

pub(super) fn why(check: &CheckReport<'_>) -> String {
    let verdict = check.verdict();
    let mut said = judged(check);
    if let Some(at) = verdict.acknowledged {
        let _ = write!(said, "; acknowledged at {at}");
    }
    if let Some(until) = verdict.muted {
        let _ = write!(said, "; muted until {until}");
    }
    said
}

/// The number, or why there is none.
fn found(check: &CheckReport<'_>) -> String {
    let verdict = check.verdict();
    if let Some(gap) = verdict.gap {
        let when = check.rules.settings(check.name()).and_then(|settings| settings.when.as_ref());
        return match when.filter(|_| verdict.unguarded) {
            Some(when) => {
                format!("whether `{when}` cannot be told: {}", gap_text(gap))
            }
            None => gap_text(gap),
        };
    }
    let unit = check.unit().filter(|unit| *unit != Unit::Ratio || is_in_percent(check));
    let number = verdict.value.unwrap_or_default();
    let said = number_text(number, unit, |shown| check.rules.is_alike(check.name(), number, shown));
    match check.rules.target(check.name()) {
        Some(target) if number > 0.0 => {
            let times = rounded(number / (1.0 - target.get()), 1);
            format!("{said}, {times} times what {target} allows")
        }
        _ => said,
    }
}

/// What is found, and what follows from it.
fn judged(check: &CheckReport<'_>) -> String {
    let verdict = check.verdict();
    let mut said = found(check);
    if verdict.gap.is_some() && !verdict.idle {
        if verdict.held && verdict.level != Level::Ok {
            let _ = write!(said, "; {} is held", verdict.level.as_str());
        }
        return said;
    }
    let bound = match bound(check) {
        Some(Bound::Bad(text, Level::Crit)) => format!(", and `{text}` is critical"),
        Some(Bound::Bad(text, _)) => format!(", and `{text}` is a warning"),
        Some(Bound::Expected(text)) => format!(", and `{text}` is expected"),
        Some(Bound::Clears(text)) => format!(", and it clears at `{text}`"),
        Some(Bound::When(when)) => format!(", which means nothing unless `{when}`"),
        None => String::new(),
    };
    said.push_str(&bound);
    if let Some(pending) = verdict.pending {
        let _ = write!(said, "; {pending}");
    }
    said
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = self.to.as_str();
        match self.at {
            Some(at) => write!(f, "{to} from {at} on, if it stays so"),
            None => write!(f, "{to} if the next samples are like it"),
        }
    }
}

/// Whether the policy writes a threshold of the check in percent.
fn is_in_percent(check: &CheckReport<'_>) -> bool {
    let settings = check.rules.settings(check.name());
    let thresholds =
        settings.map(|own| [&own.warn, &own.crit, &own.expect, &own.clear, &own.clear_crit]);
    let written = thresholds.into_iter().flatten().flatten();
    written.into_iter().any(|threshold| threshold.to_string().contains('%'))
}

fn gap_text(gap: Gap) -> String {
    match gap {
        Gap::Absent => "it is not measured".into(),
        Gap::Null => "it is measured as null".into(),
        Gap::NotANumber => "what is measured is no number".into(),
        Gap::NotAnInstant => "what is measured is no instant".into(),
        Gap::Stale(age) => format!("it was last measured {} ago", whole(age)),
        Gap::NothingOfNothing => "it is 0 of 0".into(),
        Gap::TooFewSamples => "there are too few samples yet".into(),
    }
}

/// More seconds than this are no duration.
const MOST_SECONDS: f64 = 3e11;

/// A number with its unit, as a person reads it: as short as it can be while what is shown is on the same
/// side of every bound.
fn number_text(number: f64, unit: Option<Unit>, is_alike: impl Fn(f64) -> bool) -> String {
    if !number.is_finite() {
        return if number > 0.0 { "infinite".into() } else { "less than any number".into() };
    }
    if unit == Some(Unit::Seconds) && (60.0..MOST_SECONDS).contains(&number.abs()) {
        return time_text(number, is_alike);
    }
    let scale = if unit == Some(Unit::Ratio) { 100.0 } else { 1.0 };
    let shown = |digits: &usize| rounded(number * scale, *digits);
    let is_exact = |text: &String| text.parse().is_ok_and(|shown: f64| is_alike(shown / scale));
    // Sixteen digits behind the point say all of a number of which there are some before it.
    let text = (4..16).map(|digits| shown(&digits)).find(is_exact);
    let text = text.unwrap_or_else(|| (number * scale).to_string());
    match unit {
        Some(Unit::Ratio) => format!("{text}%"),
        Some(unit) => format!("{text}{unit}"),
        None => text,
    }
}

/// A time, to the second if that says it all.
fn time_text(seconds: f64, is_alike: impl Fn(f64) -> bool) -> String {
    let sign = if seconds < 0.0 { "-" } else { "" };
    #[expect(clippy::cast_possible_truncation, reason = "fewer than the longest duration has")]
    let micros = (seconds.abs() * 1e6).round() as i64;
    let whole = micros - micros % 1_000_000;
    let shown = (whole as f64 / 1e6).copysign(seconds);
    let micros = if is_alike(shown) { whole } else { micros };
    format!("{sign}{}", Duration::from_micros(micros).unwrap_or(Duration::MAX))
}

/// At most so many digits behind the point.
fn rounded(number: f64, digits: usize) -> String {
    if number.fract() == 0.0 && number.abs() <= EXACT_INTEGERS {
        // The digits of a whole number behind its point are the slowest of all to find.
        #[expect(clippy::cast_possible_truncation, reason = "it is an integer, and small")]
        return (number as i64).to_string();
    }
    let text = format!("{number:.digits$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.to_owned() }
}

fn whole(age: Duration) -> Duration {
    let micros = age.as_micros();
    let rest = if micros >= 1_000_000 { micros % 1_000_000 } else { 0 };
    Duration::from_micros(micros - rest).unwrap_or(age)
}

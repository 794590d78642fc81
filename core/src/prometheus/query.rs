//! Metrics and sets of numbers as PromQL.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::notes::Note;
use super::write::{millis_up, number, span};
use crate::health::{ErrorRatio, Metric, Numbers, Reduce};
use crate::time::Duration;

/// A metric as PromQL.
#[derive(Clone, Debug, Default)]
pub(super) struct Query {
    /// The number of each series, to be compared. It is missing where it is NaN, and where it is not.
    pub(super) number: String,
    /// What is measured: a number may be missing where this is not.
    pub(super) measured: String,
    /// Where Prometheus does something else.
    pub(super) notes: Vec<Note>,
}

/// Why a metric, or a check of it, is not exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// It looks at so many samples, however long ago.
    Samples,
    /// It asks for more time than Prometheus can say.
    TooLong,
    /// Its window is too short for Prometheus.
    TooShort,
    /// Its instances are told apart by a label that the alert has itself.
    Label,
    /// One of its metrics is both an instant and a number.
    InstantAndNumber,
}

impl LeftOut {
    pub(super) fn text(self) -> &'static str {
        match self {
            LeftOut::Samples => {
                "it looks at the last so many samples, and Prometheus knows windows of time alone"
            }
            LeftOut::TooLong => "it asks for more time than Prometheus can count",
            LeftOut::TooShort => {
                "its window is no longer than the millisecond that Prometheus counts in"
            }
            LeftOut::Label => "its instances are told apart by a label that an alert has itself",
            LeftOut::InstantAndNumber => {
                "it takes one metric for an instant and for a number, and is always missing"
            }
        }
    }
}

/// What is no name of a metric by itself: words of PromQL.
const WORDS: &[&str] = &[
    "and",
    "anchored",
    "atan2",
    "avg",
    "bool",
    "bottomk",
    "by",
    "count",
    "count_values",
    "end",
    "fill",
    "fill_left",
    "fill_right",
    "group",
    "group_left",
    "group_right",
    "ignoring",
    "inf",
    "limit_ratio",
    "limitk",
    "max",
    "min",
    "nan",
    "offset",
    "on",
    "or",
    "quantile",
    "range",
    "smoothed",
    "start",
    "stddev",
    "stdvar",
    "step",
    "sum",
    "topk",
    "unless",
    "without",
];

/// The name of a metric: letters, digits and underscores of ASCII, and colons.
pub(super) fn metric_name(name: &str) -> String {
    let is_sound = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mangled: String = name.chars().map(|c| if is_sound(c) { c } else { '_' }).collect();
    if mangled.starts_with(|c: char| c.is_ascii_digit()) { format!("_{mangled}") } else { mangled }
}

/// The name of a label.
pub(super) fn label_name(name: &str) -> String {
    let name = metric_name(name).replace(':', "_");
    if name.is_empty() { "_".into() } else { name }
}

/// What selects the series of a metric.
pub(super) fn selector(name: &str) -> String {
    let name = metric_name(name);
    if WORDS.contains(&name.to_ascii_lowercase().as_str()) {
        return format!("{{__name__='{name}'}}");
    }
    name
}

impl Query {
    /// A metric, of which a reading may be so old.
    pub(super) fn of(metric: &Metric, stale: Option<Duration>) -> Result<Self, LeftOut> {
        let read = |name: &str| reading(name, stale);
        Ok(match metric {
            Metric::Value(name) => {
                Self { number: read(name)?, measured: read(name)?, ..Self::default() }
            }
            Metric::Ratio(over, under) => {
                let (over, under) = (read(over)?, read(under)?);
                Self {
                    // A zero below is a zero, whatever its sign.
                    number: format!("{over} / ({under} + 0)"),
                    measured: format!("({over} or {under})"),
                    ..Self::default()
                }
            }
            // How old an instant is says nothing of how old the reading is.
            Metric::Age(name) => Self::instant(name, |name| format!("time() - {name}")),
            Metric::Until(name) => Self::instant(name, |name| format!("{name} - time()")),
            Metric::Window(reduce, name, window) => {
                let millis = millis_up(*window).ok_or(LeftOut::TooLong)?;
                if millis < 2 {
                    return Err(LeftOut::TooShort);
                }
                let (number, note) = reduced(*reduce, name, *window, millis);
                let measured = read(name)?;
                Self {
                    // Nothing is known of what is not measured any more, whatever the window holds.
                    number: format!("({number} and {measured} >= -Inf)"),
                    measured,
                    notes: note.into_iter().collect(),
                }
            }
            Metric::ErrorRatio(ratio) => {
                Self::errors(ratio, &read(&ratio.part)?, &read(&ratio.total)?)?
            }
            Metric::FailRate(..) => return Err(LeftOut::Samples),
        })
    }

    /// The share of errors in each window, whichever is least, where both counters are there.
    fn errors(ratio: &ErrorRatio, part: &str, total: &str) -> Result<Self, LeftOut> {
        let share = |window: Duration| {
            let millis = millis_up(window).ok_or(LeftOut::TooLong)?;
            if millis < 2 {
                return Err(LeftOut::TooShort);
            }
            let up = |name: &str| format!("increase({}[{}])", selector(name), span(millis));
            let share = format!("{} / {}", up(&ratio.part), up(&ratio.total));
            Ok(if ratio.is_good { format!("1 - {share}") } else { share })
        };
        let short = share(ratio.short)?;
        let least = match share(ratio.long)? {
            long if ratio.short == ratio.long => long,
            long => format!("({short} <= ({long}) or {long})"),
        };
        let measured = format!("({part} and {total})");
        Ok(Self {
            number: format!("({least} and {measured} >= -Inf)"),
            measured,
            notes: vec![Note::ErrorRatio],
        })
    }

    fn instant(name: &str, number: impl Fn(&str) -> String) -> Self {
        let name = selector(name);
        Self { number: number(&name), measured: name, notes: Vec::new() }
    }

    /// The series whose number is known.
    pub(super) fn known(&self) -> String {
        format!("{} >= -Inf", self.number)
    }

    /// The series whose number is in a set: none is missing among them.
    pub(super) fn within(&self, numbers: &Numbers) -> String {
        let run = |(low, high)| {
            let (low, high) = (limit(low, ">", ">="), limit(high, "<", "<="));
            match (low, high) {
                (None, None) => self.known(),
                (low, high) => {
                    let both = [low, high].into_iter().flatten();
                    both.fold(self.number.clone(), |sum, limit| format!("{sum} {limit}"))
                }
            }
        };
        let runs: Vec<String> = numbers.bounds().map(run).collect();
        match runs.as_slice() {
            // No number: no series either.
            [] => format!("{} < -Inf", self.number),
            runs => runs.join(" or "),
        }
    }
}

fn limit(bound: Bound<f64>, beyond: &str, from: &str) -> Option<String> {
    match bound {
        Bound::Unbounded => None,
        Bound::Excluded(bound) => Some(format!("{beyond} {}", number(bound))),
        Bound::Included(bound) => Some(format!("{from} {}", number(bound))),
    }
}

/// The last sample of a metric, if it is not too old.
fn reading(name: &str, stale: Option<Duration>) -> Result<String, LeftOut> {
    let Some(stale) = stale else { return Ok(selector(name)) };
    // One as old as that is not too old: the window of Prometheus 3 would leave it out.
    millis_up(stale).ok_or(LeftOut::TooLong)?;
    let millis = stale.as_micros() / 1000 + 1;
    Ok(format!("last_over_time({}[{}])", selector(name), span(millis)))
}

/// One number of the samples of a window, each not as old as the window is long.
fn reduced(reduce: Reduce, name: &str, window: Duration, millis: i64) -> (String, Option<Note>) {
    let name = selector(name);
    let (whole, inside) = (span(millis), span(millis - 1));
    match reduce {
        Reduce::Increase => (format!("increase({name}[{whole}])"), Some(Note::Increase)),
        Reduce::Growth => {
            let then = format!("{name} offset {whole}");
            (format!("({name} - {then}) / abs({then})"), Some(Note::Growth(window)))
        }
        // Not avg_over_time: its rounding depends on the version.
        Reduce::Mean => (
            format!("sum_over_time({name}[{inside}]) / count_over_time({name}[{inside}])"),
            Some(Note::Mean),
        ),
        Reduce::Max => (format!("max_over_time({name}[{inside}])"), None),
        Reduce::Min => (format!("min_over_time({name}[{inside}])"), None),
        Reduce::Percentile(share) => {
            let share = number(f64::from(share) / 100.0);
            (format!("quantile_over_time({share}, {name}[{inside}])"), Some(Note::Percentile))
        }
    }
}

/// Whether what is measured is an instant.
pub(super) fn is_instant(metric: &Metric) -> bool {
    matches!(metric, Metric::Age(_) | Metric::Until(_))
}

/// Adds samples of the metrics that it is made of, so that its number is about this. Those that are there
/// already stay. `now` is in seconds since 1970.
pub(super) fn samples(metric: &Metric, wanted: f64, now: f64, of: &mut BTreeMap<String, f64>) {
    let given = |name: &str| of.get(name).copied();
    let all = match metric {
        Metric::Value(name) | Metric::FailRate(name, _) => vec![(name, wanted)],
        Metric::Age(name) => vec![(name, now - wanted)],
        Metric::Until(name) => vec![(name, now + wanted)],
        Metric::Window(Reduce::Growth, name, _) => vec![(name, 100.0 * (1.0 + wanted))],
        Metric::Window(_, name, _) => vec![(name, wanted)],
        Metric::ErrorRatio(ratio) => vec![(&ratio.part, wanted), (&ratio.total, 1.0)],
        Metric::Ratio(over, under) => match (given(over), given(under)) {
            (Some(above), None) => vec![(under, above / wanted)],
            (_, below) => {
                let below = below.unwrap_or(1.0);
                vec![(under, below), (over, wanted * below)]
            }
        },
    };
    for (name, value) in all {
        of.entry(name.clone()).or_insert(value);
    }
}

/// Different metrics that have one name in Prometheus: that name, and theirs.
pub(super) fn merged<'a>(names: impl Iterator<Item = &'a str>) -> Vec<(String, Vec<&'a str>)> {
    let mut all: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for name in names {
        all.entry(metric_name(name)).or_default().insert(name);
    }
    let several = all.into_iter().filter(|(_, names)| names.len() > 1);
    several.map(|(name, names)| (name, names.into_iter().collect())).collect()
}

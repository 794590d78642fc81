//! A check as alerts.

use std::collections::BTreeSet;

use super::notes::{Note, Testing};
use super::query::{LeftOut, Query, is_instant, label_name};
use super::write::{millis_up, span};
use crate::health::{Check, Gate, Level, Missing, Numbers, Quorum};
use crate::policy::{CheckDocument, HealthRules};

/// A check and what it is exported as.
pub(super) struct Exported<'a> {
    pub(super) name: &'a str,
    pub(super) check: &'a Check,
    pub(super) settings: &'a CheckDocument,
    pub(super) rules: Result<Rules, LeftOut>,
}

/// The alerts of a check, and where they do not do as it does.
pub(super) struct Rules {
    pub(super) alerts: Vec<Alert>,
    pub(super) notes: Vec<Note>,
}

/// One alert: it fires while a level of a check is raised.
pub(super) struct Alert {
    pub(super) name: String,
    pub(super) level: Level,
    pub(super) expr: String,
    pub(super) wait: Option<String>,
    pub(super) keep: Option<String>,
    pub(super) labels: Vec<(&'static str, String)>,
    pub(super) summary: String,
}

/// The labels that the alerts of Prometheus have of their own.
const OWN_LABELS: [&str; 6] =
    ["alertname", "alertstate", "check", "severity", "action", "priority"];

/// The checks of a policy, each with its alerts.
pub(super) fn exported(rules: &HealthRules) -> Vec<Exported<'_>> {
    let mut taken = BTreeSet::new();
    let checks = rules.health().checks();
    let settings = checks.filter_map(|(name, check)| Some((name, check, rules.settings(name)?)));
    let exported = settings.map(|(name, check, settings)| {
        let stem = free(&stem(name), &mut taken);
        let rules = Builder::of(name, &stem, check, settings).map(|builder| builder.rules());
        Exported { name, check, settings, rules }
    });
    exported.collect()
}

/// `same_commit` as the first part of a name: `SameCommit`.
fn stem(check: &str) -> String {
    let words = check.split(['_', '-', '.']);
    let upper = words.flat_map(|word| {
        let mut chars = word.chars();
        let first = chars.next().into_iter().flat_map(char::to_uppercase);
        first.chain(chars).collect::<Vec<char>>()
    });
    upper.collect()
}

/// The stem, or one like it that no other check has.
fn free(stem: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2u32..).map(|n| format!("{stem}_{n}"));
    let mut all = std::iter::once(stem.to_owned()).chain(numbered);
    let free = all.find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

struct Builder<'a> {
    check: &'a Check,
    settings: &'a CheckDocument,
    name: &'a str,
    stem: &'a str,
    number: Query,
    guard: Option<(Query, &'a Numbers)>,
    wait: Option<String>,
    keep: Option<String>,
}

impl<'a> Builder<'a> {
    fn of(
        name: &'a str,
        stem: &'a str,
        check: &'a Check,
        settings: &'a CheckDocument,
    ) -> Result<Self, LeftOut> {
        let label = settings.each.as_deref().map(label_name);
        if label.is_some_and(|label| OWN_LABELS.contains(&label.as_str())) {
            return Err(LeftOut::Label);
        }
        let query = |metric| Query::of(metric, check.stale_after());
        let number = query(check.metric())?;
        let guard = match check.guard() {
            Some((metric, numbers)) => {
                let guard = query(metric)?;
                let is_shared =
                    metric.names().any(|own| check.metric().names().any(|of| of == own));
                if is_shared && is_instant(metric) != is_instant(check.metric()) {
                    return Err(LeftOut::InstantAndNumber);
                }
                Some((guard, numbers))
            }
            None => None,
        };
        let (raise, lower) = check.gates();
        let time = |gate| match gate {
            Gate::For(time) => millis_up(time).map(Some).ok_or(LeftOut::TooLong),
            Gate::Open | Gate::Count(_) => Ok(None),
        };
        let text = |millis: Option<i64>| millis.filter(|millis| *millis > 0).map(span);
        let (wait, keep) = (text(time(raise)?), text(time(lower)?));
        Ok(Self { check, settings, name, stem, number, guard, wait, keep })
    }

    fn rules(&self) -> Rules {
        let (warn, crit) = self.check.thresholds();
        let (clear, clear_crit) = self.check.clears();
        // Without a warning below, what is critical clears at once to ok.
        let crit_clear = if warn.is_some() { clear_crit } else { clear };
        let levels = [(Level::Crit, crit, crit_clear), (Level::Warn, warn, clear)];
        let alerts = levels.into_iter().filter_map(|(level, raise, clear)| {
            raise.map(|raise| self.alert(level, &raise, clear.as_ref()))
        });
        Rules { alerts: alerts.collect(), notes: self.notes() }
    }

    fn notes(&self) -> Vec<Note> {
        let holds = matches!(self.check.when_missing(), Missing::Unknown | Missing::Keep);
        let each = self.settings.each.is_some();
        let (raise, lower) = self.check.gates();
        let is_counted = matches!(raise, Gate::Count(_));
        let is_breach = self.check.when_missing() == Missing::Breach;
        let others = [
            (is_breach && !each, Note::Absent),
            (is_breach && each, Note::AbsentInstances),
            (holds && self.wait.is_some(), Note::Waits),
            (holds && self.keep.is_some(), Note::Keeps),
            (each && self.check.metric().is_windowed(), Note::ForgetsInstance),
            (is_counted, Note::Count),
            (is_counted && is_breach, Note::CountMissing),
            (matches!(lower, Gate::Count(_)), Note::CountedKeep),
        ];
        let mut notes: Vec<Note> = self.number.notes.clone();
        let guards = self.guard.iter().flat_map(|(guard, _)| guard.notes.iter().copied());
        notes.extend(guards.filter(|note| !self.number.notes.contains(note)));
        notes.extend(others.into_iter().filter_map(|(is_so, note)| is_so.then_some(note)));
        notes
    }

    fn alert(&self, level: Level, raise: &Numbers, clear: Option<&Numbers>) -> Alert {
        let (suffix, severity) = match level {
            Level::Crit => ("Critical", "critical"),
            Level::Warn | Level::Ok => ("Warning", "warning"),
        };
        let name = format!("{}{suffix}", self.stem);
        let mut labels = vec![("check", self.name.to_owned()), ("severity", severity.to_owned())];
        if let Some(action) = &self.settings.action {
            labels.push(("action", action.clone()));
        }
        // Who is called is called about the worst that it can be.
        let is_worst = level == Level::Crit || self.check.thresholds().1.is_none();
        if let Some(priority) = self.settings.severity.as_ref().filter(|_| is_worst) {
            labels.push(("priority", priority.clone()));
        }
        let own = Own::new(&name, self.name, labels.iter().map(|(label, _)| *label));
        Alert {
            expr: self.expr(&own, raise, clear),
            wait: self.wait.clone(),
            keep: self.keep.clone(),
            summary: self.summary(level),
            name,
            level,
            labels,
        }
    }

    fn expr(&self, own: &Own, raise: &Numbers, clear: Option<&Numbers>) -> String {
        let breach = |firing: &str| {
            let mut any = vec![self.number.within(raise)];
            // Between the two thresholds it stays as it is.
            let between = clear.map(|clear| self.number.within(&clear.others()));
            any.extend(between.map(|numbers| format!("({numbers}) and {} {firing}", own.ignoring)));
            let mut any = any.join(" or ");
            if let Some((guard, numbers)) = &self.guard {
                any = format!("({any}) and ({})", guard.within(numbers));
            }
            let missing = match self.check.when_missing() {
                Missing::Breach => self.missing(own),
                _ => Vec::new(),
            };
            std::iter::once(any).chain(missing).collect::<Vec<_>>().join(" or ")
        };
        let mut expr = match self.check.gates().0 {
            Gate::Count(quorum) => counted(quorum, own, &breach),
            Gate::Open | Gate::For(_) => breach(&own.firing),
        };
        if matches!(self.check.when_missing(), Missing::Unknown | Missing::Keep) {
            expr = format!("{expr} or {}", self.held(own, &own.firing));
        }
        expr
    }

    /// What is raised, and whose number is missing.
    fn held(&self, own: &Own, firing: &str) -> String {
        format!("{} ({firing}) unless ({})", own.sum, self.settled())
    }

    /// The series of which is known whether a threshold is met: those whose number is known, and those
    /// whose number means nothing.
    fn settled(&self) -> String {
        let known = self.number.known();
        match &self.guard {
            None => known,
            Some((guard, numbers)) => {
                format!("({known} and {}) or {}", guard.known(), guard.within(&numbers.others()))
            }
        }
    }

    /// Those of which that is not known, where it is as bad as a breach.
    fn missing(&self, own: &Own) -> Vec<String> {
        let measured = &self.number.measured;
        match self.settings.each {
            Some(_) => vec![
                format!("({measured} unless ({}))", self.settled()),
                // An instance is remembered while either of its levels is raised.
                format!("({})", self.held(own, &own.any)),
                format!("absent({measured})"),
            ],
            None => vec![format!("absent({})", self.settled())],
        }
    }

    fn summary(&self, level: Level) -> String {
        let CheckDocument { value, warn, crit, expect, when, .. } = self.settings;
        let met = match (level, warn, crit, expect) {
            (Level::Crit, _, Some(bad), _) | (Level::Warn, Some(bad), ..) => {
                let verb = if bad.is_nagios() { "alerts by the Nagios range" } else { "is" };
                format!("{value} {verb} {bad}")
            }
            (_, _, _, Some(good)) => format!("{value} is not {good}"),
            _ => value.to_string(),
        };
        let place = when.as_ref().map(|when| format!(" where {when}")).unwrap_or_default();
        let gate = match self.check.gates().0 {
            Gate::Open => String::new(),
            Gate::For(time) => format!(" for {time}"),
            Gate::Count(quorum) => format!(" in {quorum} minutes"),
        };
        let what = if level == Level::Crit { "critical" } else { "a warning" };
        let missing = match self.check.when_missing() {
            Missing::Breach => ", or missing",
            _ => "",
        };
        format!("{met}{place}{missing}{gate}, which is {what}")
    }
}

/// What an alert knows of itself.
struct Own {
    /// That it fired, as the evaluation before has left it.
    firing: String,
    /// That an alert of the same check did.
    any: String,
    /// Beside a comparison of series: without the labels that are the alert's.
    ignoring: String,
    /// Before that it fired: the same without those labels.
    sum: String,
}

impl Own {
    fn new<'a>(alert: &str, check: &str, labels: impl Iterator<Item = &'a str>) -> Self {
        let labels: Vec<&str> = ["alertname", "alertstate"].into_iter().chain(labels).collect();
        let labels = labels.join(", ");
        Self {
            firing: format!("ALERTS{{alertname='{alert}', check='{check}', alertstate='firing'}}"),
            any: format!("ALERTS{{check='{check}', alertstate='firing'}}"),
            ignoring: format!("ignoring ({labels})"),
            sum: format!("sum without ({labels})"),
        }
    }
}

/// Enough of the last minutes, or raised and not over yet.
fn counted(quorum: Quorum, own: &Own, breach: &impl Fn(&str) -> String) -> String {
    // Of each minute it is asked what was raised before it.
    let before = breach(&format!("{} offset 1m", own.firing));
    let minutes = span(i64::from(quorum.of()) * 60_000 - 1);
    let hits = quorum.hits();
    let now = breach(&own.firing);
    format!(
        "count_over_time((sum without () ({before}))[{minutes}:1m]) >= {hits} \
         or ({now}) and {} {}",
        own.ignoring, own.firing
    )
}

impl Rules {
    /// What they can be tested with.
    pub(super) fn testing(&self) -> Testing {
        self.notes.iter().map(|note| note.testing()).max().unwrap_or(Testing::Whole)
    }
}

//! The policy: parsed once, immutable, shared between threads.

use std::hash::{DefaultHasher, Hash, Hasher};

use housekeep::apply::{self, Way};
use housekeep::health::{Mute, Outage, State};
use housekeep::plan::{Detail, Source};
use housekeep::policy::{self, DedupeRule, Rule, Syntax};
use housekeep::time::Duration;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyMapping, PyString, PyType};

use crate::answers::{Compare, Explanation, Sweep};
use crate::error::raised;
use crate::fleet::{Fleet, Metrics, Screening};
use crate::health::{HealthReport, HealthState};
use crate::interrupt::run;
use crate::machine::Machine;
use crate::metrics;
use crate::plan::{Plan, files};
use crate::rows::{bytes, read};
use crate::schedule::Schedule;
use crate::statements::Statements;
use crate::time::{Elapsed, Time};
use crate::value;

/// The rules of a policy, read and found sound.
#[pyclass(frozen, module = "housekeep._core")]
pub(crate) struct Policy(policy::Policy, PyOnceLock<Metrics>);

impl From<policy::Policy> for Policy {
    fn from(policy: policy::Policy) -> Self {
        Self(policy, PyOnceLock::new())
    }
}

#[pymethods]
impl Policy {
    /// Reads a policy from text.
    #[classmethod]
    #[pyo3(signature = (text, format = "toml"))]
    fn parse(_: &Bound<'_, PyType>, text: &str, format: &str) -> PyResult<Self> {
        let syntax = match format {
            "toml" => Syntax::Toml,
            "json" => Syntax::Json,
            _ => return Err(PyValueError::new_err("`format` is \"toml\" or \"json\"")),
        };
        policy::Policy::parse(text, syntax).map(Self::from).map_err(raised)
    }

    /// Reads a policy from a file: JSON if its name ends in `.json`, else TOML.
    #[classmethod]
    fn from_file(class: &Bound<'_, PyType>, path: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = class.py();
        let text = files(py)?.call_method1("read", (path,))?;
        let name: String = py.import("os")?.call_method1("fsdecode", (path,))?.extract()?;
        policy::Policy::parse(text.extract()?, Syntax::of_file(&name))
            .map(Self::from)
            .map_err(raised)
    }

    /// Takes a policy that is a dictionary already, say as a part of a larger configuration.
    #[classmethod]
    fn from_dict(_: &Bound<'_, PyType>, document: &Bound<'_, PyAny>) -> PyResult<Self> {
        policy::Policy::from_value(&value::document(document)?).map(Self::from).map_err(raised)
    }

    /// The JSON Schema of a policy, for editors and other tools.
    #[staticmethod]
    fn schema() -> String {
        policy::Policy::schema()
    }

    /// The names of the rules, each with its family: `dedupe.runs`.
    #[getter]
    fn rules(&self) -> Vec<String> {
        self.0.rules().collect()
    }

    /// The names of the rules as canonical JSON: the same bytes as from every other host.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// The same policy with some settings of a rule changed, each `key=value`.
    #[pyo3(signature = (rule, *settings))]
    fn replace(&self, rule: &str, settings: Vec<String>) -> PyResult<Self> {
        let mut policy = self.0.clone();
        policy.rule(rule).map_err(raised)?;
        for setting in settings {
            policy = policy.with(rule, &setting).map_err(raised)?;
        }
        Ok(policy.into())
    }

    /// The columns that a rule reads.
    fn columns(&self, rule: &str) -> PyResult<Vec<&str>> {
        Ok(self.rule(rule)?.needs().iter().map(|need| &*need.name).collect())
    }

    /// The columns whose values rows have in common that can only be decided together.
    fn together(&self, rule: &str) -> PyResult<Option<Vec<String>>> {
        Ok(self.rule(rule)?.together().map(<[String]>::to_vec))
    }

    /// Plans: which rows go, and why. Nothing is deleted.
    #[pyo3(signature = (
        rule, rows, *, now, source = None, format = None, threads = 1, decisions = false
    ))]
    fn plan(
        &self,
        py: Python<'_>,
        rule: &str,
        rows: &Bound<'_, PyAny>,
        now: Time,
        source: Option<Given>,
        format: Option<&str>,
        threads: usize,
        decisions: bool,
    ) -> PyResult<Plan> {
        let rule = self.rule(rule)?;
        let detail = if decisions { Detail::Decisions } else { Detail::Drops };
        let table = read(rule.needs(), rows, format)?;
        let source = source.unwrap_or_default().0;
        run(py, table.rows(), threads, |control| rule.plan(&table, now.0, source, detail, control))
            .map(Into::into)
    }

    /// A rule as statements of PostgreSQL, for the host's own driver.
    #[pyo3(signature = (rule, *, now, batch = None))]
    fn statements(&self, rule: &str, now: Time, batch: Option<u32>) -> PyResult<Statements> {
        self.0.statements(rule, now.0, batch).map(Statements).map_err(raised)
    }

    /// The machine that plans over the rows of the rule's table, which a driver reads.
    #[pyo3(signature = (rule, *, now, decisions = false))]
    fn plan_machine(&self, rule: &str, now: Time, decisions: bool) -> PyResult<Machine> {
        let detail = if decisions { Detail::Decisions } else { Detail::Drops };
        let reading = apply::Reading::new(&self.0, rule).map_err(raised)?;
        Ok(reading.plan(now.0, detail).into())
    }

    /// The machine that exports the rule's table, with what hangs on it.
    #[pyo3(signature = (rule, *, now, plan = None, since = None, last = None))]
    fn export_machine(
        &self,
        rule: &str,
        now: Time,
        plan: Option<&Bound<'_, Plan>>,
        since: Option<Time>,
        last: Option<u64>,
    ) -> PyResult<Machine> {
        let mut export = apply::Export::new(&self.0, rule, now.0).map_err(raised)?;
        if let Some(plan) = plan {
            export = export.of_plan(plan.get().core().clone()).map_err(raised)?;
        } else if let Some(rows) = last {
            export = export.last(rows);
        } else if let Some(since) = since {
            export = export.since(since.0);
        }
        Ok(export.machine().into())
    }

    /// The machine that applies a plan.
    #[pyo3(signature = (
        plan, *, now, way = "apply", batch = None, jobs = 1, skip_changed = false, max_age = None,
        health = None
    ))]
    fn apply_machine(
        &self,
        plan: &Bound<'_, Plan>,
        now: Time,
        way: &str,
        batch: Option<usize>,
        jobs: usize,
        skip_changed: bool,
        max_age: Option<Elapsed>,
        health: Option<&str>,
    ) -> PyResult<Machine> {
        let way = match way {
            "apply" => Way::Apply,
            "rehearse" => Way::Rehearse,
            "dry_run" => Way::DryRun,
            _ => {
                return Err(PyValueError::new_err(
                    "`way` is \"apply\", \"rehearse\" or \"dry_run\"",
                ));
            }
        };
        let plan = plan.get().core().clone();
        let mut apply =
            apply::Apply::new(plan, &self.0, health.map(str::as_bytes), now.0).map_err(raised)?;
        if let Some(oldest) = max_age {
            apply = apply.oldest(oldest.0);
        }
        apply = apply.way(way).jobs(jobs).skip_changed(skip_changed);
        if let Some(rows) = batch {
            apply = apply.batch(rows);
        }
        Ok(apply.machine().into())
    }

    /// The machine that says whether the rule's table is as the rule would leave it.
    #[pyo3(signature = (rule, *, now))]
    fn verify_machine(&self, rule: &str, now: Time) -> PyResult<Machine> {
        Ok(apply::Verify::new(&self.0, rule, now.0).map_err(raised)?.machine().into())
    }

    /// What each window would drop in each mode, before anyone widens one.
    #[pyo3(signature = (rule, rows, windows = None, *, now, source = None, format = None, threads = 1))]
    fn sweep(
        &self,
        py: Python<'_>,
        rule: &str,
        rows: &Bound<'_, PyAny>,
        windows: Option<&Bound<'_, PyAny>>,
        now: Time,
        source: Option<Given>,
        format: Option<&str>,
        threads: usize,
    ) -> PyResult<Sweep> {
        let rule = self.dedupe(rule)?;
        let table = read(rule.needs(), rows, format)?;
        let windows = windows.map_or(Ok(Vec::new()), durations)?;
        let source = source.unwrap_or_default().0;
        run(py, table.rows(), threads, |control| {
            rule.sweep(&table, &windows, now.0, source, control)
        })
        .map(Into::into)
    }

    /// The ids on which this policy's rule and another policy's differ over the same rows.
    #[pyo3(signature = (rule, rows, other, *, now, source = None, format = None, threads = 1))]
    fn compare(
        &self,
        py: Python<'_>,
        rule: &str,
        rows: &Bound<'_, PyAny>,
        other: &Bound<'_, Self>,
        now: Time,
        source: Option<Given>,
        format: Option<&str>,
        threads: usize,
    ) -> PyResult<Compare> {
        let (own, other) = (self.dedupe(rule)?, other.get().dedupe(rule)?);
        let table = read(own.needs(), rows, format)?;
        let source = source.unwrap_or_default().0;
        run(py, table.rows(), threads, |control| own.compare(other, &table, now.0, source, control))
            .map(Into::into)
    }

    /// What becomes of the row with this id, and why: for rows that go, stay or are left alone.
    #[pyo3(signature = (rule, rows, id, *, now, format = None))]
    fn explain(
        &self,
        py: Python<'_>,
        rule: &str,
        rows: &Bound<'_, PyAny>,
        id: &Bound<'_, PyAny>,
        now: Time,
        format: Option<&str>,
    ) -> PyResult<Explanation> {
        let rule = self.rule(rule)?;
        let table = read(rule.needs(), rows, format)?;
        let id = id.str()?;
        let id = id.to_str()?;
        run(py, table.rows(), 1, |_| rule.explain(&table, id, now.0)).map(Into::into)
    }

    /// How everything is, by what was measured and what is remembered; and what to remember next.
    #[pyo3(signature = (snapshot, state = None, *, now))]
    fn evaluate(
        &self,
        snapshot: &Bound<'_, PyAny>,
        state: Option<&Bound<'_, HealthState>>,
        now: Time,
    ) -> PyResult<(HealthReport, HealthState)> {
        let rules = self.0.health().map_err(raised)?;
        let snapshot = metrics::snapshot(snapshot)?;
        let (report, state) = rules.evaluate(&snapshot, remembered(state), now.0);
        Ok((report.into(), HealthState(state)))
    }

    /// The schedule of this name, with or without its family.
    fn schedule(slf: &Bound<'_, Self>, name: &str) -> PyResult<Schedule> {
        let rule = slf.get().0.schedule(name).map_err(raised)?.clone();
        Ok(Schedule { rule, policy: slf.clone().unbind() })
    }

    /// The checks as alerting rules of Prometheus.
    fn to_prometheus(&self) -> PyResult<String> {
        Ok(self.0.health().map_err(raised)?.to_prometheus())
    }

    /// What promtool tests those rules with.
    #[pyo3(signature = (rules_file = "rules.yml"))]
    fn to_prometheus_tests(&self, rules_file: &str) -> PyResult<String> {
        Ok(self.0.health().map_err(raised)?.to_prometheus_tests(rules_file))
    }

    /// Which thresholds one snapshot meets, with nothing remembered: as if all gates were open.
    #[pyo3(signature = (snapshot, *, now))]
    fn screen(&self, snapshot: &Bound<'_, PyAny>, now: &Bound<'_, PyAny>) -> PyResult<Screening> {
        let rules = self.0.health().map_err(raised)?;
        let metrics = self.1.get_or_init(now.py(), || Metrics::new(now.py(), rules));
        metrics.screen(rules.screen(), snapshot, now)
    }

    /// Which thresholds each of many snapshots meets, one a row, with nothing remembered.
    #[pyo3(signature = (rows, *, now, format = None, threads = 1))]
    fn screen_fleet(
        &self,
        py: Python<'_>,
        rows: &Bound<'_, PyAny>,
        now: Time,
        format: Option<&str>,
        threads: usize,
    ) -> PyResult<Fleet> {
        let rules = self.0.health().map_err(raised)?;
        let table = read(rules.fleet_needs(), rows, format)?;
        run(py, table.rows(), threads, |control| rules.screen_fleet(&table, now.0, control))
            .map(Into::into)
    }

    /// The same state, in which somebody is on a check, or on one instance of it.
    #[pyo3(signature = (state, check, instance = None, *, now))]
    fn acknowledge(
        &self,
        state: Option<&Bound<'_, HealthState>>,
        check: &str,
        instance: Option<&str>,
        now: Time,
    ) -> PyResult<HealthState> {
        let rules = self.0.health().map_err(raised)?;
        let state = rules.acknowledge(remembered(state), check, instance, now.0);
        state.map(HealthState).map_err(raised)
    }

    /// The same state, in which nobody is told of some checks for a time.
    #[pyo3(signature = (state, names, *, from_, until))]
    fn mute(
        &self,
        state: Option<&Bound<'_, HealthState>>,
        names: &Bound<'_, PyAny>,
        from_: Time,
        until: Time,
    ) -> PyResult<HealthState> {
        let rules = self.0.health().map_err(raised)?;
        let of = match names.cast::<PyString>() {
            Ok(name) => vec![name.to_str()?.to_owned()],
            Err(_) => names.extract()?,
        };
        let mute = Mute { of, from: from_.0, until: until.0 };
        rules.mute(remembered(state), mute).map(HealthState).map_err(raised)
    }

    /// What is remembered from before the host was down, which it was since the last evaluation.
    #[pyo3(signature = (state, *, now, tolerance = None, grace = None))]
    fn resume(
        &self,
        state: Option<&Bound<'_, HealthState>>,
        now: Time,
        tolerance: Option<Elapsed>,
        grace: Option<Elapsed>,
    ) -> PyResult<HealthState> {
        let rules = self.0.health().map_err(raised)?;
        let usual = Outage::default();
        let outage = Outage {
            tolerance: tolerance.map_or(usual.tolerance, |time| time.0),
            grace: grace.map_or(usual.grace, |time| time.0),
        };
        Ok(HealthState(rules.resume(remembered(state), outage, now.0)))
    }

    /// The checks and groups that have to be ok before anything is removed.
    #[getter]
    fn required(&self) -> Vec<String> {
        self.0.health().map(|rules| rules.required().to_vec()).unwrap_or_default()
    }

    /// Raises an error unless a report says that what the policy requires is ok.
    #[pyo3(signature = (report, *, now))]
    fn require(&self, report: &Bound<'_, PyAny>, now: Time) -> PyResult<()> {
        let rules = self.0.health().map_err(raised)?;
        let judged = if report.is_none() {
            rules.require(None, now.0)
        } else if let Ok(report) = report.cast::<HealthReport>() {
            rules.require(Some(report.get().to_json().as_bytes()), now.0)
        } else if let Some(document) = bytes(report)? {
            rules.require(Some(&document), now.0)
        } else {
            let class = report.get_type().name()?;
            let message = format!("a report is a HealthReport, text or bytes, not {class}");
            return Err(PyTypeError::new_err(message));
        };
        judged.map_err(raised)
    }

    fn __repr__(&self) -> String {
        format!("<Policy: {}>", self.rules().join(", "))
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let equal = self.0.to_value() == other.get().0.to_value();
        Ok(equal.into_pyobject(py)?.to_owned().into_any().unbind())
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.to_value().hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, (String, &'static str))> {
        let json = slf.get().0.to_value().to_string();
        Ok((slf.get_type().getattr("parse")?, (json, "json")))
    }
}

/// Where rows came from, as any mapping of text to text.
#[derive(Default)]
struct Given(Source);

impl FromPyObject<'_, '_> for Given {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let items = given.cast::<PyMapping>()?.items()?;
        items.iter().map(|item| item.extract()).collect::<PyResult<_>>().map(Self)
    }
}

/// What a state remembers; without one, nothing.
fn remembered(state: Option<&Bound<'_, HealthState>>) -> State {
    state.map(|state| state.get().0.clone()).unwrap_or_default()
}

fn durations(given: &Bound<'_, PyAny>) -> PyResult<Vec<Duration>> {
    if given.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err("`windows` are several, such as [\"10m\", \"60m\"]"));
    }
    given.try_iter()?.map(|window| Ok(window?.extract::<Elapsed>()?.0)).collect()
}

impl Policy {
    fn rule(&self, name: &str) -> PyResult<&Rule> {
        self.0.rule(name).map_err(raised)
    }

    fn dedupe(&self, name: &str) -> PyResult<&DedupeRule> {
        self.0.dedupe(name).map_err(raised)
    }
}

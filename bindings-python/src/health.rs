//! How a service is: the report, made as far as it is asked for, and what is remembered.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use housekeep::health::{self, Gap, Grouped, State, Status};
use housekeep::report;
use housekeep::time::Instant;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyTuple, PyType};

use crate::error::raised;
use crate::record::record;
use crate::rows::bytes;
use crate::time::{Elapsed, Time};

record! {
    /// A change of a level that a gate delays.
    Pending {
        /// The level that it is on the way to: `ok`, `warn` or `crit`.
        to: String,
        /// When it will be there, if nothing changes meanwhile; none where samples have to say so.
        at: Option<Time>,
    }
}

record! {
    /// A call of somebody.
    Call {
        /// Who.
        who: String,
        /// When.
        at: Time,
    }
}

record! {
    /// How far what is raised has gone up the tiers of its severity.
    Escalation {
        /// How severe it is, by the name that the policy has for it.
        severity: String,
        /// Since when it is raised.
        raised: Time,
        /// Who was called, in the order in which they were.
        called: Several<Call>,
        /// Who is called next, if nobody says that they are on it.
        next: Option<Call>,
        /// By when somebody has to say that they are on it; none if somebody did.
        acknowledge_by: Option<Time>,
        /// By when it has to be over.
        resolve_by: Option<Time>,
        /// What should have been done by now: `acknowledge`, `resolve`.
        late: Several<String>,
    }
}

record! {
    /// What is said of a check, or of one instance of it.
    CheckReport {
        /// The check's name.
        check: String,
        /// The instance's name, if the check has instances.
        instance: Option<String>,
        /// How it is: `ok`, `warn`, `unknown` or `crit`.
        status: String,
        /// Since when it is so.
        since: Time,
        /// How it was before, if that is different.
        was: Option<String>,
        /// The level that the thresholds and gates give: `ok`, `warn` or `crit`.
        level: String,
        /// Whether the level is an old one, because nothing new is known.
        held: bool,
        /// The number; none where it is missing.
        value: Option<Number>,
        /// What it counts in, if that is known.
        unit: Option<String>,
        /// The condition that decides, as the policy has it.
        bound: Option<String>,
        /// Why the level is what it is, in a word.
        reason: String,
        /// Why there is no number, in a word.
        missing: Option<String>,
        /// Whether what is missing is what says where the number means something, by `when`.
        unguarded: bool,
        /// Of a reading that is too old, how old.
        age: Option<Elapsed>,
        /// The change that a gate delays, if one does.
        pending: Option<Pending>,
        /// Until when nobody is told of it, if that is so now.
        muted: Option<Time>,
        /// When somebody said that they are on it, if they did.
        acknowledged: Option<Time>,
        /// Who is called about it, if it is so bad.
        escalation: Option<Escalation>,
        /// What is found, and why, in a sentence.
        sentence: String,
    }
}

record! {
    /// A group and its status.
    GroupReport {
        /// The group's name.
        group: String,
        /// How it is: `ok`, `warn`, `unknown` or `crit`.
        status: String,
        /// How it would be without its cap, if that is different.
        uncapped: Option<String>,
    }
}

record! {
    /// What somebody is to be told, and may have to do.
    Action {
        /// Unlike that of any other, and the same if it is found again.
        id: String,
        /// The check's name.
        check: String,
        /// The instance's name, if the check has instances.
        instance: Option<String>,
        /// What is to be done, if the check says so.
        action: Option<String>,
        /// How it was; as it is, where it is said again.
        from_: String,
        /// How it is.
        to: String,
        /// What is found, in a sentence.
        why: String,
        /// Who is called now, in the order in which they are.
        calls: Several<String>,
        /// By when somebody has to be on it or, if somebody is, by when it has to be over.
        due: Option<Time>,
    }
}

/// Several of something, as a tuple.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Several<T>(pub(crate) Vec<T>);

impl<'py, T: IntoPyObject<'py>> IntoPyObject<'py> for Several<T> {
    type Target = PyTuple;
    type Output = Bound<'py, PyTuple>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        PyTuple::new(py, self.0)
    }
}

impl<'a, 'py, T> FromPyObject<'a, 'py> for Several<T>
where
    Vec<T>: FromPyObject<'a, 'py>,
{
    type Error = <Vec<T> as FromPyObject<'a, 'py>>::Error;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> Result<Self, Self::Error> {
        given.extract().map(Self)
    }
}

/// A number that compares by its bits, as a key does.
#[derive(Clone, Copy)]
pub(crate) struct Number(f64);

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.to_bits().hash(hasher);
    }
}

impl<'py> IntoPyObject<'py> for Number {
    type Target = pyo3::types::PyFloat;
    type Output = Bound<'py, Self::Target>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        self.0.into_pyobject(py)
    }
}

impl FromPyObject<'_, '_> for Number {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        given.extract().map(Self)
    }
}

impl From<health::Pending> for Pending {
    fn from(pending: health::Pending) -> Self {
        Self { to: pending.to.as_str().to_owned(), at: pending.at.map(Time) }
    }
}

impl From<&health::Call> for Call {
    fn from(call: &health::Call) -> Self {
        Self { who: call.who.to_string(), at: Time(call.at) }
    }
}

/// Who is called about a check, if it is so bad. The severity of a policy always has a name.
fn escalation(check: &report::CheckReport<'_>, now: Instant) -> Option<Escalation> {
    let (severity, own) = check.severity().zip(check.verdict().escalation.as_ref())?;
    Some(Escalation {
        severity: severity.to_owned(),
        raised: Time(own.raised),
        called: Several(own.called.iter().map(Into::into).collect()),
        next: own.next.as_ref().map(Into::into),
        acknowledge_by: own.acknowledge_by.map(Time),
        resolve_by: own.resolve_by.map(Time),
        late: Several(own.late(now).into_iter().map(str::to_owned).collect()),
    })
}

impl CheckReport {
    fn of(check: &report::CheckReport<'_>, now: Instant) -> Self {
        let verdict = check.verdict();
        Self {
            check: check.name().to_owned(),
            instance: check.instance().map(str::to_owned),
            status: verdict.status.as_str().to_owned(),
            since: Time(verdict.since),
            was: verdict.was.map(|was| was.as_str().to_owned()),
            level: verdict.level.as_str().to_owned(),
            held: verdict.held,
            value: verdict.value.map(Number),
            unit: check.unit().map(|unit| unit.as_str().to_owned()),
            bound: check.bound(),
            reason: verdict.reason().as_str().to_owned(),
            missing: verdict.gap.map(|gap| gap.as_str().to_owned()),
            unguarded: verdict.unguarded,
            age: match verdict.gap {
                Some(Gap::Stale(age)) => Some(Elapsed(age)),
                _ => None,
            },
            pending: verdict.pending.map(Into::into),
            muted: verdict.muted.map(Time),
            acknowledged: verdict.acknowledged.map(Time),
            escalation: escalation(check, now),
            sentence: check.sentence(),
        }
    }
}

impl From<&Grouped> for GroupReport {
    fn from(group: &Grouped) -> Self {
        Self {
            group: group.group.to_string(),
            status: group.status.as_str().to_owned(),
            uncapped: group.uncapped.map(|status| status.as_str().to_owned()),
        }
    }
}

impl From<report::Action<'_>> for Action {
    fn from(told: report::Action<'_>) -> Self {
        Self {
            id: told.id,
            check: told.check.to_owned(),
            instance: told.instance.map(str::to_owned),
            action: told.action.map(str::to_owned),
            from_: told.from.as_str().to_owned(),
            to: told.to.as_str().to_owned(),
            why: told.why,
            calls: Several(told.calls.into_iter().map(str::to_owned).collect()),
            due: told.due.map(Time),
        }
    }
}

/// How everything is at one moment.
#[pyclass(frozen, module = "housekeep._core")]
pub(crate) struct HealthReport {
    status: Status,
    critical: Option<Status>,
    at: Time,
    next_change: Option<Time>,
    policy_sha256: String,
    /// Core's, from which the rest is made; one that was pickled has the rest itself.
    report: Option<report::Report>,
    checks: PyOnceLock<Py<PyTuple>>,
    groups: PyOnceLock<Py<PyTuple>>,
    actions: PyOnceLock<Py<PyTuple>>,
    /// Whether it is of what is critical alone.
    is_critical: bool,
    /// The report of what is critical alone; of one that was pickled, the error if there is none.
    critical_only: PyOnceLock<Py<PyAny>>,
    json: OnceLock<String>,
    nagios: OnceLock<String>,
    openmetrics: OnceLock<String>,
}

impl From<report::Report> for HealthReport {
    fn from(report: report::Report) -> Self {
        Self {
            status: report.status(),
            critical: report.critical(),
            at: Time(report.now()),
            next_change: report.next_change().map(Time),
            policy_sha256: report.policy_sha256().to_owned(),
            report: Some(report),
            checks: PyOnceLock::new(),
            groups: PyOnceLock::new(),
            actions: PyOnceLock::new(),
            is_critical: false,
            critical_only: PyOnceLock::new(),
            json: OnceLock::new(),
            nagios: OnceLock::new(),
            openmetrics: OnceLock::new(),
        }
    }
}

#[pymethods]
impl HealthReport {
    #[new]
    fn new(
        py: Python<'_>,
        status: &str,
        critical: Option<&str>,
        at: Time,
        next_change: Option<Time>,
        policy_sha256: String,
        checks: Vec<CheckReport>,
        groups: Vec<GroupReport>,
        actions: Vec<Action>,
        critical_only: Option<Py<PyAny>>,
        json: String,
        nagios: String,
        openmetrics: String,
    ) -> PyResult<Self> {
        let (status, critical) = (named(status)?, critical.map(named).transpose()?);
        let made = Self {
            status,
            critical,
            at,
            next_change,
            policy_sha256,
            report: None,
            checks: PyOnceLock::new(),
            groups: PyOnceLock::new(),
            actions: PyOnceLock::new(),
            is_critical: critical_only.is_none(),
            critical_only: PyOnceLock::new(),
            json: json.into(),
            nagios: nagios.into(),
            openmetrics: openmetrics.into(),
        };
        tuple(&made.checks, py, || checks)?;
        tuple(&made.groups, py, || groups)?;
        tuple(&made.actions, py, || actions)?;
        if let Some(outcome) = critical_only {
            made.critical_only.get_or_init(py, || outcome);
        }
        Ok(made)
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(
            py,
            ["status", "word", "critical", "at", "next_change", "checks", "groups", "actions"],
        )
    }

    /// How the whole is: `ok`, `warn`, `unknown` or `crit`.
    #[getter]
    fn status(&self) -> &'static str {
        self.status.as_str()
    }

    /// The one word for the whole: `healthy`, `degraded`, `unknown` or `unhealthy`.
    #[getter]
    fn word(&self) -> &'static str {
        self.status.overall()
    }

    /// How what is critical is, by the groups that say so; none if none does.
    #[getter]
    fn critical(&self) -> Option<&'static str> {
        self.critical.map(Status::as_str)
    }

    /// When it was made, in UTC.
    #[getter]
    fn at(&self) -> Time {
        self.at
    }

    /// The first instant at which anything changes if nothing new is measured.
    #[getter]
    fn next_change(&self) -> Option<Time> {
        self.next_change
    }

    /// The digest of the checks and groups that it speaks of.
    #[getter]
    fn policy_sha256(&self) -> &str {
        &self.policy_sha256
    }

    /// Every check, and each of its instances, in the order of their names.
    #[getter]
    fn checks<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        let checks = self.report.iter().flat_map(report::Report::checks);
        tuple(&self.checks, py, || checks.map(|check| CheckReport::of(&check, self.at.0)).collect())
    }

    /// Every group, in the order of their names.
    #[getter]
    fn groups<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        let groups = self.report.iter().flat_map(report::Report::groups);
        tuple(&self.groups, py, || groups.map(GroupReport::from).collect())
    }

    /// What is to be told now, in the order of the checks.
    #[getter]
    fn actions<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        let actions = self.report.iter().flat_map(report::Report::actions);
        tuple(&self.actions, py, || actions.map(Action::from).collect())
    }

    /// What it says of the critical groups, and of the checks and groups that they are made of.
    fn critical_only<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        let (py, own) = (slf.py(), slf.get());
        if own.is_critical {
            return Ok(slf.clone());
        }
        let made = own.critical_only.get_or_try_init(py, || {
            let report = own.report.as_ref().map(report::Report::critical_only);
            // One that was pickled has it.
            let report = report.transpose().map_err(raised)?.map(Self::from);
            let report = report.map(|report| Self { is_critical: true, ..report });
            report.into_pyobject(py).map(|made| made.into_any().unbind())
        })?;
        made.bind(py).cast().cloned().map_err(|_| PyErr::from_value(made.bind(py).clone()))
    }

    /// What is pickled of that: the report or the error; none of a report that is it itself.
    #[getter]
    fn _critical_only<'py>(slf: &Bound<'py, Self>) -> Option<Bound<'py, PyAny>> {
        if slf.get().is_critical {
            return None;
        }
        Some(match Self::critical_only(slf) {
            Ok(report) => report.into_any(),
            Err(error) => error.into_value(slf.py()).into_bound(slf.py()).into_any(),
        })
    }

    /// The report as canonical JSON: the same bytes as from every other host.
    pub(crate) fn to_json(&self) -> &str {
        let made = || self.report.as_ref().map(report::Report::to_json);
        self.json.get_or_init(|| made().unwrap_or_default())
    }

    /// What a Nagios plugin prints of it.
    fn to_nagios(&self) -> &str {
        let made = || self.report.as_ref().map(report::Report::to_nagios);
        self.nagios.get_or_init(|| made().unwrap_or_default())
    }

    /// The report as OpenMetrics, for a scrape or a push.
    fn to_openmetrics(&self) -> &str {
        let made = || self.report.as_ref().map(report::Report::to_openmetrics);
        self.openmetrics.get_or_init(|| made().unwrap_or_default())
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("housekeep._notebook")?.call_method1("health", (slf,))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let checks = self.checks(py)?;
        let is_ok = |check: &Bound<'_, PyAny>| {
            check.cast::<CheckReport>().is_ok_and(|check| check.get().status == "ok")
        };
        let bad = checks.iter().filter(|check| !is_ok(check)).count();
        Ok(format!("<HealthReport {}: checks {}, not ok {bad}>", self.word(), checks.len()))
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let equal = self.to_json() == other.get().to_json();
        Ok(equal.into_pyobject(py)?.to_owned().into_any().unbind())
    }

    fn __hash__(&self) -> u64 {
        hash(self.to_json())
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let fields = [
            "status",
            "critical",
            "at",
            "next_change",
            "policy_sha256",
            "checks",
            "groups",
            "actions",
            "_critical_only",
        ];
        let own = slf.get();
        let texts = [own.to_json(), own.to_nagios(), own.to_openmetrics()];
        crate::record::reduce(slf.as_any(), &fields, &texts)
    }
}

/// A tuple that is made when it is first asked for.
fn tuple<'a, 'py, T: IntoPyObject<'py>>(
    own: &'a PyOnceLock<Py<PyTuple>>,
    py: Python<'py>,
    items: impl FnOnce() -> Vec<T>,
) -> PyResult<&'a Bound<'py, PyTuple>> {
    let made = own.get_or_try_init(py, || PyTuple::new(py, items()).map(Bound::unbind))?;
    Ok(made.bind(py))
}

/// The status of this name.
pub(crate) fn named(name: &str) -> PyResult<Status> {
    let found = Status::ALL.iter().copied().find(|status| status.as_str() == name);
    found.ok_or_else(|| PyValueError::new_err(format!("`{name}` is no status")))
}

/// What is remembered from one evaluation to the next.
#[pyclass(frozen, module = "housekeep._core")]
pub(crate) struct HealthState(pub(crate) State);

#[pymethods]
impl HealthState {
    /// Reads what `to_json` wrote.
    #[classmethod]
    fn from_json(_: &Bound<'_, PyType>, text: &Bound<'_, PyAny>) -> PyResult<Self> {
        let Some(read) = bytes(text)? else {
            let class = text.get_type().name()?;
            return Err(PyTypeError::new_err(format!("a state is text or bytes, not {class}")));
        };
        State::from_json(&read).map(Self).map_err(raised)
    }

    /// The state as canonical JSON, which is to be kept until the next evaluation.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    fn __repr__(&self) -> String {
        match self.0.now() {
            Some(at) => format!("<HealthState of {at}>"),
            None => "<HealthState of nothing>".into(),
        }
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let equal = self.0 == other.get().0;
        Ok(equal.into_pyobject(py)?.to_owned().into_any().unbind())
    }

    fn __hash__(&self) -> u64 {
        hash(&self.to_json())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().getattr("from_json")?, (slf.get().to_json(),)))
    }
}

fn hash(json: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    json.hash(&mut hasher);
    hasher.finish()
}

//! Which thresholds are met, of one snapshot or of many.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

use arrow_array::RecordBatchIterator;
use housekeep::health::{Measure, Screen, Status};
use housekeep::policy::HealthRules;
use housekeep::report;
use housekeep::time::Instant;
use pyo3::exceptions::{PyKeyError, PyRuntimeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyBytes, PyCapsule, PyDateTime, PyDict, PyFloat, PyInt, PyString, PyTuple, PyType,
    PyTzInfo,
};

use crate::health::named;
use crate::record::record;
use crate::rows::stream;
use crate::time::{self, Time};

record! {
    /// How many have each status.
    StatusCounts {
        /// Healthy ones.
        ok: u64,
        /// Degraded ones.
        warn: u64,
        /// Those of which nothing is known.
        unknown: u64,
        /// Unhealthy ones.
        crit: u64,
    }
}

record! {
    /// A row that is not ok, and what is not ok about it.
    FleetRow {
        /// Its number, from 0 on.
        row: u32,
        /// Its id, if the rows have any.
        id: Option<String>,
        /// How it is as a whole: `warn`, `unknown` or `crit`.
        status: String,
        /// Its checks that are not ok, each with its status.
        checks: Vec<(String, String)>,
        /// Its groups that are not ok, each with its status.
        groups: Vec<(String, String)>,
    }
}

/// The names of a policy's checks and groups, and those of the metrics as Python has them.
pub(crate) struct Metrics {
    names: Arc<Names>,
    metrics: Vec<Name>,
}

/// What statuses belong to.
#[derive(PartialEq, Eq, Hash)]
struct Names {
    checks: Vec<String>,
    groups: Vec<String>,
    /// Of each group, whether it is critical.
    critical: Vec<bool>,
    own: Interned,
}

/// The names of the checks and then of the groups as Python has them, made when they are first asked
/// for.
#[derive(Default)]
struct Interned(PyOnceLock<Vec<Py<PyString>>>);

// They are the names that they are made of.
impl PartialEq for Interned {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Interned {}

impl Hash for Interned {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Names {
    fn own(&self, py: Python<'_>) -> &[Py<PyString>] {
        let all = || self.checks.iter().chain(&self.groups);
        self.own
            .0
            .get_or_init(py, || all().map(|name| PyString::intern(py, name).unbind()).collect())
    }
}

/// The name of a metric, and its parts, if it has several.
struct Name {
    whole: Py<PyString>,
    parts: Vec<Py<PyString>>,
}

impl Metrics {
    pub(crate) fn new(py: Python<'_>, rules: &HealthRules) -> Self {
        let screen = rules.screen();
        let intern = |text: &str| PyString::intern(py, text).unbind();
        let name = |name: &String| Name {
            whole: intern(name),
            parts: match name.contains('.') {
                true => name.split('.').map(intern).collect(),
                false => Vec::new(),
            },
        };
        let groups = screen.groups();
        let names = Names {
            checks: screen.checks().to_vec(),
            groups: groups.to_vec(),
            critical: groups.iter().map(|group| rules.is_critical(group)).collect(),
            own: Interned::default(),
        };
        Self { names: names.into(), metrics: screen.metrics().iter().map(name).collect() }
    }

    pub(crate) fn screen(
        &self,
        screen: &Screen,
        snapshot: &Bound<'_, PyAny>,
        now: &Bound<'_, PyAny>,
    ) -> PyResult<Screening> {
        let now = moment(now, screen.is_timed())?;
        let mut codes = vec![0; self.names.checks.len() + self.names.groups.len()];
        let row = match snapshot.cast_exact::<PyDict>() {
            Ok(fields) if !screen.has_instances() => self.row(fields)?,
            _ => None,
        };
        let status = match row {
            Some(row) => screen.row(&row, now, &mut codes),
            None => screen.snapshot(&crate::metrics::snapshot(snapshot)?, now, &mut codes),
        };
        Ok(Screening { names: Arc::clone(&self.names), codes, status })
    }

    /// One measurement for each metric, where all of them are plain: numbers, instants, or nothing.
    fn row(&self, fields: &Bound<'_, PyDict>) -> PyResult<Option<Vec<Measure>>> {
        let py = fields.py();
        let mut row = Vec::with_capacity(self.metrics.len());
        for name in &self.metrics {
            let Some(found) = name.find(py, fields)? else { return Ok(None) };
            let Some(measure) = found.map_or(Ok(Some(Measure::Missing)), |own| measure(&own))?
            else {
                return Ok(None);
            };
            row.push(measure);
        }
        Ok(Some(row))
    }
}

impl Name {
    /// What has this name. None where it takes a closer look.
    fn find<'py>(
        &self,
        py: Python<'py>,
        fields: &Bound<'py, PyDict>,
    ) -> PyResult<Option<Option<Bound<'py, PyAny>>>> {
        if let Some(found) = fields.get_item(self.whole.bind(py))? {
            return Ok(Some(Some(found)));
        }
        let Some((last, above)) = self.parts.split_last() else { return Ok(Some(None)) };
        let mut fields = fields.clone();
        for part in above {
            let Some(below) = fields.get_item(part.bind(py))? else { return Ok(None) };
            let Ok(below) = below.cast_into_exact::<PyDict>() else { return Ok(None) };
            fields = below;
        }
        Ok(fields.get_item(last.bind(py))?.map(Some))
    }
}

/// A plain value; none where it takes a closer look.
fn measure(given: &Bound<'_, PyAny>) -> PyResult<Option<Measure>> {
    Ok(if let Ok(number) = given.cast::<PyFloat>() {
        Some(Measure::Number(number.value()))
    } else if let Ok(value) = given.cast::<PyBool>() {
        Some(Measure::Number(f64::from(u8::from(value.is_true()))))
    } else if given.is_instance_of::<PyInt>() {
        given.extract().ok().map(Measure::Number)
    } else if given.is_none() {
        Some(Measure::Missing)
    } else if let Ok(at) = given.cast::<PyDateTime>() {
        time::instant(at)?.ok().map(|at| at.map_or(Measure::Missing, Measure::Instant))
    } else {
        None
    })
}

/// The instant of now. Where nothing depends on it, it is enough that it is one.
fn moment(now: &Bound<'_, PyAny>, is_timed: bool) -> PyResult<Instant> {
    let py = now.py();
    if !is_timed && let Ok(at) = now.cast_exact::<PyDateTime>() {
        let zone = at.getattr(intern!(py, "tzinfo"))?;
        if zone.is(&*PyTzInfo::utc(py)?) {
            return Ok(Instant::MAX);
        }
    }
    Ok(now.extract::<Time>()?.0)
}

/// Which thresholds one snapshot meets.
#[pyclass(frozen, eq, module = "housekeep._core")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Screening {
    names: Arc<Names>,
    codes: Vec<u8>,
    status: Status,
}

#[pymethods]
impl Screening {
    #[new]
    fn new(
        status: &str,
        checks: &Bound<'_, PyDict>,
        groups: &Bound<'_, PyDict>,
        critical_groups: Vec<bool>,
    ) -> PyResult<Self> {
        let mut names = Names {
            checks: vec![],
            groups: vec![],
            critical: critical_groups,
            own: Interned::default(),
        };
        let mut codes = Vec::new();
        for (fields, own) in [(checks, &mut names.checks), (groups, &mut names.groups)] {
            for (name, status) in fields {
                own.push(name.extract()?);
                codes.push(named(status.extract()?)?.code());
            }
        }
        Ok(Self { names: names.into(), codes, status: named(status)? })
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["status", "word", "critical", "checks", "groups"])
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
        let groups = self.codes.iter().skip(self.names.checks.len()).zip(&self.names.critical);
        let critical = groups.filter(|(_, is_critical)| **is_critical).map(|(code, _)| *code);
        critical.max().map(|code| Status::of_code(code).as_str())
    }

    /// The status of every check, by the names in order.
    #[getter]
    fn checks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        statuses(py, self.all(py).take(self.names.checks.len()))
    }

    /// The status of every group, by the names in order.
    #[getter]
    fn groups<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        statuses(py, self.all(py).skip(self.names.checks.len()))
    }

    /// The checks that are not ok, each with its status, by the names in order.
    #[getter]
    fn failing<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let checks = self.all(py).take(self.names.checks.len());
        statuses(py, checks.filter(|(_, code)| **code != Status::Ok.code()))
    }

    fn __repr__(&self) -> String {
        let checks = self.names.checks.len();
        let bad = self.codes.iter().take(checks).filter(|code| **code != Status::Ok.code()).count();
        format!("<Screening {}: checks {checks}, not ok {bad}>", self.word())
    }

    fn __hash__(&self) -> u64 {
        hash(self)
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let (py, own) = (slf.py(), slf.get());
        let (checks, groups) = (own.checks(py)?, own.groups(py)?);
        let parts = (own.status(), checks, groups, own.names.critical.clone());
        Ok((slf.get_type(), parts.into_pyobject(py)?))
    }
}

impl Screening {
    /// Every check and then every group, and its status.
    fn all<'a>(&'a self, py: Python<'_>) -> impl Iterator<Item = (&'a Py<PyString>, &'a u8)> {
        self.names.own(py).iter().zip(&self.codes)
    }
}

fn statuses<'py, 'a>(
    py: Python<'py>,
    all: impl Iterator<Item = (&'a Py<PyString>, &'a u8)>,
) -> PyResult<Bound<'py, PyDict>> {
    let found = PyDict::new(py);
    for (name, code) in all {
        let word = match Status::of_code(*code) {
            Status::Ok => intern!(py, "ok"),
            Status::Warn => intern!(py, "warn"),
            Status::Unknown => intern!(py, "unknown"),
            Status::Crit => intern!(py, "crit"),
        };
        found.set_item(name.bind(py), word)?;
    }
    Ok(found)
}

/// Which thresholds many snapshots meet, each a row.
#[pyclass(frozen, module = "housekeep._core")]
pub(crate) struct Fleet {
    fleet: report::Fleet,
    json: OnceLock<String>,
}

impl From<report::Fleet> for Fleet {
    fn from(fleet: report::Fleet) -> Self {
        Self { fleet, json: OnceLock::new() }
    }
}

impl From<report::Counts> for StatusCounts {
    fn from(counts: report::Counts) -> Self {
        let report::Counts { ok, warn, unknown, crit } = counts;
        Self { ok, warn, unknown, crit }
    }
}

impl From<report::FleetRow<'_>> for FleetRow {
    fn from(found: report::FleetRow<'_>) -> Self {
        use housekeep::columns::Cell;
        let owned = |statuses: Vec<(&str, Status)>| {
            let owned = |(name, status): (&str, Status)| (name.into(), status.as_str().into());
            statuses.into_iter().map(owned).collect()
        };
        Self {
            row: found.row,
            id: (!matches!(found.id, Cell::Missing | Cell::Null)).then(|| found.id.to_string()),
            status: found.status.as_str().to_owned(),
            checks: owned(found.checks),
            groups: owned(found.groups),
        }
    }
}

#[pymethods]
impl Fleet {
    /// When it was asked, in UTC.
    #[getter]
    fn at(&self) -> Time {
        Time(self.fleet.now())
    }

    /// The digest of the checks and groups that it speaks of.
    #[getter]
    fn policy_sha256(&self) -> &str {
        self.fleet.policy_sha256()
    }

    /// How many rows there are.
    #[getter]
    fn total(&self) -> u64 {
        self.fleet.total()
    }

    /// How bad the worst row is: `ok`, `warn`, `unknown` or `crit`; unknown without any.
    #[getter]
    fn status(&self) -> &'static str {
        self.fleet.status().as_str()
    }

    /// The names of the checks and groups, each with its family, in order.
    #[getter]
    fn names(&self) -> Vec<String> {
        let checks = self.fleet.checks().map(|(name, _)| format!("check.{name}"));
        checks.chain(self.fleet.groups().map(|(name, _)| format!("group.{name}"))).collect()
    }

    /// How many rows have each status: as a whole, or by a check or group.
    #[pyo3(signature = (name = None))]
    fn counts(&self, name: Option<&str>) -> PyResult<StatusCounts> {
        self.column(name).map(|codes| report::Counts::of(codes).into())
    }

    /// The status of every row as a byte: 0 is ok, 1 warn, 2 unknown, 3 crit.
    #[pyo3(signature = (name = None))]
    fn codes<'py>(&self, py: Python<'py>, name: Option<&str>) -> PyResult<Bound<'py, PyBytes>> {
        self.column(name).map(|codes| PyBytes::new(py, codes))
    }

    /// So many of the worst rows that are not ok.
    #[pyo3(signature = (most = 10))]
    fn worst(&self, py: Python<'_>, most: usize) -> Vec<FleetRow> {
        let found = py.detach(|| self.fleet.worst(most));
        found.into_iter().map(Into::into).collect()
    }

    /// The answer as canonical JSON: the same bytes as from every other host.
    fn to_json(&self, py: Python<'_>) -> &str {
        py.detach(|| self.json.get_or_init(|| self.fleet.to_json()))
    }

    /// The statuses as an Arrow stream of one batch.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A consumer that asks for other types has to convert them itself: that is the protocol.
        let _ = requested_schema;
        let batch = py.detach(|| self.fleet.to_batch());
        let batch = batch.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        let schema = batch.schema();
        stream::export(py, Box::new(RecordBatchIterator::new([Ok(batch)], schema)))
    }

    fn __len__(&self) -> usize {
        self.fleet.codes().len()
    }

    fn __repr__(&self) -> String {
        let report::Counts { ok, warn, unknown, crit } = self.fleet.counts();
        format!("<Fleet of {}: ok {ok}, warn {warn}, unknown {unknown}, crit {crit}>", self.total())
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let equal = self.to_json(py) == other.get().to_json(py);
        Ok(equal.into_pyobject(py)?.to_owned().into_any().unbind())
    }

    fn __hash__(&self, py: Python<'_>) -> u64 {
        hash(self.to_json(py))
    }
}

fn hash<T: Hash + ?Sized>(own: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    own.hash(&mut hasher);
    hasher.finish()
}

impl Fleet {
    /// The statuses of a check or group, or of the whole.
    fn column(&self, name: Option<&str>) -> PyResult<&[u8]> {
        let Some(name) = name else { return Ok(self.fleet.codes()) };
        let of = |family: &str, own: &str| {
            own == name || name.strip_prefix(family).is_some_and(|name| name == own)
        };
        let mut checks = self.fleet.checks().filter(|(own, _)| of("check.", own));
        let mut groups = self.fleet.groups().filter(|(own, _)| of("group.", own));
        let found = checks.next().or_else(|| groups.next());
        let none = || PyKeyError::new_err(format!("there is no check and no group `{name}`"));
        found.map(|(_, codes)| codes).ok_or_else(none)
    }
}

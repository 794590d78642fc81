//! The plan: a handle over core's, read as far as it is asked for.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::RecordBatchIterator;
use housekeep::plan::{self, DedupePlan, RetentionPlan};
use pyo3::exceptions::{PyIndexError, PyOverflowError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyCapsule, PySlice, PyTuple, PyType};

use crate::answers::{
    Drop, Explanation, Nearest, OldestKept, Removal, RetentionSkipped, Skipped, Stay,
};
use crate::error::raised;
use crate::rows::stream;
use crate::time::{Elapsed, Time};

/// Which rows go, and why. Nothing is deleted.
#[pyclass(frozen, module = "housekeep._core")]
pub(crate) struct Plan {
    plan: plan::Plan,
    drop_ids: PyOnceLock<Py<PyTuple>>,
}

impl From<plan::Plan> for Plan {
    fn from(plan: plan::Plan) -> Self {
        Self { plan, drop_ids: PyOnceLock::new() }
    }
}

impl Plan {
    /// Core's own.
    pub(crate) fn core(&self) -> &plan::Plan {
        &self.plan
    }
}

/// What goes, in the terms of the plan's family.
#[derive(IntoPyObject)]
enum Gone {
    Duplicate(Drop),
    Outlived(Removal),
}

/// What is left alone, in the terms of the plan's family.
#[derive(IntoPyObject)]
enum Untouched {
    Duplicates(Skipped),
    Outlived(RetentionSkipped),
}

#[pymethods]
impl Plan {
    /// Reads a plan that `to_json` wrote.
    #[classmethod]
    fn parse(_: &Bound<'_, PyType>, py: Python<'_>, text: &str) -> PyResult<Self> {
        py.detach(|| plan::Plan::from_json(text)).map(Into::into).map_err(raised)
    }

    /// Reads a plan from the file that `save` wrote.
    #[classmethod]
    fn load(class: &Bound<'_, PyType>, path: &Bound<'_, PyAny>) -> PyResult<Self> {
        let text = files(class.py())?.call_method1("read", (path,))?;
        Self::parse(class, class.py(), text.extract()?)
    }

    /// Writes the plan to a file, whole or not at all.
    fn save(&self, py: Python<'_>, path: &Bound<'_, PyAny>) -> PyResult<()> {
        files(py)?.call_method1("replace", (path, self.bytes(py)?))?;
        Ok(())
    }

    /// The plan as canonical JSON: the same bytes as from every other host.
    fn to_json(&self, py: Python<'_>) -> String {
        py.detach(|| self.plan.to_json())
    }

    /// The family of its rule: `dedupe` or `retention`.
    #[getter]
    fn kind(&self) -> &'static str {
        self.plan.family().as_str()
    }

    /// The rule, without its family.
    #[getter]
    fn rule(&self) -> &str {
        self.plan.rule()
    }

    /// The table, if the rule names one.
    #[getter]
    fn table(&self) -> Option<&str> {
        self.plan.table()
    }

    /// The `now` it was made with, in UTC.
    #[getter]
    fn planned_at(&self) -> Time {
        Time(self.plan.planned_at())
    }

    /// The digest of the rule it was made by.
    #[getter]
    fn rule_sha256(&self) -> &str {
        self.plan.rule_sha256()
    }

    /// Where its rows came from.
    #[getter]
    fn source(&self) -> &BTreeMap<String, String> {
        self.plan.source()
    }

    /// All rows.
    #[getter]
    fn total(&self) -> u64 {
        self.plan.total()
    }

    /// Rows that were decided: all but those that the rule leaves alone.
    #[getter]
    fn eligible(&self) -> u64 {
        self.plan.eligible()
    }

    /// Rows that stay because the rule says so.
    #[getter]
    fn keep(&self) -> u64 {
        self.plan.keep()
    }

    /// Rows that go.
    #[getter]
    fn drop(&self) -> u64 {
        self.plan.drop_count()
    }

    /// Items that would go, and may not yet. A dedupe plan has none.
    #[getter]
    fn blocked(&self) -> u64 {
        self.plan.retention().map_or(0, RetentionPlan::blocked)
    }

    /// Rows that the rule leaves alone.
    #[getter]
    fn skipped(&self) -> Untouched {
        match self.plan.retention() {
            Some(plan) => Untouched::Outlived(plan.skipped().into()),
            None => Untouched::Duplicates(
                self.plan.dedupe().map(DedupePlan::skipped).unwrap_or_default().into(),
            ),
        }
    }

    /// Of a dedupe plan, whether it drops enough to be applied, by the rule's `advise_above`.
    #[getter]
    fn advised(&self) -> Option<bool> {
        self.plan.dedupe().map(DedupePlan::is_advised)
    }

    /// Of a dedupe plan, the advice in words.
    #[getter]
    fn advice(&self) -> Option<&str> {
        self.plan.dedupe().map(DedupePlan::advice)
    }

    /// Of a dedupe plan that drops nothing, the rows that came nearest to being duplicates.
    #[getter]
    fn nearest(&self) -> Option<Nearest> {
        let (id, other_id, gap) = self.plan.dedupe()?.nearest()?;
        Some(Nearest { id: id.to_owned(), other_id: other_id.to_owned(), gap: Elapsed(gap) })
    }

    /// Of a retention plan, the files that the items are, if the rule says so: a path with `*` and
    /// `**`.
    #[getter]
    fn files(&self) -> Option<&str> {
        self.plan.retention()?.files()
    }

    /// Of a retention plan that was made with `decisions`, the items that stay, in the order of
    /// their rows.
    #[getter]
    fn keeps(&self) -> Option<Vec<Stay>> {
        Some(self.plan.retention()?.keeps()?.iter().map(Into::into).collect())
    }

    /// Of a retention plan, the oldest item that stays of each group that has one.
    #[getter]
    fn oldest_kept(&self) -> Vec<OldestKept> {
        let plan = self.plan.retention();
        plan.map(|plan| plan.oldest_kept().map(Into::into).collect()).unwrap_or_default()
    }

    /// What a person should know before applying it.
    #[getter]
    fn warnings(&self) -> Vec<&str> {
        self.plan.warnings().collect()
    }

    /// The ids that go: of duplicates in the order of key, time and id; else the oldest first.
    /// Always text, whatever the rows had.
    #[getter]
    fn drop_ids<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyTuple>> {
        let made = self.drop_ids.get_or_try_init(py, || {
            let ids = self.plan.drop_ids().map(|id| id.to_string());
            PyTuple::new(py, ids).map(Bound::unbind)
        })?;
        Ok(made.bind(py))
    }

    /// The rows that go, with the evidence, each made when it is asked for.
    #[getter]
    fn drops(slf: &Bound<'_, Self>) -> Drops {
        Drops(slf.clone().unbind())
    }

    /// The digest of the plan, which is also the last entry of its JSON.
    #[getter]
    fn sha256(&self, py: Python<'_>) -> &str {
        py.detach(|| self.plan.sha256())
    }

    /// What becomes of the row with this id, as far as the plan knows.
    fn explain(&self, id: &Bound<'_, PyAny>) -> PyResult<Explanation> {
        Ok(self.plan.explain(id.str()?.to_str()?).into())
    }

    /// The drops as an Arrow stream: `pyarrow.table(plan)`, `polars.DataFrame(plan)`.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A consumer that asks for other types has to convert them itself: that is the protocol.
        let _ = requested_schema;
        let batch = py.detach(|| self.plan.to_batch());
        let batch = batch.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        let schema = batch.schema();
        stream::export(py, Box::new(RecordBatchIterator::new([Ok(batch)], schema)))
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("housekeep._notebook")?.call_method1("plan", (slf,))
    }

    fn __repr__(&self) -> String {
        let (total, keep, drop) = (self.plan.total(), self.plan.keep(), self.plan.drop_count());
        let (kind, rule) = (self.kind(), self.plan.rule());
        format!("<Plan {kind}.{rule}: total {total}, keep {keep}, drop {drop}>")
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let other = &other.get().plan;
        let equal = py.detach(|| self.plan == *other);
        Ok(equal.into_pyobject(py)?.to_owned().into_any().unbind())
    }

    fn __hash__(&self, py: Python<'_>) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.sha256(py).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let json = slf.get().to_json(slf.py());
        Ok((slf.get_type().getattr("parse")?, (json,)))
    }
}

impl Plan {
    fn bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut out = Vec::new();
        py.detach(|| self.plan.write_json(&mut out))?;
        Ok(PyBytes::new(py, &out))
    }

    /// What goes at this place of the order; none past the last one.
    fn gone(&self, place: usize) -> Option<Gone> {
        match self.plan.retention() {
            Some(plan) => plan.drop_at(place).map(|drop| Gone::Outlived(drop.into())),
            None => self.plan.dedupe()?.drop_at(place).map(|drop| Gone::Duplicate(drop.into())),
        }
    }
}

/// The drops of a plan, in its order.
#[pyclass(frozen, sequence, module = "housekeep._core")]
pub(crate) struct Drops(Py<Plan>);

#[pymethods]
impl Drops {
    fn __len__(&self) -> usize {
        usize::try_from(self.0.get().plan.drop_count()).unwrap_or(usize::MAX)
    }

    fn __getitem__<'py>(&self, place: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = place.py();
        let length = isize::try_from(self.__len__()).unwrap_or(isize::MAX);
        if let Ok(slice) = place.cast::<PySlice>() {
            let slice = slice.indices(length)?;
            let places = (0..slice.slicelength).map(|n| slice.start + n.cast_signed() * slice.step);
            let drops = places.map(|place| self.drop(place)).collect::<PyResult<Vec<_>>>()?;
            return drops.into_pyobject(py);
        }
        // A place that no list can have is past every end.
        let place = place.extract::<isize>().or_else(|error| {
            if error.is_instance_of::<PyOverflowError>(py) { Ok(length) } else { Err(error) }
        })?;
        let drop = self.drop(if place < 0 { place + length } else { place })?;
        drop.into_pyobject(py)
    }

    fn __iter__(slf: &Bound<'_, Self>) -> DropsIterator {
        DropsIterator { drops: slf.clone().unbind(), next: AtomicUsize::new(0) }
    }

    fn __repr__(&self) -> String {
        format!("<Drops: {}>", self.__len__())
    }
}

/// One walk over the drops of a plan.
#[pyclass(frozen, module = "housekeep._core")]
struct DropsIterator {
    drops: Py<Drops>,
    next: AtomicUsize,
}

#[pymethods]
impl DropsIterator {
    fn __iter__<'a>(slf: &'a Bound<'a, Self>) -> &'a Bound<'a, Self> {
        slf
    }

    fn __next__(&self) -> Option<Gone> {
        let place = self.next.fetch_add(1, Ordering::Relaxed);
        self.drops.get().0.get().gone(place)
    }
}

impl Drops {
    fn drop(&self, place: isize) -> PyResult<Gone> {
        let found = usize::try_from(place).ok().and_then(|place| self.0.get().gone(place));
        found.ok_or_else(|| PyIndexError::new_err("the plan has fewer drops"))
    }
}

/// What is better said in Python: files that are read, and replaced whole.
pub(crate) fn files(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import("housekeep._files")
}

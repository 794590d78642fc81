//! Instants and durations as Python has them: exact, through whole microseconds.

use housekeep::columns::Cell;
use housekeep::time::{Duration, Instant};
use housekeep::{Code, Error};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDateTime, PyDelta, PyString, PyTzInfo};

use crate::error::raised;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// An instant: a `datetime` in UTC on the way out; on the way in one of any zone, or RFC 3339.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Time(pub(crate) Instant);

/// A duration: a `timedelta` on the way out; on the way in one, or text such as `10m`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Elapsed(pub(crate) Duration);

/// 1970 in UTC.
fn epoch(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static EPOCH: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let made = EPOCH.get_or_try_init(py, || {
        let utc = PyTzInfo::utc(py)?;
        PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&utc)).map(|at| at.into_any().unbind())
    })?;
    Ok(made.bind(py))
}

/// 1970 on a clock without a zone.
fn local_epoch(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static EPOCH: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let made = EPOCH.get_or_try_init(py, || {
        PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, None).map(|at| at.into_any().unbind())
    })?;
    Ok(made.bind(py))
}

/// What a datetime says: an instant, or the reading of a clock without a zone; null for what calls
/// itself a datetime and is none, such as pandas' `NaT`. `None` outside the years 0001 to 9999.
pub(crate) fn cell(at: &Bound<'_, PyDateTime>) -> PyResult<Option<Cell<'static>>> {
    let py = at.py();
    // A zone that knows no offset is as good as none.
    let zone = at.getattr(intern!(py, "tzinfo"))?;
    let has_offset = !zone.is_none()
        && (zone.is(&*PyTzInfo::utc(py)?) || !at.call_method0("utcoffset")?.is_none());
    // Across two zones this heeds `fold`, and it is exact. Within one zone it would not, but
    // nothing but UTC itself is in the zone of the epoch.
    let since = at.as_any().sub(if has_offset { epoch(py)? } else { local_epoch(py)? })?;
    let Ok(since) = since.cast_into::<PyDelta>() else { return Ok(Some(Cell::Null)) };
    let Ok(reading) = Instant::from_micros(micros(&since)?) else { return Ok(None) };
    Ok(Some(if has_offset {
        Cell::Instant(reading)
    } else {
        Cell::Local { reading, fold: at.getattr(intern!(py, "fold"))?.is_truthy()? }
    }))
}

/// The instant that a datetime names, if it names one at all; without a zone that is refused.
pub(crate) fn instant(at: &Bound<'_, PyDateTime>) -> PyResult<Result<Option<Instant>, Error>> {
    Ok(match cell(at)? {
        Some(Cell::Instant(at)) => Ok(Some(at)),
        Some(Cell::Null) => Ok(None),
        Some(naive) => Err(Error::host(
            Code::RowsNaiveTime,
            format!("`{naive}` has no offset"),
            Some("give it a zone, such as datetime.now(timezone.utc)".into()),
        )),
        None => {
            let text: String = at.call_method0("isoformat")?.extract()?;
            Instant::parse(&text).map(Some)
        }
    })
}

/// All of a timedelta.
pub(crate) fn micros(delta: &Bound<'_, PyDelta>) -> PyResult<i64> {
    let py = delta.py();
    let part = |name| delta.getattr(name)?.extract::<i64>();
    let (days, seconds) = (part(intern!(py, "days"))?, part(intern!(py, "seconds"))?);
    let micros = part(intern!(py, "microseconds"))?;
    // What does not fit is longer than anything that is taken.
    Ok(days.saturating_mul(MICROS_PER_DAY).saturating_add(seconds * MICROS_PER_SECOND + micros))
}

fn delta(py: Python<'_>, micros: i64) -> PyResult<Bound<'_, PyDelta>> {
    // Both fit: instants and durations span some ten thousand years.
    let days = i32::try_from(micros.div_euclid(MICROS_PER_DAY)).unwrap_or(i32::MAX);
    let rest = micros.rem_euclid(MICROS_PER_DAY);
    let seconds = i32::try_from(rest / MICROS_PER_SECOND).unwrap_or(0);
    let micros = i32::try_from(rest % MICROS_PER_SECOND).unwrap_or(0);
    PyDelta::new(py, days, seconds, micros, false)
}

impl<'py> IntoPyObject<'py> for Time {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        epoch(py)?.add(delta(py, self.0.as_micros())?)
    }
}

impl FromPyObject<'_, '_> for Time {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(text) = given.cast::<PyString>() {
            return Instant::parse(text.to_str()?).map(Self).map_err(raised);
        }
        let at = given.cast::<PyDateTime>().map_err(|_| {
            let class =
                given.get_type().name().map_or_else(|_| "?".into(), |name| name.to_string());
            PyTypeError::new_err(format!("a datetime or RFC 3339 text was expected, not {class}"))
        })?;
        let at = instant(&at)?.map_err(raised)?;
        at.map(Self).ok_or_else(|| PyValueError::new_err("this is no point in time"))
    }
}

impl<'py> IntoPyObject<'py> for Elapsed {
    type Target = PyDelta;
    type Output = Bound<'py, PyDelta>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        delta(py, self.0.as_micros())
    }
}

impl FromPyObject<'_, '_> for Elapsed {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(delta) = given.cast::<PyDelta>() {
            let length = Duration::from_micros(micros(&delta)?);
            return length.map(Self).ok_or_else(|| {
                PyValueError::new_err(format!("{} is negative, or longer than 9999 years", *given))
            });
        }
        let text = given
            .cast::<PyString>()
            .map_err(|_| PyTypeError::new_err("a timedelta or text such as `10m` was expected"))?;
        text.to_str()?.parse().map(Self).map_err(raised)
    }
}

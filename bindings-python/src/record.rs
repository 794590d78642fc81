//! How the small answers become Python classes.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// A frozen class whose attributes are its fields, with equality, hash, repr, pattern matching and
/// pickle. With `+ json` it is an answer of its own, and keeps core's document.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* }) => {
        record!(@class $(#[$doc])* $name { $($(#[$field_doc])* $field: $ty,)* } {} {});
    };
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* } + json) => {
        record!(@class $(#[$doc])* $name { $($(#[$field_doc])* $field: $ty,)* } { json } {
            /// The answer as canonical JSON: the same bytes as from every other host.
            fn to_json(&self) -> &str {
                &self.json
            }
        });
    };
    (@class $(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* }
        { $($json:ident)? } { $($method:tt)* }) => {
        $(#[$doc])*
        #[pyclass(frozen, eq, hash, from_py_object, module = "housekeep._core")]
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub(crate) struct $name {
            $($(#[$field_doc])* #[pyo3(get)] pub(crate) $field: $ty,)*
            $(pub(crate) $json: String,)?
        }

        #[pymethods]
        impl $name {
            #[new]
            fn new($($field: $ty,)* $($json: String)?) -> Self {
                Self { $($field,)* $($json)? }
            }

            #[classattr]
            fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, pyo3::types::PyTuple>> {
                pyo3::types::PyTuple::new(py, [$(stringify!($field)),*])
            }

            fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
                $crate::record::repr(slf.as_any(), &[$(stringify!($field)),*])
            }

            fn __reduce__<'py>(
                slf: &Bound<'py, Self>,
            ) -> PyResult<(Bound<'py, pyo3::types::PyType>, Bound<'py, pyo3::types::PyTuple>)> {
                let extra: &[&str] = &[$(&slf.get().$json)?];
                $crate::record::reduce(slf.as_any(), &[$(stringify!($field)),*], extra)
            }

            $($method)*
        }
    };
}

pub(crate) use record;

/// `Name(field=value, …)`.
pub(crate) fn repr(record: &Bound<'_, PyAny>, fields: &[&str]) -> PyResult<String> {
    let said =
        fields.iter().map(|field| Ok(format!("{field}={}", record.getattr(*field)?.repr()?)));
    let said = said.collect::<PyResult<Vec<_>>>()?;
    Ok(format!("{}({})", record.get_type().name()?, said.join(", ")))
}

/// The class and what to call it with, for `pickle` and `copy`.
pub(crate) fn reduce<'py>(
    record: &Bound<'py, PyAny>,
    fields: &[&str],
    extra: &[&str],
) -> PyResult<(Bound<'py, pyo3::types::PyType>, Bound<'py, PyTuple>)> {
    let py = record.py();
    let mut parts =
        fields.iter().map(|field| record.getattr(*field)).collect::<PyResult<Vec<_>>>()?;
    for part in extra {
        parts.push(part.into_pyobject(py)?.into_any());
    }
    Ok((record.get_type(), PyTuple::new(py, parts)?))
}

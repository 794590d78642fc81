//! A rule as statements of PostgreSQL.

use housekeep::sql;
use pyo3::prelude::*;

/// A statement, and what stands for its `$1`, `$2` and so on.
#[pyclass(frozen, eq, module = "housekeep._core")]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Sql(sql::Sql);

/// A rule at a moment, as statements.
#[pyclass(frozen, eq, module = "housekeep._core")]
#[derive(PartialEq, Eq)]
pub(crate) struct Statements(pub(crate) sql::Statements);

#[pymethods]
impl Sql {
    /// The statement.
    #[getter]
    fn text(&self) -> &str {
        &self.0.text
    }

    /// Each value as text, which the statement casts.
    #[getter]
    fn values(&self) -> Vec<String> {
        self.0.values.clone()
    }

    fn __repr__(&self) -> String {
        format!("Sql(text={:?}, values={:?})", self.0.text, self.0.values)
    }
}

#[pymethods]
impl Statements {
    /// The rows that go: `id`, and of duplicates `keeper_id`.
    #[getter]
    fn select(&self) -> Sql {
        Sql(self.0.select().clone())
    }

    /// Removes some of them, and gives their ids.
    #[getter]
    fn delete(&self) -> Sql {
        Sql(self.0.delete().clone())
    }

    /// Both as canonical JSON: the same bytes as from every other host.
    fn to_json(&self) -> String {
        self.0.to_json()
    }
}

//! housekeep for Python.

//! An error as a document.

use serde::Serialize;

use super::canonical;
use crate::error::Error;

#[derive(Serialize)]
struct ErrorDocument<'a> {
    error: Parts<'a>,
}

#[derive(Serialize)]
struct Parts<'a> {
    code: &'a str,
    kind: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

impl Error {
    /// The error as canonical JSON: `{"error": {"code": …, "kind": …, "message": …, …}}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        canonical(&ErrorDocument {
            error: Parts {
                code: self.code().as_str(),
                kind: self.kind().as_str(),
                message: self.message(),
                help: self.help(),
                path: self.path(),
                row: self.row(),
                line: self.position().map(|at| at.line),
                column: self.position().map(|at| at.column),
            },
        })
    }
}

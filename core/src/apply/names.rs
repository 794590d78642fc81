//! Names as SQL writes them: always quoted, so that no case is folded and no word is reserved.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A name in SQL.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table by its schema and its name.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Relation {
    pub(super) schema: String,
    pub(super) name: String,
}

impl Relation {
    /// As SQL writes it.
    pub(super) fn sql(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.name))
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// The name of a table in a policy, as SQL writes it: `public.runs` names its schema, `runs` is looked
/// for on the search path.
pub(super) fn of_policy(name: &str) -> String {
    let parts: Vec<String> = name.splitn(2, '.').map(quoted).collect();
    parts.join(".")
}

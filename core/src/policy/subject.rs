//! What a rule is about: its name, its table, and the column that names a row.

use thiserror::Error;

use super::document::{ChildDocument, PolicyDocument};
use crate::error::{Code, Error, Leaf, quoted};

/// What no rule may be about.
#[derive(Debug, Error)]
enum BadSubject {
    #[error("the name {} cannot be told from a path", quoted(.0))]
    Name(String),
    #[error("the table {} is listed in `never`", quoted(.0))]
    Protected(String),
    #[error("the child {} is listed twice with the key {}", quoted(.table), quoted(.key))]
    RepeatedChild { table: String, key: String },
    #[error("a name is empty")]
    EmptyName,
}

impl Leaf for BadSubject {
    fn code(&self) -> Code {
        match self {
            BadSubject::Name(_) | BadSubject::EmptyName => Code::PolicyBadValue,
            BadSubject::RepeatedChild { .. } => Code::PolicyRepeatedField,
            BadSubject::Protected(_) => Code::PolicyProtected,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadSubject::Name(_) => "use letters, digits, `_` and `-`",
            BadSubject::EmptyName => "give the name of a column or table",
            BadSubject::RepeatedChild { .. } => "keep one of the two",
            BadSubject::Protected(_) => "take the rule out: such a table is never touched",
        };
        Some(help.into())
    }
}

/// The rule's own name.
pub(super) fn check_name(name: &str, path: &str) -> Result<(), Error> {
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
        return Err(Error::from(BadSubject::Name(name.to_owned())).at_path(path));
    }
    Ok(())
}

/// The name of a column or a table.
pub(super) fn not_empty(name: &str) -> Result<(), Error> {
    if name.is_empty() { Err(BadSubject::EmptyName.into()) } else { Ok(()) }
}

/// The column that names a row: what the rule says, or its table.
pub(super) fn id_column(
    given: Option<&String>,
    table: Option<&String>,
    policy: &PolicyDocument,
) -> String {
    let of_table = || policy.table.get(table?)?.id.as_ref();
    given.or_else(of_table).cloned().unwrap_or_else(|| "id".into())
}

/// The table and its children may be touched at all.
pub(super) fn check_table(table: &str, path: &str, policy: &PolicyDocument) -> Result<(), Error> {
    let forbidden = |name: &String| policy.never.contains(name);
    if policy.never.iter().any(|never| never == table) {
        return Err(Error::from(BadSubject::Protected(table.to_owned())).at_path(path));
    }
    let Some(document) = policy.table.get(table) else { return Ok(()) };
    for (n, child) in document.children.iter().enumerate() {
        let path = format!("table.{table}.children[{n}]");
        if forbidden(&child.table) {
            return Err(Error::from(BadSubject::Protected(child.table.clone())).at_path(path));
        }
        for name in [&child.table, &child.key] {
            not_empty(name).map_err(|error| error.at_path(path.as_str()))?;
        }
        let same = |other: &&ChildDocument| other.table == child.table && other.key == child.key;
        if document.children.iter().take(n).find(same).is_some() {
            let (table, key) = (child.table.clone(), child.key.clone());
            return Err(Error::from(BadSubject::RepeatedChild { table, key }).at_path(path));
        }
    }
    Ok(())
}

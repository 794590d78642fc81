//! What a rule is about: its name, its table, and the columns that name a row.

use std::collections::BTreeSet;

use thiserror::Error;

use super::document::{ChildDocument, PolicyDocument};
use crate::bounds::ID_COLUMNS;
use crate::error::{Code, Error, Leaf, quoted};
use crate::one_or_more::OneOrMore;

/// What no rule may be about.
#[derive(Debug, Error)]
enum BadSubject {
    #[error("the name {} cannot be told from a path", quoted(.0))]
    Name(String),
    #[error("the table {} is listed in `never`", quoted(.0))]
    Protected(String),
    #[error("the child {} is listed twice with the key {}", quoted(.table), quoted(.key))]
    RepeatedChild { table: String, key: String },
    #[error("the child {} holds an id of {id} columns by a key of {key}", quoted(.table))]
    ChildKey { table: String, key: usize, id: usize },
    #[error("the column {} is named twice", quoted(.0))]
    RepeatedColumn(String),
    #[error("a name is empty")]
    EmptyName,
}

impl Leaf for BadSubject {
    fn code(&self) -> Code {
        match self {
            BadSubject::Name(_) | BadSubject::EmptyName => Code::PolicyBadValue,
            BadSubject::RepeatedChild { .. } | BadSubject::RepeatedColumn(_) => {
                Code::PolicyRepeatedField
            }
            BadSubject::ChildKey { .. } => Code::PolicyConflict,
            BadSubject::Protected(_) => Code::PolicyProtected,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadSubject::Name(_) => "use letters, digits, `_` and `-`",
            BadSubject::EmptyName => "give the name of a column or table",
            BadSubject::RepeatedChild { .. } | BadSubject::RepeatedColumn(_) => {
                "keep one of the two"
            }
            BadSubject::ChildKey { .. } => "name as many columns as the id has, in its order",
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

/// The columns that name a row: what the rule at the path `base` says, or its table.
pub(super) fn id_columns(
    given: Option<&OneOrMore<String>>,
    table: Option<&String>,
    base: &str,
    policy: &PolicyDocument,
) -> Result<Vec<String>, Error> {
    if let Some(OneOrMore(columns)) = given {
        check_columns(columns).map_err(|error| error.at_path(format!("{base}.id")))?;
        return Ok(columns.clone());
    }
    let of_table = |table| Some((table, policy.table.get(table)?.id.as_ref()?));
    let Some((table, OneOrMore(columns))) = table.and_then(of_table) else {
        return Ok(vec!["id".into()]);
    };
    check_columns(columns).map_err(|error| error.at_path(format!("table.{table}.id")))?;
    Ok(columns.clone())
}

fn check_columns(columns: &[String]) -> Result<(), Error> {
    ID_COLUMNS.check(columns.len())?;
    for (n, column) in columns.iter().enumerate() {
        not_empty(column)?;
        if columns.iter().take(n).any(|other| other == column) {
            return Err(BadSubject::RepeatedColumn(column.clone()).into());
        }
    }
    Ok(())
}

/// The table may be touched at all, and so may its children, theirs, and so on: they go with it.
pub(super) fn check_table(
    table: &str,
    id: &[String],
    path: &str,
    policy: &PolicyDocument,
) -> Result<(), Error> {
    not_empty(table).map_err(|error| error.at_path(path))?;
    allowed(table, policy).map_err(|error| error.at_path(path))?;
    // Children may be each other's.
    let mut seen = BTreeSet::from([table]);
    let mut next = vec![(table, id.len())];
    while let Some((table, id)) = next.pop() {
        let Some(document) = policy.table.get(table) else { continue };
        for (n, child) in document.children.iter().enumerate() {
            let path = format!("table.{table}.children[{n}]");
            let is_sound = check_child(n, child, &document.children, id, policy);
            is_sound.map_err(|error| error.at_path(path))?;
            if seen.insert(&child.table) {
                let id = id_columns(None, Some(&child.table), "", policy)?;
                next.push((&child.table, id.len()));
            }
        }
    }
    Ok(())
}

fn check_child(
    n: usize,
    child: &ChildDocument,
    children: &[ChildDocument],
    id: usize,
    policy: &PolicyDocument,
) -> Result<(), Error> {
    let OneOrMore(key) = &child.key;
    allowed(&child.table, policy)?;
    not_empty(&child.table)?;
    check_columns(key)?;
    let same = |other: &&ChildDocument| other.table == child.table && other.key.0 == *key;
    if children.iter().take(n).find(same).is_some() {
        return Err(
            BadSubject::RepeatedChild { table: child.table.clone(), key: key.join(", ") }.into()
        );
    }
    if key.len() != id {
        let (table, key) = (child.table.clone(), key.len());
        return Err(BadSubject::ChildKey { table, key, id }.into());
    }
    Ok(())
}

/// Whether the policy lets any rule touch the table.
fn allowed(table: &str, policy: &PolicyDocument) -> Result<(), Error> {
    if policy.never.iter().any(|never| may_be_one(never, table)) {
        return Err(BadSubject::Protected(table.to_owned()).into());
    }
    Ok(())
}

/// Whether two names may be of one table: where only one of them names the schema, and whatever the
/// case of their letters, they may.
fn may_be_one(one: &str, other: &str) -> bool {
    let parts = |name: &str| {
        let name = name.to_lowercase();
        match name.rsplit_once('.') {
            Some((schema, table)) => (Some(schema.to_owned()), table.to_owned()),
            None => (None, name),
        }
    };
    let ((one_schema, one), (other_schema, other)) = (parts(one), parts(other));
    let same_schema = one_schema.is_none() || other_schema.is_none() || one_schema == other_schema;
    one == other && same_schema
}

#[cfg(test)]
mod tests {
    use super::may_be_one;

    #[test]
    fn a_table_is_known_by_its_name_with_or_without_its_schema() {
        for (one, other, meant) in [
            ("payments", "payments", true),
            ("payments", "public.payments", true),
            ("public.payments", "payments", true),
            ("public.payments", "PUBLIC.Payments", true),
            ("public.payments", "archive.payments", false),
            ("payments", "payment", false),
            ("payments", "payments.old", false),
            ("", "payments", false),
        ] {
            assert_eq!(may_be_one(one, other), meant, "{one} and {other}");
        }
    }
}

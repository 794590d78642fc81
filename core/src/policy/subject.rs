//! What a rule is about: its name, its table, and the column that names a row.

use std::collections::BTreeSet;

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

/// The table may be touched at all, and so may its children, theirs, and so on: they go with it.
pub(super) fn check_table(table: &str, path: &str, policy: &PolicyDocument) -> Result<(), Error> {
    not_empty(table).map_err(|error| error.at_path(path))?;
    allowed(table, policy).map_err(|error| error.at_path(path))?;
    // Children may be each other's.
    let mut seen = BTreeSet::from([table]);
    let mut next = vec![table];
    while let Some(table) = next.pop() {
        let Some(document) = policy.table.get(table) else { continue };
        for (n, child) in document.children.iter().enumerate() {
            let path = format!("table.{table}.children[{n}]");
            let is_sound = check_child(n, child, &document.children, policy);
            is_sound.map_err(|error| error.at_path(path))?;
            if seen.insert(&child.table) {
                next.push(&child.table);
            }
        }
    }
    Ok(())
}

fn check_child(
    n: usize,
    child: &ChildDocument,
    children: &[ChildDocument],
    policy: &PolicyDocument,
) -> Result<(), Error> {
    allowed(&child.table, policy)?;
    not_empty(&child.table)?;
    not_empty(&child.key)?;
    let same = |other: &&ChildDocument| other.table == child.table && other.key == child.key;
    if children.iter().take(n).find(same).is_some() {
        let (table, key) = (child.table.clone(), child.key.clone());
        return Err(BadSubject::RepeatedChild { table, key }.into());
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

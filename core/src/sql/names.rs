//! Names as SQL writes them: always quoted, so that no case is folded and no word is reserved.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::columns::{Need, Type};

/// A name in SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Names in a row, `"a", "b"`, as they are selected.
pub(crate) fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    names.join(", ")
}

/// Names as one value: `"a"`, or `("a", "b")`.
pub(crate) fn tuple(names: &[String]) -> String {
    if names.len() == 1 { list(names) } else { format!("({})", list(names)) }
}

/// The text that names a row of `of`: that of its one column, or a JSON array of several, as core makes it.
pub(crate) fn id_text(of: &str, id: &[String]) -> String {
    match id {
        [one] => format!("{of}{}::text", quoted(one)),
        several => composite(of, several),
    }
}

/// What names a row of `of` in a query of ours: its one column as it is, or a text of several.
pub(super) fn id_value(of: &str, id: &[String]) -> String {
    match id {
        [one] => format!("{of}{}", quoted(one)),
        several => composite(of, several),
    }
}

fn composite(of: &str, id: &[String]) -> String {
    let part = |name: &String| format!("pg_catalog.to_json({of}{}::text)::text", quoted(name));
    let parts: Vec<String> = id.iter().map(part).collect();
    format!("('[' || {} || ']')", parts.join(" || ',' || "))
}

/// A table by its schema and its name.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Relation {
    pub(crate) schema: String,
    pub(crate) name: String,
}

impl Relation {
    /// As SQL writes it.
    pub(crate) fn sql(&self) -> String {
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
pub(crate) fn of_policy(name: &str) -> String {
    let parts: Vec<String> = name.splitn(2, '.').map(quoted).collect();
    parts.join(".")
}

/// What orders ids of one time as core does: integers by number, UUIDs by value, and text by its bytes,
/// whatever the language of the database. Where the rule does not say the type, the column does: of text the
/// bytes decide, and of anything else nothing is said here, but by the id itself.
pub(super) fn tie(id: &[String], needs: &[Need]) -> String {
    let [name] = id else { return format!("{} COLLATE \"C\"", composite("", id)) };
    let need = needs.iter().find(|need| need.name == *name);
    let id = quoted(name);
    match need.and_then(|need| need.ty) {
        Some(Type::Text) => format!("{id}::text COLLATE \"C\""),
        Some(Type::Integer) => format!("{id}::bigint"),
        Some(Type::Uuid) => format!("{id}::uuid"),
        _ => format!(
            "(CASE WHEN pg_catalog.pg_typeof({id})::text IN ('text', 'character varying') \
             THEN {id}::text END) COLLATE \"C\""
        ),
    }
}

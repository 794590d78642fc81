//! The statements about the rows of a plan. Ids come as one parameter, which is cast to the type of the
//! column: a cast of the column would lose its index.

use super::catalog::Column;
use super::survey::{Node, Survey};
use crate::columns::{Need, Type};
use crate::sql::names::{id_text, list, quoted, tuple};

/// Where a row lies: its page, and its number there.
const PLACE: &str = "ctid::text AS place";

impl Survey {
    /// Which rows of a table go with rows of the root whose ids are `$1`.
    fn belongs(&self, node: &Node) -> String {
        match self.above(node) {
            // Its own parent is not the root: by way of that.
            Some((above, key)) if above.parent.is_some() => {
                hangs_on(above, key, &self.belongs(above))
            }
            _ => node.goes_by(),
        }
    }

    /// Which rows of a table, wherever it stands, go with rows of the root of which a condition holds.
    pub(super) fn any_of(&self, node: &Node, condition: &str) -> String {
        let places = self.nodes.iter().filter(|own| own.facts.relation == node.facts.relation);
        let all: Vec<String> = places.map(|own| self.below(own, condition)).collect();
        all.join(" OR ")
    }

    fn below(&self, node: &Node, condition: &str) -> String {
        match self.above(node) {
            None => condition.to_owned(),
            Some((above, key)) => hangs_on(above, key, &self.below(above, condition)),
        }
    }

    /// What a table hangs on, and by which columns.
    pub(super) fn above<'a>(&'a self, node: &'a Node) -> Option<(&'a Node, &'a [String])> {
        let (place, key) = node.parent.as_ref()?;
        Some((self.nodes.get(*place)?, key))
    }

    /// Rows as they are, in the order of their ids: the id, and what is needed of each. If it is said how, they
    /// are locked, and their places in the table come last.
    pub(super) fn rows(&self, node: &Node, needs: &[Need], lock: Option<&str>) -> String {
        let (place, lock) = match lock {
            Some(how) => (Some(PLACE), format!("\nFOR {how}")),
            None => (None, String::new()),
        };
        let which = self.belongs(node);
        let select = select(node, needs, place);
        format!("{select}\nWHERE {which}\nORDER BY {}{lock}", list(&node.id))
    }

    /// The same of all rows that there are, in any order.
    pub(super) fn all_rows(node: &Node, needs: &[Need]) -> String {
        select(node, needs, None)
    }

    /// All rows that there are, which stay as they are until the transaction ends.
    pub(super) fn all_rows_locked(node: &Node, needs: &[Need]) -> String {
        format!("{}\nORDER BY {}\nFOR SHARE", select(node, needs, None), list(&node.id))
    }

    /// Where rows lie in the table: their ids, and their places.
    pub(super) fn places(&self, node: &Node) -> String {
        format!("{}\nWHERE {}", select(node, &[], Some(PLACE)), self.belongs(node))
    }

    /// The ids of rows of a child whose parent's ids are `$1`: locked, so that nothing more can hang on them.
    pub(super) fn lock(node: &Node) -> String {
        let (ids, which) = (select(node, &[], None), node.goes_by());
        format!("{ids}\nWHERE {which}\nORDER BY {}\nFOR UPDATE", list(&node.id))
    }

    /// Removes rows, and gives the texts of each. `$1` are their ids, of a child without children its parent's.
    pub(super) fn remove(node: &Node) -> String {
        let which = if node.is_parent { Self::is_one_of(node) } else { node.goes_by() };
        let texts = column_texts("", &node.facts.columns);
        format!("DELETE FROM {}\nWHERE {which}\nRETURNING {texts}", node.facts.relation.sql())
    }

    /// The texts of the rows that go with those of `$1`.
    pub(super) fn whole(&self, node: &Node) -> String {
        whole(node, &format!("WHERE {}", self.belongs(node)))
    }

    /// How many rows go with those of `$1`.
    pub(super) fn count(&self, node: &Node) -> String {
        count(node, &self.belongs(node))
    }

    /// One of the rows that go with those of `$1`, if there are any.
    pub(super) fn any(&self, node: &Node) -> String {
        let (table, which) = (node.facts.relation.sql(), self.belongs(node));
        format!("SELECT 1::text AS found FROM {table} WHERE {which} LIMIT 1")
    }

    /// Whether a row is one of `$1`.
    pub(super) fn is_one_of(node: &Node) -> String {
        of_ids(&node.id, &node.types(&node.id))
    }

    /// How many rows hang on ids that are `$1`: of a child those of its parent.
    pub(super) fn count_of_ids(node: &Node) -> String {
        count(node, &node.goes_by())
    }
}

/// Rows, each of the texts of all its columns.
pub(super) fn whole(node: &Node, which: &str) -> String {
    let texts = column_texts("", &node.facts.columns);
    format!("SELECT {texts}\nFROM {}\n{which}", node.facts.relation.sql())
}

/// The texts of columns of `of`, each by a name of its own: some drivers give rows by name.
pub(super) fn column_texts(of: &str, columns: &[Column]) -> String {
    let texts = columns.iter().zip(1..);
    let texts = texts.map(|(column, n)| format!("{of}{}::text AS c{n}", quoted(&column.name)));
    texts.collect::<Vec<_>>().join(", ")
}

/// What is needed of rows, after their ids, and then something more.
fn select(node: &Node, needs: &[Need], more: Option<&str>) -> String {
    let mut all = vec![format!("{} AS c0", id_text("", &node.id))];
    all.extend(needs.iter().zip(1..).map(|(need, n)| match need.ty {
        // The text of an array says less than its JSON.
        Some(Type::List) => format!("pg_catalog.to_json({})::text AS c{n}", quoted(&need.name)),
        _ => format!("{}::text AS c{n}", quoted(&need.name)),
    }));
    all.extend(more.map(str::to_owned));
    format!("SELECT {}\nFROM {}", all.join(", "), node.facts.relation.sql())
}

fn count(node: &Node, which: &str) -> String {
    format!("SELECT pg_catalog.count(*)::text FROM {} WHERE {which}", node.facts.relation.sql())
}

/// Which rows hold, by columns of theirs, an id of another table of which something is so.
fn hangs_on(above: &Node, key: &[String], which: &str) -> String {
    let (id, table) = (list(&above.id), above.facts.relation.sql());
    format!("{} IN (SELECT {id} FROM {table} WHERE {which})", tuple(key))
}

/// Whether columns hold one of the ids that are `$1`, which come in these types.
fn of_ids(columns: &[String], types: &[String]) -> String {
    match (columns, types) {
        ([column], [ty]) => format!("{} = ANY ($1::text[]::{ty}[])", quoted(column)),
        _ => {
            let part = |(n, ty)| format!("(id::pg_catalog.json ->> {n})::{ty}");
            let parts: Vec<String> = types.iter().enumerate().map(part).collect();
            let ids = "FROM pg_catalog.unnest($1::text[]) AS ids (id)";
            format!("{} IN (SELECT {} {ids})", tuple(columns), parts.join(", "))
        }
    }
}

impl Node {
    /// Whether a row is one of `$1`, or, of a child, hangs on one of these.
    fn goes_by(&self) -> String {
        match &self.parent {
            None => Survey::is_one_of(self),
            Some((_, key)) => of_ids(key, &self.parent_types),
        }
    }
}

//! The database, and the tables of a rule in it, as they are found before anything is done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::catalog::{self, BadTable, Column, Facts, Reference};
use super::rows::{Row, Rows};
use super::step::Param;
use super::talk::Talk;
use super::trouble::Trouble;
use crate::columns::composite;
use crate::error::{Code, Leaf, quoted as marked};
use crate::one_or_more::OneOrMore;
use crate::plan::Source;
use crate::policy::{Circle, TableTree};
use crate::sql::names::{Relation, of_policy};
use crate::wire;

/// What a plan or an export is of: a table in a database on a server.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fingerprint {
    pub(super) database: String,
    /// The server's own number, where it may be asked for.
    pub(super) system: Option<String>,
    pub(super) table: String,
    /// The digest of the names and types of the columns.
    pub(super) columns: String,
}

/// The tables, from the one that a rule names down.
#[derive(Clone, Debug)]
pub(super) struct Survey {
    pub(super) fingerprint: Fingerprint,
    /// Whether it is a standby.
    is_read_only: bool,
    /// Parents before their children.
    pub(super) nodes: Vec<Node>,
}

/// A table in its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) facts: Facts,
    pub(super) id: Vec<String>,
    /// Its parent's place, and the columns that hold the parent's id.
    pub(super) parent: Option<(usize, Vec<String>)>,
    /// The types in which it is asked for ids of its parent.
    pub(super) parent_types: Vec<String>,
    pub(super) is_parent: bool,
}

/// What keeps rows from being removed.
#[derive(Debug, Error)]
enum BadDatabase {
    #[error("the database {} may only be read", marked(.0))]
    ReadOnly(String),
    #[error("{by}({}) points to {to} by the foreign key {}, and the policy does not say so", .columns.join(", "), marked(.constraint))]
    Undeclared { by: Relation, columns: Vec<String>, to: Relation, constraint: String },
    #[error("{by}({}) points to {to}({}) by the foreign key {}, and {to} has another id in the policy", .columns.join(", "), .of.join(", "), marked(.constraint))]
    OtherId {
        by: Relation,
        columns: Vec<String>,
        to: Relation,
        of: Vec<String>,
        constraint: String,
    },
    #[error("rows of {by} go by themselves with those that they point to by the foreign key {}, of which triggers are disabled", marked(.constraint))]
    Adrift { by: Relation, constraint: String },
}

impl Leaf for BadDatabase {
    fn code(&self) -> Code {
        match self {
            BadDatabase::ReadOnly(_) => Code::ApplyReadOnly,
            BadDatabase::Undeclared { .. }
            | BadDatabase::OtherId { .. }
            | BadDatabase::Adrift { .. } => Code::ApplyUndeclared,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            BadDatabase::ReadOnly(_) => {
                "this is a standby, or set to read only: give the primary's URL".into()
            }
            BadDatabase::Undeclared { by, columns, to, .. } => {
                let table = if by.schema == to.schema { by.name.clone() } else { by.to_string() };
                let key = serde_json::to_string(&OneOrMore(columns.clone())).unwrap_or_default();
                format!(
                    "add `{{ table = \"{table}\", key = {key} }}` to the `children` of \
                     `[table.{}]`",
                    to.name
                )
            }
            BadDatabase::OtherId { of, .. } => {
                let id = serde_json::to_string(&OneOrMore(of.clone())).unwrap_or_default();
                format!("say `id = {id}`, and the `children` that hang on it")
            }
            BadDatabase::Adrift { by, .. } => format!(
                "enable the triggers of {by}, and of its partitions: what arrives unchecked would go unseen"
            ),
        })
    }
}

const IDENTIFY: &str = "\
SELECT pg_catalog.current_database()::text AS database,
  pg_catalog.pg_is_in_recovery()::text AS standby,
  pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute')::text AS told";
const SYSTEM: &str = "SELECT system_identifier::text FROM pg_catalog.pg_control_system()";

/// Looks at the database and the tables, within a transaction.
pub(super) async fn survey(talk: &Talk, tree: &TableTree) -> Result<Survey, Trouble> {
    let said = talk.rows(IDENTIFY, Vec::new()).await?;
    let text = |column| said.get(0).and_then(|row| row.get(column)).unwrap_or_default();
    let (database, is_read_only) = (text(0).to_owned(), text(1) == "true");
    let system = match text(2) {
        "true" => Some(talk.text(SYSTEM, Vec::new()).await?),
        _ => None,
    };
    let mut places = Vec::new();
    lay_out(tree, None, &mut places);
    let names = places.iter().map(|(table, _)| (table.name().to_owned(), of_policy(table.name())));
    let names: Vec<_> = names.collect();
    let facts = catalog::read(talk, &names).await?;
    let mut nodes: Vec<Node> = Vec::new();
    for ((table, parent), facts) in places.iter().zip(facts) {
        let mut node = Node {
            facts,
            id: table.id().to_owned(),
            parent: parent.map(|(place, key)| (place, key.to_owned())),
            parent_types: Vec::new(),
            is_parent: table.children().len() > 0,
        };
        node.check()?;
        if let Some((place, key)) = parent {
            node.parent_types = match nodes.get(*place) {
                // Whatever its own type, it can be compared with that.
                Some(above) if node.has_key(above) => above.types(&above.id),
                _ => node.types(key),
            };
        }
        nodes.push(node);
    }
    let root = nodes.first().ok_or(super::trouble::BadHost::NoText)?;
    let fingerprint = Fingerprint {
        database,
        system,
        table: root.facts.relation.to_string(),
        columns: columns_sha256(&root.facts.columns),
    };
    Ok(Survey { fingerprint, is_read_only, nodes })
}

/// A table of the policy, its parent's place, and the columns that hold the parent's id.
type Place<'a> = (&'a TableTree, Option<(usize, &'a [String])>);

fn lay_out<'a>(
    tree: &'a TableTree,
    parent: Option<(usize, &'a [String])>,
    places: &mut Vec<Place<'a>>,
) {
    let own = places.len();
    places.push((tree, parent));
    for (key, child) in tree.children() {
        lay_out(child, Some((own, key)), places);
    }
}

fn columns_sha256(columns: &[Column]) -> String {
    let all: BTreeMap<&str, &str> =
        columns.iter().map(|column| (column.name.as_str(), column.ty.as_str())).collect();
    wire::sha256(wire::canonical(&all).as_bytes())
}

impl Node {
    fn check(&self) -> Result<(), BadTable> {
        if self.is_parent || self.parent.is_none() {
            self.id.iter().try_for_each(|id| self.facts.column(id).map(drop))?;
        }
        if let Some((_, key)) = &self.parent {
            key.iter().try_for_each(|key| self.facts.column(key).map(drop))?;
        }
        Ok(())
    }

    /// The ids of rows of which there are the texts of all columns.
    pub(super) fn ids(&self, rows: &Rows) -> Vec<String> {
        let columns = &self.facts.columns;
        let place = |name: &String| columns.iter().position(|own| own.name == *name);
        let places: Vec<usize> = self.id.iter().filter_map(place).collect();
        let id = |row: Row<'_>| match places.as_slice() {
            [one] => row.get(*one).map(str::to_owned),
            several => {
                let parts = several.iter().map(|place| row.get(*place));
                Some(composite(parts.collect::<Option<Vec<_>>>()?.into_iter()))
            }
        };
        rows.iter().filter_map(id).collect()
    }

    /// Whether rows of others go, or change, by themselves with its own.
    pub(super) fn takes_along(&self) -> bool {
        self.facts.referenced_by.iter().any(|by| by.is_acting)
    }

    /// The file that its rows are written to.
    pub(super) fn file(&self) -> String {
        file_of(&self.facts.relation)
    }
}

/// The file that the rows of a table are written to: its name, where that is a plain one.
fn file_of(relation: &Relation) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let plain = |name: &str| -> String {
        name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect()
    };
    let name = plain(&relation.name);
    if name == relation.name && relation.schema == "public" {
        return format!("{name}.json");
    }
    // Two names that look alike are told apart.
    let mark: String = wire::sha256(relation.sql().as_bytes()).chars().take(8).collect();
    format!("{}.{name}.{mark}.json", plain(&relation.schema))
}

impl Survey {
    pub(super) fn root(&self) -> Option<&Node> {
        self.nodes.first()
    }

    /// Each table once, though it may hang on two others: parents first.
    pub(super) fn tables(&self) -> Vec<&Node> {
        let mut seen: Vec<&Node> = Vec::new();
        for node in &self.nodes {
            if !seen.iter().any(|other| other.facts.relation == node.facts.relation) {
                seen.push(node);
            }
        }
        seen
    }

    /// What a table hangs on, and what that hangs on, up to the root.
    fn ancestors<'a>(&'a self, node: &'a Node) -> impl Iterator<Item = &'a Node> {
        let above = |node: &'a Node| self.above(node).map(|(above, _)| above);
        std::iter::successors(above(node), move |node| above(node))
    }

    /// Whether nothing acts when rows go but what can be seen here.
    pub(super) fn is_plain(&self) -> bool {
        self.nodes.iter().all(|node| node.facts.triggers.is_empty() && !node.facts.has_parts)
    }

    /// Whether the server itself sees to it that no row of a table points to one of its parent's that is gone.
    pub(super) fn is_enforced(&self, node: &Node) -> bool {
        self.above(node).is_some_and(|(above, _)| {
            let keys = &above.facts.referenced_by;
            let has_parts = above.facts.has_parts || node.facts.has_parts;
            !has_parts && keys.iter().any(|by| by.is_enforced && node.is_tied(by, above))
        })
    }

    /// Whether the server lets no row go on which another hangs, and nothing else goes or acts then: with the rows of
    /// the root go only those that hang on them.
    pub(super) fn is_guarded(&self) -> bool {
        self.is_plain()
            && !self.nodes.iter().any(Node::takes_along)
            && self.nodes.iter().skip(1).all(|node| self.is_enforced(node) && !node.is_parent)
    }

    /// Refuses a database in which rows cannot be removed safely.
    pub(super) fn check_removal(&self) -> Result<(), Trouble> {
        if self.is_read_only {
            return Err(BadDatabase::ReadOnly(self.fingerprint.database.clone()).into());
        }
        for (place, node) in self.nodes.iter().enumerate() {
            node.facts.check_rows()?;
            // By two names of one table a policy can say what it may not.
            if self.ancestors(node).any(|above| above.facts.relation == node.facts.relation) {
                return Err(Circle(node.facts.relation.to_string()).into());
            }
            let is_below =
                |own: &&Node| own.parent.as_ref().is_some_and(|(above, _)| *above == place);
            let children: Vec<&Node> = self.nodes.iter().filter(is_below).collect();
            let declared = |by: &Reference| children.iter().any(|own| own.is_tied(by, node));
            if let Some(by) = node.facts.referenced_by.iter().find(|by| !declared(by)) {
                return Err(by.undeclared(node).into());
            }
            if let Some(by) = node.facts.referenced_by.iter().find(|by| by.is_adrift()) {
                let (by, constraint) = (by.table.clone(), by.constraint.clone());
                return Err(BadDatabase::Adrift { by, constraint }.into());
            }
        }
        Ok(())
    }

    /// What makes a removal slow, or does more than remove, in a sentence each.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut all = Vec::new();
        for node in &self.nodes {
            let facts = &node.facts;
            if let Some(ddl) = node.missing_key_index() {
                let table = &facts.relation;
                all.push(format!("each removal reads all of {table}, for want of an index: {ddl}"));
            }
            if !facts.triggers.is_empty() {
                let names = facts.triggers.join(", ");
                all.push(format!("{} has triggers that fire: {names}", facts.relation));
            }
        }
        all
    }
}

impl Reference {
    /// What it says that the policy does not.
    fn undeclared(&self, node: &Node) -> BadDatabase {
        let (by, constraint) = (self.table.clone(), self.constraint.clone());
        let to = node.facts.relation.clone();
        match self.columns_of(&node.id) {
            Some(columns) => BadDatabase::Undeclared { by, columns, to, constraint },
            None => {
                let (columns, of) = self.columns.iter().cloned().unzip();
                BadDatabase::OtherId { by, columns, to, of, constraint }
            }
        }
    }
}

impl Node {
    /// The types of columns of it, without lengths.
    pub(super) fn types(&self, columns: &[String]) -> Vec<String> {
        let ty = |name: &String| {
            let own = self.facts.columns.iter().find(|own| own.name == *name);
            own.map_or("text", |own| &own.base).to_owned()
        };
        columns.iter().map(ty).collect()
    }

    /// Whether a foreign key says that it hangs on another.
    fn has_key(&self, above: &Node) -> bool {
        above.facts.referenced_by.iter().any(|by| self.is_tied(by, above))
    }

    /// Whether a foreign key is the one by which it hangs on another.
    fn is_tied(&self, by: &Reference, above: &Node) -> bool {
        let is = |(_, key): &(usize, Vec<String>)| by.is(key, &above.id);
        by.table == self.facts.relation && self.parent.as_ref().is_some_and(is)
    }

    /// What makes the index of the key by which it hangs on its parent, if there is none.
    pub(super) fn missing_key_index(&self) -> Option<String> {
        let (_, key) = self.parent.as_ref()?;
        (!self.facts.finds_by(key)).then(|| self.facts.create_index(key))
    }
}

impl Fingerprint {
    /// For a plan: where its rows came from.
    pub(super) fn source(&self) -> Source {
        let system = self.system.clone().map(|system| ("system".to_owned(), system));
        let known =
            [("database", &self.database), ("table", &self.table), ("columns", &self.columns)];
        let known = known.map(|(name, value)| (name.to_owned(), value.clone()));
        known.into_iter().chain(system).collect()
    }

    /// The first thing in which what a plan says of its database is another, if it says anything.
    pub(super) fn differs(&self, source: &Source) -> Option<&'static str> {
        let own = self.source();
        ["system", "database", "table", "columns"]
            .into_iter()
            .find(|name| source.get(*name).is_some_and(|value| own.get(*name) != Some(value)))
    }
}

/// The parameters that a statement begins with.
pub(super) fn texts(ids: &[String]) -> Vec<Param> {
    vec![Param::Texts(ids.iter().cloned().map(Some).collect())]
}

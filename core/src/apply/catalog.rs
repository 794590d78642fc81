//! What a server says of a table, in one statement: its columns and keys, and what else acts when its
//! rows go.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::step::Param;
use super::talk::Talk;
use super::trouble::Trouble;
use crate::error::{Code, Leaf, quoted};
use crate::sql::names::{Relation, list};

/// A table.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Facts {
    pub(super) relation: Relation,
    /// `r` for a table, `p` for one in partitions.
    kind: String,
    /// Whether other tables hold rows of it, which may have keys and triggers of their own: partitions, or what
    /// inherits from it.
    pub(super) has_parts: bool,
    pub(super) columns: Vec<Column>,
    pub(super) primary_key: Vec<String>,
    /// The columns of each index that holds every row, in their order.
    pub(super) indexes: Vec<Vec<String>>,
    /// Foreign keys that point here.
    pub(super) referenced_by: Vec<Reference>,
    /// What fires before or after a row is deleted, but for the server's own.
    pub(super) triggers: Vec<String>,
    /// What rewrites a delete.
    rules: Vec<String>,
}

/// A column.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Column {
    pub(super) name: String,
    /// As SQL writes it, with its schema.
    #[serde(rename = "type")]
    pub(super) ty: String,
    /// The same without a length or a precision, to which a cast would cut. It is no part of an export.
    #[serde(default, skip_serializing)]
    pub(super) base: String,
    pub(super) not_null: bool,
    /// `always` or `by default`, for an identity column.
    pub(super) identity: Option<String>,
    /// Whether its value is made from those of others.
    pub(super) generated: bool,
    pub(super) default: bool,
    /// The sequence that numbers it, as SQL writes it.
    pub(super) sequence: Option<String>,
}

/// A foreign key.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Reference {
    pub(super) constraint: String,
    pub(super) table: Relation,
    /// Its columns, each with the one of this table that it holds.
    pub(super) columns: Vec<(String, String)>,
    /// Whether the server lets no row of this table go that it points to, and none come that points to nothing: its
    /// triggers can be switched off, at either table.
    pub(super) is_enforced: bool,
    /// Whether its rows go, or change, by themselves with those of this table that they point to.
    pub(super) is_acting: bool,
}

/// What keeps rows of a table from being removed.
#[derive(Debug, Error)]
pub(super) enum BadTable {
    #[error("the database has no table {}", quoted(.0))]
    Missing(String),
    #[error("{} is no table, but a {what}", quoted(.name))]
    Kind { name: String, what: &'static str },
    #[error("the table {} has no column {}", quoted(.table), quoted(.column))]
    NoColumn { table: String, column: String },
    #[error("the rule {} of the table {} rewrites every delete", quoted(.rule), quoted(.table))]
    Rewritten { table: String, rule: String },
    #[error("tables inherit from {}, whose rows may have columns that it lacks", quoted(.0))]
    Inherited(String),
}

impl Leaf for BadTable {
    fn code(&self) -> Code {
        Code::ApplyNoTable
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadTable::Missing(_) => {
                "check its name in the policy, its schema, and the database in the URL"
            }
            BadTable::Kind { .. } => "name the table that holds the rows",
            BadTable::NoColumn { .. } => "check its name in the policy: case matters",
            BadTable::Rewritten { .. } => {
                "drop the rule, or remove the rows by hand: what it does cannot be verified"
            }
            BadTable::Inherited(_) => "name each table that holds rows, or make partitions of them",
        };
        Some(help.into())
    }
}

const FIND: &str = "SELECT pg_catalog.to_regclass($1)::pg_catalog.oid::text";

const FACTS: &str = "\
-- The table, and all that hold rows of it: a key may point to one of these alone.
WITH RECURSIVE parts AS (
  SELECT $1::text::pg_catalog.oid AS oid
  UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN parts ON parts.oid = i.inhparent)
SELECT pg_catalog.json_build_object(
  'relation', pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname),
  'kind', c.relkind,
  'has_parts', EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid),
  'columns', (
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'base', pg_catalog.format_type(a.atttypid, -1),
      'not_null', a.attnotnull,
      'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
      'generated', a.attgenerated <> '', 'default', a.atthasdef,
      'sequence', pg_catalog.pg_get_serial_sequence(
        pg_catalog.format('%I.%I', n.nspname, c.relname), a.attname)
    ) ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'primary_key', COALESCE((
    SELECT pg_catalog.json_agg(a.attname ORDER BY k.place)
    FROM pg_catalog.pg_index i
    CROSS JOIN pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
    WHERE i.indrelid = c.oid AND i.indisprimary), '[]'),
  'indexes', COALESCE((
    SELECT pg_catalog.json_agg(x.columns) FROM (
      SELECT pg_catalog.json_agg(a.attname ORDER BY k.place) AS columns
      FROM pg_catalog.pg_index i
      CROSS JOIN pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
      WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
      GROUP BY i.indexrelid) x), '[]'),
  'referenced_by', COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'constraint', f.conname,
      'table', pg_catalog.json_build_object('schema', fn.nspname, 'name', fc.relname),
      'columns', (
        SELECT pg_catalog.json_agg(pg_catalog.json_build_array(a.attname, own.attname) ORDER BY k.place)
        FROM ROWS FROM (pg_catalog.unnest(f.conkey), pg_catalog.unnest(f.confkey))
          WITH ORDINALITY AS k(attnum, own, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum
        JOIN pg_catalog.pg_attribute own ON own.attrelid = f.confrelid AND own.attnum = k.own),
      'is_enforced', COALESCE(triggers.all_fire, false),
      'is_acting', f.confdeltype NOT IN ('a', 'r') AND COALESCE(triggers.some_fire_here, false)
    ) ORDER BY f.conname)
    FROM pg_catalog.pg_constraint f
    JOIN pg_catalog.pg_class fc ON fc.oid = f.conrelid
    JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace
    CROSS JOIN LATERAL (
      -- The key, and its copies for partitions at either end.
      WITH RECURSIVE copies AS (
        SELECT f.oid, f.conparentid
        UNION SELECT k.oid, k.conparentid
        FROM pg_catalog.pg_constraint k
        JOIN copies ON copies.conparentid = k.oid OR copies.oid = k.conparentid)
      SELECT pg_catalog.bool_and(fires) AS all_fire,
        pg_catalog.bool_or(fires AND tgrelid IN (SELECT oid FROM parts)) AS some_fire_here
      FROM (
        SELECT t.tgrelid, t.tgenabled IN ('A', CASE pg_catalog.current_setting('session_replication_role')
          WHEN 'replica' THEN 'R' ELSE 'O' END) AS fires
        FROM pg_catalog.pg_trigger t JOIN copies ON copies.oid = t.tgconstraint) AS each
    ) AS triggers
    WHERE f.contype = 'f' AND f.confrelid IN (SELECT oid FROM parts)
      -- Of a key to a table in partitions each partition has a copy, and this may be one; of a key from such a
      -- table each of its partitions has one, and these are no others.
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint above
        WHERE above.oid = f.conparentid AND above.confrelid IN (SELECT oid FROM parts))), '[]'),
  'triggers', COALESCE((
    SELECT pg_catalog.json_agg(t.tgname ORDER BY t.tgname)
    FROM pg_catalog.pg_trigger t
    WHERE t.tgrelid = c.oid AND t.tgenabled <> 'D' AND t.tgtype & 8 = 8
      -- Some servers call it their own what a partition has of the whole.
      AND (NOT t.tgisinternal OR t.tgparentid <> 0 AND t.tgconstraint = 0)),
    '[]'),
  'rules', COALESCE((
    SELECT pg_catalog.json_agg(r.rulename ORDER BY r.rulename)
    FROM pg_catalog.pg_rewrite r
    WHERE r.ev_class = c.oid AND r.ev_type = '4' AND r.ev_enabled <> 'D'), '[]')
)::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = $1::text::pg_catalog.oid";

/// Reads what there is to know of tables, within a transaction: each by its name for people, and as SQL
/// writes it.
pub(super) async fn read(talk: &Talk, names: &[(String, String)]) -> Result<Vec<Facts>, Trouble> {
    let mut oids = Vec::new();
    for (name, sql) in names {
        let found = talk.rows(FIND, vec![Param::Text(sql.clone())]).await?;
        let oid = found.text().map(str::to_owned);
        oids.push(oid.ok_or_else(|| BadTable::Missing(name.clone()))?);
    }
    // So that every type is named with its schema, whatever the search path.
    let path = talk.text("SELECT pg_catalog.current_setting('search_path')", Vec::new()).await?;
    search_by(talk, String::new()).await?;
    let mut all = Vec::new();
    for ((name, _), oid) in names.iter().zip(oids) {
        let text = talk.text(FACTS, vec![Param::Text(oid)]).await?;
        let facts: Facts =
            serde_json::from_str(&text).map_err(|_| super::trouble::BadHost::NoText)?;
        facts.check(name)?;
        all.push(facts);
    }
    search_by(talk, path).await?;
    Ok(all)
}

async fn search_by(talk: &Talk, path: String) -> Result<(), Trouble> {
    let set = "SELECT pg_catalog.set_config('search_path', $1, true)";
    talk.rows(set, vec![Param::Text(path)]).await.map(drop)
}

impl Facts {
    fn check(&self, name: &str) -> Result<(), BadTable> {
        let what = match self.kind.as_str() {
            "r" | "p" => None,
            "v" | "m" => Some("view"),
            "f" => Some("foreign table"),
            _ => Some("relation of another kind"),
        };
        match (what, self.rules.first()) {
            (Some(what), _) => Err(BadTable::Kind { name: name.to_owned(), what }),
            (None, Some(rule)) => {
                Err(BadTable::Rewritten { table: name.to_owned(), rule: rule.clone() })
            }
            (None, None) => Ok(()),
        }
    }

    /// Refuses a table of whose rows not every column can be seen.
    pub(super) fn check_rows(&self) -> Result<(), BadTable> {
        match self.has_parts && self.kind == "r" {
            true => Err(BadTable::Inherited(self.relation.to_string())),
            false => Ok(()),
        }
    }

    /// A column, by its name.
    pub(super) fn column(&self, name: &str) -> Result<&Column, BadTable> {
        let found = self.columns.iter().find(|column| column.name == name);
        let (table, column) = (self.relation.to_string(), name.to_owned());
        found.ok_or(BadTable::NoColumn { table, column })
    }

    /// Whether an index begins with these columns, in their order.
    pub(super) fn has_index(&self, columns: &[String]) -> bool {
        self.indexes.iter().any(|index| index.starts_with(columns))
    }

    /// What makes an index of these columns.
    pub(super) fn create_index(&self, columns: &[String]) -> String {
        let (table, columns) = (self.relation.sql(), list(columns));
        format!("CREATE INDEX CONCURRENTLY ON {table} ({columns});")
    }

    /// Whether an index finds rows by the values of all these columns: their order does not matter then.
    pub(super) fn finds_by(&self, columns: &[String]) -> bool {
        let first =
            |index: &Vec<String>| index.iter().take(columns.len()).all(|own| columns.contains(own));
        self.indexes.iter().any(|index| index.len() >= columns.len() && first(index))
    }
}

impl Reference {
    /// Whether its rows may go by themselves, and may have come without being looked at.
    pub(super) fn is_adrift(&self) -> bool {
        self.is_acting && !self.is_enforced
    }

    /// Whether it is the key by which these columns hold that id.
    pub(super) fn is(&self, key: &[String], id: &[String]) -> bool {
        let held =
            |pair: (&String, &String)| self.columns.iter().any(|(own, of)| (own, of) == pair);
        key.len() == self.columns.len() && key.iter().zip(id).all(held)
    }

    /// The columns that hold those of an id, in its order; none if it points to others.
    pub(super) fn columns_of(&self, id: &[String]) -> Option<Vec<String>> {
        let of = |name: &String| {
            self.columns.iter().find(|(_, of)| of == name).map(|(own, _)| own.clone())
        };
        let all = id.iter().map(of).collect::<Option<Vec<_>>>()?;
        (all.len() == self.columns.len()).then_some(all)
    }
}

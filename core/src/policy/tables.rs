//! The tables of a policy: what names their rows, and what goes with them.

use thiserror::Error;

use super::Policy;
use super::document::PolicyDocument;
use super::subject::id_columns;
use crate::error::{Code, Error, Leaf, quoted};

/// A table, and the tables whose rows go with its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableTree {
    pub(crate) name: String,
    pub(crate) id: Vec<String>,
    pub(crate) children: Vec<(Vec<String>, TableTree)>,
    pub(crate) outcome: Option<Outcome>,
}

/// What says of a row how it came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) column: String,
    pub(crate) ok: Vec<String>,
}

/// The indexes that a table is expected to have.
#[derive(Clone, Debug)]
pub(crate) struct ExpectedIndexes {
    pub(crate) table: String,
    /// The columns of each, in their order.
    pub(crate) indexes: Vec<Vec<String>>,
}

/// What hangs on itself.
#[derive(Debug, Error)]
#[error("the rows of {} would go with rows of their own table", quoted(.0))]
pub(crate) struct Circle(pub(crate) String);

impl Leaf for Circle {
    fn code(&self) -> Code {
        Code::PolicyConflict
    }

    fn help(&self) -> Option<String> {
        Some("take it out of the `children`: rows that no rule condemns do not go".into())
    }
}

impl TableTree {
    /// The name in the policy, with or without a schema.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The column that names a row, or those that do so together.
    #[must_use]
    pub fn id(&self) -> &[String] {
        &self.id
    }

    /// The tables whose rows go with its own, each with its columns that hold the id.
    pub fn children(&self) -> impl ExactSizeIterator<Item = (&[String], &TableTree)> {
        self.children.iter().map(|(key, table)| (key.as_slice(), table))
    }

    /// The table without what hangs on it.
    pub(crate) fn alone(self) -> Self {
        Self { children: Vec::new(), ..self }
    }

    /// With `id` in the place of what the policy says of the table.
    pub(super) fn read(
        name: &str,
        id: Option<&[String]>,
        policy: &PolicyDocument,
        above: &mut Vec<String>,
    ) -> Result<Self, Error> {
        if above.iter().any(|table| table == name) {
            return Err(Error::from(Circle(name.to_owned())).at_path(format!("table.{name}")));
        }
        let document = policy.table.get(name).cloned().unwrap_or_default();
        above.push(name.to_owned());
        let children = document
            .children
            .iter()
            .map(|child| Ok((child.key.0.clone(), Self::read(&child.table, None, policy, above)?)));
        let children = children.collect::<Result<Vec<_>, Error>>()?;
        above.pop();
        let outcome = document.outcome;
        Ok(Self {
            name: name.to_owned(),
            id: match id {
                Some(id) => id.to_owned(),
                None => id_columns(None, Some(&name.to_owned()), "", policy)?,
            },
            children,
            outcome: outcome.map(|own| Outcome { column: own.column, ok: own.ok }),
        })
    }
}

impl Policy {
    /// The table of a rule, and the tables whose rows go with its own; none for a rule without a table.
    ///
    /// # Errors
    /// `policy.unknown_rule`; `policy.conflict` if rows of a table were to go with rows of the same.
    pub fn tables(&self, rule: &str) -> Result<Option<TableTree>, Error> {
        let rule = self.rule(rule)?;
        let Some(table) = rule.table() else { return Ok(None) };
        TableTree::read(table, Some(rule.id()), &self.document()?, &mut Vec::new()).map(Some)
    }

    /// The indexes that are expected, each by its columns, of every table that names some.
    pub(crate) fn indexes(&self) -> Result<Vec<ExpectedIndexes>, Error> {
        let tables = self.document()?.table.into_iter();
        let expected = tables.map(|(table, own)| ExpectedIndexes { table, indexes: own.indexes });
        Ok(expected.filter(|own| !own.indexes.is_empty()).collect())
    }
}

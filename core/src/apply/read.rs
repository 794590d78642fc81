//! The rows that a rule needs, as they are in a table.

use super::export::table_of;
use super::judge::Current;
use super::session;
use super::step::Isolation;
use super::survey::{Node, Survey, survey};
use super::talk::{Machine, Talk};
use super::trouble::Trouble;
use crate::Control;
use crate::columns::{Need, TableBuilder, Type};
use crate::error::Error;
use crate::plan::{Detail, Plan, Source};
use crate::policy::{Policy, Rule, TableTree};
use crate::time::Instant;

/// Rows that a cursor gives at once.
const FETCHED: usize = 5000;

/// The table of a rule that is read, and nothing that hangs on it.
#[derive(Clone, Debug)]
pub struct Reading {
    rule: Rule,
    tree: TableTree,
}

/// How the rows are read by a host that has a faster way than text.
#[derive(Clone, Debug)]
pub struct Outline {
    /// What identifies the table, for the plan.
    pub source: Source,
    /// The statement, which gives the columns that the rule needs in the forms that they have.
    pub select: String,
    /// The columns, in their order.
    pub columns: Vec<(Need, Form)>,
}

/// The form in which a column is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `text`.
    Text,
    /// `bigint`.
    Integer,
    /// `uuid`.
    Uuid,
    /// `boolean`.
    Boolean,
    /// `timestamp with time zone`.
    Instant,
    /// `timestamp without time zone`.
    Local,
    /// `text[]`.
    List,
}

impl Reading {
    /// Of the table of a rule.
    ///
    /// # Errors
    /// `policy.unknown_rule`; `apply.no_table` for a rule of no table.
    pub fn new(policy: &Policy, rule: &str) -> Result<Self, Error> {
        Self::of(policy.rule(rule)?.clone(), policy)
    }

    /// The same of a rule that was changed since.
    ///
    /// # Errors
    /// `apply.no_table` for a rule of no table.
    pub fn of(rule: Rule, policy: &Policy) -> Result<Self, Error> {
        let tree = table_of(policy, &rule)?.alone();
        Ok(Self { rule, tree })
    }

    /// How the rows are to be read.
    #[must_use]
    pub fn outline(self) -> Machine<Outline> {
        Machine::new(|talk| async move {
            talk.begin(Isolation::Snapshot).await?;
            let looked = survey(&talk, &self.tree).await;
            talk.end_reading(&looked).await;
            let looked = looked?;
            let root = looked.root().ok_or(super::trouble::BadHost::NoText)?;
            let columns = root.forms(self.rule.needs())?;
            let select = root.select_forms(&columns);
            Ok(Outline { source: looked.fingerprint.source(), select, columns })
        })
    }

    /// Reads the rows as text, and plans: for a host that has no faster way.
    #[must_use]
    pub fn plan(self, now: Instant, detail: Detail) -> Machine<Plan> {
        Machine::new(move |talk| async move {
            talk.begin(Isolation::Snapshot).await?;
            let read = self.read(&talk).await;
            talk.end_reading(&read).await;
            let (builder, source) = read?;
            self.rule.plan(&builder.finish()?, now, source, detail, &Control::new())
        })
    }

    async fn read(&self, talk: &Talk) -> Result<(TableBuilder, Source), Trouble> {
        session::set(talk, session::LOCK_TIMEOUT).await?;
        let looked = survey(talk, &self.tree).await?;
        let source = looked.fingerprint.source();
        let root = looked.root().ok_or(super::trouble::BadHost::NoText)?;
        Ok((read_rows(talk, root, self.rule.needs()).await?, source))
    }
}

/// Reads what is needed of all rows of a table, within a transaction.
pub(super) async fn read_rows(
    talk: &Talk,
    node: &Node,
    needs: &[Need],
) -> Result<TableBuilder, Trouble> {
    let needs = node.needs(needs);
    let mut builder = TableBuilder::new(&needs);
    let cursor = talk.open(&Survey::all_rows(node, &needs)).await?;
    loop {
        let rows = cursor.fetch(FETCHED).await?;
        if rows.is_empty() {
            cursor.close().await?;
            return Ok(builder);
        }
        for row in rows.iter() {
            builder.push(&Current::new(row, &needs))?;
        }
        talk.progress(builder.rows(), 0);
    }
}

impl Form {
    /// That of what is needed of a column of this type. An id is given back to the server, which has to
    /// know the row by it: where we would write it in another way than the server does, it is a text.
    fn of_need(need: &Need, ty: &str) -> Self {
        match Self::of(ty) {
            Form::Instant | Form::Local | Form::List if need.required => Form::Text,
            own => own,
        }
    }

    /// That of a column of this type.
    fn of(ty: &str) -> Self {
        match ty {
            "smallint" | "integer" | "bigint" => Form::Integer,
            "uuid" => Form::Uuid,
            "boolean" => Form::Boolean,
            "date" => Form::Local,
            "text[]" | "character varying[]" => Form::List,
            ty if ty.starts_with("timestamp") && ty.ends_with("with time zone") => Form::Instant,
            ty if ty.starts_with("timestamp") => Form::Local,
            _ => Form::Text,
        }
    }

    /// The type that rows in this form have, where it says one.
    fn ty(self) -> Option<Type> {
        match self {
            Form::Text => Some(Type::Text),
            Form::Integer => Some(Type::Integer),
            Form::Uuid => Some(Type::Uuid),
            Form::Boolean => Some(Type::Boolean),
            Form::Instant | Form::Local => Some(Type::Instant),
            Form::List => None,
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Form::Text => "text",
            Form::Integer => "bigint",
            Form::Uuid => "uuid",
            Form::Boolean => "boolean",
            Form::Instant => "timestamp with time zone",
            Form::Local => "timestamp without time zone",
            Form::List => "text[]",
        }
    }
}

impl Node {
    /// The columns that are needed, each in the form that it has, unless the rule says that it is text.
    fn forms(&self, needs: &[Need]) -> Result<Vec<(Need, Form)>, Trouble> {
        let form = |need: &Need| {
            let own = Form::of_need(need, &self.facts.column(&need.name)?.ty);
            let is_text = match (need.ty, own) {
                (Some(Type::Text), _) | (None, Form::List) => true,
                // An integer time has a unit; a text is read as what the rule says.
                (Some(ty), own) => own.ty() != Some(ty) && own == Form::Text,
                (None, _) => false,
            };
            Ok((need.clone(), if is_text { Form::Text } else { own }))
        };
        needs.iter().map(form).collect()
    }

    fn select_forms(&self, columns: &[(Need, Form)]) -> String {
        let columns = columns.iter().map(|(need, form)| {
            format!("{}::{}", crate::sql::names::quoted(&need.name), form.sql())
        });
        let columns = columns.collect::<Vec<_>>().join(", ");
        format!("SELECT {columns}\nFROM {}", self.facts.relation.sql())
    }

    /// What is needed, with the types that the columns have where the rule says none: a text of digits
    /// is a text, and is compared as one.
    pub(super) fn needs(&self, needs: &[Need]) -> Vec<Need> {
        let with_type = |need: &Need| {
            let column = self.facts.columns.iter().find(|column| column.name == need.name);
            let own = column.and_then(|column| Form::of_need(need, &column.ty).ty());
            Need { ty: need.ty.or(own), ..need.clone() }
        };
        needs.iter().map(with_type).collect()
    }
}

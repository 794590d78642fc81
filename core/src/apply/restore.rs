//! The order of events of a restore: what an export holds and the database lacks is put back.

use std::collections::{BTreeMap, HashMap};

use thiserror::Error;

use super::catalog::{self, Column, Facts};
use super::files::Lines;
use super::line::Layout;
use super::manifest::{Manifest, TableEntry};
use super::prove;
use super::report::{Restored, RestoredTable};
use super::rows::Row;
use super::session;
use super::statements::column_texts;
use super::step::{Isolation, Param};
use super::talk::{Machine, Talk};
use super::trouble::Trouble;
use crate::error::{Code, Leaf, quoted as marked};
use crate::sql::names::quoted;
use crate::wire::VERSION;

/// What is restored.
#[derive(Clone, Copy, Debug, Default)]
pub struct Restore {
    is_real: bool,
}

/// What cannot be put back.
#[derive(Debug, Error)]
enum BadRestore {
    #[error("the row {id} of {table} is there, and is another than that of the export")]
    Differs { table: String, id: String },
    #[error("the table {table} has no primary key, so that its rows cannot be told apart")]
    NoKey { table: String },
    #[error("the column {} of {table} is {now}, and was {then}", marked(.column))]
    Type { table: String, column: String, now: String, then: String },
    #[error("the table {table} has no column {} any more", marked(.column))]
    Gone { table: String, column: String },
    #[error("the column {} of {table} is new, and has to have a value", marked(.column))]
    New { table: String, column: String },
    #[error("a row of {0} cannot be read")]
    Row(String),
}

impl Leaf for BadRestore {
    fn code(&self) -> Code {
        match self {
            BadRestore::Differs { .. } => Code::ApplyDiffers,
            BadRestore::Row(_) => Code::ApplyExportAltered,
            _ => Code::ApplyNoTable,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadRestore::Differs { .. } => {
                "nothing was restored; see which of the two is right, and remove the other"
            }
            BadRestore::NoKey { .. } => "add one, or put the rows back by hand",
            BadRestore::Type { .. } | BadRestore::Gone { .. } => {
                "restore into a table that is as it was, and move the rows from there"
            }
            BadRestore::New { .. } => "give it a default",
            BadRestore::Row(_) => "export again, and leave the files as they are",
        };
        Some(help.into())
    }
}

impl Restore {
    /// Looks at what is missing, and puts nothing back.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts back what is missing.
    #[must_use]
    pub fn for_real(mut self) -> Self {
        self.is_real = true;
        self
    }

    /// What restores it.
    #[must_use]
    pub fn machine(self) -> Machine<Restored> {
        Machine::new(move |talk| async move {
            let manifest = Manifest::read(&talk).await?;
            check_files(&talk, &manifest).await?;
            talk.begin(if self.is_real { Isolation::ReadCommitted } else { Isolation::Snapshot })
                .await?;
            let restored = self.run(&talk, &manifest).await;
            match restored {
                Ok((restored, verified)) if self.is_real => {
                    talk.commit(verified).await?;
                    Ok(restored)
                }
                other => {
                    talk.end_reading(&other).await;
                    Ok(other?.0)
                }
            }
        })
    }

    async fn run(
        self,
        talk: &Talk,
        manifest: &Manifest,
    ) -> Result<(Restored, prove::Verified), Trouble> {
        session::set(talk, session::LOCK_TIMEOUT).await?;
        let names: Vec<(String, String)> = manifest
            .tables
            .iter()
            .map(|entry| (entry.table.to_string(), entry.table.sql()))
            .collect();
        let facts = catalog::read(talk, &names).await?;
        let database = talk.text("SELECT pg_catalog.current_database()::text", Vec::new()).await?;
        let mut restored = Restored {
            housekeep: VERSION,
            kind: "restored",
            database,
            is_dry: !self.is_real,
            tables: Vec::new(),
        };
        let mut are_same = true;
        for (entry, facts) in manifest.tables.iter().zip(&facts) {
            check_columns(entry, facts)?;
            let table = Table { entry, facts };
            let (own, is_same) = table.restore(talk, self.is_real).await?;
            restored.tables.push(own);
            are_same &= is_same;
        }
        if self.is_real {
            for entry in &manifest.tables {
                raise_sequences(talk, entry).await?;
            }
        }
        Ok((restored, prove::read_back(are_same)?))
    }
}

/// Every file has to be as it was written, before anything is looked for.
async fn check_files(talk: &Talk, manifest: &Manifest) -> Result<(), Trouble> {
    for entry in &manifest.tables {
        let mut lines = Lines::of(&entry.files);
        while lines.next(talk).await?.is_some() {}
    }
    Ok(())
}

fn check_columns(entry: &TableEntry, facts: &Facts) -> Result<(), BadRestore> {
    let table = || entry.table.to_string();
    if entry.primary_key.is_empty() || facts.primary_key != entry.primary_key {
        return Err(BadRestore::NoKey { table: table() });
    }
    for then in &entry.columns {
        let column = then.name.clone();
        match facts.columns.iter().find(|own| own.name == then.name) {
            None => return Err(BadRestore::Gone { table: table(), column }),
            Some(now) if now.ty != then.ty => {
                let (now, then) = (now.ty.clone(), then.ty.clone());
                return Err(BadRestore::Type { table: table(), column, now, then });
            }
            Some(_) => {}
        }
    }
    let is_new = |own: &&Column| !entry.columns.iter().any(|then| then.name == own.name);
    let needs_value =
        |own: &&Column| own.not_null && !own.default && !own.generated && own.identity.is_none();
    match facts.columns.iter().filter(is_new).find(needs_value) {
        Some(own) => Err(BadRestore::New { table: table(), column: own.name.clone() }),
        None => Ok(()),
    }
}

/// A table that rows are put back into.
struct Table<'a> {
    entry: &'a TableEntry,
    facts: &'a Facts,
}

/// A row of the export: its line, and the values of it.
struct Exported {
    line: String,
    values: BTreeMap<String, Option<String>>,
}

impl Table<'_> {
    /// Puts back what is missing, and says whether it is what was exported.
    async fn restore(&self, talk: &Talk, is_real: bool) -> Result<(RestoredTable, bool), Trouble> {
        let mut own =
            RestoredTable { table: self.entry.table.to_string(), restored: 0, identical: 0 };
        let mut is_same = true;
        let of = self.entry.files.iter().map(|file| file.rows).sum();
        let mut lines = Lines::of(&self.entry.files);
        while let Some(block) = lines.next(talk).await? {
            let rows = block.rows().map(|line| self.parse(line));
            let rows = rows.collect::<Result<Vec<_>, BadRestore>>()?;
            let there = self.there(talk, &rows).await?;
            let mut absent = Vec::new();
            for row in rows {
                match there.get(&self.key(&row)) {
                    None => absent.push(row),
                    Some(line) if *line == row.line => own.identical += 1,
                    Some(_) => {
                        let id = self.key(&row).join(", ");
                        return Err(BadRestore::Differs { table: own.table, id }.into());
                    }
                }
            }
            own.restored += absent.len() as u64;
            if is_real && !absent.is_empty() {
                talk.rows(self.insert(), self.params(&absent)).await?;
                let there = self.there(talk, &absent).await?;
                is_same &= absent.iter().all(|row| there.get(&self.key(row)) == Some(&row.line));
            }
            talk.progress(own.restored + own.identical, of);
        }
        Ok((own, is_same))
    }

    fn parse(&self, line: &str) -> Result<Exported, BadRestore> {
        let values = serde_json::from_str(line);
        let values = values.map_err(|_| BadRestore::Row(self.entry.table.to_string()))?;
        Ok(Exported { line: line.to_owned(), values })
    }

    fn key(&self, row: &Exported) -> Vec<String> {
        let value = |name: &String| row.values.get(name).cloned().flatten().unwrap_or_default();
        self.entry.primary_key.iter().map(value).collect()
    }

    /// The rows that are there of those of the export, by their keys.
    async fn there(
        &self,
        talk: &Talk,
        rows: &[Exported],
    ) -> Result<HashMap<Vec<String>, String>, Trouble> {
        let keys: Vec<Vec<String>> = rows.iter().map(|row| self.key(row)).collect();
        let params = (0..self.entry.primary_key.len())
            .map(|place| Param::Texts(keys.iter().map(|key| key.get(place).cloned()).collect()));
        let found = talk.rows(self.select(), params.collect()).await?;
        let layout = Layout::of(&self.entry.columns);
        let place = |name: &String| self.entry.columns.iter().position(|own| own.name == *name);
        let places: Vec<usize> = self.entry.primary_key.iter().filter_map(place).collect();
        let value = |row: Row<'_>, place: &usize| row.get(*place).unwrap_or_default().to_owned();
        let key = |row| places.iter().map(|place| value(row, place)).collect();
        Ok(found.iter().map(|row| (key(row), layout.line(row))).collect())
    }

    /// Several arrays side by side are `unnest` without its schema, wherever the search path leads.
    fn select(&self) -> String {
        let key = &self.entry.primary_key;
        let arrays = key.iter().zip(1..).map(|(name, n)| {
            let ty = self.entry.columns.iter().find(|column| column.name == *name);
            format!("${n}::text[]::{}[]", ty.map_or("text", |column| column.ty.as_str()))
        });
        let own: Vec<String> = key.iter().map(|name| format!("t.{}", quoted(name))).collect();
        format!(
            "SELECT {}\nFROM {} AS t\nWHERE ({}) IN (SELECT * FROM unnest({}))",
            column_texts("t.", &self.entry.columns),
            self.facts.relation.sql(),
            own.join(", "),
            arrays.collect::<Vec<_>>().join(", "),
        )
    }

    /// The columns that can be given a value.
    fn given(&self) -> impl Iterator<Item = &Column> {
        let is_made =
            |name: &str| self.facts.columns.iter().any(|own| own.name == name && own.generated);
        self.entry.columns.iter().filter(move |column| !is_made(&column.name))
    }

    fn insert(&self) -> String {
        let names: Vec<String> = self.given().map(|column| quoted(&column.name)).collect();
        let places = || self.given().zip(1..);
        let values: Vec<String> =
            places().map(|(column, n)| format!("x.c{n}::{}", column.ty)).collect();
        let arrays: Vec<String> = places().map(|(_, n)| format!("${n}::text[]")).collect();
        let columns: Vec<String> = places().map(|(_, n)| format!("c{n}")).collect();
        format!(
            "INSERT INTO {} ({})\nOVERRIDING SYSTEM VALUE\nSELECT {}\nFROM unnest({}) AS x ({})",
            self.facts.relation.sql(),
            names.join(", "),
            values.join(", "),
            arrays.join(", "),
            columns.join(", "),
        )
    }

    fn params(&self, rows: &[Exported]) -> Vec<Param> {
        let of = |column: &Column| {
            let value = |row: &Exported| row.values.get(&column.name).cloned().flatten();
            Param::Texts(rows.iter().map(value).collect())
        };
        self.given().map(of).collect()
    }
}

/// Sequences are raised, and never lowered: what they gave since is taken.
async fn raise_sequences(talk: &Talk, entry: &TableEntry) -> Result<(), Trouble> {
    for own in &entry.sequences {
        let Some(value) = &own.last_value else { continue };
        let sql = format!(
            "SELECT pg_catalog.setval($1::text::pg_catalog.regclass, $2::text::bigint)::text\n\
             FROM {} WHERE last_value < $2::text::bigint OR NOT is_called",
            own.sequence,
        );
        talk.rows(sql, vec![Param::Text(own.sequence.clone()), Param::Text(value.clone())]).await?;
    }
    Ok(())
}

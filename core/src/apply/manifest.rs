//! The manifest of an export: what it holds, of what, and by which digests it is known.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::catalog::Column;
use super::step::File;
use super::survey::{Fingerprint, Node};
use super::talk::Talk;
use super::trouble::Trouble;
use crate::error::{Code, Leaf, quoted};
use crate::sql::names::Relation;
use crate::time::Instant;
use crate::wire;

/// Its name, beside the files of rows. It is written last: without it there is no export.
pub(super) const NAME: &str = "manifest.json";

/// What an export holds.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) housekeep: u32,
    pub(super) kind: String,
    pub(super) at: Instant,
    /// The plan whose rows it holds, if it was made for one.
    pub(super) plan_sha256: Option<String>,
    /// The transactions that removed the rows, if they were removed.
    pub(super) transactions: Vec<String>,
    pub(super) fingerprint: Fingerprint,
    /// Parents before their children.
    pub(super) tables: Vec<TableEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<String>,
}

/// The rows of a table.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableEntry {
    pub(super) table: Relation,
    pub(super) files: Vec<FileEntry>,
    pub(super) primary_key: Vec<String>,
    pub(super) columns: Vec<Column>,
    /// Where each sequence of it stands.
    pub(super) sequences: Vec<SequenceEntry>,
}

/// A file of rows.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEntry {
    /// Its name, in the folder of the manifest.
    pub(super) file: String,
    pub(super) rows: u64,
    pub(super) sha256: String,
}

/// Where a sequence stands.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SequenceEntry {
    pub(super) sequence: String,
    pub(super) last_value: Option<String>,
}

/// What is wrong with an export.
#[derive(Debug, Error)]
pub(super) enum BadExport {
    #[error("there is no export: its manifest is missing")]
    Missing,
    #[error("the manifest of the export cannot be read: {0}")]
    Syntax(String),
    #[error("the export is no longer what its manifest says: {}", quoted(.0))]
    Altered(String),
    #[error("the export is of another {0}")]
    Other(&'static str),
    #[error("{missing} of {of} planned rows are not in the export")]
    Lacks { missing: u64, of: usize },
    #[error("the export has no rows of {}", quoted(.0))]
    NoTable(String),
    #[error("{count} rows of {table} that are to be removed are not in the export as they are now")]
    Stale { count: usize, table: String },
}

impl Leaf for BadExport {
    fn code(&self) -> Code {
        match self {
            BadExport::Missing
            | BadExport::Lacks { .. }
            | BadExport::NoTable(_)
            | BadExport::Stale { .. } => Code::ApplyNoExport,
            BadExport::Syntax(_) | BadExport::Altered(_) => Code::ApplyExportAltered,
            BadExport::Other(_) => Code::ApplyOther,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            BadExport::Missing => {
                "name the folder that `housekeep export` wrote, or one that an apply wrote into it; what \
                 was ended in its midst has a folder for each transaction"
            }
            BadExport::Lacks { .. } | BadExport::NoTable(_) | BadExport::Stale { .. } => {
                "export what the plan removes first: `housekeep export RULE --plan PLAN --out DIR`"
            }
            BadExport::Syntax(_) | BadExport::Altered(_) => {
                "export again, and leave the files as they are"
            }
            BadExport::Other(_) => "give the export of this database and table",
        };
        Some(help.into())
    }
}

impl Manifest {
    pub(super) fn new(at: Instant, fingerprint: Fingerprint) -> Self {
        Self {
            housekeep: wire::VERSION,
            kind: "export".into(),
            at,
            plan_sha256: None,
            transactions: Vec::new(),
            fingerprint,
            tables: Vec::new(),
            sha256: None,
        }
    }

    /// The rows of a table are in these files.
    pub(super) fn add(
        &mut self,
        node: &Node,
        files: Vec<FileEntry>,
        sequences: Vec<SequenceEntry>,
    ) {
        self.tables.push(TableEntry {
            table: node.facts.relation.clone(),
            files,
            primary_key: node.facts.primary_key.clone(),
            columns: node.facts.columns.clone(),
            sequences,
        });
    }

    fn digest(&self) -> String {
        let bare = Self { sha256: None, ..self.clone() };
        wire::sha256(wire::canonical(&bare).as_bytes())
    }

    /// Writes it into a folder, which is none for the export's own.
    pub(super) async fn write(mut self, talk: &Talk, folder: &str) -> Result<(), Trouble> {
        self.sha256 = Some(self.digest());
        let bytes = wire::canonical(&self).into_bytes();
        talk.persist(File { name: format!("{folder}{NAME}"), bytes, is_whole: true }).await
    }

    /// Reads that of the export.
    pub(super) async fn read(talk: &Talk) -> Result<Self, Trouble> {
        let bytes = read_whole(talk, NAME).await?;
        if bytes.is_empty() {
            return Err(BadExport::Missing.into());
        }
        let read: Self =
            serde_json::from_slice(&bytes).map_err(|bad| BadExport::Syntax(bad.to_string()))?;
        if read.housekeep != wire::VERSION || read.kind != "export" {
            return Err(BadExport::Syntax("it is of another version or kind".into()).into());
        }
        if read.sha256 != Some(read.digest()) {
            return Err(BadExport::Altered(NAME.into()).into());
        }
        Ok(read)
    }

    /// Refuses an export of something else.
    pub(super) fn check(&self, fingerprint: &Fingerprint) -> Result<(), BadExport> {
        match fingerprint.differs(&self.fingerprint.source()) {
            Some(what) => Err(BadExport::Other(what)),
            None => Ok(()),
        }
    }
}

/// A document that is read whole.
async fn read_whole(talk: &Talk, name: &str) -> Result<Vec<u8>, Trouble> {
    let mut all = Vec::new();
    loop {
        let bytes = talk.read(name).await?;
        if bytes.is_empty() {
            return Ok(all);
        }
        all.extend_from_slice(&bytes);
    }
}

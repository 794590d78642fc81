//! Files of rows: a JSON array with one row a line, with its digest.

use sha2::{Digest, Sha256};

use super::manifest::{BadExport, FileEntry};
use super::step::File;
use super::talk::Talk;
use super::trouble::Trouble;
use crate::wire;

/// A file of rows that is being written.
#[derive(Debug)]
pub(super) struct RowsFile {
    folder: String,
    name: String,
    rows: u64,
    sha256: Sha256,
}

impl RowsFile {
    /// In a folder, which is none for the export's own.
    pub(super) fn new(folder: &str, name: String) -> Self {
        Self { folder: folder.to_owned(), name, rows: 0, sha256: Sha256::new() }
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// These rows are the next.
    pub(super) async fn more(&mut self, talk: &Talk, block: Block) -> Result<(), Trouble> {
        let rows = block.rows().count() as u64;
        if rows == 0 {
            return Ok(());
        }
        let before = if self.rows == 0 { "[\n" } else { ",\n" };
        self.rows += rows;
        self.write(talk, [before, &block.0].concat().into(), false).await
    }

    /// It is whole.
    pub(super) async fn end(mut self, talk: &Talk) -> Result<FileEntry, Trouble> {
        let end = if self.rows == 0 { "[\n]\n" } else { "\n]\n" };
        self.write(talk, end.into(), true).await?;
        let sha256 = wire::hex(&self.sha256.finalize());
        Ok(FileEntry { file: self.name, rows: self.rows, sha256 })
    }

    async fn write(&mut self, talk: &Talk, bytes: Vec<u8>, is_whole: bool) -> Result<(), Trouble> {
        self.sha256.update(&bytes);
        let name = format!("{}{}", self.folder, self.name);
        talk.persist(File { name, bytes, is_whole }).await
    }
}

/// The rows of files, from the first on: each of these has to be as it was written.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    files: &'a [FileEntry],
    /// Of the first of them, as far as it was read.
    sha256: Sha256,
    rest: Vec<u8>,
}

/// Some rows of a file, as they stand there: one a line.
#[derive(Debug, Default)]
pub(super) struct Block(String);

impl<'a> Lines<'a> {
    pub(super) fn of(files: &'a [FileEntry]) -> Self {
        Self { files, sha256: Sha256::new(), rest: Vec::new() }
    }

    /// The next rows, as many as the host reads at once; none at the end.
    pub(super) async fn next(&mut self, talk: &Talk) -> Result<Option<Block>, Trouble> {
        while let Some((file, others)) = self.files.split_first() {
            let bytes = talk.read(&file.file).await?;
            if bytes.is_empty() {
                let digest = wire::hex(&std::mem::take(&mut self.sha256).finalize());
                if digest != file.sha256 {
                    return Err(BadExport::Altered(file.file.clone()).into());
                }
                self.files = others;
                continue;
            }
            self.sha256.update(&bytes);
            self.rest.extend_from_slice(&bytes);
            if let Some(last) = self.rest.iter().rposition(|byte| *byte == b'\n') {
                let rest = self.rest.split_off(last + 1);
                let whole = std::mem::replace(&mut self.rest, rest);
                // What is no text is not what was written: the digest says so.
                let text = String::from_utf8(whole)
                    .unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned());
                return Ok(Some(Block(text)));
            }
        }
        Ok(None)
    }
}

impl Block {
    /// Adds a row, which `write` writes.
    pub(super) fn push(&mut self, write: impl FnOnce(&mut String)) {
        if !self.0.is_empty() {
            self.0.push_str(",\n");
        }
        write(&mut self.0);
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.len()
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &str> {
        let lines = self.0.lines().map(|line| line.trim_end_matches(','));
        lines.filter(|line| line.starts_with('{'))
    }
}

impl<'t> FromIterator<&'t str> for Block {
    fn from_iter<I: IntoIterator<Item = &'t str>>(rows: I) -> Self {
        let mut block = Self::default();
        rows.into_iter().for_each(|row| block.push(|text| text.push_str(row)));
        block
    }
}

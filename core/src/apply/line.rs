//! A row as a line of an export: a JSON object of texts and nulls, written of the texts that the server makes.

use super::catalog::Column;
use super::files::Block;
use super::rows::{Row, Rows};
use crate::columns::escape_json;

/// How the rows of a table are written. These are the bytes that `row_to_json` would give, which costs the server
/// as much as all the rest of a removal.
#[derive(Debug)]
pub(super) struct Layout {
    /// What stands before the value of each column.
    before: Vec<String>,
}

impl Layout {
    pub(super) fn of(columns: &[Column]) -> Self {
        let before = columns.iter().enumerate().map(|(n, column)| {
            let mut text = String::from(if n == 0 { "{\"" } else { ",\"" });
            escape_json(&column.name, &mut text);
            text.push_str("\":");
            text
        });
        Self { before: before.collect() }
    }

    /// A row, of which there is a text or a null of each column.
    pub(super) fn line(&self, row: Row<'_>) -> String {
        let mut line = String::new();
        self.write(row, &mut line);
        line
    }

    /// Rows, each a line.
    pub(super) fn block(&self, rows: &Rows) -> Block {
        let mut block = Block::default();
        rows.iter().for_each(|row| block.push(|text| self.write(row, text)));
        block
    }

    fn write(&self, row: Row<'_>, line: &mut String) {
        if self.before.is_empty() {
            line.push('{');
        }
        for (name, text) in self.before.iter().zip(row.texts()) {
            line.push_str(name);
            match text {
                None => line.push_str("null"),
                Some(text) => {
                    line.push('"');
                    escape_json(text, line);
                    line.push('"');
                }
            }
        }
        line.push('}');
    }
}

//! Columns that name a row together: a composite id, as one text.

use std::fmt::Write as _;

use super::{Cell, Column, ColumnBuilder, Need, Table, TimeFormat, Type};
use crate::error::Error;

/// The parts of a composite id as one text: a JSON array of texts without spaces, as `["acme","17"]`.
pub(crate) fn composite<T: AsRef<str>>(parts: impl Iterator<Item = T>) -> String {
    let mut text = String::from("[");
    for (n, part) in parts.enumerate() {
        text.push_str(if n == 0 { "\"" } else { ",\"" });
        escape_json(part.as_ref(), &mut text);
        text.push('"');
    }
    text.push(']');
    text
}

/// What JSON escapes in a text, as PostgreSQL does: a database makes the same text of the same row.
pub(crate) fn escape_json(part: &str, text: &mut String) {
    let is_escaped = |byte| byte < b' ' || matches!(byte, b'"' | b'\\');
    let mut rest = part;
    while let Some(place) = rest.bytes().position(is_escaped) {
        let (plain, from) = rest.split_at(place);
        text.push_str(plain);
        let mut chars = from.chars();
        match chars.next() {
            Some('"') => text.push_str("\\\""),
            Some('\\') => text.push_str("\\\\"),
            Some('\u{8}') => text.push_str("\\b"),
            Some('\u{c}') => text.push_str("\\f"),
            Some('\n') => text.push_str("\\n"),
            Some('\r') => text.push_str("\\r"),
            Some('\t') => text.push_str("\\t"),
            // Nothing fails that is written to a text.
            Some(c) => write!(text, "\\u{:04x}", u32::from(c)).unwrap_or_default(),
            None => {}
        }
        rest = chars.as_str();
    }
    text.push_str(rest);
}

impl Table {
    /// The column that names a row: the one of this name, or of several one text of each row. It is null
    /// where one of them is.
    ///
    /// # Errors
    /// `rows.missing_column`; `rows.too_large` for more text than a column holds.
    pub(crate) fn id(&self, names: &[impl AsRef<str>]) -> Result<Column, Error> {
        let columns: Vec<&Column> =
            names.iter().map(|name| self.find(name.as_ref())).collect::<Result<_, _>>()?;
        if let [column] = columns.as_slice() {
            return Ok((*column).clone());
        }
        let name = names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
        let time = TimeFormat::default();
        let need = Need { name, ty: Some(Type::Text), time, required: false, optional: false };
        let mut builder = ColumnBuilder::new(need);
        for row in 0..self.rows() {
            if columns.iter().any(|column| column.is_null(row)) {
                builder.push(Cell::Null)?;
            } else {
                let parts = columns.iter().map(|column| column.cell(row).to_string());
                builder.push(Cell::Text(&composite(parts)))?;
            }
        }
        builder.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::composite;

    #[test]
    fn it_is_json() {
        assert_eq!(composite(["acme", "17"].iter()), r#"["acme","17"]"#);
        let odd: String = (0..=0x9f).filter_map(char::from_u32).chain("é😀/".chars()).collect();
        let written = composite([&odd].iter());
        assert!(written.contains(r#"\u0001"#) && written.contains(r"\u001f"), "{written}");
        #[cfg(feature = "documents")]
        assert_eq!(serde_json::to_string(&[&odd]).unwrap(), written);
    }
}

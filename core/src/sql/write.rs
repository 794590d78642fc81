//! Values in a statement, or apart from it.

use super::{Sql, Values};

/// Writes values where they belong.
pub(super) struct Writer {
    how: Values,
    values: Vec<String>,
}

impl Writer {
    pub(super) fn new(how: Values) -> Self {
        Self { how, values: Vec::new() }
    }

    /// A value whose type is that of what it is compared with.
    pub(super) fn value(&mut self, value: &str) -> String {
        match self.how {
            Values::Within => literal(value),
            Values::Apart => self.apart(value),
        }
    }

    /// A value of a type. A driver hands it over as text, whatever it is.
    pub(super) fn typed(&mut self, value: &str, ty: &str) -> String {
        match self.how {
            Values::Within => format!("{ty} {}", literal(value)),
            Values::Apart => format!("{}::text::{ty}", self.apart(value)),
        }
    }

    fn apart(&mut self, value: &str) -> String {
        // Each its own, though two may be alike: what they are compared with may be of two types.
        self.values.push(value.to_owned());
        format!("${}", self.values.len())
    }

    pub(super) fn finish(self, text: String) -> Sql {
        Sql { text, values: self.values }
    }
}

/// A text as SQL writes it. A backslash means itself there: `standard_conforming_strings` has been on
/// since PostgreSQL 9.1.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

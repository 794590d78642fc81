//! Conditions: what is not true of a row, as of a null, is not met.

use super::names::quoted;
use super::write::Writer;
use crate::condition::{Literal, Test};

/// Whether all hold; nothing without conditions.
pub(super) fn all(conditions: &[(String, Test)], out: &mut Writer) -> Vec<String> {
    conditions.iter().flat_map(|(column, test)| one(&quoted(column), test, out)).collect()
}

/// The same as one expression, which is true or not, and never null.
pub(super) fn holds(conditions: &[(String, Test)], out: &mut Writer) -> String {
    match all(conditions, out).as_slice() {
        [] => "true".into(),
        all => format!("({}) IS TRUE", all.join(" AND ")),
    }
}

fn one(column: &str, test: &Test, out: &mut Writer) -> Vec<String> {
    let mut all = Vec::new();
    match test.null {
        Some(true) => all.push(format!("{column} IS NULL")),
        Some(false) => all.push(format!("{column} IS NOT NULL")),
        None => {}
    }
    let list = |values: &[Literal], out: &mut Writer| {
        let values: Vec<String> = values.iter().map(|value| literal(value, out)).collect();
        values.join(", ")
    };
    match test.is.as_deref() {
        Some([value]) => all.push(format!("{column} = {}", literal(value, out))),
        Some(values) => all.push(format!("{column} IN ({})", list(values, out))),
        None => {}
    }
    if let Some(values) = test.not.as_deref() {
        match values {
            // None of nothing is any value.
            [] => all.push(format!("{column} IS NOT NULL")),
            [value] => all.push(format!("{column} <> {}", literal(value, out))),
            values => all.push(format!("{column} NOT IN ({})", list(values, out))),
        }
    }
    if let Some(texts) = &test.has {
        let texts: Vec<String> = texts.iter().map(|text| out.value(text)).collect();
        all.push(format!("{column} @> ARRAY[{}]::text[]", texts.join(", ")));
    }
    for (sign, bound) in [("<", &test.lt), ("<=", &test.le), (">", &test.gt), (">=", &test.ge)] {
        match bound {
            // By its bytes, and not by a language.
            Some(bound @ Literal::Text(_)) => {
                all.push(format!("{column}::text COLLATE \"C\" {sign} {}", literal(bound, out)));
            }
            Some(bound) => all.push(format!("{column} {sign} {}", literal(bound, out))),
            None => {}
        }
    }
    all
}

fn literal(value: &Literal, out: &mut Writer) -> String {
    match value {
        Literal::Text(text) => out.value(text),
        Literal::Integer(number) => number.to_string(),
        Literal::Boolean(value) => value.to_string(),
        Literal::Uuid(bytes) => {
            let text = crate::columns::Cell::Uuid(*bytes).to_string();
            out.typed(&text, "uuid")
        }
        Literal::Instant(at) => out.typed(&at.to_string(), "timestamptz"),
    }
}

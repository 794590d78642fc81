//! The same rows as a table: ids and keys of every type, the same answer.

use housekeep::Control;
use housekeep::columns::{Cell, Need, Record, Table, TableBuilder, TimeFormat, Type};
use housekeep::condition::{Literal, Test};
use housekeep::dedupe::{Decision, Drop, decide};
use housekeep::groups::{Rows, TableRows};
use housekeep::laws::Row;
use housekeep::laws::dedupe::all;
use housekeep::laws::model::agrees;
use housekeep::laws::rows::{records, sound};
use housekeep::laws::strategies::case;
use proptest::prelude::*;
use proptest::sample::select;

/// A row with its values in other types, which order and compare as those of the row do.
struct Line<'a> {
    row: &'a Row,
    id: Value,
    key: [Option<Value>; 2],
}

enum Value {
    Text(String),
    Integer(i64),
    Uuid([u8; 16]),
}

impl Value {
    fn of(number: i64, ty: Type) -> Self {
        let unsigned = number.wrapping_sub(i64::MIN).cast_unsigned();
        match ty {
            // Of one length, so that the order of the text is that of the number.
            Type::Text => Value::Text(format!("{unsigned:020}")),
            Type::Uuid => Value::Uuid((u128::from(unsigned) << 32 | 7).to_be_bytes()),
            _ => Value::Integer(number),
        }
    }

    fn cell(&self) -> Cell<'_> {
        match self {
            Value::Text(text) => Cell::Text(text),
            Value::Integer(value) => Cell::Integer(*value),
            Value::Uuid(bytes) => Cell::Uuid(*bytes),
        }
    }
}

impl<'a> Line<'a> {
    fn new(row: &'a Row, [id, first, second]: [Type; 3]) -> Self {
        let part = |part: usize, ty| {
            let value = row.key[part]?;
            // An empty text is a value, and no null.
            let empty = value == 0 && ty == Type::Text;
            Some(if empty { Value::Text(String::new()) } else { Value::of(value.into(), ty) })
        };
        Self { row, id: Value::of(row.id, id), key: [part(0, first), part(1, second)] }
    }
}

impl Record for Line<'_> {
    fn cell(&self, _: usize, need: &Need) -> Cell<'_> {
        match need.name.as_str() {
            "id" => self.id.cell(),
            "first" => self.key[0].as_ref().map_or(Cell::Null, Value::cell),
            "second" => self.key[1].as_ref().map_or(Cell::Null, Value::cell),
            "counts" => Cell::Boolean(self.row.counts),
            _ => self.row.time.map_or(Cell::Null, Cell::Instant),
        }
    }
}

fn table(rows: &[Row], types: [Type; 3]) -> Table {
    let need = |name: &str| Need {
        name: name.into(),
        ty: (name == "at").then_some(Type::Instant),
        time: TimeFormat::default(),
        required: name == "id",
        optional: false,
    };
    let mut builder = TableBuilder::new(&["counts", "first", "id", "at", "second"].map(need));
    for row in rows {
        builder.push(&Line::new(row, types)).unwrap();
    }
    builder.finish().unwrap()
}

fn only_counted() -> Vec<(String, Test)> {
    let test = Test { is: Some(vec![Literal::Boolean(true)]), ..Test::default() };
    vec![("counts".into(), test)]
}

fn rows<'a>(table: &'a Table, only: &'a [(String, Test)]) -> TableRows<'a> {
    TableRows::new(table, &["id"], &["first", "second"], "at", only).unwrap()
}

fn sorted(decision: Decision) -> Decision {
    let mut drops: Vec<Drop> = decision.drops;
    drops.sort_unstable();
    Decision { drops, ..decision }
}

fn types() -> impl Strategy<Value = [Type; 3]> {
    let ty = || select(vec![Type::Text, Type::Integer, Type::Uuid]);
    [ty(), ty(), ty()]
}

proptest! {
    #[test]
    fn decides_as_records_do(case in case(40), types in types(), threads in 1usize..=3) {
        let (table, only) = (table(&case.rows, types), only_counted());
        let (columns, records) = (rows(&table, &only), records(&case.rows)?);
        prop_assert_eq!(columns.len(), records.len());
        let control = Control::new().threads(threads)?;
        let found = decide(&columns, &case.rule, case.now, &control)?;
        let meant = decide(&records, &case.rule, case.now, &Control::new())?;
        prop_assert_eq!(sorted(found), sorted(meant));
        agrees(&columns, &case.rule, case.now, &control)?;
    }

    #[test]
    fn is_sound(case in case(12), types in types()) {
        let (table, only) = (table(&case.rows, types), only_counted());
        sound(&rows(&table, &only))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn obeys_every_law(case in case(16), types in types()) {
        let (table, only) = (table(&case.rows, types), only_counted());
        all(&rows(&table, &only), &case.rule, case.now)?;
    }
}

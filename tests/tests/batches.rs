//! Arrow batches: what is refused, and layouts that are easily taken for others.

#![cfg(test)]

use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Int8Array, Int64Array, RecordBatch,
};
use arrow_schema::{DataType, Field, Schema};
use housekeep::columns::{Cell, Need, TimeFormat, arrow};

fn need(name: &str) -> Need {
    Need { name: name.into(), ty: None, time: TimeFormat::default(), required: false }
}

/// What a column of this array holds.
fn cells(array: ArrayRef) -> Vec<String> {
    let schema = Arc::new(Schema::new(vec![Field::new("x", array.data_type().clone(), true)]));
    let batch = RecordBatch::try_new(schema.clone(), vec![array]).unwrap();
    let table = arrow::table(&[need("x")], &schema, [Ok(batch)]).unwrap();
    let column = table.column("x").unwrap();
    (0..column.rows()).map(|row| format!("{:?}", column.cell(row))).collect()
}

#[test]
fn values_by_number_are_the_values() {
    let keys = || Int8Array::from(vec![Some(1), Some(0), None, Some(1), Some(2)]);
    let by_number = |values: ArrayRef| -> ArrayRef {
        Arc::new(DictionaryArray::<Int8Type>::try_new(keys(), values).unwrap())
    };
    let said = |cells: [Cell<'_>; 5]| cells.map(|cell| format!("{cell:?}")).to_vec();
    let integers = by_number(Arc::new(Int64Array::from(vec![Some(7), Some(8), None])));
    let expected = [Cell::Integer(8), Cell::Integer(7), Cell::Null, Cell::Integer(8), Cell::Null];
    assert_eq!(cells(integers), said(expected));
    let booleans = by_number(Arc::new(BooleanArray::from(vec![Some(false), Some(true), None])));
    let (yes, no) = (Cell::Boolean(true), Cell::Boolean(false));
    assert_eq!(cells(booleans), said([yes, no, Cell::Null, yes, Cell::Null]));
}

#[test]
fn a_column_given_twice_is_refused() {
    let field = || Arc::new(Field::new("id", DataType::Utf8, false));
    let schema = Schema::new(vec![field(), field()]);
    let error = arrow::table(&[need("id")], &schema, []).unwrap_err();
    assert_eq!(error.code().as_str(), "rows.repeated_field");
}

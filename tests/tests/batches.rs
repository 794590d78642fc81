//! Arrow batches that are refused.

#![cfg(test)]

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use housekeep::columns::{Need, TimeFormat, arrow};

#[test]
fn a_column_given_twice_is_refused() {
    let field = || Arc::new(Field::new("id", DataType::Utf8, false));
    let schema = Schema::new(vec![field(), field()]);
    let need = Need { name: "id".into(), ty: None, time: TimeFormat::default(), required: true };
    let error = arrow::table(&[need], &schema, []).unwrap_err();
    assert_eq!(error.code().as_str(), "rows.repeated_field");
}

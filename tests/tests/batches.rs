//! Arrow batches: what is refused, and layouts that are easily taken for others.

#![cfg(test)]

use std::slice::from_ref;
use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, FixedSizeListArray, Int8Array, Int64Array,
    LargeListArray, LargeListViewArray, LargeStringArray, ListArray, ListViewArray, NullArray,
    RecordBatch, StringArray, StringViewArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema};
use housekeep::Error;
use housekeep::columns::{Cell, Column, Need, TimeFormat, Type, arrow};

fn need(name: &str) -> Need {
    Need {
        name: name.into(),
        ty: None,
        time: TimeFormat::default(),
        required: false,
        optional: false,
    }
}

/// The column of these arrays, one a batch.
fn column(need: &Need, arrays: &[ArrayRef]) -> Result<Column, Error> {
    let ty = arrays[0].data_type().clone();
    let schema = Arc::new(Schema::new(vec![Field::new(&need.name, ty, true)]));
    let batches =
        arrays.iter().map(|array| RecordBatch::try_new(schema.clone(), vec![array.clone()]));
    arrow::table(from_ref(need), &schema, batches)?.find(&need.name).cloned()
}

/// What a column of this array holds.
fn cells(array: ArrayRef) -> Vec<String> {
    let column = column(&need("x"), &[array]).unwrap();
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
fn nulls_by_number_need_no_values() {
    let none: ArrayRef = Arc::new(StringArray::from(Vec::<&str>::new()));
    let by_number = |keys: Vec<Option<i8>>| -> ArrayRef {
        Arc::new(DictionaryArray::<Int8Type>::try_new(keys.into(), none.clone()).unwrap())
    };
    assert_eq!(cells(by_number(vec![])), [""; 0]);
    assert_eq!(cells(by_number(vec![None, None])), ["Null", "Null"]);
    let elements = by_number(vec![]);
    let offsets = OffsetBuffer::new(vec![0, 0].into());
    let array: ArrayRef = Arc::new(ListArray::new(field(&elements), offsets, elements, None));
    assert_eq!(lists(&[array]).unwrap(), ["[]"]);
}

#[test]
fn a_column_given_twice_is_refused() {
    let field = || Arc::new(Field::new("id", DataType::Utf8, false));
    let schema = Schema::new(vec![field(), field()]);
    let error = arrow::table(&[need("id")], &schema, []).unwrap_err();
    assert_eq!(error.code().as_str(), "rows.repeated_field");
}

fn lists(arrays: &[ArrayRef]) -> Result<Vec<String>, Error> {
    let column = column(&Need { ty: Some(Type::List), ..need("x") }, arrays)?;
    assert_eq!(column.ty(), Type::List);
    Ok((0..column.rows()).map(|row| column.cell(row).to_string()).collect())
}

fn refused(array: ArrayRef) -> (String, Option<u64>) {
    let error = lists(&[array]).unwrap_err();
    assert_eq!((error.code().as_str(), error.path()), ("rows.wrong_type", Some("x")));
    (error.message().to_owned(), error.row())
}

fn field(elements: &ArrayRef) -> Arc<Field> {
    Arc::new(Field::new("item", elements.data_type().clone(), true))
}

/// The elements as two lists, a null whose place is not empty, a list of none, and one of one.
fn in_every_layout(elements: &ArrayRef) -> Vec<ArrayRef> {
    let field = || field(elements);
    let nulls = || Some(NullBuffer::from(vec![true, true, false, true, true]));
    let (small, large) = (vec![0, 2, 3, 4, 4, 5], vec![0, 2, 3, 4, 4, 5]);
    let (small, large) = (OffsetBuffer::new(small.into()), OffsetBuffer::new(large.into()));
    let (froms, sizes) = ([0, 2, 3, 0, 4], [2, 1, 1, 0, 1]);
    let (wide, lengths) = (froms.map(i64::from), sizes.map(i64::from));
    let (froms, sizes) = (ScalarBuffer::from(froms.to_vec()), ScalarBuffer::from(sizes.to_vec()));
    let (wide, lengths) = (ScalarBuffer::from(wide.to_vec()), ScalarBuffer::from(lengths.to_vec()));
    let all = || elements.clone();
    vec![
        Arc::new(ListArray::new(field(), small, all(), nulls())),
        Arc::new(LargeListArray::new(field(), large, all(), nulls())),
        Arc::new(ListViewArray::new(field(), froms, sizes, all(), nulls())),
        Arc::new(LargeListViewArray::new(field(), wide, lengths, all(), nulls())),
    ]
}

/// One list after the other, of so many elements each.
fn of_size(size: usize, elements: &ArrayRef) -> ArrayRef {
    let size = i32::try_from(size).unwrap();
    Arc::new(FixedSizeListArray::new(field(elements), size, elements.clone(), None))
}

#[test]
fn lists_of_text_are_read_in_every_layout() {
    let texts = ["release", "", "a text that is longer than a view is", "passed over", "1:a"];
    let by_number = DictionaryArray::<Int8Type>::from_iter(texts);
    let layouts: [ArrayRef; 4] = [
        Arc::new(StringArray::from(texts.to_vec())),
        Arc::new(LargeStringArray::from(texts.to_vec())),
        Arc::new(StringViewArray::from(texts.to_vec())),
        Arc::new(by_number),
    ];
    let two = r#"["release", ""]"#;
    let one = r#"["a text that is longer than a view is"]"#;
    let expected = [two, one, "null", "[]", r#"["1:a"]"#];
    for elements in layouts {
        for array in in_every_layout(&elements) {
            let ty = array.data_type().clone();
            assert_eq!(lists(from_ref(&array)).unwrap(), expected, "{ty}");
            // Slices share the elements, and each has its own.
            let slices = [array.slice(4, 1), array.slice(1, 3), array.slice(0, 0)];
            let found = lists(&slices).unwrap();
            assert_eq!(found, [expected[4], expected[1], "null", "[]"], "{ty}");
        }
        let pairs = of_size(2, &elements.slice(0, 4));
        let second = r#"["a text that is longer than a view is", "passed over"]"#;
        assert_eq!(lists(from_ref(&pairs)).unwrap(), [two, second]);
        assert_eq!(lists(&[pairs.slice(1, 1)]).unwrap(), [second]);
    }
}

#[test]
fn lists_of_nothing_are_lists_of_text() {
    let nothing: ArrayRef = Arc::new(NullArray::new(0));
    let offsets = OffsetBuffer::new(vec![0, 0, 0].into());
    let array: ArrayRef = Arc::new(ListArray::new(field(&nothing), offsets, nothing, None));
    assert_eq!(lists(&[array]).unwrap(), ["[]", "[]"]);
    assert_eq!(lists(&[Arc::new(NullArray::new(2))]).unwrap(), ["null", "null"]);
}

#[test]
fn what_is_no_list_of_text_is_refused() {
    let nulls: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), Some("b"), None]));
    let other = "a list of text was expected, and a list of another kind was found";
    assert_eq!(refused(of_size(1, &nulls)), (other.into(), Some(3)));
    // Only what belongs to a list counts.
    assert_eq!(lists(&[of_size(1, &nulls).slice(0, 2)]).unwrap(), [r#"["a"]"#, r#"["b"]"#]);
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let numbers = of_size(1, &numbers);
    let not_of_text = "the column holds lists, and not of text";
    assert_eq!(refused(numbers.clone()), (not_of_text.into(), None));
    assert_eq!(refused(of_size(1, &of_size(2, &nulls.slice(0, 2)))), (not_of_text.into(), None));
    let text = "a list of text was expected, and a text was found";
    assert_eq!(refused(nulls.clone()), (text.into(), Some(1)));
    // Where the rule asks for none, they are no more welcome than they were.
    for array in [of_size(1, &nulls), numbers] {
        let error = column(&need("x"), &[array]).unwrap_err();
        assert_eq!(error.message(), "the column holds lists, which no rule can read");
    }
}

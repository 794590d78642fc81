//! How many services are, as an Arrow record batch.

use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{ArrayRef, DictionaryArray, Int8Array, RecordBatch, StringArray};
use arrow_schema::ArrowError;

use super::Fleet;
use crate::health::Status;
use crate::plan::batch::{Values, batch};

impl Fleet {
    /// The statuses as columns, one row a row, in their order: `id`, if the rows have one; `status` of
    /// the whole; and of every check and group one by its name with its family, such as `check.cpu`.
    /// Statuses are words, by number.
    ///
    /// # Errors
    /// None in practice: the columns are made for this schema.
    pub fn to_batch(&self) -> Result<RecordBatch, ArrowError> {
        let words: ArrayRef =
            Arc::new(StringArray::from_iter_values(Status::ALL.iter().map(|own| own.as_str())));
        let column = |codes: &[u8]| -> Result<ArrayRef, ArrowError> {
            let keys: Int8Array =
                codes.iter().map(|&code| code.cast_signed()).collect::<Vec<_>>().into();
            Ok(Arc::new(DictionaryArray::<Int8Type>::try_new(keys, Arc::clone(&words))?))
        };
        let mut columns = Vec::new();
        if let Some(ids) = self.ids() {
            let mut values = Values::new(ids.ty(), ids.rows() as usize);
            (0..ids.rows()).try_for_each(|row| values.push(ids.cell(row)))?;
            columns.push(("id".to_owned(), values.finish(), true));
        }
        columns.push(("status".to_owned(), column(self.codes())?, false));
        for (name, codes) in self.checks() {
            columns.push((format!("check.{name}"), column(codes)?, false));
        }
        for (name, codes) in self.groups() {
            columns.push((format!("group.{name}"), column(codes)?, false));
        }
        batch(
            columns
                .iter()
                .map(|(name, array, may_be_null)| (name.as_str(), Arc::clone(array), *may_be_null)),
        )
    }
}

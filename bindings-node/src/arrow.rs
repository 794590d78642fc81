//! Arrow IPC in and out: a stream or a file, whose buffers are used as they lie.

use std::panic;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{FileDecoder, StreamDecoder, read_footer_length};
use arrow_ipc::writer::StreamWriter;
use arrow_ipc::{Block, root_as_footer};
use arrow_schema::{ArrowError, SchemaRef};
use housekeep::Error;
use housekeep::columns::{Need, Table, arrow};

/// How a file begins.
const FILE: &[u8] = b"ARROW1";
/// How a stream begins.
const STREAM: &[u8] = &[0xff; 4];
/// At the end of a file: the length of its footer, and how it begins once more.
const TRAILER_BYTES: usize = 10;

type Batches = (SchemaRef, Vec<RecordBatch>);

/// Whether the bytes begin like Arrow IPC. No text begins so.
pub(crate) fn is_arrow(bytes: &[u8]) -> bool {
    bytes.starts_with(FILE) || bytes.starts_with(STREAM)
}

/// The columns that a rule needs. Text is not copied once more; a buffer of numbers is where it
/// does not lie on its boundary.
pub(crate) fn read(needs: &[Need], bytes: Vec<u8>) -> Result<Table, Error> {
    let is_file = bytes.starts_with(FILE);
    let bytes = Buffer::from_vec(bytes);
    // The decoder panics at some lengths and offsets that cannot be, which is the bytes' fault.
    let decoded = panic::catch_unwind(|| if is_file { file(&bytes) } else { stream(bytes) });
    let decoded = decoded.unwrap_or_else(|_| Err(broken("a length or an offset cannot be")));
    let (schema, batches) = decoded.map_err(arrow::unreadable)?;
    arrow::table(needs, &schema, batches.into_iter().map(Ok))
}

fn stream(mut bytes: Buffer) -> Result<Batches, ArrowError> {
    let mut decoder = StreamDecoder::new();
    let mut batches = Vec::new();
    while let Some(batch) = decoder.decode(&mut bytes)? {
        batches.push(batch);
    }
    decoder.finish()?;
    let schema = decoder.schema();
    Ok((schema.ok_or_else(|| broken("it has no schema"))?, batches))
}

fn file(bytes: &Buffer) -> Result<Batches, ArrowError> {
    let end = bytes.len().checked_sub(TRAILER_BYTES);
    let (end, trailer) = end
        .and_then(|end| Some((end, bytes.get(end..)?.try_into().ok()?)))
        .ok_or_else(|| broken("it is too short"))?;
    let start = end.checked_sub(read_footer_length(trailer)?);
    let footer = start.and_then(|start| bytes.get(start..end));
    let footer = footer.ok_or_else(|| broken("its footer is longer than the file"))?;
    let footer = root_as_footer(footer).map_err(|error| broken(&error.to_string()))?;
    let schema = footer.schema().ok_or_else(|| broken("its footer has no schema"))?;
    let schema = Arc::new(try_fb_to_schema(schema)?);
    let mut decoder = FileDecoder::new(Arc::clone(&schema), footer.version());
    for block in footer.dictionaries().iter().flatten() {
        decoder.read_dictionary(block, &slice(bytes, block)?)?;
    }
    let mut batches = Vec::new();
    for block in footer.recordBatches().iter().flatten() {
        batches.extend(decoder.read_record_batch(block, &slice(bytes, block)?)?);
    }
    Ok((schema, batches))
}

/// The bytes of a block, which may claim to be anywhere.
fn slice(bytes: &Buffer, block: &Block) -> Result<Buffer, ArrowError> {
    let metadata = usize::try_from(block.metaDataLength()).ok();
    let place = || {
        let from = usize::try_from(block.offset()).ok()?;
        let length = metadata?.checked_add(usize::try_from(block.bodyLength()).ok()?)?;
        (from.checked_add(length)? <= bytes.len()).then_some((from, length))
    };
    let (from, length) = place().ok_or_else(|| broken("a block lies outside the file"))?;
    Ok(bytes.slice_with_length(from, length))
}

fn broken(what: &str) -> ArrowError {
    ArrowError::IpcError(what.to_owned())
}

/// One batch as a stream.
pub(crate) fn write(batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
    writer.write(batch)?;
    writer.into_inner()
}

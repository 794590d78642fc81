//! Parquet, from a file and from the standard input.

#![expect(clippy::unwrap_used, reason = "a test that cannot run has failed")]

mod common;

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use common::{Folder, NOW};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

const PLAN: [&str; 8] =
    ["plan", "runs", "--input", "runs.parquet", "--now", NOW, "--format", "json"];

/// The rows of the other tests, and a column that no rule can read.
fn bytes(compression: Compression) -> Vec<u8> {
    let start = 1_770_944_400_000_000; // 2026-02-13T01:00:00Z
    let times = TimestampMicrosecondArray::from(vec![start, start + 252_000_000, start]);
    let columns: [(&str, ArrayRef); 5] = [
        ("share", Arc::new(Float64Array::from(vec![0.5; 3]))),
        ("id", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ("commit_hash", Arc::new(StringArray::from(vec![Some("4a65fc1"), Some("4a65fc1"), None]))),
        ("started_at", Arc::new(times.with_timezone("UTC"))),
        ("task_id", Arc::new(StringArray::from(vec!["build", "build", "test"]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn parquet_is_read_from_files_and_pipes() {
    let folder = Folder::new("parquet_is_read_from_files_and_pipes");
    let compressions = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::LZ4_RAW,
        Compression::ZSTD(Default::default()),
    ];
    for compression in compressions {
        folder.write("runs.parquet", bytes(compression));
        let out = folder.run(&PLAN).done();
        assert!(out.contains("\"drop_ids\": [\n    \"1\"\n  ]"), "{out}");
        let piped = ["plan", "runs", "--input", "-", "--now", NOW, "--format", "json"];
        let piped = folder.feed(&piped, &bytes(compression)).done();
        let same = |plan: &str| {
            let at = plan.find("sha256:").unwrap();
            plan[at..at + 71].to_owned()
        };
        assert_eq!(same(&piped), same(&out));
    }
}

#[test]
fn a_missing_column_is_named_with_what_may_be_meant() {
    let folder = Folder::new("a_missing_column_is_named_with_what_may_be_meant");
    folder.write("runs.parquet", bytes(Compression::SNAPPY));
    let err = folder.run(&[&PLAN[..6], &["--set", "time=strated_at"]].concat()).failed(1);
    assert!(err.contains("there is no column `strated_at`"), "{err}");
    assert!(err.contains("did you mean `started_at`?"), "{err}");
    let err = folder.run(&[&PLAN[..6], &["--set", "key=[\"share\"]"]].concat()).failed(1);
    assert!(err.contains("the column holds numbers with fractions"), "{err}");
}

#[test]
fn no_damage_is_a_panic() {
    let folder = Folder::new("no_damage_is_a_panic");
    let whole = bytes(Compression::UNCOMPRESSED);
    let mut damaged: Vec<Vec<u8>> = Vec::new();
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        damaged.push(whole[..at].to_vec());
        let mut flipped = whole.clone();
        flipped[at] ^= 0xff;
        damaged.push(flipped);
    }
    for bytes in damaged {
        folder.write("runs.parquet", bytes);
        let ran = folder.run(&PLAN[..6]);
        assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
    }
}

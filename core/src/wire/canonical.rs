//! The canonical serializer, and the digest over what it writes.

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use sha2::{Digest, Sha256};

/// Bytes that are hashed at once: a document is written in many small pieces.
const BUFFERED: usize = 64 << 10;
/// The end of a document without a digest.
const END: &str = "\n}\n";
/// How deep entries still get a line of their own.
const LINED: usize = 2;

/// The document as text, with a newline at its end.
pub(crate) fn canonical(document: &impl Serialize) -> String {
    let mut out = Vec::new();
    // Neither a vector nor our own documents can fail to be written.
    let written = write(&mut out, document, &mut Lines::default());
    debug_assert!(written.is_ok());
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_default()
}

/// The digest of some bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The digest of the document as [`canonical`] writes it, without making the whole of it.
pub(super) fn digest(document: &impl Serialize) -> String {
    // Neither a digest nor our own documents can fail to be written.
    write_with_digest(io::sink(), document).unwrap_or_default()
}

/// Writes the document with a last entry `"sha256"`: the digest of its bytes without that entry.
/// Gives the digest back.
pub(super) fn write_with_digest<W: Write>(out: W, document: &impl Serialize) -> io::Result<String> {
    let mut digesting = Digesting { out, sha256: Sha256::new() };
    let mut buffer = BufWriter::with_capacity(BUFFERED, &mut digesting);
    write(&mut buffer, document, &mut Lines { leave_open: true, ..Lines::default() })?;
    buffer.flush()?;
    drop(buffer);
    // What was hashed so far lacks the end it has without the digest.
    let Digesting { mut out, mut sha256 } = digesting;
    sha256.update(END);
    let digest = hex(&sha256.finalize());
    write!(out, "{}", end(&digest))?;
    out.flush()?;
    Ok(digest)
}

/// Whether a text is, to the byte, what [`write_with_digest`] wrote when it gave this digest.
pub(super) fn is_as_written(text: &str, digest: &str) -> bool {
    text.strip_suffix(&end(digest)).is_some_and(|bare| {
        let own = Sha256::new().chain_update(bare).chain_update(END).finalize();
        hex(&own) == digest
    })
}

/// The end of a document with its digest.
fn end(digest: &str) -> String {
    format!(",\n  \"sha256\": \"{digest}\"\n}}\n")
}

fn write(out: impl Write, document: &impl Serialize, lines: &mut Lines) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, lines);
    document.serialize(&mut serializer).map_err(io::Error::from)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hashes what passes through.
struct Digesting<W> {
    out: W,
    sha256: Sha256,
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sha256.update(bytes);
        self.out.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// One entry a line on the first levels, one line below.
#[derive(Default)]
struct Lines {
    depth: usize,
    has_entry: bool,
    /// Leaves out the brace that ends the document.
    leave_open: bool,
}

impl Lines {
    fn begin(&mut self, out: &mut (impl Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.has_entry = false;
        out.write_all(bracket)
    }

    fn end(&mut self, out: &mut (impl Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.depth == 0 && self.leave_open {
            return Ok(());
        }
        if self.has_entry && self.depth < LINED {
            self.line(out)?;
        }
        self.has_entry = true;
        out.write_all(bracket)
    }

    fn entry(&mut self, out: &mut (impl Write + ?Sized), first: bool) -> io::Result<()> {
        self.has_entry = true;
        match (self.depth <= LINED, first) {
            (true, true) => self.line(out),
            (true, false) => {
                out.write_all(b",")?;
                self.line(out)
            }
            (false, true) => Ok(()),
            (false, false) => out.write_all(b", "),
        }
    }

    fn line(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| out.write_all(b"  "))
    }
}

impl Formatter for &mut Lines {
    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.entry(out, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_entry = true;
        Ok(())
    }

    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.entry(out, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_entry = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn two_levels_stand_by_line() {
        let document = json!({ "a": [1, { "b": [2, 3], "c": {} }], "d": {}, "e": [] });
        let expected = r#"{
  "a": [
    1,
    {"b": [2, 3], "c": {}}
  ],
  "d": {},
  "e": []
}
"#;
        assert_eq!(canonical(&document), expected);
    }

    #[test]
    fn the_digest_is_of_the_document_without_it() {
        let document = json!({ "a": 1, "b": ["x"] });
        let mut out = Vec::new();
        let digest = write_with_digest(&mut out, &document).unwrap();
        assert_eq!(digest, sha256(canonical(&document).as_bytes()));
        assert_eq!(digest, super::digest(&document));
        let expected = format!(
            "{{\n  \"a\": 1,\n  \"b\": [\n    \"x\"\n  ],\n  \"sha256\": \"{digest}\"\n}}\n"
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

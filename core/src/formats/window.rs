//! A window on an input that is longer than memory should be: it moves on as values are read.

use std::io::{self, BufRead, Read};

/// Bytes that are asked for at a time.
const STEP: usize = 1 << 20;

/// What is at hand of an input.
pub(super) struct Window<R> {
    input: R,
    bytes: Vec<u8>,
    at: usize,
}

impl<R: BufRead> Window<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, bytes: Vec::new(), at: 0 }
    }

    /// What is at hand and not yet read.
    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Moves on.
    pub(super) fn consume(&mut self, count: usize) {
        self.at = (self.at + count).min(self.bytes.len());
    }

    /// Gets more of the input, at least as much as is at hand; false at its end.
    pub(super) fn grow(&mut self) -> io::Result<bool> {
        self.bytes.drain(..self.at);
        self.at = 0;
        let step = STEP.max(self.bytes.len()) as u64;
        Ok(self.input.by_ref().take(step).read_to_end(&mut self.bytes)? > 0)
    }

    /// The next byte that is not white space, which stays; none at the end of the input.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let rest = self.rest();
            if let Some(space) = rest.iter().position(|byte| !byte.is_ascii_whitespace()) {
                let found = rest.get(space).copied();
                self.consume(space);
                return Ok(found);
            }
            self.consume(self.bytes.len());
            if !self.grow()? {
                return Ok(None);
            }
        }
    }

    /// The rest of the input, from here on.
    pub(super) fn into_reader(self) -> impl BufRead {
        let at = self.at as u64;
        let mut bytes = io::Cursor::new(self.bytes);
        bytes.set_position(at);
        bytes.chain(self.input)
    }
}

//! A stream in blocks, read ahead and hashed on a thread of its own.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use sha2::{Digest, Sha256};

use crate::progress::Meter;

pub(super) const BLOCK_BYTES: usize = 256 << 10;
/// Blocks that are read before anyone asks for them.
const AHEAD: usize = 4;

/// A stream in blocks.
pub(super) struct Blocks {
    blocks: Receiver<io::Result<Vec<u8>>>,
    reader: JoinHandle<Sha256>,
    block: Vec<u8>,
    /// Where in the block the next byte is.
    at: usize,
    done: u64,
    length: Option<u64>,
    /// The stream failed: it is not asked again.
    failed: Option<io::Error>,
    meter: Meter,
}

impl Blocks {
    /// Begins to read. `length` is how long it will be, if that is known.
    pub(super) fn new(
        source: impl Read + Send + 'static,
        length: Option<u64>,
        meter: Meter,
    ) -> Self {
        let (sender, blocks) = sync_channel(AHEAD);
        // If nobody wants what is left, this thread ends with the program, not before: it may be
        // waiting for a pipe.
        let reader = thread::spawn(move || send_all(source, &sender));
        Self { blocks, reader, block: Vec::new(), at: 0, done: 0, length, failed: None, meter }
    }

    /// All that is left, at once.
    pub(super) fn read_whole(&mut self) -> io::Result<Vec<u8>> {
        let mut whole = Vec::new();
        self.read_to_end(&mut whole)?;
        Ok(whole)
    }

    /// How the stream failed, if it did.
    pub(super) fn failed(&self) -> Option<&io::Error> {
        self.failed.as_ref()
    }

    /// Once nobody wants more: the digest in hexadecimal.
    ///
    /// A reader may stop before the end; the digest is of all bytes.
    pub(super) fn finish(mut self) -> io::Result<String> {
        loop {
            let length = self.fill_buf()?.len();
            if length == 0 {
                break;
            }
            self.consume(length);
        }
        match self.reader.join() {
            Ok(sha256) => Ok(hex(sha256)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl Read for Blocks {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(out)?;
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Blocks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if let Some(error) = &self.failed {
            return Err(again(error));
        }
        if self.at >= self.block.len() {
            match self.blocks.recv() {
                Ok(Ok(block)) => (self.block, self.at) = (block, 0),
                Ok(Err(error)) => {
                    let told = again(&error);
                    self.failed = Some(error);
                    return Err(told);
                }
                Err(_) => return Ok(&[]),
            }
        }
        Ok(self.block.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, length: usize) {
        self.at += length;
        self.done += length as u64;
        if self.at >= self.block.len() {
            self.meter.at(self.done, self.length);
        }
    }
}

/// The same error once more: they cannot be cloned.
fn again(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

fn send_all(mut source: impl Read, blocks: &SyncSender<io::Result<Vec<u8>>>) -> Sha256 {
    let mut sha256 = Sha256::new();
    loop {
        let mut block = Vec::with_capacity(BLOCK_BYTES);
        let read = source.by_ref().take(BLOCK_BYTES as u64).read_to_end(&mut block);
        if !block.is_empty() {
            sha256.update(&block);
        }
        let is_last = block.len() < BLOCK_BYTES;
        let sent = blocks.send(read.map(|_| block));
        if is_last || sent.is_err() {
            return sha256;
        }
    }
}

/// A digest in hexadecimal.
pub(super) fn hex(sha256: Sha256) -> String {
    sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Bytes on their way from thread to thread, in a few buffers that go round.
//!
//! Each step of reading a layer (the file, its digest, its decompression, the digest of what comes out of
//! it, the archive) has a thread, so that a layer takes as long as its slowest step. Errors travel in their
//! place among the bytes: whoever reads meets them where it would without threads.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread::{Builder, Scope, ScopedJoinHandle};

use sha2::{Digest, Sha256};

use super::blob::digest_text;
use super::tar::Skip;

/// What a buffer holds: as much as a block of zstd expands to.
const BUFFER: usize = 128 << 10;
/// How many there are in a pipe, at most.
const BUFFERS: usize = 8;

/// A buffer with `filled` bytes in it.
struct Chunk {
    buffer: Box<[u8]>,
    filled: usize,
}

impl Chunk {
    fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.filled).unwrap_or_default()
    }

    /// Reads until the buffer is full or `source` ends; what was read before an error stays.
    fn fill(&mut self, source: &mut impl Read) -> io::Result<()> {
        self.filled = 0;
        while self.filled < self.buffer.len() {
            match source.read(&mut self.buffer[self.filled..]) {
                Ok(0) => break,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Makes a pipe.
pub(super) fn pipe() -> (PipeWriter, PipeReader) {
    let (full, to_read) = mpsc::channel();
    let (empty, to_fill) = mpsc::channel();
    let writer = PipeWriter { full, empty: to_fill, made: 0 };
    (writer, PipeReader { full: to_read, empty, chunk: None, at: 0 })
}

/// The end of a pipe that bytes go into.
pub(super) struct PipeWriter {
    full: Sender<io::Result<Chunk>>,
    empty: Receiver<Chunk>,
    /// Buffers made so far: a small layer needs one.
    made: usize,
}

impl PipeWriter {
    /// Passes on what `source` gives up to its end or its first error, or until nobody reads any more.
    /// Gives the bytes that were read.
    pub(super) fn fill_from(mut self, source: &mut impl Read) -> u64 {
        let mut bytes = 0;
        while let Some(mut chunk) = self.buffer() {
            let result = chunk.fill(source);
            bytes += chunk.filled as u64;
            let more = chunk.filled == chunk.buffer.len();
            let sent = chunk.filled == 0 || self.full.send(Ok(chunk)).is_ok();
            if let Err(error) = result {
                self.fail(error);
                break;
            }
            if !more || !sent {
                break;
            }
        }
        bytes
    }

    /// Passes on an error, and no more.
    pub(super) fn fail(self, error: io::Error) {
        // If nobody reads any more, nobody wants to know.
        let _ = self.full.send(Err(error));
    }

    /// An empty buffer, as soon as there is one; `None` if nobody reads any more.
    fn buffer(&mut self) -> Option<Chunk> {
        match self.empty.try_recv() {
            Ok(chunk) => Some(chunk),
            Err(TryRecvError::Empty) if self.made < BUFFERS => {
                self.made += 1;
                Some(Chunk { buffer: vec![0; BUFFER].into(), filled: 0 })
            }
            Err(TryRecvError::Empty) => self.empty.recv().ok(),
            Err(TryRecvError::Disconnected) => None,
        }
    }
}

/// The end of a pipe that bytes come out of.
pub(super) struct PipeReader {
    full: Receiver<io::Result<Chunk>>,
    empty: Sender<Chunk>,
    chunk: Option<Chunk>,
    /// Bytes of the chunk that were read.
    at: usize,
}

impl PipeReader {
    /// Works out the digest of all that passes, on a thread of its own.
    pub(super) fn digested<'scope>(
        self,
        scope: &'scope Scope<'scope, '_>,
    ) -> io::Result<(Self, ScopedJoinHandle<'scope, String>)> {
        let (passed, full) = mpsc::channel();
        let Self { full: coming, empty, chunk, at } = self;
        let digest = move || {
            let mut digest = Sha256::new();
            for chunk in coming {
                if let Ok(chunk) = &chunk {
                    digest.update(chunk.bytes());
                }
                if passed.send(chunk).is_err() {
                    break;
                }
            }
            digest_text(&digest.finalize())
        };
        let digest = Builder::new().spawn_scoped(scope, digest)?;
        Ok((Self { full, empty, chunk, at }, digest))
    }

    fn rest(&self) -> &[u8] {
        self.chunk.as_ref().and_then(|chunk| chunk.bytes().get(self.at..)).unwrap_or_default()
    }
}

impl BufRead for PipeReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.rest().is_empty() {
            if let Some(chunk) = self.chunk.take() {
                // The writer may be done, and needs it no more.
                let _ = self.empty.send(chunk);
            }
            self.at = 0;
            self.chunk = self.full.recv().ok().transpose()?;
        }
        Ok(self.rest())
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
    }
}

impl Read for PipeReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buf)?;
        self.consume(read);
        Ok(read)
    }
}

impl Skip for PipeReader {
    fn skip(&mut self, mut bytes: u64) -> io::Result<()> {
        while bytes > 0 {
            let there = self.fill_buf()?.len();
            if there == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let skipped = usize::try_from(bytes).map_or(there, |bytes| bytes.min(there));
            self.consume(skipped);
            bytes -= skipped as u64;
        }
        Ok(())
    }
}

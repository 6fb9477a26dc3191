//! Lines of a file or of standard input, in chunks as they come, read on a thread of their own.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;

/// Bytes to ask for at once.
const CHUNK_BYTES: usize = 256 << 10;
/// A longer line is surely not meant as a record.
const MAX_LINE_BYTES: usize = 256 << 20;
/// Chunks that may wait to be taken.
const CHUNKS_AHEAD: usize = 4;

/// Whole lines, each with its end but perhaps the last of all; or why there are no more.
pub type Chunk = io::Result<Bytes>;

/// Opens `path`, standard input for `-`.
pub fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    if path.as_os_str() == "-" { Ok(Box::new(io::stdin())) } else { Ok(Box::new(File::open(path)?)) }
}

/// Reads ahead. The channel ends with the input.
pub fn read_ahead(source: Box<dyn Read + Send>) -> mpsc::Receiver<Chunk> {
    let (chunks, receiver) = mpsc::channel(CHUNKS_AHEAD);
    std::thread::spawn(move || {
        if let Err(error) = read(source, &chunks) {
            // Whoever reads no more need not know.
            let _ = chunks.blocking_send(Err(error));
        }
    });
    receiver
}

fn read(mut source: impl Read, chunks: &mpsc::Sender<Chunk>) -> io::Result<()> {
    let mut waiting = BytesMut::new();
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let count = match source.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else { break };
        waiting.extend_from_slice(read);
        let Some(end) = read.iter().rposition(|&byte| byte == b'\n') else {
            if waiting.len() > MAX_LINE_BYTES {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than 256 MiB"));
            }
            continue;
        };
        let left = read.len() - end - 1;
        let lines = waiting.split_to(waiting.len() - left).freeze();
        if chunks.blocking_send(Ok(lines)).is_err() {
            return Ok(());
        }
    }
    if !waiting.is_empty() {
        // As above.
        let _ = chunks.blocking_send(Ok(waiting.freeze()));
    }
    Ok(())
}

/// The lines of a chunk, without their ends, sharing its memory.
pub fn split(mut chunk: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || {
        if chunk.is_empty() {
            return None;
        }
        let end = chunk.iter().position(|&byte| byte == b'\n');
        let mut line = chunk.split_to(end.map_or(chunk.len(), |end| end + 1));
        line.truncate(end.unwrap_or(line.len()));
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_survive_any_cut_of_the_input() {
        let text = b"one\n\ntwo\r\nthree";
        for step in 1..text.len() {
            let (chunks, mut receiver) = mpsc::channel(64);
            struct Steps<'a>(&'a [u8], usize);
            impl Read for Steps<'_> {
                fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                    let step = self.1.min(self.0.len());
                    (&self.0[..step]).read(buffer)?;
                    self.0 = &self.0[step..];
                    Ok(step)
                }
            }
            read(Steps(text, step), &chunks).unwrap();
            drop(chunks);
            let mut lines = Vec::new();
            while let Ok(chunk) = receiver.try_recv() {
                lines.extend(split(chunk.unwrap()));
            }
            assert_eq!(lines, [&b"one"[..], b"", b"two\r", b"three"], "{step} bytes at once");
        }
    }
}

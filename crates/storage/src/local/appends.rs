//! The file of an object that grows by appends: the head, then frames of length, checksum and content.
//! An append is there whole or not at all: a frame that a kill cut short is dropped on opening.

use super::blocks::{self, Head};
use bytes::Bytes;
use notify::ports::Etag;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::Arc,
};

/// Bytes in front of a frame's content: its length (4) and the first bytes of its SHA-256 (8).
const FRAME_HEAD: u64 = 12;

/// Where the frames of a file are.
#[derive(Clone, Debug)]
pub(super) struct Frames {
    id: Arc<str>,
    /// Of each frame: where its content begins in the object and in the file.
    starts: Arc<Vec<(u64, u64)>>,
    /// End of the last whole frame in the file.
    end: u64,
}

impl Frames {
    /// How many appends the object has taken.
    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }
}

/// Version of an append object: which file, and how long it has become.
pub(super) fn etag(frames: &Frames, length: u64) -> Etag {
    Etag(format!("{}-{length}", frames.id).into())
}

/// Makes an empty one.
pub(super) fn create(path: &Path, name: &str) -> io::Result<Frames> {
    let mut head = Head::new(name, &BTreeMap::new());
    head.append = true;
    let line = head.line()?;
    blocks::bring_in(path, |out| out.write_all(&line))?;
    Ok(Frames {
        id: head.etag.into(),
        starts: Arc::default(),
        end: line.len() as u64,
    })
}

fn checksum(body: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    sum.copy_from_slice(&Sha256::digest(body)[..8]);
    sum
}

/// Finds the frames of a file and how long the object is; drops a torn one at the end.
pub(super) fn open(path: &Path, head: &Head) -> io::Result<(Frames, u64)> {
    let size = std::fs::metadata(path)?.len();
    let mut file = BufReader::new(File::open(path)?);
    file.seek(SeekFrom::Start(head.bytes))?;
    let (mut starts, mut end, mut length) = (Vec::new(), head.bytes, 0_u64);
    let mut body = Vec::new();
    while end < size {
        let Some((frame, sum)) = frame_head(&mut file, size - end)? else {
            break;
        };
        body.resize(frame, 0);
        file.read_exact(&mut body)?;
        let next = end + FRAME_HEAD + frame as u64;
        if checksum(&body) != sum {
            if next < size {
                let problem = format!("the content at byte {end} does not match its checksum");
                return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
            }
            break;
        }
        starts.push((length, end + FRAME_HEAD));
        length += frame as u64;
        end = next;
    }
    if end < size {
        tracing::warn!(file = %path.display(), bytes = size - end, "an append that was cut short is dropped");
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(end)?;
        file.sync_all()?;
    }
    let frames = Frames {
        id: head.etag.as_str().into(),
        starts: Arc::new(starts),
        end,
    };
    Ok((frames, length))
}

/// Length and checksum of the next frame; `None` when it does not fit into what is left.
fn frame_head(file: &mut impl Read, left: u64) -> io::Result<Option<(usize, [u8; 8])>> {
    if left < FRAME_HEAD {
        return Ok(None);
    }
    let (mut size, mut sum) = ([0; 4], [0; 8]);
    file.read_exact(&mut size)?;
    file.read_exact(&mut sum)?;
    let size = u32::from_le_bytes(size);
    Ok((FRAME_HEAD + u64::from(size) <= left).then_some((size as usize, sum)))
}

/// Appends a frame; on disk when it returns. What a failure left behind is cut off again.
pub(super) fn append(path: &Path, frames: &Frames, body: &[u8]) -> io::Result<Frames> {
    let size = u32::try_from(body.len()).map_err(|_| io::Error::other("an append is limited to 4 GiB"))?;
    let mut frame = Vec::with_capacity(body.len() + FRAME_HEAD as usize);
    frame.extend(size.to_le_bytes());
    frame.extend(checksum(body));
    frame.extend(body);
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.seek(SeekFrom::Start(frames.end))?;
    if let Err(error) = file.write_all(&frame).and_then(|()| file.sync_data()) {
        let _ = file.set_len(frames.end);
        return Err(error);
    }
    let mut next = frames.clone();
    let length = next
        .starts
        .last()
        .map_or(0, |(start, at)| start + (next.end - at));
    Arc::make_mut(&mut next.starts).push((length, frames.end + FRAME_HEAD));
    next.end += frame.len() as u64;
    Ok(next)
}

/// Reads part of the object, across frames.
pub(super) fn read(path: &Path, frames: &Frames, offset: u64, length: u64) -> io::Result<Bytes> {
    let mut file = File::open(path)?;
    let mut body = Vec::new();
    let first = frames
        .starts
        .partition_point(|(start, _)| *start <= offset)
        .saturating_sub(1);
    let stop = offset.saturating_add(length);
    for (at, (start, place)) in frames.starts.iter().enumerate().skip(first) {
        if *start >= stop {
            break;
        }
        let end = match frames.starts.get(at + 1) {
            Some((next, _)) => *next,
            None => start + (frames.end - place),
        };
        let (from, to) = (offset.max(*start), stop.min(end));
        if from < to {
            file.seek(SeekFrom::Start(place + (from - start)))?;
            (&file).take(to - from).read_to_end(&mut body)?;
        }
    }
    Ok(body.into())
}

//! What a child process writes, line by line, as it comes.

use super::wait;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

/// Where a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// All lines so far; clones see the same.
#[derive(Clone, Default)]
pub(crate) struct Output {
    lines: Arc<Mutex<Vec<(Stream, String)>>>,
    /// Streams that are still read.
    open: Arc<AtomicU32>,
}

impl Output {
    /// Reads `source` in a thread of its own until it ends.
    pub(crate) fn follow(&self, stream: Stream, source: impl Read + Send + 'static) {
        let (lines, open) = (Arc::clone(&self.lines), Arc::clone(&self.open));
        open.fetch_add(1, Ordering::SeqCst);
        thread::spawn(move || {
            for line in BufReader::new(source).split(b'\n') {
                let Ok(line) = line else { break };
                let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
                lines.lock().unwrap().push((stream, line));
            }
            open.fetch_sub(1, Ordering::SeqCst);
        });
    }

    /// Waits until the process's pipes are read to their end.
    pub(crate) async fn complete(&self) {
        wait::until("the end of the output", async || {
            (self.open.load(Ordering::SeqCst) == 0).then_some(())
        })
        .await;
    }

    /// Lines of standard output.
    pub(crate) fn out(&self) -> Vec<String> {
        self.of(Stream::Out)
    }

    /// Lines of standard error.
    pub(crate) fn err(&self) -> Vec<String> {
        self.of(Stream::Err)
    }

    fn of(&self, wanted: Stream) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        lines
            .iter()
            .filter(|(stream, _)| *stream == wanted)
            .map(|(_, line)| line.clone())
            .collect()
    }

    /// Everything, in the order it was read.
    pub(crate) fn text(&self) -> String {
        self.lines
            .lock()
            .unwrap()
            .iter()
            .map(|(_, line)| format!("{line}\n"))
            .collect()
    }

    /// The lines of standard output that are JSON objects: the log.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.out()
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(Value::is_object)
            .collect()
    }
}

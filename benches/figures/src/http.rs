//! HTTP/1.1 over a kept connection, as little of it as the load needs: requests are bytes made beforehand.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Outcome;

/// A whole request; `headers` are complete lines without their ends.
pub(crate) fn request(method: &str, path: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let more: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n{more}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One request on a connection of its own, whose answer must be 2xx; the body as JSON, null if there is none.
pub(crate) async fn call(
    port: u16,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &str,
) -> Outcome<Value> {
    let answer = Connection::open(port)
        .await?
        .exchange(&request(method, path, headers, body))
        .await?;
    let text = answer.text();
    if !(200..300).contains(&answer.status) {
        return Err(format!("{method} {path} was answered {}: {text}", answer.status).into());
    }
    Ok(if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text)?
    })
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection that takes one request after another.
pub(crate) struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(port: u16) -> Outcome<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            unread: Vec::new(),
        })
    }

    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Outcome<Answer> {
        self.stream.write_all(request).await?;
        let head = self.take_through(b"\r\n\r\n").await?;
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .ok_or_else(|| format!("not an answer: {head}"))?;
        let header = |name: &str| {
            head.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let body = if let Some(length) = header("content-length") {
            self.take(length.parse()?).await?
        } else if header("transfer-encoding") == Some("chunked") {
            self.chunks().await?
        } else {
            Vec::new()
        };
        Ok(Answer { status, body })
    }

    async fn chunks(&mut self) -> Outcome<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.take_through(b"\r\n").await?;
            let length = usize::from_str_radix(String::from_utf8_lossy(&line).trim(), 16)?;
            let chunk = self.take(length + 2).await?;
            if length == 0 {
                return Ok(body);
            }
            body.extend_from_slice(&chunk[..length]);
        }
    }

    async fn take_through(&mut self, end: &[u8]) -> Outcome<Vec<u8>> {
        loop {
            let found = self.unread.windows(end.len()).position(|window| window == end);
            if let Some(at) = found {
                return self.take(at + end.len()).await;
            }
            self.more().await?;
        }
    }

    async fn take(&mut self, length: usize) -> Outcome<Vec<u8>> {
        while self.unread.len() < length {
            self.more().await?;
        }
        let rest = self.unread.split_off(length);
        Ok(std::mem::replace(&mut self.unread, rest))
    }

    async fn more(&mut self) -> Outcome<()> {
        match self.stream.read_buf(&mut self.unread).await? {
            0 => Err("the connection ended before the answer did".into()),
            _ => Ok(()),
        }
    }
}

//! Clients that send half of everything, or too much of it: nobody else notices, and the end waits for none of them.

mod crowd;
mod end;
mod limits;
mod query;

use crate::support::{
    handler::{Handler, LOCAL_KEY},
    wait::LONGEST_WAIT,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// What a client leaves undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    /// It connects and says nothing.
    Nothing,
    /// A request's head breaks off.
    Head,
    /// The body breaks off: for anybody's route, and for one with a key that it has.
    Body,
    LargeBody,
    KeyedBody,
    Chunk,
    /// It had an answer and keeps the connection.
    Idle,
}

impl Half {
    const ALL: [Self; 7] = [
        Self::Nothing,
        Self::Head,
        Self::Body,
        Self::LargeBody,
        Self::KeyedBody,
        Self::Chunk,
        Self::Idle,
    ];

    fn bytes(self) -> String {
        let messages = "POST /api/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\n";
        match self {
            Self::Nothing => String::new(),
            Self::Head => format!("{messages}Content-Le"),
            Self::Body => format!("{messages}Content-Length: 100\r\n\r\n{{\"type\":"),
            Self::LargeBody => {
                let begun = "x".repeat(20_000);
                format!("{messages}Content-Length: 250000\r\n\r\n{{\"type\":\"{begun}")
            }
            Self::KeyedBody => format!(
                "POST /api/notification HTTP/1.1\r\nHost: x\r\nx-functions-key: {LOCAL_KEY}\r\nContent-Length: 100\r\n\r\n{{"
            ),
            Self::Chunk => format!("{messages}Transfer-Encoding: chunked\r\n\r\n10\r\n{{\"type\""),
            Self::Idle => "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        }
    }

    async fn open(self, port: u16) -> TcpStream {
        let opening = async {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            stream.write_all(self.bytes().as_bytes()).await.unwrap();
            if self == Self::Idle {
                let mut answer = [0; 12];
                stream.read_exact(&mut answer).await.unwrap();
                assert_eq!(&answer, b"HTTP/1.1 404");
            }
            stream
        };
        let opened = timeout(LONGEST_WAIT, opening).await;
        opened.unwrap_or_else(|_| panic!("{self:?}: a request without a key or a body gets no answer"))
    }
}

/// Some of each kind.
async fn some_of_each(handler: &Handler) -> Vec<TcpStream> {
    let mut open = Vec::new();
    for half in Half::ALL {
        for _ in 0..3 {
            open.push(half.open(handler.port).await);
        }
    }
    open
}

//! What can stand in the way of a start, and how it is said.

use crate::support::{
    handler::{Signal, dev, free_port, serve},
    room::Room,
};
use std::net::TcpListener;

#[tokio::test]
async fn a_port_in_use_is_named_and_the_exit_code_is_not_zero() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for start in [dev(Room::new()), serve(Room::new())] {
        let finished = start.on_port(port).end().await;
        finished.complains(&[&port.to_string(), "in use"]);
    }
}

#[tokio::test]
async fn a_folder_without_host_json_is_explained() {
    let finished = dev(Room::empty()).end().await;
    finished.complains(&["host.json"]);
}

#[tokio::test]
async fn dev_and_serve_stop_when_asked() {
    for signal in [Signal::Term, Signal::Int] {
        let (status, _, output) = dev(Room::new()).start().await.stop(signal).await;
        assert_eq!(status.code(), Some(0), "{signal:?}: {}", output.text());
    }
    let (status, _, output) = serve(Room::new()).start().await.stop(Signal::Term).await;
    assert_eq!(status.code(), Some(0), "{}", output.text());
}

#[tokio::test]
async fn two_at_once_do_not_meet() {
    let port = free_port();
    let first = dev(Room::new()).on_port(port).start().await;
    let second = dev(Room::new()).start().await;
    assert_ne!(first.port, second.port);
}

//! Which connection is closed when there are too many: of the address with the most connections that wait for their
//! client, the one that has waited longest. New connections are not refused, and a client that holds many connections open
//! only loses its own.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::time::Instant;

use crate::state::{ConnectionState, EvictionClass};

/// Requests that one connection closes; `false` if none can be closed.
pub(crate) fn evict_one<'a>(connections: impl Iterator<Item = &'a Arc<ConnectionState>>) -> bool {
    let candidates: Vec<(&Arc<ConnectionState>, EvictionClass, Instant)> = connections
        .filter_map(|state| state.eviction_class().map(|(class, since)| (state, class, since)))
        .collect();
    let Some(lowest) = candidates.iter().map(|(_, class, _)| *class).min() else {
        return false;
    };
    let mut by_peer = HashMap::new();
    for (state, class, _) in &candidates {
        if *class == lowest {
            *by_peer.entry(state.peer).or_insert(0_usize) += 1;
        }
    }
    let chosen = candidates
        .iter()
        .filter(|(_, class, _)| *class == lowest)
        .max_by_key(|(state, _, since)| (by_peer.get(&state.peer).copied(), std::cmp::Reverse(*since)));
    chosen.inspect(|(state, ..)| state.close()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;
    use std::time::Duration;

    fn from(peer: &str) -> Arc<ConnectionState> {
        Arc::new(ConnectionState::new(
            peer.parse::<IpAddr>().unwrap_or_else(|_| panic!("{peer}")),
        ))
    }

    async fn pass(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    /// The index of the connection that was asked to close.
    async fn victim(all: &[Arc<ConnectionState>]) -> Option<usize> {
        if !evict_one(all.iter()) {
            return None;
        }
        for (index, state) in all.iter().enumerate() {
            let closing = tokio::time::timeout(Duration::ZERO, state.close_requested()).await;
            if closing.is_ok() {
                return Some(index);
            }
        }
        None
    }

    #[tokio::test(start_paused = true)]
    async fn the_address_with_the_most_loses_its_longest_waiting() {
        let honest = from("192.0.2.1");
        pass(1).await;
        let first = from("192.0.2.2");
        pass(1).await;
        let all = [honest, first, from("192.0.2.2")];
        assert_eq!(victim(&all).await, Some(1));
        assert_eq!(victim(&all[..1]).await, Some(0));
        assert_eq!(victim(&all[..1]).await, None, "nobody is asked twice");
    }

    #[tokio::test(start_paused = true)]
    async fn half_sent_requests_go_before_idle_connections_and_requests_at_work_stay() {
        let (idle, working, body, head) = (from("::1"), from("::1"), from("::1"), from("::1"));
        idle.response_finished(idle.request_started());
        working.request_started();
        body.body_wait_started(body.request_started());
        let all = [
            Arc::clone(&idle),
            Arc::clone(&working),
            Arc::clone(&body),
            Arc::clone(&head),
        ];
        pass(1).await;
        let (first, second) = (victim(&all).await, victim(&all).await);
        assert!(
            matches!((first, second), (Some(2), Some(3)) | (Some(3), Some(2))),
            "{first:?} {second:?}"
        );
        assert_eq!(victim(&all).await, Some(0));
        pass(3600).await;
        assert_eq!(victim(&all).await, None, "what is at work is never cut");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_goes_only_where_nobody_waits() {
        let (stream, head) = (from("192.0.2.1"), from("192.0.2.9"));
        stream.response_started(stream.request_started());
        assert_eq!(victim(&[Arc::clone(&stream)]).await, None, "it has only begun");
        pass(60).await;
        let all = [stream, head];
        assert_eq!(victim(&all).await, Some(1));
        assert_eq!(victim(&all).await, Some(0));
    }

    #[tokio::test(start_paused = true)]
    async fn one_network_of_ipv6_is_one_client() {
        let other = from("2001:db8:0:1::1");
        pass(1).await;
        let first = from("2001:db8:0:2::1");
        pass(1).await;
        let all = [other, first, from("2001:db8:0:2::2")];
        assert_eq!(victim(&all).await, Some(1));
    }
}

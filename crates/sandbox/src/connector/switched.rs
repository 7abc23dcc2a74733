//! Asks the switches that are on about a request, and shows what they refused.

use std::time::Duration;

use super::{Answer, ConnectorState, Operation, Request, RequestTarget, outgoing};
use crate::switches::{Asked, Layer, PostKind, Subject};

impl ConnectorState {
    /// The answer of a switch that is on, if one has an answer.
    pub(super) fn switched(
        &mut self,
        now: Duration,
        request: &Request<'_>,
        target: &RequestTarget,
        layer: Layer,
    ) -> Option<Answer> {
        if self.switches.are_off() {
            return None;
        }
        let over = self.switches.end(now);
        let asked = Asked {
            now,
            subject: Subject {
                tenant: target.tenant,
                place: target.place,
            },
            address: request.address,
            post: target.post(request),
        };
        let reply = self.switches.answer(&self.world, layer, &asked);
        if over || reply.is_some() {
            self.switches.end(now);
            self.switches_changed();
        }
        let reply = reply?;
        if !reply.is_success() {
            self.show_refusal(now, &request.operation, target.place, &reply);
        }
        Some(Answer::Reply(reply))
    }
}

impl RequestTarget {
    fn post(&self, request: &Request<'_>) -> PostKind {
        match (&request.operation, self.located) {
            (Operation::Send { .. }, Some(Ok(located))) if !outgoing::is_an_answer(&request.body) => {
                PostKind::Proactive(located.alias)
            }
            _ => PostKind::Other,
        }
    }
}

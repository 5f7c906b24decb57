//! What national sides send by themselves, exactly where and how they send it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use wire::Method;
use wire::callback::{Reply, Sent, Unread};

use super::Doors;
use super::body;
use crate::callback::Connection;
use crate::evidence::hash;
use crate::inbound::{Arrival, Inbound};
use crate::transport::Peer;

/// The addresses at which the listeners listen, and what answers there.
pub(super) fn routes(inbound: &Inbound) -> Vec<(String, MethodRouter<Arc<Doors>>)> {
    let each = inbound.listeners().iter().enumerate();
    each.flat_map(|(listener, one)| {
        one.addresses().map(move |address| {
            let (method, door) = (address.method, address.door);
            let answers = on(
                filter(method),
                move |State(doors): State<Arc<Doors>>, request: Request| {
                    take(doors, (listener, door, method), request)
                },
            );
            (address.path, answers)
        })
    })
    .collect()
}

const fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
    }
}

async fn take(
    doors: Arc<Doors>,
    (listener, door, method): (usize, &'static str, Method),
    request: Request,
) -> Response {
    let peer = request.extensions().get::<Peer>();
    let arrival = Arrival {
        listener,
        door,
        connection: Connection {
            address: peer.map(|peer| peer.address.ip()),
            certificate: peer.and_then(|peer| peer.certificate),
        },
    };
    if let Err(reply) = doors.inbound.admits(arrival) {
        return answered(reply);
    }
    let (head, sent) = request.into_parts();
    let limit = doors.inbound.listeners().get(listener).map_or(0, |one| one.limit);
    let bytes = match whole(&doors, sent, limit).await {
        Ok(bytes) => bytes,
        Err(why) => return answered(doors.inbound.unread(arrival, why)),
    };
    let sent = Sent {
        method,
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        body: &bytes,
        sha256: |bytes| hash::digest(&[bytes]),
    };
    answered(doors.inbound.receive(arrival, &sent).await)
}

/// The whole body, within the listener's own limit.
async fn whole(doors: &Doors, sent: Body, limit: usize) -> Result<Vec<u8>, Unread> {
    let mut room = doors.callback_room.part();
    let bytes = body::bytes(sent, (limit, doors.patience), &mut room).await;
    bytes.map_err(|why| {
        if why.is_large() {
            Unread::Large
        } else {
            Unread::Body
        }
    })
}

fn answered(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let media = HeaderValue::from_static(reply.media);
    (status, [(CONTENT_TYPE, media)], reply.body).into_response()
}

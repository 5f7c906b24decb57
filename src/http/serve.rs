//! The door itself: a task a connection, with limits, so that nobody who is slow holds a place for ever.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How long to wait when the system has no more connections to give.
const REST: Duration = Duration::from_millis(100);

/// What a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at one time; who comes then waits.
    pub connections: usize,
    /// How long the headers of the next request may take, from the moment they could be sent.
    pub headers: Duration,
}

/// Serves until told to stop, then until what was asked is answered. Dropped, it cuts every connection.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, told: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let ending = GracefulShutdown::new();
    let mut open = JoinSet::new();
    let mut told = std::pin::pin!(told);
    loop {
        let next = async {
            // Closed it never is: nobody else holds it.
            let place = Arc::clone(&places).acquire_owned().await;
            (accept(&listener).await, place)
        };
        let ((stream, peer), place) = tokio::select! {
            next = next => next,
            () = &mut told => break,
        };
        let talk = ending.watch(talk((stream, peer), router.clone(), limits.headers));
        open.spawn(async move {
            // A connection that broke or was too slow is its caller's matter.
            let _ended = talk.await;
            drop(place);
        });
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    ending.shutdown().await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => rest(&error).await,
        }
    }
}

/// A caller that went away while it was let in costs nobody a rest.
async fn rest(error: &io::Error) {
    let gone = [
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::ConnectionReset,
    ];
    if !gone.contains(&error.kind()) {
        tracing::warn!(error = %error, "a connection was not let in");
        tokio::time::sleep(REST).await;
    }
}

/// The address that a connection came from; each of its requests carries it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

fn talk(
    (stream, peer): (TcpStream, SocketAddr),
    router: Router,
    headers: Duration,
) -> http1::Connection<
    TokioIo<TcpStream>,
    impl Service<hyper::Request<Incoming>, Response = Response, Error = Infallible, Future: Send>,
> {
    // An answer leaves at once, however short it is; a stream that cannot be told so is slower, not wrong.
    let _told = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let answers = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.call(request)
    });
    http1::Builder::new()
        // Without a timer the time limit does nothing.
        .timer(TokioTimer::new())
        .header_read_timeout(headers)
        .serve_connection(TokioIo::new(stream), answers)
}

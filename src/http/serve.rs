//! The door itself: a task a connection, with limits, so that nobody who is slow holds a place for ever.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::transport::{self, Acceptor, Peer};

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

/// Where callers come in.
pub struct Door {
    /// Listens.
    pub listener: TcpListener,
    /// Shakes hands first; none in clear.
    pub tls: Option<Acceptor>,
    /// What answers.
    pub router: Router,
    /// What a connection may take.
    pub limits: Limits,
}

/// Serves until told to stop, then until what was asked is answered. Dropped, it cuts every connection.
pub async fn serve(door: Door, told: impl Future<Output = ()>) {
    let Door {
        listener,
        tls,
        router,
        limits,
    } = door;
    let tls = tls.map(Arc::new);
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
        let ((stream, address), place) = tokio::select! {
            next = next => next,
            () = &mut told => break,
        };
        let guest = Guest {
            address,
            router: router.clone(),
            limits,
            watcher: ending.watcher(),
        };
        open.spawn(guest.stay(stream, tls.clone(), place));
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    ending.shutdown().await;
}

/// One connection, and what it is served with.
struct Guest {
    address: SocketAddr,
    router: Router,
    limits: Limits,
    watcher: Watcher,
}

impl Guest {
    /// A connection that broke or was too slow is its caller's matter; its place is free then.
    async fn stay<P>(self, stream: TcpStream, tls: Option<Arc<Acceptor>>, _place: P) {
        // An answer leaves at once, however short it is; a stream that cannot be told so is slower, not wrong.
        let _told = stream.set_nodelay(true);
        let Some(tls) = tls else {
            return self.talk(stream, None).await;
        };
        // In a task of its own and within a time, so that a handshake that stalls holds nobody else's.
        let shaken = tokio::time::timeout(self.limits.headers, tls.shake(stream)).await;
        if let Ok(Ok(stream)) = shaken {
            let certificate = transport::certificate(stream.ssl());
            self.talk(stream, certificate).await;
        }
    }

    async fn talk<S>(self, stream: S, certificate: Option<[u8; 32]>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let peer = Peer {
            address: self.address,
            certificate,
        };
        let router = TowerToHyperService::new(self.router);
        let answers = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            router.call(request)
        });
        let connection = http1::Builder::new()
            // Without a timer the time limit does nothing.
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.headers)
            .serve_connection(TokioIo::new(stream), answers);
        let _ended = self.watcher.watch(connection).await;
    }
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

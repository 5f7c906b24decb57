//! What `bench` holds accepting against: a route that keeps a body and does nothing else.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;

use crate::store::Bare;

/// Serves the bare route, `POST /`, until it is dropped: 202 once the body is on the disk.
pub async fn bare(store: Arc<Bare>, listener: TcpListener) -> std::io::Result<()> {
    let router = Router::new().route("/", post(keep)).with_state(store);
    axum::serve(listener, router).await
}

async fn keep(State(store): State<Arc<Bare>>, body: Bytes) -> StatusCode {
    match store.keep(body.to_vec()).await {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

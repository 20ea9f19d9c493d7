//! HTTP: `/health` for those who watch, `/metrics` for Prometheus.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

/// How often samples of histograms are summed up; without it they are kept until somebody asks for `/metrics`.
const UPKEEP: Duration = Duration::from_secs(5);

/// What the pages show.
#[derive(Clone)]
pub struct Shown {
    /// Calls now.
    pub calls: Arc<AtomicUsize>,
    /// The metrics.
    pub metrics: PrometheusHandle,
}

/// Binds; serving goes on in the background until the runtime ends.
pub async fn start(listen: SocketAddr, shown: Shown) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(listen).await?;
    let bound = listener.local_addr()?;
    let metrics_kept = shown.metrics.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            metrics_kept.run_upkeep();
        }
    });
    let app = Router::new().route("/health", get(health)).route("/metrics", get(metrics)).with_state(shown);
    tokio::spawn(async move {
        if let Err(why) = axum::serve(listener, app).await {
            tracing::error!(%why, "HTTP stopped");
        }
    });
    Ok(bound)
}

async fn health(State(shown): State<Shown>) -> impl IntoResponse {
    let calls = shown.calls.load(Ordering::Relaxed);
    let body = serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "calls": calls });
    ([(CONTENT_TYPE, "application/json")], body.to_string())
}

async fn metrics(State(shown): State<Shown>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], shown.metrics.render())
}

//! HTTP: `/health` for those who watch, `/metrics` for Prometheus. Who is not allowed gets 403.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::config::Allow;

use super::campaigns::Campaigns;
use super::swap;

/// How often samples of histograms are summed up; without it they are kept until somebody asks for `/metrics`.
const UPKEEP: Duration = Duration::from_secs(5);

/// What the pages show, and to whom.
#[derive(Clone)]
pub struct Shown {
    /// Who may look.
    pub allow: Allow,
    /// Calls now.
    pub calls: Arc<AtomicUsize>,
    /// What calls are held by.
    pub campaigns: Arc<Campaigns>,
    /// What they are understood with.
    pub models: Arc<dyn Fn() -> Vec<swap::Shown> + Send + Sync>,
    /// The metrics.
    pub metrics: PrometheusHandle,
}

/// Serves on a bound socket, in the background until the runtime ends.
pub fn start(listener: TcpListener, shown: Shown) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let metrics_kept = shown.metrics.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            metrics_kept.run_upkeep();
        }
    });
    let app = Router::new()
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .layer(from_fn_with_state(shown.clone(), admit))
        .with_state(shown);
    tokio::spawn(async move {
        if let Err(why) = axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await {
            tracing::error!(%why, "HTTP stopped");
        }
    });
    Ok(())
}

async fn admit(
    State(shown): State<Shown>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if shown.allow.holds(peer.ip()) { next.run(request).await } else { StatusCode::FORBIDDEN.into_response() }
}

async fn health(State(shown): State<Shown>) -> impl IntoResponse {
    let body = serde_json::json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "calls": shown.calls.load(Ordering::Relaxed),
        "campaigns": shown.campaigns.shown(),
        "models": (shown.models)(),
    });
    ([(CONTENT_TYPE, "application/json")], body.to_string())
}

async fn metrics(State(shown): State<Shown>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], shown.metrics.render())
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::base::UnixMillis;
    use crate::config::{Config, Overrides};

    /// The answer to `GET path` from loopback.
    async fn got(config: &str, path: &str) -> String {
        let config = Config::parse(config, "test", Overrides::default()).expect("valid");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let shown = Shown {
            allow: config.http.allow.clone(),
            calls: Arc::new(AtomicUsize::new(7)),
            campaigns: Arc::new(Campaigns::load(&config, UnixMillis(0)).expect("good")),
            models: Arc::new(Vec::new),
            metrics: PrometheusBuilder::new().build_recorder().handle(),
        };
        start(listener, shown).expect("started");
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("connected");
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("received");
        answer
    }

    #[tokio::test]
    async fn health_shows_calls_and_campaigns() {
        let answer = got("", "/health").await;
        for part in [
            "200 OK",
            r#""calls":7"#,
            r#""name":"telecom""#,
            r#""loaded_at":"1970-01-01T00:00:00Z""#,
            r#""error":null"#,
        ] {
            assert!(answer.contains(part), "{part} is not in\n{answer}");
        }
    }

    #[tokio::test]
    async fn who_is_not_allowed_gets_403_on_every_page() {
        for path in ["/health", "/metrics", "/"] {
            let answer = got("[http]\nallow = [\"192.0.2.0/24\"]\n", path).await;
            assert!(answer.starts_with("HTTP/1.1 403") && !answer.contains("telecom"), "{answer}");
        }
    }
}

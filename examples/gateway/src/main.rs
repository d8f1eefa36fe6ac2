//! A small gateway that speaks S3 over the local file system and lets IAM policies decide every request.
//!
//! Comes in: HTTP requests with S3's signatures, policies of users and buckets. Goes out: files, or S3's errors. `serve` is
//! the way of a request; `signature` and `payload` say whether it is true, `operation` what it is and needs, `policies` whether
//! that is allowed, `store` does it, `answer` tells.

mod answer;
mod failure;
mod names;
mod operation;
mod payload;
mod policies;
mod serve;
mod signature;
mod store;

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use policies::{Origin, Policies};
use serve::Gateway;
use store::Store;

/// How long a client may take to say what it wants.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The file that the command line names. Paths are relative to it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Configuration {
    /// Address and port; port 0 is any free one.
    listen: SocketAddr,
    /// Folder of the buckets.
    root: PathBuf,
    region: String,
    /// Account that owns all buckets.
    account: String,
    /// What `iamc compile` takes.
    policies: Vec<PathBuf>,
    /// Access keys.
    keys: PathBuf,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: iamc-gateway CONFIGURATION.json")?;
    let configuration: Configuration = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let origin = Origin {
        policies: configuration.policies.iter().map(|path| folder.join(path)).collect(),
        keys: folder.join(configuration.keys),
        account: configuration.account.clone(),
    };
    let gateway = Arc::new(Gateway {
        policies: Policies::load(origin)?,
        store: Store::open(&folder.join(configuration.root))?,
        region: configuration.region,
        account: configuration.account,
        requests: AtomicU64::new(1),
    });
    tokio::spawn(reload(Arc::clone(&gateway), signal(SignalKind::hangup())?));
    let listener = TcpListener::bind(configuration.listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(connection(Arc::clone(&gateway), TokioIo::new(stream), peer));
            }
            Err(error) => {
                eprintln!("a connection was not accepted: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(gateway: Arc<Gateway>, stream: TokioIo<tokio::net::TcpStream>, peer: SocketAddr) {
    let service = service_fn(|request| {
        let gateway = Arc::clone(&gateway);
        async move { Ok::<_, Infallible>(gateway.serve(peer.ip(), request).await) }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    // A client that goes away is no error of the gateway.
    let _ = server.serve_connection(stream, service).await;
}

/// Replaces the policies on SIGHUP; policies that do not compile replace nothing.
async fn reload(gateway: Arc<Gateway>, mut hangups: tokio::signal::unix::Signal) {
    while hangups.recv().await.is_some() {
        let gateway = Arc::clone(&gateway);
        let reloaded = tokio::task::spawn_blocking(move || gateway.policies.reload()).await;
        match reloaded {
            Ok(Ok(())) => println!("policies replaced"),
            Ok(Err(report)) => println!("policies kept, for the new ones do not compile:\n{}", report.trim_end()),
            Err(error) => println!("policies kept: {error}"),
        }
    }
}

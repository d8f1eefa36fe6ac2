//! Serves notes on 127.0.0.1:8080.

use std::net::SocketAddr;

use service::Service;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = Service::new().map_err(|error| format!("{error:?}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
        println!("http://{}/notes/ana/diary", listener.local_addr()?);
        axum::serve(listener, service.router().into_make_service_with_connect_info::<SocketAddr>()).await?;
        Ok(())
    })
}

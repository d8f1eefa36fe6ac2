//! Real requests to the service.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use service::{HOLIDAY, PolicyError, Service};

/// Starts a service in a thread that ends with the test.
fn start() -> (Arc<Service>, SocketAddr) {
    let service = Service::new().unwrap();
    let router = service.router();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
        });
    });
    (service, address)
}

/// Status and body of an answer.
fn send(address: SocketAddr, method: &str, path: &str, user: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: notes\r\nAuthorization: Bearer token-of-{user}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[test]
fn authors_do_what_they_like_with_their_own_notes() {
    let (_, address) = start();
    assert_eq!(send(address, "GET", "/notes/ana/list", "ana", "").0, 404);
    assert_eq!(send(address, "PUT", "/notes/ana/list", "ana", "eggs").0, 204);
    assert_eq!(send(address, "GET", "/notes/ana/list", "ana", ""), (200, "eggs".to_owned()));
    assert_eq!(send(address, "DELETE", "/notes/ana/list", "ana", "").0, 204);
    assert_eq!(send(address, "GET", "/notes/ana/list", "ana", "").0, 404);
}

#[test]
fn what_is_denied_says_why() {
    let (_, address) = start();
    let nobody_allows = |action: &str| (403, format!("{action} is denied: no policy allows it\n"));
    assert_eq!(send(address, "PUT", "/notes/bo/list", "ana", "x"), nobody_allows("notes:Write"));
    assert_eq!(send(address, "GET", "/notes/bo/list", "ana", ""), nobody_allows("notes:Read"));
    // Bo audits notes, but no diaries, not even the own one.
    assert_eq!(send(address, "GET", "/notes/ana/list", "bo", "").0, 404);
    let diary = (403, "notes:Read is denied: by `NotDiaries` of `user/bo/Auditor`\n".to_owned());
    assert_eq!(send(address, "GET", "/notes/ana/diary", "bo", ""), diary);
    assert_eq!(send(address, "GET", "/notes/bo/diary", "bo", ""), diary);
}

#[test]
fn strangers_and_odd_requests() {
    let (_, address) = start();
    assert_eq!(send(address, "GET", "/notes/ana/list", "eve", "").0, 401);
    assert_eq!(send(address, "GET", "/notes/ana%2Fb/list", "ana", "").0, 400);
    assert_eq!(send(address, "POST", "/notes/ana/list", "ana", "").0, 405);
    assert_eq!(send(address, "GET", "/elsewhere", "ana", "").0, 404);
}

#[test]
fn policies_are_replaced_while_it_runs() {
    let (service, address) = start();
    assert_eq!(send(address, "PUT", "/notes/ana/list", "ana", "eggs").0, 204);
    service.replace(HOLIDAY).unwrap();
    assert_eq!(send(address, "PUT", "/notes/ana/list", "ana", "milk").0, 403);
    assert_eq!(send(address, "GET", "/notes/ana/list", "ana", ""), (200, "eggs".to_owned()));
    assert!(matches!(service.replace(b"no artifact"), Err(PolicyError::Artifact(_))));
    assert_eq!(send(address, "PUT", "/notes/ana/list", "ana", "milk").0, 403);
}

/// A policy may deny by the user agent: one that is no text was taken for none.
#[test]
fn a_user_agent_that_cannot_be_read_is_refused() {
    let (_, address) = start();
    assert_eq!(send(address, "PUT", "/notes/ana/list", "ana\r\nUser-Agent: curl", "eggs").0, 204);
    assert_eq!(send(address, "GET", "/notes/ana/list", "ana\r\nUser-Agent: café", "").0, 400);
}

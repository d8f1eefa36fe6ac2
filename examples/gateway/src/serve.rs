//! One request from beginning to end: authenticate, understand, authorise, do.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    CONNECTION, ETAG, EXPECT, HeaderMap, HeaderValue, IF_MATCH, IF_NONE_MATCH, RANGE, REFERER, USER_AGENT,
};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use tempfile::NamedTempFile;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::io::AsyncWriteExt;

use crate::answer::{self, Body, DeletedKeyXml, DeletedXml, KeyErrorXml, Page, UploadXml};
use crate::failure::Failure;
use crate::names::{Bucket, Key, UploadId};
use crate::operation::{self, Completion, Deletion, Need, Operation};
use crate::payload::Payload;
use crate::policies::{Policies, Snapshot};
use crate::signature::{Authorization, Signed, Signer, single};
use crate::store::{Facts, Store};

/// Longest body that is not an object.
const DOCUMENT_MAX_BYTES: usize = 1 << 20;
/// How much of a body that nobody wants is read, and for how long, before the connection is closed: a client that is still
/// sending when it is closed may lose the answer.
const DRAIN_MAX_BYTES: usize = 8 << 20;
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// The gateway.
pub struct Gateway {
    pub policies: Policies,
    pub store: Store,
    pub region: String,
    pub account: String,
    pub requests: AtomicU64,
}

/// Who asks, and under which policies the request is served from beginning to end.
struct Caller {
    policies: Arc<Snapshot>,
    /// Nobody for an unsigned request.
    principal: Option<String>,
    signer: Option<(Signer, String)>,
    /// Condition keys of every operation.
    context: Vec<(&'static str, String)>,
}

impl Caller {
    /// The only way past the policies.
    fn authorise(&self, need: &Need) -> Result<(), Failure> {
        let (is_allowed, why) = self.policies.is_allowed(self.principal.as_deref(), need, &self.context);
        let who = self.principal.as_deref().unwrap_or("anonymous");
        eprintln!("{who} {} {}: {why}", need.action, need.resource);
        if is_allowed { Ok(()) } else { Err(Failure::access_denied()) }
    }
}

/// Runs what waits for the file system where it holds up nobody.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::internal)?
}

fn decode(text: &str) -> Result<String, Failure> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(String::from).map_err(|_| Failure::bad("InvalidURI", "Couldn't parse the specified URI"))
}

impl Gateway {
    /// Serves a request; what goes wrong is an answer too.
    pub async fn serve(self: Arc<Self>, peer: IpAddr, request: Request<Incoming>) -> Response<Body> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let (is_head, path) = (request.method() == Method::HEAD, request.uri().path().to_owned());
        let id = format!("{number:016X}");
        let (head, mut body) = request.into_parts();
        let mut response = match self.handle(peer, &head, &mut body).await {
            Ok(response) => response,
            Err(failure) => {
                eprintln!("{path}: {} {}: {}", failure.status.as_u16(), failure.code, failure.message);
                let mut response = answer::failure(&failure, &path, &id, !is_head);
                // A client that waits for leave to send its body is not given it.
                let was_read = !head.headers.contains_key(EXPECT)
                    && tokio::time::timeout(DRAIN_TIMEOUT, drain(&mut body)).await.is_ok_and(|whole| whole);
                if !was_read && !body.is_end_stream() {
                    // The client must not send its next request into a connection that is about to be closed.
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                response
            }
        };
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("x-amz-request-id", id);
        }
        response
    }

    async fn handle(&self, peer: IpAddr, head: &Parts, body: &mut Incoming) -> Result<Response<Body>, Failure> {
        // Decoded once, here: what is signed, authorised and opened below is this text.
        let path = decode(head.uri.path())?;
        let pairs = head.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let query = pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| Ok((decode(name)?, decode(value)?)))
            .collect::<Result<Vec<_>, Failure>>()?;
        let parts = Signed { method: head.method.as_str(), path: &path, query: &query, headers: &head.headers };
        let caller = self.caller(peer, &parts)?;
        let operation = Operation::parse(&head.method, &path, query, &head.headers)?;
        self.perform(operation, &caller, &head.headers, body).await
    }

    fn caller(&self, peer: IpAddr, parts: &Signed<'_>) -> Result<Caller, Failure> {
        let headers = parts.headers;
        let now = OffsetDateTime::now_utc();
        let policies = self.policies.current();
        let mut context = vec![
            ("aws:CurrentTime", now.format(&Rfc3339).map_err(Failure::internal)?),
            ("aws:RequestedRegion", self.region.clone()),
            ("aws:SecureTransport", "false".to_owned()),
            ("aws:SourceIp", peer.to_canonical().to_string()),
            // All buckets belong to the one account; `aws:ResourceAccount` is derived from it.
            ("s3:ResourceAccount", self.account.clone()),
        ];
        let told = [
            ("aws:UserAgent", USER_AGENT.as_str()),
            ("aws:Referer", REFERER.as_str()),
            ("s3:x-amz-content-sha256", "x-amz-content-sha256"),
            ("s3:x-amz-storage-class", "x-amz-storage-class"),
        ];
        for (key, header) in told {
            context.extend(single(headers, header)?.map(|value| (key, value.to_owned())));
        }
        let Some(authorization) = Authorization::of(headers)? else {
            return Ok(Caller { policies, principal: None, signer: None, context });
        };
        let unknown = "The AWS Access Key Id you provided does not exist in our records";
        let key = policies.key(authorization.access_key);
        let key = key.ok_or_else(|| Failure::forbidden("InvalidAccessKeyId", unknown))?.clone();
        let signer = authorization.verify(parts, &key.secret, &self.region, now)?;
        let age = (now - signer.date()?).whole_milliseconds().max(0);
        context.extend([
            ("s3:authType", "REST-HEADER".to_owned()),
            ("s3:signatureversion", "AWS4-HMAC-SHA256".to_owned()),
            ("s3:signatureAge", age.to_string()),
        ]);
        Ok(Caller { policies, principal: Some(key.principal), signer: Some((signer, authorization.seed())), context })
    }

    async fn perform(
        &self,
        operation: Operation,
        caller: &Caller,
        headers: &HeaderMap,
        body: &mut Incoming,
    ) -> Result<Response<Body>, Failure> {
        let mut need = operation.needs();
        // What a bucket's region is to be stands in the body, and is a condition key as well.
        if let Operation::CreateBucket(_) = operation {
            let region = wanted_region(&read_document(headers, caller, body).await?)?;
            need.context.extend(region.clone().map(|region| ("s3:LocationConstraint", region)));
            caller.authorise(&need)?;
            if region.is_some_and(|region| region != self.region) {
                let message = "The gateway is in another region";
                return Err(Failure::bad("IllegalLocationConstraintException", message));
            }
            return self.create_bucket(operation).await;
        }
        // Each key of a deletion is authorised by itself, as soon as it is known.
        if let Operation::DeleteObjects(bucket) = operation {
            return self.delete_objects(bucket, caller, headers, body).await;
        }
        caller.authorise(&need)?;
        let store = self.store.clone();
        match operation {
            Operation::ListBuckets => answer::buckets(blocking(move || store.buckets()).await?, &self.account),
            Operation::DeleteBucket(bucket) => {
                blocking(move || store.delete_bucket(&bucket)).await?;
                Ok(answer::empty(StatusCode::NO_CONTENT))
            }
            Operation::HeadBucket(bucket) => {
                blocking(move || store.has_bucket(&bucket)).await?;
                Ok(answer::empty(StatusCode::OK))
            }
            Operation::GetBucketLocation(bucket) => {
                blocking(move || store.has_bucket(&bucket)).await?;
                answer::location(&self.region)
            }
            Operation::ListObjects(bucket, listing) => {
                let limit = listing.limit()?;
                let place = listing.continuation_token.as_deref().map(answer::place).transpose()?;
                let name = bucket.as_str().to_owned();
                let prefix = listing.prefix.clone().unwrap_or_default();
                let keys = blocking(move || store.keys(&bucket, &prefix)).await?;
                let prefix = listing.prefix.as_deref().unwrap_or_default();
                let after = place.as_deref().or(listing.after.as_deref());
                let page = Page::of(keys, prefix, listing.delimiter.as_deref(), after, limit);
                answer::list(&name, &listing, limit, &page)
            }
            Operation::PutObject(bucket, key) => {
                let incoming = self.receive(&bucket, caller, headers, body).await?;
                let kept = operation::description(headers)?;
                stored(&blocking(move || store.keep(incoming, &bucket, &key, kept)).await?)
            }
            Operation::CreateUpload(bucket, key) => {
                let kept = operation::description(headers)?;
                let (bucket, key, id) = blocking(move || {
                    let id = store.begin(&bucket, &key, &kept)?;
                    Ok((bucket, key, id))
                })
                .await?;
                let upload = UploadXml {
                    namespace: answer::NAMESPACE,
                    bucket: bucket.as_str(),
                    key: key.as_str(),
                    upload_id: Some(id.as_str()),
                    tag: None,
                };
                answer::xml(StatusCode::OK, "InitiateMultipartUploadResult", &upload)
            }
            Operation::UploadPart(bucket, key, id, part) => {
                let incoming = self.receive(&bucket, caller, headers, body).await?;
                stored(&blocking(move || store.keep_part(incoming, &bucket, &key, &id, part)).await?)
            }
            Operation::CompleteUpload(bucket, key, id) => {
                let document = read_document(headers, caller, body).await?;
                self.complete(bucket, key, id, &document).await
            }
            Operation::AbortUpload(bucket, key, id) => {
                blocking(move || store.abort(&bucket, &key, &id)).await?;
                Ok(answer::empty(StatusCode::NO_CONTENT))
            }
            Operation::GetObject(bucket, key) => self.get(bucket, key, caller, headers, true).await,
            Operation::HeadObject(bucket, key) => self.get(bucket, key, caller, headers, false).await,
            Operation::DeleteObject(bucket, key) => {
                blocking(move || store.delete(&bucket, &key)).await?;
                Ok(answer::empty(StatusCode::NO_CONTENT))
            }
            Operation::CreateBucket(_) | Operation::DeleteObjects(_) => Err(Failure::access_denied()),
        }
    }

    async fn create_bucket(&self, operation: Operation) -> Result<Response<Body>, Failure> {
        let store = self.store.clone();
        let Operation::CreateBucket(bucket) = operation else { return Err(Failure::access_denied()) };
        blocking(move || store.create_bucket(&bucket)).await?;
        Ok(answer::empty(StatusCode::OK))
    }

    /// Takes in a body that is to be kept: whole and true, or not at all.
    async fn receive(
        &self,
        bucket: &Bucket,
        caller: &Caller,
        headers: &HeaderMap,
        body: &mut Incoming,
    ) -> Result<NamedTempFile, Failure> {
        let (store, bucket) = (self.store.clone(), bucket.clone());
        let incoming = blocking(move || store.incoming(&bucket)).await?;
        let mut file = tokio::fs::File::from_std(incoming.reopen()?);
        let mut payload = Payload::announced(headers, caller.signer.clone())?;
        let mut out = Vec::new();
        while let Some(piece) = next_piece(body).await? {
            payload.push(&piece, &mut out)?;
            file.write_all(&out).await?;
            out.clear();
        }
        file.flush().await?;
        payload.finish()?;
        Ok(incoming)
    }

    async fn complete(
        &self,
        bucket: Bucket,
        key: Key,
        id: UploadId,
        document: &[u8],
    ) -> Result<Response<Body>, Failure> {
        let parts = Completion::parse(document)?;
        let store = self.store.clone();
        let (bucket, key, facts) = blocking(move || {
            let facts = store.complete(&bucket, &key, &id, &parts)?;
            Ok((bucket, key, facts))
        })
        .await?;
        answer::xml(
            StatusCode::OK,
            "CompleteMultipartUploadResult",
            &UploadXml {
                namespace: answer::NAMESPACE,
                bucket: bucket.as_str(),
                key: key.as_str(),
                upload_id: None,
                tag: Some(&facts.tag),
            },
        )
    }

    async fn get(
        &self,
        bucket: Bucket,
        key: Key,
        caller: &Caller,
        headers: &HeaderMap,
        has_body: bool,
    ) -> Result<Response<Body>, Failure> {
        let list = Operation::HeadBucket(bucket.clone()).needs();
        let store = self.store.clone();
        match blocking(move || store.object(&bucket, &key)).await {
            Ok((file, facts, kept)) => {
                let demanded = (single(headers, IF_MATCH.as_str())?, single(headers, IF_NONE_MATCH.as_str())?);
                answer::check_tags(demanded.0, demanded.1, &facts.tag)?;
                let part = answer::range(single(headers, RANGE.as_str())?, facts.bytes)?;
                answer::object(Some(file).filter(|_| has_body), &facts, &kept, part).await
            }
            // Whether a key is there is told to those only who may list the bucket.
            Err(failure) if failure.status == StatusCode::NOT_FOUND => {
                caller.authorise(&list)?;
                Err(failure)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn delete_objects(
        &self,
        bucket: Bucket,
        caller: &Caller,
        headers: &HeaderMap,
        body: &mut Incoming,
    ) -> Result<Response<Body>, Failure> {
        let deletion = Deletion::parse(&read_document(headers, caller, body).await?)?;
        let mut result = DeletedXml::default();
        for object in deletion.objects {
            let done = self.delete_one(&bucket, &object.key, caller).await;
            match done {
                Ok(()) if deletion.quiet => {}
                Ok(()) => result.deleted.push(DeletedKeyXml { key: object.key }),
                Err(Failure { code, message, .. }) => {
                    result.errors.push(KeyErrorXml { key: object.key, code, message });
                }
            }
        }
        answer::xml(StatusCode::OK, "DeleteResult", &result)
    }

    async fn delete_one(&self, bucket: &Bucket, key: &str, caller: &Caller) -> Result<(), Failure> {
        let key = Key::parse(key)?;
        caller.authorise(&operation::delete(bucket, &key))?;
        let (store, bucket) = (self.store.clone(), bucket.clone());
        blocking(move || store.delete(&bucket, &key)).await
    }
}

async fn next_piece(body: &mut Incoming) -> Result<Option<hyper::body::Bytes>, Failure> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Failure::bad("IncompleteBody", format!("The body broke off: {error}")))?;
        if let Ok(piece) = frame.into_data() {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}

/// The answer to a body that is kept.
fn stored(facts: &Facts) -> Result<Response<Body>, Failure> {
    let mut response = answer::empty(StatusCode::OK);
    response.headers_mut().insert(ETAG, HeaderValue::from_str(&facts.tag).map_err(Failure::internal)?);
    Ok(response)
}

/// Reads on and forgets; whether that came to an end.
async fn drain(body: &mut Incoming) -> bool {
    let mut bytes = 0;
    while bytes < DRAIN_MAX_BYTES {
        match next_piece(body).await {
            Ok(Some(piece)) => bytes += piece.len(),
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
    false
}

/// A body that is not an object, whole and true.
async fn read_document(headers: &HeaderMap, caller: &Caller, body: &mut Incoming) -> Result<Vec<u8>, Failure> {
    let mut payload = Payload::announced(headers, caller.signer.clone())?;
    let mut document = Vec::new();
    while let Some(piece) = next_piece(body).await? {
        payload.push(&piece, &mut document)?;
        if DOCUMENT_MAX_BYTES < document.len() {
            return Err(Failure::bad("MaxMessageLengthExceeded", "Your request was too big"));
        }
    }
    payload.finish()?;
    Ok(document)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BucketConfiguration {
    location_constraint: String,
    #[serde(rename = "@xmlns")]
    _namespace: Option<String>,
}

/// Where a bucket is to be, if the body says so.
fn wanted_region(body: &[u8]) -> Result<Option<String>, Failure> {
    if body.is_empty() {
        return Ok(None);
    }
    let configuration: BucketConfiguration = quick_xml::de::from_reader(body)
        .map_err(|_| Failure::bad("MalformedXML", "The XML you provided has parts that the gateway does not know"))?;
    Ok(Some(configuration.location_constraint))
}

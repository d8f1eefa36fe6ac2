//! Answers of S3: XML, headers, files.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::TryStreamExt;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};
use hyper::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, LAST_MODIFIED};
use hyper::{Response, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use crate::failure::Failure;
use crate::operation::Listing;
use crate::store::{Facts, Headers};

pub type Body = BoxBody<Bytes, std::io::Error>;

pub const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
/// What stays as it is in a URL-encoded key.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// An answer with a text, which may be empty.
pub fn text(status: StatusCode, content_type: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Full::from(text).map_err(|never| match never {}).boxed());
    *response.status_mut() = status;
    if !content_type.is_empty() {
        response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(content_type));
    }
    response
}

/// An answer without a body.
pub fn empty(status: StatusCode) -> Response<Body> {
    text(status, "", String::new())
}

/// A structure as XML.
pub fn xml(status: StatusCode, root: &str, value: &impl Serialize) -> Result<Response<Body>, Failure> {
    let body = quick_xml::se::to_string_with_root(root, value).map_err(Failure::internal)?;
    Ok(text(status, "application/xml", format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}")))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorXml<'a> {
    code: &'a str,
    message: &'a str,
    resource: &'a str,
    request_id: &'a str,
}

/// An error as S3 tells it; `HEAD` has no body to tell it in.
pub fn failure(failure: &Failure, resource: &str, request_id: &str, has_body: bool) -> Response<Body> {
    let error = ErrorXml { code: failure.code, message: &failure.message, resource, request_id };
    let told = if has_body && failure.status != StatusCode::NOT_MODIFIED {
        xml(failure.status, "Error", &error).ok()
    } else {
        None
    };
    told.unwrap_or_else(|| empty(failure.status))
}

/// ISO 8601, as XML has it.
fn iso(date: OffsetDateTime) -> String {
    let whole = date.replace_nanosecond(0).unwrap_or(date);
    whole.format(&Rfc3339).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BucketsXml<'a> {
    #[serde(rename = "@xmlns")]
    namespace: &'a str,
    owner: OwnerXml<'a>,
    buckets: BucketListXml,
}

#[derive(Serialize)]
struct OwnerXml<'a> {
    #[serde(rename = "ID")]
    id: &'a str,
}

#[derive(Serialize)]
struct BucketListXml {
    #[serde(rename = "Bucket")]
    buckets: Vec<BucketXml>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BucketXml {
    name: String,
    creation_date: String,
}

/// The answer of `ListBuckets`.
pub fn buckets(found: Vec<(String, OffsetDateTime)>, owner: &str) -> Result<Response<Body>, Failure> {
    let buckets = found.into_iter().map(|(name, date)| BucketXml { name, creation_date: iso(date) }).collect();
    let list = BucketsXml { namespace: NAMESPACE, owner: OwnerXml { id: owner }, buckets: BucketListXml { buckets } };
    xml(StatusCode::OK, "ListAllMyBucketsResult", &list)
}

#[derive(Serialize)]
struct LocationXml<'a> {
    #[serde(rename = "@xmlns")]
    namespace: &'a str,
    #[serde(rename = "$text")]
    region: &'a str,
}

/// The answer of `GetBucketLocation`; the oldest region has no name there.
pub fn location(region: &str) -> Result<Response<Body>, Failure> {
    let region = if region == "us-east-1" { "" } else { region };
    xml(StatusCode::OK, "LocationConstraint", &LocationXml { namespace: NAMESPACE, region })
}

/// What one answer lists.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    pub contents: Vec<(String, Facts)>,
    pub prefixes: Vec<String>,
    /// Behind what the next answer goes on.
    pub next: Option<String>,
}

impl Page {
    /// Groups sorted keys that begin with the prefix, behind `after` and up to a limit.
    pub fn of(
        keys: Vec<(String, Facts)>,
        prefix: &str,
        delimiter: Option<&str>,
        after: Option<&str>,
        limit: usize,
    ) -> Self {
        let mut page = Self { contents: Vec::new(), prefixes: Vec::new(), next: None };
        let mut last: Option<String> = None;
        for (key, facts) in keys {
            let group = delimiter.filter(|delimiter| !delimiter.is_empty()).and_then(|delimiter| {
                let (head, _) = key.strip_prefix(prefix)?.split_once(delimiter)?;
                Some(format!("{prefix}{head}{delimiter}"))
            });
            let is_past = after.is_some_and(|after| key.as_str() <= after || group.as_deref() == Some(after));
            if is_past || (group.is_some() && page.prefixes.last() == group.as_ref()) {
                continue;
            }
            if limit <= page.contents.len() + page.prefixes.len() {
                page.next = last;
                break;
            }
            last = Some(group.as_ref().unwrap_or(&key).clone());
            match group {
                Some(group) => page.prefixes.push(group),
                None => page.contents.push((key, facts)),
            }
        }
        page
    }
}

/// A place in a list as a client hands it back.
fn token(place: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(place)
}

/// What a client hands back.
pub fn place(token: &str) -> Result<String, Failure> {
    let place = BASE64_URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    place.ok_or_else(|| Failure::bad("InvalidArgument", "The continuation token provided is incorrect"))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListXml<'a> {
    #[serde(rename = "@xmlns")]
    namespace: &'a str,
    name: &'a str,
    prefix: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    max_keys: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_count: Option<usize>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_continuation_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    contents: Vec<ContentXml>,
    common_prefixes: Vec<PrefixXml>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ContentXml {
    key: String,
    last_modified: String,
    #[serde(rename = "ETag")]
    tag: String,
    size: u64,
    storage_class: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PrefixXml {
    prefix: String,
}

/// The answer of both versions of `ListObjects`.
pub fn list(bucket: &str, listing: &Listing, limit: usize, page: &Page) -> Result<Response<Body>, Failure> {
    let spell = |text: &str| {
        if listing.is_encoded { utf8_percent_encode(text, KEY).to_string() } else { text.to_owned() }
    };
    let after = listing.after.as_deref().map(spell);
    let next = page.next.as_deref();
    let contents = page.contents.iter().map(|(key, facts)| ContentXml {
        key: spell(key),
        last_modified: iso(facts.modified),
        tag: facts.tag.clone(),
        size: facts.bytes,
        storage_class: "STANDARD",
    });
    let list = ListXml {
        namespace: NAMESPACE,
        name: bucket,
        prefix: spell(listing.prefix.as_deref().unwrap_or_default()),
        delimiter: listing.delimiter.as_deref().map(spell),
        max_keys: limit,
        key_count: listing.is_v2.then_some(page.contents.len() + page.prefixes.len()),
        is_truncated: next.is_some(),
        encoding_type: listing.is_encoded.then_some("url"),
        continuation_token: listing.continuation_token.as_deref(),
        next_continuation_token: next.filter(|_| listing.is_v2).map(token),
        start_after: after.clone().filter(|_| listing.is_v2),
        marker: after.filter(|_| !listing.is_v2),
        next_marker: next.filter(|_| !listing.is_v2).map(spell),
        contents: contents.collect(),
        common_prefixes: page.prefixes.iter().map(|prefix| PrefixXml { prefix: spell(prefix) }).collect(),
    };
    xml(StatusCode::OK, "ListBucketResult", &list)
}

/// The answers of `CreateMultipartUpload` and `CompleteMultipartUpload`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UploadXml<'a> {
    #[serde(rename = "@xmlns")]
    pub namespace: &'a str,
    pub bucket: &'a str,
    pub key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<&'a str>,
    #[serde(rename = "ETag", skip_serializing_if = "Option::is_none")]
    pub tag: Option<&'a str>,
}

/// What became of the keys of `DeleteObjects`.
#[derive(Serialize, Default)]
pub struct DeletedXml {
    #[serde(rename = "Deleted")]
    pub deleted: Vec<DeletedKeyXml>,
    #[serde(rename = "Error")]
    pub errors: Vec<KeyErrorXml>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeletedKeyXml {
    pub key: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyErrorXml {
    pub key: String,
    pub code: &'static str,
    pub message: String,
}

/// Whether an object with this tag is to be sent, by `If-Match` and `If-None-Match`.
pub fn check_tags(must: Option<&str>, must_not: Option<&str>, tag: &str) -> Result<(), Failure> {
    let names = |list: &str| {
        list.split(',').map(str::trim).any(|one| one == "*" || one.trim_matches('"') == tag.trim_matches('"'))
    };
    if must.is_some_and(|list| !names(list)) {
        return Err(Failure::precondition());
    }
    if must_not.is_some_and(names) { Err(Failure::not_modified()) } else { Ok(()) }
}

/// The part of an object that a `Range` header asks for: first byte and length. Nothing for a header without one range,
/// which a server passes over.
pub fn range(header: Option<&str>, bytes: u64) -> Result<Option<(u64, u64)>, Failure> {
    let Some((first, last)) = header.and_then(|text| text.strip_prefix("bytes=")?.split_once('-')) else {
        return Ok(None);
    };
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| !text.starts_with('+'));
    let (first, end) = match (number(first), number(last)) {
        (None, Some(count)) if first.is_empty() => (bytes.saturating_sub(count), bytes),
        (Some(first), None) if last.is_empty() => (first, bytes),
        (Some(first), Some(last)) if first <= last => (first, last.saturating_add(1).min(bytes)),
        _ => return Ok(None),
    };
    if end <= first {
        return Err(Failure::range());
    }
    Ok(Some((first, end - first)))
}

/// The answer of `GetObject`, and of `HeadObject` without a file.
pub async fn object(
    file: Option<std::fs::File>,
    facts: &Facts,
    headers: &Headers,
    part: Option<(u64, u64)>,
) -> Result<Response<Body>, Failure> {
    let (first, length) = part.unwrap_or((0, facts.bytes));
    let status = if part.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let modified = facts.modified.format(&Rfc2822).unwrap_or_default().replace("+0000", "GMT");
    let mut response = Response::builder()
        .status(status)
        .header(CONTENT_LENGTH, length)
        .header(ETAG, &facts.tag)
        .header(LAST_MODIFIED, modified)
        .header(ACCEPT_RANGES, "bytes");
    if !headers.iter().any(|(name, _)| name == CONTENT_TYPE.as_str()) {
        response = response.header(CONTENT_TYPE, "binary/octet-stream");
    }
    for (name, value) in headers {
        response = response.header(name, value);
    }
    if part.is_some() {
        response = response.header(CONTENT_RANGE, format!("bytes {first}-{}/{}", first + length - 1, facts.bytes));
    }
    let body = match file {
        None => http_body_util::Empty::new().map_err(|never| match never {}).boxed(),
        Some(file) => {
            let mut file = tokio::fs::File::from_std(file);
            file.seek(std::io::SeekFrom::Start(first)).await?;
            BodyExt::boxed(StreamBody::new(ReaderStream::new(file.take(length)).map_ok(Frame::data)))
        }
    };
    response.body(body).map_err(Failure::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(keys: &[&str], prefix: &str, delimiter: Option<&str>, after: Option<&str>, limit: usize) -> String {
        let facts = Facts { bytes: 0, modified: OffsetDateTime::UNIX_EPOCH, tag: String::new() };
        let keys = keys.iter().map(|key| ((*key).to_owned(), facts.clone())).collect();
        let page = Page::of(keys, prefix, delimiter, after, limit);
        let contents: Vec<&str> = page.contents.iter().map(|(key, _)| key.as_str()).collect();
        format!("{} | {} | {}", contents.join(" "), page.prefixes.join(" "), page.next.unwrap_or_default())
    }

    #[test]
    fn pages() {
        let keys = ["a", "b/1", "b/2", "c/1", "d"];
        assert_eq!(page(&keys, "", None, None, 9), "a b/1 b/2 c/1 d |  | ");
        assert_eq!(page(&keys, "", Some("/"), None, 9), "a d | b/ c/ | ");
        assert_eq!(page(&keys, "", Some("/"), None, 2), "a | b/ | b/");
        assert_eq!(page(&keys, "", Some("/"), Some("b/"), 9), "d | c/ | ");
        // A group that begins before the place, and goes on behind it.
        assert_eq!(page(&keys, "", Some("/"), Some("b/1"), 9), "d | b/ c/ | ");
        assert_eq!(page(&keys[1..3], "b/", Some("/"), None, 1), "b/1 |  | b/1");
        assert_eq!(page(&keys, "", None, None, 5), "a b/1 b/2 c/1 d |  | ");
        assert_eq!(page(&keys, "", None, Some("d"), 5), " |  | ");
        assert_eq!(page(&keys, "", None, None, 0), " |  | ");
    }

    #[test]
    fn tags() {
        let tag = "\"1-a\"";
        assert_eq!(check_tags(None, None, tag), Ok(()));
        for list in ["\"1-a\"", "*", "\"x\", \"1-a\"", "1-a"] {
            assert_eq!(check_tags(Some(list), None, tag), Ok(()), "{list}");
            assert_eq!(check_tags(None, Some(list), tag), Err(Failure::not_modified()), "{list}");
        }
        assert_eq!(check_tags(Some("\"1-b\""), None, tag), Err(Failure::precondition()));
        assert_eq!(check_tags(None, Some("\"1-b\""), tag), Ok(()));
    }

    #[test]
    fn ranges() {
        let range = |text, bytes| range(Some(text), bytes);
        assert_eq!(range("bytes=0-0", 10), Ok(Some((0, 1))));
        assert_eq!(range("bytes=2-", 10), Ok(Some((2, 8))));
        assert_eq!(range("bytes=-3", 10), Ok(Some((7, 3))));
        assert_eq!(range("bytes=-30", 10), Ok(Some((0, 10))));
        assert_eq!(range("bytes=5-99", 10), Ok(Some((5, 5))));
        for ignored in ["bytes=5-2", "bytes=a-b", "bytes=1-2,4-5", "lines=1-2", "bytes=-"] {
            assert_eq!(range(ignored, 10), Ok(None), "{ignored}");
        }
        for refused in ["bytes=10-", "bytes=10-11", "bytes=-0"] {
            assert_eq!(range(refused, 10), Err(Failure::range()), "{refused}");
        }
        assert_eq!(range("bytes=0-", 0), Err(Failure::range()));
    }
}

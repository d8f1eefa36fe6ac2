//! Which operation of S3 a request is, and what it needs: action, resource, condition keys.
//!
//! Comes in: method, decoded path, decoded query, headers. Goes out: an [`Operation`] with what it needs by
//! [`Operation::needs`]. What is not known here is refused by name: another operation, a sub-resource, a header of S3's, a
//! condition of HTTP's. So nothing is served that was not authorised as what it is.

use hyper::Method;
use hyper::header::HeaderMap;
use quick_xml::de;
use serde::Deserialize;

use crate::failure::Failure;
use crate::names::{Bucket, Key, PartNumber, UploadId};
use crate::signature::single;
use crate::store::Headers;

/// Most keys that one answer lists, and that one request deletes.
pub const KEYS_MAX: usize = 1000;

/// What a request wants.
#[derive(Debug, PartialEq, Eq)]
pub enum Operation {
    ListBuckets,
    CreateBucket(Bucket),
    DeleteBucket(Bucket),
    HeadBucket(Bucket),
    GetBucketLocation(Bucket),
    ListObjects(Bucket, Listing),
    /// The keys come with the body.
    DeleteObjects(Bucket),
    PutObject(Bucket, Key),
    GetObject(Bucket, Key),
    HeadObject(Bucket, Key),
    DeleteObject(Bucket, Key),
    CreateUpload(Bucket, Key),
    UploadPart(Bucket, Key, UploadId, PartNumber),
    /// Which parts comes with the body.
    CompleteUpload(Bucket, Key, UploadId),
    AbortUpload(Bucket, Key, UploadId),
}

/// What to list.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The second version of the operation.
    pub is_v2: bool,
    pub prefix: Option<String>,
    pub delimiter: Option<String>,
    pub max_keys: Option<String>,
    /// Key or common prefix behind which the list goes on.
    pub after: Option<String>,
    pub continuation_token: Option<String>,
    /// Whether names in the answer are URL-encoded.
    pub is_encoded: bool,
}

/// One thing that has to be allowed.
#[derive(Debug, PartialEq, Eq)]
pub struct Need {
    pub action: &'static str,
    pub resource: String,
    /// Condition keys of this operation alone.
    pub context: Vec<(&'static str, String)>,
}

/// Query parameters, taken one by one; what is left over nobody knows.
struct Query(Vec<(String, String)>);

impl Query {
    /// The value of a parameter. Two values would be two requests in one.
    fn take(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let Some(at) = self.0.iter().position(|(known, _)| known == name) else { return Ok(None) };
        let (_, value) = self.0.swap_remove(at);
        if self.0.iter().any(|(known, _)| known == name) {
            return Err(Failure::bad("InvalidArgument", format!("The parameter {name} is given twice")));
        }
        Ok(Some(value))
    }

    fn finish(self) -> Result<(), Failure> {
        match self.0.first() {
            // Whatever stands in the name, it stays on its line of the log, and XML has no control characters.
            Some((name, _)) => Err(Failure::not_implemented(format!("the parameter {}", name.escape_debug()))),
            None => Ok(()),
        }
    }
}

/// Headers of S3's that change nothing but how a request is sent and signed.
const KNOWN_HEADERS: [&str; 13] = [
    "x-amz-date",
    "x-amz-content-sha256",
    "x-amz-decoded-content-length",
    "x-amz-trailer",
    "x-amz-user-agent",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-checksum-algorithm",
    "x-amz-checksum-mode",
    "x-amz-checksum-type",
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-sha256",
];
/// How headers begin that a user gives an object.
const META: &str = "x-amz-meta-";
const META_MAX_BYTES: usize = 2048;
/// There is one class here.
const STORAGE_CLASS: &str = "x-amz-storage-class";
/// Conditions that a server may not pass over: those on tags are kept where something is read (`answer::check_tags`).
const CONDITIONS: [&str; 5] = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range"];

fn check_headers(method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
    let is_reading = [Method::GET, Method::HEAD].contains(method);
    for name in headers.keys().map(hyper::header::HeaderName::as_str) {
        let is_described = !is_reading && (name.starts_with(META) || name == STORAGE_CLASS);
        let is_unknown = name.starts_with("x-amz-") && !KNOWN_HEADERS.contains(&name) && !is_described;
        let is_kept = is_reading && matches!(name, "if-match" | "if-none-match");
        if is_unknown || (CONDITIONS.contains(&name) && !is_kept) {
            return Err(Failure::not_implemented(format!("the header {name}")));
        }
        if name.starts_with("x-amz-") {
            single(headers, name)?;
        }
    }
    match single(headers, STORAGE_CLASS)? {
        None | Some("STANDARD") => Ok(()),
        Some(class) => Err(Failure::not_implemented(format!("the storage class {class}"))),
    }
}

/// The headers that an object is stored with.
pub fn description(headers: &HeaderMap) -> Result<Headers, Failure> {
    let kept = |name: &&str| name.starts_with(META) || *name == "content-type";
    let mut found = Headers::new();
    for name in headers.keys().map(hyper::header::HeaderName::as_str).filter(kept) {
        found.extend(single(headers, name)?.map(|value| (name.to_owned(), value.to_owned())));
    }
    if META_MAX_BYTES < found.iter().map(|(name, value)| name.len() + value.len()).sum() {
        return Err(Failure::bad("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size"));
    }
    Ok(found)
}

impl Operation {
    /// Finds the operation of a request. `path` and `query` are decoded.
    pub fn parse(
        method: &Method,
        path: &str,
        query: Vec<(String, String)>,
        headers: &HeaderMap,
    ) -> Result<Self, Failure> {
        check_headers(method, headers)?;
        let mut query = Query(query);
        // What software development kits add for their logs.
        query.take("x-id")?;
        let rest = path.strip_prefix('/').ok_or_else(|| Failure::bad("InvalidURI", "Couldn't parse the URI"))?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        let operation = match (bucket, key) {
            ("", "") => Self::of_service(method),
            ("", _) => Err(Failure::bad("InvalidBucketName", "The specified bucket is not valid")),
            (bucket, "") => Self::of_bucket(method, Bucket::parse(bucket)?, &mut query),
            (bucket, key) => Self::of_object(method, Bucket::parse(bucket)?, Key::parse(key)?, &mut query),
        }?;
        query.finish()?;
        Ok(operation)
    }

    fn of_service(method: &Method) -> Result<Self, Failure> {
        match *method {
            Method::GET => Ok(Self::ListBuckets),
            _ => Err(Failure::not_implemented(format!("{method} on the service"))),
        }
    }

    fn of_bucket(method: &Method, bucket: Bucket, query: &mut Query) -> Result<Self, Failure> {
        match *method {
            Method::PUT => Ok(Self::CreateBucket(bucket)),
            Method::DELETE => Ok(Self::DeleteBucket(bucket)),
            Method::HEAD => Ok(Self::HeadBucket(bucket)),
            Method::POST if query.take("delete")?.is_some() => Ok(Self::DeleteObjects(bucket)),
            Method::GET if query.take("location")?.is_some() => Ok(Self::GetBucketLocation(bucket)),
            Method::GET => Ok(Self::ListObjects(bucket, Listing::of(query)?)),
            _ => Err(Failure::not_implemented(format!("{method} on a bucket"))),
        }
    }

    fn of_object(method: &Method, bucket: Bucket, key: Key, query: &mut Query) -> Result<Self, Failure> {
        if *method == Method::POST && query.take("uploads")?.is_some() {
            return Ok(Self::CreateUpload(bucket, key));
        }
        // A list of parts is not known, so that the parameter stays where it is.
        let upload = if *method == Method::GET { None } else { query.take("uploadId")? };
        if let Some(upload) = upload {
            let upload = UploadId::parse(&upload)?;
            return match *method {
                Method::PUT => {
                    let number = query.take("partNumber")?.unwrap_or_default();
                    Ok(Self::UploadPart(bucket, key, upload, PartNumber::parse(&number)?))
                }
                Method::POST => Ok(Self::CompleteUpload(bucket, key, upload)),
                Method::DELETE => Ok(Self::AbortUpload(bucket, key, upload)),
                _ => Err(Failure::not_implemented(format!("{method} on an upload"))),
            };
        }
        match *method {
            Method::PUT => Ok(Self::PutObject(bucket, key)),
            Method::GET => Ok(Self::GetObject(bucket, key)),
            Method::HEAD => Ok(Self::HeadObject(bucket, key)),
            Method::DELETE => Ok(Self::DeleteObject(bucket, key)),
            _ => Err(Failure::not_implemented(format!("{method} on an object"))),
        }
    }

    /// What has to be allowed before anything is done, as the Service Authorization Reference has it. Of `DeleteObjects`
    /// each key is asked for by itself: [`delete`].
    pub fn needs(&self) -> Need {
        let need = |action, resource| Need { action, resource, context: Vec::new() };
        match self {
            Self::ListBuckets => need("s3:ListAllMyBuckets", "*".to_owned()),
            Self::CreateBucket(bucket) => need("s3:CreateBucket", bucket.arn()),
            Self::DeleteBucket(bucket) => need("s3:DeleteBucket", bucket.arn()),
            // Whether a bucket is there is what a list of it tells.
            Self::HeadBucket(bucket) => need("s3:ListBucket", bucket.arn()),
            Self::GetBucketLocation(bucket) => need("s3:GetBucketLocation", bucket.arn()),
            Self::ListObjects(bucket, listing) => {
                let given = [
                    ("s3:prefix", &listing.prefix),
                    ("s3:delimiter", &listing.delimiter),
                    ("s3:max-keys", &listing.max_keys),
                ];
                let context = given.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect();
                Need { context, ..need("s3:ListBucket", bucket.arn()) }
            }
            Self::DeleteObjects(bucket) => need("s3:DeleteObject", format!("{}/*", bucket.arn())),
            Self::PutObject(bucket, key) | Self::CompleteUpload(bucket, key, _) => put(bucket, key, true),
            Self::CreateUpload(bucket, key) | Self::UploadPart(bucket, key, ..) => put(bucket, key, false),
            Self::AbortUpload(bucket, key, _) => need("s3:AbortMultipartUpload", key.arn(bucket)),
            Self::GetObject(bucket, key) | Self::HeadObject(bucket, key) => need("s3:GetObject", key.arn(bucket)),
            Self::DeleteObject(bucket, key) => delete(bucket, key),
        }
    }
}

/// What putting an object or a part of one needs; the condition key tells which of both it is.
fn put(bucket: &Bucket, key: &Key, is_creation: bool) -> Need {
    let context = vec![("s3:ObjectCreationOperation", is_creation.to_string())];
    Need { action: "s3:PutObject", resource: key.arn(bucket), context }
}

/// What deleting an object needs.
pub fn delete(bucket: &Bucket, key: &Key) -> Need {
    Need { action: "s3:DeleteObject", resource: key.arn(bucket), context: Vec::new() }
}

impl Listing {
    fn of(query: &mut Query) -> Result<Self, Failure> {
        let is_v2 = match query.take("list-type")?.as_deref() {
            None => false,
            Some("2") => true,
            Some(_) => return Err(Failure::bad("InvalidArgument", "Invalid list type")),
        };
        let is_encoded = match query.take("encoding-type")?.as_deref() {
            None => false,
            Some("url") => true,
            Some(_) => return Err(Failure::bad("InvalidArgument", "Invalid Encoding Method specified in Request")),
        };
        if is_v2 {
            query.take("fetch-owner")?;
        }
        // No key has control characters, and an answer in XML cannot repeat them.
        let mut text = |name: &str| match query.take(name)? {
            Some(value) if value.chars().any(char::is_control) => {
                Err(Failure::bad("InvalidArgument", format!("The parameter {name} has control characters")))
            }
            value => Ok(value),
        };
        Ok(Self {
            is_v2,
            is_encoded,
            prefix: text("prefix")?,
            delimiter: text("delimiter")?,
            max_keys: text("max-keys")?,
            after: text(if is_v2 { "start-after" } else { "marker" })?,
            continuation_token: if is_v2 { text("continuation-token")? } else { None },
        })
    }

    /// How many keys are wanted.
    pub fn limit(&self) -> Result<usize, Failure> {
        let wrong = |_| Failure::bad("InvalidArgument", "The parameter max-keys is no number");
        let wanted = self.max_keys.as_ref().map(|text| text.parse::<usize>().map_err(wrong)).transpose()?;
        Ok(wanted.unwrap_or(KEYS_MAX).min(KEYS_MAX))
    }
}

/// The body of `DeleteObjects`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Deletion {
    #[serde(rename = "Object", default)]
    pub objects: Vec<Deleted>,
    #[serde(default)]
    pub quiet: bool,
    #[serde(rename = "@xmlns")]
    _namespace: Option<String>,
}

/// An object in it. Versions and conditions are not known here, so that an object is never deleted without them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Deleted {
    pub key: String,
}

impl Deletion {
    /// Reads the body.
    pub fn parse(body: &[u8]) -> Result<Self, Failure> {
        let malformed =
            |_| Failure::bad("MalformedXML", "The XML you provided was not well-formed or has unknown parts");
        let deletion: Self = de::from_reader(body).map_err(malformed)?;
        if deletion.objects.is_empty() || KEYS_MAX < deletion.objects.len() {
            return Err(Failure::bad("MalformedXML", "There must be between 1 and 1000 keys"));
        }
        Ok(deletion)
    }
}

/// The body of `CompleteMultipartUpload`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Completion {
    #[serde(rename = "Part", default)]
    pub parts: Vec<CompletedPart>,
    #[serde(rename = "@xmlns")]
    _namespace: Option<String>,
}

/// A part in it. Checksums are not compared; the tag is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CompletedPart {
    pub part_number: u16,
    #[serde(rename = "ETag")]
    pub tag: String,
}

impl Completion {
    /// Reads the body: at least one part, in ascending order.
    pub fn parse(body: &[u8]) -> Result<Vec<(PartNumber, String)>, Failure> {
        let malformed =
            || Failure::bad("MalformedXML", "The XML you provided was not well-formed or has unknown parts");
        let completion: Self = de::from_reader(body).map_err(|_| malformed())?;
        let mut parts = Vec::new();
        for part in completion.parts {
            let number = PartNumber::parse(&part.part_number.to_string())?;
            if parts.last().is_some_and(|(last, _)| number <= *last) {
                let message = "The list of parts was not in ascending order";
                return Err(Failure::bad("InvalidPartOrder", message));
            }
            parts.push((number, part.tag));
        }
        if parts.is_empty() { Err(malformed()) } else { Ok(parts) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::tests::headers;

    fn parse(method: &Method, path: &str, query: &[(&str, &str)]) -> Result<Operation, Failure> {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Operation::parse(method, path, query, &HeaderMap::new())
    }

    fn check(
        method: &Method,
        path: &str,
        query: &[(&str, &str)],
        action: &str,
        resource: &str,
        context: &[(&str, &str)],
    ) {
        let need = parse(method, path, query).unwrap().needs();
        assert_eq!((need.action, need.resource.as_str()), (action, resource), "{method} {path}");
        let found: Vec<(&str, &str)> = need.context.iter().map(|(key, value)| (*key, value.as_str())).collect();
        assert_eq!(found, context, "{method} {path}");
    }

    // Actions, resource types and condition keys of Amazon S3 in the Service Authorization Reference.
    #[test]
    fn operations_need_their_actions() {
        check(&Method::GET, "/", &[], "s3:ListAllMyBuckets", "*", &[]);
        check(&Method::PUT, "/logs", &[], "s3:CreateBucket", "arn:aws:s3:::logs", &[]);
        check(&Method::DELETE, "/logs/", &[], "s3:DeleteBucket", "arn:aws:s3:::logs", &[]);
        check(&Method::HEAD, "/logs", &[], "s3:ListBucket", "arn:aws:s3:::logs", &[]);
        check(&Method::GET, "/logs", &[("location", "")], "s3:GetBucketLocation", "arn:aws:s3:::logs", &[]);
        check(&Method::GET, "/logs", &[("list-type", "2")], "s3:ListBucket", "arn:aws:s3:::logs", &[]);
        let query = [("prefix", "a/"), ("delimiter", "/"), ("max-keys", "7"), ("x-id", "ListObjectsV2")];
        let context = [("s3:prefix", "a/"), ("s3:delimiter", "/"), ("s3:max-keys", "7")];
        check(&Method::GET, "/logs", &query, "s3:ListBucket", "arn:aws:s3:::logs", &context);
        check(&Method::GET, "/logs", &[("prefix", "")], "s3:ListBucket", "arn:aws:s3:::logs", &[("s3:prefix", "")]);
        check(&Method::POST, "/logs", &[("delete", "")], "s3:DeleteObject", "arn:aws:s3:::logs/*", &[]);
        let (whole, not_whole) = ([("s3:ObjectCreationOperation", "true")], [("s3:ObjectCreationOperation", "false")]);
        check(&Method::PUT, "/logs/a/b", &[], "s3:PutObject", "arn:aws:s3:::logs/a/b", &whole);
        check(&Method::GET, "/logs/a*b", &[], "s3:GetObject", "arn:aws:s3:::logs/a*b", &[]);
        check(&Method::HEAD, "/logs/a", &[], "s3:GetObject", "arn:aws:s3:::logs/a", &[]);
        check(&Method::DELETE, "/logs/a", &[], "s3:DeleteObject", "arn:aws:s3:::logs/a", &[]);
        let id = "0123456789abcdef0123456789ABCDEF";
        let part = [("uploadId", id), ("partNumber", "1")];
        check(&Method::POST, "/logs/a", &[("uploads", "")], "s3:PutObject", "arn:aws:s3:::logs/a", &not_whole);
        check(&Method::PUT, "/logs/a", &part, "s3:PutObject", "arn:aws:s3:::logs/a", &not_whole);
        check(&Method::POST, "/logs/a", &part[..1], "s3:PutObject", "arn:aws:s3:::logs/a", &whole);
        check(&Method::DELETE, "/logs/a", &part[..1], "s3:AbortMultipartUpload", "arn:aws:s3:::logs/a", &[]);
        for (method, query) in [
            (Method::GET, &[("uploadId", id)][..]),
            (Method::PUT, &[("uploadId", id)]),
            (Method::PUT, &[("partNumber", "1")]),
            (Method::PUT, &[("uploadId", "../../keys"), ("partNumber", "1")]),
            (Method::PUT, &[("uploadId", id), ("partNumber", "../1")]),
            (Method::PUT, &[("uploadId", id), ("partNumber", "0")]),
            (Method::PUT, &[("uploadId", id), ("partNumber", "10001")]),
            (Method::DELETE, &[("uploadId", "")]),
        ] {
            assert!(parse(&method, "/logs/a", query).is_err(), "{method} {query:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_served() {
        let code = |method: &Method, path: &str, query: &[(&str, &str)]| parse(method, path, query).unwrap_err().code;
        for parameter in
            ["acl", "policy", "versions", "uploads", "partNumber", "tagging", "versionId", "X-Amz-Signature"]
        {
            for path in ["/logs", "/logs/a"] {
                for method in [Method::GET, Method::PUT, Method::DELETE] {
                    assert_eq!(
                        code(&method, path, &[(parameter, "")]),
                        "NotImplemented",
                        "{method} {path}?{parameter}"
                    );
                }
            }
        }
        assert_eq!(code(&Method::POST, "/logs/a", &[]), "NotImplemented");
        assert_eq!(code(&Method::PATCH, "/logs", &[]), "NotImplemented");
        assert_eq!(code(&Method::GET, "/logs", &[("prefix", "a"), ("prefix", "b")]), "InvalidArgument");
        assert_eq!(code(&Method::GET, "//logs/a", &[]), "InvalidBucketName");
        assert_eq!(code(&Method::GET, "/logs//a", &[]), "InvalidArgument");
        assert_eq!(code(&Method::GET, "/logs/a/../../other/b", &[]), "InvalidArgument");
        assert_eq!(code(&Method::GET, "/../etc", &[]), "InvalidBucketName");
        for name in ["x-amz-acl", "x-amz-copy-source", "x-amz-tagging", "x-amz-security-token", "if-none-match"] {
            let failure = Operation::parse(&Method::PUT, "/logs/a", Vec::new(), &headers(&[(name, "*")])).unwrap_err();
            assert_eq!(failure.code, "NotImplemented", "{name}");
        }
        for (method, name, value) in [
            (Method::GET, "x-amz-meta-a", "b"),
            (Method::PUT, "x-amz-storage-class", "GLACIER"),
            (Method::PUT, "if-match", "a"),
        ] {
            assert!(Operation::parse(&method, "/logs/a", Vec::new(), &headers(&[(name, value)])).is_err(), "{name}");
        }
        let described = [("x-amz-meta-a", "b"), ("content-type", "text/plain"), ("x-amz-storage-class", "STANDARD")];
        assert!(Operation::parse(&Method::PUT, "/logs/a", Vec::new(), &headers(&described)).is_ok());
        assert_eq!(description(&headers(&described)).unwrap().len(), 2);
        assert!(description(&headers(&[("x-amz-meta-a", &"b".repeat(2048))])).is_err());
        let twice = headers(&[("x-amz-date", "a"), ("x-amz-date", "b")]);
        assert!(twice.len() == 2 && Operation::parse(&Method::GET, "/", Vec::new(), &twice).is_err());
    }

    // A parameter with a line break once wrote a line of its own into the log, and an answer that is no XML.
    #[test]
    fn control_characters_are_not_repeated() {
        let failure = parse(&Method::GET, "/logs", &[("\nolga s3:GetObject: allowed", "")]).unwrap_err();
        assert_eq!(failure.message, "The gateway does not implement the parameter \\nolga s3:GetObject: allowed");
        for name in ["prefix", "delimiter", "marker"] {
            assert_eq!(
                parse(&Method::GET, "/logs", &[(name, "a\u{1}")]).unwrap_err().code,
                "InvalidArgument",
                "{name}"
            );
        }
    }

    #[test]
    fn completions_are_in_order() {
        let part = |number: &str| {
            format!(
                "<Part><PartNumber>{number}</PartNumber><ETag>\"t{number}\"</ETag><ChecksumCRC32>x</ChecksumCRC32></Part>"
            )
        };
        let parse = |numbers: &[&str]| {
            let parts: String = numbers.iter().map(|number| part(number)).collect();
            Completion::parse(format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>").as_bytes())
        };
        let tags: Vec<String> = parse(&["1", "3"]).unwrap().into_iter().map(|(_, tag)| tag).collect();
        assert_eq!(tags, ["\"t1\"", "\"t3\""]);
        for bad in [&[][..], &["0"], &["1", "1"], &["2", "1"], &["10001"], &["-1"], &["x"]] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn deletions_have_keys_only() {
        let parse = |text: &str| Deletion::parse(text.as_bytes());
        let good = parse(
            r#"<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a &amp; b</Key></Object>
            <Object><Key>c</Key></Object><Quiet>true</Quiet></Delete>"#,
        )
        .unwrap();
        let keys: Vec<&str> = good.objects.iter().map(|object| object.key.as_str()).collect();
        assert_eq!((keys.as_slice(), good.quiet), (["a & b", "c"].as_slice(), true));
        for bad in [
            "",
            "<Delete></Delete>",
            "<Delete><Object><Key>a</Key><VersionId>1</VersionId></Object></Delete>",
            "<Delete><Object><Key>a</Key></Object>",
            "<Delete><Object></Object></Delete>",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}

//! AWS Signature Version 4 in the `Authorization` header: who signed, and whether it is true.

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use hyper::header::{AUTHORIZATION, HeaderMap};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::failure::Failure;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far clocks may be apart, as S3 has it.
const SKEW_MAX_SECONDS: i64 = 15 * 60;
/// What stays as it is in a canonical request.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const UNRESERVED_PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// The parts of a request that are signed, decoded.
#[derive(Debug)]
pub struct Signed<'a> {
    /// `GET`
    pub method: &'a str,
    /// The decoded path.
    pub path: &'a str,
    /// Decoded names and values.
    pub query: &'a [(String, String)],
    /// All headers.
    pub headers: &'a HeaderMap,
}

/// What the `Authorization` header says.
#[derive(Debug, PartialEq, Eq)]
pub struct Authorization<'a> {
    /// Whose key.
    pub access_key: &'a str,
    date: &'a str,
    region: &'a str,
    signed_headers: Vec<&'a str>,
    signature: Vec<u8>,
}

impl<'a> Authorization<'a> {
    /// Reads the header; nothing if there is none.
    pub fn of(headers: &'a HeaderMap) -> Result<Option<Self>, Failure> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let malformed = || Failure::bad("AuthorizationHeaderMalformed", "The authorization header is malformed");
        if values.next().is_some() {
            return Err(malformed());
        }
        let text = value.to_str().map_err(|_| malformed())?;
        let Some(rest) = text.strip_prefix(ALGORITHM) else {
            return Err(Failure::bad("InvalidRequest", "Please use AWS4-HMAC-SHA256"));
        };
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for part in rest.split(',') {
            let (name, value) = part.trim().split_once('=').ok_or_else(malformed)?;
            let place = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err(malformed()),
            };
            if place.replace(value).is_some() {
                return Err(malformed());
            }
        }
        let mut scope = credential.ok_or_else(malformed)?.split('/');
        let mut next = || scope.next().ok_or_else(malformed);
        let (access_key, date, region, service, end) = (next()?, next()?, next()?, next()?, next()?);
        if service != "s3" || end != "aws4_request" || scope.next().is_some() {
            return Err(malformed());
        }
        let signed_headers: Vec<&str> = signed_headers.ok_or_else(malformed)?.split(';').collect();
        let signature = hex::decode(signature.ok_or_else(malformed)?).map_err(|_| malformed())?;
        Ok(Some(Self { access_key, date, region, signed_headers, signature }))
    }

    /// Whether `secret` signed the request now, for this region; and with what the chunks of its body are signed.
    pub fn verify(
        &self,
        parts: &Signed<'_>,
        secret: &str,
        region: &str,
        now: OffsetDateTime,
    ) -> Result<Signer, Failure> {
        let date_time = single(parts.headers, "x-amz-date")?
            .ok_or_else(|| Failure::forbidden("AccessDenied", "A signed request needs the header x-amz-date"))?;
        let skew = (now - parse_date(date_time)?).whole_seconds().abs();
        if SKEW_MAX_SECONDS < skew {
            let message = "The difference between the request time and the current time is too large";
            return Err(Failure::forbidden("RequestTimeTooSkewed", message));
        }
        if !date_time.starts_with(self.date) || self.date.len() != 8 || self.region != region {
            let message = "The scope of the signature has another date or region";
            return Err(Failure::bad("AuthorizationHeaderMalformed", message));
        }
        self.check_signed_headers(parts.headers)?;

        let scope = format!("{}/{}/s3/aws4_request", self.date, self.region);
        let request = hex::encode(Sha256::digest(self.canonical_request(parts)?));
        let signer =
            Signer { key: signing_key(secret, self.date, self.region), date_time: date_time.to_owned(), scope };
        let text = format!("{ALGORITHM}\n{}\n{}\n{request}", signer.date_time, signer.scope);
        signer.check(&text, &self.signature)?;
        Ok(signer)
    }

    /// The signature as the chunks of the body continue it.
    pub fn seed(&self) -> String {
        hex::encode(&self.signature)
    }

    /// All headers with a meaning of S3's must be signed: who changes a request on the way must not add one.
    fn check_signed_headers(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let is_signed = |name: &str| self.signed_headers.contains(&name);
        let unsigned = headers.keys().find(|name| name.as_str().starts_with("x-amz-") && !is_signed(name.as_str()));
        if unsigned.is_some() || !is_signed("host") {
            let message = "There were headers present in the request which were not signed";
            return Err(Failure::forbidden("AccessDenied", message));
        }
        Ok(())
    }

    fn canonical_request(&self, parts: &Signed<'_>) -> Result<String, Failure> {
        let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        let mut query: Vec<(String, String)> =
            parts.query.iter().map(|(name, value)| (encode(name), encode(value))).collect();
        query.sort();
        let query: Vec<String> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = String::new();
        for name in &self.signed_headers {
            let values: Option<Vec<&str>> =
                parts.headers.get_all(*name).iter().map(|value| std::str::from_utf8(value.as_bytes()).ok()).collect();
            let values = values.filter(|values| !values.is_empty());
            let values = values.ok_or_else(|| Failure::forbidden("AccessDenied", "A signed header is missing"))?;
            let words = |value: &&str| value.split_whitespace().collect::<Vec<_>>().join(" ");
            let value = values.iter().map(words).collect::<Vec<_>>().join(",");
            let _ = writeln!(headers, "{name}:{value}");
        }
        let payload = single(parts.headers, "x-amz-content-sha256")?
            .ok_or_else(|| Failure::bad("InvalidRequest", "Missing required header: x-amz-content-sha256"))?;
        Ok(format!(
            "{}\n{}\n{}\n{headers}\n{}\n{payload}",
            parts.method,
            utf8_percent_encode(parts.path, UNRESERVED_PATH),
            query.join("&"),
            self.signed_headers.join(";"),
        ))
    }
}

/// The only value of a header; an error if there are several.
pub fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Failure> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    let text = first.map(|value| std::str::from_utf8(value.as_bytes())).transpose();
    match (text, values.next()) {
        (Ok(text), None) => Ok(text),
        _ => Err(Failure::bad("InvalidArgument", format!("The header {name} is given twice or is not text"))),
    }
}

fn parse_date(text: &str) -> Result<OffsetDateTime, Failure> {
    let format = time::macros::format_description!("[year][month][day]T[hour][minute][second]Z");
    let parsed = PrimitiveDateTime::parse(text, format);
    let parsed = parsed.map_err(|_| Failure::forbidden("AccessDenied", "The header x-amz-date is malformed"))?;
    Ok(parsed.assume_utc())
}

fn hmac(key: &[u8], text: &str) -> Hmac<Sha256> {
    // A key of any length is one; the other constructor cannot fail either, but says that it can.
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&[0; 64].into()));
    mac.update(text.as_bytes());
    mac
}

fn signing_key(secret: &str, date: &str, region: &str) -> Vec<u8> {
    let start = format!("AWS4{secret}").into_bytes();
    let steps = [date, region, "s3", "aws4_request"];
    steps.iter().fold(start, |key, text| hmac(&key, text).finalize().into_bytes().to_vec())
}

/// Signs what belongs to a request whose signature was true.
#[derive(Clone)]
pub struct Signer {
    key: Vec<u8>,
    date_time: String,
    scope: String,
}

impl Signer {
    /// The moment that the request names.
    pub fn date(&self) -> Result<OffsetDateTime, Failure> {
        parse_date(&self.date_time)
    }

    /// Compares in constant time.
    fn check(&self, text: &str, signature: &[u8]) -> Result<(), Failure> {
        hmac(&self.key, text).verify_slice(signature).map_err(|_| {
            let message = "The request signature we calculated does not match the signature you provided";
            Failure::forbidden("SignatureDoesNotMatch", message)
        })
    }

    /// Checks the signature of a chunk of the body, which continues the one before it.
    pub fn check_chunk(&self, previous: &str, digest: &[u8], signature: &[u8]) -> Result<(), Failure> {
        let (empty, digest) = (hex::encode(Sha256::digest([])), hex::encode(digest));
        let head = format!("{ALGORITHM}-PAYLOAD\n{}\n{}\n{previous}", self.date_time, self.scope);
        self.check(&format!("{head}\n{empty}\n{digest}"), signature)
    }

    /// Checks the signature of the headers behind the last chunk.
    pub fn check_trailer(&self, previous: &str, trailer: &str, signature: &[u8]) -> Result<(), Failure> {
        let digest = hex::encode(Sha256::digest(trailer));
        let text = format!("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{previous}\n{digest}", self.date_time, self.scope);
        self.check(&text, signature)
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("scope", &self.scope).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    // Key, requests and signatures of the examples in the S3 API reference, *Signature Calculations for the Authorization
    // Header*.
    const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
    pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    pub const DATE: &str = "20130524T000000Z";

    pub fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn authorization(signed_headers: &str, signature: &str) -> String {
        format!(
            "{ALGORITHM} Credential={KEY}/20130524/us-east-1/s3/aws4_request,SignedHeaders={signed_headers},\
             Signature={signature}"
        )
    }

    fn verify(
        method: &str,
        path: &str,
        query: &[(&str, &str)],
        pairs: &[(&str, &str)],
        secret: &str,
        at: &str,
    ) -> Result<Signer, Failure> {
        let headers = headers(pairs);
        let query: Vec<(String, String)> = query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let authorization = Authorization::of(&headers)?.unwrap();
        assert_eq!(authorization.access_key, KEY);
        let parts = Signed { method, path, query: &query, headers: &headers };
        authorization.verify(&parts, secret, "us-east-1", parse_date(at)?)
    }

    fn code(result: Result<Signer, Failure>) -> &'static str {
        result.unwrap_err().code
    }

    #[test]
    fn published_examples() {
        let host = ("host", "examplebucket.s3.amazonaws.com");
        let (date, empty) = (("x-amz-date", DATE), ("x-amz-content-sha256", EMPTY));
        let get = authorization(
            "host;range;x-amz-content-sha256;x-amz-date",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        );
        let pairs = [host, date, empty, ("range", "bytes=0-9"), ("authorization", &get)];
        assert!(verify("GET", "/test.txt", &[], &pairs, SECRET, DATE).is_ok());

        let put = authorization(
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        );
        let pairs = [
            host,
            date,
            ("date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
            ("authorization", &put),
        ];
        assert!(verify("PUT", "/test$file.text", &[], &pairs, SECRET, DATE).is_ok());

        let lifecycle = authorization(
            "host;x-amz-content-sha256;x-amz-date",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        );
        let pairs = [host, date, empty, ("authorization", &lifecycle)];
        assert!(verify("GET", "/", &[("lifecycle", "")], &pairs, SECRET, DATE).is_ok());

        let list = authorization(
            "host;x-amz-content-sha256;x-amz-date",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        );
        let pairs = [host, date, empty, ("authorization", &list)];
        assert!(verify("GET", "/", &[("prefix", "J"), ("max-keys", "2")], &pairs, SECRET, DATE).is_ok());
    }

    #[test]
    fn whatever_is_changed_is_noticed() {
        let host = ("host", "examplebucket.s3.amazonaws.com");
        let (date, empty) = (("x-amz-date", DATE), ("x-amz-content-sha256", EMPTY));
        let good = authorization(
            "host;x-amz-content-sha256;x-amz-date",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        );
        let query = [("max-keys", "2"), ("prefix", "J")];
        let pairs = [host, date, empty, ("authorization", good.as_str())];
        let does_not_match = |result| assert_eq!(code(result), "SignatureDoesNotMatch");
        does_not_match(verify("PUT", "/", &query, &pairs, SECRET, DATE));
        does_not_match(verify("GET", "/a", &query, &pairs, SECRET, DATE));
        does_not_match(verify("GET", "/", &query[..1], &pairs, SECRET, DATE));
        does_not_match(verify("GET", "/", &[("max-keys", "2"), ("prefix", "K")], &pairs, SECRET, DATE));
        does_not_match(verify("GET", "/", &query, &pairs, "wrong", DATE));
        let other = [("host", "other"), date, empty, ("authorization", good.as_str())];
        does_not_match(verify("GET", "/", &query, &other, SECRET, DATE));
        let unsigned = [host, date, ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), ("authorization", good.as_str())];
        does_not_match(verify("GET", "/", &query, &unsigned, SECRET, DATE));

        // A header of S3's that is not signed, the time, another scope.
        let added = [host, date, empty, ("x-amz-acl", "public-read"), ("authorization", good.as_str())];
        assert_eq!(code(verify("GET", "/", &query, &added, SECRET, DATE)), "AccessDenied");
        let late = verify("GET", "/", &query, &pairs, SECRET, "20130524T001501Z");
        assert_eq!(code(late), "RequestTimeTooSkewed");
        assert!(verify("GET", "/", &query, &pairs, SECRET, "20130524T001500Z").is_ok());
        let elsewhere = good.replace("us-east-1", "eu-west-1");
        let pairs = [host, date, empty, ("authorization", elsewhere.as_str())];
        assert_eq!(code(verify("GET", "/", &query, &pairs, SECRET, DATE)), "AuthorizationHeaderMalformed");
        let without_host = good.replace("host;", "");
        let pairs = [host, date, empty, ("authorization", without_host.as_str())];
        assert_eq!(code(verify("GET", "/", &query, &pairs, SECRET, DATE)), "AccessDenied");
    }

    #[test]
    fn malformed_headers_are_errors() {
        assert_eq!(Authorization::of(&HeaderMap::new()), Ok(None));
        for text in [
            "",
            "Basic abc",
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request,SignedHeaders=host",
            "AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request,SignedHeaders=host,Signature=zz",
            "AWS4-HMAC-SHA256 Credential=a/b/c/ec2/aws4_request,SignedHeaders=host,Signature=00",
            "AWS4-HMAC-SHA256 Credential=a/b,SignedHeaders=host,Signature=00",
            "AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request,SignedHeaders=host,Signature=00,Signature=00",
        ] {
            assert!(Authorization::of(&headers(&[("authorization", text)])).is_err(), "{text}");
        }
    }
}

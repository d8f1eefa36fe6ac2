//! The body of a request as it was meant: digests and signatures of it checked, chunks of S3's taken apart.
//!
//! Comes in: pieces of the body. Goes out: bytes of the object. What comes out is to be believed only when
//! [`Payload::finish`] has said so; until then it belongs into a file that nobody sees.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::header::HeaderMap;
use md5::Md5;
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::signature::{Signer, single};

/// Longest header of a chunk, and longest trailer.
const LINE_MAX_BYTES: usize = 8 * 1024;
/// Largest object that one request brings, as S3 has it.
const OBJECT_MAX_BYTES: u64 = 5 << 30;

/// A body on its way.
#[derive(Debug)]
pub struct Payload {
    scheme: Scheme,
    /// Of all bytes that came out.
    digest: Sha256,
    md5: Option<(Md5, Vec<u8>)>,
    length: u64,
    expected_length: Option<u64>,
}

#[derive(Debug)]
enum Scheme {
    /// As it comes, with a digest where one was signed.
    Whole(Option<[u8; 32]>),
    Chunked(Box<Chunks>),
}

/// A body in chunks of S3's.
#[derive(Debug)]
struct Chunks {
    /// Who signed the chunks, and the signature before this one; nothing where they are not signed.
    signed: Option<(Signer, String)>,
    has_trailer: bool,
    state: State,
    /// Bytes of a line that is not whole yet.
    line: Vec<u8>,
    /// Of the chunk so far.
    digest: Sha256,
    /// Signature that the header of the chunk promises.
    promised: Vec<u8>,
    /// Lines of the trailer as they are signed.
    trailer: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Header,
    Data(u64),
    /// The line break behind the data.
    DataEnd,
    Trailer,
    Done,
}

fn malformed(what: &str) -> Failure {
    Failure::bad("IncompleteBody", format!("The chunks of the body are malformed: {what}"))
}

impl Payload {
    /// What the headers promise of the body. `signer` is who signed the request, with its signature.
    pub fn announced(headers: &HeaderMap, signer: Option<(Signer, String)>) -> Result<Self, Failure> {
        let announced = single(headers, "x-amz-content-sha256")?;
        let scheme = match (announced, signer) {
            (None | Some("UNSIGNED-PAYLOAD"), _) => Scheme::Whole(None),
            (Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), _) => Scheme::Chunked(Chunks::new(None, true)),
            (Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), Some(signer)) => {
                Scheme::Chunked(Chunks::new(Some(signer), false))
            }
            (Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"), Some(signer)) => {
                Scheme::Chunked(Chunks::new(Some(signer), true))
            }
            (Some(text), _) => {
                let digest = hex::decode(text).ok().and_then(|digest| digest.try_into().ok());
                let message = "The header x-amz-content-sha256 is neither a digest nor a known way to send the body";
                Scheme::Whole(Some(digest.ok_or_else(|| Failure::bad("InvalidArgument", message))?))
            }
        };
        let md5 = single(headers, "content-md5")?.map(|text| BASE64_STANDARD.decode(text)).transpose();
        let md5 = md5.map_err(|_| Failure::bad("InvalidDigest", "The header Content-MD5 is malformed"))?;
        let length = match scheme {
            Scheme::Whole(_) => None,
            Scheme::Chunked(_) => {
                let text = single(headers, "x-amz-decoded-content-length")?;
                let length = text.and_then(|text| text.parse().ok());
                let message = "You must provide the x-amz-decoded-content-length header";
                Some(length.ok_or_else(|| Failure::bad("MissingContentLength", message))?)
            }
        };
        let md5 = md5.map(|expected| (Md5::new(), expected));
        Ok(Self { scheme, digest: Sha256::new(), md5, length: 0, expected_length: length })
    }

    /// Takes a piece of the body and adds what it holds to `out`.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<(), Failure> {
        let before = out.len();
        match &mut self.scheme {
            Scheme::Whole(_) => out.extend_from_slice(piece),
            Scheme::Chunked(chunks) => chunks.push(piece, out)?,
        }
        let added = out.get(before..).unwrap_or_default();
        self.digest.update(added);
        if let Some((digest, _)) = &mut self.md5 {
            digest.update(added);
        }
        self.length += u64::try_from(added.len()).unwrap_or(u64::MAX);
        if self.expected_length.unwrap_or(OBJECT_MAX_BYTES).min(OBJECT_MAX_BYTES) < self.length {
            return Err(Failure::bad("EntityTooLarge", "The body is longer than it may be, or than it was said to be"));
        }
        Ok(())
    }

    /// Whether the body was whole and true.
    pub fn finish(self) -> Result<(), Failure> {
        match self.scheme {
            Scheme::Whole(Some(digest)) if self.digest.finalize().as_slice() != digest => {
                let message = "The provided x-amz-content-sha256 header does not match what was computed";
                return Err(Failure::bad("XAmzContentSHA256Mismatch", message));
            }
            Scheme::Chunked(chunks) if chunks.state != State::Done => return Err(malformed("the last one is missing")),
            Scheme::Whole(_) | Scheme::Chunked(_) => {}
        }
        if self.expected_length.is_some_and(|expected| expected != self.length) {
            return Err(Failure::bad("IncompleteBody", "The body is shorter than it was said to be"));
        }
        let is_true = self.md5.is_none_or(|(digest, expected)| digest.finalize().as_slice() == expected);
        let message = "The Content-MD5 you specified did not match what we received";
        if is_true { Ok(()) } else { Err(Failure::bad("BadDigest", message)) }
    }
}

impl Chunks {
    fn new(signed: Option<(Signer, String)>, has_trailer: bool) -> Box<Self> {
        Box::new(Self {
            signed,
            has_trailer,
            state: State::Header,
            line: Vec::new(),
            digest: Sha256::new(),
            promised: Vec::new(),
            trailer: String::new(),
        })
    }

    fn push(&mut self, mut piece: &[u8], out: &mut Vec<u8>) -> Result<(), Failure> {
        while !piece.is_empty() {
            piece = match self.state {
                State::Data(left) => self.take_data(left, piece, out),
                State::Done => return Err(malformed("something follows the last one")),
                State::Header | State::DataEnd | State::Trailer => self.take_line(piece)?,
            };
        }
        Ok(())
    }

    fn take_data<'p>(&mut self, left: u64, piece: &'p [u8], out: &mut Vec<u8>) -> &'p [u8] {
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
        let (data, rest) = piece.split_at(count);
        self.digest.update(data);
        out.extend_from_slice(data);
        let left = left - u64::try_from(count).unwrap_or(left);
        self.state = if left == 0 { State::DataEnd } else { State::Data(left) };
        rest
    }

    fn take_line<'p>(&mut self, piece: &'p [u8]) -> Result<&'p [u8], Failure> {
        let end = piece.iter().position(|byte| *byte == b'\n').map_or(piece.len(), |at| at + 1);
        let (part, rest) = piece.split_at(end);
        self.line.extend_from_slice(part);
        if LINE_MAX_BYTES < self.line.len() + self.trailer.len() {
            return Err(malformed("a line is too long"));
        }
        if self.line.ends_with(b"\n") {
            let line = std::mem::take(&mut self.line);
            let line = line.strip_suffix(b"\r\n").ok_or_else(|| malformed("a line does not end in CR LF"))?;
            let line = std::str::from_utf8(line).map_err(|_| malformed("a line is no text"))?;
            self.line(line)?;
        }
        Ok(rest)
    }

    fn line(&mut self, line: &str) -> Result<(), Failure> {
        match self.state {
            State::Header => self.header(line),
            State::DataEnd if line.is_empty() => self.end_of_chunk(State::Header),
            State::Trailer => self.trailer_line(line),
            State::DataEnd | State::Data(_) | State::Done => Err(malformed("data is longer than its header says")),
        }
    }

    /// `SIZE`, or `SIZE;chunk-signature=SIGNATURE`.
    fn header(&mut self, line: &str) -> Result<(), Failure> {
        let (size, signature) = match line.split_once(";chunk-signature=") {
            Some((size, signature)) => (size, Some(signature)),
            None => (line, None),
        };
        let is_hex = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_hexdigit());
        let size = u64::from_str_radix(size, 16).ok().filter(|_| is_hex).ok_or_else(|| malformed("no size"))?;
        if signature.is_some() != self.signed.is_some() {
            return Err(malformed("a signature is missing, or should not be there"));
        }
        self.promised = hex::decode(signature.unwrap_or_default()).map_err(|_| malformed("no signature"))?;
        self.digest = Sha256::new();
        if size == 0 {
            return self.end_of_chunk(State::Trailer);
        }
        self.state = State::Data(size);
        Ok(())
    }

    /// Checks the signature of a chunk that is whole.
    fn end_of_chunk(&mut self, next: State) -> Result<(), Failure> {
        if let Some((signer, previous)) = &mut self.signed {
            let digest = std::mem::take(&mut self.digest).finalize();
            signer.check_chunk(previous, &digest, &self.promised)?;
            *previous = hex::encode(&self.promised);
        }
        self.state = next;
        Ok(())
    }

    /// `name:value`, the signature of these, or the empty line at the end.
    fn trailer_line(&mut self, line: &str) -> Result<(), Failure> {
        if let Some(signature) = line.strip_prefix("x-amz-trailer-signature:") {
            let Some((signer, previous)) = &self.signed else { return Err(malformed("a trailer must not be signed")) };
            let signature = hex::decode(signature.trim()).map_err(|_| malformed("no signature"))?;
            signer.check_trailer(previous, &self.trailer, &signature)?;
            self.trailer.clear();
        } else if !line.is_empty() {
            let is_checksum = line.starts_with("x-amz-checksum-") && line.contains(':');
            if !self.has_trailer || !is_checksum {
                return Err(malformed("only checksums may follow the last one"));
            }
            self.trailer.push_str(line);
            self.trailer.push('\n');
        } else if self.signed.is_some() && !self.trailer.is_empty() {
            return Err(malformed("the trailer is not signed"));
        } else {
            self.state = State::Done;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::tests::{DATE, SECRET, headers};
    use crate::signature::{Authorization, Signed};

    // The example of the S3 API reference, *Transferring Payload in Multiple Chunks*: 65 KiB of `a` in chunks of 64 KiB.
    const SEED: &str = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    const FIRST: &str = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648";
    const SECOND: &str = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497";
    const LAST: &str = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9";

    fn example() -> Payload {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=\
             content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
             x-amz-storage-class,Signature={SEED}"
        );
        let headers = headers(&[
            ("host", "s3.amazonaws.com"),
            ("x-amz-date", DATE),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("authorization", &authorization),
            ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("content-length", "66824"),
        ]);
        let parts = Signed { method: "PUT", path: "/examplebucket/chunkObject.txt", query: &[], headers: &headers };
        let authorization = Authorization::of(&headers).unwrap().unwrap();
        let now = time::macros::datetime!(2013-05-24 0:00 UTC);
        let signer = authorization.verify(&parts, SECRET, "us-east-1", now).unwrap();
        Payload::announced(&headers, Some((signer, authorization.seed()))).unwrap()
    }

    fn body(first: &str, second: &str, last: &str) -> Vec<u8> {
        let (full, rest) = ("a".repeat(65536), "a".repeat(1024));
        format!(
            "10000;chunk-signature={first}\r\n{full}\r\n400;chunk-signature={second}\r\n{rest}\r\n\
             0;chunk-signature={last}\r\n\r\n"
        )
        .into_bytes()
    }

    fn read(mut payload: Payload, body: &[u8], piece_bytes: usize) -> Result<Vec<u8>, Failure> {
        let mut out = Vec::new();
        for piece in body.chunks(piece_bytes) {
            payload.push(piece, &mut out)?;
        }
        payload.finish().map(|()| out)
    }

    #[test]
    fn published_example_in_pieces_of_any_size() {
        let body = body(FIRST, SECOND, LAST);
        assert_eq!(body.len(), 66824);
        for piece_bytes in [1, 7, 4096, 65536, 100_000] {
            assert_eq!(read(example(), &body, piece_bytes).unwrap(), vec![b'a'; 66560]);
        }
    }

    #[test]
    fn whatever_is_changed_is_noticed() {
        let good = body(FIRST, SECOND, LAST);
        let code = |body: &[u8]| read(example(), body, 1000).unwrap_err().code;
        for (first, second, last) in [(SECOND, SECOND, LAST), (FIRST, FIRST, LAST), (FIRST, SECOND, FIRST)] {
            assert_eq!(code(&body(first, second, last)), "SignatureDoesNotMatch");
        }
        let mut changed = good.clone();
        changed[5000] = b'b';
        assert_eq!(code(&changed), "SignatureDoesNotMatch");
        assert_eq!(code(&good[..good.len() - 2]), "IncompleteBody");
        // A chunk that is cut off with its successor: the rest is not signed as the last one.
        assert_eq!(code(&good[..65536 + 90]), "IncompleteBody");
        assert_eq!(code(&[good.as_slice(), b"x"].concat()), "IncompleteBody");
        let unsigned = b"10;\r\naaaaaaaaaaaaaaaa\r\n0\r\n\r\n";
        assert_eq!(code(unsigned), "IncompleteBody");
    }

    #[test]
    fn chunks_without_signatures_have_a_trailer() {
        let announced = |length: &str| {
            let pairs = [
                ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
                ("x-amz-decoded-content-length", length),
            ];
            Payload::announced(&headers(&pairs), None).unwrap()
        };
        let body = b"4\r\nfore\r\n3\r\nst!\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        for piece_bytes in [1, 5, 100] {
            assert_eq!(read(announced("7"), body, piece_bytes).unwrap(), b"forest!");
        }
        assert!(read(announced("8"), body, 9).is_err());
        assert!(read(announced("6"), body, 9).is_err());
        assert!(read(announced("4"), b"4\r\nforest\r\n0\r\n\r\n", 9).is_err());
        assert!(read(announced("4"), b"+4\r\nfore\r\n0\r\n\r\n", 9).is_err());
        assert!(read(announced("4"), b"4\r\nfore\r\n0\r\nx-amz-acl:public-read\r\n\r\n", 9).is_err());
        assert!(read(announced("0"), &vec![b'1'; 20_000], 9).is_err());
    }

    #[test]
    fn digests_are_checked() {
        let forest = hex::encode(Sha256::digest("forest"));
        let md5 = BASE64_STANDARD.encode(Md5::digest("forest"));
        let pairs = [("x-amz-content-sha256", forest.as_str()), ("content-md5", md5.as_str())];
        let announced = || Payload::announced(&headers(&pairs), None).unwrap();
        assert_eq!(read(announced(), b"forest", 2).unwrap(), b"forest");
        assert_eq!(read(announced(), b"forester", 2).unwrap_err().code, "XAmzContentSHA256Mismatch");
        let only_md5 = Payload::announced(&headers(&pairs[1..]), None).unwrap();
        assert_eq!(read(only_md5, b"trees", 2).unwrap_err().code, "BadDigest");
        // Nobody signed the request, so nobody can have signed its chunks.
        let streaming = [("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")];
        assert!(Payload::announced(&headers(&streaming), None).is_err());
    }
}

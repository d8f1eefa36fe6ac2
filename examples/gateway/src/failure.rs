//! What S3 calls errors: a status, a code and a message.

use std::fmt;

use hyper::StatusCode;

/// Why a request is not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Of the HTTP answer.
    pub status: StatusCode,
    /// S3's name for it.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

impl Failure {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The policies, or the lack of an allow.
    pub fn access_denied() -> Self {
        Self::forbidden("AccessDenied", "Access Denied")
    }

    /// Any other reason for a 403.
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// The request is malformed.
    pub fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// S3 can do that and the gateway cannot; nothing of it is done.
    pub fn not_implemented(what: impl fmt::Display) -> Self {
        let message = format!("The gateway does not implement {what}");
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
    }

    /// There is no such thing.
    pub fn missing(code: &'static str, message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// It contradicts what is there.
    pub fn conflict(code: &'static str, message: &str) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// The object has another tag than the request demands.
    pub fn precondition() -> Self {
        let message = "At least one of the preconditions you specified did not hold";
        Self::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", message)
    }

    /// The object still has the tag that the client knows.
    pub fn not_modified() -> Self {
        Self::new(StatusCode::NOT_MODIFIED, "NotModified", "Not Modified")
    }

    /// The range is not in the object.
    pub fn range() -> Self {
        Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", "The requested range is not satisfiable")
    }

    /// The file system or the gateway. What happened stands in the log only.
    pub fn internal(error: impl fmt::Display) -> Self {
        eprintln!("internal error: {error}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "We encountered an internal error")
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}

//! Why a request has no answer.

use std::fmt;

use crate::runtime::RequestError;

/// A request that is malformed or that the artifact cannot answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskError {
    kind: Kind,
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The JSON does not have the form of a request.
    Form,
    /// The form is right, but the request makes no sense, or not to this artifact.
    Request,
    /// A policy inside the request cannot be compiled.
    Policy(&'static str),
}

impl AskError {
    pub(crate) fn form(message: impl Into<String>) -> Self {
        Self { kind: Kind::Form, message: message.into() }
    }

    pub(crate) fn policy(code: &'static str, message: impl Into<String>) -> Self {
        Self { kind: Kind::Policy(code), message: message.into() }
    }

    /// The runtime's error; `name` is the policy that it is about, where that is known.
    pub(crate) fn request(error: RequestError, name: Option<&str>) -> Self {
        let message = match name {
            Some(name) => format!("{error}: `{name}`"),
            None => error.to_string(),
        };
        Self { kind: Kind::Request, message }
    }

    /// Whether the JSON itself has a wrong form.
    pub fn is_form(&self) -> bool {
        self.kind == Kind::Form
    }

    /// A stable code: that of the finding where a policy was refused.
    pub fn code(&self) -> &'static str {
        match self.kind {
            Kind::Form => "iamc::request::form",
            Kind::Request => "iamc::request::refused",
            Kind::Policy(code) => code,
        }
    }
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AskError {}

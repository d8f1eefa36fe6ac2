//! What went wrong: codes for programs, messages for people.

use core::ffi::c_char;
use core::fmt::{self, Write};

use iamc::{LoadError, RequestError};

use crate::abi::{
    Error, IAMC_ERROR_MEMORY, IAMC_ERROR_POINTER, IAMC_ERROR_SIZE, IAMC_ERROR_UTF8, IAMC_ERROR_VALUE,
    IAMC_LOAD_CHECKSUM, IAMC_LOAD_HEADER, IAMC_LOAD_LENGTH, IAMC_LOAD_NOT_AN_ARTIFACT, IAMC_LOAD_OTHER,
    IAMC_LOAD_RECORD, IAMC_LOAD_SEMANTICS, IAMC_LOAD_TOO_SHORT, IAMC_LOAD_VERSION, IAMC_MESSAGE_BYTES, IAMC_OK,
    IAMC_REQUEST_ACCESS_KEY, IAMC_REQUEST_ACCESS_KEY_CLASH, IAMC_REQUEST_ACTION, IAMC_REQUEST_CREDENTIALS,
    IAMC_REQUEST_DUPLICATE_KEY, IAMC_REQUEST_ENDPOINT, IAMC_REQUEST_NO_SUBJECT, IAMC_REQUEST_OBJECT_ACL,
    IAMC_REQUEST_OBJECT_OWNER, IAMC_REQUEST_OBJECT_OWNER_CLASH, IAMC_REQUEST_OTHER, IAMC_REQUEST_OTHER_ARTIFACT,
    IAMC_REQUEST_PRINCIPAL, IAMC_REQUEST_PRINCIPAL_CLASH, IAMC_REQUEST_RESOURCE, IAMC_REQUEST_RESOURCE_ACCOUNT,
    IAMC_REQUEST_RESOURCE_ACCOUNT_CLASH, IAMC_REQUEST_TAGS, IAMC_REQUEST_UNKNOWN_POLICY,
    IAMC_REQUEST_WRONG_POLICY_TYPE,
};
use crate::read::place;

/// Why a call has no answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Failure {
    /// This pointer cannot be followed.
    Pointer(&'static str),
    /// This text is not UTF-8.
    Utf8(&'static str),
    /// This structure has another size.
    Size(&'static str),
    /// What is wrong with a number or a member.
    Value(&'static str),
    /// There is no memory.
    Memory,
    /// The artifact cannot be loaded.
    Load(LoadError),
    /// A request in resolved names has no answer, and the runtime does not say why.
    Unanswered,
    /// The runtime refuses the request.
    Request(RequestError),
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<alloc::collections::TryReserveError> for Failure {
    fn from(_: alloc::collections::TryReserveError) -> Self {
        Self::Memory
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pointer(what) => {
                write!(f, "`{what}` is null, not aligned, or longer than memory can be")
            }
            Self::Utf8(what) => write!(f, "`{what}` is not UTF-8"),
            Self::Size(what) => {
                write!(f, "`size` of `{what}` is not this library's: not initialised, or another version's header")
            }
            Self::Value(what) => f.write_str(what),
            Self::Memory => f.write_str("there is no memory"),
            Self::Load(error) => error.fmt(f),
            Self::Unanswered => f.write_str(
                "the request has no answer: the resource is malformed, a context key is given twice, or another \
                 artifact resolved a name",
            ),
            Self::Request(error) => error.fmt(f),
        }
    }
}

impl Failure {
    const fn code(self) -> u32 {
        match self {
            Self::Pointer(_) => IAMC_ERROR_POINTER,
            Self::Utf8(_) => IAMC_ERROR_UTF8,
            Self::Size(_) => IAMC_ERROR_SIZE,
            Self::Value(_) => IAMC_ERROR_VALUE,
            Self::Memory => IAMC_ERROR_MEMORY,
            Self::Unanswered => IAMC_REQUEST_OTHER,
            Self::Load(error) => match error {
                LoadError::TooShort { .. } => IAMC_LOAD_TOO_SHORT,
                LoadError::NotAnArtifact => IAMC_LOAD_NOT_AN_ARTIFACT,
                LoadError::Version { .. } => IAMC_LOAD_VERSION,
                LoadError::Length { .. } => IAMC_LOAD_LENGTH,
                LoadError::Header => IAMC_LOAD_HEADER,
                LoadError::Checksum => IAMC_LOAD_CHECKSUM,
                LoadError::Semantics => IAMC_LOAD_SEMANTICS,
                LoadError::Record { .. } => IAMC_LOAD_RECORD,
                _ => IAMC_LOAD_OTHER,
            },
            Self::Request(error) => match error {
                RequestError::Principal => IAMC_REQUEST_PRINCIPAL,
                RequestError::Action => IAMC_REQUEST_ACTION,
                RequestError::Resource => IAMC_REQUEST_RESOURCE,
                RequestError::ResourceAccount => IAMC_REQUEST_RESOURCE_ACCOUNT,
                RequestError::ResourceAccountClash => IAMC_REQUEST_RESOURCE_ACCOUNT_CLASH,
                RequestError::UnknownPolicy(_) => IAMC_REQUEST_UNKNOWN_POLICY,
                RequestError::WrongPolicyType(_) => IAMC_REQUEST_WRONG_POLICY_TYPE,
                RequestError::DuplicateKey(_) => IAMC_REQUEST_DUPLICATE_KEY,
                RequestError::Endpoint => IAMC_REQUEST_ENDPOINT,
                RequestError::AccessKey => IAMC_REQUEST_ACCESS_KEY,
                RequestError::AccessKeyClash => IAMC_REQUEST_ACCESS_KEY_CLASH,
                RequestError::NoSubject => IAMC_REQUEST_NO_SUBJECT,
                RequestError::PrincipalClash => IAMC_REQUEST_PRINCIPAL_CLASH,
                RequestError::Tags => IAMC_REQUEST_TAGS,
                RequestError::Credentials => IAMC_REQUEST_CREDENTIALS,
                RequestError::ObjectOwner => IAMC_REQUEST_OBJECT_OWNER,
                RequestError::ObjectAcl => IAMC_REQUEST_OBJECT_ACL,
                RequestError::ObjectOwnerClash => IAMC_REQUEST_OBJECT_OWNER_CLASH,
                RequestError::OtherArtifact => IAMC_REQUEST_OTHER_ARTIFACT,
                _ => IAMC_REQUEST_OTHER,
            },
        }
    }

    /// Which element of a list it is about.
    const fn index(self) -> usize {
        if let Self::Request(
            RequestError::UnknownPolicy(index)
            | RequestError::WrongPolicyType(index)
            | RequestError::DuplicateKey(index),
        ) = self
        {
            index
        } else {
            usize::MAX
        }
    }
}

/// A message of limited length, zeros behind it.
struct Message {
    bytes: [c_char; IAMC_MESSAGE_BYTES],
    length: usize,
}

impl Write for Message {
    /// Takes whole characters as long as one zero stays free.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            let mut buffer = [0; 4];
            let encoded = character.encode_utf8(&mut buffer).as_bytes();
            let end = self.length + encoded.len();
            if IAMC_MESSAGE_BYTES <= end {
                return Err(fmt::Error);
            }
            for (place, byte) in self.bytes.iter_mut().skip(self.length).zip(encoded) {
                *place = c_char::from_ne_bytes([*byte]);
            }
            self.length = end;
        }
        Ok(())
    }
}

/// The code of a result, with the error written where C wants it.
///
/// # Safety
///
/// `error` points at one of its kind, or is null.
pub(crate) unsafe fn finish(result: Result<(), Failure>, error: *mut Error) -> u32 {
    let code = result.map_or_else(Failure::code, |()| IAMC_OK);
    // SAFETY: promised above.
    if let Ok(place) = unsafe { place(error, "error") } {
        let mut message = Message { bytes: [0; IAMC_MESSAGE_BYTES], length: 0 };
        let mut index = usize::MAX;
        if let Err(failure) = result {
            index = failure.index();
            // Fails only where the message is cut.
            let _ = write!(message, "{failure}");
        }
        *place = Error { code, index, message: message.bytes };
    }
    code
}

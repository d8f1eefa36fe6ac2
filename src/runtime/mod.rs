//! Stands in until the runtime is merged.
mod decision;
mod request;
mod stub;
pub use decision::{Decision, Explanation, Reason, StatementName, StatementRef};
pub use request::{Credentials, Principal, Request, RequestError, Value};
pub use stub::{Counts, LoadError, RequiredKey, Tables};

//! Generated corpora: the same seed gives the same bytes on every machine.

mod organization;
mod random;

pub(crate) use organization::{Scale, organization};

//! The model of who exists. (Stands in until the branch is merged.)
pub mod model;

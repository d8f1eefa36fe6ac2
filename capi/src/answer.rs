//! A decision becomes what the header calls one.

use core::ffi::c_char;

use iamc::terms::{Layer, Layers};
use iamc::{Decision, Explanation, Tables};

use crate::abi::{
    IAMC_ALLOWED, IAMC_EXPLICIT_DENY, IAMC_IMPLICIT_DENY, IAMC_LAYER_ACL, IAMC_LAYER_BLOCK_PUBLIC_ACCESS,
    IAMC_LAYER_CREDENTIAL, IAMC_LAYER_IDENTITY, IAMC_LAYER_NONE, IAMC_LAYER_PERMISSIONS_BOUNDARY, IAMC_LAYER_RESOURCE,
    IAMC_LAYER_RESOURCE_CONTROL_POLICY, IAMC_LAYER_ROOT, IAMC_LAYER_SERVICE_CONTROL_POLICY, IAMC_LAYER_SESSION,
    IAMC_LAYER_VPC_ENDPOINT, Notes, Text, Verdict,
};

impl Text {
    /// No text.
    pub(crate) const ABSENT: Self = Self { data: core::ptr::null(), length: 0 };

    /// A text of ours, for C to read.
    pub(crate) const fn of(text: &str) -> Self {
        Self { data: text.as_ptr().cast::<c_char>(), length: text.len() }
    }
}

/// The answer where there is none.
pub(crate) const DENIED: Verdict = Verdict {
    effect: IAMC_IMPLICIT_DENY,
    layer: IAMC_LAYER_NONE,
    blockers: 0,
    policy: Text::ABSENT,
    statement_index: 0,
    sid: Text::ABSENT,
    session_table: usize::MAX,
};

/// Nothing to say.
pub(crate) const NO_NOTES: Notes = Notes { assumed_resource_account: 0, undefined_principal: 0, ignored_layers: 0 };

/// Writes a decision of `tables` down; `blockers` are all of them where they were asked for.
pub(crate) fn verdict(
    tables: &Tables<'_>,
    session_tables: &[Tables<'_>],
    decision: Decision,
    blockers: Option<Layers>,
) -> Verdict {
    let (effect, reason, first) = match decision {
        Decision::Allowed(reason) => (IAMC_ALLOWED, Some(reason), Layers::NONE),
        Decision::ExplicitDeny(reason) => {
            let mut layers = Layers::NONE;
            if let Some(layer) = reason.layer {
                layers.insert(layer);
            }
            (IAMC_EXPLICIT_DENY, Some(reason), layers)
        }
        Decision::ImplicitDeny(layers) => (IAMC_IMPLICIT_DENY, None, layers),
    };
    let layer = reason.and_then(|reason| reason.layer);
    let mut verdict = Verdict {
        effect,
        layer: layer.map_or(IAMC_LAYER_NONE, number),
        blockers: bits(blockers.unwrap_or(first)),
        ..DENIED
    };
    if let Some(statement) = reason.and_then(|reason| reason.statement) {
        let home = match statement.session_table {
            None => Some(tables),
            Some(table) => session_tables.get(table),
        };
        if let Some(name) = home.and_then(|home| home.statement(statement.statement)) {
            verdict.policy = Text::of(name.policy);
            verdict.statement_index = name.index;
            verdict.sid = name.sid.map_or(Text::ABSENT, Text::of);
            verdict.session_table = statement.session_table.unwrap_or(usize::MAX);
        }
    }
    verdict
}

/// Writes down what an explanation says beside the answer.
pub(crate) fn notes(explanation: &Explanation) -> Notes {
    Notes {
        assumed_resource_account: u32::from(explanation.assumed_resource_account),
        undefined_principal: u32::from(explanation.undefined_principal),
        ignored_layers: bits(explanation.ignored_layers),
    }
}

/// The header's number of a layer.
const fn number(layer: Layer) -> u32 {
    match layer {
        Layer::ServiceControlPolicy => IAMC_LAYER_SERVICE_CONTROL_POLICY,
        Layer::ResourceControlPolicy => IAMC_LAYER_RESOURCE_CONTROL_POLICY,
        Layer::VpcEndpoint => IAMC_LAYER_VPC_ENDPOINT,
        Layer::Resource => IAMC_LAYER_RESOURCE,
        Layer::Identity => IAMC_LAYER_IDENTITY,
        Layer::PermissionsBoundary => IAMC_LAYER_PERMISSIONS_BOUNDARY,
        Layer::Session => IAMC_LAYER_SESSION,
        Layer::Acl => IAMC_LAYER_ACL,
        Layer::BlockPublicAccess => IAMC_LAYER_BLOCK_PUBLIC_ACCESS,
        Layer::Credential => IAMC_LAYER_CREDENTIAL,
        Layer::Root => IAMC_LAYER_ROOT,
    }
}

/// The header's set of layers.
fn bits(layers: Layers) -> u32 {
    layers.explicit_order().fold(0, |bits, layer| bits | 1 << number(layer))
}

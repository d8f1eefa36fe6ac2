//! What each bundle is asked for: the attachment decides who is meant, or a principal part does.

use crate::ir::{BundleId, Id, Program};

/// What a bundle is used for; the same statements may be used in several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Uses(u8);

const ATTACHED: u8 = 1;
const RESOURCE_CONTROL: u8 = 2;
const ENDPOINT: u8 = 4;
const RESOURCE: u8 = 8;

impl Uses {
    /// Whether every use is one in which the attachment decides: identity, boundary, session, SCP.
    pub(super) fn are_attached(self) -> bool {
        self.0 == ATTACHED
    }

    /// Whether some use is one in which the attachment decides.
    pub(super) fn may_be_attached(self) -> bool {
        self.0 & ATTACHED != 0
    }

    /// Whether the bundle is a resource's policy: which kinds of principals its allows name counts (R-PRI-3), and some of
    /// its denies do not count for everybody (R-EVAL-16).
    pub(super) fn count_match_kinds(self) -> bool {
        self.0 & RESOURCE != 0
    }

    /// Whether the bundle is asked for denies alone: resource control policies (R-EVAL-12).
    pub(super) fn ask_denies_only(self) -> bool {
        self.0 == RESOURCE_CONTROL
    }

    /// Whether anything uses the bundle.
    pub(super) fn are_any(self) -> bool {
        self.0 != 0
    }
}

/// Returns the uses of each bundle. Costs a look at each entry of the world's tables.
pub(super) fn of(program: &Program) -> Vec<Uses> {
    let mut uses = vec![Uses::default(); program.bundles.len()];
    let mut note = |bundle: BundleId, used: u8| {
        if let Some(Uses(uses)) = uses.get_mut(bundle.index()) {
            *uses |= used;
        }
    };
    for policy in &program.policies {
        policy.bundle.into_iter().for_each(|bundle| note(bundle, ATTACHED));
    }
    for principal in &program.principals {
        note(principal.identity, ATTACHED);
        principal.groups.iter().chain(&principal.boundary).for_each(|&bundle| note(bundle, ATTACHED));
    }
    for account in &program.accounts {
        account.service_control.iter().flatten().for_each(|&bundle| note(bundle, ATTACHED));
        account.resource_control.into_iter().for_each(|bundle| note(bundle, RESOURCE_CONTROL));
    }
    for endpoint in &program.endpoints {
        endpoint.policy.into_iter().for_each(|bundle| note(bundle, ENDPOINT));
    }
    for resource in &program.resources {
        resource.policy.into_iter().for_each(|bundle| note(bundle, RESOURCE));
    }
    uses
}

//! Policy trees become the intermediate representation: what actions, ARNs, principals and conditions mean.
//!
//! Comes in: a [`World`] whose documents are parsed trees, and the switches of chapter 11. Goes out: a [`Program`]
//! and findings. Each rule decides its severity through [`report::Report`], so that strict and lenient validation
//! differ in one place; every finding is made in `errors`.
//!
//! A statement with an error is left out and the run goes on, so that one run reports all. A program that comes with
//! errors must not be used. This room reads no file, resolves no attachment, and does not evaluate.

mod action;
mod attach;
pub(crate) mod condition;
mod document;
mod errors;
mod grant;
pub(crate) mod keys;
mod principal;
mod public;
mod report;
mod resource;
mod size;
mod template;
#[cfg(test)]
mod tests;

use crate::ir::{self, Program};
use crate::source::Diagnostic;
use crate::syntax::ast;
use crate::terms::Semantics;
use crate::world::model::{Document, PolicyType, World};

use action::ActionBook;
use keys::KeyBook;
use report::Report;
use resource::ResourceBook;
use std::collections::BTreeSet;
use template::Expansion;

/// Action prefixes of services that support resource control policies (R-EVAL-13), sorted.
const RCP_SERVICES: &[&str] = &[
    "aoss",
    "appconfig",
    "appstream",
    "autoscaling",
    "autoscaling-plans",
    "budgets",
    "clouddirectory",
    "cloudfront",
    "cloudsearch",
    "cloudtrail-data",
    "codeartifact",
    "codebuild",
    "codecommit",
    "codepipeline",
    "cognito-identity",
    "cognito-idp",
    "comprehend",
    "comprehendmedical",
    "compute-optimizer",
    "cost-optimization-hub",
    "dax",
    "dsql",
    "dynamodb",
    "ecr",
    "ecr-public",
    "events",
    "firehose",
    "fis",
    "fms",
    "gamelift",
    "health",
    "inspector-scan",
    "kendra",
    "kinesisvideo",
    "kms",
    "logs",
    "memorydb",
    "networkmonitor",
    "notifications",
    "opensearch",
    "pca-connector-ad",
    "personalize",
    "polly",
    "pricing",
    "resource-groups",
    "rolesanywhere",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "signin",
    "sqs",
    "sts",
    "support",
    "swf",
    "textract",
    "timestream-influxdb",
    "transcribe",
    "transfer",
    "translate",
    "wafv2",
    "workspaces",
    "xray",
];

/// Returns the program of a world; `findings` grows by everything that is wrong with its documents.
///
/// The program is complete only if no finding is an error. Equal worlds give equal programs: policies keep the order of
/// the world's documents, everything else follows from it. Linear in the size of the documents.
pub(crate) fn lower(mut world: World, semantics: Semantics, findings: &mut Vec<Diagnostic>) -> Program {
    let report = Report::new(findings, semantics.validation);
    let program = Program { semantics, ..Program::default() };
    let shared_ids = std::mem::take(&mut world.shared_ids);
    let actions = ActionBook::default();
    let (keys, resources) = (KeyBook::new(), ResourceBook::default());
    let mut lowering = Lowering { semantics, program, actions, keys, resources, shared_ids, report };
    for service in RCP_SERVICES {
        let service = lowering.program.texts.intern(service);
        lowering.program.rcp_services.push(service);
    }
    let attachments = attach::attachments(&world);
    let statements = world.documents.iter().map(|document| document.policy.statements.len()).sum();
    lowering.program.statements.reserve(statements);
    // Each tree goes when its statements stand: all of them are most of what a large world holds.
    for (document, attachment) in std::mem::take(&mut world.documents).into_iter().zip(attachments) {
        document::document(&mut lowering, &world.sources, &document, attachment);
    }
    attach::tables(&mut lowering, &world);
    lowering.program
}

fn polarity(written: ast::Polarity) -> ir::Polarity {
    match written {
        ast::Polarity::Positive => ir::Polarity::Positive,
        ast::Polarity::Negated => ir::Polarity::Negated,
    }
}

/// What all files of this room work on.
#[derive(Debug)]
struct Lowering<'a> {
    semantics: Semantics,
    program: Program,
    actions: ActionBook,
    keys: KeyBook,
    resources: ResourceBook,
    /// Unique ids that do not tell whom they mean.
    shared_ids: BTreeSet<String>,
    report: Report<'a>,
}

/// What the parts of a document need to know about it.
#[derive(Debug, Clone, Copy)]
struct Host<'a> {
    document: &'a Document,
    policy_type: PolicyType,
    expansion: Expansion,
}

impl Host<'_> {
    /// Whether IAM itself stores the document and its validator has seen it.
    fn is_iam(&self) -> bool {
        match self.policy_type {
            PolicyType::Identity
            | PolicyType::Managed
            | PolicyType::Inline
            | PolicyType::Boundary
            | PolicyType::Session
            | PolicyType::Trust => true,
            PolicyType::Resource | PolicyType::Endpoint | PolicyType::ServiceControl | PolicyType::ResourceControl => {
                false
            }
        }
    }
}

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
use crate::source::{Diagnostic, SourceMap};
use crate::syntax::ast;
use crate::terms::Semantics;
use crate::threads;
use crate::world::model::{Document, PolicyType, World};

use action::ActionBook;
use attach::Attachment;
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
    let documents = std::mem::take(&mut world.documents);
    let statements = documents.iter().map(statements_of).sum::<usize>();
    let first = if statements < HALVED_MIN || !threads::has_spare() { usize::MAX } else { statements / 2 };
    lower_parts(&world, documents, first, semantics, findings)
}

/// Of fewer statements than these, putting two programs together takes as long as lowering one of them beside the other
/// saves.
const HALVED_MIN: usize = 1 << 15;

fn statements_of(document: &Document) -> usize {
    document.policy.statements.len()
}

/// Lowers the first documents with about so many statements beside the others.
fn lower_parts(
    world: &World,
    mut documents: Vec<Document>,
    first: usize,
    semantics: Semantics,
    findings: &mut Vec<Diagnostic>,
) -> Program {
    let attachments = attach::attachments(world, documents.len());
    let all = documents.iter().map(statements_of).sum::<usize>();
    let mut before = 0;
    let half = documents.iter().position(|document| {
        let is_behind = first <= before;
        before += statements_of(document);
        is_behind
    });
    let others = documents.split_off(half.unwrap_or(documents.len()));
    let (attached, others_attached) = attachments.split_at_checked(documents.len()).unwrap_or_default();
    let mut lowering = Lowering::new(semantics, &world.shared_ids, findings);
    for service in RCP_SERVICES {
        let service = lowering.program.texts.intern(service);
        lowering.program.rcp_services.push(service);
    }
    lowering.program.statements.reserve(all);
    let lower_others = |documents: Vec<Document>| {
        let mut findings = Vec::new();
        let mut lowering = Lowering::new(semantics, &world.shared_ids, &mut findings);
        lowering.documents(&world.sources, documents, others_attached);
        (lowering.program, findings)
    };
    if others.is_empty() {
        lowering.documents(&world.sources, documents, attached);
    } else {
        let here = || lowering.documents(&world.sources, documents, attached);
        let (lowered, ()) = threads::hand_over(others, lower_others, here);
        if let Some((program, findings)) = lowered {
            lowering.program.append(program);
            lowering.report.append(findings);
        }
    }
    attach::tables(&mut lowering, world);
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
    shared_ids: &'a BTreeSet<String>,
    report: Report<'a>,
}

impl<'a> Lowering<'a> {
    fn new(semantics: Semantics, shared_ids: &'a BTreeSet<String>, findings: &'a mut Vec<Diagnostic>) -> Self {
        Self {
            semantics,
            program: Program { semantics, ..Program::default() },
            actions: ActionBook::default(),
            keys: KeyBook::new(),
            resources: ResourceBook::default(),
            shared_ids,
            report: Report::new(findings, semantics.validation),
        }
    }

    /// Lowers documents. Each tree goes when its statements stand: all of them are most of what a large world holds.
    fn documents(&mut self, sources: &SourceMap, documents: Vec<Document>, attachments: &[Attachment]) {
        for (document, &attachment) in documents.into_iter().zip(attachments) {
            document::document(self, sources, &document, attachment);
        }
    }
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

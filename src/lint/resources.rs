//! ARNs of resources (chapter 3): service, region, account and form, each against what exists.

use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;

use super::nearest::Meant;
use super::{Facts, Linter, errors, glob};
use crate::reference::{Reference, Resource, Service};
use crate::source::Diagnostic;
use crate::syntax::ast::Text;
use crate::terms::Comparison;
use crate::value::arn::is_account_id;
use crate::world::model::PolicyType;

/// Regions that exist, sorted. New ones are rare; what looks like none of them is a question, never an error.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "me-west-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

/// Condition keys whose values are ids of accounts, sorted.
const ACCOUNT_KEYS: &[&str] = &[
    "aws:principalaccount",
    "aws:resourceaccount",
    "aws:sourceaccount",
    "aws:vpceaccount",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
];

/// What is known of an entry of `Resource` or `NotResource`.
#[derive(Debug)]
pub(super) struct Arn {
    /// The text with `*` for every variable.
    parts: Parts,
    shape: Shape,
    problem: Option<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `*`
    Everything,
    /// Malformed, abbreviated, or with a wildcard in front of the region, so that other rooms and rules judge it.
    Odd,
    /// Six components, of which the third is a plain service.
    Whole,
}

/// The first thing in an ARN that does not exist.
#[derive(Debug)]
struct Problem {
    kind: ProblemKind,
    /// Which bytes of the text it is.
    range: Range<usize>,
    meant: Meant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProblemKind {
    Service,
    Region,
    /// A region of another partition than the ARN.
    Partition,
    Account,
    /// No region, where all ARNs of the type have one.
    MissingRegion,
    /// A region or an account, where no ARN of the type has one.
    SurplusRegion,
    SurplusAccount,
    Type,
}

/// A pattern of an ARN, and where its components end.
#[derive(Debug)]
pub(super) struct Parts {
    text: String,
    /// The first five colons, if there are as many.
    colons: Option<[usize; 5]>,
}

impl Parts {
    fn new(text: String) -> Self {
        let mut found = text.match_indices(':').map(|(at, _)| at);
        let mut colons = [0; 5];
        let is_whole = colons.iter_mut().all(|colon| found.next().map(|at| *colon = at).is_some());
        drop(found);
        Self { colons: is_whole.then_some(colons), text }
    }

    /// The six components.
    fn components(&self) -> Option<[&str; 6]> {
        let [one, two, three, four, five] = self.colons?;
        let part = |start: usize, end: usize| self.text.get(start..end).unwrap_or("");
        let end = self.text.len();
        Some([
            part(0, one),
            part(one + 1, two),
            part(two + 1, three),
            part(three + 1, four),
            part(four + 1, five),
            part(five + 1, end),
        ])
    }

    /// Whether some ARN is of both patterns. Components cannot be misaligned here.
    fn meets(&self, form: &Self) -> bool {
        let (Some(own), Some(form)) = (self.components(), form.components()) else { return true };
        let [_, own_partition, own_service, own_region, own_account, own_resource] = own;
        let [_, partition, service, region, account, resource] = form;
        glob::meet(own_service, service)
            && glob::meet(own_resource, resource)
            && glob::meet(own_region, region)
            && glob::meet(own_account, account)
            && glob::meet(own_partition, partition)
    }
}

impl Arn {
    fn new(text: &str) -> Self {
        let parts = Parts::new(glob::without_variables(text));
        let shape = match parts.components() {
            _ if !text.is_empty() && text.bytes().all(|byte| byte == b'*') => Shape::Everything,
            Some([first, partition, service, region, account, _])
                if first == "arn"
                    && !partition.is_empty()
                    && !service.is_empty()
                    && ![service, region, account].into_iter().any(may_cross) =>
            {
                Shape::Whole
            }
            _ => Shape::Odd,
        };
        Self { parts, shape, problem: None }
    }

    /// Whether a part of it names what does not exist.
    pub(super) fn has_problem(&self) -> bool {
        self.problem.is_some()
    }

    /// Whether it matches every resource.
    pub(super) fn is_everything(&self) -> bool {
        self.shape == Shape::Everything
    }

    /// Whether it is the pattern of every bucket that has nothing but the service.
    pub(super) fn is_every_bucket(&self) -> bool {
        self.shape == Shape::Whole && matches!(self.parts.components(), Some([_, _, "s3", "" | "*", "" | "*", "*"]))
    }

    /// Whether it can be compared with the forms of resource types.
    pub(super) fn is_judged(&self) -> bool {
        self.shape == Shape::Whole
    }

    /// The text with `*` for every variable.
    pub(super) fn flat(&self) -> &str {
        &self.parts.text
    }

    /// Whether some ARN of the form is matched.
    pub(super) fn meets(&self, form: &Parts) -> bool {
        self.parts.meets(form)
    }
}

/// Whether a component holds a wildcard beside other text, which may stand for a colon too (R-ARN-9).
fn may_cross(component: &str) -> bool {
    component != "*" && component.contains(['*', '?'])
}

/// Forms of resource types as patterns.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// By prefix of the service and name of the type.
    known: HashMap<(&'static str, &'static str), Arc<Parts>>,
    /// Forms that a service itself documents, by its prefix.
    own: HashMap<&'static str, Vec<Parts>>,
    /// All forms by the service in the ARN, which is not always the prefix of actions; made when first asked for.
    by_service: Option<HashMap<String, Vec<Parts>>>,
}

impl Forms {
    /// The form of a type. Its last free part holds no `/` where another type of the service is the same form with more
    /// behind a `/`: objects are not buckets.
    pub(super) fn of(&mut self, resource: Resource<'static>) -> Arc<Parts> {
        let form = || {
            let written = resource.arn();
            let is_longer =
                |other: Resource<'_>| other.arn().strip_prefix(&*written).is_some_and(|rest| rest.starts_with('/'));
            let mut form = glob::without_variables(&written);
            if form.ends_with('*') && resource.service().resources().any(is_longer) {
                form.pop();
                form.push(glob::SEGMENT);
            }
            Arc::new(Parts::new(form))
        };
        self.known.entry((resource.service().prefix, resource.name())).or_insert_with(form).clone()
    }

    /// Whether an ARN has a form that the service itself documents, or the service has none.
    fn is_own(&mut self, service: Service<'static>, arn: &Parts) -> bool {
        let forms = self.own.entry(service.prefix).or_insert_with(|| {
            service.resources().map(|resource| Parts::new(glob::without_variables(&resource.arn()))).collect()
        });
        forms.is_empty() || forms.iter().any(|form| arn.meets(form))
    }

    fn by_service(&mut self, reference: Reference<'static>) -> &HashMap<String, Vec<Parts>> {
        self.by_service.get_or_insert_with(|| {
            let mut forms = HashMap::<String, Vec<Parts>>::new();
            for service in reference.services() {
                for resource in service.resources() {
                    let form = Parts::new(glob::without_variables(&resource.arn()));
                    let name = form.components().map_or("", |[_, _, service, ..]| service).to_owned();
                    forms.entry(name).or_default().push(form);
                }
                // Services without resource types, and those whose ARNs nobody lists, still have ARNs.
                forms.entry(service.prefix.to_owned()).or_default();
            }
            forms
        })
    }
}

impl Linter {
    /// What is known of an entry.
    pub(super) fn arn(&mut self, text: &Arc<str>) -> Arc<Arn> {
        if let Some(known) = self.arns.get(text) {
            return known;
        }
        let before = self.nearest.searches();
        let mut arn = Arn::new(text);
        if arn.shape == Shape::Whole {
            arn.problem = self.problem(text, &arn.parts);
        }
        self.arns.add(text, arn, &(before..self.nearest.searches()))
    }

    fn problem(&mut self, text: &str, arn: &Parts) -> Option<Problem> {
        let [_, partition, service, region, account, resource] = arn.components()?;
        // Variables have other lengths in the text; what stands in front of the first one stands where it stands here,
        // and so does, counted from the end, what stands behind the last one.
        let range = |part: &str| {
            let start = text.find(&format!(":{part}:")).map_or(0, |at| at + 1);
            start..start + part.len()
        };
        let known = self.service(service);
        let is_own = service == "*" || known.is_some_and(|known| self.forms.is_own(known, arn));
        if !is_own && !self.forms.by_service(self.reference).contains_key(service) {
            let names = self.forms.by_service(self.reference).keys().map(String::as_str).filter(|name| *name != "*");
            let meant = self.nearest.word(service, names);
            return Some(Problem { kind: ProblemKind::Service, range: range(service), meant });
        }
        if !matches!(region, "" | "*") && REGIONS.binary_search(&region).is_err() {
            let meant = self.nearest.word(region, REGIONS.iter().copied());
            return Some(Problem { kind: ProblemKind::Region, range: range(region), meant });
        }
        if !matches!(region, "" | "*") && partition != "*" && partition != partition_of(region) {
            return Some(Problem { kind: ProblemKind::Partition, range: range(region), meant: Meant::default() });
        }
        // `aws` owns its managed policies, images and layers; CloudFront's old identities have an account of their own.
        let is_named = matches!(account, "" | "*" | "aws" | "cloudfront" | "aws-marketplace" | "amazon");
        if !is_named && !is_account_id(account) {
            return Some(Problem { kind: ProblemKind::Account, range: range(account), meant: Meant::default() });
        }
        if let Some(kind) = self.odd_head(service, region, account, resource) {
            let place = if kind == ProblemKind::SurplusRegion {
                range(region)
            } else if kind == ProblemKind::SurplusAccount {
                range(account)
            } else {
                0..text.len()
            };
            return Some(Problem { kind, range: place, meant: Meant::default() });
        }
        // Where the type is known, other forms may exist that nobody documents.
        let word = type_word(resource).filter(|_| !is_own)?;
        let known = self.forms.by_service(self.reference).get(service)?;
        let types = known.iter().filter_map(|form| type_word(form.components()?.last()?)).collect::<Vec<_>>();
        if types.contains(&word) || known.iter().any(|form| arn.meets(form)) {
            return None;
        }
        let meant = self.nearest.word(word, types.into_iter());
        let start = text.len() - resource.len().min(text.len());
        let range = start..start + word.len();
        let is_there = !meant.names.is_empty() && text.get(range.clone()) == Some(word);
        is_there.then_some(Problem { kind: ProblemKind::Type, range, meant })
    }
}

impl Linter {
    /// What keeps every ARN of the types that the resource can be of from being matched.
    fn odd_head(&mut self, service: &str, region: &str, account: &str, resource: &str) -> Option<ProblemKind> {
        let known = self.forms.by_service(self.reference).get(service)?;
        let mut forms =
            known.iter().filter_map(Parts::components).filter(|form| glob::meet(resource, form[5])).peekable();
        forms.peek()?;
        let (mut regions, mut accounts) = ((false, false), (false, false));
        for [_, _, _, region, account, _] in forms {
            let note = |(empty, filled): &mut (bool, bool), part: &str| {
                *(if part.is_empty() { empty } else { filled }) = true;
            };
            note(&mut regions, region);
            note(&mut accounts, account);
        }
        // What regions ARNs of these two have is judged by `lower` (R-ARN-5).
        let is_judged = !matches!(service, "iam" | "s3");
        let is_plain = |part: &str| !matches!(part, "" | "*");
        match (regions, accounts) {
            ((false, _), _) if is_judged && region.is_empty() && !is_everywhere(service, account, resource) => {
                Some(ProblemKind::MissingRegion)
            }
            ((_, false), _) if is_judged && is_plain(region) => Some(ProblemKind::SurplusRegion),
            (_, (_, false)) if is_plain(account) => Some(ProblemKind::SurplusAccount),
            _ => None,
        }
    }
}

/// Whether resources of a type that has regions are also in none: what AWS itself owns, and the models of Bedrock that
/// inference in any region is asked of.
fn is_everywhere(service: &str, account: &str, resource: &str) -> bool {
    account == "aws" || (service == "bedrock" && resource.starts_with("foundation-model/"))
}

/// The partition of a region that exists.
fn partition_of(region: &str) -> &'static str {
    const OTHERS: &[(&str, &str)] = &[
        ("cn-", "aws-cn"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
    ];
    OTHERS.iter().find(|(start, _)| region.starts_with(start)).map_or("aws", |(_, partition)| partition)
}

/// What the resource part of an ARN begins with, up to the first `/` or `:`, if that is plain text.
fn type_word(resource: &str) -> Option<&str> {
    let word = resource.split_once(['/', ':'])?.0;
    (!word.is_empty() && !word.contains(['*', '?'])).then_some(word)
}

/// Reports services, regions, accounts and types that do not exist.
pub(super) fn check(linter: &mut Linter, facts: &Facts<'_>) {
    let entries = facts.tree.resource.iter().flat_map(|list| &list.entries);
    for (entry, arn) in entries.zip(&facts.arns) {
        report(linter, entry, arn);
        if may_abbreviate(facts.document.policy_type) {
            missing_colon(linter, entry);
        }
    }
}

/// Whether an ARN may lack components at its end (R-ARN-12); what is wrong with it elsewhere is reported by `lower`.
fn may_abbreviate(policy_type: PolicyType) -> bool {
    match policy_type {
        PolicyType::Identity | PolicyType::Managed | PolicyType::Inline | PolicyType::Boundary => true,
        PolicyType::Session
        | PolicyType::Trust
        | PolicyType::Resource
        | PolicyType::Endpoint
        | PolicyType::ServiceControl
        | PolicyType::ResourceControl => false,
    }
}

/// An ARN with four or five components of which the last one is no region, or no account: a colon is missing rather than
/// what stands at the end. Two colons side by side in it are reported by `lower`.
fn missing_colon(linter: &mut Linter, entry: &Text) {
    let text = &*entry.text;
    let components = glob::without_variables(text);
    let components = components.split(':').collect::<Vec<_>>();
    let is_abbreviated = match components.as_slice() {
        ["arn", _, _, region] => is_region(region),
        ["arn", _, _, region, account] => is_region(region) && is_account(account),
        _ => true,
    };
    if is_abbreviated || text.contains("::") || text.contains("${") {
        return;
    }
    let place = linter.at(entry.span);
    let meant = with_colon(linter, text);
    let fixes = meant.iter().flat_map(|meant| linter.replace(entry, 0..text.len(), meant)).collect();
    linter.report(Diagnostic { fixes, ..errors::missing_colon(place, text, meant.as_deref()) });
}

/// Whether a component is a region, or a pattern of one.
fn is_region(text: &str) -> bool {
    text.is_empty() || !text.contains("**") && REGIONS.iter().any(|region| glob::includes(text, region))
}

/// Whether a component is an account, or a pattern of one.
fn is_account(text: &str) -> bool {
    let is_pattern = text.bytes().all(|byte| byte.is_ascii_digit() || b"*?".contains(&byte));
    let is_whole = is_account_id(text) || text.contains(['*', '?']) && !text.contains("**");
    matches!(text, "" | "aws" | "cloudfront") || (is_pattern && is_whole)
}

/// The ARN with one more colon, if that makes it one of a known form, and only one.
fn with_colon(linter: &mut Linter, text: &str) -> Option<String> {
    let mut found = None;
    for (at, _) in text.char_indices().skip(1) {
        let (before, after) = text.split_at(at);
        let candidate = format!("{before}:{after}");
        let parts = Parts::new(candidate.clone());
        let Some([_, partition, service, region, account, resource]) = parts.components() else { continue };
        let is_head =
            matches!(partition, "*" | "aws" | "aws-cn" | "aws-us-gov") && is_region(region) && is_account(account);
        let known = linter.service(service).filter(|_| is_head && !resource.is_empty());
        if known.is_some_and(|known| linter.forms.is_own(known, &parts)) {
            if found.is_some() {
                return None;
            }
            found = Some(candidate);
        }
    }
    found
}

/// Reports the first thing in a region, an account or an ARN of a condition value that does not exist.
pub(super) fn check_value(linter: &mut Linter, key: &str, comparison: Comparison, value: &Text) {
    let text = &*value.text;
    if comparison == Comparison::ArnLike {
        let arn = linter.arn(&value.text);
        return report(linter, value, &arn);
    }
    let is_text = matches!(comparison, Comparison::StringEquals | Comparison::StringEqualsIgnoreCase);
    if !is_text || text.contains(['$', '*', '?']) {
        return;
    }
    let place = linter.part(value, 0..text.len());
    if ACCOUNT_KEYS.binary_search(&key).is_ok() && !is_account_id(text) {
        linter.report(errors::not_an_account(place, text));
    } else if key == "aws:requestedregion" && REGIONS.binary_search(&text).is_err() {
        let meant = linter.nearest.word(text, REGIONS.iter().copied());
        // Global services have regions of their own, such as `aws-global`, which nobody lists.
        if !meant.names.is_empty() {
            let fixes = meant.certain().map_or(Vec::new(), |meant| linter.replace(value, 0..text.len(), meant));
            linter.report(Diagnostic { fixes, ..errors::unknown_region(place, text, &meant) });
        }
    }
}

fn report(linter: &mut Linter, entry: &Text, arn: &Arn) {
    if let Some(problem) = &arn.problem {
        report_problem(linter, entry, arn, problem);
    }
}

fn report_problem(linter: &mut Linter, entry: &Text, arn: &Arn, problem: &Problem) {
    let Problem { kind, range, meant } = problem;
    let place = linter.part(entry, range.clone());
    let found = entry.text.get(range.clone()).unwrap_or("");
    let date = linter.reference.date();
    let service = arn.parts.components().map_or("", |[_, _, service, ..]| service);
    let finding = match kind {
        ProblemKind::Service => errors::unknown_arn_service(place, found, date, meant),
        ProblemKind::Region => errors::unknown_region(place, found, meant),
        ProblemKind::Partition => {
            let partition = arn.parts.components().map_or("", |[_, partition, ..]| partition);
            errors::other_partition(place, found, partition, partition_of(found))
        }
        ProblemKind::Account => errors::not_an_account(place, found),
        ProblemKind::MissingRegion => errors::missing_region(place, found, service),
        ProblemKind::SurplusRegion => errors::surplus_region(place, found, service),
        ProblemKind::SurplusAccount => errors::surplus_account(place, found, service),
        ProblemKind::Type => errors::unknown_type(place, found, service, date, meant),
    };
    let fixes = meant.certain().map_or(Vec::new(), |meant| linter.replace(entry, range.clone(), meant));
    linter.report(Diagnostic { fixes, ..finding });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(REGIONS.is_sorted() && ACCOUNT_KEYS.is_sorted());
    }

    #[test]
    fn arns_meet_forms() {
        let meets = |text: &str, form: &str| Arn::new(text).meets(&Parts::new(form.to_owned()));
        assert!(meets("arn:aws:s3:::b/${aws:username}/*", "arn:*:s3:::*/*"));
        assert!(!meets("arn:aws:s3:::b", "arn:*:s3:::*/*"));
        assert!(meets("arn:aws:ec2:*:*:instance/*", "arn:*:ec2:*:*:instance/*"));
        assert!(!meets("arn:aws:ec2:*:*:instance/*", "arn:*:ec2:*:*:volume/*"));
        assert!(Arn::new("**").is_everything() && !Arn::new("arn:aws:s3*:::b").is_judged());
        assert!(!Arn::new("arn:aws:sqs:q").is_judged());
    }
}

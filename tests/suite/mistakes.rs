//! Policies with mistakes: each gives exactly its finding, with the caret on the very token, and nothing that merely
//! follows from it.
//!
//! A valid policy is a tree here. A mistake edits one member of it and marks in the text where its finding must be.
//! Every mistake is made in every place where it can be made, alone and together with every other one that concerns
//! another member, in policies of one and of three statements, pretty-printed and minified.
#![expect(clippy::string_slice, reason = "offsets come from the text itself")]

use iamc::source::{Diagnostic, Severity};
use iamc::terms::{Semantics, Validation};
use iamc::world::PolicyType;

// ---- policies as trees ----

#[derive(Debug, Clone)]
enum Node {
    /// Text as it is.
    Raw(String),
    Container {
        open: String,
        close: String,
        items: Vec<Item>,
    },
}

/// An element of an array, or a member of an object.
#[derive(Debug, Clone)]
struct Item {
    before: String,
    /// With quotes; empty in arrays.
    name: String,
    colon: String,
    value: Node,
    /// What separates the item from the next.
    after: String,
    /// Behind the separator.
    extra: String,
}

fn item(name: &str, value: Node) -> Item {
    let colon = if name.is_empty() { "" } else { ":" };
    let none = String::new;
    Item { before: none(), name: name.into(), colon: colon.into(), value, after: none(), extra: none() }
}

/// Reads JSON that is known to be valid; commas are put where they belong.
fn tree(text: &str) -> Node {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    from_value(&value)
}

fn from_value(value: &serde_json::Value) -> Node {
    let (open, close, mut items): (&str, &str, Vec<Item>) = match value {
        serde_json::Value::Object(members) => {
            ("{", "}", members.iter().map(|(name, value)| item(&format!("\"{name}\""), from_value(value))).collect())
        }
        serde_json::Value::Array(values) => {
            ("[", "]", values.iter().map(|value| item("", from_value(value))).collect())
        }
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => return Node::Raw(value.to_string()),
    };
    let count = items.len();
    for item in items.iter_mut().take(count.saturating_sub(1)) {
        item.after = ",".into();
    }
    Node::Container { open: open.into(), close: close.into(), items }
}

#[derive(Debug, Clone, Copy)]
enum Layout {
    Pretty,
    Minified,
}

fn write(node: &Node, layout: Layout, depth: usize, out: &mut String) {
    let (open, close, items) = match node {
        Node::Raw(text) => return out.push_str(text),
        Node::Container { open, close, items } => (open, close, items),
    };
    let line = |out: &mut String, depth: usize| {
        if let Layout::Pretty = layout {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", depth));
        }
    };
    out.push_str(open);
    for item in items {
        line(out, depth + 1);
        out.push_str(&item.before);
        out.push_str(&item.name);
        out.push_str(&item.colon);
        // A value that is missing is missed right behind the colon.
        let has_value = !matches!(&item.value, Node::Raw(text) if text.chars().all(is_mark));
        if let (Layout::Pretty, false, true) = (layout, item.name.is_empty(), has_value) {
            out.push(' ');
        }
        write(&item.value, layout, depth + 1, out);
        out.push_str(&item.after);
        out.push_str(&item.extra);
    }
    line(out, depth);
    out.push_str(close);
}

/// Indices of items from the root to one item.
type Path = Vec<usize>;

fn items(node: &Node) -> &[Item] {
    match node {
        Node::Raw(_) => &[],
        Node::Container { items, .. } => items,
    }
}

fn items_mut(node: &mut Node) -> &mut Vec<Item> {
    match node {
        Node::Raw(text) => panic!("`{text}` has no items"),
        Node::Container { items, .. } => items,
    }
}

fn get<'n>(root: &'n Node, path: &[usize]) -> &'n Item {
    let (last, parents) = path.split_last().unwrap();
    let parent = parents.iter().fold(root, |node, &index| &items(node)[index].value);
    &items(parent)[*last]
}

fn get_mut<'n>(root: &'n mut Node, path: &[usize]) -> &'n mut Item {
    let (last, parents) = path.split_last().unwrap();
    let parent = parents.iter().fold(root, |node, &index| &mut items_mut(node)[index].value);
    &mut items_mut(parent)[*last]
}

/// All items below `node`, with their paths.
fn all_paths(node: &Node) -> Vec<Path> {
    let mut paths = Vec::new();
    for (index, item) in items(node).iter().enumerate() {
        paths.push(vec![index]);
        paths.extend(all_paths(&item.value).into_iter().map(|below| [vec![index], below].concat()));
    }
    paths
}

/// Names on the way to an item, without quotes.
fn names(root: &Node, path: &[usize]) -> Vec<String> {
    (1..=path.len()).map(|length| get(root, &path[..length]).name.trim_matches('"').to_owned()).collect()
}

// ---- mistakes ----

/// Markers around the place of a finding: characters of a private area, one pair for each mistake of a policy.
fn open_mark(number: usize) -> char {
    char::from_u32(0xE000 + u32::try_from(number).unwrap()).unwrap()
}

fn close_mark(number: usize) -> char {
    char::from_u32(0xE800 + u32::try_from(number).unwrap()).unwrap()
}

fn is_mark(character: char) -> bool {
    (0xE000..0xF000).contains(&u32::from(character))
}

/// What a mistake concerns besides its own item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Only what stands around the item, or its name: mistakes inside of its value are still found.
    Item,
    /// The value as a whole: what is inside is gone, or is no longer what it was.
    Value,
}

/// Changes of an item; `⟦` and `⟧` mark the finding.
#[derive(Debug, Clone)]
enum Edit {
    Before(&'static str),
    Name(String),
    Colon(&'static str),
    Value(String),
    After(&'static str),
    Extra(String),
    /// Marks the value, and leaves out the member of that name in it.
    Without(&'static str),
    /// No closing bracket.
    Unclosed,
}

#[derive(Debug, Clone)]
struct Mistake {
    code: &'static str,
    path: Path,
    scope: Scope,
    edit: Edit,
    /// In lenient mode.
    lenient: Severity,
    /// Another item that must be as it was.
    needs: Option<Path>,
}

fn mistake(code: &'static str, path: &[usize], scope: Scope, edit: Edit) -> Mistake {
    Mistake { code, path: path.to_vec(), scope, edit, lenient: Severity::Error, needs: None }
}

fn tolerated(code: &'static str, path: &[usize], value: &str) -> Mistake {
    Mistake { lenient: Severity::Warning, ..mistake(code, path, Scope::Value, Edit::Value(value.into())) }
}

fn value(code: &'static str, path: &[usize], value: &str) -> Mistake {
    mistake(code, path, Scope::Value, Edit::Value(value.into()))
}

impl Mistake {
    fn apply(&self, root: &mut Node, number: usize) {
        let marked = |text: &str| {
            let open = open_mark(number).to_string();
            text.replace('⟦', &open).replace('⟧', &close_mark(number).to_string())
        };
        let item = get_mut(root, &self.path);
        match &self.edit {
            Edit::Before(text) => item.before = marked(text),
            Edit::Name(text) => item.name = marked(text),
            Edit::Colon(text) => item.colon = marked(text),
            Edit::Value(text) => item.value = Node::Raw(marked(text)),
            Edit::After(text) => item.after = marked(text),
            Edit::Extra(text) => item.extra = marked(text),
            Edit::Without(name) => {
                let Node::Container { open, close, items } = &mut item.value else { panic!("no object") };
                items.retain(|item| item.name.trim_matches('"') != *name);
                if let Some(last) = items.last_mut() {
                    last.after.clear();
                }
                *open = marked(&format!("⟦{open}"));
                *close = marked(&format!("{close}⟧"));
            }
            Edit::Unclosed => {
                let Node::Container { open, close, items } = &mut item.value else { panic!("no container") };
                // Where it is missing: behind what is last.
                match items.last_mut() {
                    Some(last) => last.after.insert_str(0, &marked("⟦⟧")),
                    None => open.push_str(&marked("⟦⟧")),
                }
                close.clear();
            }
        }
    }

    /// Whether both can be made in one policy, each with its own finding.
    fn goes_with(&self, other: &Self) -> bool {
        let within = |inner: &Self, outer: &Self| outer.scope == Scope::Value && inner.path.starts_with(&outer.path);
        let disturbs = |one: &Self, other: &Self| {
            one.needs.as_ref().is_some_and(|needed| needed.starts_with(&other.path) || other.path.starts_with(needed))
        };
        // What is around a bracket that is missing cannot be told from what is inside.
        let tears = |one: &Self, other: &Self| {
            let around = &one.path[..(one.path.len() - 1).min(2)];
            matches!(one.edit, Edit::Unclosed)
                && (other.path.starts_with(around) || other.path.len() < one.path.len().min(3))
        };
        // A comma is not missed before something that is no JSON.
        let hides = |one: &Self, other: &Self| {
            let is_missing = matches!(&one.edit, Edit::After("⟦⟧"));
            let follows = one.path.split_last().zip(other.path.split_last());
            let follows = follows.is_some_and(|((a, above), (b, same))| a + 1 == *b && above == same);
            is_missing && follows && other.code.starts_with("iamc::syntax::")
        };
        // With no name left that it knows, nothing says that this is a policy.
        let is_arbitrary = |mistake: &Self| {
            mistake.path.len() == 1 && matches!(&mistake.edit, Edit::Name(name) if name.contains("Colour"))
        };
        let are_nameless = is_arbitrary(self) && is_arbitrary(other);
        self.path != other.path
            && !are_nameless
            && !tears(self, other)
            && !tears(other, self)
            && !hides(self, other)
            && !hides(other, self)
            && !within(self, other)
            && !within(other, self)
            && !disturbs(self, other)
            && !disturbs(other, self)
    }
}

/// Mistakes around any item: its comma, its colon, its name, its quotes.
fn anywhere(root: &Node, path: &[usize], found: &mut Vec<Mistake>) {
    let this = get(root, path);
    let is_last = this.after.is_empty();
    let mut add = |code, scope, edit| found.push(mistake(code, path, scope, edit));
    if is_last {
        add("iamc::syntax::stray-comma", Scope::Item, Edit::After("⟦,⟧"));
    } else {
        add("iamc::syntax::missing-comma", Scope::Item, Edit::After("⟦⟧"));
        add("iamc::syntax::stray-comma", Scope::Item, Edit::After(",⟦,⟧"));
    }
    if path.last() == Some(&0) {
        add("iamc::syntax::stray-comma", Scope::Item, Edit::Before("⟦,⟧"));
    }
    if !this.name.is_empty() {
        add("iamc::syntax::missing-colon", Scope::Item, Edit::Colon("⟦⟧"));
        add("iamc::syntax::stray-colon", Scope::Item, Edit::Colon(":⟦:⟧"));
        let bare = this.name.trim_matches('"').to_owned();
        if bare.chars().all(|character| character.is_ascii_alphanumeric()) {
            add("iamc::syntax::bare-word", Scope::Item, Edit::Name(format!("⟦{bare}⟧")));
        }
        add("iamc::syntax::single-quotes", Scope::Item, Edit::Name(format!("⟦'{bare}'⟧")));
        add("iamc::syntax::missing-value", Scope::Value, Edit::Value("⟦⟧".into()));
        let again = format!("⟦{}⟧:\"x\"", this.name);
        let edit = if is_last { Edit::Extra(format!(",{again}")) } else { Edit::Extra(format!("{again},")) };
        add("iamc::syntax::duplicate-member", Scope::Item, edit);
    }
    match &this.value {
        Node::Raw(text) => {
            if let Some(text) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                add("iamc::syntax::single-quotes", Scope::Value, Edit::Value(format!("⟦'{text}'⟧")));
                add("iamc::syntax::typographic-quotes", Scope::Value, Edit::Value(format!("⟦“{text}”⟧")));
                add("iamc::syntax::bad-escape", Scope::Value, Edit::Value(format!("\"⟦\\q⟧{text}\"")));
                add("iamc::syntax::control-character", Scope::Value, Edit::Value(format!("\"⟦\t⟧{text}\"")));
            }
            add("iamc::syntax::bare-word", Scope::Value, Edit::Value("⟦yes⟧".into()));
            add("iamc::syntax::bad-number", Scope::Value, Edit::Value("⟦01⟧".into()));
        }
        Node::Container { .. } => add("iamc::syntax::unclosed", Scope::Value, Edit::Unclosed),
    }
    found.push(mistake("iamc::syntax::comment", path, Scope::Item, Edit::Extra("⟦/* why */⟧".into())));
}

/// Mistakes of a policy as IAM reads it.
fn by_meaning(root: &Node, path: &[usize], policy_type: PolicyType, found: &mut Vec<Mistake>) {
    let names = names(root, path);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let this = get(root, path);
    let wrong_type = |found: &mut Vec<Mistake>, values: &[&str]| {
        for text in values {
            found.push(value("iamc::document::wrong-type", path, &format!("⟦{text}⟧")));
        }
    };
    let unknown = |found: &mut Vec<Mistake>, typo: &str| {
        let arbitrary = format!("Colour{path:?}").replace(['[', ']', ',', ' '], "");
        let typos = [typo.to_owned(), this.name.trim_matches('"').to_ascii_uppercase(), arbitrary];
        for typo in typos {
            let edit = Edit::Name(format!("⟦\"{typo}\"⟧"));
            found.push(mistake("iamc::document::unknown-element", path, Scope::Value, edit));
        }
    };
    let is_identity = policy_type != PolicyType::Resource;
    match names.as_slice() {
        ["Version"] => {
            wrong_type(found, &["2012", "true", "null", "[\"2012-10-17\"]", "{}"]);
            found.push(value("iamc::document::unknown-version", path, "⟦\"2012-10-18\"⟧"));
            unknown(found, "Verion");
        }
        ["Id"] => {
            wrong_type(found, &["1", "false", "null", "[]", "{}"]);
            unknown(found, "IdIdId");
        }
        ["Statement"] => {
            wrong_type(found, &["1", "false", "null", "\"Allow\""]);
            found.push(tolerated("iamc::document::empty-statement-list", path, "⟦[]⟧"));
            unknown(found, "Statements");
        }
        ["Statement", ""] => {
            wrong_type(found, &["1", "false", "null", "\"Allow\"", "[]"]);
            for (code, name, lenient) in [
                ("iamc::document::missing-effect", "Effect", Severity::Error),
                ("iamc::document::missing-action", "Action", Severity::Error),
                ("iamc::document::missing-resource", "Resource", Severity::Error),
                ("iamc::document::missing-principal", "Principal", Severity::Warning),
            ] {
                let is_given = items(&this.value).iter().any(|item| item.name.trim_matches('"') == name);
                let is_optional = name == "Resource" && !is_identity;
                if is_given && !is_optional && (name != "Principal" || 2 < items(&get(root, &[2]).value).len()) {
                    found.push(Mistake { lenient, ..mistake(code, path, Scope::Value, Edit::Without(name)) });
                }
            }
        }
        ["Statement", "", "Sid"] => {
            wrong_type(found, &["1", "true", "null", "[\"a\"]", "{\"a\": 1}"]);
            unknown(found, "Sidd");
            if is_identity {
                let sid = format!("\"Read⟦ ⟧Only{}\"", path[1]);
                found.push(tolerated("iamc::document::sid-characters", path, &sid));
            }
            if path[1] != 0 {
                let statement = &get(root, &[path[0], 0]).value;
                let index = items(statement).iter().position(|item| item.name == "\"Sid\"").unwrap();
                let first = vec![path[0], 0, index];
                let Node::Raw(text) = &get(root, &first).value else { panic!("a Sid is a string") };
                let repeated = tolerated("iamc::document::sid-repeated", path, &format!("⟦{text}⟧"));
                found.push(Mistake { needs: Some(first), ..repeated });
            }
        }
        ["Statement", "", "Effect"] => {
            wrong_type(found, &["1", "true", "null", "[\"Allow\"]", "{}"]);
            unknown(found, "Efect");
            for text in ["allow", "DENY", "Permit", ""] {
                found.push(value("iamc::document::unknown-effect", path, &format!("⟦\"{text}\"⟧")));
            }
        }
        ["Statement", "", name @ ("Action" | "Resource")] => {
            wrong_type(found, &["1", "true", "null", "{}"]);
            unknown(found, &format!("{name}s"));
            let code =
                if *name == "Action" { "iamc::document::empty-action" } else { "iamc::document::empty-resource" };
            found.push(tolerated(code, path, "⟦[]⟧"));
            let comma = if this.after.is_empty() { ("", "") } else { ("", ",") };
            let comma = if this.after.is_empty() { (",", "") } else { comma };
            let both = format!("{}⟦\"Not{name}\"⟧:\"s3:x\"{}", comma.0, comma.1);
            let both = mistake("iamc::document::both-of-pair", path, Scope::Value, Edit::Extra(both));
            found.push(both);
        }
        ["Statement", "", "Action", ""] => {
            wrong_type(found, &["1", "true", "[]", "{}"]);
            found.push(tolerated("iamc::action::no-colon", path, "⟦\"GetObject\"⟧"));
            found.push(tolerated("iamc::action::two-colons", path, "\"s3:Get⟦:⟧Object\""));
            if is_identity {
                found.push(tolerated("iamc::action::prefix", path, "\"⟦s*⟧:GetObject\""));
            }
        }
        ["Statement", "", "Resource", ""] => {
            wrong_type(found, &["1", "true", "[]", "{}"]);
            found.push(tolerated("iamc::resource::no-colon", path, "⟦\"bucket\"⟧"));
            found.push(tolerated("iamc::resource::partition", path, "\"arn:⟦amazon⟧:s3:::b/*\""));
            found.push(tolerated("iamc::resource::missing-service", path, "⟦\"arn:aws::::b\"⟧"));
            found.push(tolerated("iamc::variable::unterminated", path, "\"arn:aws:s3:::b/⟦${aws:username⟧\""));
            found.push(tolerated("iamc::variable::malformed", path, "\"arn:aws:s3:::b/⟦${}⟧/x\""));
            found.push(tolerated("iamc::variable::malformed", path, "\"arn:aws:s3:::b/⟦${aws:username, x}⟧\""));
            found.push(tolerated("iamc::variable::placement", path, "\"arn:aws:⟦${aws:username}⟧:::b\""));
            if policy_type == PolicyType::Session {
                found.push(value("iamc::resource::abbreviated", path, "⟦\"arn:aws:s3\"⟧"));
                found.push(value(
                    "iamc::resource::abbreviated",
                    path,
                    "⟦\"arn:aws:s3:::*\"⟧".replace(":::", ":").as_str(),
                ));
            }
        }
        ["Statement", "", "Principal"] => {
            wrong_type(found, &["1", "true", "null", "[\"*\"]"]);
            unknown(found, "Principals");
            found.push(tolerated("iamc::principal::bare", path, "⟦\"111122223333\"⟧"));
            let comma = if this.after.is_empty() { (",", "") } else { ("", ",") };
            let both = format!("{}⟦\"NotPrincipal\"⟧:\"*\"{}", comma.0, comma.1);
            found.push(mistake("iamc::document::both-of-pair", path, Scope::Value, Edit::Extra(both)));
        }
        ["Statement", "", "Principal", kind] => {
            wrong_type(found, &["1", "true", "null", "{}"]);
            for typo in [format!("{kind}s"), kind.to_ascii_lowercase(), format!("Robot{kind}")] {
                let edit = Edit::Name(format!("⟦\"{typo}\"⟧"));
                found.push(mistake("iamc::document::unknown-principal-type", path, Scope::Value, edit));
            }
            if *kind == "Service" {
                found.push(tolerated("iamc::principal::wildcard", path, "\"⟦*⟧.amazonaws.com\""));
            }
        }
        ["Statement", "", "Principal", "AWS", ""] => {
            wrong_type(found, &["1", "true", "null", "{}", "[]"]);
            for text in ["alice", "arn:aws:iam::111122223333:group/x", "arn:aws:iam:eu-west-1:111122223333:user/x"] {
                found.push(value("iamc::principal::unknown", path, &format!("⟦\"{text}\"⟧")));
            }
            found.push(tolerated("iamc::principal::wildcard", path, "\"arn:aws:iam::111122223333:user/⟦*⟧\""));
            let variable = "\"arn:aws:iam::111122223333:user/⟦${aws:username}⟧\"";
            found.push(tolerated("iamc::principal::variable", path, variable));
        }
        ["Statement", "", "Condition"] => {
            wrong_type(found, &["1", "true", "null", "[]", "\"x\""]);
            unknown(found, "Conditions");
        }
        ["Statement", "", "Condition", operator] => {
            wrong_type(found, &["1", "true", "null", "[]", "\"x\""]);
            let typos = [
                operator[..operator.len() - 1].to_owned(),
                operator.to_ascii_lowercase(),
                format!("Matches{operator}"),
            ];
            for typo in typos {
                let edit = Edit::Name(format!("⟦\"{typo}\"⟧"));
                let unknown = mistake("iamc::condition::unknown-operator", path, Scope::Value, edit);
                found.push(Mistake { lenient: Severity::Warning, ..unknown });
            }
        }
        ["Statement", "", "Condition", operator, _] => {
            wrong_type(found, &["null", "{}"]);
            let upper = this.name.to_ascii_uppercase();
            let (front, back) = if this.after.is_empty() { (",", "") } else { ("", ",") };
            let twice = Edit::Extra(format!("{front}⟦{upper}⟧:\"1\"{back}"));
            if *operator == "StringEquals" {
                found.push(mistake("iamc::document::duplicate-condition-key", path, Scope::Item, twice));
            }
            bad_values(operator, path, found);
        }
        ["Statement", "", "Condition", operator, _, ""] => {
            wrong_type(found, &["null", "{}", "[]"]);
            bad_values(operator, path, found);
        }
        _ => {}
    }
}

fn bad_values(operator: &str, path: &[usize], found: &mut Vec<Mistake>) {
    let bad: &[&str] = match operator {
        "NumericLessThan" => &["\"ten\"", "\"1e3\"", "true", "\"\""],
        "DateGreaterThan" => &["\"tomorrow\"", "\"2026-13-01\"", "true"],
        "IpAddress" => &["\"10.0.0.0/33\"", "\"10.0.0\"", "\"localhost\"", "7"],
        "Bool" | "Null" => &["\"yes\"", "1"],
        "BinaryEquals" => &["\"=\"", "\"QQ\"", "\"%%%%\""],
        _ => &[],
    };
    for text in bad {
        found.push(tolerated("iamc::condition::bad-value", path, &format!("⟦{text}⟧")));
    }
    match operator {
        "ArnLike" => {
            for text in ["*", "arn:aws:s3", "bucket", "12"] {
                found.push(tolerated("iamc::condition::arn-components", path, &format!("⟦\"{text}\"⟧")));
            }
        }
        "StringEquals" => {
            found.push(tolerated("iamc::variable::unterminated", path, "\"a⟦${aws:username⟧\""));
            found.push(tolerated("iamc::variable::malformed", path, "\"a⟦${ aws:username}⟧b\""));
        }
        "NumericLessThan" | "DateGreaterThan" | "IpAddress" | "BinaryEquals" | "Null" => {
            found.push(tolerated("iamc::variable::operator", path, "⟦\"${aws:username}\"⟧"));
        }
        _ => {}
    }
}

fn all_mistakes(root: &Node, policy_type: PolicyType) -> Vec<Mistake> {
    let mut found = Vec::new();
    for path in all_paths(root) {
        anywhere(root, &path, &mut found);
        by_meaning(root, &path, policy_type, &mut found);
    }
    found
}

// ---- checking ----

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Found {
    start: usize,
    end: usize,
    code: String,
    severity: Severity,
}

fn findings(text: &str, policy_type: Option<PolicyType>, validation: Validation) -> Vec<Diagnostic> {
    let world = iamc::world::load(vec![("policy.json".into(), text.into())], policy_type);
    let semantics = Semantics { validation, ..Semantics::default() };
    let options = iamc::Options { semantics, optimize: iamc::Level::None };
    match iamc::compile(world, &options) {
        Ok(compiled) => compiled.findings,
        Err(errors) => errors.findings,
    }
}

/// Takes the markers out of a text and returns where they were.
fn unmark(marked: &str, count: usize) -> (String, Vec<(usize, usize)>) {
    let mut text = String::with_capacity(marked.len());
    let mut ranges = vec![(usize::MAX, usize::MAX); count];
    for character in marked.chars() {
        match u32::from(character) {
            code @ 0xE000..0xE800 => ranges[usize::try_from(code - 0xE000).unwrap()].0 = text.len(),
            code @ 0xE800..0xF000 => ranges[usize::try_from(code - 0xE800).unwrap()].1 = text.len(),
            _ => text.push(character),
        }
    }
    (text, ranges)
}

struct Checker {
    policy_type: PolicyType,
    checked: usize,
    failures: Vec<String>,
}

impl Checker {
    fn new(policy_type: PolicyType) -> Self {
        Self { policy_type, checked: 0, failures: Vec::new() }
    }

    fn check(&mut self, root: &Node, mistakes: &[&Mistake], layout: Layout, validation: Validation) {
        let mut edited = root.clone();
        for (number, mistake) in mistakes.iter().enumerate() {
            mistake.apply(&mut edited, number);
        }
        let mut marked = String::new();
        write(&edited, layout, 0, &mut marked);
        let (text, ranges) = unmark(&marked, mistakes.len());
        let mut expected: Vec<Found> = mistakes
            .iter()
            .zip(ranges)
            .map(|(mistake, (start, end))| {
                let severity = if validation == Validation::Strict { Severity::Error } else { mistake.lenient };
                Found { start, end, code: mistake.code.to_owned(), severity }
            })
            .collect();
        expected.sort();
        // In one line nothing tells which of several objects around each other is the one that is not closed.
        let is_ambiguous = |mistake: &Mistake| matches!(mistake.edit, Edit::Unclosed);
        let may_differ = matches!(layout, Layout::Minified) && mistakes.iter().any(|mistake| is_ambiguous(mistake));
        let forced = (self.policy_type == PolicyType::Session).then_some(PolicyType::Session);
        let mut found: Vec<Found> = findings(&text, forced, validation)
            .into_iter()
            // A resource policy that is given by name is never evaluated, be it right or wrong.
            .filter(|finding| finding.code != "iamc::document::never-used")
            .map(|finding| Found {
                start: usize::try_from(finding.place.span.start()).unwrap(),
                end: usize::try_from(finding.place.span.end()).unwrap(),
                code: finding.code.to_owned(),
                severity: finding.severity,
            })
            .collect();
        if may_differ {
            let brace = |found: &Found| {
                let is_unclosed = found.code == "iamc::syntax::unclosed";
                if is_unclosed { Found { start: 0, end: 0, ..found.clone() } } else { found.clone() }
            };
            found = found.iter().map(brace).collect();
            expected = expected.iter().map(brace).collect();
            expected.sort();
        }
        found.sort();
        self.checked += 1;
        if found != expected {
            let edits: Vec<String> =
                mistakes.iter().map(|mistake| format!("{:?} {:?}", names(root, &mistake.path), mistake.edit)).collect();
            self.failures.push(format!(
                "{layout:?} {validation:?} {edits:?}\n  expected {expected:?}\n  found    {found:?}\n{text}"
            ));
        }
    }

    fn finish(self) {
        let shown: Vec<&str> = self.failures.iter().take(3).map(String::as_str).collect();
        assert!(shown.is_empty(), "{} of {} policies:\n{}", self.failures.len(), self.checked, shown.join("\n\n"));
    }
}

const SHORT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{"Sid": "One", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
    "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]}]
}"#;

const LONG: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "First", "Effect": "Allow", "Action": ["s3:GetObject", "s3:Put*"], "Resource": ["arn:aws:s3:::a/*"],
     "Condition": {"StringEquals": {"aws:PrincipalTag/team": ["red", "blue"], "aws:username": "bob"},
       "NumericLessThan": {"s3:max-keys": 10}, "DateGreaterThan": {"aws:CurrentTime": "2026-01-31T12:00:00Z"}}},
    {"Sid": "Second", "Effect": "Deny", "Action": ["iam:*"], "Resource": ["arn:aws:iam::111122223333:user/x", "*"],
     "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}, "Bool": {"aws:SecureTransport": "false"},
       "Null": {"aws:TokenIssueTime": "true"}}},
    {"Condition": {"ArnLike": {"aws:SourceArn": ["arn:aws:sns:*:*:t"]}, "BinaryEquals": {"k:b": "QUJD"}},
     "Resource": ["arn:aws:sqs:*:*:q"], "Action": ["sqs:SendMessage"], "Effect": "Allow", "Sid": "Third"}
  ]
}"#;

const RESOURCE: &str = r#"{
  "Version": "2012-10-17",
  "Id": "orchard",
  "Statement": [
    {"Sid": "One", "Effect": "Allow", "Principal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:user/alice"],
      "Service": "cloudtrail.amazonaws.com"}, "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::a/*"]},
    {"Sid": "Two", "Effect": "Deny", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::a/*"], "Principal": {"AWS": ["111122223333"]}}
  ]
}"#;

const LAYOUTS: [Layout; 2] = [Layout::Pretty, Layout::Minified];
const MODES: [Validation; 2] = [Validation::Strict, Validation::Lenient];

fn policies() -> [(&'static str, PolicyType); 4] {
    [
        (SHORT, PolicyType::Identity),
        (LONG, PolicyType::Identity),
        (SHORT, PolicyType::Session),
        (RESOURCE, PolicyType::Resource),
    ]
}

#[test]
fn the_policies_are_valid_as_they_are() {
    for (text, policy_type) in policies() {
        for (layout, validation) in LAYOUTS.into_iter().zip(MODES) {
            let mut checker = Checker::new(policy_type);
            checker.check(&tree(text), &[], layout, validation);
            checker.finish();
        }
    }
}

fn check_singles(text: &str, policy_type: PolicyType) {
    let root = tree(text);
    let mut checker = Checker::new(policy_type);
    for mistake in all_mistakes(&root, policy_type) {
        for layout in LAYOUTS {
            for validation in MODES {
                checker.check(&root, &[&mistake], layout, validation);
            }
        }
    }
    checker.finish();
}

#[test]
fn one_mistake_is_one_finding_in_a_short_policy() {
    check_singles(SHORT, PolicyType::Identity);
}

#[test]
fn one_mistake_is_one_finding_in_a_long_policy() {
    check_singles(LONG, PolicyType::Identity);
}

#[test]
fn one_mistake_is_one_finding_in_a_session_policy() {
    check_singles(SHORT, PolicyType::Session);
}

#[test]
fn one_mistake_is_one_finding_in_a_resource_policy() {
    check_singles(RESOURCE, PolicyType::Resource);
}

/// Checks every `stride`-th pair of mistakes; layouts and modes take turns.
fn check_pairs(text: &str, policy_type: PolicyType, stride: usize) {
    let root = tree(text);
    let mistakes = all_mistakes(&root, policy_type);
    let mut checker = Checker::new(policy_type);
    let pairs = mistakes.iter().enumerate().flat_map(|(index, one)| {
        mistakes.iter().skip(index + 1).filter(|other| one.goes_with(other)).map(move |other| [one, other])
    });
    for (index, pair) in pairs.enumerate().step_by(stride) {
        checker.check(&root, &pair, LAYOUTS[index % 2], MODES[index / 2 % 2]);
    }
    checker.finish();
}

/// Checks policies with up to `most` mistakes, chosen by a fixed sequence of numbers.
fn check_many(text: &str, policy_type: PolicyType, most: usize, count: usize) {
    let root = tree(text);
    let mistakes = all_mistakes(&root, policy_type);
    let mut checker = Checker::new(policy_type);
    let mut state: u64 = 7;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    for index in 0..count {
        let mut chosen: Vec<&Mistake> = Vec::new();
        for _ in 0..most {
            let mistake = &mistakes[next(mistakes.len())];
            if chosen.iter().all(|other| mistake.goes_with(other)) {
                chosen.push(mistake);
            }
        }
        checker.check(&root, &chosen, LAYOUTS[index % 2], MODES[index / 2 % 2]);
    }
    checker.finish();
}

/// All pairs are checked with `1` for each stride; what is here takes some seconds.
const STRIDES: [usize; 3] = [7, 97, 29];

#[test]
fn two_mistakes_are_two_findings_in_a_short_policy() {
    check_pairs(SHORT, PolicyType::Identity, STRIDES[0]);
}

#[test]
fn two_mistakes_are_two_findings_in_a_long_policy() {
    check_pairs(LONG, PolicyType::Identity, STRIDES[1]);
}

#[test]
fn two_mistakes_are_two_findings_in_a_resource_policy() {
    check_pairs(RESOURCE, PolicyType::Resource, STRIDES[2]);
}

#[test]
fn many_mistakes_are_as_many_findings() {
    check_many(SHORT, PolicyType::Session, 4, 1000);
    check_many(LONG, PolicyType::Identity, 12, 1000);
    check_many(RESOURCE, PolicyType::Resource, 8, 1000);
}

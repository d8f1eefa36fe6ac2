//! Mistakes: each function plants one of a kind into a policy without mistakes, and says where it stands then.

use std::ops::Range;

use super::names::Names;
use super::random::Random;
use super::text::{Kind, Member, Node, inner, next_token, parse, token_end};

/// A policy with one mistake.
#[derive(Debug)]
pub(super) struct Plant {
    pub(super) kind: &'static str,
    pub(super) text: String,
    /// Where a finding must be: inside of this.
    pub(super) right: Range<usize>,
    /// What stood there, to be offered.
    pub(super) original: Option<String>,
    pub(super) outcome: Outcome,
}

/// What a mistake makes of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Some finding must be an error.
    Invalid,
    /// It still has a meaning, so that any finding will do.
    Questionable,
}

/// A policy without mistakes.
pub(super) struct Policy<'t> {
    text: &'t str,
    root: Node,
}

/// A statement with its members.
type Statement<'p> = &'p Node;

const STRING_ELEMENTS: &[&str] = &["Sid", "Effect"];
const LIST_ELEMENTS: &[&str] = &["Action", "NotAction", "Resource", "NotResource"];
const REGIONAL: &[&str] = &["ec2", "sqs", "sns", "lambda", "dynamodb", "kinesis", "rds", "ecs", "logs", "kms"];

impl<'t> Policy<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, root: parse(text) }
    }

    /// Every kind of mistake that the policy has a place for, each at a place that is drawn.
    pub(super) fn plants(&self, names: &Names, random: &mut Random) -> Vec<Plant> {
        let mut plants = Vec::new();
        plants.extend(self.typos(names, random));
        plants.extend(self.blanks(names, random));
        plants.extend(self.punctuation(random));
        plants.extend(self.brackets(random));
        plants.extend(self.duplicates(random));
        plants.extend(self.types(random));
        plants.extend(self.elements(random));
        plants.extend(self.arns(names, random));
        plants.extend(self.principals(random));
        plants
    }

    // ---- parts ----

    fn statements(&self) -> Vec<Statement<'_>> {
        self.root.member(self.text, "Statement").map_or(Vec::new(), |member| member.value.entries())
    }

    fn members(&self, names: &[&str]) -> Vec<&Member> {
        let of = |statement: Statement<'_>| -> Vec<usize> {
            let has = |member: &Member| names.contains(&inner(self.text, &member.name));
            (0..statement.members().len()).filter(|&at| has(&statement.members()[at])).collect()
        };
        let statements = self.statements();
        statements
            .into_iter()
            .flat_map(|statement| of(statement).into_iter().map(|at| &statement.members()[at]))
            .collect()
    }

    /// String tokens of these elements.
    fn entries(&self, names: &[&str]) -> Vec<Range<usize>> {
        let members = self.members(names).into_iter().flat_map(|member| member.value.entries());
        members.filter(|entry| matches!(entry.kind, Kind::String)).map(|entry| entry.span.clone()).collect()
    }

    fn operators(&self) -> Vec<&Member> {
        self.members(&["Condition"]).into_iter().flat_map(|member| member.value.members()).collect()
    }

    fn keys(&self) -> Vec<&Member> {
        self.operators().into_iter().flat_map(|member| member.value.members()).collect()
    }

    /// Everything in the tree.
    fn nodes(&self) -> Vec<&Node> {
        let (mut all, mut open) = (Vec::new(), vec![&self.root]);
        while let Some(node) = open.pop() {
            all.push(node);
            open.extend(node.elements());
            open.extend(node.members().iter().map(|member| &member.value));
        }
        all
    }

    fn inner(&self, span: &Range<usize>) -> &'t str {
        inner(self.text, span)
    }

    // ---- making ----

    /// Puts a text in the place of another one; the finding must be inside of the new text.
    fn replaced(&self, kind: &'static str, span: Range<usize>, new: &str, outcome: Outcome) -> Plant {
        let text = format!("{}{new}{}", &self.text[..span.start], &self.text[span.end..]);
        Plant { kind, text, right: span.start..span.start + new.len(), original: None, outcome }
    }

    /// Takes a text away; the finding must be in the gap, or be the token behind it.
    fn without(&self, kind: &'static str, span: Range<usize>) -> Plant {
        let plant = self.replaced(kind, span.clone(), "", Outcome::Invalid);
        let from = plant.text[..span.start].trim_end().len();
        let to = token_end(&plant.text, next_token(&plant.text, span.start));
        Plant { right: from..to, ..plant }
    }

    // ---- typos ----

    fn typos(&self, names: &Names, random: &mut Random) -> Vec<Plant> {
        let mut plants = Vec::new();
        let mut typo = |kind, span: Option<Range<usize>>, part: Option<Range<usize>>, outcome, random: &mut Random| {
            let Some(span) = span else { return };
            let text = self.inner(&span);
            let part = part.unwrap_or(0..text.len());
            for _ in 0..20 {
                let wrong = random.mistyped(&text[part.clone()]);
                let wrong = format!("{}{wrong}{}", &text[..part.start], &text[part.end..]);
                if wrong != text && names.is_wrong(kind, &wrong, text) {
                    let plant = self.replaced(kind, span, &format!("\"{wrong}\""), outcome);
                    plants.push(Plant { original: Some(text.to_owned()), ..plant });
                    return;
                }
            }
        };
        let actions = self.entries(&["Action", "NotAction"]);
        let actions = actions.into_iter().filter(|span| names.is_action(self.inner(span))).collect::<Vec<_>>();
        if let Some(span) = random.maybe(&actions).cloned() {
            let colon = self.inner(&span).find(':').unwrap_or(0);
            let length = self.inner(&span).len();
            typo("typo action", Some(span.clone()), Some(colon + 1..length), Outcome::Questionable, random);
            typo("typo prefix", Some(span), Some(0..colon), Outcome::Questionable, random);
        }
        let patterns = self.entries(&["Action", "NotAction"]);
        let patterns = patterns.into_iter().filter(|span| names.is_pattern(self.inner(span))).collect::<Vec<_>>();
        if let Some(span) = random.maybe(&patterns).cloned() {
            let text = self.inner(&span);
            let part = text.find(':').unwrap_or(0) + 1..text.find('*').unwrap_or(text.len());
            typo("typo pattern", Some(span), Some(part), Outcome::Questionable, random);
        }
        let keys = self.keys().into_iter().map(|member| member.name.clone());
        let keys = keys.filter(|span| names.is_key(self.inner(span))).collect::<Vec<_>>();
        if let Some(span) = random.maybe(&keys).cloned() {
            let text = self.inner(&span);
            let fixed = text.find('/').unwrap_or(text.len());
            typo(
                "typo key",
                Some(span.clone()),
                Some(text.find(':').unwrap_or(0) + 1..fixed),
                Outcome::Questionable,
                random,
            );
            typo("typo key prefix", Some(span), Some(0..text.find(':').unwrap_or(0)), Outcome::Questionable, random);
        }
        let operators = self.operators().into_iter().map(|member| member.name.clone()).collect::<Vec<_>>();
        typo("typo operator", random.maybe(&operators).cloned(), None, Outcome::Invalid, random);
        if let Some(span) = random.maybe(&operators).cloned() {
            // Qualifier and suffix, whether the policy has them or not.
            let base = self.inner(&span).rsplit(':').next().unwrap_or("").trim_end_matches("IfExists");
            let (affixed, part) = match random.below(3) {
                0 => (format!("ForAllValues:{base}"), 0..12),
                1 => (format!("ForAnyValue:{base}"), 0..11),
                _ => (format!("{base}IfExists"), base.len()..base.len() + 8),
            };
            let wrong = random.mistyped(&affixed[part.clone()]);
            let wrong = format!("{}{wrong}{}", &affixed[..part.start], &affixed[part.end..]);
            if wrong != affixed && base != "Null" && !Names::is_operator(&wrong) {
                let plant = self.replaced("typo operator affix", span, &format!("\"{wrong}\""), Outcome::Invalid);
                plants.push(Plant { original: Some(affixed), ..plant });
            }
        }
        let mut typo = |kind, span: Option<Range<usize>>, random: &mut Random| {
            let Some(span) = span else { return };
            let text = self.inner(&span);
            for _ in 0..20 {
                let wrong = random.mistyped(text);
                if wrong != text && names.is_wrong(kind, &wrong, text) {
                    let plant = self.replaced(kind, span, &format!("\"{wrong}\""), Outcome::Invalid);
                    plants.push(Plant { original: Some(text.to_owned()), ..plant });
                    return;
                }
            }
        };
        let top = self.root.members().iter().map(|member| member.name.clone()).collect::<Vec<_>>();
        typo("typo document element", random.maybe(&top).cloned(), random);
        let own = self.statements().into_iter().flat_map(Node::members).map(|member| member.name.clone());
        let own = own.collect::<Vec<_>>();
        typo("typo element", random.maybe(&own).cloned(), random);
        let types = self.members(&["Principal", "NotPrincipal"]).into_iter();
        let types =
            types.flat_map(|member| member.value.members()).map(|member| member.name.clone()).collect::<Vec<_>>();
        typo("typo principal type", random.maybe(&types).cloned(), random);
        typo("typo effect", random.maybe(&self.entries(&["Effect"])).cloned(), random);
        let version = self.root.member(self.text, "Version").map(|member| member.value.span.clone());
        typo("typo version", version, random);
        let places = [top, own, operators, self.entries(&["Effect"])].concat();
        if let Some(span) = random.maybe(&places).cloned() {
            let text = self.inner(&span);
            let wrong = match random.below(3) {
                0 => text.to_lowercase(),
                1 => text.to_uppercase(),
                _ => text[..1].to_lowercase() + &text[1..],
            };
            let plant = self.replaced("case", span, &format!("\"{wrong}\""), Outcome::Invalid);
            plants.push(Plant { original: Some(text.to_owned()), ..plant });
        }
        plants.retain(|plant| plant.text != self.text);
        plants
    }

    /// A blank in front of an action or behind it.
    fn blanks(&self, names: &Names, random: &mut Random) -> Option<Plant> {
        let actions = self.entries(&["Action", "NotAction"]);
        let actions = actions.into_iter().filter(|span| names.is_action(self.inner(span))).collect::<Vec<_>>();
        let span = random.maybe(&actions)?.clone();
        let text = self.inner(&span);
        let wrong = if random.below(2) == 0 { format!("\" {text}\"") } else { format!("\"{text} \"") };
        let plant = self.replaced("blank around an action", span, &wrong, Outcome::Questionable);
        Some(Plant { original: Some(text.to_owned()), ..plant })
    }

    // ---- commas, colons, quotes, comments ----

    fn punctuation(&self, random: &mut Random) -> Vec<Plant> {
        let mut plants = Vec::new();
        let nodes = self.nodes();
        let comma = |end: usize| next_token(self.text, end);
        let behind = |ends: Vec<usize>| ends.split_last().map_or(Vec::new(), |(_, others)| others.to_vec());
        let member_ends = |node: &&Node| behind(node.members().iter().map(|member| member.value.span.end).collect());
        let element_ends = |node: &&Node| behind(node.elements().iter().map(|element| element.span.end).collect());
        let in_objects = nodes.iter().flat_map(member_ends).map(comma).collect::<Vec<_>>();
        let in_arrays = nodes.iter().flat_map(element_ends).map(comma).collect::<Vec<_>>();
        for (kind, doubled, commas) in [
            ("missing comma between members", "extra comma between members", in_objects),
            ("missing comma between elements", "extra comma between elements", in_arrays),
        ] {
            let Some(&at) = random.maybe(&commas) else { continue };
            plants.push(self.without(kind, at..at + 1));
            let at = *random.of(&commas);
            plants.push(self.replaced(doubled, at..at + 1, ",,", Outcome::Invalid));
        }
        let ends = nodes.iter().filter_map(|node| {
            let elements = node.elements().iter().map(|element| element.span.end);
            elements.chain(node.members().iter().map(|member| member.value.span.end)).next_back()
        });
        if let Some(&at) = random.maybe(&ends.collect::<Vec<_>>()) {
            plants.push(self.replaced("trailing comma", at..at, ",", Outcome::Invalid));
        }
        let members = nodes.iter().flat_map(|node| node.members()).collect::<Vec<_>>();
        if let Some(member) = random.maybe(&members) {
            let at = next_token(self.text, member.name.end);
            plants.push(self.without("missing colon", at..at + 1));
        }
        let values = nodes.iter().filter(|node| matches!(node.kind, Kind::String)).map(|node| node.span.clone());
        let tokens = values.chain(members.iter().map(|member| member.name.clone())).collect::<Vec<_>>();
        if let Some(span) = random.maybe(&tokens).cloned() {
            let text = self.inner(&span);
            let (open, close) = *random.of(&[("'", "'"), ("\u{201c}", "\u{201d}"), ("`", "`"), ("", "")]);
            // Without quotes, some words are values.
            let is_value =
                open.is_empty() && (matches!(text, "true" | "false" | "null") || text.parse::<f64>().is_ok());
            if !is_value && !text.is_empty() {
                plants.push(self.replaced("wrong quotes", span, &format!("{open}{text}{close}"), Outcome::Invalid));
            }
        }
        if let Some(span) = random.maybe(&tokens).cloned() {
            // The string may swallow what follows on its line.
            let plant = self.without("missing opening quote", span.start..span.start + 1);
            plants.push(Plant { right: span.start..span.end, ..plant });
            let span = random.of(&tokens).clone();
            let plant = self.without("missing closing quote", span.end - 1..span.end);
            let behind = next_token(&plant.text, span.end - 1);
            plants.push(Plant { right: span.start..behind + 1, ..plant });
        }
        let gaps = nodes.iter().map(|node| node.span.start).collect::<Vec<_>>();
        if let Some(&at) = random.maybe(&gaps) {
            let comment = *random.of(&["/* why */", "// why\n", "# why\n"]);
            let plant = self.replaced("comment", at..at, comment, Outcome::Invalid);
            plants.push(Plant { right: at..at + comment.trim_end().len(), ..plant });
        }
        plants
    }

    fn brackets(&self, random: &mut Random) -> Vec<Plant> {
        let containers = self.nodes();
        let containers = containers.into_iter().filter(|node| !matches!(node.kind, Kind::String | Kind::Other));
        let containers = containers.collect::<Vec<_>>();
        let mut plants = Vec::new();
        for is_array in [true, false] {
            let is_kind = |node: &&&Node| matches!(node.kind, Kind::Array(_)) == is_array;
            let own = containers.iter().filter(is_kind).collect::<Vec<_>>();
            let Some(node) = random.maybe(&own) else { continue };
            let (open, close) = (node.span.start, node.span.end - 1);
            let kinds = if is_array {
                ["missing [", "missing ]", "wrong ]", "extra ]"]
            } else {
                ["missing {", "missing }", "wrong }", "extra }"]
            };
            plants.push(self.without(kinds[0], open..open + 1));
            let plant = self.without(kinds[1], close..close + 1);
            // Of brackets of one kind that stand side by side, each may be the missing one.
            let run = |character: char| self.text[close..].starts_with(character) || character.is_whitespace();
            let from = self.text[..close].trim_end_matches(run).len();
            let behind = plant.text.len() - plant.text[close..].trim_start_matches(run).len();
            let to = token_end(&plant.text, behind);
            plants.push(Plant { right: from..to, ..plant });
            let (own, other) = if is_array { ("]]", "}") } else { ("}}", "]") };
            plants.push(self.replaced(kinds[2], close..close + 1, other, Outcome::Invalid));
            let plant = self.replaced(kinds[3], close..close + 1, own, Outcome::Invalid);
            // Of brackets of one kind that stand side by side, each may be the one too many.
            let is_same = |character: char| own.contains(character) || character.is_whitespace();
            let from = plant.text[..close].trim_end_matches(is_same).len();
            let to = plant.text.len() - plant.text[close..].trim_start_matches(is_same).len();
            plants.push(Plant { right: from..to, ..plant });
        }
        plants
    }

    // ---- twice ----

    fn duplicates(&self, random: &mut Random) -> Vec<Plant> {
        let mut plants = Vec::new();
        let mut again = |kind, node: &Node, member: &Member, name: &str, random: &mut Random| {
            let value = &self.text[member.value.span.clone()];
            // In front of a member, or behind the last one; what comes second is what is too much.
            let at = random.below(node.members().len() + 1);
            let (place, text, start) = match node.members().get(at) {
                Some(next) => (next.name.start, format!("\"{name}\":{value},"), next.name.start),
                None => {
                    let end = node.members().last().map_or(0, |last| last.value.span.end);
                    (end, format!(",\"{name}\":{value}"), end + 1)
                }
            };
            let plant = self.replaced(kind, place..place, &text, Outcome::Invalid);
            let (own, old) = (start..start + name.len() + 2, member.name.clone());
            let moved = if place <= old.start { old.start + text.len()..old.end + text.len() } else { old };
            plants.push(Plant { right: if own.start < moved.start { moved } else { own }, ..plant });
        };
        let pick = |node: &Node, random: &mut Random| random.maybe(node.members()).cloned();
        if let Some(member) = pick(&self.root, random) {
            again("duplicate document element", &self.root, &member, self.inner(&member.name), random);
        }
        if let Some(&statement) = random.maybe(&self.statements())
            && let Some(member) = pick(statement, random)
        {
            again("duplicate element", statement, &member, self.inner(&member.name), random);
        }
        if let Some(condition) = random.maybe(&self.members(&["Condition"]))
            && let Some(member) = pick(&condition.value, random)
        {
            again("duplicate operator", &condition.value, &member, self.inner(&member.name), random);
        }
        if let Some(operator) = random.maybe(&self.operators())
            && let Some(member) = pick(&operator.value, random)
        {
            let name = self.inner(&member.name);
            again("duplicate key", &operator.value, &member, name, random);
            again("duplicate key of another case", &operator.value, &member, &name.to_uppercase(), random);
        }
        let sids = self.entries(&["Sid"]).into_iter().filter(|span| 2 < span.len()).collect::<Vec<_>>();
        if let [first, .., last] = sids.as_slice() {
            plants.push(self.replaced("duplicate Sid", last.clone(), &self.text[first.clone()], Outcome::Invalid));
        }
        plants
    }

    // ---- wrong types ----

    fn types(&self, random: &mut Random) -> Vec<Plant> {
        let mut plants = Vec::new();
        let mut wrong = |kind, span: Option<Range<usize>>, values: &[&str], random: &mut Random| {
            if let Some(span) = span {
                plants.push(self.replaced(kind, span, random.of::<&str>(values), Outcome::Invalid));
            }
        };
        let value = |member: Option<&&Member>| member.map(|member| member.value.span.clone());
        let strings = ["17", "null", "true", "{}", "{\"a\":\"b\"}", "[]", "[\"x\"]", "[[\"x\"]]"];
        let lists = ["17", "null", "false", "{}", "{\"a\":\"b\"}", "[17]", "[true]", "[{}]", "[[\"*\"]]"];
        let objects = ["17", "null", "true", "\"x\"", "[]", "[{}]", "[\"x\"]"];
        for name in ["Version", "Id"] {
            let member = self.root.member(self.text, name);
            let kind = if name == "Id" { "type of Id" } else { "type of Version" };
            wrong(kind, value(member.as_ref()), &strings, random);
        }
        let statement = self.root.member(self.text, "Statement");
        let others = ["17", "null", "true", "\"x\"", "[17]", "[null]", "[\"x\"]", "[[]]"];
        wrong("type of Statement", value(statement.as_ref()), &others, random);
        let others = ["17", "null", "true", "\"x\"", "[]", "[{}]"];
        wrong("type of a statement", random.maybe(&self.statements()).map(|node| node.span.clone()), &others, random);
        wrong("type of a string", value(random.maybe(&self.members(STRING_ELEMENTS))), &strings, random);
        wrong("type of a list", value(random.maybe(&self.members(LIST_ELEMENTS))), &lists, random);
        let entries = self.members(LIST_ELEMENTS);
        let entries = entries.iter().flat_map(|member| member.value.elements()).collect::<Vec<_>>();
        let span = random.maybe(&entries).map(|entry| entry.span.clone());
        wrong("type of an entry", span, &["17", "true", "{}", "[]", "[\"s3:GetObject\"]"], random);
        let principals = self.members(&["Principal", "NotPrincipal"]);
        wrong("type of Principal", value(random.maybe(&principals)), &["17", "null", "[\"*\"]", "true"], random);
        let types = principals.iter().flat_map(|member| member.value.members()).collect::<Vec<_>>();
        wrong("type of principals", value(random.maybe(&types)), &["17", "null", "{}", "[17]", "[[\"*\"]]"], random);
        wrong("type of Condition", value(random.maybe(&self.members(&["Condition"]))), &objects, random);
        wrong("type of an operator block", value(random.maybe(&self.operators())), &objects, random);
        let values = ["null", "{}", "{\"a\":\"b\"}", "[null]", "[{}]", "[[\"x\"]]"];
        wrong("type of condition values", value(random.maybe(&self.keys())), &values, random);
        plants
    }

    // ---- missing and unknown elements, empty lists ----

    fn elements(&self, random: &mut Random) -> Vec<Plant> {
        let mut plants = Vec::new();
        let statements = self.statements();
        let Some(&statement) = random.maybe(&statements) else { return plants };
        for (kind, names) in [
            ("missing Effect", &["Effect"][..]),
            ("missing Action", &["Action", "NotAction"]),
            ("missing Resource", &["Resource", "NotResource"]),
            ("missing Principal", &["Principal", "NotPrincipal"]),
        ] {
            let is_meant = |member: &&Member| names.contains(&inner(self.text, &member.name));
            if let Some(member) = statement.members().iter().find(is_meant)
                && 1 < statement.members().len()
            {
                let (from, to) = Self::with_comma(statement, member);
                let plant = self.replaced(kind, from..to, "", Outcome::Invalid);
                let end = statement.span.end - (to - from);
                // Where there is a principal, a statement may leave out the resource; and without the only principal, the
                // policy may be one of an identity.
                let is_optional = match kind {
                    "missing Resource" => !self.members(&["Principal", "NotPrincipal"]).is_empty(),
                    "missing Principal" => self.members(&["Principal", "NotPrincipal"]).len() < 2,
                    _ => false,
                };
                if !is_optional {
                    plants.push(Plant { right: statement.span.start..end, ..plant });
                }
            }
        }
        for (kind, names) in [
            ("both of a pair of actions", ["Action", "NotAction"]),
            ("both of a pair of resources", ["Resource", "NotResource"]),
        ] {
            let has = |name: &str| statement.member(self.text, name).is_some();
            let other = if has(names[0]) { names[1] } else { names[0] };
            let at = statement.span.end - 1;
            let at = self.text[..at].trim_end().len();
            if has(names[0]) || has(names[1]) {
                let plant = self.replaced(kind, at..at, &format!(",\"{other}\":\"s3:*\""), Outcome::Invalid);
                plants.push(Plant { right: at + 1..at + 3 + other.len(), ..plant });
            }
        }
        for (kind, node) in [("unknown element", statement), ("unknown document element", &self.root)] {
            let name = *random.of(&["Comment", "Description", "Principle", "Statment", "Conditions", "Foo", "x"]);
            let at = node.span.start + 1;
            let plant = self.replaced(kind, at..at, &format!("\"{name}\":\"x\","), Outcome::Invalid);
            plants.push(Plant { right: at..at + name.len() + 2, ..plant });
        }
        let mut empty = |kind, members: &[&Member], values: &[&str], random: &mut Random| {
            if let Some(member) = random.maybe(members) {
                plants.push(self.replaced(
                    kind,
                    member.value.span.clone(),
                    random.of::<&str>(values),
                    Outcome::Invalid,
                ));
            }
        };
        empty("empty Action", &self.members(&["Action", "NotAction"]), &["[]"], random);
        empty("empty Resource", &self.members(&["Resource", "NotResource"]), &["[]"], random);
        empty("empty text", &self.members(&["Action", "Resource"]), &["\"\""], random);
        let statements = self.root.member(self.text, "Statement").into_iter().collect::<Vec<_>>();
        empty("empty Statement", &statements, &["[]"], random);
        if let Some(member) = random.maybe(&self.members(&["Principal"])) {
            let value = *random.of(&["{}", "{\"AWS\":[]}"]);
            plants.push(self.replaced("empty Principal", member.value.span.clone(), value, Outcome::Questionable));
        }
        plants
    }

    /// A member with the comma that goes with it.
    fn with_comma(node: &Node, member: &Member) -> (usize, usize) {
        let at = node.members().iter().position(|other| other.name == member.name).unwrap_or(0);
        match node.members().get(at + 1) {
            Some(next) => (member.name.start, next.name.start),
            None => (node.members()[at - 1].value.span.end, member.value.span.end),
        }
    }

    // ---- ARNs ----

    fn arns(&self, names: &Names, random: &mut Random) -> Vec<Plant> {
        let mut plants = Vec::new();
        for statement in random.shuffled(self.statements()) {
            let (Some(action), Some(resource)) =
                (statement.member(self.text, "Action"), statement.member(self.text, "Resource"))
            else {
                continue;
            };
            let entries = action.value.entries();
            let texts = entries.iter().filter(|entry| matches!(entry.kind, Kind::String));
            let texts = texts.map(|entry| self.inner(&entry.span)).collect::<Vec<_>>();
            if !texts.iter().all(|text| names.is_action(text) || names.is_pattern(text)) || texts.is_empty() {
                continue;
            }
            let is_strange = |arn: &&&str| {
                let service = arn.split(':').nth(2).unwrap_or("");
                texts.iter().all(|text| !names.takes(text, service))
            };
            let others = [
                "arn:aws:s3:::orchard-planted",
                "arn:aws:sqs:eu-west-1:111122223333:planted",
                "arn:aws:dynamodb:eu-west-1:111122223333:table/planted",
                "arn:aws:iam::111122223333:role/planted",
                "arn:aws:sns:eu-west-1:111122223333:planted",
            ];
            let others = others.iter().filter(is_strange).copied().collect::<Vec<_>>();
            let Some(other) = random.maybe(&others) else { continue };
            let places = resource.value.entries();
            let place = random.of(&places).span.clone();
            plants.push(self.replaced(
                "resource of another service",
                place,
                &format!("\"{other}\""),
                Outcome::Questionable,
            ));
            break;
        }
        let arns = self.entries(&["Resource", "NotResource"]);
        let is_whole = |span: &&Range<usize>| {
            let text = self.inner(span);
            let head = text.splitn(6, ':').take(5).collect::<Vec<_>>();
            text.starts_with("arn:") && head.len() == 5 && text.split(':').count() == 6 && !head.concat().contains("${")
        };
        let arns = arns.iter().filter(is_whole).collect::<Vec<_>>();
        if let Some(&span) = random.maybe(&arns) {
            let text = self.inner(span);
            let parts = text.split(':').collect::<Vec<_>>();
            let with = |at: usize, new: &str| {
                let mut parts = parts.clone();
                parts[at] = new;
                format!("\"{}\"", parts.join(":"))
            };
            let mut arn = |kind, new: String, original: Option<String>, outcome| {
                let plant = self.replaced(kind, span.clone(), &new, outcome);
                plants.push(Plant { original, ..plant });
            };
            let original = (parts[1] == "aws").then(|| text.to_owned());
            arn("ARN without `arn`", with(0, random.of::<&str>(&["anr", "ar", " arn"])), original, Outcome::Invalid);
            arn("ARN of a wrong partition", with(1, "amazon"), None, Outcome::Invalid);
            if parts[1] == "aws" {
                arn(
                    "ARN of a misspelt partition",
                    with(1, random.of::<&str>(&["was", "aw", "awss"])),
                    Some("aws".into()),
                    Outcome::Invalid,
                );
            }
            arn("ARN with a short account", with(4, "11112222333"), None, Outcome::Questionable);
            if REGIONAL.contains(&parts[2]) {
                let (wrong, region) = *random.of(&[("eu-wset-1", "eu-west-1"), ("us-eats-1", "us-east-1")]);
                arn("ARN with a wrong region", with(3, wrong), Some(region.into()), Outcome::Questionable);
            }
            // Each colon of the head.
            let colons = text.match_indices(':').map(|(at, _)| at).take(5).collect::<Vec<_>>();
            let at = *random.of(&colons);
            let wrong = format!("{}{}", &text[..at], &text[at + 1..]);
            // With wildcards at its end it is the abbreviation of an ARN that matches what was meant.
            if !wrong.ends_with(":*") {
                arn("ARN without a colon", format!("\"{wrong}\""), None, Outcome::Questionable);
            }
            let service = parts[2];
            if names.is_arn_service(service) {
                for _ in 0..20 {
                    let wrong = random.mistyped(service);
                    if !wrong.contains('*') && !names.is_arn_service(&wrong) && !wrong.is_empty() {
                        arn("typo ARN service", with(2, &wrong), Some(service.to_owned()), Outcome::Questionable);
                        break;
                    }
                }
            }
        }
        plants
    }

    // ---- principals ----

    fn principals(&self, random: &mut Random) -> Vec<Plant> {
        let mut plants = Vec::new();
        let of = |kind: &str| -> Vec<Range<usize>> {
            let elements = self.members(&["Principal", "NotPrincipal"]).into_iter();
            let members = elements.flat_map(|member| member.value.members());
            let members = members.filter(|member| self.inner(&member.name) == kind);
            members.flat_map(|member| member.value.entries()).map(|entry| entry.span.clone()).collect()
        };
        let arns = of("AWS").into_iter().filter(|span| self.inner(span).starts_with("arn:")).collect::<Vec<_>>();
        if let Some(span) = random.maybe(&arns).cloned() {
            let text = self.inner(&span);
            let parts = text.split(':').collect::<Vec<_>>();
            let mut arn = |kind, at: usize, new: String, original: Option<&str>| {
                let mut parts = parts.clone();
                parts[at] = &new;
                let plant = self.replaced(kind, span.clone(), &format!("\"{}\"", parts.join(":")), Outcome::Invalid);
                plants.push(Plant { original: original.map(str::to_owned), ..plant });
            };
            for (kind, at) in [("typo principal partition", 1), ("typo principal service", 2)] {
                let wrong = random.mistyped(parts[at]);
                if wrong != parts[at] && !wrong.starts_with("aws-") {
                    arn(kind, at, wrong, Some(parts[at]));
                }
            }
            let (word, rest) = parts[5].split_at(parts[5].find('/').unwrap_or(parts[5].len()));
            let wrong = random.mistyped(word);
            if wrong != word {
                arn("typo principal kind", 5, format!("{wrong}{rest}"), Some(word));
            }
            let short = parts[4][..11].to_owned();
            arn("principal with a short account", 4, short, None);
            let colons = text.match_indices(':').map(|(at, _)| at).take(5).collect::<Vec<_>>();
            let at = *random.of(&colons);
            let new = format!("\"{}{}\"", &text[..at], &text[at + 1..]);
            plants.push(Plant {
                original: Some(text.to_owned()),
                ..self.replaced("principal without a colon", span, &new, Outcome::Invalid)
            });
        }
        if let Some(span) = random.maybe(&of("Service")).cloned() {
            let text = self.inner(&span);
            let (first, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
            let wrong = random.mistyped(first);
            if 3 < first.len() && !wrong.eq_ignore_ascii_case(first) {
                let plant = self.replaced(
                    "typo service principal",
                    span.clone(),
                    &format!("\"{wrong}{rest}\""),
                    Outcome::Questionable,
                );
                plants.push(Plant { original: Some(text.to_owned()), ..plant });
            }
            let wrong = random.mistyped("amazonaws");
            if wrong != "amazonaws" && text.ends_with(".amazonaws.com") {
                let new = format!("\"{}\"", text.replace("amazonaws", &wrong));
                let plant = self.replaced("typo service domain", span, &new, Outcome::Questionable);
                plants.push(Plant { original: Some(text.to_owned()), ..plant });
            }
        }
        plants
    }
}

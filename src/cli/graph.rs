//! `iamc graph`

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use iamc::graph::{self, Condition, Edge, EdgeKind, Example, ExampleValue, Graph, Node, Reachable};
use iamc::provenance::Provenance;

use crate::args::{GraphArguments, GraphFormat};
use crate::input;
use crate::output::{self, Failure, Output, count};

pub(crate) fn run(arguments: &GraphArguments) -> Result<u8, Failure> {
    let bytes = input::read_artifact(&arguments.artifact)?;
    let tables = input::load_tables(&arguments.artifact, &bytes)?;
    let provenance = Provenance::read(tables.provenance());
    let graph = graph::reach(&tables, &arguments.from, provenance.as_ref()).map_err(Failure::of)?;
    let mut out = Output::new();
    match arguments.format {
        GraphFormat::Json => out.json(&graph)?,
        GraphFormat::Human => Page::new(&graph).print(&mut out)?,
        GraphFormat::Dot => print_dot(&graph, &mut out)?,
    }
    out.flush()?;
    Ok(output::STATUS_OK)
}

/// The graph for people.
struct Page<'g> {
    graph: &'g Graph,
    nodes: BTreeMap<&'g str, &'g Node>,
    edges: BTreeMap<(&'g str, &'g str), Vec<&'g Edge>>,
    has_several_accounts: bool,
}

impl<'g> Page<'g> {
    fn new(graph: &'g Graph) -> Self {
        let accounts: BTreeSet<_> = graph.nodes.iter().filter_map(|node| node.account.as_deref()).collect();
        let mut edges = BTreeMap::<_, Vec<&Edge>>::new();
        for edge in &graph.edges {
            edges.entry((edge.from.as_str(), edge.to.as_str())).or_default().push(edge);
        }
        Self {
            graph,
            nodes: graph.nodes.iter().map(|node| (node.id.as_str(), node)).collect(),
            edges,
            has_several_accounts: 1 < accounts.len(),
        }
    }

    fn print(&self, out: &mut Output) -> Result<(), Failure> {
        let (from, reachable) = (&self.graph.from, &self.graph.reachable);
        let title = format!("{} ({})", from.id, kind(from));
        if reachable.is_empty() {
            out.line(&format!("{title} can become no role"))?;
        } else {
            out.line(&format!("{title} can become {}", count(reachable.len(), "role", "roles")))?;
        }
        for role in reachable {
            self.print_role(role, out)?;
        }
        let open = self.graph.edges.iter().filter(|edge| edge.conditional);
        for (number, edge) in open.enumerate() {
            if number == 0 {
                out.line("\nedges with open conditions")?;
            }
            self.print_conditions(edge, out)?;
        }
        for (number, cycle) in self.graph.cycles.iter().enumerate() {
            if number == 0 {
                out.line("\nroles that can become themselves or each other")?;
            }
            let names: Vec<String> = cycle.iter().map(|id| self.label(id)).collect();
            out.line(&format!("  {}", names.join(", ")))?;
        }
        for note in &self.graph.notes {
            out.line(&format!("\nnote: {note}"))?;
        }
        Ok(())
    }

    fn print_role(&self, role: &Reachable, out: &mut Output) -> Result<(), Failure> {
        let described = self.nodes.get(role.role.as_str()).map_or_else(|| "role".to_owned(), |node| kind(node));
        out.line(&format!("\n{} ({described})", role.role))?;
        let mut chain = String::from("  ");
        for (number, pair) in role.chain.windows(2).enumerate() {
            let [from, to] = pair else { continue };
            if number == 0 {
                chain += &self.label(from);
            }
            let edge = self.cheapest(from, to);
            let arrow = match edge.and_then(|edge| edge.via.as_deref()) {
                Some(service) => format!(" =[passed to {service}]=> "),
                None => " -> ".to_owned(),
            };
            chain += &arrow;
            chain += &self.label(to);
        }
        out.line(&chain)?;
        if role.conditional {
            let keys =
                if role.open_keys.is_empty() { String::new() } else { format!(": {}", role.open_keys.join(", ")) };
            let doubt = if role.confirmed { "" } else { "; not confirmed by an example" };
            out.line(&format!("  depends on open conditions{keys}{doubt}"))?;
        } else {
            out.line("  in every context")?;
        }
        if role.pass_role {
            out.line("  needs a role that is handed to a service; that it may run something there is not checked")?;
        }
        Ok(())
    }

    /// The edge of a chain: it never hands a role on where the role can be assumed.
    fn cheapest(&self, from: &str, to: &str) -> Option<&'g Edge> {
        let edges = self.edges.get(&(from, to))?;
        edges.iter().copied().min_by_key(|edge| (edge.kind, edge.conditional, edge.via.as_deref()))
    }

    fn print_conditions(&self, edge: &Edge, out: &mut Output) -> Result<(), Failure> {
        let via = edge.via.as_ref().map_or_else(String::new, |service| format!(" passed to {service}"));
        out.line(&format!("\n  {} -> {}: {}{via}", self.label(&edge.from), self.label(&edge.to), edge.action))?;
        for (group, conditions) in groups(&edge.conditions) {
            out.line(&format!("    {group}"))?;
            for condition in conditions {
                out.line(&format!("      {}", place(condition)))?;
                for test in &condition.tests {
                    let values: Vec<String> = test.values.iter().map(|value| format!("\"{value}\"")).collect();
                    out.line(format!("        {} {} {}", test.operator, test.key, values.join(", ")).trim_end())?;
                }
            }
        }
        match &edge.example {
            Some(example) if !example.is_empty() => out.line(&format!("    for example with {}", shown(example)))?,
            Some(_) => {}
            None => out.line("    no example was found, and none was ruled out")?,
        }
        if let Some(example) = edge.service_example.as_ref().filter(|example| !example.is_empty()) {
            out.line(&format!("    and the service for example with {}", shown(example)))?;
        }
        Ok(())
    }

    /// The name of a node, with its account where there are several.
    fn label(&self, id: &str) -> String {
        match self.nodes.get(id) {
            Some(Node { account: Some(account), name, .. }) if self.has_several_accounts => format!("{account}:{name}"),
            Some(node) => node.name.clone(),
            None => id.to_owned(),
        }
    }
}

/// What a node is, in words.
fn kind(node: &Node) -> String {
    let mut text = node.kind.noun().to_owned();
    if let Some(set) = &node.permission_set {
        let _ = write!(text, ", permission set {set}");
    }
    if !node.instance_profiles.is_empty() {
        let names = node.instance_profiles.iter().map(|arn| arn.rsplit('/').next().unwrap_or(arn));
        let _ = write!(text, ", instance profile {}", names.collect::<Vec<_>>().join(", "));
    }
    text
}

/// Conditions that belong together: of an allowing layer one has to match, of denying ones none may.
fn groups(conditions: &[Condition]) -> BTreeMap<String, Vec<&Condition>> {
    let mut groups = BTreeMap::<String, Vec<&Condition>>::new();
    for condition in conditions {
        let name = match condition.effect {
            "Allow" => format!("{} needs, in the layer {}", condition.action, condition.layer),
            _ => format!("{} is denied", condition.action),
        };
        groups.entry(name).or_default().push(condition);
    }
    let named = groups.into_iter().map(|(name, conditions)| match (conditions.len(), name.ends_with("denied")) {
        (1, false) => (name, conditions),
        (_, false) => (format!("{name}, one of these"), conditions),
        (1, true) => (format!("{name} by"), conditions),
        (_, true) => (format!("{name} by any of these"), conditions),
    });
    named.collect()
}

fn place(condition: &Condition) -> String {
    let sid = condition.statement.sid.as_ref().map_or_else(String::new, |sid| format!(" (`{sid}`)"));
    let at = condition.source.as_ref();
    let at = at.map_or_else(String::new, |at| format!(" at {}:{}:{}", at.file, at.line, at.column));
    format!("statement {}{sid} of `{}`{at}", condition.statement.index, condition.policy)
}

fn shown(example: &Example) -> String {
    let pairs = example.iter().map(|(key, value)| match value {
        ExampleValue::One(value) => format!("{key}={value}"),
        ExampleValue::List(values) => format!("{key}[]={}", values.join(",")),
    });
    pairs.collect::<Vec<_>>().join(" ")
}

/// Graphviz: conditional edges are dashed, edges of roles that are handed to services blue.
fn print_dot(graph: &Graph, out: &mut Output) -> Result<(), Failure> {
    out.line("digraph iamc {")?;
    out.line("  rankdir=LR;")?;
    out.line("  node [shape=box];")?;
    for (number, node) in graph.nodes.iter().enumerate() {
        let label = quoted(&format!("{}\n{}", node.name, kind(node)));
        let start = if number == 0 { ", penwidth=2" } else { "" };
        out.line(&format!("  {} [label={label}{start}];", quoted(&node.id)))?;
    }
    for edge in &graph.edges {
        let mut label = match (&edge.via, edge.kind) {
            (Some(service), _) => format!("PassRole to {service}"),
            (None, EdgeKind::AssumeRole | EdgeKind::PassRole) => "AssumeRole".to_owned(),
        };
        for key in &edge.open_keys {
            let _ = write!(label, "\n{key}");
        }
        let style = if edge.conditional { "dashed" } else { "solid" };
        let colour = match edge.kind {
            EdgeKind::AssumeRole => "black",
            EdgeKind::PassRole => "blue",
        };
        let (from, to, label) = (quoted(&edge.from), quoted(&edge.to), quoted(&label));
        out.line(&format!("  {from} -> {to} [label={label}, style={style}, color={colour}];"))?;
    }
    out.line("}")
}

/// A text in double quotes, as Graphviz reads it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

//! From edges to chains: exploring from one principal on, shortest chains, cycles.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Add;

use petgraph::algo::{dijkstra, kosaraju_scc};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::provenance::Provenance;
use crate::runtime::Tables;
use crate::terms::{Layer, Layers};

use super::GraphError;
use super::inquiry::{Inquiry, Judgement, Open};
use super::known::{Keys, Purpose, may_vouch};
use super::model::{Edge, EdgeKind, Example, Graph, Node, Reachable};
use super::roles::{ASSUME_ROLE, PASS_ROLE, Roles};
use super::source::{self, Actor, ActorKind, Source};

/// Who can become whom, from one principal on.
///
/// `from` is the ARN of a user, role, role session, instance profile (its role), account root, federated user or
/// identity provider, a service principal, the host of an identity provider, or `anonymous`. `provenance` gives the
/// conditions their positions. Costs a look at every role's trust policy, and for each principal that is reached two
/// decisions for each role whose trust policy can mean it, and for each service role of its account.
///
/// # Errors
///
/// Fails if `from` is no principal, or one that its own, known account does not define.
pub fn reach(tables: &Tables<'_>, from: &str, provenance: Option<&Provenance>) -> Result<Graph, GraphError> {
    let roles = Roles::new(tables);
    let source = source::read(from, &roles)?;
    let keys = Keys::new(tables);
    let mut explorer = Explorer {
        roles: &roles,
        keys: &keys,
        provenance,
        net: DiGraph::new(),
        places: BTreeMap::new(),
        services: BTreeMap::new(),
        trusted_only: BTreeSet::new(),
    };
    let start = explorer.explore(&source);
    Ok(explorer.finish(start, source))
}

/// What a node of the net stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The principal that the graph begins at, where it is no role.
    Start,
    /// A role.
    Role(usize),
}

/// What an edge of the net stands for: an [`Edge`] without its ends.
#[derive(Debug, Clone)]
struct Way {
    kind: EdgeKind,
    action: &'static str,
    via: Option<String>,
    own: Judgement,
    /// The service's part, where a role is handed to one.
    service: Judgement,
}

impl Way {
    fn parts(&self) -> impl Iterator<Item = &Open> {
        [&self.own, &self.service].into_iter().filter_map(|part| match part {
            Judgement::Sometimes(open) => Some(open),
            Judgement::Always | Judgement::Never(_) => None,
        })
    }

    fn is_conditional(&self) -> bool {
        self.parts().next().is_some()
    }

    fn is_confirmed(&self) -> bool {
        self.parts().all(|open| open.example.is_some())
    }

    fn keys(&self) -> BTreeSet<String> {
        self.parts().flat_map(|open| open.keys.iter().cloned()).collect()
    }

    fn cost(&self) -> Cost {
        let passed = usize::from(self.kind == EdgeKind::PassRole);
        Cost { passed, hops: 1, conditional: usize::from(self.is_conditional()) }
    }
}

/// What a chain costs; the first difference counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Cost {
    /// Roles that are handed to services.
    passed: usize,
    /// Edges.
    hops: usize,
    /// Edges with open conditions.
    conditional: usize,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            hops: self.hops + other.hops,
            conditional: self.conditional + other.conditional,
        }
    }
}

struct Explorer<'e, 'a> {
    roles: &'e Roles<'a>,
    keys: &'e Keys<'a>,
    provenance: Option<&'e Provenance>,
    net: DiGraph<Place, Way>,
    places: BTreeMap<usize, NodeIndex>,
    /// What services may do, by role and service.
    services: BTreeMap<(usize, &'a str), Judgement>,
    /// Roles that would let the principal in if its own account allowed it.
    trusted_only: BTreeSet<usize>,
}

impl<'a> Explorer<'_, 'a> {
    /// Asks for all edges of all principals that are reached; each role once, so cycles end.
    fn explore(&mut self, source: &Source) -> NodeIndex {
        let start = match source.role {
            Some(number) => self.place(number).0,
            None => self.net.add_node(Place::Start),
        };
        let mut waiting = VecDeque::from([(start, source.actors.clone())]);
        while let Some((at, actors)) = waiting.pop_front() {
            let mut ways = Vec::new();
            for actor in &actors {
                self.assume_edges(actor, &mut ways);
                self.pass_edges(actor, &mut ways);
            }
            for (role, way) in ways {
                let (to, is_new) = self.place(role);
                self.net.add_edge(at, to, way);
                if let (true, Some(role)) = (is_new, self.roles.get(role)) {
                    waiting.push_back((to, vec![Actor::role(&role.identity)]));
                }
            }
        }
        start
    }

    fn place(&mut self, role: usize) -> (NodeIndex, bool) {
        if let Some(&place) = self.places.get(&role) {
            return (place, false);
        }
        let place = self.net.add_node(Place::Role(role));
        self.places.insert(role, place);
        (place, true)
    }

    fn judge(&self, actor: &Actor, action: &'static str, role: usize, purpose: Purpose<'_>) -> Judgement {
        let Some(target) = self.roles.get(role) else { return Judgement::Never(Layers::NONE) };
        let tables = self.roles.tables;
        let known = self.keys.of(tables, actor, target, purpose);
        let inquiry = Inquiry { tables, actor, action, resource: target.identity.arn, known: &known };
        inquiry.judge(self.provenance)
    }

    fn assume_edges(&mut self, actor: &Actor, ways: &mut Vec<(usize, Way)>) {
        let action = actor.action();
        for role in self.roles.trusting(actor, action) {
            let is_vouched = actor.kind != ActorKind::Provider
                || self.roles.get(role).is_some_and(|role| actor.names().all(|name| may_vouch(name, role)));
            if !is_vouched {
                continue;
            }
            let own = self.judge(actor, action, role, Purpose::Assume);
            if let Judgement::Never(missing) = own {
                if is_own_side(missing) {
                    self.trusted_only.insert(role);
                }
                continue;
            }
            let way = Way { kind: EdgeKind::AssumeRole, action, via: None, own, service: Judgement::Always };
            ways.push((role, way));
        }
    }

    /// Roles of the principal's own account that it may hand to a service (R-ID-13).
    fn pass_edges(&mut self, actor: &Actor, ways: &mut Vec<(usize, Way)>) {
        if !matches!(actor.kind, ActorKind::User | ActorKind::Role | ActorKind::Root) {
            return;
        }
        let roles = self.roles;
        for number in roles.of_services(actor) {
            let Some(role) = roles.get(number) else { continue };
            // Whoever is the role gains nothing by handing it on.
            if actor.session_prefix() == Some(role.identity.lookup) {
                continue;
            }
            for &service in &role.services {
                let own = self.judge(actor, PASS_ROLE, number, Purpose::Pass(service));
                if matches!(own, Judgement::Never(_)) {
                    continue;
                }
                let judgement = self.service(number, service);
                if !matches!(judgement, Judgement::Never(_)) {
                    let via = Some(service.to_owned());
                    let way = Way { kind: EdgeKind::PassRole, action: PASS_ROLE, via, own, service: judgement };
                    ways.push((number, way));
                }
            }
        }
    }

    /// Whether a service may assume a role.
    fn service(&mut self, role: usize, service: &'a str) -> Judgement {
        if let Some(known) = self.services.get(&(role, service)) {
            return known.clone();
        }
        let judgement = self.judge(&Actor::service(service), ASSUME_ROLE, role, Purpose::Assume);
        self.services.insert((role, service), judgement.clone());
        judgement
    }

    fn finish(self, start: NodeIndex, source: Source) -> Graph {
        let ids: BTreeMap<NodeIndex, String> =
            self.net.node_indices().filter_map(|at| Some((at, self.node(at, &source)?.id))).collect();
        let mut nodes: Vec<Node> =
            self.net.node_indices().filter(|&at| at != start).filter_map(|at| self.node(at, &source)).collect();
        nodes.sort_by(|left, right| left.id.cmp(&right.id));
        nodes.insert(0, source.node.clone());
        let mut edges: Vec<Edge> = self
            .net
            .edge_references()
            .filter_map(|edge| Some(shown(ids.get(&edge.source())?, ids.get(&edge.target())?, edge.weight())))
            .collect();
        let key = |edge: &Edge| (edge.from.clone(), edge.to.clone(), edge.kind, edge.via.clone());
        edges.sort_by_cached_key(key);
        let reachable = Chains::new(&self.net, start, &ids).all();
        let cycles = self.cycles(&ids);
        let remarks = self.notes(&source);
        Graph { from: source.node, nodes, edges, reachable, cycles, notes: remarks }
    }

    fn node(&self, at: NodeIndex, source: &Source) -> Option<Node> {
        match self.net.node_weight(at)? {
            Place::Start => Some(source.node.clone()),
            Place::Role(number) => self.roles.node(*number),
        }
    }

    fn cycles(&self, ids: &BTreeMap<NodeIndex, String>) -> Vec<Vec<String>> {
        let is_cycle = |places: &Vec<NodeIndex>| match places.as_slice() {
            [place] => self.net.contains_edge(*place, *place),
            _ => true,
        };
        let named = kosaraju_scc(&self.net).into_iter().filter(is_cycle).map(|places| {
            let mut names: Vec<String> = places.iter().filter_map(|place| ids.get(place).cloned()).collect();
            names.sort();
            names
        });
        let mut cycles: Vec<Vec<String>> = named.collect();
        cycles.sort();
        cycles
    }

    fn notes(&self, source: &Source) -> Vec<String> {
        let mut notes = Vec::new();
        let kind = source.actors.first().map(|actor| actor.kind);
        match kind {
            Some(ActorKind::Root) => notes.push(
                "An account root cannot assume roles (R-EVAL-33); it can hand service roles of its account to services."
                    .to_owned(),
            ),
            Some(ActorKind::FederatedUser) => notes.push(
                "A session of `GetFederationToken` can neither assume roles nor hand them to services (R-EVAL-21)."
                    .to_owned(),
            ),
            Some(ActorKind::Anonymous) => notes.push(
                "AWS takes `sts:AssumeRole` signed only; what is shown are roles whose trust policies let in everybody."
                    .to_owned(),
            ),
            Some(ActorKind::User | ActorKind::Role | ActorKind::Service | ActorKind::Provider) | None => {}
        }
        if source.is_foreign {
            let account = source.node.account.as_deref().unwrap_or("");
            notes.push(format!(
                "The artifact does not know the users and roles of account {account}: what they may do is unknown, and \
                 a trust policy alone lets nobody in from another account (R-EVAL-22)."
            ));
            let roles = self.trusted_only.iter().filter_map(|&role| self.roles.get(role));
            let arns: Vec<&str> = roles.map(|role| role.identity.arn).collect();
            notes.push(if arns.is_empty() {
                "No trust policy would let it in.".to_owned()
            } else {
                format!("These roles would let it in if its own account allowed it: {}", arns.join(", "))
            });
        }
        notes
    }
}

/// Whether all that is missing is what the principal's own policies would have to allow.
fn is_own_side(missing: Layers) -> bool {
    let own = [Layer::Identity, Layer::PermissionsBoundary, Layer::Session];
    !missing.is_empty() && missing.implicit_order().all(|layer| own.contains(&layer))
}

fn shown(from: &str, to: &str, way: &Way) -> Edge {
    let is_conditional = way.is_conditional();
    let example = match &way.own {
        Judgement::Sometimes(open) => open.example.clone(),
        Judgement::Always | Judgement::Never(_) => Some(Example::new()).filter(|_| is_conditional),
    };
    let service_example = match &way.service {
        Judgement::Sometimes(open) => open.example.clone(),
        Judgement::Always | Judgement::Never(_) => None,
    };
    Edge {
        from: from.to_owned(),
        to: to.to_owned(),
        action: way.action,
        via: way.via.clone(),
        kind: way.kind,
        conditional: is_conditional,
        open_keys: way.keys().into_iter().collect(),
        conditions: way.parts().flat_map(|open| open.conditions.iter().cloned()).collect(),
        example,
        service_example,
        confirmed: way.is_confirmed(),
    }
}

/// Cheapest chains from the start.
struct Chains<'c> {
    net: &'c DiGraph<Place, Way>,
    start: NodeIndex,
    ids: &'c BTreeMap<NodeIndex, String>,
    costs: BTreeMap<NodeIndex, Cost>,
}

impl<'c> Chains<'c> {
    fn new(net: &'c DiGraph<Place, Way>, start: NodeIndex, ids: &'c BTreeMap<NodeIndex, String>) -> Self {
        let costs = dijkstra(net, start, None, |edge| edge.weight().cost());
        let costs = ids.keys().filter_map(|place| Some((*place, *costs.get(place)?))).collect();
        Self { net, start, ids, costs }
    }

    fn all(&self) -> Vec<Reachable> {
        let places = self.costs.keys().filter(|place| **place != self.start);
        let mut all: Vec<Reachable> = places.filter_map(|&place| self.chain(place)).collect();
        all.sort_by(|left, right| left.role.cmp(&right.role));
        all
    }

    /// The last edge of the cheapest chain to a place; of equal ones the first by name.
    fn last_way(&self, to: NodeIndex) -> Option<(NodeIndex, &'c Way)> {
        let cost = self.costs.get(&to)?;
        let incoming = self.net.edges_directed(to, petgraph::Direction::Incoming);
        let cheapest = incoming.filter(|edge| {
            self.costs.get(&edge.source()).is_some_and(|before| *before + edge.weight().cost() == *cost)
        });
        let name = |from: &NodeIndex, way: &Way| (self.ids.get(from).cloned(), way.via.clone());
        let ways = cheapest.map(|edge| (edge.source(), edge.weight()));
        ways.min_by_key(|(from, way)| name(from, way))
    }

    fn chain(&self, to: NodeIndex) -> Option<Reachable> {
        let mut chain = vec![self.ids.get(&to)?.clone()];
        let mut keys = BTreeSet::new();
        let (mut is_conditional, mut is_confirmed, mut at) = (false, true, to);
        // Every edge costs a hop, so costs fall on the way back.
        while at != self.start {
            let (from, way) = self.last_way(at)?;
            keys.append(&mut way.keys());
            is_conditional |= way.is_conditional();
            is_confirmed &= way.is_confirmed();
            chain.push(self.ids.get(&from)?.clone());
            at = from;
        }
        chain.reverse();
        let cost = self.costs.get(&to)?;
        Some(Reachable {
            role: self.ids.get(&to)?.clone(),
            hops: cost.hops,
            chain,
            pass_role: 0 < cost.passed,
            conditional: is_conditional,
            confirmed: is_confirmed,
            open_keys: keys.into_iter().collect(),
        })
    }
}

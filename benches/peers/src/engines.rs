//! (a) the scan, (b) the afternoon index, (c) the same with a prefix index: three ways to find statements.

use std::cell::RefCell;

use crate::model::{Answer, Ask, Holder, Map, Model, Scene, Statement, lowercase, role_key};

/// (a) Finds the role by hash, then looks at all of its statements, the denies first.
pub(crate) struct Scan {
    model: Model,
    roles: Map<Box<str>, u32>,
}

fn roles(model: &Model) -> Map<Box<str>, u32> {
    (0_u32..).zip(&model.holders).map(|(number, holder)| (holder.key.as_str().into(), number)).collect()
}

impl Scan {
    pub(crate) fn new(model: Model) -> Self {
        Self { roles: roles(&model), model }
    }

    pub(crate) fn decide(&self, ask: &Ask<'_>) -> Answer {
        let Some(&role) = role_key(ask.principal).and_then(|key| self.roles.get(key)) else { return Answer::Implicit };
        let holder = &self.model.holders[role as usize];
        let scene = Scene { ask, holder };
        let mut buffer = [0; 128];
        let action = lowercase(ask.action, &mut buffer);
        let own = scan(&holder.statements, action, &scene);
        match holder.boundary {
            None => own,
            Some(_) if own == Answer::Explicit => own,
            Some(boundary) => both(own, scan(&self.model.boundaries[boundary], action, &scene)),
        }
    }
}

/// The answer of a role's policies and its boundary.
fn both(own: Answer, boundary: Answer) -> Answer {
    match (own, boundary) {
        (Answer::Explicit, _) | (_, Answer::Explicit) => Answer::Explicit,
        (Answer::Allowed, Answer::Allowed) => Answer::Allowed,
        _ => Answer::Implicit,
    }
}

fn scan(statements: &[Statement], action: &str, scene: &Scene<'_>) -> Answer {
    let matching = statements.iter().find(|statement| {
        statement.matches_action(action, scene) && statement.matches_resource(scene) && statement.conditions_hold(scene)
    });
    answer(matching)
}

/// Denies come first, so the first that matches decides.
fn answer(matching: Option<&Statement>) -> Answer {
    match matching {
        None => Answer::Implicit,
        Some(statement) if statement.is_deny => Answer::Explicit,
        Some(_) => Answer::Allowed,
    }
}

/// (b) Finds the role by hash, then the action in what the role has been asked before, then globs over the statements
/// that have the action. The first request with an action pays for the list; none of those is timed.
pub(crate) struct Afternoon {
    model: Model,
    roles: Map<Box<str>, u32>,
    memos: Vec<RefCell<Map<Box<str>, Box<[u32]>>>>,
    boundary_memos: Vec<RefCell<Map<Box<str>, Box<[u32]>>>>,
}

impl Afternoon {
    pub(crate) fn new(model: Model) -> Self {
        let memos = model.holders.iter().map(|_| RefCell::default()).collect();
        let boundary_memos = model.boundaries.iter().map(|_| RefCell::default()).collect();
        Self { roles: roles(&model), memos, boundary_memos, model }
    }

    pub(crate) fn decide(&self, ask: &Ask<'_>) -> Answer {
        let Some(&role) = role_key(ask.principal).and_then(|key| self.roles.get(key)) else { return Answer::Implicit };
        let holder = &self.model.holders[role as usize];
        let scene = Scene { ask, holder };
        let mut buffer = [0; 128];
        let action = lowercase(ask.action, &mut buffer);
        let own = recall(&holder.statements, &self.memos[role as usize], action, &scene);
        match holder.boundary {
            None => own,
            Some(_) if own == Answer::Explicit => own,
            Some(number) => {
                both(own, recall(&self.model.boundaries[number], &self.boundary_memos[number], action, &scene))
            }
        }
    }
}

fn with_action(statements: &[Statement], action: &str, scene: &Scene<'_>) -> Box<[u32]> {
    let numbered = (0_u32..).zip(statements);
    numbered.filter(|(_, statement)| statement.matches_action(action, scene)).map(|(number, _)| number).collect()
}

fn recall(
    statements: &[Statement],
    memo: &RefCell<Map<Box<str>, Box<[u32]>>>,
    action: &str,
    scene: &Scene<'_>,
) -> Answer {
    if let Some(candidates) = memo.borrow().get(action) {
        let mut candidates = candidates.iter().map(|number| &statements[*number as usize]);
        let matching =
            candidates.find(|statement| statement.matches_resource(scene) && statement.conditions_hold(scene));
        return answer(matching);
    }
    memo.borrow_mut().insert(action.into(), with_action(statements, action, scene));
    recall(statements, memo, action, scene)
}

/// (c) As (b), and the statements that have the action are found by the literal prefix of their resource patterns,
/// service included: a sorted list of prefixes, each with the longest other one that it extends.
pub(crate) struct Prefixes {
    model: Model,
    roles: Map<Box<str>, u32>,
    memos: Vec<RefCell<Map<Box<str>, Tree>>>,
    boundary_memos: Vec<RefCell<Map<Box<str>, Tree>>>,
}

/// Of an action, statements by prefix.
#[derive(Default)]
struct Tree {
    nodes: Vec<Node>,
    /// Statements with `NotResource`.
    others: Box<[u32]>,
}

struct Node {
    prefix: Box<str>,
    parent: Option<u32>,
    /// Statement and pattern.
    entries: Vec<(u32, u32)>,
}

impl Tree {
    fn new(statements: &[Statement], action: &str, scene: &Scene<'_>) -> Self {
        let mut by_prefix: std::collections::BTreeMap<&str, Vec<(u32, u32)>> = std::collections::BTreeMap::new();
        let mut others = Vec::new();
        for number in with_action(statements, action, scene) {
            let statement = &statements[number as usize];
            if statement.is_not_resource {
                others.push(number);
                continue;
            }
            for (at, pattern) in (0_u32..).zip(&statement.resources) {
                by_prefix.entry(pattern.literal_prefix()).or_default().push((number, at));
            }
        }
        let mut nodes: Vec<Node> = Vec::new();
        for (prefix, entries) in by_prefix {
            let mut parent = nodes.len().checked_sub(1).map(|at| at as u32);
            while let Some(at) = parent {
                if prefix.starts_with(&*nodes[at as usize].prefix) {
                    break;
                }
                parent = nodes[at as usize].parent;
            }
            nodes.push(Node { prefix: prefix.into(), parent, entries });
        }
        Self { nodes, others: others.into() }
    }

    fn decide(&self, statements: &[Statement], scene: &Scene<'_>) -> Answer {
        let mut answer = Answer::Implicit;
        let mut take = |statement: &Statement| {
            let is_open = statement.is_deny || answer == Answer::Implicit;
            if is_open && statement.conditions_hold(scene) {
                answer = if statement.is_deny { Answer::Explicit } else { Answer::Allowed };
            }
            answer == Answer::Explicit
        };
        let resource = scene.ask.resource;
        let behind = self.nodes.partition_point(|node| *node.prefix <= *resource);
        let mut at = behind.checked_sub(1);
        while let Some(number) = at {
            let node = &self.nodes[number];
            if resource.as_bytes().starts_with(node.prefix.as_bytes()) {
                for (statement, pattern) in &node.entries {
                    let statement = &statements[*statement as usize];
                    if statement.resources[*pattern as usize].matches(resource, scene) && take(statement) {
                        return Answer::Explicit;
                    }
                }
            }
            at = node.parent.map(|parent| parent as usize);
        }
        for number in &self.others {
            let statement = &statements[*number as usize];
            if statement.matches_resource(scene) && take(statement) {
                return Answer::Explicit;
            }
        }
        answer
    }
}

impl Prefixes {
    pub(crate) fn new(model: Model) -> Self {
        let memos = model.holders.iter().map(|_| RefCell::default()).collect();
        let boundary_memos = model.boundaries.iter().map(|_| RefCell::default()).collect();
        Self { roles: roles(&model), memos, boundary_memos, model }
    }

    pub(crate) fn decide(&self, ask: &Ask<'_>) -> Answer {
        let Some(&role) = role_key(ask.principal).and_then(|key| self.roles.get(key)) else { return Answer::Implicit };
        let holder: &Holder = &self.model.holders[role as usize];
        let scene = Scene { ask, holder };
        let mut buffer = [0; 128];
        let action = lowercase(ask.action, &mut buffer);
        let own = descend(&holder.statements, &self.memos[role as usize], action, &scene);
        match holder.boundary {
            None => own,
            Some(_) if own == Answer::Explicit => own,
            Some(number) => {
                both(own, descend(&self.model.boundaries[number], &self.boundary_memos[number], action, &scene))
            }
        }
    }
}

fn descend(statements: &[Statement], memo: &RefCell<Map<Box<str>, Tree>>, action: &str, scene: &Scene<'_>) -> Answer {
    if let Some(tree) = memo.borrow().get(action) {
        return tree.decide(statements, scene);
    }
    memo.borrow_mut().insert(action.into(), Tree::new(statements, action, scene));
    descend(statements, memo, action, scene)
}

//! One program behind another.
//!
//! Comes in: two programs of policies that nothing is attached to yet. Goes out: one, in which what is new has the numbers
//! that it would have had if all had been made in one, in the same order: so documents can be lowered in parts.

use super::arena::Id;
use super::{
    ActionPattern, ActionSet, Guard, Key, KeyId, Pattern, PatternId, Policy, PolicyId, PrincipalSet, Program,
    ResourceSet, Statement, StatementId, Symbol, Test, Value,
};

impl Program {
    /// Adds the policies of another program and their statements.
    pub(crate) fn append(&mut self, other: Self) {
        let Self { texts, patterns, keys, tests, blocks, principal_sets, guards, statements, policies, .. } = other;
        let symbols = self.texts.append(&texts);
        drop(texts);
        let symbol = |symbol: Symbol| symbol.of(&symbols).unwrap_or(symbol);
        let keys = self.keys.append(keys, |key| Key { name: symbol(key.name), ..key });
        let key = |key: KeyId| key.of(&keys).unwrap_or(key);
        let patterns = self.patterns.append(patterns, |pattern: Pattern| pattern.moved(symbol, key));
        let pattern = |pattern: PatternId| pattern.of(&patterns).unwrap_or(pattern);
        let value = |value: Value| match value {
            Value::Text(text) => Value::Text(symbol(text)),
            Value::Number(text) => Value::Number(symbol(text)),
            Value::Binary(text) => Value::Binary(symbol(text)),
            Value::Pattern(id) => Value::Pattern(pattern(id)),
            Value::Instant(..) | Value::Bool(_) | Value::Network { .. } | Value::Unparsable | Value::Null => value,
        };
        let tests = tests.into_items().map(|test| {
            let values = test.values.into_iter().map(value).collect();
            self.test(Test { key: key(test.key), values, ..test })
        });
        let tests = tests.collect::<Vec<_>>();
        let blocks =
            blocks.into_items().map(|block| self.block(block.iter().filter_map(|test| test.of(&tests)).collect()));
        let blocks = blocks.collect::<Vec<_>>();
        let sets = principal_sets.into_items().map(|set| {
            let entries = set.entries().iter().map(|entry| entry.moved(symbol)).collect();
            self.principal_set(PrincipalSet::new(set.polarity(), entries))
        });
        let sets = sets.collect::<Vec<_>>();
        let guards = guards.into_items().map(|guard| {
            let principals = guard.principals.and_then(|set| set.of(&sets));
            self.guard(Guard { principals, block: guard.block.and_then(|block| block.of(&blocks).flatten()) })
        });
        let guards = guards.collect::<Vec<_>>();
        let (statements_before, policies_before) = (self.statements.len(), self.policies.len());
        let moved = |statement: Statement| {
            let action = |action: &ActionPattern| match *action {
                ActionPattern::Any => ActionPattern::Any,
                ActionPattern::Exact(text) => ActionPattern::Exact(symbol(text)),
                ActionPattern::Prefix(text) => ActionPattern::Prefix(symbol(text)),
                ActionPattern::Glob(id) => ActionPattern::Glob(pattern(id)),
            };
            let Statement { actions, resources, .. } = &statement;
            let actions = ActionSet::new(actions.polarity(), actions.patterns().iter().map(action).collect());
            let patterns = resources.patterns().iter().map(|&id| pattern(id)).collect();
            Statement {
                policy: PolicyId::from_index(policies_before + statement.policy.index()),
                sid: statement.sid.map(symbol),
                actions,
                resources: ResourceSet::new(resources.polarity(), patterns),
                guard: statement.guard.of(&guards).unwrap_or(statement.guard),
                ..statement
            }
        };
        self.statements.extend(statements.into_iter().map(moved));
        let statement = |id: &StatementId| StatementId::from_index(statements_before + id.index());
        self.policies.extend(policies.into_iter().map(|policy| Policy {
            name: symbol(policy.name),
            arn: policy.arn.map(symbol),
            account: policy.account.map(symbol),
            statements: policy.statements.iter().map(statement).collect(),
            ..policy
        }));
    }
}

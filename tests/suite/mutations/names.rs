//! Names of `data/service-reference.txt`, read here on its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What exists, in lower case.
pub(super) struct Names {
    /// Names of actions by prefix.
    actions: BTreeMap<String, BTreeSet<String>>,
    /// Services of ARNs by action.
    services: BTreeMap<String, BTreeSet<String>>,
    arn_services: BTreeSet<String>,
    keys: BTreeSet<String>,
    /// Beginnings of keys with a free part.
    families: BTreeSet<String>,
}

const COMPARISONS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "Null",
];

impl Names {
    pub(super) fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/service-reference.txt");
        let text = std::fs::read_to_string(path).unwrap();
        let (header, rest) = text.split_once('\n').unwrap();
        let blocks = &rest[header.rsplit('\t').next().unwrap().parse::<usize>().unwrap()..];
        let mut names = Self {
            actions: BTreeMap::new(),
            services: BTreeMap::new(),
            arn_services: BTreeSet::new(),
            keys: BTreeSet::new(),
            families: BTreeSet::new(),
        };
        let mut lines = blocks.lines();
        while let Some(service) = lines.next() {
            let prefix = service.split('\t').next().unwrap().to_lowercase();
            let mut section = || lines.by_ref().take_while(|line| !line.is_empty()).collect::<Vec<_>>();
            let (own, resources, tested) = (section(), section(), section());
            let own_actions = names.actions.entry(prefix.clone()).or_default();
            own_actions.extend(own.iter().map(|line| line.split('\t').next().unwrap().to_lowercase()));
            let forms = resources.iter().flat_map(|line| line.split('\t')).collect::<Vec<_>>();
            let of_arns = forms.iter().filter(|form| form.starts_with("arn:"));
            let of_arns = of_arns.filter_map(|form| form.split(':').nth(2)).map(str::to_lowercase);
            let mut of_arns = of_arns.collect::<BTreeSet<_>>();
            names.arn_services.extend(of_arns.iter().cloned());
            // `~` stands for the head with the service's own prefix.
            if forms.iter().any(|form| form.starts_with('~')) {
                of_arns.insert(prefix.clone());
            }
            names.services.insert(prefix, of_arns);
            for key in tested {
                names.key(key.split('\t').next().unwrap());
            }
        }
        names
    }

    fn key(&mut self, key: &str) {
        let key = key.to_lowercase();
        match key.split_once("${") {
            Some((before, _)) => _ = self.families.insert(before.to_owned()),
            None => _ = self.keys.insert(key),
        }
    }

    pub(super) fn is_action(&self, text: &str) -> bool {
        let folded = text.to_lowercase();
        folded
            .split_once(':')
            .is_some_and(|(prefix, name)| self.actions.get(prefix).is_some_and(|own| own.contains(name)))
    }

    /// Whether a text is a pattern of several letters and one star at its end that matches an action.
    pub(super) fn is_pattern(&self, text: &str) -> bool {
        text.ends_with('*')
            && !text[..text.len() - 1].contains(['*', '?'])
            && text.split_once(':').is_some_and(|(_, name)| 4 < name.len())
            && self.matches(text)
    }

    fn matches(&self, pattern: &str) -> bool {
        let folded = pattern.to_lowercase();
        let Some((prefix, name)) = folded.trim_end_matches('*').split_once(':') else { return true };
        self.actions
            .get(prefix)
            .is_some_and(|own| own.range(name.to_owned()..).next().is_some_and(|next| next.starts_with(name)))
    }

    pub(super) fn is_key(&self, text: &str) -> bool {
        let folded = text.to_lowercase();
        let is_family = |family: &String| folded.len() > family.len() && folded.starts_with(family.as_str());
        !folded.contains('.') && (self.keys.contains(&folded) || self.families.iter().any(is_family))
    }

    pub(super) fn is_operator(text: &str) -> bool {
        let bare = text.strip_prefix("ForAllValues:").or_else(|| text.strip_prefix("ForAnyValue:")).unwrap_or(text);
        COMPARISONS.contains(&bare.strip_suffix("IfExists").unwrap_or(bare))
    }

    pub(super) fn is_arn_service(&self, text: &str) -> bool {
        self.arn_services.contains(text)
    }

    /// Whether the service of an action has a resource with that service in its ARN, or is not known.
    pub(super) fn takes(&self, action: &str, arn_service: &str) -> bool {
        let prefix = action.split(':').next().unwrap_or("").to_lowercase();
        self.services.get(&prefix).is_none_or(|own| own.contains(arn_service))
    }

    /// Whether a mistyped name is one that exists by accident.
    pub(super) fn is_wrong(&self, kind: &str, wrong: &str, right: &str) -> bool {
        match kind {
            "typo action" => !self.is_action(wrong) && !wrong.contains(['*', '?']),
            "typo prefix" => !self.is_action(wrong) && !wrong.starts_with(':'),
            "typo pattern" => !self.matches(wrong),
            "typo key" | "typo key prefix" => !self.is_key(wrong) && !wrong.eq_ignore_ascii_case(right),
            "typo operator" => !Self::is_operator(wrong),
            _ => true,
        }
    }
}

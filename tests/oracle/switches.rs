//! The switches of chapter 11 that change decisions.

use serde_json::Value;

/// What `arn_star` says about `*` in components 2 to 5 (R-ARN-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ArnStar {
    TrailingCrosses,
    PerComponent,
    WholeString,
}

/// What `notprincipal_levels` says (R-PRI-16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Levels {
    Exact,
    Any,
    All,
}

/// Each field is true where the switch has its second value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Switches {
    pub(super) strict: bool,
    pub(super) arn_star: ArnStar,
    pub(super) head_case_insensitive: bool,
    pub(super) question_mark_byte: bool,
    pub(super) variable_wildcards_active: bool,
    pub(super) empty_variable_empty: bool,
    pub(super) bool_variables_literal: bool,
    pub(super) arn_head_variables_reject: bool,
    pub(super) null_notresource_no_match: bool,
    pub(super) multivalued_default_null: bool,
    pub(super) null_negated_no_match: bool,
    pub(super) unparsable_false: bool,
    pub(super) null_set_ignore: bool,
    pub(super) plain_list_any: bool,
    pub(super) anyvalue_ifexists_false: bool,
    pub(super) bare_star_match: bool,
    pub(super) operator_case_insensitive: bool,
    pub(super) session_caps: bool,
    pub(super) trust_boundary_no: bool,
    pub(super) levels: Levels,
}

impl Switches {
    /// The defaults of a scenario: those of chapter 11, but lenient.
    pub(super) fn read(value: Option<&Value>) -> Result<Switches, String> {
        let mut all = Switches {
            strict: false,
            arn_star: ArnStar::TrailingCrosses,
            head_case_insensitive: false,
            question_mark_byte: false,
            variable_wildcards_active: false,
            empty_variable_empty: false,
            bool_variables_literal: false,
            arn_head_variables_reject: false,
            null_notresource_no_match: false,
            multivalued_default_null: false,
            null_negated_no_match: false,
            unparsable_false: false,
            null_set_ignore: false,
            plain_list_any: false,
            anyvalue_ifexists_false: false,
            bare_star_match: false,
            operator_case_insensitive: false,
            session_caps: false,
            trust_boundary_no: false,
            levels: Levels::Exact,
        };
        let Some(value) = value else { return Ok(all) };
        let members = value.as_object().ok_or("semantics is not an object")?;
        for (name, text) in members {
            let text = text.as_str().ok_or("a switch is not a string")?;
            match (name.as_str(), text) {
                ("validation", "strict") => all.strict = true,
                ("validation", "lenient") => all.strict = false,
                ("arn_star", "trailing_crosses") => all.arn_star = ArnStar::TrailingCrosses,
                ("arn_star", "per_component") => all.arn_star = ArnStar::PerComponent,
                ("arn_star", "whole_string") => all.arn_star = ArnStar::WholeString,
                ("arn_head_case", "sensitive") => all.head_case_insensitive = false,
                ("arn_head_case", "insensitive") => all.head_case_insensitive = true,
                ("question_mark", "scalar") => all.question_mark_byte = false,
                ("question_mark", "byte") => all.question_mark_byte = true,
                ("variable_wildcards", "literal") => all.variable_wildcards_active = false,
                ("variable_wildcards", "active") => all.variable_wildcards_active = true,
                ("empty_variable", "null") => all.empty_variable_empty = false,
                ("empty_variable", "empty") => all.empty_variable_empty = true,
                ("bool_variables", "expand") => all.bool_variables_literal = false,
                ("bool_variables", "literal") => all.bool_variables_literal = true,
                ("variables_in_arn_head", "expand") => all.arn_head_variables_reject = false,
                ("variables_in_arn_head", "reject") => all.arn_head_variables_reject = true,
                ("null_variable_in_notresource", "excludes_nothing") => all.null_notresource_no_match = false,
                ("null_variable_in_notresource", "no_match") => all.null_notresource_no_match = true,
                ("multivalued_variable_default", "use") => all.multivalued_default_null = false,
                ("multivalued_variable_default", "null") => all.multivalued_default_null = true,
                ("null_variable_negated", "match") => all.null_negated_no_match = false,
                ("null_variable_negated", "no_match") => all.null_negated_no_match = true,
                ("unparsable_value", "fail_closed") => all.unparsable_false = false,
                ("unparsable_value", "false") => all.unparsable_false = true,
                ("null_with_set_operator", "constant") => all.null_set_ignore = false,
                ("null_with_set_operator", "ignore") => all.null_set_ignore = true,
                ("plain_operator_on_list", "false") => all.plain_list_any = false,
                ("plain_operator_on_list", "any") => all.plain_list_any = true,
                ("anyvalue_ifexists_missing", "true") => all.anyvalue_ifexists_false = false,
                ("anyvalue_ifexists_missing", "false") => all.anyvalue_ifexists_false = true,
                ("arnlike_bare_star", "no_match") => all.bare_star_match = false,
                ("arnlike_bare_star", "match") => all.bare_star_match = true,
                ("operator_case", "exact") => all.operator_case_insensitive = false,
                ("operator_case", "insensitive") => all.operator_case_insensitive = true,
                ("session_policy_vs_direct", "direct_wins") => all.session_caps = false,
                ("session_policy_vs_direct", "session_caps") => all.session_caps = true,
                ("trust_user_needs_boundary", "yes") => all.trust_boundary_no = false,
                ("trust_user_needs_boundary", "no") => all.trust_boundary_no = true,
                ("notprincipal_levels", "exact") => all.levels = Levels::Exact,
                ("notprincipal_levels", "any_level") => all.levels = Levels::Any,
                ("notprincipal_levels", "all_levels") => all.levels = Levels::All,
                ("scp_language", "full" | "classic") | ("size_counts_string_blanks", "yes" | "no") => {}
                _ => return Err(format!("unknown switch {name}={text}")),
            }
        }
        Ok(all)
    }
}

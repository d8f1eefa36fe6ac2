//! Every finding of this room: code, message, label and help, one function each.
//!
//! Messages say what is wrong, labels where, helps what to do. Codes are stable: `iamc::syntax::…` for JSON,
//! `iamc::document::…` for the shape of a policy document.

use crate::source::{Diagnostic, Place, Severity};

fn error(
    code: &'static str,
    place: Place,
    message: impl Into<String>,
    label: &str,
    help: impl Into<String>,
) -> Diagnostic {
    Diagnostic {
        code,
        severity: Severity::Error,
        message: message.into(),
        place,
        label: label.into(),
        related: Vec::new(),
        fixes: Vec::new(),
        help: Some(help.into()),
    }
}

fn with(mut finding: Diagnostic, place: Place, label: &str) -> Diagnostic {
    finding.related.push((place, label.into()));
    finding
}

// ---- characters and tokens ----

pub(crate) fn too_large(place: Place) -> Diagnostic {
    let message = "this text is too large";
    error("iamc::syntax::too-large", place, message, "this text", "keep every file below 4 GiB")
}

pub(crate) fn single_quotes(place: Place) -> Diagnostic {
    let message = "a string is written in single quotes";
    error("iamc::syntax::single-quotes", place, message, "not a JSON string", "write the string in double quotes")
}

pub(crate) fn typographic_quotes(place: Place) -> Diagnostic {
    let message = "a string is written in typographic quotes";
    error("iamc::syntax::typographic-quotes", place, message, "not a JSON string", "replace the quotes by `\"`")
}

pub(crate) fn comment(place: Place) -> Diagnostic {
    let message = "JSON has no comments";
    error("iamc::syntax::comment", place, message, "this comment", "remove the comment").with_edit(place, "")
}

pub(crate) fn bare_word(place: Place, word: &str) -> Diagnostic {
    let help = match word.to_ascii_lowercase().as_str() {
        lower @ ("true" | "false" | "null") => format!("write `{lower}`, in lower case"),
        "none" | "nil" | "undefined" => "write `null`, or leave the member out".into(),
        _ => "write strings and names in double quotes".into(),
    };
    let message = format!("`{word}` is not a JSON value");
    let finding = error("iamc::syntax::bare-word", place, message, "not in quotes", help);
    match word.to_ascii_lowercase() {
        lower if matches!(lower.as_str(), "true" | "false" | "null") => finding.with_edit(place, lower),
        _ => finding,
    }
}

pub(crate) fn unknown_characters(place: Place) -> Diagnostic {
    let message = "this text has no place in JSON";
    error("iamc::syntax::unknown-text", place, message, "unexpected", "remove it, or put it into a string")
}

pub(crate) fn bad_number(place: Place) -> Diagnostic {
    let help = "write the number in decimal, without a leading `+` or `0`, or put it in double quotes";
    error("iamc::syntax::bad-number", place, "this is not a JSON number", "malformed number", help)
}

pub(crate) fn unterminated_string(place: Place) -> Diagnostic {
    let message = "a string has no closing quote";
    error("iamc::syntax::unterminated-string", place, message, "starts here", "add the missing `\"`")
}

pub(crate) fn unopened_string(place: Place) -> Diagnostic {
    let message = "a string has no opening quote";
    error("iamc::syntax::unopened-string", place, message, "starts here", "add the missing `\"`")
}

pub(crate) fn control_character(place: Place, character: char) -> Diagnostic {
    let code = u32::from(character);
    let message = format!("a string holds the control character U+{code:04X}");
    let help = format!("write `\\u{code:04x}`, or remove the character");
    error("iamc::syntax::control-character", place, message, "control character", help)
}

pub(crate) fn bad_escape(place: Place) -> Diagnostic {
    let help = "use one of `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\uXXXX`";
    error("iamc::syntax::bad-escape", place, "JSON has no such escape", "unknown escape", help)
}

pub(crate) fn lone_surrogate(place: Place) -> Diagnostic {
    let message = "this escape is half of a surrogate pair";
    let help = "write both halves, `\\uD800`-`\\uDBFF` and then `\\uDC00`-`\\uDFFF`, or the character itself";
    error("iamc::syntax::lone-surrogate", place, message, "half of a pair", help)
}

// ---- brackets ----

pub(crate) fn too_deep(place: Place, limit: usize) -> Diagnostic {
    let message = format!("objects and arrays are nested more than {limit} deep");
    error("iamc::syntax::too-deep", place, message, "one level too deep", "flatten the document")
}

pub(crate) fn unclosed(gap: Place, opener: Place, what: &str, bracket: char) -> Diagnostic {
    let (message, label) = (format!("{what} is not closed"), format!("`{bracket}` expected here"));
    let help = format!("add the missing `{bracket}`");
    with(error("iamc::syntax::unclosed", gap, message, &label, help), opener, "opened here")
}

pub(crate) fn unopened(gap: Place, what: &str, bracket: char) -> Diagnostic {
    let (message, label) = (format!("{what} is not opened"), format!("`{bracket}` expected here"));
    error("iamc::syntax::unopened", gap, message, &label, format!("add the missing `{bracket}`"))
}

pub(crate) fn wrong_bracket(place: Place, opener: Place, expected: char) -> Diagnostic {
    let message = "the closing bracket is of the wrong kind";
    let help = format!("write `{expected}` instead");
    with(error("iamc::syntax::wrong-bracket", place, message, "wrong kind", help), opener, "to close this")
}

pub(crate) fn unmatched_bracket(place: Place) -> Diagnostic {
    let message = "this bracket closes nothing";
    error("iamc::syntax::unmatched-bracket", place, message, "nothing is open", "remove it")
}

// ---- commas, colons, members ----

pub(crate) fn missing_comma(gap: Place) -> Diagnostic {
    error("iamc::syntax::missing-comma", gap, "a comma is missing", "here", "add a `,`").with_edit(gap, ",")
}

pub(crate) fn stray_comma(place: Place) -> Diagnostic {
    let message = "this comma separates nothing";
    error("iamc::syntax::stray-comma", place, message, "nothing on one side", "remove the `,`").with_edit(place, "")
}

pub(crate) fn missing_colon(gap: Place) -> Diagnostic {
    let message = "a colon is missing between name and value";
    error("iamc::syntax::missing-colon", gap, message, "here", "add a `:`").with_edit(gap, ":")
}

pub(crate) fn stray_colon(place: Place) -> Diagnostic {
    let message = "this colon does not follow a member name";
    error("iamc::syntax::stray-colon", place, message, "no name before it", "remove the `:`, or write a name before it")
}

pub(crate) fn colon_in_array(place: Place) -> Diagnostic {
    let help = "use `{` and `}` around members with names";
    error("iamc::syntax::colon-in-array", place, "an array cannot hold members with names", "a colon in an array", help)
}

pub(crate) fn missing_value(gap: Place) -> Diagnostic {
    let message = "a member has no value";
    error("iamc::syntax::missing-value", gap, message, "value expected here", "add the value, or remove the member")
}

pub(crate) fn missing_name(place: Place) -> Diagnostic {
    let message = "a value in an object has no name";
    error(
        "iamc::syntax::missing-name",
        place,
        message,
        "name expected before this",
        "write `\"name\":` before the value",
    )
}

pub(crate) fn name_not_a_string(place: Place) -> Diagnostic {
    let message = "a member name is not a string";
    error("iamc::syntax::name-not-a-string", place, message, "not a string", "write the name in double quotes")
}

pub(crate) fn duplicate_member(place: Place, first: Place, name: &str) -> Diagnostic {
    let message = format!("the member `{name}` is given twice");
    let help = "keep one of the two members, or merge their values";
    with(error("iamc::syntax::duplicate-member", place, message, "again here", help), first, "first here")
}

pub(crate) fn trailing_text(place: Place) -> Diagnostic {
    let message = "there is text after the end of the document";
    error("iamc::syntax::trailing-text", place, message, "after the end", "keep one document in one file")
}

pub(crate) fn empty_document(place: Place) -> Diagnostic {
    let message = "there is no document in this text";
    error("iamc::syntax::empty-document", place, message, "nothing here", "write a JSON document")
}

pub(crate) fn not_json(place: Place) -> Diagnostic {
    error("iamc::syntax::not-json", place, "this is not JSON", "unexpected", "correct the text at this place")
}

pub(crate) fn too_many(place: Place) -> Diagnostic {
    let message = "there are too many mistakes in this text";
    error("iamc::syntax::too-many", place, message, "the last one reported", "correct those reported so far first")
}

// ---- documents inside strings ----

pub(crate) fn not_a_document_string(place: Place) -> Diagnostic {
    let message = "this string holds no policy document";
    let help = "write the document as JSON, as JSON text in a string, or as percent-encoded JSON text in a string";
    error("iamc::document::not-a-document", place, message, "neither JSON nor percent-encoded JSON", help)
}

pub(crate) fn bad_percent(place: Place) -> Diagnostic {
    let message = "this is not a percent-encoded byte";
    error(
        "iamc::document::bad-percent",
        place,
        message,
        "malformed",
        "write `%` and two hexadecimal digits, `%25` for `%`",
    )
}

pub(crate) fn plus_blank(place: Place) -> Diagnostic {
    let message = "a blank is written `+`, which stands for itself here (R-ID-19)";
    error("iamc::document::plus-blank", place, message, "not a blank", "write blanks as `%20`")
}

pub(crate) fn bad_utf8(place: Place) -> Diagnostic {
    let message = "the percent-encoded bytes are not UTF-8";
    error("iamc::document::bad-utf8", place, message, "not UTF-8", "encode the document as UTF-8")
}

// ---- shape of a policy ----

pub(crate) fn wrong_type(place: Place, what: &str, expected: &str, found: &str) -> Diagnostic {
    let message = format!("{what} must be {expected}, not {found}");
    error("iamc::document::wrong-type", place, message, found, format!("write {expected}"))
}

pub(crate) fn unknown_element(place: Place, name: &str, context: &str, help: String) -> Diagnostic {
    let message = format!("{context} has no element `{name}`");
    error("iamc::document::unknown-element", place, message, "unknown element", help)
}

pub(crate) fn unknown_principal_type(place: Place, name: &str, help: String) -> Diagnostic {
    let message = format!("there is no type of principal `{name}`");
    error("iamc::document::unknown-principal-type", place, message, "unknown type of principal", help)
}

pub(crate) fn unknown_version(place: Place, found: &str) -> Diagnostic {
    let message = format!("`{found}` is not a version of the policy language");
    let help = "write \"2012-10-17\", the current version, or \"2008-10-17\"";
    error("iamc::document::unknown-version", place, message, "unknown version", help)
}

pub(crate) fn unknown_effect(place: Place, found: &str) -> Diagnostic {
    let help = match found.to_ascii_lowercase().as_str() {
        "allow" => "write \"Allow\": upper and lower case matter here",
        "deny" => "write \"Deny\": upper and lower case matter here",
        _ => "write \"Allow\" or \"Deny\"",
    };
    let message = format!("`{found}` is not an effect");
    error("iamc::document::unknown-effect", place, message, "unknown effect", help)
}

pub(crate) fn null_entry(place: Place) -> Diagnostic {
    let message = "an entry is `null` and has no effect";
    let finding = error("iamc::document::null-entry", place, message, "ignored", "remove the `null`");
    Diagnostic { severity: Severity::Warning, ..finding }
}

pub(crate) fn both_of_pair(place: Place, first: Place, name: &str, other: &str) -> Diagnostic {
    let message = format!("a statement holds both `{other}` and `{name}`");
    let help = format!("keep one of `{other}` and `{name}`, or write two statements");
    with(error("iamc::document::both-of-pair", place, message, "excludes the other", help), first, "the other is here")
}

pub(crate) fn duplicate_condition_key(place: Place, first: Place, name: &str) -> Diagnostic {
    let message = format!("the condition key `{name}` is given twice, in different case");
    let help = "condition keys ignore case: merge the values under one key";
    with(error("iamc::document::duplicate-condition-key", place, message, "again here", help), first, "first here")
}

pub(crate) fn missing_statement(place: Place) -> Diagnostic {
    let message = "the policy has no `Statement`";
    error(
        "iamc::document::missing-statement",
        place,
        message,
        "this policy",
        "add a `Statement` with at least one statement",
    )
}

pub(crate) fn missing_effect(place: Place) -> Diagnostic {
    let message = "the statement has no `Effect`";
    error(
        "iamc::document::missing-effect",
        place,
        message,
        "this statement",
        "add `\"Effect\": \"Allow\"` or `\"Effect\": \"Deny\"`",
    )
}

pub(crate) fn missing_action(place: Place) -> Diagnostic {
    let message = "the statement has no `Action`";
    error("iamc::document::missing-action", place, message, "this statement", "add `Action` or `NotAction`")
}

//! Tests, keys and names as people write them.

use crate::runtime::{Step, Tables, Test, TestValue};
use crate::terms::{Comparison, Qualifier};
use crate::value::{Family, Instant, Network};

/// Keys that read badly in lower case.
const KEYS: &[&str] = &[
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalType",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:SecureTransport",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:TagKeys",
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:ViaAWSService",
    "aws:VpcSourceIp",
    "iam:AssociatedResourceArn",
    "iam:PassedToService",
    "sts:AWSServiceName",
    "sts:DurationSeconds",
    "sts:ExternalId",
    "sts:RoleSessionName",
    "sts:SourceIdentity",
    "sts:TransitiveTagKeys",
];

/// Beginnings of keys likewise.
const HEADS: &[&str] = &["aws:PrincipalTag/", "aws:RequestTag/", "aws:ResourceTag/", "iam:ResourceTag/"];

/// A key in its usual spelling.
pub(super) fn key(lowercase: &str) -> String {
    if let Some(known) = KEYS.iter().find(|known| known.eq_ignore_ascii_case(lowercase)) {
        return (*known).to_owned();
    }
    let head = HEADS.iter().find_map(|head| {
        let start = lowercase.get(..head.len())?;
        start.eq_ignore_ascii_case(head).then(|| (head, lowercase.get(head.len()..).unwrap_or_default()))
    });
    head.map_or_else(|| lowercase.to_owned(), |(head, tag)| format!("{head}{tag}"))
}

/// An operator in full: `ForAnyValue:StringNotLikeIfExists`.
pub(super) fn operator(test: &Test<'_>) -> String {
    let name = match (test.comparison, test.negated) {
        (Comparison::StringEquals, false) => "StringEquals",
        (Comparison::StringEquals, true) => "StringNotEquals",
        (Comparison::StringEqualsIgnoreCase, false) => "StringEqualsIgnoreCase",
        (Comparison::StringEqualsIgnoreCase, true) => "StringNotEqualsIgnoreCase",
        (Comparison::StringLike, false) => "StringLike",
        (Comparison::StringLike, true) => "StringNotLike",
        (Comparison::NumericEquals, false) => "NumericEquals",
        (Comparison::NumericEquals, true) => "NumericNotEquals",
        (Comparison::NumericLessThan, _) => "NumericLessThan",
        (Comparison::NumericLessThanEquals, _) => "NumericLessThanEquals",
        (Comparison::NumericGreaterThan, _) => "NumericGreaterThan",
        (Comparison::NumericGreaterThanEquals, _) => "NumericGreaterThanEquals",
        (Comparison::DateEquals, false) => "DateEquals",
        (Comparison::DateEquals, true) => "DateNotEquals",
        (Comparison::DateLessThan, _) => "DateLessThan",
        (Comparison::DateLessThanEquals, _) => "DateLessThanEquals",
        (Comparison::DateGreaterThan, _) => "DateGreaterThan",
        (Comparison::DateGreaterThanEquals, _) => "DateGreaterThanEquals",
        (Comparison::Bool, _) => "Bool",
        (Comparison::BinaryEquals, _) => "BinaryEquals",
        (Comparison::IpAddress, false) => "IpAddress",
        (Comparison::IpAddress, true) => "NotIpAddress",
        (Comparison::ArnLike, false) => "ArnLike",
        (Comparison::ArnLike, true) => "ArnNotLike",
        (Comparison::Null, _) => "Null",
    };
    let qualifier = match test.qualifier {
        Qualifier::Plain => "",
        Qualifier::ForAllValues => "ForAllValues:",
        Qualifier::ForAnyValue => "ForAnyValue:",
    };
    let end = if test.if_exists { "IfExists" } else { "" };
    format!("{qualifier}{name}{end}")
}

/// A value of a test.
pub(super) fn value(tables: &Tables<'_>, value: TestValue<'_>) -> String {
    match value {
        TestValue::Text(text) | TestValue::Number(text) | TestValue::Binary(text) => text.to_owned(),
        TestValue::Pattern(number) => pattern(tables, number),
        TestValue::Instant(instant) => time(instant),
        TestValue::Bool(value) => value.to_string(),
        TestValue::Network(network) => network_text(network),
        TestValue::Never => "(never equal)".to_owned(),
    }
}

fn pattern(tables: &Tables<'_>, number: u32) -> String {
    let steps = tables.steps_of(number).map(|step| match step {
        Step::Literal(text) => text.to_owned(),
        Step::Star => "*".to_owned(),
        Step::Any => "?".to_owned(),
        Step::Variable(name, None) => format!("${{{}}}", key(tables.key_name(name))),
        Step::Variable(name, Some(default)) => format!("${{{}, '{default}'}}", key(tables.key_name(name))),
    });
    steps.collect()
}

fn network_text(network: Network) -> String {
    let (family, octets, prefix) = network.to_parts();
    format!("{}/{prefix}", address(family, octets))
}

/// An IP address; an IPv4 address has its octets first.
pub(super) fn address(family: Family, octets: [u8; 16]) -> String {
    match family {
        Family::V4 => {
            let [first, second, third, fourth, ..] = octets;
            std::net::Ipv4Addr::new(first, second, third, fourth).to_string()
        }
        Family::V6 => std::net::Ipv6Addr::from(octets).to_string(),
    }
}

/// An instant in ISO 8601, UTC, or as seconds where there is no such date.
pub(super) fn time(instant: Instant) -> String {
    let (seconds, nanoseconds) = instant.to_parts();
    let Ok(seconds) = u64::try_from(seconds) else { return format!("{seconds} s before 1970") };
    // Days in eras of 400 years that begin on a 1st of March, so that the leap day comes last.
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let fraction = if nanoseconds == 0 { String::new() } else { format!(".{nanoseconds:09}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// The permission set of an Identity Center role's ARN: `AWSReservedSSO_SETNAME_` and 16 hexadecimal digits, below
/// `/aws-reserved/sso.amazonaws.com/` (R-ID-16).
pub fn permission_set(role_arn: &str) -> Option<&str> {
    let resource = role_arn.splitn(6, ':').nth(5)?;
    let rest = resource.strip_prefix("role/aws-reserved/sso.amazonaws.com/")?;
    let name = rest.rsplit('/').next()?.strip_prefix("AWSReservedSSO_")?;
    let (set, digits) = name.rsplit_once('_')?;
    let is_suffix = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_suffix && !set.is_empty()).then_some(set)
}

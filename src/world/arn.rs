//! ARNs of IAM entities, as far as loaders must know them: whose they are and what they name.

/// Which entity an ARN names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EntityKind {
    /// An IAM user.
    User,
    /// A group.
    Group,
    /// A role.
    Role,
    /// A managed policy.
    Policy,
}

impl EntityKind {
    /// The first part of the ARN's resource.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Policy => "policy",
        }
    }

    /// The word for messages, with an article.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::User => "a user",
            Self::Group => "a group",
            Self::Role => "a role",
            Self::Policy => "a managed policy",
        }
    }

    /// The word for messages, for several.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
            Self::Role => "roles",
            Self::Policy => "managed policies",
        }
    }

    /// What its ARNs look like, for help texts.
    pub(super) fn form(self) -> &'static str {
        match self {
            Self::User => "arn:aws:iam::111122223333:user/NAME",
            Self::Group => "arn:aws:iam::111122223333:group/NAME",
            Self::Role => "arn:aws:iam::111122223333:role/NAME",
            Self::Policy => "arn:aws:iam::111122223333:policy/NAME",
        }
    }

    /// The longest name that IAM accepts (R-ID-6).
    pub(super) fn longest_name(self) -> usize {
        match self {
            Self::User | Self::Role => 64,
            Self::Group | Self::Policy => 128,
        }
    }
}

/// The parts of an ARN of an entity (R-ARN-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EntityArn<'a> {
    /// 12 digits, or `aws` for a policy that AWS manages.
    pub(super) account: &'a str,
    /// The path with its slashes; `/` where there is none.
    pub(super) path: &'a str,
    /// The name behind the path.
    pub(super) name: &'a str,
}

/// Takes apart the ARN of an entity of that kind; `None` if it is anything else.
pub(super) fn parse_entity(arn: &str, kind: EntityKind) -> Option<EntityArn<'_>> {
    let mut parts = arn.splitn(6, ':');
    let (scheme, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    let of_iam = scheme == "arn" && !partition.is_empty() && service == "iam" && region.is_empty();
    let owner_fits = is_account_id(account) || (kind == EntityKind::Policy && account == "aws");
    let path_and_name = resource.strip_prefix(kind.prefix()).filter(|rest| rest.starts_with('/'))?;
    let (path, name) = path_and_name.split_at_checked(path_and_name.rfind('/')? + 1)?;
    (of_iam && owner_fits && !name.is_empty()).then_some(EntityArn { account, path, name })
}

/// Whether a text is an account id: 12 digits.
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether IAM accepts a name of at most that many characters (R-ID-6).
pub(super) fn is_name(text: &str, longest: usize) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    !text.is_empty() && text.len() <= longest && text.bytes().all(allowed)
}

/// Whether IAM accepts a path (R-ID-6).
pub(super) fn is_path(text: &str) -> bool {
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    text.starts_with('/') && text.ends_with('/') && text.len() <= 512 && visible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_is_taken_apart_at_its_last_slash() {
        let parsed = parse_entity("arn:aws:iam::111122223333:role/svc/app", EntityKind::Role);
        assert_eq!(parsed, Some(EntityArn { account: "111122223333", path: "/svc/", name: "app" }));
        let parsed = parse_entity("arn:aws-cn:iam::aws:policy/ReadOnlyAccess", EntityKind::Policy);
        assert_eq!(parsed, Some(EntityArn { account: "aws", path: "/", name: "ReadOnlyAccess" }));
    }

    #[test]
    fn anything_else_is_no_entity() {
        for arn in [
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:group/devs",
            "arn:aws:iam::aws:user/ana",
            "arn:aws:iam::11112222333:user/ana",
            "arn:aws:iam:us-east-1:111122223333:user/ana",
            "arn:aws:sts::111122223333:user/ana",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::111122223333:username",
            "ana",
        ] {
            assert_eq!(parse_entity(arn, EntityKind::User), None, "{arn}");
        }
    }

    #[test]
    fn names_and_paths_follow_the_quota_page() {
        assert!(is_name("AWSReservedSSO_View_3f9c1b7a5e2d8046", 64));
        assert!(is_name("a+=,.@_-Z9", 64));
        assert!(!is_name("two words", 64));
        assert!(!is_name("", 64));
        assert!(!is_name(&"a".repeat(65), 64));
        assert!(is_path("/") && is_path("/aws-reserved/sso.amazonaws.com/"));
        assert!(!is_path("svc/") && !is_path("/svc") && !is_path("/a b/"));
    }
}

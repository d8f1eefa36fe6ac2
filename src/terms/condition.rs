//! Words of statements: effects, and of chapter 5 comparisons, qualifiers, what is known of a key.

use super::coded;

coded! {
    /// The comparison of an operator without negation, qualifier and `IfExists` (R-CON-6).
    ///
    /// `ArnEquals` is [`Comparison::ArnLike`]; a negated operator is its positive twin with a flag.
    pub enum Comparison {
        /// `StringEquals`
        StringEquals = 0,
        /// `StringEqualsIgnoreCase`
        StringEqualsIgnoreCase = 1,
        /// `StringLike`
        StringLike = 2,
        /// `NumericEquals`
        NumericEquals = 3,
        /// `NumericLessThan`
        NumericLessThan = 4,
        /// `NumericLessThanEquals`
        NumericLessThanEquals = 5,
        /// `NumericGreaterThan`
        NumericGreaterThan = 6,
        /// `NumericGreaterThanEquals`
        NumericGreaterThanEquals = 7,
        /// `DateEquals`
        DateEquals = 8,
        /// `DateLessThan`
        DateLessThan = 9,
        /// `DateLessThanEquals`
        DateLessThanEquals = 10,
        /// `DateGreaterThan`
        DateGreaterThan = 11,
        /// `DateGreaterThanEquals`
        DateGreaterThanEquals = 12,
        /// `Bool`
        Bool = 13,
        /// `BinaryEquals`
        BinaryEquals = 14,
        /// `IpAddress`
        IpAddress = 15,
        /// `ArnLike`, `ArnEquals`
        ArnLike = 16,
        /// `Null`
        Null = 17,
    }
}

/// `Effect` of a statement; `Deny` sorts first, as rows do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// `Deny`
    Deny,
    /// `Allow`
    Allow,
}

coded! {
    /// The set operator in front of an operator (R-CON-13).
    pub enum Qualifier {
        /// None.
        Plain = 0,
        /// `ForAllValues:`
        ForAllValues = 1,
        /// `ForAnyValue:`
        ForAnyValue = 2,
    }
}

coded! {
    /// How many values a key has, as far as chapter 9 or the service reference knows (R-CON-43).
    pub enum Cardinality {
        /// Nobody says.
        Unknown = 0,
        /// One value.
        Single = 1,
        /// A list.
        Multi = 2,
    }
}

coded! {
    /// Where the value of a key comes from (chapter 9).
    pub enum KeySource {
        /// The host's context.
        Context = 0,
        /// `aws:PrincipalArn`
        PrincipalArn = 1,
        /// `aws:PrincipalAccount`
        PrincipalAccount = 2,
        /// `aws:PrincipalType`
        PrincipalType = 3,
        /// `aws:userid`
        UserId = 4,
        /// `aws:username`
        UserName = 5,
        /// `aws:PrincipalTag/…`
        PrincipalTag = 6,
        /// `aws:PrincipalOrgID`
        PrincipalOrgId = 7,
        /// `aws:PrincipalOrgPaths`
        PrincipalOrgPaths = 8,
        /// `aws:PrincipalIsAWSService`
        PrincipalIsAwsService = 9,
        /// `aws:PrincipalServiceName`
        PrincipalServiceName = 10,
        /// `aws:PrincipalServiceNamesList`
        PrincipalServiceNamesList = 11,
        /// `aws:ResourceAccount`
        ResourceAccount = 12,
        /// `aws:ResourceOrgID`
        ResourceOrgId = 13,
        /// `aws:ResourceOrgPaths`
        ResourceOrgPaths = 14,
        /// `aws:SourceVpce`: the request's endpoint.
        SourceVpce = 15,
        /// `aws:SourceIdentity`: the session's.
        SourceIdentity = 16,
        /// `aws:CalledViaFirst`: from `aws:CalledVia` where the context lacks it.
        CalledViaFirst = 17,
        /// `aws:CalledViaLast`: likewise.
        CalledViaLast = 18,
        /// `aws:EpochTime`: from `aws:CurrentTime` where the context lacks it.
        EpochTime = 19,
        /// `aws:CurrentTime`: from `aws:EpochTime` where the context lacks it.
        CurrentTime = 20,
        /// `aws:TagKeys`: the names of `aws:RequestTag/…` where the context lacks it.
        TagKeys = 21,
        /// `aws:ViaAWSService`: false where the context lacks it.
        ViaAwsService = 22,
        /// The names of all pairs of the encryption context: of `kms:EncryptionContext:…`, and those in
        /// `kms:EncryptionContextKeys`. For KMS grants (R-EVAL-36); no policy can name the key.
        EncryptionContextNames = 23,
    }
}

impl KeySource {
    /// Returns the source of a key by its lower-cased name.
    pub fn of(lowercase_name: &str) -> Self {
        if lowercase_name.strip_prefix("aws:principaltag/").is_some() {
            return Self::PrincipalTag;
        }
        match lowercase_name {
            "aws:principalarn" => Self::PrincipalArn,
            "aws:principalaccount" => Self::PrincipalAccount,
            "aws:principaltype" => Self::PrincipalType,
            "aws:userid" => Self::UserId,
            "aws:username" => Self::UserName,
            "aws:principalorgid" => Self::PrincipalOrgId,
            "aws:principalorgpaths" => Self::PrincipalOrgPaths,
            "aws:principalisawsservice" => Self::PrincipalIsAwsService,
            "aws:principalservicename" => Self::PrincipalServiceName,
            "aws:principalservicenameslist" => Self::PrincipalServiceNamesList,
            "aws:resourceaccount" => Self::ResourceAccount,
            "aws:resourceorgid" => Self::ResourceOrgId,
            "aws:resourceorgpaths" => Self::ResourceOrgPaths,
            "aws:sourcevpce" => Self::SourceVpce,
            "aws:sourceidentity" => Self::SourceIdentity,
            "aws:calledviafirst" => Self::CalledViaFirst,
            "aws:calledvialast" => Self::CalledViaLast,
            "aws:epochtime" => Self::EpochTime,
            "aws:currenttime" => Self::CurrentTime,
            "aws:tagkeys" => Self::TagKeys,
            "aws:viaawsservice" => Self::ViaAwsService,
            _ => Self::Context,
        }
    }

    /// Whether the request's principal, resource or world gives the value, so that it wins over the context
    /// (`cli.md`, *derived keys*).
    pub const fn is_derived(self) -> bool {
        !matches!(
            self,
            Self::Context
                | Self::CalledViaFirst
                | Self::CalledViaLast
                | Self::EpochTime
                | Self::CurrentTime
                | Self::TagKeys
                | Self::ViaAwsService
                | Self::EncryptionContextNames
        )
    }
}

//! The context of a request: keys with one value or a list (R-CON-4, R-ID-25, chapter 9).

use super::value::{date, fold};
use serde_json::Value;

/// What a key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Single(String),
    List(Vec<String>),
}

/// Keys in lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    keys: Vec<(String, Held)>,
}

/// The text of a scalar (R-DOC-5, R-ID-25).
pub(super) fn scalar(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        _ => Err("neither string, number nor boolean".to_owned()),
    }
}

/// Keys that carry a tag in their name (R-CON-39).
fn is_tag_key(key: &str) -> bool {
    key.starts_with("aws:principaltag/")
        || key.starts_with("aws:requesttag/")
        || key.contains(":resourcetag/")
        || key.starts_with("kms:encryptioncontext:")
        || key.starts_with("s3:existingobjecttag/")
        || key.starts_with("s3:requestobjecttag/")
}

/// Single-valued keys of chapter 9 (R-KEY-2 to R-KEY-6, R-KEY-10, R-KEY-11), in lower case.
const SINGLE: &[&str] = &[
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
    "aws:assumedroot",
    "aws:federatedprovider",
    "aws:tokenissuetime",
    "aws:signinsessionarn",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:chatbotsourcearn",
    "aws:ec2instancesourcevpc",
    "aws:ec2instancesourceprivateipv4",
    "aws:sourceidentity",
    "aws:viacustomerdomain",
    "ec2:roledelivery",
    "ec2:sourceinstancearn",
    "glue:roleassumedby",
    "glue:credentialissuingservice",
    "codebuild:buildarn",
    "codebuild:projectarn",
    "lambda:sourcefunctionarn",
    "ssm:sourceinstancearn",
    "identitystore:userid",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:calledviaawsmcp",
    "aws:viaawsservice",
    "aws:viaawsmcpservice",
    "aws:ismcpserviceaction",
    "aws:currenttime",
    "aws:epochtime",
    "aws:referer",
    "aws:useragent",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceowner",
    "sts:externalid",
    "sts:rolesessionname",
    "sts:sourceidentity",
    "sts:durationseconds",
    "sts:awsservicename",
    "sts:taskpolicyarn",
    "iam:passedtoservice",
    "iam:associatedresourcearn",
    "iam:permissionsboundary",
    "iam:policyarn",
    "iam:awsservicename",
    "iam:organizationspolicyid",
    "saml:aud",
    "saml:doc",
    "saml:iss",
    "saml:namequalifier",
    "saml:sub",
    "saml:sub_type",
];

/// Whether chapter 9 knows the key as single-valued (R-CON-43).
pub(super) fn known_single(key: &str) -> bool {
    is_tag_key(key) || SINGLE.contains(&key)
}

impl Context {
    /// Reads the `context` member of a request.
    pub(super) fn read(value: Option<&Value>) -> Result<Context, String> {
        let mut context = Context::default();
        let Some(value) = value else { return Ok(context) };
        for (name, value) in value.as_object().ok_or("context is not an object")? {
            let held = match value {
                Value::Array(items) => Held::List(items.iter().map(scalar).collect::<Result<_, _>>()?),
                other => Held::Single(scalar(other)?),
            };
            let key = fold(name);
            match context.keys.iter_mut().find(|(known, _)| *known == key) {
                None => context.keys.push((key, held)),
                Some((_, known)) if is_tag_key(&key) => {
                    let mut both = values(known);
                    both.extend(values(&held));
                    *known = Held::List(both);
                }
                Some(_) => return Err(format!("context key {name} twice")),
            }
        }
        Ok(context)
    }

    fn raw(&self, key: &str) -> Option<&Held> {
        self.keys.iter().find(|(known, _)| known == key).map(|(_, held)| held)
    }

    /// Adds a derived key; the scenario's own value wins.
    pub(super) fn derive(&mut self, name: &str, held: Held) {
        let key = fold(name);
        if self.raw(&key).is_none() {
            self.keys.push((key, held));
        }
    }

    /// The key's value; an empty list is a missing key (R-CON-9), a list of one for a single-valued key is that value (R-CON-43).
    pub(super) fn get(&self, key: &str) -> Option<Held> {
        match self.raw(key)? {
            Held::List(items) => match items.as_slice() {
                [] => None,
                [only] if known_single(key) => Some(Held::Single(only.clone())),
                _ => Some(Held::List(items.clone())),
            },
            single @ Held::Single(_) => Some(single.clone()),
        }
    }

    /// The single value of a key.
    pub(super) fn single(&self, key: &str) -> Option<String> {
        match self.get(key)? {
            Held::Single(text) => Some(text),
            Held::List(_) => None,
        }
    }

    /// Keys that follow from other keys of the request (R-KEY-6).
    pub(super) fn derive_from_itself(&mut self) {
        if let Some(Held::List(chain)) = self.get("aws:calledvia")
            && let (Some(first), Some(last)) = (chain.first(), chain.last())
        {
            self.derive("aws:CalledViaFirst", Held::Single(first.clone()));
            self.derive("aws:CalledViaLast", Held::Single(last.clone()));
        }
        if let Some(instant) = self.single("aws:currenttime").as_deref().and_then(date) {
            let seconds = instant.div_euclid(1_000_000_000);
            self.derive("aws:EpochTime", Held::Single(seconds.to_string()));
        }
        let tags: Vec<String> =
            self.keys.iter().filter_map(|(key, _)| key.strip_prefix("aws:requesttag/")).map(str::to_owned).collect();
        if !tags.is_empty() {
            self.derive("aws:TagKeys", Held::List(tags));
        }
        self.derive("aws:ViaAWSService", Held::Single("false".to_owned()));
    }
}

/// All values that a key holds.
pub(super) fn values(held: &Held) -> Vec<String> {
    match held {
        Held::Single(text) => vec![text.clone()],
        Held::List(items) => items.clone(),
    }
}

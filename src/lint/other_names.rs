//! Names that people know services and operations by, where permissions have another one.

/// What services are called, in lower case, with the prefixes of their actions.
const SERVICES: &[(&str, &[&str])] = &[
    ("alb", &["elasticloadbalancing"]),
    ("apigw", &["apigateway", "execute-api"]),
    ("cloudwatchlogs", &["logs"]),
    ("cognito", &["cognito-idp", "cognito-identity"]),
    ("documentdb", &["rds"]),
    ("efs", &["elasticfilesystem"]),
    ("elb", &["elasticloadbalancing"]),
    ("elbv2", &["elasticloadbalancing"]),
    ("emr", &["elasticmapreduce"]),
    ("eventbridge", &["events", "scheduler"]),
    ("msk", &["kafka"]),
    ("neptune", &["neptune-db", "rds"]),
    ("nlb", &["elasticloadbalancing"]),
    ("parameterstore", &["ssm"]),
    ("sfn", &["states"]),
    ("stepfunctions", &["states"]),
    ("systemsmanager", &["ssm"]),
];

/// Operations of the API in lower case, with the permissions that they need.
const OPERATIONS: &[(&str, &[&str])] = &[
    ("dynamodb:transactgetitems", &["dynamodb:GetItem"]),
    ("dynamodb:transactwriteitems", &["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]),
    ("lambda:invoke", &["lambda:InvokeFunction"]),
    ("s3:completemultipartupload", &["s3:PutObject"]),
    ("s3:copyobject", &["s3:GetObject", "s3:PutObject"]),
    ("s3:createmultipartupload", &["s3:PutObject"]),
    ("s3:deleteobjects", &["s3:DeleteObject"]),
    ("s3:deletepublicaccessblock", &["s3:PutBucketPublicAccessBlock"]),
    ("s3:getbucketencryption", &["s3:GetEncryptionConfiguration"]),
    ("s3:getbucketlifecycleconfiguration", &["s3:GetLifecycleConfiguration"]),
    ("s3:getbucketreplication", &["s3:GetReplicationConfiguration"]),
    ("s3:getpublicaccessblock", &["s3:GetBucketPublicAccessBlock"]),
    ("s3:headbucket", &["s3:ListBucket"]),
    ("s3:headobject", &["s3:GetObject"]),
    ("s3:listbuckets", &["s3:ListAllMyBuckets"]),
    ("s3:listmultipartuploads", &["s3:ListBucketMultipartUploads"]),
    ("s3:listobjects", &["s3:ListBucket"]),
    ("s3:listobjectsv2", &["s3:ListBucket"]),
    ("s3:listobjectversions", &["s3:ListBucketVersions"]),
    ("s3:listparts", &["s3:ListMultipartUploadParts"]),
    ("s3:putbucketencryption", &["s3:PutEncryptionConfiguration"]),
    ("s3:putbucketlifecycleconfiguration", &["s3:PutLifecycleConfiguration"]),
    ("s3:putbucketreplication", &["s3:PutReplicationConfiguration"]),
    ("s3:putpublicaccessblock", &["s3:PutBucketPublicAccessBlock"]),
    ("s3:uploadpart", &["s3:PutObject"]),
    ("sns:publishbatch", &["sns:Publish"]),
    ("sqs:changemessagevisibilitybatch", &["sqs:ChangeMessageVisibility"]),
    ("sqs:deletemessagebatch", &["sqs:DeleteMessage"]),
    ("sqs:sendmessagebatch", &["sqs:SendMessage"]),
];

/// Prefixes of the actions of a service that is known by that name.
pub(super) fn services(name: &str) -> &'static [&'static str] {
    find(SERVICES, name)
}

/// Permissions that an operation needs, if none has its name.
pub(super) fn permissions(entry: &str) -> &'static [&'static str] {
    find(OPERATIONS, entry)
}

fn find(table: &[(&str, &'static [&'static str])], name: &str) -> &'static [&'static str] {
    let name = name.to_ascii_lowercase();
    let at = table.binary_search_by(|(own, _)| (*own).cmp(&*name)).ok();
    at.and_then(|at| table.get(at)).map_or(&[], |(_, names)| names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_lead_to_what_exists() {
        let reference = crate::reference::built_in();
        assert!(SERVICES.is_sorted() && OPERATIONS.is_sorted());
        for (name, prefixes) in SERVICES {
            assert!(reference.service(name).is_none(), "{name}");
            assert!(prefixes.iter().all(|prefix| reference.service(prefix).is_some()), "{name}");
        }
        let action = |entry: &str| {
            let (prefix, name) = entry.split_once(':').unwrap();
            reference.service(prefix).unwrap().action(name)
        };
        for (operation, permissions) in OPERATIONS {
            assert!(action(operation).is_none(), "{operation}");
            assert!(permissions.iter().all(|entry| action(entry).is_some()), "{operation}");
        }
    }
}

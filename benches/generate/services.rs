//! Services with real action names and ARN forms, most used first, for corpora that look like accounts.

/// One service: actions without a resource, reading and changing actions, and forms of ARN patterns.
///
/// No action is in two of the lists, and no changing action begins with `Get`, `List` or `Describe`, so that a prefix
/// pattern of one list never matches an action of another. Each list is one text with blanks. `{R}`, `{A}` and `{N}`
/// stand for region, account and name. KMS keys are left out: without a key policy nobody may use them (R-EVAL-35).
pub(crate) struct Service {
    pub(crate) prefix: &'static str,
    pub(crate) without_resource: &'static str,
    pub(crate) reads: &'static str,
    pub(crate) writes: &'static str,
    pub(crate) forms: &'static [&'static str],
}

pub(crate) const SERVICES: &[Service] = &[
    Service {
        prefix: "s3",
        without_resource: "ListAllMyBuckets GetAccountPublicAccessBlock ListMultiRegionAccessPoints ListAccessPoints \
            GetAccessPoint ListStorageLensConfigurations ListStorageLensGroups ListAccessGrantsInstances",
        reads: "GetObject ListBucket GetBucketLocation GetBucketAcl GetBucketPolicy GetObjectVersion \
            GetBucketVersioning ListMultipartUploadParts GetBucketTagging GetEncryptionConfiguration \
            ListBucketVersions GetLifecycleConfiguration GetBucketPublicAccessBlock ListBucketMultipartUploads \
            GetBucketLogging GetObjectAcl",
        writes: "PutObject CreateBucket DeleteObject PutBucketPolicy AbortMultipartUpload DeleteBucket \
            PutEncryptionConfiguration PutObjectAcl PutBucketVersioning PutBucketTagging \
            PutLifecycleConfiguration DeleteObjectVersion PutBucketPublicAccessBlock DeleteBucketPolicy \
            PutBucketAcl PutBucketCORS PutObjectTagging RestoreObject PutBucketNotification ReplicateObject",
        forms: &[
            "arn:aws:s3:::{N}",
            "arn:aws:s3:::{N}/*",
            "arn:aws:s3:::{N}*",
            "arn:aws:s3:::{N}/incoming/*",
            "arn:aws:s3:::{N}/*/reports/*",
            "arn:aws:s3:::{N}/raw/*.parquet",
            "arn:aws:s3:::*-{N}/*",
        ],
    },
    Service {
        prefix: "dynamodb",
        without_resource: "ListTables DescribeLimits ListStreams ListGlobalTables ListBackups DescribeReservedCapacity \
            DescribeReservedCapacityOfferings GetAbacStatus",
        reads: "DescribeTable Scan DescribeTimeToLive GetResourcePolicy ListTagsOfResource Query \
            DescribeContinuousBackups GetItem PartiQLSelect BatchGetItem DescribeKinesisStreamingDestination \
            DescribeStream GetRecords DescribeContributorInsights DescribeGlobalTable GetShardIterator",
        writes: "PutItem DeleteTable UpdateItem CreateTable DeleteItem TagResource UntagResource UpdateTable \
            BatchWriteItem UpdateTimeToLive DeleteBackup CreateBackup RestoreTableFromAwsBackup \
            RestoreTableFromBackup StartAwsBackupJob UpdateContinuousBackups AssociateTableReplica \
            CreateGlobalTable CreateGlobalTableWitness CreateTableReplica",
        forms: &[
            "arn:aws:dynamodb:{R}:{A}:table/{N}",
            "arn:aws:dynamodb:{R}:{A}:table/{N}/index/*",
            "arn:aws:dynamodb:{R}:{A}:table/{N}*",
            "arn:aws:dynamodb:*:{A}:table/{N}-*",
        ],
    },
    Service {
        prefix: "sqs",
        without_resource: "ListQueues",
        reads: "GetQueueAttributes GetQueueUrl ReceiveMessage ListQueueTags ListDeadLetterSourceQueues \
            ListMessageMoveTasks",
        writes: "SendMessage CreateQueue DeleteMessage DeleteQueue SetQueueAttributes TagQueue \
            ChangeMessageVisibility AddPermission PurgeQueue StartMessageMoveTask UntagQueue \
            CancelMessageMoveTask RemovePermission",
        forms: &["arn:aws:sqs:{R}:{A}:{N}", "arn:aws:sqs:{R}:{A}:{N}-*", "arn:aws:sqs:*:{A}:{N}*"],
    },
    Service {
        prefix: "sns",
        without_resource: "ListTopics ListSubscriptions GetSMSSandboxAccountStatus GetSMSAttributes GetEndpointAttributes \
            GetPlatformApplicationAttributes CheckIfPhoneNumberIsOptedOut ListOriginationNumbers",
        reads: "GetTopicAttributes ListSubscriptionsByTopic GetSubscriptionAttributes GetDataProtectionPolicy \
            ListTagsForResource",
        writes: "Publish CreateTopic Subscribe SetTopicAttributes Unsubscribe DeleteTopic AddPermission \
            RemovePermission TagResource UntagResource ConfirmSubscription PutDataProtectionPolicy \
            SetSubscriptionAttributes",
        forms: &["arn:aws:sns:{R}:{A}:{N}", "arn:aws:sns:{R}:{A}:{N}-*", "arn:aws:sns:*:*:{N}*"],
    },
    Service {
        prefix: "logs",
        without_resource: "DescribeLogGroups GetLogDelivery ListLogDeliveries DescribeResourcePolicies StopQuery \
            TestMetricFilter StopLiveTail DescribeDestinations",
        reads: "DescribeLogStreams GetLogEvents FilterLogEvents StartQuery GetQueryResults GetLogGroupFields \
            GetLogRecord ListTagsForResource DescribeMetricFilters GetDataProtectionPolicy StartLiveTail \
            DescribeSubscriptionFilters GetDelivery GetDeliveryDestination GetDeliveryDestinationPolicy \
            GetDeliverySource",
        writes: "CreateLogGroup PutLogEvents CreateLogStream PutRetentionPolicy DeleteLogGroup TagResource \
            UntagResource DeleteLogStream AssociateKmsKey DeleteRetentionPolicy PutMetricFilter TagLogGroup \
            CreateDelivery DeleteDataProtectionPolicy DisassociateKmsKey PutDataProtectionPolicy \
            PutDeliveryDestination PutDeliverySource UntagLogGroup CreateExportTask",
        forms: &[
            "arn:aws:logs:{R}:{A}:log-group:/app/{N}:*",
            "arn:aws:logs:{R}:{A}:log-group:/aws/lambda/{N}*",
            "arn:aws:logs:*:{A}:log-group:/ecs/{N}:log-stream:*",
        ],
    },
    Service {
        prefix: "kms",
        without_resource: "ListAliases ListKeys ListRetirableGrants DescribeCustomKeyStores",
        reads: "DescribeKey ListGrants ListKeyPolicies GetKeyPolicy GetKeyRotationStatus ListResourceTags \
            GetPublicKey ListKeyRotations GetParametersForImport GetKeyLastUsage",
        writes: "Decrypt GenerateDataKey CreateGrant Encrypt GenerateDataKeyWithoutPlaintext ReEncryptFrom \
            ReEncryptTo CreateAlias RevokeGrant DeleteAlias RetireGrant TagResource UntagResource \
            DeleteImportedKeyMaterial GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext PutKeyPolicy Sign \
            SynchronizeMultiRegionKey Verify",
        forms: &["arn:aws:kms:{R}:{A}:alias/{N}", "arn:aws:kms:{R}:{A}:alias/{N}-*", "arn:aws:kms:*:{A}:alias/{N}/*"],
    },
    Service {
        prefix: "ec2",
        without_resource: "DescribeSubnets DescribeSecurityGroups DescribeVpcs DescribeInstances DescribeNetworkInterfaces \
            DescribeAvailabilityZones DescribeRouteTables DescribeVpcEndpoints",
        reads: "DescribeVpcAttribute DescribeInstanceAttribute GetSecurityGroupsForVpc GetManagedPrefixListEntries \
            SearchTransitGatewayRoutes GetConsoleOutput DescribeSecurityGroupReferences \
            DescribeVpcEndpointServicePermissions DescribeSnapshotAttribute DescribeVolumeAttribute \
            GetConsoleScreenshot GetIpamPoolCidrs GetNetworkInsightsAccessScopeContent \
            GetTransitGatewayMulticastDomainAssociations GetVerifiedAccessInstanceWebAcl \
            SearchLocalGatewayRoutes",
        writes: "CreateTags CreateNetworkInterface RunInstances DeleteNetworkInterface CreateSecurityGroup \
            AuthorizeSecurityGroupIngress TerminateInstances ModifyNetworkInterfaceAttribute DeleteTags \
            DeleteSecurityGroup CreateNetworkInterfacePermission CreateVpcEndpoint RevokeSecurityGroupIngress \
            AuthorizeSecurityGroupEgress CreateSnapshot RevokeSecurityGroupEgress StopInstances CreateVolume \
            StartInstances AttachVolume",
        forms: &[
            "arn:aws:ec2:{R}:{A}:instance/i-{N}*",
            "arn:aws:ec2:*:*:network-interface/eni-{N}*",
            "arn:aws:ec2:{R}:{A}:volume/vol-{N}*",
            "arn:aws:ec2:*:*:security-group/sg-{N}*",
        ],
    },
    Service {
        prefix: "lambda",
        without_resource: "ListFunctions ListEventSourceMappings ListLayerVersions ListCodeSigningConfigs ListLayers \
            GetAccountSettings ListCapacityProviders ListManagedMicrovmImages",
        reads: "GetFunction GetFunctionConfiguration ListTags ListVersionsByFunction GetPolicy GetEventSourceMapping \
            GetProvisionedConcurrencyConfig GetAlias ListAliases GetFunctionConcurrency \
            GetRuntimeManagementConfig GetFunctionCodeSigningConfig GetFunctionUrlConfig GetLayerVersion \
            GetFunctionEventInvokeConfig GetFunctionRecursionConfig",
        writes: "InvokeFunction CreateFunction DeleteFunction TagResource UpdateFunctionCode \
            UpdateFunctionConfiguration AddPermission UntagResource PublishVersion \
            PutProvisionedConcurrencyConfig RemovePermission AddLayerVersionPermission DeleteEventSourceMapping \
            DeleteLayerVersion UpdateAlias DeleteFunctionConcurrency DeleteProvisionedConcurrencyConfig \
            PublishLayerVersion PutFunctionConcurrency UpdateEventSourceMapping",
        forms: &[
            "arn:aws:lambda:{R}:{A}:function:{N}",
            "arn:aws:lambda:{R}:{A}:function:{N}:*",
            "arn:aws:lambda:{R}:{A}:function:{N}-*",
            "arn:aws:lambda:*:*:layer:{N}:*",
        ],
    },
    Service {
        prefix: "secretsmanager",
        without_resource: "ListSecrets GetRandomPassword BatchGetSecretValue",
        reads: "GetSecretValue DescribeSecret ListSecretVersionIds GetResourcePolicy",
        writes: "CreateSecret DeleteSecret TagResource PutSecretValue UpdateSecret PutResourcePolicy RotateSecret \
            UntagResource DeleteResourcePolicy UpdateSecretVersionStage RestoreSecret CancelRotateSecret \
            RemoveRegionsFromReplication ReplicateSecretToRegions StopReplicationToReplica \
            ValidateResourcePolicy",
        forms: &["arn:aws:secretsmanager:{R}:{A}:secret:{N}-*", "arn:aws:secretsmanager:*:{A}:secret:{N}/*"],
    },
    Service {
        prefix: "ssm",
        without_resource: "GetCommandInvocation DescribeInstanceInformation ListCommands ListCommandInvocations ListDocuments \
            DescribeParameters DescribeAutomationExecutions ListAssociations",
        reads: "GetDocument DescribeDocument GetAutomationExecution GetParameters GetParameter ListTagsForResource \
            GetServiceSetting GetParametersByPath DescribeAssociation DescribeAssociationExecutions \
            GetConnectionStatus GetPatchBaseline GetResourcePolicies ListDocumentVersions GetOpsItem \
            DescribeAutomationStepExecutions",
        writes: "SendCommand AddTagsToResource StartAutomationExecution PutParameter StartSession DeleteParameter \
            CreateAssociation RemoveTagsFromResource UpdateServiceSetting DeleteAssociation \
            StopAutomationExecution DeleteDocument CreateDocument UpdateAssociation UpdateOpsItem \
            SendAutomationSignal StartAssociationsOnce UpdateInstanceInformation DeleteParameters UpdateDocument",
        forms: &[
            "arn:aws:ssm:{R}:{A}:parameter/{N}/*",
            "arn:aws:ssm:{R}:{A}:document/{N}",
            "arn:aws:ssm:*:*:parameter/{N}*",
            "arn:aws:ssm:{R}:{A}:parameter/{N}/*/secure/*",
        ],
    },
    Service {
        prefix: "iam",
        without_resource: "ListRoles ListUsers ListInstanceProfiles ListPolicies ListGroups GenerateCredentialReport \
            ListServerCertificates GetAccountSummary",
        reads: "GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies GetPolicy GetInstanceProfile \
            GetPolicyVersion GetUser GetServiceLinkedRoleDeletionStatus ListPolicyVersions ListAccessKeys \
            ListRoleTags GetLoginProfile GetSAMLProvider ListEntitiesForPolicy \
            GenerateServiceLastAccessedDetails",
        writes: "PassRole CreateServiceLinkedRole AttachRolePolicy CreateRole DeleteRole DetachRolePolicy \
            DeleteRolePolicy DeleteServiceLinkedRole TagRole PutRolePolicy CreateInstanceProfile \
            AddRoleToInstanceProfile DeleteInstanceProfile RemoveRoleFromInstanceProfile UntagRole CreatePolicy \
            CreatePolicyVersion DeletePolicyVersion UpdateRole AttachUserPolicy",
        forms: &[
            "arn:aws:iam::{A}:role/{N}",
            "arn:aws:iam::{A}:role/service-role/{N}*",
            "arn:aws:iam::*:role/{N}-*",
            "arn:aws:iam::{A}:policy/{N}*",
        ],
    },
    Service {
        prefix: "ecs",
        without_resource: "ListClusters ListServices DescribeTaskDefinition ListTaskDefinitions ListTaskDefinitionFamilies \
            ListAccountSettings ListDaemonTaskDefinitions ListDaemons",
        reads: "DescribeClusters DescribeTasks ListTasks DescribeServices ListContainerInstances \
            DescribeContainerInstances DescribeCapacityProviders ListTagsForResource DescribeServiceRevisions \
            DescribeTaskSets DescribeDaemon DescribeDaemonDeployments DescribeDaemonRevisions \
            DescribeDaemonTaskDefinition DescribeExpressGatewayService DescribeServiceDeployments",
        writes: "TagResource RegisterTaskDefinition CreateCluster DeleteCluster UpdateService CreateService StopTask \
            UntagResource DeregisterContainerInstance RunTask StartTask DeleteService ExecuteCommand Poll \
            RegisterContainerInstance StartTelemetrySession UpdateCluster UpdateContainerInstancesState \
            CreateCapacityProvider CreateTaskSet",
        forms: &[
            "arn:aws:ecs:{R}:{A}:cluster/{N}",
            "arn:aws:ecs:{R}:{A}:service/{N}/*",
            "arn:aws:ecs:{R}:{A}:task/{N}/*",
            "arn:aws:ecs:*:*:task-definition/{N}:*",
        ],
    },
    Service {
        prefix: "ecr",
        without_resource: "GetAuthorizationToken DescribeRegistry GetRegistryPolicy GetRegistryScanningConfiguration \
            DescribePullThroughCacheRules DescribeRepositoryCreationTemplates GetAccountSetting \
            GetSigningConfiguration",
        reads: "BatchGetImage GetDownloadUrlForLayer BatchCheckLayerAvailability DescribeRepositories DescribeImages \
            ListImages GetRepositoryPolicy ListTagsForResource GetLifecyclePolicy DescribeImageScanFindings \
            BatchGetRepositoryScanningConfiguration DescribeImageReplicationStatus GetLifecyclePolicyPreview \
            DescribeImageSigningStatus GetImageCopyStatus",
        writes: "CreateRepository TagResource CompleteLayerUpload InitiateLayerUpload PutImage UploadLayerPart \
            BatchDeleteImage UntagResource DeleteRepository DeleteRepositoryPolicy SetRepositoryPolicy \
            StartImageScan PutLifecyclePolicy ReplicateImage BatchImportUpstreamImage DeleteLifecyclePolicy \
            PutImageScanningConfiguration PutImageTagMutability StartLifecyclePolicyPreview \
            UpdateImageStorageClass",
        forms: &[
            "arn:aws:ecr:{R}:{A}:repository/{N}",
            "arn:aws:ecr:{R}:{A}:repository/{N}/*",
            "arn:aws:ecr:*:*:repository/{N}*",
        ],
    },
    Service {
        prefix: "glue",
        without_resource: "ListSessions ListRegistries GetJobs ListJobs GetClassifier GetClassifiers GetColumnStatisticsTaskRun \
            GetColumnStatisticsTaskRuns",
        reads: "GetDatabase GetDatabases GetTable GetTables GetPartitions GetConnection GetCatalog GetPartition \
            SearchTables GetConnections GetTags GetCatalogs BatchGetPartition GetSchema GetSchemaVersion \
            GetSession",
        writes: "CreateDatabase CreateTable DeleteDatabase TagResource UpdateTable DeleteTable CreateSession \
            RunStatement UntagResource BatchCreatePartition CreatePartition CancelStatement CreateJob \
            DeleteSession StopSession BatchDeletePartition CreateConnection DeletePartition UpdatePartition \
            BatchDeleteTable",
        forms: &[
            "arn:aws:glue:{R}:{A}:table/{N}/*",
            "arn:aws:glue:{R}:{A}:database/{N}",
            "arn:aws:glue:*:*:table/{N}*/*",
        ],
    },
    Service {
        prefix: "rds",
        without_resource: "DescribeDBEngineVersions DescribeAccountAttributes DescribeOrderableDBInstanceOptions \
            DescribeEngineDefaultParameters DescribeCertificates DescribeEvents \
            DescribeEngineDefaultClusterParameters DescribeEventCategories",
        reads: "DescribeDBInstances DescribeDBClusters ListTagsForResource DescribeDBClusterSnapshots \
            DescribeDBSubnetGroups DescribeDBClusterParameterGroups DescribeDBParameterGroups \
            DescribeDBSecurityGroups DescribeDBSnapshots DescribeDBClusterParameters DescribeOptionGroups \
            DescribeDBParameters DescribeEventSubscriptions DescribeDBClusterSnapshotAttributes \
            DescribeDBInstanceAutomatedBackups DescribeGlobalClusters",
        writes: "CreateDBInstance AddTagsToResource DeleteDBInstance ModifyDBInstance CreateDBClusterSnapshot \
            DeleteDBCluster DeleteDBClusterSnapshot ModifyDBCluster RestoreDBClusterFromSnapshot \
            RestoreDBClusterToPointInTime CopyDBClusterSnapshot CreateDBCluster CreateDBSubnetGroup \
            FailoverDBCluster ModifyDBSubnetGroup RebootDBInstance ApplyPendingMaintenanceAction \
            CopyDBClusterParameterGroup CopyDBParameterGroup CreateDBClusterParameterGroup",
        forms: &[
            "arn:aws:rds:{R}:{A}:db:{N}",
            "arn:aws:rds:{R}:{A}:cluster:{N}*",
            "arn:aws:rds:*:*:cluster-snapshot:{N}*",
        ],
    },
    Service {
        prefix: "states",
        without_resource: "ListStateMachines ListActivities RevealSecrets ValidateStateMachineDefinition",
        reads: "DescribeStateMachine DescribeExecution GetExecutionHistory ListStateMachineAliases \
            ListStateMachineVersions ListTagsForResource DescribeActivity DescribeStateMachineAlias \
            DescribeMapRun DescribeStateMachineForExecution ListExecutions ListMapRuns",
        writes: "StartExecution UpdateStateMachine StopExecution CreateStateMachine DeleteStateMachine TagResource \
            UntagResource CreateActivity CreateStateMachineAlias DeleteActivity DeleteStateMachineAlias \
            DeleteStateMachineVersion PublishStateMachineVersion RedriveExecution StartSyncExecution \
            UpdateMapRun UpdateStateMachineAlias",
        forms: &[
            "arn:aws:states:{R}:{A}:stateMachine:{N}",
            "arn:aws:states:{R}:{A}:execution:{N}:*",
            "arn:aws:states:*:*:stateMachine:{N}*",
        ],
    },
    Service {
        prefix: "events",
        without_resource: "ListRuleNamesByTarget ListRules ListConnections ListApiDestinations ListEventBuses ListArchives \
            ListEndpoints TestEventPattern",
        reads: "DescribeRule ListTargetsByRule ListTagsForResource DescribeApiDestination DescribeArchive \
            DescribeConnection DescribeEndpoint DescribeEventBus DescribeEventSource DescribeReplay \
            DescribePartnerEventSource DescribeSubscriber GetResourcePolicy ListPartnerEventSourceAccounts \
            ListResourcePolicies",
        writes: "PutRule PutTargets DeleteRule RemoveTargets DisableRule EnableRule TagResource CreateApiDestination \
            CreateConnection DeleteApiDestination DeleteConnection PutEvents UntagResource UpdateApiDestination \
            UpdateConnection ActivateEventSource AllowVendedLogDeliveryForResource CancelReplay CreateArchive \
            CreateEndpoint",
        forms: &[
            "arn:aws:events:{R}:{A}:rule/{N}",
            "arn:aws:events:{R}:{A}:rule/{N}-*",
            "arn:aws:events:*:*:rule/{N}*",
            "arn:aws:events:{R}:{A}:event-bus/{N}",
        ],
    },
    Service {
        prefix: "cloudwatch",
        without_resource: "GetMetricStatistics DescribeAlarmsForMetric ListDashboards GenerateQuery DescribeAnomalyDetectors \
            GenerateQueryResultsSummary ListMetricStreams DescribeInsightRules",
        reads: "DescribeAlarms GetMetricData ListMetrics DescribeAlarmHistory GetDashboard GetInsightRuleReport \
            ListTagsForResource GetMetricStream GetService GetServiceLevelObjective \
            BatchGetServiceLevelObjectiveBudgetReport GetAccessGrant GetAccessProfile GetAlarmMuteRule GetAlert \
            GetDataset",
        writes: "PutMetricData PutMetricAlarm DeleteAlarms TagResource EnableAlarmActions PutDashboard \
            DisableAlarmActions SetAlarmState UntagResource DeleteAccessGrant DeleteAccessProfile \
            DeleteAlarmMuteRule DeleteAlert DeleteDashboards DeleteDomain DeleteDomainAccessGrantForOrganization \
            DeleteDomainForOrganization DeleteIngestionEndpoint DeleteInsightRules DeleteIntegration",
        forms: &[
            "arn:aws:cloudwatch:{R}:{A}:alarm:{N}",
            "arn:aws:cloudwatch:{R}:{A}:alarm:{N}*",
            "arn:aws:cloudwatch:*:*:alarm:{N}-*",
        ],
    },
];

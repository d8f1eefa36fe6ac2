/** Who asks: the short form (an ARN, `anonymous`, a service such as `lambda.amazonaws.com`), or an object. */
export type Principal =
  | string
  | { type: "Anonymous" }
  | { type: "Root" | "User"; arn: string }
  /** `roleArn`: the role's ARN with its path, for roles that the artifact does not define. */
  | { type: "RoleSession"; arn: string; roleArn?: string }
  /** `issuerArn`: the user or root that issued the session. */
  | { type: "FedUser"; arn: string; issuerArn?: string }
  /** At least one name. */
  | { type: "Service"; serviceNames: readonly string[] }
  | { type: "FederatedIdp"; provider: string };

/** A single value; numbers and booleans become their text. */
export type Scalar = string | number | bigint | boolean;

/** An access control list of an object, in the form of S3's API. */
export interface ObjectAcl {
  Owner?: { ID: string };
  Grants?: readonly {
    Grantee: { Type: "CanonicalUser"; ID: string } | { Type: "Group"; URI: string };
    Permission: "READ" | "WRITE" | "READ_ACP" | "WRITE_ACP" | "FULL_CONTROL";
  }[];
}

/**
 * One question, with the members of a request line of `iamc decide`. A member that is `undefined` is absent; an unknown one
 * is an error, and so are an `undefined` context value and an object that is not plain, such as a `Map`.
 */
export interface Request {
  /** At least one of `principal`, `accessKeyId` and `policies`. */
  principal?: Principal;
  /** `service:Name` */
  action: string;
  /** An ARN, or `*` for an action without a resource. */
  resource: string;
  /** Account that owns the resource, 12 digits. */
  resourceAccount?: string;
  /** Context keys in any case. A list of one value is not the same as a value; an empty list is a missing key. */
  context?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  /** Names or ARNs of identity policies to add. */
  policies?: readonly string[];
  /** Names of session policies of the artifact. */
  sessionPolicies?: readonly string[];
  /** Artifacts whose session policies all apply. */
  sessionTables?: readonly Tables[];
  sessionTags?: Readonly<Record<string, string>>;
  sourceIdentity?: string;
  /** `AIDA…` or `AROA…`, where the artifact does not know it. */
  uniqueId?: string;
  credentials?: "longTerm" | "console" | "getSessionToken";
  /** VPC endpoint. */
  endpoint?: string;
  accessKeyId?: string;
  /** Account that owns the object, where it is not the bucket's owner. */
  objectOwner?: string;
  objectAcl?: ObjectAcl;
  /** Whether a context value wins over a derived one. */
  trustContext?: boolean;
  /** Whether `resourceAccount` wins over the account that the ARN or the artifact names. */
  trustResourceAccount?: boolean;
}

export type Layer =
  | "serviceControlPolicy" | "resourceControlPolicy" | "vpcEndpoint" | "resource" | "identity" | "permissionsBoundary"
  | "session" | "acl" | "blockPublicAccess" | "credential" | "root";

/** The answer. */
export interface Decision {
  allowed: boolean;
  decision: "allowed" | "explicitDeny" | "implicitDeny";
  /** The layer that decided; null for implicit denies, and where no layer has a say. */
  layer: Layer | null;
  /** The statement that decided; null where none did. */
  statement: {
    policy: string;
    /** Position in its document, from 0. */
    index: number;
    sid: string | null;
    /** Which of `sessionTables` holds it; null for the artifact itself. */
    sessionTable: number | null;
  } | null;
  /** Layers that deny or lack an allow; of explicit denies only the first, unless explained. */
  blockers: Layer[];
}

/** The answer with all blockers, and what there is to say beside it. */
export interface Explanation extends Decision {
  /** Whether the resource's account was taken to be the principal's for want of better knowledge. */
  assumedResourceAccount: boolean;
  /** Whether the requester's own, known account does not define it, so that it is denied. */
  undefinedPrincipal: boolean;
  /** Layers whose policies were given for a requester that cannot have them. */
  ignoredLayers: Layer[];
  /** Keys of the context that are ignored, because principal, resource or artifact say something else. */
  ignoredKeys: string[];
}

/** An artifact or a request that the library refuses. A request of a wrong shape is a `TypeError`. */
export class IamcError extends Error {
  /** `artifact`: it cannot be loaded. `request`: it has no answer. `interface`: the module was not called rightly. */
  kind: "artifact" | "request" | "interface";
  /** The number in `iamc.h`. */
  code: number;
  /** Which element of its list the error is about, from 0. */
  index: number | null;
}

/** A loaded artifact. */
export class Tables {
  private constructor();
  /** Whether a request is allowed. @throws where `decide` throws. */
  isAllowed(request: Request): boolean;
  /** Decides a request. @throws {TypeError | IamcError} for a request that has no answer; it is not allowed. */
  decide(request: Request): Decision;
  /** Decides a request and says everything about the answer. @throws where `decide` throws. */
  explain(request: Request): Explanation;
  /** Context keys that the artifact can ask for, in lower case and sorted. */
  requiredKeys(): { name: string; fromContext: boolean }[];
  /** Policies that requests may name, sorted. */
  policyNames(): string[];
  /** Frees the artifact; twice is once. Without it that is done when the object is collected, some time. */
  free(): void;
  [Symbol.dispose](): void;
}

/**
 * Loads an artifact that `iamc compile` wrote, and copies it.
 *
 * `module` is the WebAssembly module or its bytes, instead of `iamc.wasm` beside this file. All artifacts of one module share
 * an instance.
 *
 * @throws {IamcError} for bytes that are no whole artifact of this version.
 */
export function load(
  artifact: Uint8Array | ArrayBuffer,
  options?: { module?: WebAssembly.Module | BufferSource },
): Promise<Tables>;

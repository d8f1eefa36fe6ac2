/* The C interface of iamc: loads artifacts that `iamc compile` wrote, and decides requests from them.
 *
 * Generated from the Rust sources by `capi/run header`; do not edit.
 *
 *   iamc_tables *tables = NULL;
 *   if (iamc_load(bytes, length, &tables, NULL) != IAMC_OK) { serve(); }
 *   iamc_request request = iamc_request_init();
 *   request.principal.kind = IAMC_PRINCIPAL_TEXT;
 *   request.principal.name = iamc_text_of("arn:aws:iam::111122223333:user/ana");
 *   request.action = iamc_text_of("s3:GetObject");
 *   request.resource = iamc_text_of("arn:aws:s3:::logs/today");
 *   if (iamc_is_allowed(tables, &request)) { serve(); }
 *   iamc_free(tables);
 *
 * No function keeps anything of a request. Tables never change: all threads may use them at once. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// The short form: an ARN (user, role session, federated user, root), `anonymous`, or a service such as
// `lambda.amazonaws.com`.
#define IAMC_PRINCIPAL_TEXT 1

// A signed user of the resource's account of whom nothing else is known: for requests that only name policies or an
// access key.
#define IAMC_PRINCIPAL_NAMELESS 2

// An unsigned request.
#define IAMC_PRINCIPAL_ANONYMOUS 3

// The root user of an account: `arn:P:iam::A:root`.
#define IAMC_PRINCIPAL_ROOT 4

// An IAM user: `arn:P:iam::A:user/PATH/NAME`.
#define IAMC_PRINCIPAL_USER 5

// A session of a role: `arn:P:sts::A:assumed-role/ROLE/SESSION`.
#define IAMC_PRINCIPAL_ROLE_SESSION 6

// A session of `GetFederationToken`: `arn:P:sts::A:federated-user/NAME`.
#define IAMC_PRINCIPAL_FEDERATED_USER 7

// An AWS service acting itself.
#define IAMC_PRINCIPAL_SERVICE 8

// An identity provider's user who assumes a role: provider ARN or host.
#define IAMC_PRINCIPAL_FEDERATED_PROVIDER 9

// A single value.
#define IAMC_VALUE_ONE 1

// A list of values, also of one; an empty list counts as a key that is missing (null).
#define IAMC_VALUE_LIST 2

// An account by its canonical user id.
#define IAMC_GRANTEE_CANONICAL_USER 1

// `http://acs.amazonaws.com/groups/global/AllUsers`
#define IAMC_GRANTEE_ALL_USERS 2

// `http://acs.amazonaws.com/groups/global/AuthenticatedUsers`
#define IAMC_GRANTEE_AUTHENTICATED_USERS 3

// `http://acs.amazonaws.com/groups/s3/LogDelivery`
#define IAMC_GRANTEE_LOG_DELIVERY 4

// `READ`
#define IAMC_ACL_READ 1

// `WRITE`
#define IAMC_ACL_WRITE 2

// `READ_ACP`
#define IAMC_ACL_READ_ACP 3

// `WRITE_ACP`
#define IAMC_ACL_WRITE_ACP 4

// `FULL_CONTROL`
#define IAMC_ACL_FULL_CONTROL 5

// Where a user's credentials come from is not said: no limit.
#define IAMC_CREDENTIALS_UNSPECIFIED 0

// An access key of the user.
#define IAMC_CREDENTIALS_LONG_TERM 1

// A console sign-in.
#define IAMC_CREDENTIALS_CONSOLE 2

// `GetSessionToken`.
#define IAMC_CREDENTIALS_SESSION_TOKEN 3

// A context value wins over one that principal, resource or world derive.
#define IAMC_TRUST_CONTEXT 1

// `resource_account` wins over the account that the ARN or the artifact names.
#define IAMC_TRUST_RESOURCE_ACCOUNT 2

// Nothing allows it. Also what every request gets that has no answer.
#define IAMC_IMPLICIT_DENY 0

// A `Deny` statement matches.
#define IAMC_EXPLICIT_DENY 1

// Every layer agrees.
#define IAMC_ALLOWED 2

// Service control policies.
#define IAMC_LAYER_SERVICE_CONTROL_POLICY 0

// Resource control policies.
#define IAMC_LAYER_RESOURCE_CONTROL_POLICY 1

// VPC endpoint policy.
#define IAMC_LAYER_VPC_ENDPOINT 2

// Resource-based, role trust and KMS key policies.
#define IAMC_LAYER_RESOURCE 3

// Identity policies.
#define IAMC_LAYER_IDENTITY 4

// Permissions boundary.
#define IAMC_LAYER_PERMISSIONS_BOUNDARY 5

// Session policies.
#define IAMC_LAYER_SESSION 6

// S3 access control lists.
#define IAMC_LAYER_ACL 7

// S3 Block Public Access.
#define IAMC_LAYER_BLOCK_PUBLIC_ACCESS 8

// Limits of temporary credentials.
#define IAMC_LAYER_CREDENTIAL 9

// Implicit access of the account root.
#define IAMC_LAYER_ROOT 10

// No layer.
#define IAMC_LAYER_NONE UINT32_MAX

// Bytes of a message, the zero at its end included.
#define IAMC_MESSAGE_BYTES 256

// Done.
#define IAMC_OK 0

// A pointer is null that must not be, or is not aligned, or what it points at is longer than memory can be.
#define IAMC_ERROR_POINTER 1

// A text is not UTF-8.
#define IAMC_ERROR_UTF8 2

// `size` is not that of this library's structure: another header, or a structure that was not initialised.
#define IAMC_ERROR_SIZE 3

// A number is none of the named ones, or a member is given where it has no place.
#define IAMC_ERROR_VALUE 4

// There is no memory.
#define IAMC_ERROR_MEMORY 5

// The bytes are shorter than the shortest artifact.
#define IAMC_LOAD_TOO_SHORT 16

// The first bytes are not those of an artifact.
#define IAMC_LOAD_NOT_AN_ARTIFACT 17

// The artifact has another format version.
#define IAMC_LOAD_VERSION 18

// The artifact is truncated or has bytes at its end.
#define IAMC_LOAD_LENGTH 19

// The header is damaged.
#define IAMC_LOAD_HEADER 20

// The body is damaged.
#define IAMC_LOAD_CHECKSUM 21

// A switch of the semantics is unknown.
#define IAMC_LOAD_SEMANTICS 22

// A record points at nothing or is not in order.
#define IAMC_LOAD_RECORD 23

// The artifact cannot be loaded for another reason.
#define IAMC_LOAD_OTHER 31

// The principal has none of the known forms.
#define IAMC_REQUEST_PRINCIPAL 32

// The action is not `service:Name`.
#define IAMC_REQUEST_ACTION 33

// The resource is neither an ARN nor `*`.
#define IAMC_REQUEST_RESOURCE 34

// `resource_account` is not 12 digits.
#define IAMC_REQUEST_RESOURCE_ACCOUNT 35

// `resource_account` contradicts the ARN or the artifact.
#define IAMC_REQUEST_RESOURCE_ACCOUNT_CLASH 36

// A policy name that the artifact does not have.
#define IAMC_REQUEST_UNKNOWN_POLICY 37

// A policy of a type that may not be named there.
#define IAMC_REQUEST_WRONG_POLICY_TYPE 38

// Two spellings of one context key.
#define IAMC_REQUEST_DUPLICATE_KEY 39

// An endpoint that is unknown, or not the one of `aws:SourceVpce`.
#define IAMC_REQUEST_ENDPOINT 40

// An access key that is unknown or inactive.
#define IAMC_REQUEST_ACCESS_KEY 41

// An access key of another principal.
#define IAMC_REQUEST_ACCESS_KEY_CLASH 42

// Neither a principal nor a policy.
#define IAMC_REQUEST_NO_SUBJECT 43

// A role ARN or unique id that is not the one that the artifact knows.
#define IAMC_REQUEST_PRINCIPAL_CLASH 44

// Session tags of a principal that can have none, or whose tags the artifact knows.
#define IAMC_REQUEST_TAGS 45

// A kind of credentials for a principal that is no user.
#define IAMC_REQUEST_CREDENTIALS 46

// An object's owner where no known bucket governs the resource.
#define IAMC_REQUEST_OBJECT_OWNER 47

// An access control list where the resource is no object of a known bucket.
#define IAMC_REQUEST_OBJECT_ACL 48

// An object's owner that is not the one of its access control list.
#define IAMC_REQUEST_OBJECT_OWNER_CLASH 49

// A name that another artifact resolved.
#define IAMC_REQUEST_OTHER_ARTIFACT 50

// The request has no answer for another reason.
#define IAMC_REQUEST_OTHER 63

// A resolved action.
typedef struct iamc_action iamc_action;

// A loaded artifact.
typedef struct iamc_tables iamc_tables;

// A resolved context key.
typedef struct iamc_key iamc_key;

// A resolved principal.
typedef struct iamc_resolved_principal iamc_resolved_principal;

// A text: `length` bytes of UTF-8 from `data` on, without a zero at the end. `data` may hold zeros.
//
// With `data` null and `length` 0 it is absent, which is not the same as an empty text. `iamc_text_of` makes one of a C
// string.
typedef struct iamc_text {
    // The first byte, or null.
    const char *data;
    // Bytes.
    size_t length;
} iamc_text;

// Why a call failed.
typedef struct iamc_error {
    // What the call returned.
    uint32_t code;
    // Number of the element in its list that the error is about, from 0; `SIZE_MAX` for none.
    size_t index;
    // For people: UTF-8 with a zero at its end, cut where it is longer.
    char message[IAMC_MESSAGE_BYTES];
} iamc_error;

// Who asks. Members that the kind does not have must be absent.
typedef struct iamc_principal {
    // One of `IAMC_PRINCIPAL_…`; 0 is none, so that a principal which was forgotten is an error.
    uint32_t kind;
    // ARN, service name or provider; the short form for `IAMC_PRINCIPAL_TEXT`; absent for nameless and anonymous ones.
    struct iamc_text name;
    // A role session: the role's ARN with its path, if the artifact does not define the role. A federated user: ARN of
    // the user or root that issued it. May be absent.
    struct iamc_text parent_arn;
    // A service: its further names.
    const struct iamc_text *other_names;
    // How many.
    size_t other_names_count;
} iamc_principal;

// A context key with its value.
typedef struct iamc_context {
    // The key in any case, such as `aws:SourceIp`.
    struct iamc_text key;
    // `IAMC_VALUE_ONE` or `IAMC_VALUE_LIST`; 0 is neither.
    uint32_t kind;
    // The values; none of them absent.
    const struct iamc_text *values;
    // How many: 1 of a single value; any number of a list.
    size_t values_count;
} iamc_context;

// A tag of a session.
typedef struct iamc_tag {
    // Its key.
    struct iamc_text key;
    // Its value.
    struct iamc_text value;
} iamc_tag;

// One grant of an access control list.
typedef struct iamc_acl_grant {
    // One of `IAMC_GRANTEE_…`; 0 is none.
    uint32_t grantee;
    // Of a canonical user: its id. Else absent.
    struct iamc_text canonical_user_id;
    // One of `IAMC_ACL_…`; 0 is none.
    uint32_t permission;
} iamc_acl_grant;

// The access control list of the requested object.
typedef struct iamc_object_acl {
    // Canonical user id of the object's owner; may be absent.
    struct iamc_text owner;
    // Its grants; none grants to nobody.
    const struct iamc_acl_grant *grants;
    // How many.
    size_t grants_count;
} iamc_object_acl;

// One question. Start from `iamc_request_init`, which says its size and leaves everything else absent; `principal`,
// `action` and `resource` are mandatory. Everything is borrowed for the call only.
typedef struct iamc_request {
    // `sizeof(iamc_request)`, by which a header that is not the library's is noticed.
    size_t size;
    // Who asks.
    struct iamc_principal principal;
    // `AIDA…` or `AROA…` of the user or role, where the artifact does not know it.
    struct iamc_text unique_id;
    // `service:Name`.
    struct iamc_text action;
    // A concrete ARN, or `*` for an action without a resource.
    struct iamc_text resource;
    // Account that owns the resource, 12 digits.
    struct iamc_text resource_account;
    // Context keys.
    const struct iamc_context *context;
    // How many.
    size_t context_count;
    // Names or ARNs of identity policies that are added to the principal's own.
    const struct iamc_text *policies;
    // How many.
    size_t policies_count;
    // Names of session policies of the artifact.
    const struct iamc_text *session_policies;
    // How many.
    size_t session_policies_count;
    // Session policies that were compiled apart: all policies of type session in these artifacts.
    const struct iamc_tables *const *session_tables;
    // How many.
    size_t session_tables_count;
    // Tags of the session.
    const struct iamc_tag *session_tags;
    // How many.
    size_t session_tags_count;
    // Source identity of the session.
    struct iamc_text source_identity;
    // One of `IAMC_CREDENTIALS_…`.
    uint32_t credentials;
    // The VPC endpoint that the request came through.
    struct iamc_text endpoint;
    // Access key id, with a nameless principal or beside the one that it belongs to.
    struct iamc_text access_key_id;
    // Account that owns the object, where it is not the bucket's owner.
    struct iamc_text object_owner;
    // Access control list of the object, or null.
    const struct iamc_object_acl *object_acl;
    // A sum of `IAMC_TRUST_…`.
    uint32_t trust;
} iamc_request;

// The answer. Its texts point into the artifact: valid until the tables that decided are freed, or those of
// `session_table`.
typedef struct iamc_decision {
    // `IAMC_ALLOWED` or one of the denies.
    uint32_t effect;
    // The layer that decided, one of `IAMC_LAYER_…`; `IAMC_LAYER_NONE` for implicit denies and where no layer has a say.
    uint32_t layer;
    // For a deny, the layers that deny or lack an allow: bit `1 << IAMC_LAYER_…`. `iamc_decide` stops at the first
    // explicit deny, `iamc_explain` names all.
    uint32_t blockers;
    // Name of the policy with the statement that decided; absent where no statement did.
    struct iamc_text policy;
    // The statement's position in its document, from 0.
    uint32_t statement_index;
    // Its `Sid`, or absent.
    struct iamc_text sid;
    // Which of the request's `session_tables` holds the statement; `SIZE_MAX` for the artifact itself.
    size_t session_table;
} iamc_decision;

// What `iamc_explain` says beside the answer.
typedef struct iamc_notes {
    // 1 if the resource's account was taken to be the principal's for want of better knowledge, else 0.
    uint32_t assumed_resource_account;
    // 1 if the requester's own, known account does not define it, so that it is denied, else 0.
    uint32_t undefined_principal;
    // Layers whose policies were given for a requester that cannot have them, and so ignored: bit `1 << IAMC_LAYER_…`.
    uint32_t ignored_layers;
} iamc_notes;

// A context key that the artifact's conditions and variables can ask for.
typedef struct iamc_required_key_name {
    // Its name in lower case; points into the artifact.
    struct iamc_text name;
    // 1 if only the host can tell its value, 0 if principal, resource, world or other keys may derive it.
    uint32_t from_context;
} iamc_required_key_name;

// A context key, resolved, with its value.
typedef struct iamc_resolved_context {
    // The key.
    const struct iamc_key *key;
    // As in `iamc_context`.
    uint32_t kind;
    // As in `iamc_context`.
    const struct iamc_text *values;
    // As in `iamc_context`.
    size_t values_count;
} iamc_resolved_context;

// One question in resolved names. What it has no member for is not said; for session policies, endpoints, access keys
// and the like use `iamc_request`.
typedef struct iamc_resolved_request {
    // `sizeof(iamc_resolved_request)`.
    size_t size;
    // Who asks.
    const struct iamc_resolved_principal *principal;
    // For what.
    const struct iamc_action *action;
    // A concrete ARN, or `*` for an action without a resource.
    struct iamc_text resource;
    // Context keys.
    const struct iamc_resolved_context *context;
    // How many.
    size_t context_count;
} iamc_resolved_request;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Version of the library, as text.
struct iamc_text iamc_version(void);

// Version of the artifact format that the library reads; it refuses every other one.
uint32_t iamc_format_version(void);

// Checks an artifact and copies it; `*tables` is then to be freed with `iamc_free`. Costs one pass over the bytes.
//
// `*tables` is null on failure. `error` may be null, here and everywhere.
//
// # Safety
//
// `bytes` points at `length` bytes, `tables` and `error` at one of theirs each, or they are null.
uint32_t iamc_load(const uint8_t *bytes, size_t length, struct iamc_tables **tables, struct iamc_error *error);

// The same without a copy, for bytes that stay: static ones, or a mapped file.
//
// # Safety
//
// As for `iamc_load`; besides, the bytes neither change nor go away before the tables are freed and everything that was
// resolved with them.
uint32_t iamc_load_borrowed(const uint8_t *bytes, size_t length, struct iamc_tables **tables, struct iamc_error *error);

// Frees tables; null is nothing. What was resolved with them stays usable and has to be freed itself; texts of decisions
// do not.
//
// # Safety
//
// `tables` came from this library, and nobody uses it from now on.
void iamc_free(struct iamc_tables *tables);

// Whether a request is allowed: `true` only if every layer agrees, `false` for everything else, errors included.
//
// Costs what a decision costs and one or two allocations for the lists of the request. May be called from several threads
// at once, as all functions here with the same tables.
//
// # Safety
//
// `tables` came from this library; `request` and what it holds point at what their counts say, or are null.
bool iamc_is_allowed(const struct iamc_tables *tables,
                     const struct iamc_request *request);

// Decides a request. On failure the decision is an implicit deny by no layer.
//
// `IAMC_OK` says that there is an answer, not that it is yes: look at `decision->effect`.
//
// # Safety
//
// As for `iamc_is_allowed`; `decision` and `error` point at one of theirs each, or are null.
uint32_t iamc_decide(const struct iamc_tables *tables,
                     const struct iamc_request *request,
                     struct iamc_decision *decision,
                     struct iamc_error *error);

// Decides a request and names all layers that deny or lack an allow; `notes` may be null.
//
// # Safety
//
// As for `iamc_decide`; `notes` points at one of its kind, or is null.
uint32_t iamc_explain(const struct iamc_tables *tables,
                      const struct iamc_request *request,
                      struct iamc_decision *decision,
                      struct iamc_notes *notes,
                      struct iamc_error *error);

// Sets `ignored[i]` for each key of the request's context: whether its value is ignored, because principal, resource or
// artifact say something else. `count` must be `request->context_count`.
//
// # Safety
//
// As for `iamc_is_allowed`; `ignored` points at `count` elements, `error` at one, or they are null.
uint32_t iamc_ignored_keys(const struct iamc_tables *tables,
                           const struct iamc_request *request,
                           bool *ignored,
                           size_t count,
                           struct iamc_error *error);

// Tells the context key number `index`, from 0, that the artifact can ask for, sorted by name; `false` behind the last.
//
// # Safety
//
// `tables` came from this library, `key` points at one of its kind, or they are null.
bool iamc_required_key(const struct iamc_tables *tables, size_t index, struct iamc_required_key_name *key);

// Tells the name number `index`, from 0, of the policies that requests may name, sorted; `false` behind the last.
//
// # Safety
//
// `tables` came from this library, `name` points at one of its kind, or they are null.
bool iamc_policy_name(const struct iamc_tables *tables, size_t index, struct iamc_text *name);

// Resolves a principal, to be freed with `iamc_principal_free`: what the artifact knows of it is looked up once. A nameless
// one cannot be resolved.
//
// # Safety
//
// `tables` came from this library; `principal`, `resolved` and `error` point at one of theirs each, or are null.
uint32_t iamc_resolve_principal(const struct iamc_tables *tables,
                                const struct iamc_principal *principal,
                                struct iamc_resolved_principal **resolved,
                                struct iamc_error *error);

// Resolves an action, `service:Name` in any case, to be freed with `iamc_action_free`.
//
// # Safety
//
// `tables` came from this library, `name` points at its bytes; `resolved` and `error` at one of theirs each, or are null.
uint32_t iamc_resolve_action(const struct iamc_tables *tables,
                             struct iamc_text name,
                             struct iamc_action **resolved,
                             struct iamc_error *error);

// Resolves a context key in any case, to be freed with `iamc_key_free`; also one that no condition asks.
//
// # Safety
//
// As for `iamc_resolve_action`.
uint32_t iamc_resolve_key(const struct iamc_tables *tables,
                          struct iamc_text name,
                          struct iamc_key **resolved,
                          struct iamc_error *error);

// Frees a resolved principal; null is nothing.
//
// # Safety
//
// `principal` came from this library, and nobody uses it from now on.
void iamc_principal_free(struct iamc_resolved_principal *principal);

// Frees a resolved action; null is nothing.
//
// # Safety
//
// `action` came from this library, and nobody uses it from now on.
void iamc_action_free(struct iamc_action *action);

// Frees a resolved key; null is nothing.
//
// # Safety
//
// `key` came from this library, and nobody uses it from now on.
void iamc_key_free(struct iamc_key *key);

// Decides a request in resolved names, as `iamc_decide` decides the same one in texts. Names that another artifact
// resolved are an error, and denied.
//
// # Safety
//
// `tables` and what the request names came from this library; the rest as for `iamc_decide`.
uint32_t iamc_decide_resolved(const struct iamc_tables *tables,
                              const struct iamc_resolved_request *request,
                              struct iamc_decision *decision,
                              struct iamc_error *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/* A request of which nothing is said yet. */
static inline iamc_request iamc_request_init(void) {
    iamc_request request;
    memset(&request, 0, sizeof request);
    request.size = sizeof request;
    return request;
}

/* The same in resolved names. */
static inline iamc_resolved_request iamc_resolved_request_init(void) {
    iamc_resolved_request request;
    memset(&request, 0, sizeof request);
    request.size = sizeof request;
    return request;
}

/* A C string as a text; null is the absent text. The string is borrowed. */
static inline iamc_text iamc_text_of(const char *string) {
    iamc_text text;
    text.data = string;
    text.length = string == NULL ? 0 : strlen(string);
    return text;
}

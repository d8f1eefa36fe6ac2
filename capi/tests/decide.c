/* Asks the world beside this file through the C interface. Each expectation follows from its policies and the rule that is
 * cited; each member of a request is shown to matter, so that none is lost on the way. */
#include "iamc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int checks = 0;
static int failures = 0;

#define CHECK(what)                                                              \
    do {                                                                         \
        ++checks;                                                                \
        if (!(what)) {                                                           \
            ++failures;                                                          \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);   \
        }                                                                        \
    } while (0)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ACCOUNT "arn:aws:iam::111122223333:"
#define CANONICAL_OWN "1f1c9a7e5b2d48608c7a1e9f4b6d0352a8c4e7190b3d5f628e1a7c94d0b6f381"
#define CANONICAL_OTHER "4b04d7c2e6f1358a7d20c9e4b8136fa5037e2d9c4b81f6a05e3c7d92b4a8f160"

static iamc_text t(const char *string) { return iamc_text_of(string); }

static bool is(iamc_text text, const char *expected) {
    return text.data != NULL && text.length == strlen(expected) && memcmp(text.data, expected, text.length) == 0;
}

static bool is_absent(iamc_text text) { return text.data == NULL && text.length == 0; }

static iamc_request question(uint32_t kind, const char *name, const char *action, const char *resource) {
    iamc_request request = iamc_request_init();
    request.principal.kind = kind;
    request.principal.name = t(name);
    request.action = t(action);
    request.resource = t(resource);
    return request;
}

static iamc_request of_ana(const char *action, const char *resource) {
    return question(IAMC_PRINCIPAL_USER, ACCOUNT "user/ana", action, resource);
}

static iamc_request of_deploy(const char *action, const char *resource) {
    return question(IAMC_PRINCIPAL_ROLE_SESSION, "arn:aws:sts::111122223333:assumed-role/deploy/run1", action, resource);
}

/* The answer, held to what `iamc_is_allowed` and `iamc_explain` say of the same request. */
static iamc_decision decide(const iamc_tables *tables, const iamc_request *request) {
    iamc_decision decision, explained;
    iamc_error error;
    uint32_t code = iamc_decide(tables, request, &decision, &error);
    CHECK(code == IAMC_OK);
    CHECK(error.code == IAMC_OK && error.message[0] == 0 && error.index == SIZE_MAX);
    CHECK(iamc_explain(tables, request, &explained, NULL, NULL) == IAMC_OK);
    CHECK(explained.effect == decision.effect && explained.layer == decision.layer);
    CHECK(iamc_is_allowed(tables, request) == (decision.effect == IAMC_ALLOWED));
    return decision;
}

static bool allowed(const iamc_tables *tables, const iamc_request *request) {
    return decide(tables, request).effect == IAMC_ALLOWED;
}

/* Denied for want of an allow in exactly this layer. */
static bool lacks(const iamc_tables *tables, const iamc_request *request, uint32_t layer) {
    iamc_decision decision = decide(tables, request);
    return decision.effect == IAMC_IMPLICIT_DENY && decision.blockers == 1u << layer
        && decision.layer == IAMC_LAYER_NONE && is_absent(decision.policy);
}

/* The code of a request without an answer, which is denied by no layer. */
static uint32_t refusal(const iamc_tables *tables, const iamc_request *request) {
    iamc_decision decision;
    iamc_error error;
    memset(&decision, 0xff, sizeof decision);
    uint32_t code = iamc_decide(tables, request, &decision, &error);
    CHECK(decision.effect == IAMC_IMPLICIT_DENY && decision.blockers == 0 && decision.layer == IAMC_LAYER_NONE);
    CHECK(error.code == code && (code == IAMC_OK) == (error.message[0] == 0));
    CHECK(iamc_explain(tables, request, &decision, NULL, NULL) == code);
    CHECK(!iamc_is_allowed(tables, request));
    return code;
}

static iamc_context entry(const char *key, const iamc_text *values, size_t count, uint32_t kind) {
    iamc_context context = { .key = t(key), .kind = kind, .values = values, .values_count = count };
    return context;
}

static void answers(const iamc_tables *tables) {
    iamc_request request = of_ana("s3:GetObject", "arn:aws:s3:::logs/a");
    iamc_decision decision = decide(tables, &request);
    CHECK(decision.effect == IAMC_ALLOWED && decision.layer == IAMC_LAYER_IDENTITY && decision.blockers == 0);
    CHECK(is(decision.policy, "user/ana/Work") && decision.statement_index == 0 && is(decision.sid, "Read"));
    CHECK(decision.session_table == SIZE_MAX);

    /* Only identity policies have a say of one's own bucket that says nothing: the identity lacks an allow (R-EVAL-5). */
    request = of_ana("s3:DeleteObject", "arn:aws:s3:::logs/a");
    decision = decide(tables, &request);
    CHECK(decision.effect == IAMC_IMPLICIT_DENY && (decision.blockers & 1u << IAMC_LAYER_IDENTITY) != 0);

    iamc_text there = t("198.51.100.7");
    iamc_context context = entry("AWS:sourceIP", &there, 1, IAMC_VALUE_ONE);
    request = of_ana("s3:GetObject", "arn:aws:s3:::logs/a");
    request.context = &context;
    request.context_count = 1;
    decision = decide(tables, &request);
    CHECK(decision.effect == IAMC_EXPLICIT_DENY && decision.layer == IAMC_LAYER_IDENTITY);
    CHECK(decision.blockers == 1u << IAMC_LAYER_IDENTITY);
    CHECK(decision.statement_index == 3 && is(decision.sid, "NotFromThere"));

    iamc_notes notes;
    request = of_ana("s3:GetObject", "arn:aws:s3:::elsewhere/a");
    CHECK(iamc_explain(tables, &request, &decision, &notes, NULL) == IAMC_OK && decision.effect == IAMC_ALLOWED);
    CHECK(notes.assumed_resource_account == 1 && notes.undefined_principal == 0 && notes.ignored_layers == 0);
    /* Its own account knows no `eve` (cli.md, Unknown principals). */
    request = question(IAMC_PRINCIPAL_USER, ACCOUNT "user/eve", "s3:GetObject", "arn:aws:s3:::logs/public/a");
    CHECK(iamc_explain(tables, &request, &decision, &notes, NULL) == IAMC_OK && decision.effect == IAMC_IMPLICIT_DENY);
    CHECK(notes.undefined_principal == 1 && decision.blockers == 1u << IAMC_LAYER_IDENTITY);
}

static void principals(const iamc_tables *tables) {
    iamc_request request = question(IAMC_PRINCIPAL_TEXT, ACCOUNT "user/ana", "s3:GetObject", "arn:aws:s3:::logs/a");
    CHECK(allowed(tables, &request));
    request.principal.name = t("anonymous");
    CHECK(lacks(tables, &request, IAMC_LAYER_RESOURCE));
    request = question(IAMC_PRINCIPAL_ANONYMOUS, NULL, "s3:GetObject", "arn:aws:s3:::logs/public/a");
    CHECK(allowed(tables, &request));
    request = question(IAMC_PRINCIPAL_ROOT, ACCOUNT "root", "s3:DeleteObject", "arn:aws:s3:::logs/a");
    CHECK(decide(tables, &request).layer == IAMC_LAYER_ROOT);
    request = of_deploy("s3:PutObject", "arn:aws:s3:::logs/deploy/a");
    CHECK(allowed(tables, &request));
    request.principal.parent_arn = t(ACCOUNT "role/jobs/deploy");
    CHECK(allowed(tables, &request));
    request.principal.parent_arn = t(ACCOUNT "role/deploy");
    CHECK(refusal(tables, &request) == IAMC_REQUEST_PRINCIPAL_CLASH);

    /* A service by its second name. */
    iamc_text names[] = { t("other.amazonaws.com"), t("delivery.logs.amazonaws.com") };
    request = question(IAMC_PRINCIPAL_SERVICE, "logs.amazonaws.com", "s3:PutObject", "arn:aws:s3:::logs/delivered/a");
    CHECK(lacks(tables, &request, IAMC_LAYER_RESOURCE));
    request.principal.other_names = names;
    request.principal.other_names_count = COUNT(names);
    CHECK(allowed(tables, &request));

    request = question(IAMC_PRINCIPAL_FEDERATED_PROVIDER, ACCOUNT "saml-provider/office", "sts:AssumeRoleWithSAML",
                       ACCOUNT "role/jobs/deploy");
    CHECK(allowed(tables, &request));
    request.principal.name = t(ACCOUNT "saml-provider/home");
    CHECK(lacks(tables, &request, IAMC_LAYER_RESOURCE));

    /* What its issuer is denied a federated user is denied. */
    iamc_text there = t("198.51.100.7");
    iamc_context context = entry("aws:SourceIp", &there, 1, IAMC_VALUE_ONE);
    request = question(IAMC_PRINCIPAL_FEDERATED_USER, "arn:aws:sts::111122223333:federated-user/zoe", "s3:GetObject",
                       "arn:aws:s3:::logs/temporary/a");
    request.principal.parent_arn = t(ACCOUNT "user/ana");
    CHECK(allowed(tables, &request));
    request.context = &context;
    request.context_count = 1;
    CHECK(decide(tables, &request).effect == IAMC_EXPLICIT_DENY);
}

static void members(const iamc_tables *tables, const iamc_tables *session) {
    /* Access keys stand for their user, inactive ones for nobody. */
    iamc_request request = question(IAMC_PRINCIPAL_NAMELESS, NULL, "s3:GetObject", "arn:aws:s3:::logs/a");
    CHECK(refusal(tables, &request) == IAMC_REQUEST_NO_SUBJECT);
    request.access_key_id = t("AKIAEXAMPLEANAAAAAA1");
    CHECK(allowed(tables, &request));
    request.access_key_id = t("AKIAEXAMPLEANAAAAAA0");
    CHECK(refusal(tables, &request) == IAMC_REQUEST_ACCESS_KEY);

    /* Named policies, and a user of an account outside the world whose unique id only the host knows. */
    iamc_text visitor = t("Visitor");
    request = question(IAMC_PRINCIPAL_USER, "arn:aws:iam::777788889999:user/out", "s3:PutObject",
                       "arn:aws:s3:::guides/a");
    CHECK(!allowed(tables, &request));
    request.policies = &visitor;
    request.policies_count = 1;
    CHECK(lacks(tables, &request, IAMC_LAYER_IDENTITY));
    request.unique_id = t("AIDAEXAMPLEOUTSIDEAA1");
    CHECK(allowed(tables, &request));
    iamc_text names[] = { t("Visitor"), t("Nobody") };
    request.policies = names;
    request.policies_count = COUNT(names);
    iamc_error error;
    iamc_decision decision;
    CHECK(iamc_decide(tables, &request, &decision, &error) == IAMC_REQUEST_UNKNOWN_POLICY && error.index == 1);
    CHECK(strcmp(error.message, "policy number 2 is not in the artifact") == 0);

    /* Another account's bucket needs an allow of that account (R-EVAL-22). */
    request = of_ana("s3:GetObject", "arn:aws:s3:::elsewhere/a");
    CHECK(allowed(tables, &request));
    request.resource_account = t("444455556666");
    CHECK(lacks(tables, &request, IAMC_LAYER_RESOURCE));
    request.resource = t("arn:aws:s3:::logs/a");
    CHECK(refusal(tables, &request) == IAMC_REQUEST_RESOURCE_ACCOUNT_CLASH);
    request.trust = IAMC_TRUST_RESOURCE_ACCOUNT;
    CHECK(lacks(tables, &request, IAMC_LAYER_RESOURCE));

    /* A derived key wins over the context, unless the context is trusted. */
    iamc_text bob = t("bob");
    iamc_text here = t("203.0.113.1");
    iamc_context context[] = { entry("aws:SourceIp", &here, 1, IAMC_VALUE_ONE),
                               entry("aws:username", &bob, 1, IAMC_VALUE_ONE) };
    bool ignored[] = { true, false };
    request = of_ana("s3:GetObject", "arn:aws:s3:::logs/a");
    request.context = context;
    request.context_count = COUNT(context);
    CHECK(allowed(tables, &request));
    CHECK(iamc_ignored_keys(tables, &request, ignored, COUNT(ignored), NULL) == IAMC_OK);
    CHECK(!ignored[0] && ignored[1]);
    CHECK(iamc_ignored_keys(tables, &request, ignored, 1, NULL) == IAMC_ERROR_VALUE);
    request.trust = IAMC_TRUST_CONTEXT;
    CHECK(is(decide(tables, &request).sid, "NotAsBob"));
    context[0].key = t("AWS:USERNAME");
    CHECK(refusal(tables, &request) == IAMC_REQUEST_DUPLICATE_KEY);

    /* Lists: one wrong tag denies, and an empty list is none (R-CON-9). */
    iamc_text tags[] = { t("team"), t("owner") };
    iamc_context list = entry("aws:TagKeys", tags, 1, IAMC_VALUE_LIST);
    request = of_ana("s3:PutObject", "arn:aws:s3:::logs/a");
    request.context = &list;
    request.context_count = 1;
    CHECK(allowed(tables, &request));
    list.values_count = 2;
    CHECK(is(decide(tables, &request).sid, "OnlyKnownTags"));
    list.values_count = 0;
    CHECK(allowed(tables, &request));

    /* The endpoint's policy allows reading only. */
    request = of_ana("s3:PutObject", "arn:aws:s3:::logs/a");
    CHECK(allowed(tables, &request));
    request.endpoint = t("vpce-0a1b2c3d4e5f60718");
    CHECK(lacks(tables, &request, IAMC_LAYER_VPC_ENDPOINT));
    request.endpoint = t("vpce-00000000000000000");
    CHECK(refusal(tables, &request) == IAMC_REQUEST_ENDPOINT);

    /* Session policies of the artifact, and such as were compiled apart. */
    iamc_text read_only = t("ReadOnly");
    request = of_deploy("s3:PutObject", "arn:aws:s3:::logs/deploy/a");
    request.session_policies = &read_only;
    request.session_policies_count = 1;
    CHECK(lacks(tables, &request, IAMC_LAYER_SESSION));
    request.session_policies_count = 0;
    request.session_tables = &session;
    request.session_tables_count = 1;
    CHECK(lacks(tables, &request, IAMC_LAYER_SESSION));
    request.action = t("s3:GetObject");
    CHECK(allowed(tables, &request));

    /* Tags and source identity of a session. */
    iamc_tag tag = { t("team"), t("red") };
    request = of_deploy("s3:GetObject", "arn:aws:s3:::logs/team/a");
    CHECK(!allowed(tables, &request));
    request.session_tags = &tag;
    request.session_tags_count = 1;
    CHECK(allowed(tables, &request));
    tag.value = t("blue");
    CHECK(!allowed(tables, &request));
    request = of_deploy("s3:GetObject", "arn:aws:s3:::logs/alice/a");
    CHECK(!allowed(tables, &request));
    request.source_identity = t("alice");
    CHECK(allowed(tables, &request));

    /* Credentials of GetSessionToken without MFA may not call IAM (R-EVAL-21). */
    request = of_ana("iam:GetUser", ACCOUNT "user/ana");
    request.credentials = IAMC_CREDENTIALS_LONG_TERM;
    CHECK(allowed(tables, &request));
    request.credentials = IAMC_CREDENTIALS_CONSOLE;
    CHECK(allowed(tables, &request));
    request.credentials = IAMC_CREDENTIALS_SESSION_TOKEN;
    CHECK(lacks(tables, &request, IAMC_LAYER_CREDENTIAL));

    /* An object of another account is granted by its own list alone (R-EVAL-37, R-EVAL-38). */
    request = of_ana("s3:GetObject", "arn:aws:s3:::logs/a");
    request.object_owner = t("444455556666");
    CHECK(lacks(tables, &request, IAMC_LAYER_ACL));
    iamc_acl_grant grants[] = { { IAMC_GRANTEE_LOG_DELIVERY, t(NULL), IAMC_ACL_FULL_CONTROL },
                                { IAMC_GRANTEE_CANONICAL_USER, t(CANONICAL_OWN), IAMC_ACL_READ } };
    iamc_object_acl acl = { t(CANONICAL_OTHER), grants, COUNT(grants) };
    request.object_acl = &acl;
    CHECK(allowed(tables, &request));
    grants[1].permission = IAMC_ACL_WRITE_ACP;
    CHECK(lacks(tables, &request, IAMC_LAYER_ACL));
    grants[1].permission = IAMC_ACL_FULL_CONTROL;
    acl.grants_count = 1;
    CHECK(lacks(tables, &request, IAMC_LAYER_ACL));
    acl.grants_count = 2;
    acl.owner = t(CANONICAL_OWN);
    CHECK(refusal(tables, &request) == IAMC_REQUEST_OBJECT_OWNER_CLASH);
    grants[1].grantee = IAMC_GRANTEE_ALL_USERS;
    acl.owner = t(CANONICAL_OTHER);
    CHECK(refusal(tables, &request) == IAMC_ERROR_VALUE);
    grants[1].canonical_user_id = t(NULL);
    CHECK(allowed(tables, &request));
    grants[1].grantee = IAMC_GRANTEE_AUTHENTICATED_USERS;
    CHECK(allowed(tables, &request));
}

static void resolved_names(iamc_tables *tables, const iamc_tables *session) {
    iamc_request request = of_ana("s3:GetObject", "arn:aws:s3:::logs/a");
    iamc_resolved_principal *ana = NULL;
    iamc_action *get = NULL, *other = NULL;
    iamc_key *address = NULL;
    char name[] = "S3:getobject";
    CHECK(iamc_resolve_principal(tables, &request.principal, &ana, NULL) == IAMC_OK && ana != NULL);
    CHECK(iamc_resolve_action(tables, t(name), &get, NULL) == IAMC_OK && get != NULL);
    CHECK(iamc_resolve_action(session, t(name), &other, NULL) == IAMC_OK);
    CHECK(iamc_resolve_key(tables, t("aws:sourceip"), &address, NULL) == IAMC_OK);
    /* What was resolved has copies of its names. */
    memset(name, '?', sizeof name - 1);

    iamc_text there = t("198.51.100.7");
    iamc_resolved_context context = { address, IAMC_VALUE_ONE, &there, 1 };
    iamc_resolved_request resolved = iamc_resolved_request_init();
    iamc_decision decision;
    resolved.principal = ana;
    resolved.action = get;
    resolved.resource = t("arn:aws:s3:::logs/a");
    CHECK(iamc_decide_resolved(tables, &resolved, &decision, NULL) == IAMC_OK && decision.effect == IAMC_ALLOWED);
    resolved.context = &context;
    resolved.context_count = 1;
    CHECK(iamc_decide_resolved(tables, &resolved, &decision, NULL) == IAMC_OK && is(decision.sid, "NotFromThere"));
    context.kind = 0;
    CHECK(iamc_decide_resolved(tables, &resolved, &decision, NULL) == IAMC_ERROR_VALUE);
    resolved.context_count = 0;
    resolved.action = other;
    CHECK(iamc_decide_resolved(tables, &resolved, &decision, NULL) == IAMC_REQUEST_OTHER);
    CHECK(decision.effect == IAMC_IMPLICIT_DENY);
    resolved.action = NULL;
    CHECK(iamc_decide_resolved(tables, &resolved, &decision, NULL) == IAMC_ERROR_POINTER);
    resolved.action = get;
    resolved.size = 8;
    CHECK(iamc_decide_resolved(tables, &resolved, &decision, NULL) == IAMC_ERROR_SIZE);
    iamc_action_free(other);
    CHECK(iamc_resolve_action(tables, t("GetObject"), &other, NULL) == IAMC_REQUEST_ACTION && other == NULL);

    /* A service with several names, and a role's session with its role. */
    iamc_resolved_principal *service = NULL;
    iamc_text further = t("delivery.logs.amazonaws.com");
    iamc_principal who = { .kind = IAMC_PRINCIPAL_SERVICE, .name = t("logs.amazonaws.com") };
    who.other_names = &further;
    who.other_names_count = 1;
    CHECK(iamc_resolve_principal(tables, &who, &service, NULL) == IAMC_OK);
    iamc_action *put = NULL;
    CHECK(iamc_resolve_action(tables, t("s3:PutObject"), &put, NULL) == IAMC_OK);
    iamc_resolved_request delivery = iamc_resolved_request_init();
    delivery.principal = service;
    delivery.action = put;
    delivery.resource = t("arn:aws:s3:::logs/delivered/a");
    CHECK(iamc_decide_resolved(tables, &delivery, &decision, NULL) == IAMC_OK && decision.effect == IAMC_ALLOWED);
    iamc_principal_free(service);
    iamc_action_free(put);

    /* Resolved names may be freed after their tables. */
    iamc_free(tables);
    iamc_principal_free(ana);
    iamc_action_free(get);
    iamc_key_free(address);
}

static void names(const iamc_tables *tables) {
    iamc_text name;
    CHECK(iamc_policy_name(tables, 0, &name) && !is_absent(name));
    size_t count = 0;
    bool has_visitor = false;
    while (iamc_policy_name(tables, count, &name)) {
        has_visitor = has_visitor || is(name, "Visitor");
        ++count;
    }
    CHECK(has_visitor);
    CHECK(!iamc_policy_name(tables, SIZE_MAX, &name));

    /* Six keys are asked: three of the user's denies, two of the role's allows, one of the named policy. */
    const char *expected[] = { "aws:principaltag/team", "aws:sourceidentity", "aws:sourceip",
                               "aws:tagkeys", "aws:userid", "aws:username" };
    iamc_required_key_name key;
    for (size_t index = 0; index < COUNT(expected); ++index) {
        CHECK(iamc_required_key(tables, index, &key) && is(key.name, expected[index]));
        CHECK((key.from_context == 1) == (strcmp(expected[index], "aws:sourceip") == 0));
    }
    CHECK(!iamc_required_key(tables, COUNT(expected), &key));
    CHECK(iamc_format_version() > 0 && iamc_version().length >= 5);
}

static void hostile_requests(const iamc_tables *tables) {
    iamc_request good = of_ana("s3:GetObject", "arn:aws:s3:::logs/a");
    iamc_request request = good;
    iamc_text text = t("text");
    iamc_decision decision;

    CHECK(iamc_decide(NULL, &good, &decision, NULL) == IAMC_ERROR_POINTER);
    CHECK(decision.effect == IAMC_IMPLICIT_DENY);
    CHECK(iamc_decide(tables, NULL, &decision, NULL) == IAMC_ERROR_POINTER);
    CHECK(iamc_decide(tables, &good, NULL, NULL) == IAMC_ERROR_POINTER);
    CHECK(!iamc_is_allowed(NULL, &good) && !iamc_is_allowed(tables, NULL));
    CHECK(!iamc_policy_name(NULL, 0, &text) && is_absent(text) && !iamc_policy_name(tables, 0, NULL));
    text = t("text");
    CHECK(iamc_ignored_keys(tables, &good, NULL, 1, NULL) == IAMC_ERROR_POINTER);
    CHECK(iamc_ignored_keys(tables, &good, NULL, 0, NULL) == IAMC_OK);

    /* A structure that nobody initialised. */
    memset(&request, 0, sizeof request);
    CHECK(refusal(tables, &request) == IAMC_ERROR_SIZE);
    memset(&request, 0xff, sizeof request);
    CHECK(refusal(tables, &request) == IAMC_ERROR_SIZE);
    request = good;
    request.size = sizeof request - sizeof(size_t);
    CHECK(refusal(tables, &request) == IAMC_ERROR_SIZE);

    /* Absent where something must be, and present where nothing may be. */
    request = good;
    request.action = t(NULL);
    CHECK(refusal(tables, &request) == IAMC_ERROR_POINTER);
    request = good;
    request.principal.name = t(NULL);
    CHECK(refusal(tables, &request) == IAMC_ERROR_POINTER);
    for (uint32_t kind = 0; kind < 64; kind += 10) {
        request = good;
        request.principal.kind = kind;
        CHECK(refusal(tables, &request) == IAMC_ERROR_VALUE);
    }
    request = good;
    request.principal.parent_arn = t(ACCOUNT "role/jobs/deploy");
    CHECK(refusal(tables, &request) == IAMC_ERROR_VALUE);
    request = good;
    request.principal.other_names = &text;
    request.principal.other_names_count = 1;
    CHECK(refusal(tables, &request) == IAMC_ERROR_VALUE);
    request = good;
    request.principal.kind = IAMC_PRINCIPAL_ANONYMOUS;
    CHECK(refusal(tables, &request) == IAMC_ERROR_VALUE);
    request = good;
    request.credentials = 4;
    CHECK(refusal(tables, &request) == IAMC_ERROR_VALUE);
    request = good;
    request.trust = 4;
    CHECK(refusal(tables, &request) == IAMC_ERROR_VALUE);

    /* Counts without elements, and more than memory holds. */
    request = good;
    request.context_count = 1;
    CHECK(refusal(tables, &request) == IAMC_ERROR_POINTER);
    request = good;
    request.policies = &text;
    request.policies_count = SIZE_MAX / 2;
    CHECK(refusal(tables, &request) == IAMC_ERROR_POINTER);
    request.policies = (const iamc_text *)((const char *)&text + 1);
    request.policies_count = 1;
    CHECK(refusal(tables, &request) == IAMC_ERROR_POINTER);
    request = good;
    request.resource.length = SIZE_MAX;
    CHECK(refusal(tables, &request) == IAMC_ERROR_POINTER);
    request = good;
    request.resource.data = NULL;
    CHECK(refusal(tables, &request) == IAMC_ERROR_POINTER);
    const iamc_tables *no_tables = NULL;
    request = good;
    request.session_tables = &no_tables;
    request.session_tables_count = 1;
    CHECK(refusal(tables, &request) == IAMC_ERROR_POINTER);

    /* Values: neither kind, one that is two, one that is absent. */
    iamc_text two[] = { t("198.51.100.7"), t(NULL) };
    iamc_context context = entry("aws:SourceIp", two, 1, 0);
    request = good;
    request.context = &context;
    request.context_count = 1;
    CHECK(refusal(tables, &request) == IAMC_ERROR_VALUE);
    context.kind = IAMC_VALUE_ONE;
    context.values_count = 2;
    CHECK(refusal(tables, &request) == IAMC_ERROR_VALUE);
    context.kind = IAMC_VALUE_LIST;
    CHECK(refusal(tables, &request) == IAMC_ERROR_POINTER);
    context.values_count = 1;
    context.key = t(NULL);
    CHECK(refusal(tables, &request) == IAMC_ERROR_POINTER);

    /* Not UTF-8: a lone continuation byte, an overlong slash, a surrogate, half a character. */
    const char *bad[] = { "arn:aws:s3:::logs/\x80", "arn:aws:s3:::logs/\xc0\xaf", "arn:aws:s3:::logs/\xed\xa0\x80",
                          "arn:aws:s3:::logs/\xe2\x82" };
    for (size_t index = 0; index < COUNT(bad); ++index) {
        request = good;
        request.resource = t(bad[index]);
        CHECK(refusal(tables, &request) == IAMC_ERROR_UTF8);
    }
    text = t("\xff");
    request = good;
    request.unique_id = text;
    CHECK(refusal(tables, &request) == IAMC_ERROR_UTF8);

    /* A zero in a text is a character like any other: this object is not `a`. */
    static const char zero[] = "arn:aws:s3:::logs/public/a\0b";
    request = question(IAMC_PRINCIPAL_ANONYMOUS, NULL, "s3:GetObject", "*");
    request.resource.data = zero;
    request.resource.length = sizeof zero - 1;
    CHECK(allowed(tables, &request));
    request.action = t("s3:Get\0Object");
    CHECK(!iamc_is_allowed(tables, &request));

    /* Malformed for the runtime. */
    request = good;
    request.action = t("GetObject");
    CHECK(refusal(tables, &request) == IAMC_REQUEST_ACTION);
    request = good;
    request.resource = t("");
    CHECK(refusal(tables, &request) == IAMC_REQUEST_RESOURCE);
    request = good;
    request.principal.name = t(ACCOUNT "role/jobs/deploy");
    CHECK(refusal(tables, &request) == IAMC_REQUEST_PRINCIPAL);
    request = good;
    request.resource_account = t("12");
    CHECK(refusal(tables, &request) == IAMC_REQUEST_RESOURCE_ACCOUNT);
}

/* Every truncation and every damaged byte is refused; nothing is left to free. */
static void hostile_artifacts(const unsigned char *bytes, size_t length) {
    iamc_tables *tables = (iamc_tables *)&checks;
    iamc_error error;
    CHECK(iamc_load(NULL, 100, &tables, &error) == IAMC_ERROR_POINTER && tables == NULL);
    CHECK(iamc_load(bytes, SIZE_MAX, &tables, NULL) == IAMC_ERROR_POINTER && tables == NULL);
    CHECK(iamc_load(bytes, length, NULL, &error) == IAMC_ERROR_POINTER);
    CHECK(iamc_load(NULL, 0, &tables, &error) == IAMC_LOAD_TOO_SHORT);
    CHECK(strncmp(error.message, "not an iamc artifact: 0 bytes", 29) == 0);
    CHECK(iamc_load((const unsigned char *)"no artifact at all", 18, &tables, NULL) == IAMC_LOAD_NOT_AN_ARTIFACT);

    unsigned char *copy = malloc(length);
    if (copy == NULL) {
        abort();
    }
    for (size_t cut = 0; cut < length; ++cut) {
        /* A buffer of exactly that size, so that a read behind it is seen. */
        unsigned char *part = malloc(cut == 0 ? 1 : cut);
        if (part == NULL) {
            abort();
        }
        memcpy(part, bytes, cut);
        CHECK(iamc_load(part, cut, &tables, NULL) != IAMC_OK && tables == NULL);
        free(part);
    }
    for (size_t at = 0; at < length; ++at) {
        memcpy(copy, bytes, length);
        copy[at] ^= 0x41;
        CHECK(iamc_load(copy, length, &tables, NULL) != IAMC_OK && tables == NULL);
    }
    memcpy(copy, bytes, length);
    copy[8] ^= 0x41;
    CHECK(iamc_load(copy, length, &tables, &error) == IAMC_LOAD_VERSION);
    free(copy);
}

static unsigned char *contents(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(2);
    }
    long size = ftell(file);
    rewind(file);
    unsigned char *bytes = malloc((size_t)size);
    if (bytes == NULL || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(2);
    }
    fclose(file);
    *length = (size_t)size;
    return bytes;
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: decide WORLD.iamc SESSION.iamc\n");
        return 2;
    }
    size_t length, session_length;
    unsigned char *bytes = contents(arguments[1], &length);
    unsigned char *session_bytes = contents(arguments[2], &session_length);

    iamc_tables *tables = NULL, *session = NULL, *borrowed = NULL;
    iamc_error error;
    CHECK(iamc_load(bytes, length, &tables, &error) == IAMC_OK && error.message[0] == 0);
    CHECK(iamc_load(session_bytes, session_length, &session, NULL) == IAMC_OK);
    CHECK(iamc_load_borrowed(bytes, length, &borrowed, NULL) == IAMC_OK);
    if (tables == NULL || session == NULL || borrowed == NULL) {
        return 1;
    }
    hostile_artifacts(bytes, length);
    answers(borrowed);
    iamc_free(borrowed);

    /* The tables have a copy, which no change of the host's bytes reaches. */
    memset(bytes, 0, length);
    free(bytes);
    free(session_bytes);
    answers(tables);
    principals(tables);
    members(tables, session);
    names(tables);
    hostile_requests(tables);
    resolved_names(tables, session);
    iamc_free(session);
    iamc_free(NULL);
    iamc_principal_free(NULL);
    iamc_action_free(NULL);
    iamc_key_free(NULL);

    printf("%d checks, %d failed\n", checks, failures);
    return failures == 0 ? 0 : 1;
}

// Compiles the world of the C test with `iamc`, and asks it in WebAssembly. Expectations follow from the policies in
// `capi/tests/world` and the rule that is cited.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { IamcError, Tables, load } from "../iamc.js";

const WORLD = fileURLToPath(new URL("../../../capi/tests/world/", import.meta.url));
const ANA = "arn:aws:iam::111122223333:user/ana";
const DEPLOY = "arn:aws:sts::111122223333:assumed-role/deploy/run1";
const OWN_ID = "1f1c9a7e5b2d48608c7a1e9f4b6d0352a8c4e7190b3d5f628e1a7c94d0b6f381";
const OTHER_ID = "4b04d7c2e6f1358a7d20c9e4b8136fa5037e2d9c4b81f6a05e3c7d92b4a8f160";

function compile(name, ...inputs) {
  const artifact = `${process.env.IAMC_BUILD}/${name}.iamc`;
  execFileSync(process.env.IAMC, ["compile", ...inputs, "-o", artifact]);
  return readFileSync(artifact);
}

let world, session, tables, sessionTables;
before(async () => {
  world = compile("world", `${WORLD}iamc.toml`);
  session = compile("session", "--type", "session", `${WORLD}ReadOnly.json`);
  tables = await load(world);
  sessionTables = await load(session);
});

const get = (request) => ({ principal: ANA, action: "s3:GetObject", resource: "arn:aws:s3:::logs/a", ...request });
const put = (request) => get({ action: "s3:PutObject", ...request });

function allowed(request) {
  const decision = tables.decide(request);
  assert.equal(tables.isAllowed(request), decision.allowed);
  assert.equal(tables.explain(request).decision, decision.decision);
  return decision.allowed;
}

/** Denied for want of an allow in exactly these layers. */
function lacks(request, ...layers) {
  assert.deepEqual(tables.decide(request), {
    allowed: false, decision: "implicitDeny", layer: null, statement: null, blockers: layers,
  });
}

const refused = (code, index = null) => (error) =>
  error instanceof IamcError && error instanceof Error && error.kind === "request" && error.code === code &&
  error.index === index && error.message !== "";

describe("decisions", () => {
  test("name layer, policy and statement", () => {
    assert.deepEqual(tables.decide(get()), {
      allowed: true,
      decision: "allowed",
      layer: "identity",
      statement: { policy: "user/ana/Work", index: 0, sid: "Read", sessionTable: null },
      blockers: [],
    });
    assert.deepEqual(tables.decide(get({ context: { "aws:SourceIp": "198.51.100.7" } })), {
      allowed: false,
      decision: "explicitDeny",
      layer: "identity",
      statement: { policy: "user/ana/Work", index: 3, sid: "NotFromThere", sessionTable: null },
      blockers: ["identity"],
    });
    assert.equal(tables.decide(put({ principal: DEPLOY, resource: "arn:aws:s3:::logs/deploy/a" })).statement.sid, null);
  });

  test("explain themselves", () => {
    const assumed = tables.explain(get({ resource: "arn:aws:s3:::elsewhere/a" }));
    assert.equal(assumed.allowed, true);
    assert.equal(assumed.assumedResourceAccount, true);
    const context = { "aws:SourceIp": "203.0.113.1", "aws:username": "bob" };
    assert.deepEqual(tables.explain(get({ context })).ignoredKeys, ["aws:username"]);
    const eve = tables.explain(get({ principal: "arn:aws:iam::111122223333:user/eve" }));
    assert.equal(eve.undefinedPrincipal, true);
    assert.deepEqual([eve.decision, eve.blockers], ["implicitDeny", ["identity"]]);
  });

  test("know all kinds of principals", () => {
    const anonymous = { type: "Anonymous" };
    assert.ok(allowed(get({ principal: anonymous, resource: "arn:aws:s3:::logs/public/a" })));
    lacks(get({ principal: anonymous }), "resource");
    lacks(get({ principal: "anonymous" }), "resource");
    const root = { type: "Root", arn: "arn:aws:iam::111122223333:root" };
    assert.equal(tables.decide(get({ principal: root, action: "s3:DeleteObject" })).layer, "root");
    assert.ok(allowed(get({ principal: { type: "User", arn: ANA } })));
    const role = { type: "RoleSession", arn: DEPLOY };
    const deployed = { resource: "arn:aws:s3:::logs/deploy/a" };
    assert.ok(allowed(put({ principal: { ...role, roleArn: "arn:aws:iam::111122223333:role/jobs/deploy" }, ...deployed })));
    const clash = put({ principal: { ...role, roleArn: "arn:aws:iam::111122223333:role/deploy" }, ...deployed });
    assert.throws(() => tables.decide(clash), refused(44));
    const service = (...serviceNames) =>
      put({ principal: { type: "Service", serviceNames }, resource: "arn:aws:s3:::logs/delivered/a" });
    lacks(service("logs.amazonaws.com"), "resource");
    assert.ok(allowed(service("logs.amazonaws.com", "delivery.logs.amazonaws.com")));
    const provider = (name) => ({
      principal: { type: "FederatedIdp", provider: `arn:aws:iam::111122223333:saml-provider/${name}` },
      action: "sts:AssumeRoleWithSAML",
      resource: "arn:aws:iam::111122223333:role/jobs/deploy",
    });
    assert.ok(allowed(provider("office")));
    lacks(provider("home"), "resource");
    const zoe = { type: "FedUser", arn: "arn:aws:sts::111122223333:federated-user/zoe", issuerArn: ANA };
    const temporary = { principal: zoe, resource: "arn:aws:s3:::logs/temporary/a" };
    assert.ok(allowed(get(temporary)));
    // What its issuer is denied a federated user is denied.
    const denied = tables.decide(get({ ...temporary, context: { "aws:SourceIp": "198.51.100.7" } }));
    assert.equal(denied.decision, "explicitDeny");
  });

  test("hear every member of a request", () => {
    assert.ok(allowed(get({ principal: undefined, accessKeyId: "AKIAEXAMPLEANAAAAAA1" })));
    assert.throws(() => tables.decide(get({ principal: undefined, accessKeyId: "AKIAEXAMPLEANAAAAAA0" })), refused(41));

    const outside = put({
      principal: "arn:aws:iam::777788889999:user/out", resource: "arn:aws:s3:::guides/a", policies: ["Visitor"],
    });
    lacks(outside, "identity");
    assert.ok(allowed({ ...outside, uniqueId: "AIDAEXAMPLEOUTSIDEAA1" }));
    assert.throws(() => tables.decide({ ...outside, policies: ["Visitor", "Nobody"] }), refused(37, 1));

    // Another account's bucket needs an allow of that account (R-EVAL-22).
    lacks(get({ resource: "arn:aws:s3:::elsewhere/a", resourceAccount: "444455556666" }), "resource");
    assert.throws(() => tables.decide(get({ resourceAccount: "444455556666" })), refused(36));
    lacks(get({ resourceAccount: "444455556666", trustResourceAccount: true }), "resource");

    assert.ok(allowed(get({ context: { "aws:username": "bob" } })));
    const asBob = tables.decide(get({ context: { "aws:username": "bob" }, trustContext: true }));
    assert.equal(asBob.statement.sid, "NotAsBob");

    assert.ok(allowed(put({ context: { "aws:TagKeys": ["team"] } })));
    assert.equal(tables.decide(put({ context: { "aws:TagKeys": ["team", "owner"] } })).statement.sid, "OnlyKnownTags");
    // An empty list is a missing key (R-CON-9).
    assert.ok(allowed(put({ context: { "aws:TagKeys": [] } })));

    lacks(put({ endpoint: "vpce-0a1b2c3d4e5f60718" }), "vpcEndpoint");
    assert.throws(() => tables.decide(put({ endpoint: "vpce-00000000000000000" })), refused(40));

    const deploy = { principal: DEPLOY, resource: "arn:aws:s3:::logs/deploy/a" };
    lacks(put({ ...deploy, sessionPolicies: ["ReadOnly"] }), "session");
    lacks(put({ ...deploy, sessionTables: [sessionTables] }), "session");
    assert.ok(allowed(get({ ...deploy, sessionTables: [sessionTables] })));

    const red = { principal: DEPLOY, resource: "arn:aws:s3:::logs/team/a" };
    assert.ok(!allowed(get(red)));
    assert.ok(allowed(get({ ...red, sessionTags: { team: "red" } })));
    const alice = { principal: DEPLOY, resource: "arn:aws:s3:::logs/alice/a" };
    assert.ok(!allowed(get(alice)));
    assert.ok(allowed(get({ ...alice, sourceIdentity: "alice" })));

    // Credentials of GetSessionToken without MFA may not call IAM (R-EVAL-21).
    const person = { principal: ANA, action: "iam:GetUser", resource: ANA };
    assert.ok(allowed({ ...person, credentials: "longTerm" }));
    assert.ok(allowed({ ...person, credentials: "console" }));
    lacks({ ...person, credentials: "getSessionToken" }, "credential");

    // An object of another account is granted by its own list alone (R-EVAL-37, R-EVAL-38).
    const grant = (Grantee, Permission) => ({ Owner: { ID: OTHER_ID }, Grants: [{ Grantee, Permission }] });
    const own = { Type: "CanonicalUser", ID: OWN_ID };
    const everybody = { Type: "Group", URI: "http://acs.amazonaws.com/groups/global/AllUsers" };
    const foreign = get({ objectOwner: "444455556666" });
    lacks(foreign, "acl");
    assert.ok(allowed({ ...foreign, objectAcl: grant(own, "READ") }));
    assert.ok(allowed({ ...foreign, objectAcl: grant(everybody, "FULL_CONTROL") }));
    lacks({ ...foreign, objectAcl: grant(own, "WRITE_ACP") }, "acl");
    lacks({ ...foreign, objectAcl: { Owner: { ID: OTHER_ID } } }, "acl");
  });

  test("are the same for large requests", () => {
    const context = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`example:key${index}`, "é".repeat(40)]));
    assert.ok(allowed(get({ context: { ...context, "aws:SourceIp": "203.0.113.1" } })));
    assert.ok(!allowed(get({ context: { ...context, "aws:SourceIp": "198.51.100.7" } })));
    const tags = Array.from({ length: 5000 }, () => "team");
    assert.ok(allowed(put({ context: { "aws:TagKeys": tags } })));
    assert.ok(!allowed(put({ context: { "aws:TagKeys": [...tags, "owner"] } })));
  });
});

describe("texts", () => {
  test("become UTF-8", () => {
    const public_ = (name) => get({ principal: "anonymous", resource: `arn:aws:s3:::logs/${name}` });
    assert.ok(allowed(public_("public/Grüße 🌲")));
    assert.ok(!allowed(public_("ｐublic/a")));
    assert.ok(allowed(public_("public/\0")));
  });

  test("that are not well-formed are refused, not repaired", () => {
    for (const text of ["\ud800", "a\udc00", "\udc00\ud800"]) {
      assert.throws(() => tables.decide(get({ resource: `arn:aws:s3:::logs/${text}` })), TypeError);
      assert.throws(() => tables.decide(get({ context: { "aws:SourceIp": text } })), TypeError);
      assert.throws(() => tables.decide(get({ context: { [text]: "a" } })), TypeError);
    }
  });

  test("stand for numbers and booleans", () => {
    assert.ok(allowed(put({ context: { "aws:MultiFactorAuthPresent": true, "s3:max-keys": 10, "example:big": 10n } })));
    for (const value of [Number.NaN, Infinity, null, undefined, {}, () => 1, [null], [["a"]], [, "a"]]) {
      assert.throws(() => tables.decide(get({ context: { "example:key": value } })), TypeError);
    }
  });
});

describe("hostile input", () => {
  test("of shapes is a TypeError", () => {
    const bad = [
      undefined, null, "text", [], {}, get({ action: undefined }), get({ resource: 7 }), get({ source: "x" }),
      get({ principal: null }), get({ principal: {} }), get({ principal: { type: "User" } }),
      get({ principal: { type: "toString" } }), get({ principal: { type: "User", arn: ANA, roleArn: "x" } }),
      get({ principal: { type: "Service", serviceNames: [] } }), get({ policies: "Visitor" }), get({ policies: [7] }),
      // Their entries are no members of their own: a context in them was once passed over.
      get({ context: new Map([["aws:SourceIp", "203.0.113.7"]]) }), get({ context: new URLSearchParams("a=b") }),
      get({ sessionTags: new Map([["team", "red"]]) }), Object.create(get()),
      get({ context: ["a"] }), get({ credentials: "constructor" }), get({ trustContext: "false" }),
      get({ sessionTags: { team: undefined } }), get({ sessionTables: [world] }), get({ sessionTables: [null] }),
      get({ objectAcl: { Grants: [{ Grantee: { Type: "CanonicalUser" }, Permission: "READ" }] } }),
      get({ objectAcl: { Grants: [{ Grantee: { Type: "Group", URI: "x" }, Permission: "READ" }] } }),
      get({ objectAcl: { Grants: [{ Grantee: { Type: "Group", URI: "x", ID: "y" }, Permission: "READ" }] } }),
      JSON.parse(`{ "principal": "${ANA}", "action": "s3:GetObject", "resource": "*", "__proto__": {} }`),
    ];
    for (const request of bad) {
      assert.throws(() => tables.decide(request), TypeError, JSON.stringify(request));
      assert.throws(() => tables.isAllowed(request), TypeError);
      assert.throws(() => tables.explain(request), TypeError);
    }
  });

  test("of contents is an IamcError", () => {
    assert.throws(() => tables.decide(get({ action: "GetObject" })), refused(33));
    assert.throws(() => tables.decide(get({ resource: "" })), refused(34));
    assert.throws(() => tables.decide(get({ principal: "nobody at all" })), refused(32));
    assert.throws(() => tables.decide(get({ principal: undefined })), refused(43));
    const twice = get({ context: { "aws:SourceIp": "1.2.3.4", "AWS:sourceip": "1.2.3.5" } });
    assert.throws(() => tables.decide(twice), refused(39, 1));
  });

  test("of artifacts is an IamcError", async () => {
    const isOf = (code) => (error) => error instanceof IamcError && error.kind === "artifact" && error.code === code;
    await assert.rejects(load(new Uint8Array()), isOf(16));
    await assert.rejects(load(new TextEncoder().encode("no artifact at all")), isOf(17));
    await assert.rejects(load(world.subarray(0, world.length - 1)), isOf(19));
    const damaged = Uint8Array.from(world);
    damaged[damaged.length - 1] ^= 1;
    await assert.rejects(load(damaged), isOf(21));
    await assert.rejects(load("text"), TypeError);
    await assert.rejects(load(world, { modul: world }), TypeError);
    assert.throws(() => new Tables(), TypeError);
  });
});

describe("memory", () => {
  test("is freed", async () => {
    const module = new WebAssembly.Module(readFileSync(new URL("../iamc.wasm", import.meta.url)));
    // The second half of the artifacts and requests must find place where the first half was.
    const memories = [];
    const instantiate = WebAssembly.instantiate;
    WebAssembly.instantiate = async (...given) => {
      const instance = await instantiate(...given);
      memories.push(instance.exports.memory);
      return instance;
    };
    const rounds = async (count) => {
      for (let round = 0; round < count; ++round) {
        const loaded = await load(world, { module });
        assert.ok(loaded.isAllowed(get({ context: { "aws:TagKeys": ["team"] } })));
        assert.throws(() => loaded.decide(get({ action: "GetObject" })));
        await assert.rejects(load(world.subarray(1), { module }));
        loaded.free();
        loaded.free();
      }
    };
    await rounds(200);
    WebAssembly.instantiate = instantiate;
    const before = memories[0].buffer.byteLength;
    await rounds(2000);
    assert.equal(memories.length, 1);
    assert.equal(memories[0].buffer.byteLength, before);
  });

  test("that is freed is not used again", async () => {
    const loaded = await load(session);
    loaded.free();
    assert.throws(() => loaded.decide(get()), TypeError);
    assert.throws(() => tables.decide(get({ sessionTables: [loaded] })), TypeError);
  });

  test("of another module is not mixed in", async () => {
    const other = await load(session, { module: readFileSync(new URL("../iamc.wasm", import.meta.url)) });
    assert.throws(() => tables.decide(get({ sessionTables: [other] })), TypeError);
    other.free();
  });
});

test("names of an artifact", () => {
  // Each is asked by a statement of the world; the address is the only one that nothing derives.
  const names = [
    "aws:principaltag/team", "aws:sourceidentity", "aws:sourceip", "aws:tagkeys", "aws:userid", "aws:username",
  ];
  assert.deepEqual(tables.requiredKeys(), names.map((name) => ({ name, fromContext: name === "aws:sourceip" })));
  assert.ok(tables.policyNames().includes("Visitor"));
});

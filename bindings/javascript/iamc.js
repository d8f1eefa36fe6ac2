// Decides requests from compiled IAM policies: a thin wrapper around the functions of `capi/include/iamc.h` in WebAssembly.
// Types and documentation stand in `iamc.d.ts`.
//
// On this side of the wall a request is written into the module's memory as the structures of the header: all their members
// are 32-bit words there, so that a structure is a list of words. `size`, the first word of a request, lets the module
// refuse a wrong one. Nothing is dropped on the way: an unknown member is an error, for it may be what denies.

const LAYERS = [
  "serviceControlPolicy", "resourceControlPolicy", "vpcEndpoint", "resource", "identity", "permissionsBoundary", "session",
  "acl", "blockPublicAccess", "credential", "root",
];
const DECISIONS = ["implicitDeny", "explicitDeny", "allowed"];
const NONE = 0xffffffff;
const WORD = 4;
const DECISION_BYTES = 9 * WORD;
const NOTES_BYTES = 3 * WORD;
const ERROR_BYTES = 2 * WORD + 256;
const KEY_BYTES = 3 * WORD;
const SCRATCH_MIN = 4096;
const SCRATCH_MAX = 1 << 30;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class IamcError extends Error {
  constructor(message, kind, code, index) {
    super(message);
    this.name = "IamcError";
    this.kind = kind;
    this.code = code;
    this.index = index;
  }
}

// ---- shapes ----

const REQUEST_MEMBERS = [
  "principal", "action", "resource", "resourceAccount", "context", "policies", "sessionPolicies", "sessionTables",
  "sessionTags", "sourceIdentity", "uniqueId", "credentials", "endpoint", "accessKeyId", "objectOwner", "objectAcl",
  "trustContext", "trustResourceAccount",
];

// Kind in the header, and members: required, optional.
const PRINCIPALS = {
  Anonymous: [3, [], []],
  Root: [4, ["arn"], []],
  User: [5, ["arn"], []],
  RoleSession: [6, ["arn"], ["roleArn"]],
  FedUser: [7, ["arn"], ["issuerArn"]],
  Service: [8, ["serviceNames"], []],
  FederatedIdp: [9, ["provider"], []],
};
const SHORT_FORM = 1;
const NAMELESS = 2;
const CREDENTIALS = { longTerm: 1, console: 2, getSessionToken: 3 };
const PERMISSIONS = { READ: 1, WRITE: 2, READ_ACP: 3, WRITE_ACP: 4, FULL_CONTROL: 5 };
const CANONICAL_USER = 1;
const GROUPS = {
  "http://acs.amazonaws.com/groups/global/AllUsers": 2,
  "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": 3,
  "http://acs.amazonaws.com/groups/s3/LogDelivery": 4,
};

/**
 * Refuses what is no plain object. A `Map`, or an object that inherits members, has entries that are no members of its own:
 * they would be passed over, and with them what denies. An object of another realm is plain too.
 */
function plain(object, what) {
  const prototype = typeof object === "object" && object !== null ? Object.getPrototypeOf(object) : undefined;
  const isPlain = prototype === null || (prototype !== undefined && Object.getPrototypeOf(prototype) === null);
  if (!isPlain || Array.isArray(object) || Object.keys(prototype ?? {}).length > 0) {
    throw new TypeError(`${what} must be a plain object`);
  }
}

/** Members of a plain object, each of them known. `undefined` is absent. */
function members(object, what, known) {
  plain(object, what);
  const present = Object.entries(object).filter(([, value]) => value !== undefined);
  const unknown = present.find(([name]) => !known.includes(name));
  if (unknown) throw new TypeError(`${what} has no member \`${unknown[0]}\``);
  return Object.assign(Object.create(null), Object.fromEntries(present));
}

function oneOf(table, name, what) {
  if (typeof name !== "string" || !Object.hasOwn(table, name)) {
    throw new TypeError(`${what} must be one of ${Object.keys(table).join(", ")}`);
  }
  return table[name];
}

function array(value, what) {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new TypeError(`${what} must be an array`);
  // Holes count as `undefined`, which no element may be.
  return Array.from(value);
}

function flag(value, what) {
  if (value !== undefined && typeof value !== "boolean") throw new TypeError(`${what} must be a boolean`);
  return value === true;
}

function scalar(value, what) {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "bigint" || Number.isFinite(value)) return String(value);
  throw new TypeError(`${what} must be a string, a number, a boolean, or an array of them`);
}

// ---- memory ----

/** Thrown where the scratch memory is too small; the request is then written again into a larger one. */
const FULL = Symbol("full");

/** Writes structures into a piece of the module's memory. */
class Writer {
  constructor(memory, address, bytes) {
    this.bytes = new Uint8Array(memory.buffer, address, bytes);
    this.words32 = new DataView(memory.buffer, address, bytes);
    this.address = address;
    this.at = 0;
  }

  reserve(bytes) {
    const at = (this.at + WORD - 1) & -WORD;
    if (at + bytes > this.bytes.length) throw FULL;
    this.at = at + bytes;
    return at;
  }

  /** Address of a structure with these words. */
  structure(words) {
    const at = this.reserve(words.length * WORD);
    words.forEach((word, index) => this.words32.setUint32(at + index * WORD, word, true));
    return this.address + at;
  }

  /** A text as its two words: address and length. */
  text(value, what) {
    if (typeof value !== "string") throw new TypeError(`${what} must be a string`);
    // An encoder would put another character in its place, and so change what is asked.
    if (/\p{Surrogate}/u.test(value)) throw new TypeError(`${what} is not well-formed Unicode`);
    const room = this.bytes.subarray(this.at);
    const { read, written } = encoder.encodeInto(value, room);
    if (read < value.length || room.length === 0) throw FULL;
    const address = this.address + this.at;
    this.at += written;
    return [address, written];
  }

  optional(value, what) {
    return value === undefined ? [0, 0] : this.text(value, what);
  }

  /** A list as its two words: address and count. `write` gives the words of an element. */
  list(elements, write) {
    const words = elements.flatMap(write);
    return elements.length === 0 ? [0, 0] : [this.structure(words), elements.length];
  }

  texts(value, what) {
    return this.list(array(value, what), (element) => this.text(element, `an element of ${what}`));
  }

  principal(principal) {
    if (principal === undefined) return [NAMELESS, 0, 0, 0, 0, 0, 0];
    if (typeof principal === "string") return [SHORT_FORM, ...this.text(principal, "`principal`"), 0, 0, 0, 0];
    const type = Object(principal).type;
    const [kind, required, optional] = oneOf(PRINCIPALS, type, "`type` of the principal");
    const given = members(principal, `a principal of type \`${type}\``, ["type", ...required, ...optional]);
    const missing = required.find((name) => given[name] === undefined);
    if (missing) throw new TypeError(`a principal of type \`${type}\` needs the member \`${missing}\``);
    const names = array(given.serviceNames, "`serviceNames`");
    if (type === "Service" && names.length === 0) throw new TypeError("`serviceNames` must not be empty");
    const name = type === "Service" ? names[0] : (given.arn ?? given.provider);
    return [
      kind,
      ...this.optional(name, "the principal's name"),
      ...this.optional(given.roleArn ?? given.issuerArn, "the principal's second ARN"),
      ...this.texts(names.slice(1), "`serviceNames`"),
    ];
  }

  context(context) {
    if (context === undefined) return [0, 0];
    plain(context, "`context`");
    return this.list(Object.entries(context), ([key, value]) => {
      const what = `the context key \`${key}\``;
      const isList = Array.isArray(value);
      const values = (isList ? Array.from(value) : [value]).map((one) => scalar(one, what));
      return [...this.text(key, what), isList ? 2 : 1, ...this.texts(values, what)];
    });
  }

  tags(tags) {
    if (tags === undefined) return [0, 0];
    plain(tags, "`sessionTags`");
    return this.list(Object.entries(tags), ([key, value]) => [...this.text(key, "a tag"), ...this.text(value, `the tag \`${key}\``)]);
  }

  acl(acl) {
    if (acl === undefined) return 0;
    const { Owner, Grants } = members(acl, "`objectAcl`", ["Owner", "Grants"]);
    const owner = Owner === undefined ? undefined : members(Owner, "`Owner`", ["ID", "DisplayName"]).ID;
    if (Owner !== undefined && owner === undefined) throw new TypeError("`Owner` needs the member `ID`");
    const grants = this.list(array(Grants, "`Grants`"), (element) => {
      const grant = members(element, "a grant", ["Grantee", "Permission"]);
      const permission = oneOf(PERMISSIONS, grant.Permission, "`Permission`");
      const grantee = members(grant.Grantee, "`Grantee`", ["Type", "ID", "URI", "DisplayName"]);
      if (grantee.Type === "CanonicalUser" && grantee.URI === undefined) {
        return [CANONICAL_USER, ...this.text(grantee.ID, "`ID` of a grantee"), permission];
      }
      if (grantee.Type === "Group" && grantee.ID === undefined) {
        return [oneOf(GROUPS, grantee.URI, "`URI` of a grantee"), 0, 0, permission];
      }
      throw new TypeError("a grantee is a `CanonicalUser` with `ID` or a `Group` with `URI`");
    });
    return this.structure([...this.optional(owner, "`ID` of the owner"), ...grants]);
  }

  /** Address of a request, with a copy of what it says of its context keys. */
  request(request, library) {
    const given = members(request, "a request", REQUEST_MEMBERS);
    const words = [
      0,
      ...this.principal(given.principal),
      ...this.optional(given.uniqueId, "`uniqueId`"),
      ...this.text(given.action, "`action`"),
      ...this.text(given.resource, "`resource`"),
      ...this.optional(given.resourceAccount, "`resourceAccount`"),
      ...this.context(given.context),
      ...this.texts(given.policies, "`policies`"),
      ...this.texts(given.sessionPolicies, "`sessionPolicies`"),
      ...this.list(array(given.sessionTables, "`sessionTables`"), (tables) => [library.addressOf(tables)]),
      ...this.tags(given.sessionTags),
      ...this.optional(given.sourceIdentity, "`sourceIdentity`"),
      given.credentials === undefined ? 0 : oneOf(CREDENTIALS, given.credentials, "`credentials`"),
      ...this.optional(given.endpoint, "`endpoint`"),
      ...this.optional(given.accessKeyId, "`accessKeyId`"),
      ...this.optional(given.objectOwner, "`objectOwner`"),
      this.acl(given.objectAcl),
      (flag(given.trustContext, "`trustContext`") ? 1 : 0) +
        (flag(given.trustResourceAccount, "`trustResourceAccount`") ? 2 : 0),
    ];
    words[0] = words.length * WORD;
    return { address: this.structure(words), keys: Object.keys(given.context ?? {}) };
  }
}

// ---- the library ----

const layers = (bits) => LAYERS.filter((_, number) => bits & (1 << number));

/** What an implicit deny reports first is another order: RCP before SCP (R-EVAL-42). */
function blockers(bits, decision) {
  const names = layers(bits);
  if (decision === "implicitDeny" && (bits & 3) === 3) names.splice(0, 2, names[1], names[0]);
  return names;
}

/** An instance of the module with its scratch memory. */
class Library {
  static #ofModules = new WeakMap();
  static #own;

  #exports;
  #scratch = { address: 0, bytes: 0 };

  constructor(instance) {
    this.#exports = instance.exports;
  }

  /** The one instance of a module, or of the one beside this file. */
  static async of(module) {
    if (module === undefined) {
      const forget = (error) => {
        Library.#own = undefined;
        throw error;
      };
      return (Library.#own ??= ownModule().then(Library.#start).catch(forget));
    }
    const known = Library.#ofModules.get(module);
    if (known) return known;
    const started = Promise.resolve(module).then(Library.#start);
    Library.#ofModules.set(module, started);
    return started;
  }

  static async #start(module) {
    const compiled = module instanceof WebAssembly.Module ? module : await WebAssembly.compile(module);
    return new Library(await WebAssembly.instantiate(compiled, {}));
  }

  #buffer(bytes) {
    const address = this.#exports.iamc_buffer(bytes) >>> 0;
    if (address === 0) throw new RangeError(`there is no memory for ${bytes} bytes`);
    return address;
  }

  /** Writes into scratch memory that is large enough, and goes on with what was written. */
  #with(write, go) {
    for (;;) {
      const { address, bytes } = this.#scratch;
      try {
        const writer = new Writer(this.#exports.memory, address, bytes);
        return go(write(writer), writer);
      } catch (error) {
        if (error !== FULL) throw error;
      }
      const larger = Math.max(SCRATCH_MIN, bytes * 2);
      if (larger > SCRATCH_MAX) throw new RangeError("the request is too large");
      // The old one goes first, so that its place can be used again.
      this.#scratch = { address: 0, bytes: 0 };
      this.#exports.iamc_buffer_free(address, bytes);
      this.#scratch = { address: this.#buffer(larger), bytes: larger };
    }
  }

  #words(address, count) {
    const view = new DataView(this.#exports.memory.buffer, address, count * WORD);
    return Array.from({ length: count }, (_, index) => view.getUint32(index * WORD, true));
  }

  #text(address, length) {
    return address === 0 ? null : decoder.decode(new Uint8Array(this.#exports.memory.buffer, address, length));
  }

  /** Throws the error that a call reported. */
  #check(code, error) {
    if (code === 0) return;
    const [, index] = this.#words(error, 2);
    const message = new Uint8Array(this.#exports.memory.buffer, error + 2 * WORD, ERROR_BYTES - 2 * WORD);
    const kind = code < 16 ? "interface" : code < 32 ? "artifact" : "request";
    const text = decoder.decode(message.subarray(0, message.indexOf(0)));
    throw new IamcError(text, kind, code, index === NONE ? null : index);
  }

  load(bytes) {
    const copy = this.#buffer(bytes.length);
    try {
      new Uint8Array(this.#exports.memory.buffer, copy, bytes.length).set(bytes);
      return this.#with(
        (writer) => ({ out: writer.reserve(WORD), error: writer.reserve(ERROR_BYTES), base: writer.address }),
        ({ out, error, base }) => {
          this.#check(this.#exports.iamc_load(copy, bytes.length, base + out, base + error), base + error);
          return this.#words(base + out, 1)[0];
        },
      );
    } finally {
      this.#exports.iamc_buffer_free(copy, bytes.length);
    }
  }

  free(tables) {
    this.#exports.iamc_free(tables);
  }

  /** The address of loaded tables of this instance. */
  addressOf(tables) {
    if (!(tables instanceof Tables)) throw new TypeError("an element of `sessionTables` must be `Tables`");
    return tables.addressIn(this);
  }

  isAllowed(tables, request) {
    return this.decide(tables, request).allowed;
  }

  decide(tables, request) {
    return this.#with(
      (writer) => ({
        request: writer.request(request, this).address,
        decision: writer.address + writer.reserve(DECISION_BYTES),
        error: writer.address + writer.reserve(ERROR_BYTES),
      }),
      ({ request, decision, error }) => {
        this.#check(this.#exports.iamc_decide(tables, request, decision, error), error);
        return this.#decision(decision);
      },
    );
  }

  explain(tables, request) {
    return this.#with(
      (writer) => {
        const { address, keys } = writer.request(request, this);
        return {
          request: address,
          keys,
          decision: writer.address + writer.reserve(DECISION_BYTES),
          notes: writer.address + writer.reserve(NOTES_BYTES),
          error: writer.address + writer.reserve(ERROR_BYTES),
          ignored: writer.address + writer.reserve(keys.length),
        };
      },
      ({ request, keys, decision, notes, error, ignored }) => {
        this.#check(this.#exports.iamc_explain(tables, request, decision, notes, error), error);
        const [assumed, isUndefined, ignoredLayers] = this.#words(notes, 3);
        this.#check(this.#exports.iamc_ignored_keys(tables, request, ignored, keys.length, error), error);
        const marks = new Uint8Array(this.#exports.memory.buffer, ignored, keys.length);
        return {
          ...this.#decision(decision),
          assumedResourceAccount: assumed === 1,
          undefinedPrincipal: isUndefined === 1,
          ignoredLayers: layers(ignoredLayers),
          ignoredKeys: keys.filter((_, index) => marks[index] === 1),
        };
      },
    );
  }

  #decision(address) {
    const [effect, layer, bits, policyAt, policyLength, index, sidAt, sidLength, table] = this.#words(address, 9);
    const decision = DECISIONS[effect];
    const policy = this.#text(policyAt, policyLength);
    const sessionTable = table === NONE ? null : table;
    return {
      allowed: decision === "allowed",
      decision,
      layer: LAYERS[layer] ?? null,
      statement: policy === null ? null : { policy, index, sid: this.#text(sidAt, sidLength), sessionTable },
      blockers: blockers(bits, decision),
    };
  }

  /** What a function tells under the numbers from 0 on, until it says that there is no more. */
  #list(call, bytes, read) {
    return this.#with(
      (writer) => writer.address + writer.reserve(bytes),
      (out) => {
        const found = [];
        while (call(found.length, out)) found.push(read(this.#words(out, bytes / WORD)));
        return found;
      },
    );
  }

  requiredKeys(tables) {
    const call = (index, out) => this.#exports.iamc_required_key(tables, index, out);
    const read = ([at, length, fromContext]) => ({ name: this.#text(at, length), fromContext: fromContext === 1 });
    return this.#list(call, KEY_BYTES, read);
  }

  policyNames(tables) {
    const call = (index, out) => this.#exports.iamc_policy_name(tables, index, out);
    return this.#list(call, 2 * WORD, ([at, length]) => this.#text(at, length));
  }
}

/** The module beside this file. */
async function ownModule() {
  const url = new URL("./iamc.wasm", import.meta.url);
  if (url.protocol === "file:") {
    const { readFile } = await import("node:fs/promises");
    return readFile(url);
  }
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${answer.statusText}`);
  return answer.arrayBuffer();
}

/** Frees artifacts that nobody freed. */
const forgotten = new FinalizationRegistry(({ library, address }) => library.free(address));

const KEY = Symbol("made by load");

export class Tables {
  #library;
  #address;

  constructor(key, library, address) {
    if (key !== KEY) throw new TypeError("tables are made by `load`");
    this.#library = library;
    this.#address = address;
    forgotten.register(this, { library, address }, this);
  }

  #own() {
    if (this.#address === 0) throw new TypeError("the tables are freed");
    return this.#address;
  }

  /** For requests that carry these tables as session policies. */
  addressIn(library) {
    if (library !== this.#library) throw new TypeError("the tables belong to another module");
    return this.#own();
  }

  isAllowed(request) {
    return this.#library.isAllowed(this.#own(), request);
  }

  decide(request) {
    return this.#library.decide(this.#own(), request);
  }

  explain(request) {
    return this.#library.explain(this.#own(), request);
  }

  requiredKeys() {
    return this.#library.requiredKeys(this.#own());
  }

  policyNames() {
    return this.#library.policyNames(this.#own());
  }

  free() {
    if (this.#address === 0) return;
    forgotten.unregister(this);
    this.#library.free(this.#address);
    this.#address = 0;
  }
}

// The symbol is newer than what this file asks for.
if (Symbol.dispose) Tables.prototype[Symbol.dispose] = Tables.prototype.free;

export async function load(artifact, options) {
  const { module } = members(options ?? {}, "`options`", ["module"]);
  const bytes = artifact instanceof ArrayBuffer ? new Uint8Array(artifact) : artifact;
  if (!(bytes instanceof Uint8Array)) throw new TypeError("an artifact must be a `Uint8Array` or an `ArrayBuffer`");
  const library = await Library.of(module);
  return new Tables(KEY, library, library.load(bytes));
}

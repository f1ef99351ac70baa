import assert from "node:assert/strict";
import test from "node:test";

import { createMessages, eventNames } from "../../../server/conjure/player/web/messages.js";
import { mountRuntime } from "../../../server/conjure/player/web/runtime.js";

const HOST = "https://host.example";

/** A frame in a page of somebody else. */
function framed(target = HOST, more = {}) {
  const told = [];
  const parent = { postMessage: (data, origin) => told.push([structuredClone(data), origin]) };
  const frame = Object.assign(new EventTarget(), { parent });
  const played = [];
  const messages = createMessages({ target, frame, onWorldEvent: (name) => played.push(name) > 0, ...more });
  const hear = (data, { source = parent, origin = HOST } = {}) =>
    frame.dispatchEvent(Object.assign(new Event("message"), { data, source, origin }));
  return { told, played, messages, hear, parent, frame };
}

const ended = (reason) => ({ phase: "ended", reason, message: "Words.", endsAt: null, isLast: false, retryAt: null, failure: null });
const live = { ...ended(null), phase: "live", message: null };

test("tells the page around exactly what the contract says", () => {
  const { told, messages } = framed();
  messages.status({ ...live, phase: "connecting" });
  messages.status(live);
  messages.play({ type: "state-entered", state: "hall" });
  messages.ready({ id: "w", name: "A world", scene: {} });
  messages.play({ type: "choice", event: "Go" });
  messages.play({ type: "ending", kind: "win", title: "Out" });
  messages.status({ ...live, phase: "waiting" });
  messages.status(ended("expired"));
  messages.status(ended("expired"));
  messages.error("broken", "late");
  assert.deepEqual(told, [
    { source: "conjure", type: "ready", worldId: "w", name: "A world" },
    { source: "conjure", type: "state-entered", state: "hall" },
    { source: "conjure", type: "choice", event: "Go" },
    { source: "conjure", type: "ending", kind: "win", title: "Out" },
    { source: "conjure", type: "session-ended", reason: "expired", message: "Words." },
  ].map((data) => [data, HOST]));
});

test("what never played is an error", () => {
  const { told, messages } = framed("*");
  messages.status(ended("invalid"));
  messages.status(ended("invalid"));
  assert.deepEqual(told, [[{ source: "conjure", type: "error", reason: "invalid", message: "Words." }, "*"]]);
});

test("a page of its own tells nobody, and hears nobody", () => {
  const frame = new EventTarget();
  const told = [];
  Object.assign(frame, { parent: frame, postMessage: (...data) => told.push(data) });
  const played = [];
  const messages = createMessages({ target: "*", frame, onWorldEvent: (name) => played.push(name) > 0 });
  messages.ready({ id: "w" });
  frame.dispatchEvent(Object.assign(new Event("message"), { data: { source: "alakazam-studio", type: "world-event", event: "Go" }, source: frame }));
  assert.deepEqual([told, played], [[], []]);
});

test("a page around that has gone is no trouble", () => {
  const { messages, parent } = framed();
  parent.postMessage = () => {
    throw new DOMException("gone");
  };
  messages.ready({});
});

test("hears its parent at the bound origin, and nobody else", () => {
  const { played, hear, messages } = framed();
  const event = { source: "alakazam-studio", type: "world-event", event: "Go" };
  hear(event);
  hear(event, { source: {} });
  hear(event, { source: null });
  hear(event, { origin: "https://evil.example" });
  hear({ ...event, source: "conjure" });
  hear({ ...event, type: "world-events" });
  for (const data of [null, undefined, 7, "x", [], new Date(), new Map(), { source: "alakazam-studio" }]) hear(data);
  for (const name of ["", "x".repeat(4_001), 7, null, [], {}, { name: 7 }, { name: "x".repeat(1e6) }, new Uint8Array(9)]) hear({ ...event, event: name });
  assert.deepEqual(played, ["Go"]);
  const any = framed("*");
  any.hear(event, { origin: "https://anybody.example" });
  assert.deepEqual(any.played, ["Go"]);
});

const WORLD = {
  scene: {
    events: [
      { name: "Wave", base: "She waves." }, { name: "Leave", base: "She leaves the hall.", to: "yard" }, null, 7,
      { name: "Nothing", base: "" }, { name: 5, base: "x" }, { base: "She waves." }, { name: "By prose", base: { template: "x" } },
    ],
  },
};

test("a world-event is a name, or what the studio sends a runtime", () => {
  for (const [event, names] of [
    ["Wave", ["Wave"]], [{ name: "Wave" }, ["Wave"]],
    [{ kind: "prompt", value: "She waves." }, ["She waves.", "Wave"]],
    [{ kind: "prompt", value: "She waves. Slowly, at the gate." }, ["She waves. Slowly, at the gate.", "Wave"]],
    [{ kind: "prompt", value: "She waves.And more" }, ["She waves.And more"]],
    [{ kind: "state", value: "A yard.", stateId: "yard" }, ["A yard.", "Leave"]],
    [{ kind: "command", value: "Front", stateId: "yard" }, ["Front"]],
    [{ kind: "state", stateId: "attic" }, []],
  ])
    assert.deepEqual(eventNames(event, WORLD), names);
  for (const world of [null, {}, { scene: null }, { scene: { events: {} } }]) assert.deepEqual(eventNames({ name: "Wave", kind: "state", stateId: "x" }, world), ["Wave"]);
});

test("the first of them that is possible plays, once", () => {
  const asked = [];
  const { hear } = framed(HOST, { world: () => WORLD, onWorldEvent: (name) => asked.push(name) === 2 });
  hear({ source: "alakazam-studio", type: "world-event", event: { kind: "state", value: "She waves.", stateId: "yard" } });
  assert.deepEqual(asked, ["She waves.", "Wave"]);
});

const begun = () => new Promise(setImmediate);

/** A runtime's client, and what it was told. */
function client(more = {}) {
  const calls = [];
  const made = {
    mount: (given) => {
      calls.push(["mount", given]);
      return { show: (...a) => calls.push(["show", ...a]), renew: (...a) => calls.push(["renew", ...a]), destroy: () => calls.push(["destroy"]), ...more };
    },
  };
  return { calls, load: async () => made, made };
}

const options = () => {
  const failures = [];
  const container = { replaceChildren: () => (container.isEmpty = true), isEmpty: false };
  return { container, jwt: "j", expiresAt: 5, world: {}, state: "hall", onFailure: (cause) => failures.push(cause), failures };
};

test("a runtime's client is mounted, told and taken away", async () => {
  const { calls, load } = client();
  const given = options();
  const heard = [];
  const runtime = mountRuntime("https://x.test/c.js", { ...given, onSession: (id) => heard.push(id), onEvent: (name) => heard.push(name) }, load);
  await begun();
  const { container, jwt, expiresAt, world, state, onSession, onEvent, onError } = calls[0][1];
  assert.deepEqual([container, jwt, expiresAt, world, state], [given.container, "j", 5, {}, "hall"]);
  onSession("r-1");
  onEvent("Go");
  for (const bad of [7, null, {}]) (onSession(bad), onEvent(bad));
  runtime.show({ state: "hall", event: null });
  runtime.renew("k", null);
  runtime.destroy();
  runtime.show({ state: "yard", event: null });
  onError(new Error("late"));
  onEvent("late");
  assert.deepEqual(calls.slice(1), [["show", { state: "hall", event: null }], ["renew", "k", null], ["destroy"]]);
  assert.deepEqual([heard, given.failures, given.container.isEmpty], [["r-1", "Go"], [], true]);
});

test("whatever goes wrong with it is told once, and leaves an empty container", async () => {
  const broken = () => {
    throw new Error("no");
  };
  for (const [load, cause] of [
    [async () => broken(), /no/], [async () => ({}), /exports no mount/], [async () => ({ mount: broken }), /no/],
    [async () => ({ mount: () => undefined }), /has no show/], [client({ renew: 7 }).load, /has no renew/],
    [async () => ({ mount: async () => broken() }), /no/],
    [async () => ({ mount: ({ onError }) => (onError("bad GPU"), { show() {}, renew() {}, destroy: broken }) }), /bad GPU/],
  ]) {
    const given = options();
    mountRuntime("u", given, load);
    await begun();
    assert.equal(given.failures.length, 1);
    assert.match(given.failures[0], cause);
    assert.ok(given.container.isEmpty);
  }
  for (const show of [broken, async () => broken()]) {
    const { load, calls } = client({ show });
    const given = options();
    const runtime = mountRuntime("u", given, load);
    await begun();
    runtime.show({ state: "hall", event: null });
    await new Promise(setImmediate);
    runtime.show({ state: "hall", event: null });
    assert.deepEqual([given.failures, calls.at(-1)], [["no"], ["destroy"]]);
  }
});

test("what is told while it begins is told afterwards; one that is taken away meanwhile is gone", async () => {
  for (const isTakenAway of [false, true]) {
    const { calls, made } = client();
    let loaded = () => {};
    const given = options();
    const runtime = mountRuntime("u", given, () => new Promise((resolve) => (loaded = () => resolve({ mount: async (all) => made.mount(all) }))));
    runtime.show({ state: "hall", event: null });
    runtime.renew("k", 7);
    runtime.show({ state: "yard", event: null });
    loaded();
    await Promise.resolve();
    if (isTakenAway) runtime.destroy();
    await begun();
    const told = calls.map(([name, first]) => (name === "mount" ? name : [name, first]));
    if (isTakenAway) assert.ok(told.length === 0 || told.at(-1)[0] === "destroy", JSON.stringify(told));
    else assert.deepEqual(told, ["mount", ["show", { state: "yard", event: null }], ["renew", "k"]]);
    assert.deepEqual([given.failures, given.container.isEmpty], [[], isTakenAway]);
  }
});

test("one that begins only when it was taken away is taken away then", async () => {
  const { calls, made } = client();
  let mounted = () => {};
  const given = options();
  const mount = (all) => new Promise((resolve) => (mounted = () => resolve(made.mount(all))));
  const runtime = mountRuntime("u", given, async () => ({ mount }));
  await begun();
  runtime.destroy();
  mounted();
  await begun();
  assert.deepEqual([calls.map(([name]) => name), given.failures], [["mount", "destroy"], []]);
});

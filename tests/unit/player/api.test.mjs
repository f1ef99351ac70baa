import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { ApiError, EventReader, createApi, isPassing, retryAfterOf } from "../../../server/conjure/player/web/api.js";
import { claimsOf, webOrigin } from "../../../server/conjure/player/web/token.js";
import { tokenOf } from "./fakes.mjs";

/** A server that answers what a test says, also badly. */
const seen = [];
let answer = (_, response) => response.end("{}");
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (piece) => (body += piece));
  request.on("end", () => {
    seen.push({ method: request.method, url: request.url, headers: request.headers, body });
    answer(request, response);
  });
});
let api;
before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const home = `http://127.0.0.1:${server.address().port}`;
  api = createApi("a.b.c", { fetch: (path, options) => fetch(home + path, options) });
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const answers = (status, body, headers = {}) => (answer = (_, response) => response.writeHead(status, headers).end(body));
const failure = async (call) => {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof ApiError, error);
    return error.failure;
  }
  assert.fail("it did not fail");
};

test("posts JSON with the token, once, and answers with JSON", async () => {
  answers(200, '{"ok": true}');
  assert.deepEqual(await api.post("/v1/sessions/end", { a: "ü" }), { ok: true });
  const { method, url, headers, body } = seen.at(-1);
  assert.deepEqual([method, url, headers.authorization, body], ["POST", "/v1/sessions/end", "Bearer a.b.c", '{"a":"ü"}']);
  assert.equal(headers["content-type"], "application/json");
  const before = seen.length;
  answers(503, '{"detail": "away"}', { "retry-after": "7" });
  assert.deepEqual(await failure(api.post("/v1/x")), { status: 503, detail: "away", retryAfterS: 7 });
  assert.equal(seen.length, before + 1);
});

test("never asks another host", async () => {
  for (const path of ["//evil.test/x", "https://evil.test/", "v1/x", ""]) await assert.rejects(api.post(path), TypeError);
});

test("whatever an error has for a body is bounded text", async () => {
  for (const [body, detail] of [
    ["<html>", "HTTP 502"], ["", "HTTP 502"], ["[1]", "HTTP 502"], ['{"detail": 7}', "HTTP 502"],
    [JSON.stringify({ detail: "x".repeat(10_000) }), "x".repeat(500)],
  ]) {
    answers(502, body);
    assert.deepEqual(await failure(api.post("/x")), { status: 502, detail, retryAfterS: null });
  }
});

test("what is no JSON object, is cut off, redirects or never comes, is no answer", async () => {
  for (const body of ["<html>login</html>", "[]", "null", '"x"', "{", ""]) {
    answers(200, body);
    assert.equal((await failure(api.post("/x"))).status, 0);
  }
  answers(200, "{", { "content-length": "100" });
  assert.equal((await failure(api.post("/x", {}, { timeoutMs: 300 }))).status, 0);
  answers(307, "", { location: "/elsewhere" });
  assert.equal((await failure(api.post("/x"))).status, 0);
  answer = (request) => request.socket.destroy();
  assert.equal((await failure(api.post("/x"))).status, 0);
  answer = () => {};
  assert.deepEqual(await failure(api.post("/x", {}, { timeoutMs: 50 })), { status: 0, detail: "no answer in time", retryAfterS: null });
  answer = (_, response) => response.writeHead(200).write("{"); // and then nothing
  assert.equal((await failure(api.post("/x", {}, { timeoutMs: 100 }))).status, 0);
});

test("is given up by its caller", async () => {
  answer = () => {};
  const aborts = new AbortController();
  const call = api.post("/x", {}, { signal: aborts.signal });
  setTimeout(() => aborts.abort(), 20);
  await assert.rejects(call, { name: "AbortError" });
  await assert.rejects(api.post("/x", {}, { signal: aborts.signal }), { name: "AbortError" });
});

test("knows the server's clock from its answers", async () => {
  answers(200, "{}", { date: "Wed, 01 Jan 2020 00:00:00 GMT" });
  await api.post("/x");
  const apart = api.serverNow() - Date.UTC(2020, 0, 1);
  assert.ok(apart >= 0 && apart < 60_000, `${apart}`);
});

test("Retry-After in seconds, as a date, and as nonsense", () => {
  const now = Date.UTC(2026, 0, 1);
  for (const [text, seconds] of [
    ["0", 0], ["7", 7], [" 12 ", 12], ["99999999999999999999", 3600], ["Thu, 01 Jan 2026 00:00:30 GMT", 30],
    ["Thu, 01 Jan 2026 00:00:00 GMT", 0], ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["-5", null], ["1.5", null], ["", null], ["soon", null], [null, null],
  ])
    assert.equal(retryAfterOf(text, now), seconds, `${text}`);
});

test("which failures pass", () => {
  const of = (status) => new ApiError({ status, detail: "", retryAfterS: null });
  for (const status of [0, 408, 429, 500, 502, 503, 504]) assert.ok(isPassing(of(status)));
  for (const status of [400, 401, 402, 403, 404, 409, 413, 422]) assert.ok(!isPassing(of(status)));
  assert.ok(!isPassing(new Error("x")));
});

const all = async (events) => {
  const found = [];
  for await (const { event, data } of events) found.push([event, data]);
  return found;
};

test("reads an event stream however it is cut", async () => {
  const text = ": hello\n\nevent: delta\ndata: {\"t\": \"ü💥\"}\n\nid: 3\nretry: 5\ndata\n\ndata: a\r\ndata:b\r\n\r\nevent: x\n\ndata: last\r\r";
  const expected = [["delta", '{"t": "ü💥"}'], ["message", ""], ["message", "a\nb"], ["message", "last"]];
  const bytes = new TextEncoder().encode(`\ufeff${text}`);
  for (const size of [1, 2, 3, 7, 1000]) {
    const reader = new EventReader();
    const found = [];
    for (let at = 0; at < bytes.length; at += size) found.push(...reader.read(bytes.slice(at, at + size)));
    found.push(...reader.read(new TextEncoder().encode("\n"))); // a CR at the very end waits for what follows
    assert.deepEqual(found.map(({ event, data }) => [event, data]), expected, `${size}`);
  }
  answer = (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const byte of Buffer.from("event: done\ndata: {}\n\n")) response.write(Buffer.of(byte));
    response.end();
  };
  assert.deepEqual(await all(api.events("/x")), [["done", "{}"]]);
});

test("an event stream that is refused, stops or never ends an event", async () => {
  answers(402, '{"detail": "used up"}');
  assert.equal((await failure(all(api.events("/x")))).status, 402);
  answer = (_, response) => response.writeHead(200).write("data: a\n\n");
  assert.equal((await failure(all(api.events("/x", {}, { idleMs: 100 })))).detail, "no answer in time");
  const reader = new EventReader();
  const piece = new TextEncoder().encode("data: " + "x".repeat(1 << 18) + "\n");
  assert.throws(() => Array.from({ length: 5 }, () => reader.read(piece)), ApiError);
});

test("who stops listening closes the stream", async () => {
  const closed = new Promise((resolve) => {
    answer = (request, response) => {
      response.on("close", resolve);
      response.writeHead(200).write("data: a\n\n");
    };
  });
  for await (const { data } of api.events("/x")) {
    assert.equal(data, "a");
    break;
  }
  await closed;
});

test("sound comes as it is, and can be given up half way", async () => {
  answers(200, Buffer.of(0, 255, 1), { "content-type": "audio/wav" });
  const whole = await api.open("/x", {}, { accept: "audio/*", timeoutMs: 1000 });
  assert.deepEqual([...new Uint8Array(await whole.arrayBuffer())], [0, 255, 1]);
  assert.equal(seen.at(-1).headers.accept, "audio/*");
  answer = (_, response) => response.writeHead(200).write("x");
  const aborts = new AbortController();
  const half = await api.open("/x", {}, { signal: aborts.signal });
  aborts.abort();
  await assert.rejects(half.arrayBuffer());
  answers(404, "{}");
  assert.equal((await failure(api.open("/x"))).status, 404);
});

test("what a token says of itself, and what is no token", () => {
  assert.deepEqual(claimsOf(tokenOf({ jti: "j", aud: "https://a.example:8443", exp: 5 })), { jti: "j", origin: "https://a.example:8443", expiresAt: 5000, isNamed: false });
  assert.equal(claimsOf(tokenOf({ jti: "ü💥" })).jti, "ü💥");
  for (const [sub, isNamed] of [["anon", false], ["", false], [7, false], ["Ada", true]]) assert.equal(claimsOf(tokenOf({ sub })).isNamed, isNamed);
  const nothing = { jti: "", origin: null, expiresAt: null, isNamed: false };
  for (const token of ["", "a", "a.b", "a.!!.c", "a.e30.c", "a.bnVsbA.c", "a.W10.c", "x".repeat(9000), tokenOf({ jti: 7, aud: ["https://a.example"], exp: "soon" })])
    assert.deepEqual(claimsOf(token), nothing);
  for (const text of ["conjure", "javascript:alert(1)", "https://a.example/", "https://a.example/x", "https://A.example", "https://u@a.example", "https://a.example:443", "https://", "file://x", "*"])
    assert.equal(webOrigin(text), null, text);
});

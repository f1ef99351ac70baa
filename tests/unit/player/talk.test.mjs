// What a talk makes of what the API answers: its module alone, with an API that says what the test says.
import assert from "node:assert/strict";
import { test } from "node:test";

const web = new URL("../../../server/conjure/player/web/", import.meta.url);
const { createTalk } = await import(new URL("talk.js", web));
const { createTerminal, flagsFor } = await import(new URL("terminal.js", web));
const { countOf, hasLength, mostOf, tidy } = await import(new URL("talktext.js", web));

const WORLD = {
  id: "7b0e4f4e-8f63-4c35-9d1c-0f6f8f0f4c55",
  kind: "character",
  name: "Maren",
  entrance: { state: "calm" },
  scene: { states: { calm: {}, glad: {} }, events: {} },
  character: { greeting: "You are wet through.", stances: [{ id: "calm" }, { id: "glad" }] },
};
const TURN = { reply: "Tea?", stance: "glad", emotion: "warm", affect: { v: 0.2, a: 0, d: 0, rapport: 0.1 }, action: null };

const failure = (status, detail = "", retryAfterS = null) =>
  Object.assign(new Error(detail), { failure: { status, detail, retryAfterS } });
const delta = (text) => ({ event: "say", data: JSON.stringify({ delta: text }) });
const turn = (members = {}) => ({ event: "say", data: JSON.stringify({ turn: { ...TURN, ...members } }) });
const end = { event: "end", data: JSON.stringify({ detail: "the character cannot answer now", schemaVersion: "1.0" }) };

/** Answers each route with the next thing of its list: events, an answer, or an error. */
function scripted(routes = {}) {
  const asked = [];
  const next = (path, body, options) => {
    const route = path.split("/").at(-1);
    asked.push({ route, path, body, options });
    const answer = routes[route]?.shift();
    if (answer instanceof Error) throw answer;
    return answer ?? {};
  };
  return {
    asked,
    post: async (path, body, options) => next(path, body, options),
    open: async (path, body, options) => next(path, body, options),
    async *events(path, body, options) {
      for (const event of next(path, body, options)) {
        if (event instanceof Error) throw event;
        yield event;
      }
    },
  };
}

function clockOfTest() {
  let now = 0;
  let timers = [];
  return {
    now: () => now,
    after(callback, ms) {
      const timer = { callback, at: now + ms };
      timers.push(timer);
      return timer;
    },
    cancel: (timer) => (timers = timers.filter((other) => other !== timer)),
    pass(ms) {
      now += ms;
      const due = timers.filter((timer) => timer.at <= now);
      timers = timers.filter((timer) => timer.at > now);
      for (const timer of due) timer.callback();
    },
  };
}

function talking(routes, options = {}) {
  const api = scripted(routes);
  const states = [];
  const stances = [];
  const talk = createTalk(api, WORLD, {
    onChange: (state) => states.push(state),
    onStance: (stance) => stances.push(stance),
    clock: clockOfTest(),
    ...options,
  });
  return { api, talk, states, stances, texts: () => talk.state.lines.map((line) => `${line.role}: ${line.text}`) };
}

test("the welcome of the server begins a talk, and the greeting where there is none", async () => {
  const welcomed = talking({ resume: [{ returning: true, welcome: "Back again?", affect: TURN.affect, messageCount: 4 }] });
  await Promise.all([welcomed.talk.begin(), welcomed.talk.begin()]);
  assert.deepEqual(welcomed.texts(), ["other: Back again?"]);
  const refused = talking({ resume: [failure(503)] });
  await refused.talk.begin();
  assert.deepEqual([refused.texts(), refused.talk.state.trouble], [["other: You are wet through."], null]);
  const old = talking({ resume: [failure(401, "expired")] });
  await old.talk.begin();
  assert.match(old.talk.state.trouble, /link no longer works/);
});

test("a reply grows, its turn is what counts, and the stance is shown", async () => {
  let kept = [];
  const onKeep = () => kept.push(talk.save().lines.length);
  const { talk, api, states, stances, texts } = talking({ "say-stream": [[delta("Te"), delta("a, pe"), turn()]] }, { onKeep });
  assert.equal(await talk.say("  Hello  "), true);
  assert.deepEqual(kept, [1, 2]); // not with each piece: that is all of the talk each time
  assert.deepEqual([...new Set(states.map((state) => state.growing))], ["", "Te", "Tea, pe", null]);
  assert.deepEqual(texts(), ["player: Hello", "other: Tea?"]);
  assert.deepEqual([stances, talk.state.stance, talk.state.emotion], [["glad"], "glad", "warm"]);
  assert.deepEqual(api.asked.map((call) => call.route), ["say-stream"]);
  assert.deepEqual(api.asked[0].body, { text: "Hello", currentStance: "calm" });
});

test("a stance that has no state changes nothing", async () => {
  for (const stance of ["__proto__", "toString", "nowhere", 7, null]) {
    const { talk, stances } = talking({ "say-stream": [[turn({ stance })]] });
    assert.equal(await talk.say("Hello"), true);
    assert.deepEqual([stances, talk.state.stance], [[], "calm"]);
  }
});

test("of anon the page remembers, of a named player the server", async () => {
  const routes = () => ({ "say-stream": [[turn()], [turn()]] });
  const anon = talking(routes());
  await anon.talk.say("One");
  await anon.talk.say("Two");
  assert.deepEqual(anon.api.asked[1].body, {
    text: "Two",
    currentStance: "glad",
    affect: TURN.affect,
    history: [
      { role: "user", text: "One" },
      { role: "character", text: "Tea?" },
    ],
  });
  const named = talking(routes(), { isNamed: true });
  await named.talk.say("One");
  await named.talk.say("Two");
  assert.deepEqual(named.api.asked[1].body, { text: "Two", currentStance: "glad" });
});

test("a history has twenty lines at most, and the body 16 KiB", async () => {
  const reply = "好".repeat(900);
  const { talk, api } = talking({ "say-stream": Array.from({ length: 15 }, () => [turn({ reply })]) });
  for (let at = 0; at < 15; at += 1) assert.equal(await talk.say(`Line ${at}`), true);
  const lengths = api.asked.map(({ body }) => body.history?.length ?? 0);
  assert.ok(Math.max(...lengths) <= 20);
  for (const { body } of api.asked) assert.ok(Buffer.byteLength(JSON.stringify(body)) <= 16_384);
  const { history } = api.asked.at(-1).body;
  assert.deepEqual(history.at(-1), { role: "character", text: reply });
  const short = talking({ "say-stream": Array.from({ length: 15 }, () => [turn()]) });
  for (let at = 0; at < 15; at += 1) await short.talk.say(`Line ${at}`);
  assert.equal(short.api.asked.at(-1).body.history.length, 20);
});

test("what breaks before anything came is asked for whole, with a key", async () => {
  for (const broken of [failure(0), [], [failure(0)], [{ event: "say", data: "no JSON" }]]) {
    const { talk, api, texts } = talking({ "say-stream": [broken], say: [TURN] });
    assert.equal(await talk.say("Hello"), true);
    assert.deepEqual(api.asked.map((call) => call.route), ["say-stream", "say"]);
    assert.match(api.asked[1].options.idempotencyKey, /^[0-9a-f]{32}$/);
    assert.deepEqual(api.asked[1].body, api.asked[0].body);
    assert.deepEqual(texts(), ["player: Hello", "other: Tea?"]);
  }
});

test("what was asked for whole and may have been answered is sent again as it was, with its key", async () => {
  const { talk, api, texts } = talking({ "say-stream": [failure(0), [turn()]], say: [failure(0), TURN] });
  assert.equal(await talk.say("Hello"), false);
  assert.deepEqual([texts(), talk.state.isBusy], [[], false]);
  assert.match(talk.state.trouble, /no answer/);
  assert.equal(await talk.say("Hello"), true);
  const [, first, again] = api.asked;
  assert.deepEqual(api.asked.map((call) => call.route), ["say-stream", "say", "say"]);
  assert.deepEqual([again.options.idempotencyKey, again.body], [first.options.idempotencyKey, first.body]);
  assert.equal(await talk.say("Hello"), true);
  assert.equal(api.asked.at(-1).route, "say-stream");
});

test("a call with this key that still runs is waited for", async () => {
  const clock = clockOfTest();
  const { talk, api } = talking({ "say-stream": [failure(0)], say: [failure(409), TURN] }, { clock });
  const said = talk.say("Hello");
  for (let at = 0; at < 20; at += 1) {
    await new Promise(setImmediate);
    clock.pass(500);
  }
  assert.equal(await said, true);
  assert.deepEqual(api.asked.map((call) => call.route), ["say-stream", "say", "say"]);
});

test("what breaks after a piece is not asked for again by itself, and counts for nothing", async () => {
  const { talk, api, texts } = talking({ "say-stream": [[delta("Te"), failure(0)], [turn()]] });
  assert.equal(await talk.say("Hello"), false);
  assert.deepEqual([api.asked.length, texts()], [1, ["player: Hello", "other: Te…"]]);
  assert.match(talk.state.trouble, /cut off/);
  assert.equal(await talk.say("Hello"), true);
  assert.equal(api.asked[1].body.history, undefined);
});

test("what the server ended is not asked for again, and nothing of it stays", async () => {
  const { talk, api, texts } = talking({ "say-stream": [[delta("Te"), end]] });
  assert.equal(await talk.say("Hello"), false);
  assert.deepEqual([api.asked.length, texts(), talk.state.growing], [1, [], null]);
  assert.match(talk.state.trouble, /could not answer/);
});

test("a refusal is told in words, what was said is not in the log, and nothing else is tried", async () => {
  const told = {
    400: /That was not taken: we do not talk of that\./,
    401: /link/,
    402: /no more answers for today/,
    404: /not here any more/,
    500: /could not answer/,
    503: /could not answer/,
  };
  for (const [status, words] of Object.entries(told)) {
    const { talk, api, texts } = talking({ "say-stream": [failure(Number(status), "we do not talk of that")] });
    assert.equal(await talk.say("Hello"), false);
    assert.match(talk.state.trouble, words);
    assert.deepEqual([texts(), api.asked.length, talk.state.isBusy], [[], 1, false]);
  }
});

test("a character that is too large to be told of is asked for whole from then on", async () => {
  const { talk, api } = talking({ "say-stream": [failure(400, "id: this character is too large")], say: [TURN, TURN] });
  assert.equal(await talk.say("One"), true);
  assert.equal(await talk.say("Two"), true);
  assert.deepEqual(api.asked.map((call) => call.route), ["say-stream", "say", "say"]);
});

test("who is too fast waits as long as they are told", async () => {
  const clock = clockOfTest();
  const { talk, api } = talking({ "say-stream": [failure(429, "", 7), [turn()]] }, { clock });
  assert.equal(await talk.say("Hello"), false);
  assert.equal(talk.state.waitUntil, 7_000);
  assert.equal(await talk.say("Hello"), false);
  assert.equal(api.asked.length, 1);
  clock.pass(7_000);
  assert.deepEqual([talk.state.waitUntil, talk.state.trouble], [null, null]);
  assert.equal(await talk.say("Hello"), true);
});

test("one thing is said at a time, and nothing that cannot be said", async () => {
  const { talk, api } = talking({ "say-stream": [[turn()]] });
  const first = talk.say("Hello");
  assert.equal(await talk.say("Me too"), false);
  assert.equal(await first, true);
  for (const text of ["", " \n\t", "a".repeat(2_001), "x".repeat(1_000_000)]) assert.equal(await talk.say(text), false);
  assert.equal(api.asked.length, 1);
  const emoji = talking({ "say-stream": [[turn()]] });
  assert.equal(await emoji.talk.say("🌊".repeat(2_000)), true);
});

test("texts are counted as the server counts them", () => {
  assert.equal(countOf("a🌊é\u0301"), 4);
  assert.equal(countOf("x".repeat(1_000_000)), null);
  assert.deepEqual([hasLength("🌊".repeat(2_000)), hasLength("🌊".repeat(2_001))], [true, false]);
  assert.equal(mostOf("🌊🌊🌊", 2), "🌊🌊");
  assert.equal(tidy(" a\ud83c b\udf0a 🌊 "), "a\ufffd b\ufffd 🌊");
});

test("a picture comes into the log with what it shows; other deeds are told", async () => {
  const action = (type, target) => turn({ action: { type, target } });
  const { talk, api, texts } = talking({
    "say-stream": [[action("show_image", "the reef")], [action("fetch_object", "a mug")], [action("change_location", null)]],
    image: [{ url: "https://assets.example/a.png", mimeType: "image/png", imageBase64: "iVBORw0=" }],
  });
  await talk.say("One");
  await new Promise(setImmediate);
  assert.deepEqual(talk.state.lines.at(-1), {
    role: "picture",
    text: "the reef",
    src: "data:image/png;base64,iVBORw0=",
    url: "https://assets.example/a.png",
  });
  assert.deepEqual(api.asked[1].body, { prompt: "the reef" });
  assert.ok(api.asked[1].options.idempotencyKey);
  await talk.say("Two");
  await talk.say("Three");
  assert.deepEqual(texts().filter((text) => text.startsWith("note")), [
    "note: Maren fetches a mug.",
    "note: Maren goes somewhere else.",
  ]);
  const history = api.asked.at(-1).body.history;
  assert.ok(history.every((line) => line.role === "user" || line.text === "Tea?"));
  const failed = talking({ "say-stream": [[action("show_image", "the reef")]], image: [failure(503)] });
  await failed.talk.say("One");
  await new Promise(setImmediate);
  assert.equal(failed.talk.state.lines.at(-1).role, "note");
});

test("memory is folded when the page is left, once for what was said", async () => {
  const { talk, api } = talking({ "say-stream": [[turn()], [turn()]] });
  talk.leave();
  assert.equal(api.asked.length, 0);
  await talk.say("One");
  talk.leave();
  talk.leave();
  assert.deepEqual(api.asked.slice(1).map((call) => [call.route, call.options.keepalive]), [["consolidate", true]]);
  await talk.say("Two");
  talk.leave();
  assert.equal(api.asked.filter((call) => call.route === "consolidate").length, 2);
});

test("a page that is loaded again goes on from what was saved", async () => {
  const { talk } = talking({ "say-stream": [[turn()]] });
  await talk.say("One");
  const saved = JSON.parse(JSON.stringify(talk.save()));
  const again = talking({ "say-stream": [[turn()]] });
  assert.equal(again.talk.restore(saved), true);
  await again.talk.begin();
  assert.deepEqual([again.texts(), again.stances], [["player: One", "other: Tea?"], ["glad"]]);
  await again.talk.say("Two");
  assert.deepEqual(again.api.asked.map((call) => call.route), ["say-stream"]);
  assert.equal(again.api.asked[0].body.history.length, 2);
  for (const wrong of [null, undefined, 7, "x", [], {}, { lines: {} }, { lines: [null, 7, { role: "evil", text: "x" }] }]) {
    assert.equal(talking().talk.restore(wrong), false);
  }
  const wild = talking();
  assert.equal(wild.talk.restore({ lines: saved.lines, stance: "__proto__", affect: "x", emotion: {} }), true);
  assert.equal(wild.talk.state.stance, "calm");
});

test("any document is a character to talk to", async () => {
  for (const wild of [{}, { name: 7, character: [], scene: null, entrance: [] }, { character: { greeting: { a: 1 } }, name: "" }]) {
    const talk = createTalk(scripted({ "say-stream": [[turn()]] }), { id: "x", ...wild }, { clock: clockOfTest() });
    await talk.begin();
    assert.equal(await talk.say("Hello"), true);
    assert.equal(talk.state.name, "Somebody");
  }
});

test("a reply is spoken when the voice is on, and stops when something is said", async () => {
  const heard = [];
  const speech = {
    state: { isThere: true, isOn: true, phase: "quiet", trouble: null },
    onChange: () => {},
    speak: async (text) => heard.push(text),
    stop: () => heard.push("stop"),
    toggle() {},
    destroy() {},
  };
  const { talk } = talking({ "say-stream": [[turn()]] }, { speech });
  await talk.say("One");
  assert.deepEqual(heard, ["stop", "Tea?"]);
  speech.state = { ...speech.state, isOn: false };
  speech.onChange(speech.state);
  assert.equal(talk.state.speech.isOn, false);
});

test("after its end a talk says nothing any more", async () => {
  const { talk, states, api } = talking({ "say-stream": [[turn()]] });
  const said = talk.say("One");
  const before = states.length;
  talk.destroy();
  await said;
  assert.equal(states.length, before);
  assert.equal(await talk.say("Two"), false);
  assert.equal(api.asked.filter((call) => call.body.text === "Two").length, 0);
});

const DEVICE = { name: "The radio", greeting: "Static.", lines: [] };
const EVENT = { terminal: { persona: "x", facts: [{ text: "a", requires: ["lit"] }, { text: "b" }, null, { requires: 7 }] } };

test("a terminal is told the flags that its facts ask for, and keeps what was said", async () => {
  const lines = [];
  const api = scripted({ ask: [{ reply: "Nineteen miles." }, failure(429, "", 2)] });
  const clock = clockOfTest();
  const flags = () => new Set(["lit", "secret"]);
  const terminal = createTerminal(api, DEVICE, { event: EVENT, flags, onLine: (line) => lines.push(line), clock });
  assert.equal(await terminal.say("How far?"), true);
  assert.deepEqual(api.asked[0].body, { event: "The radio", text: "How far?", flags: ["lit"] });
  assert.deepEqual(terminal.state.lines.map((line) => line.text), ["Static.", "How far?", "Nineteen miles."]);
  assert.equal(terminal.state.name, "The other side", "the event's name is what the player does, and nobody who speaks");
  assert.equal(lines.length, 2);
  assert.equal(await terminal.say("Again"), false);
  assert.deepEqual([lines.length, terminal.state.lines.length, terminal.state.waitUntil], [2, 3, 2_000]);
  clock.pass(2_000);
  assert.equal(terminal.state.waitUntil, null);
});

test("the flags of a terminal fit into a call", () => {
  const many = Array.from({ length: 5_000 }, (_, at) => `flag ${at} 好`);
  const told = flagsFor({ terminal: { facts: [{ requires: many }] } }, many);
  assert.ok(told.length > 100 && Buffer.byteLength(JSON.stringify(told)) <= 6_100);
  for (const event of [null, {}, { terminal: 7 }, { terminal: { facts: "x" } }]) assert.deepEqual(flagsFor(event, ["a"]), []);
});

// Play that is kept over a reload, and what is taken back of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { override, Play, terminal, transition, world } from "./plays.mjs";

const WORLD = world(
  [
    override("Key", "a", { grants: ["key"], oneShot: true }),
    transition("Go", "a", "b", { base: "x" }),
    override("Tick", "b", { autoAfterMs: 2_000 }),
    transition("Back", "b", "a", { autoAfterMs: 9_000 }),
    transition("Win", "b", "end", { requires: ["key"] }),
    terminal("Ask", "b"),
  ],
  { introVideo: "i", outro: { video: "o" } },
);

async function inB() {
  const play = new Play(WORLD);
  play.director.goOn();
  await play.through("Key");
  await play.through("Go");
  return play;
}

const reloaded = (play) => new Play(WORLD, { saved: JSON.parse(JSON.stringify(play.director.save())) });

test("play goes on where it was, without an intro and without being told again", async () => {
  const play = await inB();
  const again = reloaded(play);
  assert.equal(again.isRestored, true);
  assert.deepEqual([again.shown, again.told], ["playing b", []]);
  assert.deepEqual(again.view, play.view);
  assert.deepEqual(again.director.save(), play.director.save());
  assert.equal(again.director.begin(), false);
});

test("time in the state goes on where it was", async () => {
  const play = await inB();
  await play.clock.move(4_200);
  assert.deepEqual(play.director.save().stayMs, 3_000, "what has happened by itself took 1.2 s");
  const again = reloaded(play);
  await again.clock.move(5_999);
  assert.deepEqual(again.told, []);
  await again.clock.move(1);
  assert.deepEqual(again.told, ["Back by time"]);
});

test("what is under way is not kept: play is where it began", async () => {
  const play = await inB();
  play.director.choose("Ask");
  assert.equal(reloaded(play).shown, "playing b");
  play.director.closeTerminal();
  play.director.choose("Back");
  assert.equal(reloaded(play).shown, "playing a");
});

test("an ending is told once, and its way back is kept", async () => {
  const play = await inB();
  await play.through("Win");
  assert.equal(play.shown, "outro end o");
  const during = reloaded(play);
  assert.equal(during.shown, "outro end o");
  during.director.goOn();
  assert.deepEqual(during.told, ["ending win Out"]);
  const after = reloaded(during);
  assert.deepEqual([after.shown, after.told, after.view.canGoBack], ["ending end win", [], true]);
  after.director.back();
  assert.equal(after.shown, "playing b");
});

// What was saved, and one place of it that was changed: none of these is play of this world.
const put = (path, value) => (saved) => {
  const keys = path.split(".");
  const last = keys.pop();
  const node = keys.reduce((inner, key) => inner[key], saved);
  if (value === undefined) delete node[last];
  else node[last] = value;
  return saved;
};
const sound = (await inB()).director.save();
const changes = [
  ...["format", "situation", "before", "visits", "stayMs", "byItself", "isOutroSeen", "isOver"].flatMap((key) =>
    [undefined, null, "x", {}, [7], -1, 1e309, Number.NaN]
      .filter((value) => !(key === "before" && value === null) && !(key === "stayMs" && value === Infinity))
      .map((value) => put(key, value)),
  ),
  ...["state", "flags", "used"].flatMap((key) => [undefined, null, 7, {}, "x", [7], [null]].map((value) => put(`situation.${key}`, value))),
  put("format", 2),
  put("situation.state", "gone"),
  put("situation.state", "__proto__"),
  put("situation.state", "c"), // was never entered
  put("situation.flags", ["other"]),
  put("situation.flags", ["key", "key"]),
  put("situation.flags", ["constructor"]),
  put("situation.used", ["Go"]), // is no one-shot event
  put("before.state", "gone"),
  put("before.flags", ["other"]),
  put("visits", [["b", 0]]),
  put("visits", [["b", 1.5]]),
  put("visits", [["b", "1"]]),
  put("visits", [["b", 1, 1]]),
  put("visits", [["b", 1], ["b", 2]]), // prettier-ignore
  put("visits", [["b", 1], ["gone", 1]]), // prettier-ignore
  put("visits", [["b", 1], "a"]), // prettier-ignore
  put("visits", [["b", 1e10]]),
  put("byItself", ["other"]),
  put("isOver", "true"),
  ...[null, undefined, 7, "x", [], {}, true].map((value) => () => value),
];
test("what is no play of this world is refused, and play begins anew", () => {
  assert.equal(new Play(WORLD, { saved: structuredClone(sound) }).isRestored, true);
  for (const change of changes) {
    const saved = change(structuredClone(sound));
    const play = new Play(WORLD, { saved: saved ?? null });
    assert.equal(play.isRestored, false, JSON.stringify(saved));
    assert.deepEqual([play.views, play.told, play.director.save()], [[], [], null]);
    play.director.begin();
    assert.equal(play.shown, "intro a i");
  }
});

test("play of a world that has changed is refused", () => {
  const others = [
    world(WORLD.scene.events.filter(({ name }) => name !== "Key")),
    world(WORLD.scene.events.map((event) => (event.name === "Key" ? { ...event, oneShot: false } : event))),
    world(WORLD.scene.events, {}, { b: undefined }),
  ].map((other) => JSON.parse(JSON.stringify(other)));
  for (const other of others) assert.equal(new Play(other, { saved: sound }).isRestored, false);
});

test("play that has begun is not exchanged for another", async () => {
  const play = new Play(WORLD);
  assert.deepEqual([play.director.restore(sound), play.shown], [false, "intro a i"]);
});

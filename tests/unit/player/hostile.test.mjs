// Whatever a world holds and whatever is asked for, the director goes on; and a step costs what is there, not the world.
import assert from "node:assert/strict";
import { test } from "node:test";
import { numbers, override, Play, transition, world } from "./plays.mjs";

const MEMBERS = [
  "id", "name", "kind", "entrance", "scene", "states", "events", "state", "from", "to", "base", "detail", "narration", "phases", "minMs",
  "minPlayMs", "autoAfterMs", "hidden", "oneShot", "requires", "grants", "hotkey", "drive", "waypoint", "terminal", "facts", "greeting",
  "cutscenes", "video", "sequences", "beats", "dwell", "ms", "story", "sequence", "missions", "objectives", "text", "complete", "outro",
  "flag", "introVideo", "src", "ending", "title", "variants", "ambient", "a", "b", "__proto__", "constructor", "toString",
]; // prettier-ignore
const SCALARS = [
  null, true, false, 0, 1, -1, 1e309, 1.5, "", "a", "b", "end", "transition", "override", "terminal", "__proto__", "constructor", "input",
]; // prettier-ignore

/** Any JSON; of members that worlds have, so that some of it is read. */
function anything(random, depth) {
  const kind = random(depth > 0 ? 4 : 1);
  if (kind === 0) return SCALARS[random(SCALARS.length)];
  const items = Array.from({ length: random(5) }, () => anything(random, depth - 1));
  if (kind === 1) return items;
  return JSON.parse(`{${items.map((item) => `${JSON.stringify(MEMBERS[random(MEMBERS.length)])}: ${written(item)}`).join(",")}}`);
}

/** JSON has no Infinity, but numbers that are read as such. */
const written = (value) => JSON.stringify(value, (_, item) => (item === Infinity ? "∞" : item)).replaceAll('"∞"', "1e999");

/** A sound world in which some places hold anything. */
function damaged(random) {
  const states = { b: { base: "B.", variants: [{ label: "v", base: "V." }] } };
  const more = {
    introVideo: "i",
    outro: { video: "o", flag: "x" },
    cutscenes: [{ id: "film", video: "f", to: "b" }],
    sequences: [{ id: "tour", beats: [{ state: "b" }, { state: "a", dwell: { ms: 5 } }] }],
    story: { beats: [{ sequence: "tour", states: ["a"] }] },
    missions: [{ id: "m", objectives: [{ id: "x", text: "t" }] }],
  };
  const events = [
    transition("1", "a", "film", { phases: [{ base: "x", minMs: 5 }], minPlayMs: 9, drive: { movement: "back" } }),
    transition("2", "b", "a", { autoAfterMs: 50, waypoint: { label: "l", distanceM: 1 }, grants: ["x"] }),
    override("3", "ab", { hotkey: "e", oneShot: true, hidden: true }),
    { name: "4", kind: "terminal", from: ["a", "b"], terminal: { persona: "p", facts: [{ text: "t", requires: ["x"] }] } },
    transition("5", "ab", "end", { requires: ["x"] }),
  ];
  const made = JSON.parse(JSON.stringify(world(events, more, states)));
  for (let times = random(6); times > 0; times--) {
    let node = made;
    for (;;) {
      const keys = Object.keys(node);
      const key = keys[random(keys.length)];
      if (key === undefined) break;
      const inner = node[key];
      if (typeof inner === "object" && inner !== null && random(4) > 0) node = inner;
      else {
        node[key] = anything(random, 2);
        break;
      }
    }
  }
  return made;
}

test("no world and no order of calls makes it fail or stick", async () => {
  const random = numbers(15);
  const modes = new Set();
  for (let round = 0; round < 400; round++) {
    const played = round % 4 === 0 ? anything(random, 5) : damaged(random);
    const play = new Play(played, { isBegun: round % 7 > 0 });
    const { director } = play;
    const calls = [
      () => director.choose(director.view.choices[random(9)]?.name ?? "1"),
      () => director.choose(director.view.choices[random(9)]?.name ?? "2"),
      () => director.choose(director.view.choices[random(9)]?.name ?? "4"),
      () => director.press("e"),
      () => director.worldEvent(anything(random, 2)),
      () => director.worldEvent(String(1 + random(5))),
      () => director.skip(),
      () => director.goOn(),
      () => director.watch("tour"),
      () => director.closeTerminal(),
      () => director.addLine({ role: "player", text: "?" }),
      () => director.show("b"),
      () => director.back(),
      () => random(5) === 0 && director.restart(),
      () => director.pause(),
      () => director.resume(),
      () => new Play(played, { saved: director.save() }),
      () => new Play(played, { saved: anything(random, 4) }),
      () => director.restore(anything(random, 3)),
    ];
    for (let turn = 0; turn < 25; turn++) {
      calls[random(calls.length)]();
      if (turn % 4 === 0) await play.clock.move(random(2_000));
      modes.add(play.view.mode);
      assert.ok(play.clock.pending <= 1);
    }
    const saved = director.save();
    if (saved !== null && saved.visits.length > 0 && Object.hasOwn(played?.scene?.states ?? {}, saved.situation.state))
      assert.equal(new Play(played, { saved: JSON.parse(JSON.stringify(saved)) }).isRestored, true, JSON.stringify(saved));
    director.destroy();
    assert.equal(play.clock.pending, 0);
  }
  assert.equal(modes.size, 8, "all modes were seen");
});

/** A world of so many rooms in a ring, with a counter of how often anything in it was read. */
function counted(size) {
  const count = { reads: 0 };
  const watch = (value) => {
    if (typeof value !== "object" || value === null) return value;
    for (const key of Object.keys(value)) value[key] = watch(value[key]);
    const read = (name) => (target, key, ...more) => {
      count.reads++;
      return Reflect[name](target, key, ...more);
    }; // prettier-ignore
    return new Proxy(value, { get: read("get"), getOwnPropertyDescriptor: read("getOwnPropertyDescriptor") });
  };
  const rooms = Array.from({ length: size }, (_, at) => `room ${at}`);
  const made = {
    entrance: { state: "room 0" },
    scene: {
      states: Object.fromEntries(rooms.map((id) => [id, { base: "A room.", variants: [{ base: "Another." }] }])),
      events: rooms.flatMap((id, at) => [
        transition(`On from ${at}`, [id], rooms[(at + 1) % size], { autoAfterMs: 1e6 }),
        override(`Look in ${at}`, [id], { grants: ["seen"] }),
      ]),
    },
    cutscenes: rooms.map((id) => ({ id: `film ${id}`, video: "v", to: id })),
    sequences: rooms.map((id) => ({ id, beats: [{ state: id }] })),
    story: { beats: rooms.map((id) => ({ sequence: id, states: [id] })) },
    missions: [],
  };
  return { world: watch(made), count };
}

test("to open a world is linear in its size, and a step does not depend on it", async () => {
  const costs = [];
  for (const size of [100, 10_000]) {
    const { world: played, count } = counted(size);
    const play = new Play(played);
    const opening = count.reads;
    for (let at = 0; at < 20; at++) {
      await play.through(`Look in ${at}`);
      play.director.watch(`room ${at}`);
      play.director.skip();
      await play.through(`On from ${at}`);
    }
    costs.push({ opening: opening / size, steps: count.reads - opening });
  }
  const [small, large] = costs;
  assert.ok(large.opening < 2 * small.opening, JSON.stringify(costs));
  assert.equal(large.steps, small.steps);
});

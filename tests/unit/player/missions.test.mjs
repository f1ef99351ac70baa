// What the player is asked to do, and the sequences to watch (CONTRACT 10).
import assert from "node:assert/strict";
import { test } from "node:test";
import { missionsOf } from "../../../server/conjure/player/web/missions.js";
import { Play, transition, world } from "./plays.mjs";

const objective = (id, more = {}) => ({ id, text: `Do ${id}.`, ...more });
const seen = (mission, flags) => missionsOf({ missions: [mission] }, new Set(flags))[0];

// An objective and the flags that are held; then whether it is done, whether it is open, and its hint.
for (const [about, given, flags, expected] of [
  ["its flag is its id", {}, ["o"], [true, true, null]],
  ["or what it grants", { grants: "g" }, ["g"], [true, true, null]],
  ["then its id is none", { grants: "g" }, ["o"], [false, true, null]],
  ["it is open when its flags are held", { requires: ["x", "y"], lockedHint: "Wait." }, ["x", "y"], [false, true, null]],
  ["else not, and says why", { requires: ["x", "y"], lockedHint: "Wait." }, ["x"], [false, false, "Wait."]],
  ["what is done has no hint", { requires: ["x"], lockedHint: "Wait." }, ["o"], [true, false, null]],
  ["wrong types are not there", { grants: ["g"], requires: "x", lockedHint: 7 }, ["o"], [true, true, null]],
]) { // prettier-ignore
  test(`an objective: ${about}`, () => {
    const [{ isDone, isOpen, hint }] = seen({ id: "m", objectives: [objective("o", given)] }, flags).objectives;
    assert.deepEqual([isDone, isOpen, hint], expected);
  });
}

// A mission and the flags that are held; whether it is complete.
for (const [mission, flags, isComplete] of [
  [{ objectives: [objective("o"), objective("p")] }, ["o"], false],
  [{ objectives: [objective("o"), objective("p")] }, ["o", "p"], true],
  [{ objectives: [objective("o"), objective("p")], complete: "c" }, ["c"], true],
  [{ objectives: [objective("o")], complete: "c" }, ["o"], true],
  [{ objectives: [objective("o")], complete: { text: "Well done." } }, ["o"], true],
  [{ objectives: [objective("o")] }, [""], false],
  [{ objectives: [] }, [], false],
  [{}, [], false],
  [{ objectives: [objective("o"), { id: "no text" }, { text: "no flag" }, 7, null] }, ["o"], true],
]) { // prettier-ignore
  test(`a mission is complete: ${JSON.stringify(mission)} ${flags}`, () =>
    assert.equal(seen({ id: "m", ...mission }, flags).isComplete, isComplete));
}

test("missions have an id; of two with one the first counts", () => {
  const missions = [{ title: "none" }, { id: "m", title: "First" }, { id: "m" }, "m", null, { id: "__proto__" }];
  assert.deepEqual(
    missionsOf({ missions }, new Set()).map(({ id, title }) => [id, title]),
    [["m", "First"], ["__proto__", "__proto__"]], // prettier-ignore
  );
});

test("missions are told with every view, as flags come", async () => {
  const missions = [{ id: "m", objectives: [objective("key")] }];
  const play = new Play(world([transition("Take it", "a", "b", { grants: ["key"], base: "x" })], { missions }));
  assert.equal(play.view.missions[0].isComplete, false);
  play.director.choose("Take it");
  assert.equal(play.view.missions[0].isComplete, false);
  await play.clock.move(1_200);
  assert.equal(play.view.missions[0].isComplete, true);
});

// Sequences, the story's beats, and what is offered in `a`.
const walk = (id, more = {}) => ({ id, title: `The ${id}`, beats: [{ state: "b" }], ...more });
for (const [about, sequences, beats, offered] of [
  ["everywhere, when no beat names it", [walk("tour")], [{ states: ["b"] }, { sequence: "other" }], ["The tour"]],
  ["where a beat has this state", [walk("tour")], [{ sequence: "tour", states: ["b"] }, { sequence: "tour", states: ["a"] }], ["The tour"]],
  ["not elsewhere", [walk("tour")], [{ sequence: "tour", states: ["b"] }], []],
  ["everywhere, when a beat has no state", [walk("tour")], [{ sequence: "tour", states: ["b"] }, { sequence: "tour" }], ["The tour"]],
  ["those of the state first", [walk("1"), walk("2"), walk("3")], [{ sequence: "3", states: ["a"] }, { sequence: "3" }], ["The 3", "The 1", "The 2"]],
  ["by its id for want of a title", [walk("tour", { title: 7 })], [], ["tour"]],
  ["the first of one id", [walk("tour"), walk("tour", { title: "x" })], [], ["The tour"]],
  ["not when it leads nowhere", [walk("1", { beats: [] }), walk("2", { beats: [{ state: "gone" }, { state: "constructor" }, 7] }), { id: "3" }, 7], [], []],
  ["whatever the wrong types", [walk("tour")], [{ sequence: ["tour"], states: ["b"] }, 7, null], ["The tour"]],
]) { // prettier-ignore
  test(`a sequence is offered: ${about}`, () => {
    const play = new Play(world([], { sequences, story: { beats } }));
    assert.deepEqual(play.view.tales.map(({ title }) => title), offered); // prettier-ignore
  });
}

test("a sequence is watched stop by stop; afterwards play is where it was", async () => {
  const beats = [
    { state: "b", dwell: { ms: 500 } },
    { state: "gone" },
    { state: "c", dwell: "input" },
    { state: "end", dwell: "settle" },
    { state: "a", dwell: { ms: "9" } },
  ];
  const play = new Play(world([transition("Go", "a", "b")], { sequences: [walk("tour", { beats })] }));
  const before = play.director.save();
  assert.deepEqual([play.director.watch("none"), play.director.watch("tour"), play.director.watch("tour")], [false, true, false]);
  assert.deepEqual([play.shown, play.view.scene.text, play.view.stop.endsAt], ["sequence b The tour 1/4", "B.", 500]);
  assert.deepEqual([play.choices, play.view.tales], [[], []]);
  await play.clock.move(500);
  assert.deepEqual([play.shown, play.view.stop.endsAt], ["sequence c The tour 2/4", null]);
  await play.clock.move(1e6);
  play.director.goOn();
  assert.equal(play.shown, "sequence end The tour 3/4", "a state is shown, it does not end play");
  await play.clock.move(1_200);
  assert.equal(play.shown, "sequence a The tour 4/4");
  await play.clock.move(1_200);
  assert.deepEqual([play.shown, play.told, play.director.save()], ["playing a", ["in a"], before]);
  play.director.watch("tour");
  assert.deepEqual([play.director.skip(), play.shown], [true, "playing a"]);
});

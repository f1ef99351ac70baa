// What a player is offered in a state, and what happens there by itself (CONTRACT 10).
import assert from "node:assert/strict";
import { test } from "node:test";
import { driveOf, waypointOf } from "../../../server/conjure/player/web/hints.js";
import { keyOf } from "../../../server/conjure/player/web/keys.js";
import { PlayTime } from "../../../server/conjure/player/web/time.js";
import { override, Play, terminal, transition, world } from "./plays.mjs";

test("a choice says all that is known of it", () => {
  const drive = { movement: "forward", lookHorizontal: "left" };
  const play = new Play(
    world([
      transition("Open", "a", "b", { requires: ["key"], lockedHint: "It is locked.", hotkey: "O" }),
      transition("Go", "a", "c", { drive, waypoint: { label: "The gate", distanceM: 120 }, lockedHint: "Not told." }),
      terminal("Ask", "a", { hotkey: "Escape" }),
      override("Bare", "a", { requires: ["x"], kind: "dance" }),
    ]),
  );
  const bare = { isLocked: false, hint: null, hotkey: null, drive: null, waypoint: null, autoAt: null };
  assert.deepEqual(play.view.choices, [
    { ...bare, name: "Open", kind: "transition", isLocked: true, hint: "It is locked.", hotkey: "o" },
    { ...bare, name: "Go", kind: "transition", drive: "forward, looking left", waypoint: "The gate, 120 m" },
    { ...bare, name: "Ask", kind: "terminal", hotkey: "Escape" },
    { ...bare, name: "Bare", kind: "override", isLocked: true },
  ]);
  assert.deepEqual([play.director.choose("Open"), play.director.choose("Nothing")], [false, false]);
  assert.deepEqual(play.view.next, ["c"]);
});

// The events of a state, and what is offered.
const hidden = { hidden: true };
const locked = { requires: ["key"] };
for (const [about, events, choices] of [
  ["hidden ones are not", [override("Seen", "a"), override("Hid", "a", hidden)], ["Seen"]],
  ["`hidden` is `true`, and nothing else", [override("1", "a", { hidden: 1 }), override("2", "a", { hidden: "true" })], ["1", "2"]],
  ["hidden ones where nothing else is", [override("Hid", "a", hidden), transition("Way", "a", "b", hidden)], ["Hid", "Way"]],
  ["hidden ones where all else is locked", [override("Hid", "a", hidden), override("Shut", "a", locked)], ["Hid", "(Shut)"]],
  ["no hidden ones that are locked", [override("Hid", "a", { ...hidden, ...locked })], []],
  ["no hidden ones while something happens by itself", [override("Hid", "a", { ...hidden, autoAfterMs: 9 })], []],
  ["nothing where nothing is", [], []],
]) { // prettier-ignore
  test(`what is offered: ${about}`, () => assert.deepEqual(new Play(world(events)).choices, choices));
}

test("a hidden event that has happened by itself is offered where there is nothing else", async () => {
  const play = new Play(world([override("Hid", "a", { hidden: true, autoAfterMs: 10, base: "x" })]));
  await play.clock.move(10 + 1_200);
  assert.deepEqual(play.choices, ["Hid"]);
});

test("a key plays the first possible event that has it, hidden or not", async () => {
  const events = [
    override("Shut", "a", { hotkey: "e", requires: ["key"] }),
    override("Hid", "a", { hotkey: " E ", hidden: true, oneShot: true }),
    override("Seen", "a", { hotkey: "e" }),
    override("Other", "a", { hotkey: "ArrowUp" }),
  ];
  const play = new Play(world(events));
  const keys = () => play.view.choices.map(({ hotkey }) => hotkey);
  assert.deepEqual(keys(), [null, null, "ArrowUp"], "it is on nothing that it does not play");
  for (const key of ["x", "", "Tab", "Shift", "é", null, 7]) assert.equal(play.director.press(key), false);
  assert.equal(play.director.press("E"), true);
  assert.deepEqual(keys(), [null, "e", "ArrowUp"]);
  play.director.press("e");
  play.director.press("ArrowUp");
  assert.deepEqual(play.told.slice(1), ["Hid by player", "Seen by player", "Other by player"]);
});

test("a key that plays nothing stands on the first that has it", () => {
  const play = new Play(world([override("1", "a", { hotkey: "e", requires: ["x"] }), override("2", "a", { hotkey: "e", requires: ["x"] })]));
  assert.deepEqual(play.view.choices.map(({ hotkey }) => hotkey), ["e", null]); // prettier-ignore
  assert.equal(play.director.press("e"), false);
});

for (const [hotkey, key] of [
  ["E", "e"], ["e", "e"], [" e ", "e"], ["1", "1"], ["É", "é"], ["字", "字"], ["😀", "😀"], [" ", " "], ["space", " "], ["Spacebar", " "],
  ["esc", "Escape"], ["ENTER", "Enter"], ["return", "Enter"], ["arrow_up", "ArrowUp"], ["Arrow Left", "ArrowLeft"], ["down", "ArrowDown"],
  ["f1", "F1"], ["F12", "F12"], ["f13", null], ["page-down", "PageDown"], ["Tab", null], ["ctrl+c", null], ["toString", null],
  ["__proto__", null], ["", null], ["  ", null], [null, null], [7, null], [["e"], null], [{}, null], [true, null],
]) { // prettier-ignore
  test(`a hotkey as browsers name it: ${JSON.stringify(hotkey)}`, () => assert.equal(keyOf(hotkey), key));
}

for (const [drive, words] of [
  [{ movement: "forward" }, "forward"],
  [{ movement: "strafe_left", lookVertical: "up" }, "to the left, looking up"],
  [{ lookHorizontal: "right", lookVertical: "down" }, "looking right and down"],
  [{ movement: "constructor", lookHorizontal: 7, lookVertical: "away" }, null],
  [{}, null], [null, null], ["forward", null], [["forward"], null],
]) { // prettier-ignore
  test(`where an event drives: ${JSON.stringify(drive)}`, () => assert.equal(driveOf({ drive }), words));
}

for (const [waypoint, words] of [
  [{ label: "The gate", distanceM: 120.4 }, "The gate, 120 m"],
  [{ label: "The gate", distanceM: 2.25 }, "The gate, 2.3 m"],
  [{ label: "The gate", distanceM: 0 }, "The gate, 0 m"],
  [{ label: "The gate", distanceM: 999.6 }, "The gate, 1 km"],
  [{ label: "The gate", distanceM: 12_345 }, "The gate, 12.3 km"],
  [{ label: "The gate", distanceM: -1 }, "The gate"],
  [{ label: "The gate", distanceM: "9" }, "The gate"],
  [{ label: 7, distanceM: 9 }, "9 m"],
  [{ label: "" }, null], [null, null], ["The gate", null],
]) { // prettier-ignore
  test(`what lies at its end: ${JSON.stringify(waypoint)}`, () => assert.equal(waypointOf({ waypoint }), words));
}

// Events with their times, and what has happened by itself after so many milliseconds in the state.
const auto = (autoAfterMs, more = {}) => ({ autoAfterMs, ...more });
for (const [about, events, ms, told] of [
  ["not before its time", [transition("Go", "a", "b", auto(5_000))], 4_999, []],
  ["at its time, and it is shown for a moment", [transition("Go", "a", "b", auto(5_000))], 6_199, ["Go by time"]],
  ["then play lands", [transition("Go", "a", "b", auto(5_000))], 6_200, ["Go by time", "in b"]],
  ["at once", [transition("Go", "a", "b", auto(0))], 0, ["Go by time"]],
  ["the earliest", [transition("Go", "a", "b", auto(5_000)), transition("On", "a", "c", auto(4_000))], 5_200, ["On by time", "in c"]],
  ["of two the first", [transition("Go", "a", "b", auto(5)), transition("On", "a", "c", auto(5))], 5, ["Go by time"]],
  ["of those that are possible", [transition("Go", "a", "b", auto(5, locked)), transition("On", "a", "c", auto(9))], 9, ["On by time"]],
  ["hidden ones", [transition("Go", "a", "b", auto(5, hidden))], 5, ["Go by time"]],
  ["terminals", [terminal("Ask", "a", auto(5))], 1e6, ["Ask by time"]],
  ["once in a stay", [override("Tick", "a", auto(5))], 1e6, ["Tick by time"]],
  ["again after entering again", [transition("Round", "a", "a", auto(800))], 4_100, ["Round by time", "in a", "Round by time", "in a"]],
  ["one after another", [override("1", "a", auto(2_000)), override("2", "a", auto(1_000))], 1_000 + 1_200 + 1_000, ["2 by time", "1 by time"]],
  ["what has become possible late at once", [override("Key", "a", auto(3_000, { grants: ["key"] })), override("Go", "a", auto(5, locked))], 4_200, ["Key by time", "Go by time"]],
  ["nothing at a time of the wrong type", [override("1", "a", auto("5")), override("2", "a", auto(-5)), override("3", "a", auto(null))], 1e6, []],
  ["a day at most", [override("1", "a", auto(1e300))], 86_400_000, ["1 by time"]],
]) { // prettier-ignore
  test(`what happens by itself: ${about}`, async () => {
    const play = new Play(world(events));
    await play.clock.move(ms);
    assert.deepEqual(play.told.slice(1), told);
  });
}

test("a choice says when it happens by itself", async () => {
  const play = new Play(world([override("Late", "a", { autoAfterMs: 9_000 }), override("Soon", "a", { autoAfterMs: 5_000 })]));
  await play.clock.move(1_000);
  assert.deepEqual(play.view.choices.map(({ autoAt }) => autoAt), [null, 5_000]); // prettier-ignore
});

// What a player does for some time, after which the time in the state goes on.
const pausing = [
  ["paused", (director) => director.pause(), (director) => director.resume()],
  ["at a terminal", (director) => director.choose("Ask"), (director) => director.closeTerminal()],
  ["watching", (director) => director.watch("tour"), (director) => director.skip()],
  ["in an event", (director) => director.choose("Look"), (director) => director.skip()],
];
for (const [about, leave, resume] of pausing) {
  test(`time in a state stands still while the player is ${about}`, async () => {
    const sequences = [{ id: "tour", beats: [{ state: "c", dwell: "input" }] }];
    const look = override("Look", "a", { phases: [{ base: "x", minMs: 400_000 }] });
    const play = new Play(world([transition("Go", "a", "b", { autoAfterMs: 5_000 }), terminal("Ask", "a"), look], { sequences }));
    await play.clock.move(3_000);
    leave(play.director);
    await play.clock.move(100_000);
    resume(play.director);
    assert.equal(play.view.choices[0].autoAt, 105_000);
    await play.clock.move(1_999);
    assert.ok(!play.told.includes("Go by time"));
    await play.clock.move(1);
    assert.equal(play.told.at(-1), "Go by time");
  });
}

test("timers may come early, and a clock may be set back", () => {
  let at = 0.7;
  const timers = [];
  const due = [];
  const time = new PlayTime({ now: () => at, after: (callback, ms) => timers.push([callback, ms]), cancel: () => {} }, () => due.push(at));
  time.wakeAt(1_000);
  at = 999.9;
  timers[0][0]();
  assert.deepEqual([due, time.now(), timers[1][1]], [[], 999, 1]);
  at = -5_000;
  assert.equal(time.now(), 0, "what was counted wrongly is none of it");
  at = 1_000.7;
  timers[1][0]();
  assert.deepEqual([due, time.now()], [[1_000.7], 1_000]);
});

test("a pause holds whatever passes in time; what is done meanwhile is done", async () => {
  const sequences = [{ id: "tour", beats: [{ state: "c", dwell: { ms: 500 } }] }];
  const play = new Play(world([transition("Go", "a", "b", { phases: [{ base: "1" }, { base: "2" }] })], { sequences }));
  play.director.choose("Go");
  await play.clock.move(1_000);
  play.director.pause();
  play.director.pause();
  await play.clock.move(100_000);
  assert.equal(play.shown, "event a Go 1/2: 1");
  play.director.resume();
  assert.equal(play.view.happening.endsAt, 101_200);
  await play.clock.move(200);
  play.director.pause();
  play.director.skip();
  assert.equal(play.shown, "playing b");
  play.director.watch("tour");
  await play.clock.move(1_000);
  assert.equal(play.shown, "sequence c tour 1/1");
  play.director.resume();
  await play.clock.move(500);
  assert.equal(play.shown, "playing b");
  assert.equal(play.clock.pending, 0);
});

// Play in time: what is shown, when it passes, and what the page around the player is told (CONTRACT 10).
import assert from "node:assert/strict";
import { test } from "node:test";
import { override, Play, terminal, transition, world } from "./plays.mjs";

test("play begins in the entrance, once", () => {
  const play = new Play(world([transition("Go", "a", "b")]), { isBegun: false });
  assert.equal(play.shown, "intro a");
  assert.deepEqual([play.director.choose("Go"), play.director.worldEvent("Go"), play.director.goOn()], [false, false, false]);
  assert.equal(play.director.save(), null);
  assert.deepEqual([play.director.begin(), play.director.begin()], [true, false]);
  assert.equal(play.shown, "playing a");
  assert.deepEqual(play.told, ["in a"]);
});

for (const [introVideo, src] of [
  ["v.mp4", "v.mp4"],
  [{ src: "v.mp4" }, "v.mp4"],
  [" ", null],
  [7, null],
  [{ src: 7 }, null],
  [["v.mp4"], null],
]) {
  test(`an intro is shown before the entrance: ${JSON.stringify(introVideo)}`, () => {
    const play = new Play(world([], { introVideo, introStatic: true }));
    assert.equal(play.shown, src === null ? "playing a" : "intro a v.mp4");
    if (src === null) return;
    assert.deepEqual(play.told, []);
    assert.equal(play.view.clip.isStill, true);
    play.director.goOn();
    assert.equal(play.shown, "playing a");
    assert.deepEqual(play.told, ["in a"]);
    play.director.restart();
    assert.equal(play.shown, "playing a", "it is shown once");
  });
}

// An event, and what is shown after so many milliseconds; null: it is over.
for (const [about, event, shown] of [
  ["nothing to read", {}, [[0, null]]],
  ["a short text", { base: "You go." }, [[0, "1/1: You go."], [1_199, "1/1: You go."], [1_200, null]]],
  ["60 ms a character", { base: "x".repeat(50) }, [[2_999, `1/1: ${"x".repeat(50)}`], [3_000, null]]],
  ["8 s at most", { base: "x".repeat(999) }, [[7_999, `1/1: ${"x".repeat(999)}`], [8_000, null]]],
  ["narration goes before prose", { base: "x", narration: "n" }, [[0, "1/1: n"]]],
  ["detail for want of more", { base: "", detail: "d" }, [[0, "1/1: d"]]],
  ["phases", { phases: [{ base: "1" }, { base: "2", minMs: 5_000 }, { base: "3", minMs: 10 }] },
    [[0, "1/3: 1"], [1_199, "1/3: 1"], [1_200, "2/3: 2"], [6_199, "2/3: 2"], [6_200, "3/3: 3"], [7_400, null]]],
  ["a text that stays is read once", { narration: "x".repeat(100), phases: [{ base: "1" }, { base: "2" }] },
    [[5_999, `1/2: ${"x".repeat(100)}`], [6_000, `2/2: ${"x".repeat(100)}`], [7_200, null]]],
  ["a phase has its own narration", { narration: "n", phases: [{ base: "1", narration: "m" }, { base: "2" }] },
    [[0, "1/2: m"], [1_200, "2/2: n"]]],
  ["a phase without a text has the event's", { base: "e", phases: [{ minMs: 2_000 }] }, [[0, "1/1: e"], [2_000, null]]],
  ["no phase of the wrong type", { base: "e", phases: [7, null, "x"] }, [[0, "1/1: e"], [1_200, null]]],
  ["no time of the wrong type", { phases: [{ base: "1", minMs: "9" }, { base: "2", minMs: -1 }] }, [[1_200, "2/2: 2"], [2_400, null]]],
  ["minPlayMs", { base: "x", minPlayMs: 3_000 }, [[2_999, "1/1: x"], [3_000, null]]],
  ["minPlayMs without a text", { minPlayMs: 3_000 }, [[2_999, "1/1: "], [3_000, null]]],
  ["minPlayMs holds the last phase", { phases: [{ base: "1" }, { base: "2" }], minPlayMs: 9_000 },
    [[1_200, "2/2: 2"], [8_999, "2/2: 2"], [9_000, null]]],
  ["ten minutes at most", { minPlayMs: 1e300 }, [[599_999, "1/1: "], [600_000, null]]],
]) { // prettier-ignore
  test(`an event passes in time: ${about}`, async () => {
    const play = new Play(world([transition("Go", "a", "b", event)]));
    play.director.choose("Go");
    let at = 0;
    for (const [ms, expected] of shown) {
      await play.clock.move(ms - at);
      at = ms;
      assert.equal(play.shown, expected === null ? "playing b" : `event a Go ${expected}`, `${ms} ms`);
    }
  });
}

test("phases are skipped one by one, and none before minPlayMs", async () => {
  const phases = [{ base: "1" }, { base: "2", minMs: 5_000 }, { base: "3" }];
  const play = new Play(world([transition("Go", "a", "b", { phases, minPlayMs: 2_000 })]));
  play.director.choose("Go");
  assert.deepEqual([play.director.skip(), play.view.happening.canSkip], [false, false]);
  await play.clock.move(1_999);
  assert.deepEqual([play.shown, play.director.skip()], ["event a Go 2/3: 2", false]);
  await play.clock.move(1);
  assert.equal(play.view.happening.canSkip, true, "a new view says so");
  assert.deepEqual([play.director.skip(), play.shown], [true, "event a Go 3/3: 3"]);
  assert.deepEqual([play.director.skip(), play.shown], [true, "playing b"]);
  assert.deepEqual([play.director.skip(), play.director.goOn()], [false, false]);
});

test("what happens is told in order: the event when it begins, the state when it is entered", async () => {
  const play = new Play(
    world([
      transition("Go", "a", "b", { base: "x" }),
      override("Look", "b", { base: "x" }),
      transition("Turn", "b", "b"),
      transition("Win", "b", "end"),
    ]),
  );
  play.director.choose("Go");
  assert.deepEqual(play.told, ["in a", "Go by player"]);
  await play.clock.move(1_200);
  await play.through("Look");
  await play.through("Turn");
  await play.through("Win");
  assert.deepEqual(play.told.slice(2), ["in b", "Look by player", "Turn by player", "in b", "Win by player", "in end", "ending win Out"]);
  assert.equal(play.shown, "ending end win");
  assert.deepEqual(play.view.ending, { kind: "win", title: "Out", subtitle: "" });
  assert.deepEqual(play.choices, []);
});

test("an ending of the wrong types is one all the same", async () => {
  for (const ending of [{}, { kind: "draw", title: 7, subtitle: null }]) {
    const play = new Play(world([], {}, { a: { ending } }));
    assert.deepEqual(play.view.ending, { kind: null, title: "", subtitle: "" });
    assert.deepEqual(play.told, ["in a", "ending null "]);
  }
});

test("from an ending there is a way back, and one to the beginning", async () => {
  const play = new Play(
    world([override("Key", "b", { grants: ["key"] }), transition("Go", "a", "b"), transition("Win", "b", "end", { grants: ["won"], oneShot: true })]),
  );
  await play.through("Go");
  await play.through("Key");
  assert.deepEqual([play.director.back(), play.view.canGoBack], [false, false]);
  await play.through("Win");
  assert.equal(play.view.canGoBack, true);
  assert.deepEqual([play.director.back(), play.shown], [true, "playing b"]);
  assert.deepEqual(play.choices, ["Key", "Win"]);
  assert.deepEqual(play.director.save().situation, { state: "b", flags: ["key"], used: [] });
  await play.through("Win");
  assert.deepEqual(play.told.filter((line) => line.startsWith("ending")), ["ending win Out", "ending win Out"]);
  play.director.restart();
  assert.equal(play.shown, "playing a");
  assert.deepEqual(play.director.save(), new Play(world([])).director.save());
});

test("where nothing can be done any more there is a way back, and one to the beginning", async () => {
  const play = new Play(
    world([transition("Go", "a", "b"), override("Once", "b", { oneShot: true }), transition("Shut", "b", "end", { requires: ["key"] })]),
  );
  await play.through("Go");
  assert.deepEqual([play.view.isStuck, play.view.canGoBack, play.director.back()], [false, false, false]);
  await play.through("Once");
  assert.deepEqual([play.view.isStuck, play.view.canGoBack, play.choices], [true, true, ["(Shut)"]]);
  assert.deepEqual(play.told.filter((line) => line.startsWith("ending")), []);
  assert.deepEqual([play.director.back(), play.shown, play.view.isStuck], [true, "playing a", false]);
  await play.through("Go");
  await play.through("Once");
  assert.deepEqual([play.director.restart(), play.shown], [true, "playing a"]);
});

test("a world without events is stuck from the beginning, not where a hidden way out is, and a character can be talked with", () => {
  const stuck = new Play(world([]));
  assert.deepEqual([stuck.view.isStuck, stuck.view.canGoBack], [true, false]);
  assert.equal(new Play(world([override("Hid", "a", { hidden: true })])).view.isStuck, false);
  assert.equal(new Play(world([override("Soon", "a", { autoAfterMs: 5 })])).view.isStuck, false);
  assert.equal(new Play(world([], { kind: "character" })).view.isStuck, false);
});

test("play that began in an ending has no way back", () => {
  const play = new Play(world([], { entrance: { state: "end" } }));
  assert.deepEqual([play.view.canGoBack, play.director.back()], [false, false]);
});

test("the n-th visit shows the next of the state and its variants", async () => {
  const a = { base: "A.", narration: "N.", ambient: ["wind"], variants: [{ base: "V1." }, "x", { narration: "V2.", ambient: [] }, {}] };
  const play = new Play(world([transition("Round", "a", "a"), override("Stay", "a")], {}, { a }));
  const seen = [];
  for (let visit = 1; visit <= 6; visit++) {
    await play.through("Stay");
    seen.push(Object.values(play.view.scene));
    await play.through("Round");
  }
  assert.deepEqual(seen, [
    ["a", null, "N.", ["wind"], 1],
    ["a", 0, "V1.", ["wind"], 2],
    ["a", 2, "V2.", [], 3],
    ["a", 3, "N.", ["wind"], 4],
    ["a", null, "N.", ["wind"], 5],
    ["a", 0, "V1.", ["wind"], 6],
  ]);
});

test("a cutscene is shown on the way, then play lands", async () => {
  const cutscenes = [
    { id: "film", video: "f.mp4", to: "b", label: "L", subtitle: 7 },
    { id: "none", video: " ", to: "c" },
  ];
  const play = new Play(world([transition("Film", "a", "film", { grants: ["f"], base: "x" }), transition("None", "b", "none")], { cutscenes }));
  play.director.choose("Film");
  await play.clock.move(1_200);
  assert.equal(play.shown, "cutscene a f.mp4");
  assert.deepEqual(play.view.clip, { src: "f.mp4", label: "L", subtitle: null, isStill: false });
  assert.deepEqual(play.view.next, ["b"]);
  assert.deepEqual(play.told, ["in a", "Film by player"]);
  await play.clock.move(100_000);
  assert.equal(play.shown, "cutscene a f.mp4", "it takes as long as it takes");
  play.director.goOn();
  assert.equal(play.shown, "playing b");
  await play.through("None");
  assert.equal(play.shown, "playing c", "one without a video is not shown");
});

// An outro, and when it is shown: after which of these events.
for (const [about, outro, after] of [
  ["before an ending's card", { video: "o" }, ["Win"]],
  ["not of another type", { video: 7 }, []],
  ["in its state", { video: "o", state: "b" }, ["Go"]],
  ["when its flag is granted", { video: "o", flag: "key" }, ["Key"]],
  ["never without its flag", { video: "o", flag: "won" }, []],
  ["what comes first of both", { video: "o", flag: "key", state: "b" }, ["Key"]],
  ["in the entrance", { video: "o", state: "a" }, [""]],
]) {
  test(`the outro is shown once: ${about}`, async () => {
    const events = [override("Key", "a", { grants: ["key"] }), transition("Go", "a", "b"), transition("Win", "b", "end")];
    const play = new Play(world(events, { outro }));
    const shown = [];
    for (const name of ["", "Key", "Go", "Win"]) {
      if (name !== "") await play.through(name);
      if (play.view.mode === "outro") {
        shown.push(name);
        assert.ok(!play.told.includes("ending win Out"));
        play.director.goOn();
      }
    }
    assert.deepEqual(shown, after);
    assert.equal(play.told.at(-1), "ending win Out");
  });
}

test("an outro of an ending is shown again on another way there, one of a flag that is held is not", async () => {
  for (const [outro, expected] of [[{ video: "o" }, "outro"], [{ video: "o", flag: "key" }, "ending"]]) { // prettier-ignore
    const play = new Play(world([override("Key", "a", { grants: ["key"] }), transition("Win", "a", "end")], { outro }));
    await play.through("Key");
    play.director.goOn();
    await play.through("Win");
    play.director.goOn();
    play.director.back();
    await play.through("Win");
    assert.equal(play.view.mode, expected);
  }
});

test("a terminal is open until it is closed: then its event is over", async () => {
  const device = { greeting: "Hello.", facts: [{ text: "t", requires: ["key", "lamp"] }, { text: "u", requires: ["key"] }, 7] };
  const events = [terminal("Ask", "a", { terminal: device, grants: ["word"], oneShot: true }), override("Key", "a", { grants: ["key", "x"] }), terminal("Bare", "a")];
  const play = new Play(world(events));
  await play.through("Key");
  assert.equal(play.director.addLine({ role: "player", text: "?" }), false);
  play.director.choose("Ask");
  assert.deepEqual(play.view.device, { name: "Ask", greeting: "Hello.", lines: [], flags: ["key"] });
  await play.clock.move(1e6);
  play.director.addLine({ role: "player", text: "?" });
  play.director.addLine({ role: "other", text: "!" });
  assert.deepEqual(play.view.device.lines, [{ role: "player", text: "?" }, { role: "other", text: "!" }]); // prettier-ignore
  assert.deepEqual(play.director.save().situation.flags, ["key", "x"]);
  assert.deepEqual([play.director.skip(), play.director.goOn()], [false, false]);
  assert.deepEqual([play.director.closeTerminal(), play.director.closeTerminal()], [true, false]);
  assert.equal(play.shown, "playing a");
  assert.deepEqual(play.director.save().situation.flags, ["key", "x", "word"]);
  assert.deepEqual(play.choices, ["Key", "Bare"]);
  play.director.choose("Bare");
  assert.deepEqual(play.view.device, { name: "Bare", greeting: null, lines: [], flags: [] });
});

test("the page around the player plays what is possible while the player could, also what is hidden", async () => {
  const events = [
    transition("Go", "a", "b", { base: "x", hidden: true }),
    override("Locked", "a", { requires: ["key"] }),
    terminal("Ask", "a"),
    override("Look", "a"),
  ];
  const play = new Play(world(events, { introVideo: "i", sequences: [{ id: "tour", beats: [{ state: "b" }] }] }));
  const asks = () => play.director.worldEvent("Go");
  assert.equal(asks(), false, "intro");
  play.director.goOn();
  for (const name of ["Locked", "Win", "", "__proto__", null, 7, ["Go"], { name: "Go" }, undefined]) assert.equal(play.director.worldEvent(name), false);
  play.director.choose("Ask");
  assert.equal(asks(), false, "terminal");
  play.director.closeTerminal();
  play.director.watch("tour");
  assert.equal(asks(), false, "sequence");
  play.director.skip();
  assert.equal(play.director.choose("Go"), false, "the player is not offered it");
  assert.equal(asks(), true);
  assert.equal(asks(), false, "event");
  assert.deepEqual(play.told.slice(-1), ["Go by page"]);
});

test("listeners may act: all is told in order", () => {
  const seen = [];
  let isTold = false;
  const oneAtATime = (listener) => (news) => {
    assert.equal(isTold, false, "one call is over before the next comes");
    isTold = true;
    listener(news);
    isTold = false;
  };
  const play = new Play(world([transition("Go", "a", "b"), transition("On", "b", "c")]), {
    isBegun: false,
    onEvent: oneAtATime(({ state }) => state === "a" && play.director.choose("Go")),
    onView: oneAtATime(({ mode, scene }) => {
      seen.push(`${mode} ${scene.state}`);
      if (scene.state === "b") play.director.worldEvent("On");
    }),
  });
  play.director.begin();
  assert.deepEqual(play.told, ["in a", "Go by player", "in b", "On by page", "in c"]);
  assert.deepEqual(seen, ["playing a", "playing b", "playing c"]);
});

test("a listener that fails does not stop play", async () => {
  let isBroken = true;
  const play = new Play(world([transition("Go", "a", "b", { base: "x" })]), {
    onView: ({ mode }) => {
      if (mode === "event" && isBroken) throw new Error("broken");
    },
  });
  assert.throws(() => play.director.choose("Go"), /broken/);
  isBroken = false;
  await play.clock.move(1_200);
  assert.deepEqual([play.shown, play.told], ["playing b", ["in a", "Go by player", "in b"]]);
});

test("after destroy nothing happens", async () => {
  const play = new Play(world([transition("Go", "a", "b", { base: "x" })]));
  play.director.choose("Go");
  play.director.pause();
  play.director.destroy();
  const count = play.views.length;
  play.director.resume();
  assert.equal(play.clock.pending, 0);
  assert.deepEqual([play.director.skip(), play.director.restart(), play.views.length], [false, false, count]);
});

test("a view is never changed afterwards", async () => {
  const mission = { id: "m", objectives: [{ id: "key", text: "Find it." }] };
  const texts = [];
  const play = new Play(
    world([override("Key", "a", { grants: ["key"] }), terminal("Ask", "a"), transition("Win", "a", "end")], { missions: [mission] }),
    { onView: (view) => texts.push(JSON.stringify(view)) },
  );
  for (const name of ["Key", "Ask"]) play.director.choose(name);
  play.director.addLine({ role: "player", text: "?" });
  play.director.closeTerminal();
  await play.through("Win");
  assert.deepEqual(play.views.map((view) => JSON.stringify(view)), texts);
  const isFrozen = (value) => typeof value !== "object" || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozen));
  assert.ok(play.views.every(isFrozen));
});

test("a character is talked with: nothing hidden is offered, and it can be put into a stance", () => {
  const events = [
    transition("Calm", "b", "a", { hidden: true }),
    transition("Glad", "a", "b", { hidden: true }),
    override("Speaking", "ab", { hidden: true, base: "x" }),
    override("Wave", "b"),
  ];
  const play = new Play(world(events, { kind: "character" }));
  assert.deepEqual(play.choices, []);
  assert.deepEqual([play.director.show("b"), play.director.show("b"), play.director.show("nowhere")], [true, true, false]);
  assert.deepEqual([play.shown, play.choices, play.told], ["playing b", ["Wave"], ["in a", "in b"]]);
  assert.equal(play.director.worldEvent("Speaking"), true);
  assert.equal(play.director.show("a"), false);
});

import assert from "node:assert/strict";
import test from "node:test";

import { readAddress } from "../../../server/conjure/player/web/address.js";
import { contrast, readable } from "../../../server/conjure/player/web/colours.js";
import { createPictures, entrancePicture } from "../../../server/conjure/player/web/pictures.js";
import { inSeconds, keyName, sceneTitle } from "../../../server/conjure/player/web/words.js";
import { FakeClock, failed, settled } from "./fakes.mjs";

const WORLD = { entrance: { state: "gate", image: { src: "/gate.png", label: "A gate" } }, cover: "/gate.png" };

/** Pictures of a world, and all that they ask for and show. */
function open({ world = WORLD, post, onPicture = async () => "shown" } = {}) {
  const clock = new FakeClock();
  const asked = [];
  const shown = [];
  const loaded = [];
  let running = 0;
  let most = 0;
  const answer = post ?? (async ({ state }) => ({ url: `/${state}.png` }));
  const pictures = createPictures(
    world,
    async (path, body) => {
      assert.equal(path, "/v1/sessions/picture");
      asked.push(body.state);
      most = Math.max(most, ++running);
      try {
        return await answer(body, asked.length, clock);
      } finally {
        running--;
      }
    },
    clock,
    (picture) => {
      shown.push(picture.src);
      return onPicture(picture);
    },
    (src) => loaded.push(src),
  );
  return { clock, pictures, asked, shown, loaded, most: () => most };
}

test("the entrance has its own picture, every other state one that is asked for once", async () => {
  const { pictures, asked, shown } = open();
  pictures.show("gate");
  pictures.show("hall");
  await settled();
  pictures.show("gate");
  pictures.show("hall");
  assert.deepEqual(asked, ["hall"]);
  assert.deepEqual(shown, ["/gate.png", "/hall.png", "/gate.png", "/hall.png"]);
});

const COVER = `http://a.test/assets/${"0a".repeat(32)}.svg`;
const LETTERED = { entrance: { state: "gate", image: { src: COVER } }, cover: COVER };

test("an entrance that has only the cover that Conjure drew is drawn as any state", async () => {
  const { clock, pictures, asked, shown } = open({ world: LETTERED });
  pictures.show("gate");
  await settled();
  pictures.show("gate");
  await clock.move(60_000);
  assert.deepEqual(asked, ["gate"]);
  assert.deepEqual(new Set(shown), new Set(["/gate.png"]));
});

test("the cover stands in while that takes long, and when it fails", async () => {
  let answer;
  const slow = open({ world: LETTERED, post: () => new Promise((resolve) => (answer = resolve)) });
  slow.pictures.show("gate");
  await slow.clock.move(1_000);
  slow.pictures.show("gate");
  assert.deepEqual(slow.shown, []);
  await slow.clock.move(1_000);
  assert.deepEqual(slow.shown, [COVER]);
  answer({ url: "/gate.png" });
  await settled();
  assert.deepEqual(slow.shown, [COVER, "/gate.png"]);

  const failing = open({ world: LETTERED, post: async () => { throw failed(404); } });
  failing.pictures.show("gate");
  await settled();
  assert.deepEqual(failing.shown, [COVER]);
  failing.pictures.show("hall");
  await settled();
  failing.pictures.show("gate");
  assert.deepEqual(failing.shown, [COVER, COVER]);
});

test("an entrance whose own picture does not load is drawn as any state", async () => {
  const { pictures, asked, shown } = open({ post: async ({ state }) => ({ url: `/${state}-drawn.png` }), onPicture: async ({ src }) => (src.includes("drawn") ? "shown" : "broken") });
  pictures.show("gate");
  await settled();
  pictures.show("gate");
  await settled();
  assert.deepEqual(asked, ["gate"]);
  assert.deepEqual(new Set(shown), new Set(["/gate.png", "/gate-drawn.png"]));
});

test("what can come next is asked for ahead, two at a time, and is not shown before it comes", async () => {
  const { pictures, asked, shown, loaded, most } = open();
  pictures.show("gate");
  pictures.expect(["a", "b", "c", "gate", "a"]);
  await settled();
  assert.deepEqual(asked, ["a", "b", "c"]);
  assert.equal(most(), 2);
  assert.deepEqual(loaded, ["/a.png", "/b.png", "/c.png"]);
  assert.deepEqual(shown, ["/gate.png"]);
});

test("a state that is shown comes before those that may come, and these are dropped when play goes elsewhere", async () => {
  const waiting = [];
  const { pictures, asked } = open({ post: () => new Promise((resolve) => waiting.push(resolve)) });
  pictures.show("gate");
  pictures.expect(["a", "b", "c", "d"]);
  pictures.show("hall");
  pictures.expect(["e"]);
  waiting.shift()({ url: "/a.png" });
  await settled();
  waiting.shift()({ url: "/b.png" });
  await settled();
  assert.deepEqual(asked, ["a", "b", "hall", "e"]);
});

test("after 429 nothing is asked until it may be; then the state that is shown is tried again", async () => {
  const { clock, pictures, asked, shown } = open({
    post: async ({ state }, count) => {
      if (count === 1) throw failed(429, 30);
      return { url: `/${state}.png` };
    },
  });
  pictures.show("hall");
  await settled();
  pictures.expect(["a"]);
  await clock.move(29_000);
  assert.deepEqual(asked, ["hall"]);
  assert.deepEqual(shown, []);
  await clock.move(1_000);
  assert.deepEqual(asked, ["hall", "hall", "a"]);
  assert.deepEqual(shown, ["/hall.png"]);
});

for (const [what, post, most, later] of [
  ["that is not there", async () => { throw failed(404); }, 1, 0],
  ["that never works", async () => { throw failed(503); }, 3, 3],
  ["whose answer never comes", async () => { throw failed(0); }, 3, 3],
])
  test(`a picture ${what} is not asked for for ever, and shows nothing`, async () => {
    const { clock, pictures, asked, shown } = open({ post });
    pictures.show("hall");
    for (let round = 0; round < 10; round++) {
      await clock.move(60_000);
      pictures.show("hall");
    }
    assert.equal(asked.length, most);
    assert.deepEqual(shown, []);
    assert.equal(clock.pending, 0);
    // When play comes back there it is: the server may have been away.
    pictures.show("yard");
    await clock.move(60_000);
    pictures.show("hall");
    await clock.move(60_000);
    assert.equal(asked.filter((state) => state === "hall").length, most + later);
  });

test("an answer without an address is as none", async () => {
  for (const answer of [{}, { url: 1 }, null]) {
    const { pictures, shown } = open({ post: async () => answer });
    pictures.show("hall");
    await settled();
    assert.deepEqual(shown, []);
  }
});

test("after the end nothing is asked and nothing shown", async () => {
  const { clock, pictures, asked, shown } = open();
  pictures.show("hall");
  pictures.destroy();
  pictures.expect(["a"]);
  await clock.move(60_000);
  assert.deepEqual(asked, ["hall"]);
  assert.deepEqual(shown, []);
});

test("the entrance's picture, whatever a world holds", () => {
  assert.deepEqual(entrancePicture(WORLD), { state: "gate", picture: { src: "/gate.png", alt: "A gate", isCover: true }, isDrawnCover: false });
  assert.equal(entrancePicture({ entrance: { state: "gate", image: { src: COVER } }, cover: "/other.svg" }).isDrawnCover, false);
  for (const entrance of [undefined, null, 1, {}, { state: "a" }, { state: 1, image: { src: "x" } }, { state: "a", image: { src: "" } }, { state: "a", image: null }])
    assert.equal(entrancePicture({ entrance }), null);
  assert.equal(entrancePicture({ entrance: { state: "a", image: { src: "x", label: {} } } }).picture.alt, "");
});

test("the address", () => {
  assert.deepEqual(readAddress("?token=a.b.c&theme=auto&colorPrimary=%23fff"), { token: "a.b.c", theme: "auto", colorPrimary: "#fff" });
  for (const search of ["", "?", "?token=", "?token=a&token=a", "?token=a&token=b", "?TOKEN=a"]) assert.equal(readAddress(search).token, null);
  for (const search of ["", "?theme=", "?theme=LIGHT", "?theme=<b>"]) assert.equal(readAddress(search).theme, "dark");
});

test("any colour becomes one that can be read, on dark and on light", () => {
  assert.equal(contrast([0, 0, 0], [255, 255, 255]), 21);
  for (const ground of [[55, 53, 59], [215, 212, 205]])
    for (let red = 0; red < 256; red += 51)
      for (let green = 0; green < 256; green += 51)
        for (let blue = 0; blue < 256; blue += 51)
          assert.ok(contrast(readable([red, green, blue], ground), ground) >= 4.5, [red, green, blue]);
  assert.deepEqual(readable([230, 174, 102], [22, 20, 27]), [230, 174, 102]);
});

test("the title of a scene is its id, in words; an id that says nothing is none", () => {
  for (const [id, title] of [
    ["lamp-room", "Lamp room"],
    ["lamp_room", "Lamp room"],
    ["the hall", "The hall"],
    ["厨房", "厨房"],
    ["été", "Été"],
    ["state_12", null],
    ["state", null],
    ["12", null],
    ["b2", null],
    ["c0ffee00-0000-4000-8000-000000000000", null],
    ["", null],
  ])
    assert.equal(sceneTitle(id), title, id);
});

test("keys have names", () => {
  assert.deepEqual(["k", " ", "ArrowUp", "Delete", "ß"].map(keyName), ["K", "Space", "↑", "Delete", "SS"]);
});

test("a long time is told in minutes", () => {
  assert.deepEqual([1, 120, 121, 86_399].map(inSeconds), ["in 1 s", "in 120 s", "in 3 min", "in 1440 min"]);
});

// The voice: when it speaks, when it stops, and what a player is told where there is none.
import assert from "node:assert/strict";
import { test } from "node:test";

const { createSpeech } = await import(new URL("../../../server/conjure/player/web/speech.js", import.meta.url));

const failure = (status) => Object.assign(new Error("no"), { failure: { status, detail: "", retryAfterS: null } });

class Sound extends EventTarget {
  played = [];
  isPaused = true;
  refuses = null;

  async play() {
    if (this.refuses && this.src.startsWith("blob:")) throw this.refuses;
    this.played.push(this.src);
    this.isPaused = false;
  }

  pause() {
    this.isPaused = true;
  }
}

/** Answers each text with the next thing of the list: pieces of sound, an error, or a promise of either. */
function speaking(...answers) {
  const asked = [];
  const states = [];
  const sound = new Sound();
  const kept = new Map();
  const api = {
    async open(path, body, { signal }) {
      asked.push({ path, body, signal });
      const answer = await answers.shift();
      if (answer instanceof Error) throw answer;
      const pieces = [new TextEncoder().encode("sound")];
      const source = {
        pull(controller) {
          const piece = pieces.shift();
          if (piece) controller.enqueue(piece);
          else if (answer === "cut") controller.error(new TypeError("cut"));
          else controller.close();
        },
      };
      return new Response(new ReadableStream(source, { highWaterMark: 0 }));
    },
  };
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  const make = () => createSpeech(api, { id: "a b" }, { makeAudio: () => sound, storage: () => storage });
  const speech = make();
  speech.onChange = (state) => states.push(state.phase);
  return { speech, asked, states, sound, make };
}

test("a reply is fetched, played, and over at its end", async () => {
  const { speech, asked, states, sound } = speaking("whole");
  await speech.speak("Hello");
  assert.deepEqual([asked[0].path, asked[0].body], ["/v1/characters/a%20b/tts", { text: "Hello" }]);
  assert.deepEqual(states, ["loading", "playing"]);
  sound.dispatchEvent(new Event("ended"));
  assert.equal(speech.state.phase, "quiet");
  await speech.speak("Hello");
  assert.deepEqual([asked.length, sound.played.length], [1, 2]);
});

test("what is said next ends what is spoken, also what has not come yet", async () => {
  let come;
  const { speech, asked, sound } = speaking(new Promise((resolve) => (come = resolve)), "whole");
  const first = speech.speak("One");
  const second = speech.speak("Two");
  come("whole");
  await Promise.all([first, second]);
  assert.deepEqual([asked[0].signal.aborted, sound.played.length, speech.state.phase], [true, 1, "playing"]);
  speech.stop();
  assert.deepEqual([sound.isPaused, speech.state.phase], [true, "quiet"]);
});

test("of a speech that was cut off what came is heard", async () => {
  const { speech, sound } = speaking("cut");
  await speech.speak("Hello");
  assert.deepEqual([sound.played.length, speech.state.phase], [1, "playing"]);
});

test("where nobody speaks the switch goes, and whatever else fails is told", async () => {
  const told = [
    [503, false, false],
    [400, false, false],
    [402, true, false],
    [429, true, true],
    [0, true, true],
  ];
  for (const [status, isThere, isOn] of told) {
    const { speech } = speaking(failure(status));
    speech.toggle();
    await speech.speak("Hello");
    assert.deepEqual([speech.state.isThere, speech.state.isOn, speech.state.phase], [isThere, isOn, "quiet"]);
    assert.ok(speech.state.trouble);
  }
});

test("a browser that plays nothing yet is asked again by a click, for nothing", async () => {
  const { speech, asked, sound } = speaking("whole");
  sound.refuses = Object.assign(new Error("no"), { name: "NotAllowedError" });
  await speech.speak("Hello");
  assert.match(speech.state.trouble, /Hear it/);
  sound.refuses = null;
  await speech.speak("Hello");
  assert.deepEqual([asked.length, sound.played.length, speech.state.trouble], [1, 1, null]);
});

test("a browser remembers whether the voice is on", () => {
  const { speech, sound, make } = speaking();
  assert.equal(speech.state.isOn, false);
  speech.toggle();
  assert.ok(sound.played[0].startsWith("data:audio/"), "a click has begun the element");
  assert.equal(make().state.isOn, true);
  speech.toggle();
  assert.equal(make().state.isOn, false);
  const shy = createSpeech({}, { id: "x" }, { makeAudio: () => new Sound(), storage: () => assert.fail("nothing is kept") });
  shy.toggle();
  assert.equal(shy.state.isOn, true);
});

test("no more is spoken than may be asked for", async () => {
  const { speech, asked } = speaking("whole", "whole");
  await speech.speak("A sentence 🌊. ".repeat(300));
  assert.ok([...asked[0].body.text].length <= 2_000);
  assert.ok(asked[0].body.text.endsWith("."));
  await speech.speak("🌊".repeat(3_000));
  assert.equal([...asked[1].body.text].length, 2_000);
});

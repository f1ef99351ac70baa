import assert from "node:assert/strict";
import test from "node:test";

import { createSession, SessionOver } from "../../../server/conjure/player/web/session.js";
import { FakeClock, FakePage, FakeServer, Lines, failed, tokenOf } from "./fakes.mjs";

/** A session in a page of its own, and all that it has told. */
function open({ clock = new FakeClock(), server = new FakeServer(clock), page = new FakePage(clock), token, troubles = [], post } = {}) {
  server.troubles.push(...troubles);
  const right = server.post;
  if (post) server.post = (...given) => post(right, ...given);
  const told = [];
  const renewed = [];
  const session = createSession(token ?? server.token, clock, server, {
    page,
    onStatus: (status) => told.push({ at: clock.now(), ...status }),
    onRenewed: ({ reactorJwt }) => renewed.push(reactorJwt),
  });
  const connected = session.connect();
  return {
    clock, server, page, session, told, renewed, connected,
    get last() {
      return told.at(-1);
    },
    phases: () => told.map(({ phase }) => phase).filter((phase, at, all) => phase !== all[at - 1]),
  };
}

test("connects, and says what is paid for", async () => {
  const { clock, connected, server, session } = open();
  await clock.move(0);
  assert.deepEqual(await connected, { world: { name: "A world" }, reactorJwt: "jwt-1", expiresAt: 1_700_000_300 });
  assert.equal(session.connect(), connected);
  assert.deepEqual(server.asked, [0]);
});

test("renews late, once, and then says that it is the last time", async () => {
  const play = open();
  await play.clock.move(279_000);
  assert.deepEqual(play.server.asked, [0]);
  await play.clock.move(1_500);
  assert.deepEqual(play.server.asked, [0, 280_000]);
  assert.deepEqual(play.renewed, ["jwt-2"]);
  assert.equal(play.last.isLast, true);
  assert.equal(play.last.endsAt, 1_700_000_580_000);
  assert.deepEqual([play.last.isLast, play.last.tokenEndsAt], [true, 1_700_000_300_000]);
  await play.clock.move(299_000);
  assert.equal(play.last.phase, "live");
  await play.clock.move(1_000);
  assert.equal(play.last.phase, "ended");
  assert.equal(play.last.reason, "expired");
  assert.match(play.last.message, /new link/);
  assert.equal(play.server.asked.length, 2);
  await play.clock.move(10_000_000);
  assert.equal(play.told.filter(({ phase }) => phase === "ended").length, 1);
  assert.equal(play.clock.pending, 0);
  assert.deepEqual(play.page.beacons, []); // nothing is left to give back
});

test("plays without a gap while the token lives, whatever the lengths", async () => {
  for (const leaseMs of [3_000, 10_000, 47_000, 60_000, 300_000, 3_600_000])
    for (const tokenMs of [60_000, 61_500, 300_000, 1_234_000, 3_600_000])
      for (const wallAhead of [0, 1_900_000_000_000])
        for (const answersAfter of [0, 300]) {
          if (tokenMs / leaseMs > 150) continue;
          const clock = new FakeClock();
          const server = Object.assign(new FakeServer(clock, { tokenMs }), { leaseMs, answersAfter });
          const page = Object.assign(new FakePage(clock), { wallAhead });
          const play = open({ clock, server, page });
          await clock.move(tokenMs + leaseMs + 10_000);
          const why = JSON.stringify({ leaseMs, tokenMs, wallAhead, answersAfter, asked: server.asked });
          assert.deepEqual(play.phases(), ["connecting", "live", "ended"], why);
          assert.equal(play.last.reason, "expired", why);
          // As long as can be: the last lease could not be prolonged, as the token ended before its last third.
          const least = tokenMs > (2 / 3) * leaseMs + 2_000 ? tokenMs + leaseMs / 3 : leaseMs;
          assert.ok(play.last.at >= least - 2_500, why);
          assert.ok(server.asked.length <= server.serial, why);
          assert.ok(server.serial <= 2 + tokenMs / (leaseMs / 3), why);
        }
});

test("what is paid for never seems to last longer than it does", async () => {
  const clock = new FakeClock();
  const server = Object.assign(new FakeServer(clock), { answersTake: 5_000 });
  const play = open({ clock, server });
  await clock.move(6_000);
  assert.equal(play.last.phase, "live");
  assert.ok(play.last.endsAt <= server.to + play.page.wallAhead);
});

test("the last lease begins as late as is useful", async () => {
  const clock = new FakeClock();
  const play = open({ clock, server: new FakeServer(clock, { tokenMs: 290_000 }) });
  await clock.move(600_000);
  assert.deepEqual(play.server.asked, [0, 270_000]);
  assert.ok(play.last.at >= 569_000);
});

test("a token that ends before it can be prolonged plays what is paid", async () => {
  const clock = new FakeClock();
  const play = open({ clock, server: new FakeServer(clock, { tokenMs: 100_000 }) });
  await clock.move(0);
  assert.equal(play.last.isLast, true);
  await clock.move(300_000);
  assert.deepEqual(play.server.asked, [0]);
  assert.equal(play.last.reason, "expired");
});

test("tries again when a renewal fails, and nobody notices", async () => {
  const play = open();
  await play.clock.move(0);
  play.server.troubles = [failed(503, 2), failed(0), failed(504)];
  await play.clock.move(299_000);
  assert.equal(play.server.serial, 2);
  assert.deepEqual(play.phases(), ["connecting", "live"]);
});

test("when the store is away for long it waits, and goes on", async () => {
  const clock = new FakeClock();
  const play = open({ clock, server: new FakeServer(clock, { tokenMs: 3_600_000 }) });
  await clock.move(0);
  play.server.troubles = Array.from({ length: 40 }, () => failed(503, 1));
  await clock.move(400_000);
  assert.deepEqual(play.phases().slice(0, 4), ["connecting", "live", "waiting", "connecting"]);
  assert.equal(play.told.find(({ phase }) => phase === "waiting").at, 300_000);
  assert.equal(play.last.phase, "live");
});

test("waits as long as it is told, and says until when", async () => {
  const play = open({ troubles: [failed(429, 7, "live session capacity reached"), failed(503), failed(503), failed(0)] });
  await play.clock.move(0);
  assert.equal(play.last.phase, "waiting");
  assert.match(play.last.message, /Everybody/);
  assert.equal(play.last.retryAt, 1_700_000_000_000 + 7_875);
  assert.equal(play.last.failure.status, 429);
  await play.clock.move(7_874);
  assert.deepEqual(play.server.asked, [0]);
  await play.clock.move(1);
  assert.equal(play.server.asked.length, 2);
  assert.match(play.last.message, /cannot be reached/);
  await play.clock.move(60_000);
  assert.equal(play.last.phase, "live");
  const pauses = play.server.asked.map((at, n, all) => at - (all[n - 1] ?? 0));
  assert.deepEqual(pauses, [0, 7_875, 2_000, 4_000, 8_000]);
});

test("waits without an end while it is seen, gently, and not at all while it is hidden", async () => {
  const play = open({ troubles: Array.from({ length: 500 }, () => failed(503)) });
  await play.clock.move(200_000);
  assert.equal(play.last.phase, "waiting");
  assert.ok(play.server.asked.length < 14);
  play.page.show(false);
  await play.clock.move(40_000);
  const asked = play.server.asked.length;
  await play.clock.move(4_000_000);
  assert.equal(play.server.asked.length, asked);
  play.page.show(true);
  await play.clock.move(0);
  assert.equal(play.server.asked.length, asked + 1);
});

for (const [status, reason, words] of [
  [401, "invalid", /expired, or it is not for this page/],
  [402, "minutes", /playing time is used up/],
  [404, "gone", /gone/],
  [400, "refused", /cannot be played/],
])
  test(`${status} is said in plain words`, async () => {
    const play = open({ troubles: [failed(status, null, "some detail for developers")] });
    await play.clock.move(1_000_000);
    assert.deepEqual(play.phases(), ["connecting", "ended"]);
    assert.equal(play.last.reason, reason);
    assert.match(play.last.message, words);
    await assert.rejects(play.connected, (error) => error instanceof SessionOver && error.reason === reason);
    assert.equal(play.clock.pending, 0);
    assert.deepEqual(play.server.asked, [0]);
  });

test("what is no token is not sent", async () => {
  for (const token of ["", "a b.c.d", "näh.näh.näh", "x", "a.b.c\r\nx-y: z", "💥.💥.💥"]) {
    const play = open({ token });
    await play.clock.move(100_000);
    assert.deepEqual(play.phases(), ["ended"]);
    assert.equal(play.last.reason, "invalid");
    assert.deepEqual(play.server.asked, []);
  }
});

test("402 at a renewal plays to the end of what is paid", async () => {
  const clock = new FakeClock();
  const play = open({ clock, server: Object.assign(new FakeServer(clock, { tokenMs: 3_600_000 }), { dayEnds: 400_000 }) });
  await clock.move(399_000);
  assert.equal(play.last.phase, "live");
  await clock.move(3_000);
  assert.deepEqual([play.last.phase, play.last.reason], ["ended", "minutes"]);
  assert.ok(play.last.at >= 399_000 && play.last.at <= 401_000);
  assert.ok(play.server.asked.length < 12, `${play.server.asked}`);
});

test("a refusal at a renewal plays to the end of what is paid", async () => {
  for (const [status, reason] of [[401, "expired"], [402, "minutes"], [404, "gone"]]) {
    const play = open();
    await play.clock.move(0);
    play.server.troubles = [failed(status)];
    await play.clock.move(299_999);
    assert.equal(play.last.phase, "live");
    assert.equal(play.last.isLast, true);
    await play.clock.move(1);
    assert.deepEqual([play.last.phase, play.last.reason], ["ended", reason]);
  }
});

test("an answer that is no session is none", async () => {
  const bad = [{}, { world: null, reactorJwt: "x", expiresIn: 5 }, { world: {}, reactorJwt: 7, expiresIn: 5 }, { world: {}, reactorJwt: "x", expiresIn: "soon" }];
  const play = open({ post: async (right, ...given) => bad.shift() ?? right(...given) });
  await play.clock.move(30_000);
  assert.equal(play.last.phase, "live");
});

test("without an end of the credential in Unix time it plays as well", async () => {
  const play = open({ post: async (right, ...given) => ({ ...(await right(...given)), expiresAt: null }) });
  await play.clock.move(290_000);
  assert.equal((await play.connected).expiresAt, null);
  assert.equal(play.server.serial, 2);
});

test("after a sleep it asks, and goes on where the token lives", async () => {
  const clock = new FakeClock();
  const play = open({ clock, server: new FakeServer(clock, { tokenMs: 3_600_000 }) });
  await clock.move(1_000);
  play.server.ahead += 1_000_000; // the monotonic clock stood meanwhile
  play.server.tokenEnd -= 1_000_000;
  play.server.to -= 1_000_000;
  play.page.wallAhead += 1_000_000;
  play.page.show(true);
  await clock.move(0);
  assert.equal(play.server.asked.length, 2);
  assert.equal(play.last.phase, "live");
  assert.deepEqual(play.renewed, ["jwt-2"]);
});

test("after a sleep that was longer than the token it ends, and says so once", async () => {
  const play = open();
  await play.clock.move(1_000);
  play.server.tokenEnd -= 1_000_000;
  play.server.to -= 1_000_000;
  play.page.wallAhead += 1_000_000;
  play.page.show(true);
  await play.clock.move(1_000);
  assert.deepEqual([play.last.phase, play.last.reason], ["ended", "expired"]);
  await play.clock.move(1_000_000);
  assert.equal(play.told.filter(({ phase }) => phase === "ended").length, 1);
});

test("a player's clock that is set costs a question", async () => {
  for (const by of [-86_400_000, 86_400_000]) {
    const play = open();
    await play.clock.move(10_000);
    play.page.wallAhead += by;
    play.page.show(false);
    play.page.show(true);
    await play.clock.move(1_000);
    assert.equal(play.last.phase, "live");
    assert.equal(play.server.asked.length, 2);
    assert.equal(play.server.serial, 1);
    await play.clock.move(570_000);
    assert.equal(play.last.reason, "expired");
  }
});

test("a hidden page renews earlier: its timers may be late", async () => {
  const play = open();
  await play.clock.move(10_000);
  play.page.show(false);
  await play.clock.move(216_000);
  assert.equal(play.server.serial, 2);
});

test("who leaves ends the session by a beacon, once", async () => {
  const play = open();
  await play.clock.move(5_000);
  play.page.handlers.onHide();
  play.page.handlers.onHide();
  play.session.destroy();
  assert.deepEqual(play.page.beacons, [["/v1/sessions/end", { token: play.server.token }]]);
  assert.equal(play.clock.pending, 0);
});

test("who never asked has nothing to end", async () => {
  const clock = new FakeClock();
  const page = new FakePage(clock);
  const session = createSession(tokenOf({ jti: "x" }), clock, new FakeServer(clock), { page });
  session.destroy();
  assert.deepEqual(page.beacons, []);
});

test("who leaves while it is connecting ends it too, and is not connected afterwards", async () => {
  const clock = new FakeClock();
  const play = open({ clock, server: Object.assign(new FakeServer(clock), { answersAfter: 500 }) });
  await clock.move(100);
  play.session.destroy();
  await clock.move(10_000);
  assert.equal(play.page.beacons.length, 1);
  assert.deepEqual(play.phases(), ["connecting", "ended"]);
  await assert.rejects(play.connected, SessionOver);
});

test("back from where pages are put aside, it connects again", async () => {
  const play = open();
  play.page.onBeacon = play.server.end;
  await play.clock.move(5_000);
  play.session.track("r-1");
  play.page.handlers.onHide();
  await play.clock.move(60_000);
  assert.equal(play.server.asked.length, 1);
  play.page.handlers.onShow();
  await play.clock.move(0);
  assert.equal(play.last.phase, "live");
  assert.equal(play.server.asked.length >= 2, true);
  await play.clock.move(0);
  assert.deepEqual(play.server.tracked, ["r-1", "r-1"]);
});

test("after a reload it makes sure that a late beacon has not ended what it has begun", async () => {
  const first = open();
  await first.clock.move(5_000);
  first.page.handlers.onHide();
  const { clock, server } = first;
  const page = Object.assign(new FakePage(clock), { kept: first.page.kept });
  const second = open({ clock, server, page });
  await clock.move(1_000);
  assert.equal(second.last.phase, "live");
  server.end(); // only now
  await clock.move(3_000);
  assert.ok(server.to > clock.now());
  assert.equal(server.asked.length, 3);
  open({ clock, server, page: Object.assign(new FakePage(clock), { kept: page.kept }) });
  await clock.move(10_000);
  assert.equal(server.asked.length, 4); // that was no reload
});

for (const order of [[0, 1], [1, 0]])
  test(`of two tabs the last one ends the session: ${order}`, async () => {
    const clock = new FakeClock();
    const server = new FakeServer(clock);
    const lines = new Lines();
    const pages = [new FakePage(clock, lines), new FakePage(clock, lines)];
    for (const page of pages) page.random = Math.random;
    const plays = pages.map((page) => open({ clock, server, page }));
    const [first, second] = order.map((at) => plays[at]);
    await clock.move(1_000);
    first.page.handlers.onHide();
    await clock.move(1_000);
    assert.deepEqual(first.page.beacons, []);
    assert.equal(second.last.phase, "live");
    second.page.handlers.onHide();
    assert.equal(second.page.beacons.length, 1);
  });

test("a tab that did not know of another ends the session: the other connects again", async () => {
  const clock = new FakeClock();
  const server = new FakeServer(clock);
  const lines = new Lines();
  const play = open({ clock, server, page: new FakePage(clock, lines) });
  await clock.move(10_000);
  server.end();
  lines.line("conjure-session-a-jti", () => {}).send({ type: "ended", from: "x" });
  lines.line("conjure-session-a-jti", () => {}).send("nonsense");
  lines.line("conjure-session-a-jti", () => {}).send({ type: "come", from: { toString: "no" } });
  await clock.move(2_000);
  assert.equal(server.asked.length, 2);
  assert.ok(server.to > clock.now());
  assert.equal(play.last.phase, "live");
});

test("the runtime's id is tracked, and a bad one is not sent", async () => {
  const play = open();
  for (const id of ["", "x".repeat(257), 7, null]) play.session.track(id);
  play.session.track("early");
  await play.clock.move(0);
  assert.deepEqual(play.server.tracked, ["early"]);
  play.session.track("early");
  play.session.track("💥".repeat(256));
  await play.clock.move(0);
  assert.deepEqual(play.server.tracked, ["early", "💥".repeat(256)]);
});

test("tracking is tried again", async () => {
  const play = open();
  await play.clock.move(0);
  const right = play.server.post;
  let bad = 2;
  play.server.post = async (path, ...given) => {
    if (path.endsWith("/track") && bad-- > 0) throw failed(503);
    return right(path, ...given);
  };
  play.session.track("r-1");
  await play.clock.move(10_000);
  assert.deepEqual(play.server.tracked, ["r-1"]);
});

test("a page that a browser has only prepared costs nothing", async () => {
  const clock = new FakeClock();
  const page = new FakePage(clock);
  let begin;
  page.whenOpened = (later) => (begin = later);
  const play = open({ clock, page });
  await clock.move(10_000);
  assert.deepEqual(play.server.asked, []);
  begin();
  await clock.move(0);
  assert.equal(play.last.phase, "live");
  const other = open({ page: Object.assign(new FakePage(clock), { whenOpened: (later) => (begin = later) }) });
  other.session.destroy();
  begin();
  await clock.move(10_000);
  assert.deepEqual([other.server.asked, other.page.beacons], [[], []]);
});

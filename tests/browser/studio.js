// What a studio does: a page on another origin, with a secret key, over fetch() alone. It tells what it has read of
// every answer by the name of the call; a call that the browser does not let it read has an `error` instead.
// It is the body of an async function of `told`; with `told.busy` the page does what is refused.
const seen = {calls: []};

const call = async (name, verb, path, body, more = {}) => {
  seen.calls.push([verb, path.split("?")[0]]);
  const headers = {authorization: `Bearer ${more.key ?? told.secret}`, ...more.headers};
  if (more.key === null) delete headers.authorization;
  const options = {method: verb, headers};
  if (body !== undefined) {
    options.body = typeof body === "string" ? body : JSON.stringify(body);
    headers["content-type"] ??= "application/json";
  }
  const found = {status: 0, body: null};
  seen[name] = found;
  try {
    const answer = await fetch((more.rest ?? told.rest) + path, options);
    found.status = answer.status;
    for (const header of ["etag", "retry-after", "idempotent-replayed", "x-request-id"])
      found[header] = answer.headers.get(header);
    const text = await answer.text();
    if (text) found.body = JSON.parse(text);
  } catch (error) {
    found.error = `${error}`;
  }
  return found;
};

// Reads how an answer begins, whatever it is: an event stream has no end.
const look = async (name, path, verb = "GET", body, key = told.secret) => {
  seen.calls.push([verb, path]);
  const found = seen[name] = {status: 0};
  try {
    const headers = {authorization: `Bearer ${key}`};
    const answer = await fetch(told.rest + path, {method: verb, body: body && JSON.stringify(body), headers});
    [found.status, found["x-request-id"]] = [answer.status, answer.headers.get("x-request-id")];
    const reader = answer.body.getReader();
    found.begins = (await reader.read()).value.length;
    await reader.cancel();
  } catch (error) {
    found.error = `${error}`;
  }
};

// A picture as a canvas writes it: noise, so that PNG makes it no smaller.
const picture = () => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [720, 540];
  const drawing = canvas.getContext("2d"), pixels = drawing.createImageData(720, 540);
  for (let at = 0; at < pixels.data.length; at += 65536)
    crypto.getRandomValues(pixels.data.subarray(at, Math.min(at + 65536, pixels.data.length)));
  for (let at = 3; at < pixels.data.length; at += 4) pixels.data[at] = 255;
  drawing.putImageData(pixels, 0, 0);
  return canvas.toDataURL("image/png");
};

const round = async () => {
  const once = {headers: {"idempotency-key": "a-studio-made-this"}};
  const made = await call("create from a premise", "POST", "/v1/worlds", {premise: "A lighthouse that forgets."}, once);
  await call("create again", "POST", "/v1/worlds", {premise: "A lighthouse that forgets."}, once);
  await look("its cover", new URL(made.body.cover).pathname);
  const imported = await call("create from a world", "POST", "/v1/worlds", {world: told.world});
  await call("delete the first", "DELETE", `/v1/worlds/${made.body.worldId}`);
  const world = `/v1/worlds/${imported.body.worldId}`;

  await call("list", "GET", "/v1/worlds?limit=5");
  const read = await call("get", "GET", world);
  await call("get with its tag", "GET", world, undefined, {headers: {"if-none-match": read.etag}});
  await call("patch", "PATCH", world, {name: "Renamed", visibility: "unlisted"}, {headers: {"if-match": read.etag}});
  await call("fork", "POST", `${world}/forks`);

  await call("create a state", "POST", `${world}/states`, {id: "Attic / north", base: "A low attic under the roof."});
  const attic = `${world}/states/${encodeURIComponent("Attic / north")}`;
  await call("patch a state", "PATCH", attic, {patch: {narration: "Dust."}});
  await call("get a state", "GET", attic);
  await call("create an event", "POST", `${world}/events`, {name: "Wave", kind: "override", from: "Attic / north", base: "She waves."});
  await call("patch an event", "PATCH", `${world}/events/Wave`, {name: "Wave back", hotkey: "f"});
  await call("get an event", "GET", `${world}/events/Wave%20back`);
  await call("delete an event", "DELETE", `${world}/events/Wave%20back`);
  await call("delete a state", "DELETE", attic);
  await call("states", "GET", `${world}/states`);
  await call("events", "GET", `${world}/events`);
  const [file] = (await (await fetch(`${told.rest}/embed.html`)).text()).match(/player\/\w+\/player.css/);
  await look("a file of the player", `/${file}`);
  for (const path of told.reads) await look(path, path.replace("{id}", imported.body.worldId));

  const image = {src: picture(), label: "Noise"};
  seen.picture = image.src.length;
  const scene = await call("scene", "GET", `${world}/scene`);
  const entrance = await call("entrance", "PATCH", `${world}/entrance`, {state: "cellar", image}, {headers: {"if-match": scene.etag}});
  seen.kept = (await call("scene with the picture", "GET", `${world}/scene`)).body.entrance.image.src === image.src;
  const small = {state: "hall", image: {src: "https://example.test/hall.png"}, expectedRev: entrance.body.rev};
  await call("entrance again", "PATCH", `${world}/entrance`, small);

  for (const [at, op] of told.ops.entries()) await call(`op ${at}: ${op.op}`, "POST", `${world}/ops`, {ops: [op]});
  await call("edit in words", "POST", `${world}/edit`, {instruction: 'Describe the hall as "A hall with one lamp."'}, {headers: {"idempotency-key": crypto.randomUUID()}});
  await call("validate", "POST", `${world}/validate`, {});
  await call("validate another", "POST", `${world}/validate`, {world: told.world});
  await call("lint", "POST", `${world}/lint`, {data: told.world});

  const first = (await call("save a version", "POST", `${world}/versions`, {title: "first"})).body.versionId;
  await call("edit between", "PATCH", `${world}/states/hall`, {base: "A wide hall of green stone."});
  const second = (await call("save another", "POST", `${world}/versions`, {title: "second"})).body.versionId;
  await call("versions", "GET", `${world}/versions`);
  await call("get a version", "GET", `${world}/versions/${first}`);
  await call("diff", "GET", `${world}/versions/${first}/diff/${second}`);
  await call("checkout", "POST", `${world}/checkout`, {versionId: first});
  await call("rename a version", "PATCH", `${world}/versions/${second}`, {title: ""});
  await call("delete a version", "DELETE", `${world}/versions/${second}`);

  const radio = {persona: "A keeper.", greeting: "Hello?", facts: [{text: "The tower has a keeper."}]};
  await call("create a terminal", "POST", `${world}/events`, {name: "Radio", kind: "terminal", from: "hall", base: "It hums.", terminal: radio});
  await call("seed frame", "POST", "/v1/seed-frame", {prompt: "A lighthouse that forgets.", pov: "first_person"});
  await call("perceive", "POST", "/v1/perceive", {frame_b64: image.src, room_name: "The hall"});
  await call("ground", "POST", "/v1/ground/objects", {frame_b64: image.src, labels: ["a door"]});

  const mint = async (name) => (await call(name, "POST", "/v1/sessions/token", {worldId: imported.body.worldId, origin: location.origin})).body.token;
  const token = await mint("mint"), other = await mint("mint another");
  await call("connect", "POST", "/v1/sessions/connect", undefined, {key: token});
  await call("picture of a state", "POST", "/v1/sessions/picture", {state: "hall"}, {key: token});
  await call("ask", "POST", "/v1/sessions/ask", {event: "Radio", text: "Who is there?"}, {key: token});
  await call("track", "POST", "/v1/sessions/track", {reactorSessionId: "r-1"}, {key: token});
  await call("connect by the body", "POST", "/v1/sessions/connect", {token: other}, {key: null});
  await call("usage while they play", "GET", "/v1/usage");
  await call("end", "POST", "/v1/sessions/end", undefined, {key: token});
  // As a page does when it is left: text/plain, no headers of its own, an answer that nobody reads.
  seen.beacon = navigator.sendBeacon(`${told.rest}/v1/sessions/end`, JSON.stringify({token: other}));
  let usage;
  do usage = await call("usage", "GET", "/v1/usage");
  while (usage.body.usage.session_seconds >= 60);
  await call("end what the beacon has ended", "POST", "/v1/sessions/end", {token: other}, {key: null});

  const begun = await call("begin a job", "POST", "/v1/worlds", {premise: "A quiet harbour.", async: true});
  const job = `/v1/jobs/${begun.body.jobId}`;
  await look("a job's events", `${job}/events-stream`);
  let done;
  do done = await call("get the job", "GET", job);
  while (done.body.status !== "succeeded");
  await call("cancel what is done", "POST", `${job}/cancel`);

  const born = await call("create a character", "POST", "/v1/characters", told.character);
  const character = `/v1/characters/${born.body.id}`;
  await call("characters", "GET", "/v1/characters?limit=5");
  const met = await call("get a character", "GET", character);
  await call("patch a character", "PATCH", character, {greeting: null, free: true}, {headers: {"if-match": met.etag}});
  await call("fork a character", "POST", `${character}/forks`);
  const meeting = {worldId: born.body.id, playerIdentity: "Ада/Lovelace", origin: location.origin};
  const player = (await call("mint a talk", "POST", "/v1/sessions/token", meeting)).body.token;
  await call("resume", "POST", `${character}/resume`, undefined, {key: player});
  await call("say", "POST", `${character}/say`, {text: "I like bees.", token: player}, {key: null});
  await look("say, told", `${character}/say-stream`, "POST", {text: "And you?"}, player);
  await call("speak", "POST", `${character}/tts`, {text: "I like bees."}, {key: player});
  await call("its picture", "POST", `${character}/image`, {}, {key: player});
  seen.calls.push(["POST", `${character}/consolidate`]);
  seen.left = navigator.sendBeacon(`${told.rest}${character}/consolidate`, JSON.stringify({token: player}));
  let memory;
  do memory = await call("memory", "GET", `${character}/memory`, undefined, {key: player});
  while (memory.body.summary === null);
  await call("forget a player", "DELETE", `${character}/memory/${encodeURIComponent("Ада/Lovelace")}`);
  await call("delete a character", "DELETE", character);

  await call("delete", "DELETE", world);
  await call("get what is gone", "GET", world);
};

const refusals = async () => {
  const made = await call("made", "POST", "/v1/worlds", {world: told.world});
  const world = `/v1/worlds/${made.body.worldId}`;
  await call("400 of no JSON", "POST", `${world}/ops`, "{");
  await call("400 of a reference", "DELETE", `${world}/states/hall`);
  await call("401", "GET", "/v1/usage", undefined, {key: "sk_test_garbage"});
  await call("401 of a token", "POST", "/v1/sessions/connect", {token: "garbage"}, {key: null});
  await call("403", "POST", `${world}/ops`, {ops: told.ops}, {key: told.publishable});
  await call("404", "GET", "/v1/worlds/11111111-2222-4333-8444-555555555555");
  await call("404 of a path", "GET", "/v1/nope");
  await call("404 of a path to change", "DELETE", "/v1/worlds/x/nope", undefined);
  await call("404 of a bad escape", "GET", "/v1/worlds/%ff/scene");
  await call("405", "POST", `${world}/scene`, {});
  await call("409", "PATCH", `${world}/entrance`, {state: "cellar"}, {headers: {"if-match": '"stale"'}});
  await call("413", "POST", "/v1/sessions/token", {worldId: "x".repeat(20_000)});
  await call("413 of a world", "POST", "/v1/worlds", {world: {name: "x".repeat(12_600_000)}});
  await call("422", "PATCH", `${world}/entrance`, {state: "nowhere"});
  await call("422 of fields", "POST", "/v1/worlds", {});
  await call("402", "POST", "/v1/worlds", {premise: "One too many."}, {key: told.busy.secret});
  for (const [at, token] of told.busy.tokens.entries())
    await call(at ? "429" : "the one place", "POST", "/v1/sessions/connect", undefined, {key: token});
  await call("503", "PATCH", `${world}/entrance`, {state: "cellar"}, {rest: told.edges.down});
  await call("504", "PATCH", `${world}/entrance`, {state: "cellar"}, {rest: told.edges.slow});
  for (let at = 0; at < 5; at++)
    await call("429 of the edge", "PATCH", `${world}/entrance`, {state: "cellar"}, {rest: told.edges.strict});
};

await (told.busy ? refusals() : round());
return seen;

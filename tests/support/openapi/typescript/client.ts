// What a TypeScript program makes of the contract. It is compiled, strictly, and never run.
import createClient from "openapi-fetch";
import type { components, paths } from "./api";

type Schemas = components["schemas"];

const client = createClient<paths>({ baseUrl: "https://worlds.example" });

export async function edited(premise: string): Promise<Schemas["State"] | undefined> {
  const made = await client.POST("/v1/worlds", {
    params: { header: { "Idempotency-Key": "once" } },
    body: { premise, name: null },
  });
  if (made.error !== undefined) throw new Error(made.error.detail);
  if ("jobId" in made.data) throw new Error(`not asked for: a job ${made.data.status}`);
  const slug: string | null = made.data.slug;
  const id: string = made.data.worldId;
  const written = await client.PATCH("/v1/worlds/{id}/entrance", {
    params: { path: { id }, header: { "If-Match": "*" } },
    body: { state: "cellar", image: { src: "data:," } },
  });
  if (written.error !== undefined) {
    const found: Schemas["KernelDiagnostic"][] = written.error.diagnostics ?? [];
    throw new Error([slug, ...found.map((one) => `${one.severity} ${one.path}`)].join());
  }
  const rev: string = written.data.rev;
  const event = await client.POST("/v1/worlds/{id}/events", {
    params: { path: { id } },
    body: { kind: "transition", from: "hall", to: "cellar", expectedRev: rev },
  });
  // @ts-expect-error: an answer of success names the event
  const name: number = event.data?.eventName;
  void name;
  return written.data.world.scene.states["cellar"];
}

export async function connected(token: string): Promise<number | null> {
  const session = await client.POST("/v1/sessions/connect", { body: { token } });
  return session.data?.expiresAt ?? null;
}

export async function wrong(id: string): Promise<void> {
  // @ts-expect-error: `state` is required
  await client.PATCH("/v1/worlds/{id}/entrance", { params: { path: { id } }, body: {} });
  // @ts-expect-error: there is no such severity
  const severity: Schemas["KernelDiagnostic"]["severity"] = "fatal";
  void severity;
  // @ts-expect-error: there is no such path
  await client.GET("/v1/nothing");
}

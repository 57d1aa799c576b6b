import { Hono } from "hono";
import { z } from "zod";
import { callAnswersSchema } from "../approvals/approval-event.ts";
import { describeFailure } from "../failures/tool-failure.ts";
import { SessionError } from "../session/session-error.ts";
import type { SessionEvent } from "../session/session-event.ts";
import type { SessionState } from "../session/session-state.ts";
import { listSessions, readSession } from "../session/session-store.ts";
import type { SessionRunner } from "./session-runner.ts";
import { watchSession } from "./watch-session.ts";

const NewTaskBody = z.strictObject({
  task: z.string().min(1).max(100_000),
  data: z.string().min(1).nullable().default(null),
  target: z.string().min(1).nullable().default(null),
  model: z.string().min(1).nullable().default(null),
  budget_usd: z.number().positive().nullable().default(null),
  max_iterations: z.int().min(1).max(100_000).default(300),
  hub: z.enum(["local", "hf"]).default("local"),
  /** Whether whoever asks for it answers questions, see `/sessions/:id/questions`. */
  asks: z.boolean().default(false),
});

const ResumeBody = z.strictObject({ asks: z.boolean().default(false) });
const AnswersBody = z.strictObject({ request: z.string().min(1), answers: callAnswersSchema });

/**
 * Sessions over HTTP, for faces and scripts on this machine: list, start, watch (server-sent events that can be taken up
 * again after any `seq`), interrupt, resume, and answer what it asks. It serves loopback names only, so that no web page can reach it by name.
 */
export function createSessionApi(options: { readonly home: string; readonly runner: SessionRunner }): Hono {
  const { home, runner } = options;
  const app = new Hono();
  app.use(async (c, next) => {
    const origin = c.req.header("origin");
    const hosts = [c.req.header("host"), origin === undefined ? undefined : safeHost(origin)];
    if (hosts.some((host) => host !== undefined && !isLoopback(host)))
      return c.json(refusal("api/forbidden_origin", "Only this machine may ask."), 403);
    await next();
  });
  app.get("/sessions", async (c) => {
    const listings = await listSessions(home);
    return c.json({
      sessions: listings.map((listing) =>
        listing.state === null
          ? { id: listing.id, damage: listing.damage }
          : {
              id: listing.id,
              outcome: listing.state.outcome,
              working: runner.isWorking(listing.id),
              created: listing.state.created,
              options: listing.state.options,
              cause: listing.state.cause,
              damage: listing.damage,
            },
      ),
    });
  });
  app.post("/sessions", async (c) => {
    const body = NewTaskBody.safeParse(await c.req.json().catch(() => null));
    if (!body.success) return c.json(refusal("api/bad_request", z.prettifyError(body.error)), 400);
    const { budget_usd, max_iterations, asks, ...task } = body.data;
    const id = await runner.start(
      { ...task, budgetUsd: budget_usd, maxIterations: max_iterations, sandbox: "auto" },
      { asks, signal: c.req.raw.signal },
    );
    return c.json({ id }, 201);
  });
  app.get("/sessions/:id", async (c) => {
    const session = await find(home, c.req.param("id"));
    return c.json({ ...plain(session.state), working: runner.isWorking(session.state.id) });
  });
  app.get("/sessions/:id/events", async (c) => {
    const { state } = await find(home, c.req.param("id"));
    const after = Number(c.req.header("last-event-id") ?? c.req.query("after") ?? 0);
    const events = watchSession({
      home,
      id: state.id,
      runner,
      after: Number.isFinite(after) ? after : 0,
      signal: c.req.raw.signal,
    });
    return new Response(ReadableStream.from(toSse(events)).pipeThrough(new TextEncoderStream()), {
      headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
    });
  });
  app.post("/sessions/:id/interrupt", async (c) =>
    c.json({ interrupted: await runner.interrupt(c.req.param("id")) }),
  );
  app.post("/sessions/:id/resume", async (c) => {
    const body = ResumeBody.safeParse(await c.req.json().catch(() => ({}))); // mostly there is none
    if (!body.success) return c.json(refusal("api/bad_request", z.prettifyError(body.error)), 400);
    await runner.resume(c.req.param("id"), body.data);
    return c.json({ id: c.req.param("id") }, 202);
  });
  app.get("/sessions/:id/questions", (c) => c.json({ questions: runner.questions(c.req.param("id")) }));
  app.post("/sessions/:id/answers", async (c) => {
    const body = AnswersBody.safeParse(await c.req.json().catch(() => null));
    if (!body.success) return c.json(refusal("api/bad_request", z.prettifyError(body.error)), 400);
    const problems = runner.answer(c.req.param("id"), body.data);
    return problems.length > 0 ? c.json({ problems }, 400) : c.json({});
  });
  app.onError((error, c) => {
    const failure = describeFailure(error);
    const status =
      failure.code === "session/not_found"
        ? 404
        : failure.code === "session/busy" || failure.code === "session/no_question"
          ? 409
          : failure.code === "internal"
            ? 500
            : 400;
    return c.json({ error: failure }, status);
  });
  return app;
}

/** Amounts are too exact for JSON; `spent` says the same in dollars. */
function plain({ budget: _, ...state }: SessionState): Omit<SessionState, "budget"> {
  return state;
}

async function* toSse(events: AsyncIterable<SessionEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    const id = "seq" in event ? `id: ${event.seq}\n` : "";
    yield `${id}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  }
}

async function find(home: string, id: string): Promise<NonNullable<Awaited<ReturnType<typeof readSession>>>> {
  const session = await readSession(home, id);
  if (session !== null) return session;
  throw new SessionError("session/not_found", `There is no session ${id}.`, {
    mend: "GET /sessions lists those there are.",
  });
}

function refusal(code: string, message: string): { error: { code: string; message: string } } {
  return { error: { code, message } };
}

function safeHost(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : "unknown";
}

function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, "");
  return name === "localhost" || name === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(name);
}

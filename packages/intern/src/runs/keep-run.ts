import type { RunRecord } from "@ml-intern/lab";
import type { BudgetKeeper } from "../budget/budget-keeper.ts";
import { LOCAL } from "../budget/prices.ts";
import type { Session } from "../session/session-store.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { nameOfRun } from "./name-of-run.ts";

export interface KeepRunOptions {
  readonly session: Session;
  readonly workbench: Workbench;
  readonly budget: BudgetKeeper;
}

/** Runs that are being kept at this moment. */
const keeping = new WeakMap<Session, Map<string, Promise<void>>>();

/**
 * Writes a run into ledger and session and settles it, exactly once, however often and from how many calls at once it is asked for. The
 * ledger gets what identifies a run, not its claims: they are in the run's record, as claims.
 */
export async function keepRun(run: RunRecord, options: KeepRunOptions): Promise<void> {
  const { session } = options;
  const known = keeping.get(session) ?? new Map<string, Promise<void>>();
  keeping.set(session, known);
  const mine = known.get(run.id) ?? keepAndSettle(run, options);
  known.set(run.id, mine);
  try {
    await mine;
  } finally {
    known.delete(run.id);
  }
}

async function keepAndSettle(run: RunRecord, options: KeepRunOptions): Promise<void> {
  await keep(run, options);
  const { budget } = options;
  budget.settleTime(nameOfRun(run.id), run.duration_s);
  const bytes = run.artefacts.reduce((sum, artefact) => sum + artefact.bytes, 0);
  if (bytes > 0) budget.settleStorage({ of: run.id, place: LOCAL, bytes });
}

async function keep(run: RunRecord, { session, workbench }: KeepRunOptions): Promise<void> {
  const records = (session.state.records.run ?? []) as readonly Pick<RunRecord, "id">[];
  if (records.some(({ id }) => id === run.id)) return;
  const ledger = await workbench.ledger();
  const { id, name, script, seed, refit, environment, code_sha256, ended, exit_code, duration_s, artefacts } =
    run;
  const body = {
    run: id,
    name,
    script,
    args: [...run.args],
    seed,
    refit,
    environment,
    code_sha256,
    ended,
    exit_code,
    duration_s,
  };
  await ledger.append(
    "run",
    { ...body, artefacts: artefacts.map(({ path, sha256 }) => ({ path, sha256 })) },
    { key: `run:${id}` },
  );
  await session.append({ type: "recorded", kind: "run", body: run, ledger_head: ledger.head });
}

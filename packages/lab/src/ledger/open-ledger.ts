import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { syncDirectory, takeFileLock } from "@ml-intern/durable";
import { toDiskFull } from "../files/disk-full.ts";
import { LabError } from "../lab-error.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type EvaluatorKey, loadEvaluatorKey } from "./evaluator-key.ts";
import type { Ledger } from "./ledger.ts";
import { checkChain, genesisPrev, hashRow } from "./ledger-chain.ts";
import type { LedgerBody, LedgerKind, LedgerRow } from "./ledger-row.ts";

export interface OpenLedgerOptions {
  path: string;
  /** Holds the installation's key at `keys/evaluator.key`, created on first use. */
  home: string;
  now: () => Date;
}

/**
 * Opens a session's ledger for writing, creating it with a genesis row when absent. One process at a time:
 * a second one gets `ledger/locked`; the lock of a process that has died is taken over. A torn last line is
 * cut off and reported in `repaired`; any other damage is `ledger/damaged`, and the file stays as it is.
 */
export async function openLedger({ path, home, now }: OpenLedgerOptions): Promise<Ledger> {
  await mkdir(dirname(path), { recursive: true }).catch((error) => {
    throw toDiskFull(error, path);
  });
  const lock = await takeFileLock(`${path}.lock`);
  if ("heldBy" in lock) {
    throw new LabError("ledger/locked", `The ledger ${path} is open in process ${lock.heldBy}.`, {
      mend: `One process writes a session at a time. Wait for process ${lock.heldBy} to end, or stop it, and try again.`,
    });
  }
  try {
    const key = await loadEvaluatorKey(home);
    const file = await open(path, "a+", 0o644);
    try {
      const { rows, repaired } = await readRows(file, path);
      refuseForeignKey(rows, key, path);
      const ledger = new OpenLedger({ path, file, key, now, rows, repaired, release: lock.release });
      if (rows.length === 0) {
        await ledger.write("genesis", { version: 1, public_key: key.publicKey });
        await syncDirectory(dirname(path));
      }
      return ledger;
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw toDiskFull(error, path);
  }
}

async function readRows(
  file: FileHandle,
  path: string,
): Promise<{ rows: LedgerRow[]; repaired: string | null }> {
  const bytes = await file.readFile();
  const end = bytes.lastIndexOf(0x0a) + 1;
  const text = bytes.subarray(0, end).toString("utf8");
  const chain = end === 0 ? { ok: true as const, rows: [] } : checkChain(text.slice(0, -1).split("\n"));
  if (!chain.ok) {
    throw new LabError(
      "ledger/damaged",
      `The ledger ${path} is damaged in line ${chain.line}: ${chain.reason}.`,
      {
        mend: "It was changed by something other than the evaluator, so none of its numbers count as verified. Restore it from a backup, or move it away and start a new session.",
      },
    );
  }
  if (end === bytes.length) return { rows: [...chain.rows], repaired: null };
  await file.truncate(end);
  await file.sync();
  return {
    rows: [...chain.rows],
    repaired: `The last line of ${path} (${bytes.length - end} bytes) was torn by a crash before it was acknowledged; it is cut off.`,
  };
}

function refuseForeignKey(rows: readonly LedgerRow[], key: EvaluatorKey, path: string): void {
  const [genesis] = rows;
  if (genesis === undefined || genesis.body.public_key === key.publicKey) return;
  throw new LabError("ledger/damaged", `The ledger ${path} was begun with another installation's key.`, {
    mend: "It can be read and verified here, but only the installation that began it can add rows: set ML_INTERN_HOME to that data home, or start a new session.",
  });
}

class OpenLedger implements Ledger {
  readonly path: string;
  readonly repaired: string | null;
  readonly #file: FileHandle;
  readonly #key: EvaluatorKey;
  readonly #now: () => Date;
  readonly #rows: LedgerRow[];
  readonly #release: () => void;
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: {
    path: string;
    file: FileHandle;
    key: EvaluatorKey;
    now: () => Date;
    rows: LedgerRow[];
    repaired: string | null;
    release: () => void;
  }) {
    this.path = options.path;
    this.repaired = options.repaired;
    this.#file = options.file;
    this.#key = options.key;
    this.#now = options.now;
    this.#rows = options.rows;
    this.#release = options.release;
  }

  get rows(): readonly LedgerRow[] {
    return this.#rows;
  }

  get head(): string {
    return this.#rows.at(-1)?.hash ?? genesisPrev;
  }

  deriveSecret(purpose: string): string {
    return this.#key.deriveSecret(purpose);
  }

  append(
    kind: Exclude<LedgerKind, "genesis">,
    body: LedgerBody,
    options: { key?: string } = {},
  ): Promise<LedgerRow> {
    return this.write(kind, body, options.key);
  }

  write(kind: LedgerKind, body: LedgerBody, key?: string): Promise<LedgerRow> {
    const written = this.#queue.then(() => this.#write(kind, body, key));
    // The next row waits for this one, whether it succeeded or not; the caller gets the failure.
    this.#queue = written.catch(() => undefined);
    return written;
  }

  async #write(kind: LedgerKind, body: LedgerBody, key: string | undefined): Promise<LedgerRow> {
    if (this.#closed) throw new Error(`The ledger ${this.path} is closed.`);
    const known =
      key === undefined ? undefined : this.#rows.find((row) => row.key === key && row.kind === kind);
    if (known !== undefined) return known;
    const unsigned = {
      seq: this.#rows.length,
      time: this.#now().toISOString(),
      kind,
      body: JSON.parse(canonicalJson(body)) as LedgerBody,
      ...(key === undefined ? {} : { key }),
      prev: this.head,
    };
    const hash = hashRow(unsigned);
    const row: LedgerRow = { ...unsigned, hash, signature: this.#key.sign(hash) };
    await this.#appendLine(`${JSON.stringify(row)}\n`);
    this.#rows.push(row);
    return row;
  }

  async #appendLine(line: string): Promise<void> {
    const { size } = await this.#file.stat();
    try {
      await this.#file.appendFile(line);
      await this.#file.sync();
    } catch (error) {
      await this.#file.truncate(size);
      throw toDiskFull(error, this.path);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    await this.#queue;
    this.#closed = true;
    await this.#file.close();
    this.#release();
  }
}

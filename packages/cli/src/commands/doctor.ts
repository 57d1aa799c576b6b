import { statfs } from "node:fs/promises";
import { chooseModel, endpoints, prepareHome } from "@ml-intern/intern";
import { findEnvironment, findPython, LabError, probeRegistries, probeSandbox } from "@ml-intern/lab";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly mend: string | null;
  /** True when nothing works without it. */
  readonly needed: boolean;
}

/** What this machine can do, tried rather than guessed. Exit code 5 when something is missing that work needs. */
export async function doctor({ json }: { json: boolean }, context: CommandContext): Promise<number> {
  const { home, env, out, style } = context;
  const disk = await diskChecks(home);
  // Without a home there is nowhere to try a sandbox.
  const hasHome = disk.every(({ name }) => name !== "home");
  const checks: Check[] = [
    nodeCheck(),
    ...disk,
    ...(hasHome ? await sandboxChecks(home) : []),
    ...(await pythonChecks(home)),
    ...(await registryChecks()),
    ...keyChecks(env),
  ];
  for (const check of checks) {
    if (json) {
      out(`${JSON.stringify(check)}\n`);
      continue;
    }
    const mark = check.ok ? style.verified("✓") : check.needed ? style.failure("✗") : style.dim("–");
    out(`${mark} ${check.name}: ${check.detail}\n`);
    if (!check.ok && check.mend !== null) out(style.dim(`    ${check.mend}\n`));
  }
  return checks.every(({ ok, needed }) => ok || !needed) ? EXIT.published : EXIT.environment;
}

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    name: "Node",
    ok,
    detail: process.versions.node,
    mend: "Install Node 20.19 or newer.",
    needed: true,
  };
}

async function diskChecks(home: string): Promise<Check[]> {
  try {
    await prepareHome(home);
    const { bavail, bsize } = await statfs(home);
    const gigabytes = (bavail * bsize) / 1e9;
    const detail = `${gigabytes.toFixed(1)} GB free in ${home}`;
    return [
      {
        name: "disk",
        ok: gigabytes >= 2,
        detail,
        mend: "Free some space, or set ML_INTERN_HOME to a larger disk.",
        needed: true,
      },
    ];
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [
      {
        name: "home",
        ok: false,
        detail,
        mend: "Set ML_INTERN_HOME to a folder that you can write.",
        needed: true,
      },
    ];
  }
}

async function sandboxChecks(home: string): Promise<Check[]> {
  const checks = await probeSandbox({ home });
  const walls = checks.filter(
    ({ name }) => name === "bubblewrap" || name === "unshare" || name === "landlock",
  );
  const walled = walls.some(({ ok }) => ok);
  return checks.map(({ name, ok, detail, mend }) => ({
    name: `sandbox: ${name.replace("_", " ")}`,
    ok,
    detail,
    mend,
    needed: !walled && walls.some((wall) => wall.name === name),
  }));
}

async function pythonChecks(home: string): Promise<Check[]> {
  const signal = new AbortController().signal;
  try {
    const { executable, version } = await findPython({ signal });
    const environment = await findEnvironment({ name: "base", home, signal });
    const installed =
      environment === null
        ? "not installed yet"
        : `${environment.id}, ${environment.packages.length} packages`;
    return [
      { name: "Python", ok: true, detail: `${version.join(".")} at ${executable}`, mend: null, needed: true },
      {
        name: "Python environment",
        ok: environment !== null,
        detail: installed,
        mend: "The first task installs it; `ml-intern setup` does it now.",
        needed: false,
      },
    ];
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return [{ name: "Python", ok: false, detail: error.message, mend: error.mend, needed: true }];
  }
}

async function registryChecks(): Promise<Check[]> {
  const checks = await probeRegistries({ signal: AbortSignal.timeout(30_000) });
  return checks.map(({ name, ok, detail, mend }) => ({
    name: `registry: ${name}`,
    ok,
    detail,
    mend,
    needed: false,
  }));
}

function keyChecks(env: CommandContext["env"]): Check[] {
  const anthropic = env.ANTHROPIC_API_KEY !== undefined;
  const keys = endpoints(env)
    .filter(({ name }) => name === "openai" || name === "hf")
    .map(({ title, configured, mend }) => ({
      name: title,
      ok: configured,
      detail: configured ? "configured" : "not configured",
      mend,
      needed: false,
    }));
  const choice = chooseModel(env);
  return [
    {
      name: "Anthropic",
      ok: anthropic,
      detail: anthropic ? "ANTHROPIC_API_KEY is set" : "not configured",
      mend: "Set ANTHROPIC_API_KEY.",
      needed: false,
    },
    ...keys,
    {
      name: "thinks by default",
      ok: true,
      detail: `${choice.model} (${choice.reason})`,
      mend: null,
      needed: false,
    },
  ];
}

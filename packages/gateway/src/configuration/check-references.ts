import { checkKeys } from "./check-keys.ts";
import type { Fault } from "./fault.ts";
import { isLoopback } from "./is-loopback.ts";
import type { Path } from "./locate.ts";
import { nearest } from "./nearest.ts";
import { entriesOf, listOf, settingsOf } from "./raw-settings.ts";

export interface ReferenceOptions {
  readonly defaultEngines: readonly string[];
  readonly isFromEnvironment: (path: Path) => boolean;
}

/**
 * What settings say of one another: names that have to exist, and combinations that nobody can want. It takes the file's raw
 * values and looks past those of the wrong type, so that it can run beside the schema.
 */
export function checkReferences(
  value: unknown,
  { defaultEngines, isFromEnvironment }: ReferenceOptions,
): readonly Fault[] {
  const settings = settingsOf(value);
  const engines = settings.engines === undefined ? defaultEngines : Object.keys(settingsOf(settings.engines));
  const aliases = Object.keys(settingsOf(settings.models));
  return [
    ...checkModels(settings.models, engines),
    ...checkWorkspaces(settings.workspaces, { aliases, engines }),
    ...checkKeys(settings.keys, {
      workspaces: Object.keys(settingsOf(settings.workspaces)),
      isFromEnvironment,
    }),
    ...checkReach(settings),
  ];
}

function checkModels(models: unknown, engines: readonly string[]): readonly Fault[] {
  return entriesOf(models).flatMap(([alias, targets]) => {
    const written: readonly (readonly [Path, unknown])[] =
      typeof targets === "string"
        ? [[["models", alias], targets]]
        : listOf(targets).map((target, index) => [["models", alias, index], target]);
    return written.flatMap(([path, target]) => {
      if (typeof target !== "string" || target === "") return [];
      if (target.endsWith("*") && !alias.endsWith("*")) {
        const message = "ends in `*`, and the alias does not";
        return [{ path, message, mend: "Write the whole name of one model." }];
      }
      return checkTarget(target, { path, engines, aliases: Object.keys(settingsOf(models)) });
    });
  });
}

function checkTarget(
  target: string,
  { path, engines, aliases }: { path: Path; engines: readonly string[]; aliases: readonly string[] },
): readonly Fault[] {
  const [engine = "", ...name] = target.split("/");
  if (engines.includes(engine) && name.join("") !== "") return [];
  const known = engines.map((each) => `\`${each}/<name>\``).join(", ");
  if (aliases.includes(target)) {
    const message = `cannot point to \`${target}\`, which is an alias itself`;
    return [{ path, message, mend: `Write what \`${target}\` stands for. Models are named ${known}.` }];
  }
  if (name.length === 0) {
    return [{ path, message: `names no engine: "${target}"`, mend: `Models are named ${known}.` }];
  }
  const meant = nearest(engine, engines);
  const hint = meant ? `Did you mean \`${meant}/${name.join("/")}\`? ` : "";
  return [
    {
      path,
      message: `names the engine \`${engine}\`, which there is not`,
      mend: `${hint}Models are named ${known}.`,
    },
  ];
}

function checkWorkspaces(
  workspaces: unknown,
  { aliases, engines }: { aliases: readonly string[]; engines: readonly string[] },
): readonly Fault[] {
  return entriesOf(workspaces).flatMap(([workspace, value]) =>
    Object.keys(settingsOf(settingsOf(value).modelLimits)).flatMap((model): readonly Fault[] => {
      const prefix = model.includes("/") ? model.slice(0, model.indexOf("/")) : "";
      if (aliases.includes(model) || engines.includes(prefix)) return [];
      const meant = nearest(model, aliases);
      return [
        {
          path: ["workspaces", workspace, "modelLimits", model],
          atKey: true,
          message: "is not a model that clients can name",
          mend: `${meant ? `Did you mean \`${meant}\`? ` : ""}Write an alias of \`models\`, or ENGINE/NAME.`,
        },
      ];
    }),
  );
}

/** Who can reach the server, and whether that is safe. */
function checkReach(settings: Readonly<Record<string, unknown>>): readonly Fault[] {
  if (listOf(settings.keys).length > 0) return checkOrigins(settings.cors);
  const faults: Fault[] = [];
  const { host } = settingsOf(settings.listen);
  if (typeof host === "string" && !isLoopback(host)) {
    faults.push({
      path: ["listen", "host"],
      message: `is open to other machines (${host}), and there are no \`keys\``,
      mend: "Add `keys` (`ml-intern keys create` makes one), or listen on 127.0.0.1.",
    });
  }
  if (settings.cors !== undefined) {
    faults.push({
      path: ["cors"],
      atKey: true,
      message: "lets web pages in, and there are no `keys`",
      mend: "Add `keys`: without them any page could spend this machine's time.",
    });
  }
  if (settingsOf(settings.metrics).requireKey === true) {
    faults.push({
      path: ["metrics", "requireKey"],
      message: "asks for a key, and there are no `keys`",
      mend: "Add `keys`, or take this setting out.",
    });
  }
  return faults;
}

function checkOrigins(cors: unknown): readonly Fault[] {
  return listOf(settingsOf(cors).origins).flatMap((origin, index): readonly Fault[] => {
    if (typeof origin !== "string" || origin === "*") return [];
    if (URL.canParse(origin) && new URL(origin).origin === origin) return [];
    return [
      {
        path: ["cors", "origins", index],
        message: `is not an origin: "${origin}"`,
        mend: "Write scheme, host and port alone, such as https://chat.example.org, or * for every page.",
      },
    ];
  });
}

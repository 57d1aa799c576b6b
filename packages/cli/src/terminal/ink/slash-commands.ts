import { UsageError } from "../../usage-error.ts";
import type { SessionControls, SlashCommand } from "./session-controls.ts";
import { budget, model } from "./slash/change.ts";
import { compact, fork, quit, resume, startNew, undo } from "./slash/sessions.ts";
import { cost, plan, tools } from "./slash/show.ts";

const KEYS = [
  ["enter", "say it; while the intern works, the next model call hears it"],
  ["tab", "while the intern works: say it when the turn is over"],
  ["alt-enter, ctrl-j, \\", "a new line"],
  ["esc, ctrl-c", "stop the turn; ctrl-c twice quits"],
  ["ctrl-o, ctrl-t", "open and close the newest output, the plan"],
  ["↑ ↓", "what you wrote before"],
] as const;

const help: SlashCommand = {
  name: "help",
  help: "this",
  async run(controls) {
    const { style, print } = controls;
    const commands = commandsFor("/").map(({ name, help }) => [`/${name}`, help] as const);
    const width = Math.max(...[...commands, ...KEYS].map(([name]) => name.length)) + 2;
    print([
      "",
      ...[...commands, ...KEYS].map(([name, text]) => `  ${style.tool(name.padEnd(width))}${text}`),
    ]);
  },
};

const COMMANDS: readonly SlashCommand[] = [
  help,
  ...[plan, cost, model, budget, tools],
  ...[undo, fork, compact, startNew, resume, quit],
];

/** Commands that the beginning of an input may mean. */
export function commandsFor(beginning: string): readonly SlashCommand[] {
  const wanted = beginning.slice(1).toLowerCase();
  return COMMANDS.filter(({ name }) => name.startsWith(wanted));
}

/** Runs an input that begins with a slash. Rejects for an unknown command, and with whatever the command rejects with. */
export async function runSlashCommand(controls: SessionControls, input: string): Promise<void> {
  const [, name = "", argument = ""] = /^\/(\S*)\s*(.*)$/s.exec(input) ?? [];
  const fitting = commandsFor(`/${name}`);
  const command =
    fitting.find((known) => known.name === name) ?? (fitting.length === 1 ? fitting[0] : undefined);
  if (command === undefined) throw new UsageError(`There is no command /${name}.`, "/help lists them.");
  if (command.atRest && controls.working)
    throw new UsageError(`/${command.name} needs a session that rests.`, "Stop the turn first, with Escape.");
  await command.run(controls, argument.trim());
}

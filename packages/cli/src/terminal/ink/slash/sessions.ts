import { listSessions } from "@ml-intern/intern";
import type { SlashCommand } from "../session-controls.ts";

/** Sessions that a picker offers. */
const OFFERED = 50;

export const startNew: SlashCommand = {
  name: "new",
  help: "another task in a session of its own; this one is kept",
  atRest: true,
  run: ({ begin }, argument) => begin(argument === "" ? null : argument),
};

export const resume: SlashCommand = {
  name: "resume",
  help: "go on with another session: /resume lists them, /resume ID takes one",
  atRest: true,
  async run({ home, session, pick, resume }, argument) {
    if (argument !== "") return resume(argument);
    const others = (await listSessions(home)).filter(({ id }) => id !== session.state.id).slice(0, OFFERED);
    const choices = others.map((listing) => ({
      value: listing.id,
      title:
        listing.state === null
          ? `${listing.id} damaged`
          : `${listing.id} ${listing.state.outcome.padEnd(10)} ${listing.state.options.task.split("\n")[0]}`,
    }));
    const id = await pick("Which session?", choices);
    if (id !== null) await resume(id);
  },
};

export const undo: SlashCommand = {
  name: "undo",
  help: "back to before the last model call; /undo 12.2: before that step",
  atRest: true,
  run: async ({ undo, print }, argument) => print([await undo(argument === "" ? null : argument)]),
};

export const fork: SlashCommand = {
  name: "fork",
  help: "go on in a copy, this session stays as it is; /fork 12: from before that step",
  atRest: true,
  run: ({ fork }, argument) => fork(argument === "" ? null : argument),
};

export const compact: SlashCommand = {
  name: "compact",
  help: "shorten the conversation before the model's next answer",
  run: ({ compact }) => compact(),
};

export const quit: SlashCommand = {
  name: "quit",
  help: "leave; everything is kept",
  run: async ({ quit }) => quit(),
};

import { Session } from "../session/session-store.ts";
import { startRunTool } from "../tools/start-run-tool.ts";
import { callTool, openWorkbench } from "./run-bench.ts";

/** Starts a run in the background and stays. A program, so that a test can kill it. */
const [home = "", id = "", callId = "", input = ""] = process.argv.slice(2);
const session = await Session.open(home, id);
const workbench = openWorkbench(home, session);
const answer = await callTool({ tool: startRunTool, input: JSON.parse(input), callId, session, workbench });
process.stdout.write(`${JSON.stringify(answer)}\n`);
setInterval(() => undefined, 1000);

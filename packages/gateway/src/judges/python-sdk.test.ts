import { describe } from "vitest";
import { describeJudge } from "./describe-judge.ts";
import { installedFromPip } from "./installed.ts";
import { pythonJudge, startPython } from "./python-judge.ts";

const PACKAGE = "anthropic==2.12.0";
const installed = await installedFromPip(PACKAGE);

if ("missing" in installed) {
  console.warn(`SKIPPED: the server was not tried with Python's ${PACKAGE}: ${installed.missing}`);
  describe.skip(`Python's ${PACKAGE}`);
} else {
  const process = startPython(installed);
  const python = () => process;
  describeJudge(
    "Python's client with its streaming helper",
    pythonJudge({ python, isAsync: false, streams: true }),
  );
  describeJudge("Python's client without streaming", pythonJudge({ python, isAsync: false, streams: false }));
  describeJudge("Python's client for asyncio", pythonJudge({ python, isAsync: true, streams: true }));
}

// Shares a session and dies on the way, for tests: node --import tsx share-process.ts HOME SESSION HUB_URL WHEN REQUEST
// WHEN is before, during or after; REQUEST is which of its requests, from 1.
import { setTimeout as sleep } from "node:timers/promises";
import { openSessionRedactor } from "../session-redactor.ts";
import { uploadTrace } from "../upload/upload-trace.ts";

const [home = "", session = "", url = "", when = "", request = ""] = process.argv.slice(2);
let count = 0;

const die = (): void => process.kill(process.pid, "SIGKILL") as unknown as undefined;
const dyingFetch: typeof fetch = async (input, init) => {
  const isLast = ++count === Number(request);
  if (isLast && when === "before") die();
  const answer = fetch(input, init);
  if (isLast && when === "during") {
    await sleep(3);
    die();
  }
  const response = await answer;
  if (isLast && when === "after") die();
  return response;
};

const hub = { kind: "local", url, token: "hf_local", fetch: dyingFetch, browseUrl: url } as const;
const redactor = await openSessionRedactor({ home, session, env: {} });
const signal = new AbortController().signal;
await uploadTrace({ home, session, hub, repo: null, redactor, allowPublic: false, signal });
console.log(count);

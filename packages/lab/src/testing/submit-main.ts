import { submitJob } from "../jobs/submit-job.ts";

/** Submits a request and stays. A program, so that a test can kill it and can have several at once. */
const [home = "", request = ""] = process.argv.slice(2);
const { state } = await submitJob({
  home,
  request: JSON.parse(request),
  signal: new AbortController().signal,
});
process.stdout.write(`${state}\n`);
setInterval(() => undefined, 1000);

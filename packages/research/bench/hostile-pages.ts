/**
 * Reads pages that mean harm or are broken, through the real client from a real server on this machine, and prints what became of
 * each: npm run bench:hostile-pages. Ends with an error when one of them came to something else than it should.
 */
import { WebClient, WebError } from "../src/index.ts";
import { serveWeb } from "../src/testing/web-service.ts";
import { readPage } from "../src/web/read-page.ts";
import { HOSTILE_PAGES } from "../src/web/testing/hostile-pages.ts";

await using service = await serveWeb((request, response) => {
  HOSTILE_PAGES[Number(request.url?.slice(1))]?.answer(response, request);
});
const web = new WebClient({ cache: null, hosts: { ownServers: [service.host] }, timeoutMs: 5_000 });
let wrong = 0;
console.log("| page | became | ms | peak RSS, MB |\n|---|---|---|---|");
for (const [index, { name, expected }] of HOSTILE_PAGES.entries()) {
  const begun = performance.now();
  const became = await readPage(web, {
    url: `${service.url}/${index}`,
    signal: AbortSignal.timeout(60_000),
  }).then(
    ({ text }) => ({ code: null, text }),
    (error: unknown) => ({ code: error instanceof WebError ? error.code : String(error), text: "" }),
  );
  const ms = Math.round(performance.now() - begun);
  const isRight =
    "code" in expected
      ? became.code === expected.code
      : became.code === null && expected.has.test(became.text) && !(expected.not?.test(became.text) ?? false);
  if (!isRight) wrong++;
  const told = became.code ?? `text, ${became.text.length} characters`;
  const rss = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`| ${name} | ${isRight ? told : `WRONG: ${told}`} | ${ms} | ${rss} |`);
}
console.log(`\n${HOSTILE_PAGES.length} pages, ${wrong} came to something else than they should.`);
process.exit(wrong === 0 ? 0 : 1);

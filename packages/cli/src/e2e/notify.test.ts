import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "../exit-code.ts";
import { runCli, testHome } from "./run-cli.ts";

test("`notify test` sends to every channel, and says where it did not arrive", async () => {
  await using home = await testHome();
  expect(await runCli(["notify", "test"], { home: home.path })).toMatchObject({
    code: EXIT.badInput,
    stderr: expect.stringContaining("there are no channels"),
  });

  const posted: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    posted.push(body);
    response.writeHead(request.url === "/good" ? 200 : 410).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = join(home.path, "team.yaml");
  await writeFile(
    file,
    `notifications:
  channels:
    - { type: webhook, url: "http://\${HOST}/good" }
    - { type: slack, url: "http://\${HOST}/gone" }
`,
  );
  const result = await runCli(["notify", "test"], {
    home: home.path,
    env: { ML_INTERN_CONFIG: file, HOST: host },
  });
  server.close();
  expect(result).toMatchObject({ code: EXIT.environment, stderr: "" });
  expect(result.stdout).toBe(
    `✓ webhook ${host}\n✗ Notices do not arrive on slack ${host}: it answered 410.\n    Make a new incoming webhook in Slack, and set its \`url\`.\n`,
  );
  expect(posted).toHaveLength(2);
});

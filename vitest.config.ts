import { defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/longest-first.ts";

export default defineConfig({
  // Tests read the packages' sources, so no build is needed before a test run.
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 300_000,
    pool: "forks",
    // The AI SDK and that of MCP depend on packages that have TypeScript under the condition `source`; Node does not read that.
    server: { deps: { inline: [/@ai-sdk\//, /@modelcontextprotocol\//, /eventsource/] } },
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});

#!/usr/bin/env node
// The command in a checkout: sets up what is missing, then hands over to the command-line package.
import { setUp } from "../scripts/setup.mjs";

setUp();
const { main } = await import("../packages/cli/dist/main.js");
await main(process.argv.slice(2));

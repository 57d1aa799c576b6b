import { checkBatch } from "./json-batch.ts";

// Checks the batch of each seed that its parent sends, until the parent leaves.
process.on("message", (seed: number) => process.send?.(checkBatch(seed)));
process.on("disconnect", () => process.exit());

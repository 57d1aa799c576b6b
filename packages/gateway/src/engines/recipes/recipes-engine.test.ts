import { describe, expect, it } from "vitest";
import { createRecipesEngine } from "./recipes-engine.ts";
import { callsOf, converse, reply, requestOf, TOOL_NAMES } from "./testing/converse.ts";
import { CONTRACT, record, SUGGESTION, scriptedLab } from "./testing/scripted-lab.ts";

const TASK = "Classify the species of iris.csv";
const SCORES = { linear: 0.8, svm: 0.85, forest: 0.9, boosting: 0.88, mlp: 0.86 };

function families(calls: readonly { readonly input: Readonly<Record<string, unknown>> }[]): string[] {
  return calls.map(({ input }) => {
    const args = input.args as string[];
    return args[args.indexOf("--family") + 1] ?? "";
  });
}

describe("the whole course", () => {
  it("goes from the task to a published model and quotes verified numbers with their ledger rows", async () => {
    const talk = await converse(TASK, scriptedLab({ scores: SCORES }));
    const names = callsOf(talk)
      .map(({ name }) => name)
      .filter((name) => name !== "plan");
    expect(names.slice(0, 2)).toEqual(["inspect_data", "propose_contract"]);
    expect(names.filter((name, index) => name !== names[index - 1])).toEqual([
      "inspect_data",
      "propose_contract",
      "write",
      "start_run",
      ...Array.from({ length: 4 }, () => ["submit_for_evaluation", "start_run"]).flat(),
      "submit_for_evaluation",
      "start_run",
      "submit_for_evaluation",
      "start_run",
      "submit_for_evaluation",
      "publish_model",
    ]);
    const last = talk.replies.at(-1);
    expect(last?.stopReason).toBe("end_turn");
    expect(last?.text).toContain("http://localhost/me/iris-species");
    expect(last?.text).toMatch(/verified accuracy 0\.9 \(95 % interval 0\.88 to 0\.92, ledger row \d+\)/);
    expect(last?.text).toContain("most frequent class");
  });

  it("looks up what is installed before it writes, and holds its calls against that before it runs", async () => {
    const tools = [...TOOL_NAMES, "docs", "installed_api"].map((name) => ({
      name,
      input_schema: { type: "object" },
    }));
    const said: Record<string, string> = {
      list: "- trl: 1.0, 60 pages",
      add: "scikit-learn: 56 pages added",
      search: "- x",
    };
    const lab = scriptedLab({
      scores: SCORES,
      override: ({ name, input }) =>
        name === "docs"
          ? (said[String(input.operation)] ?? null)
          : name === "installed_api"
            ? "no problem"
            : null,
    });
    const names = callsOf(await converse(TASK, lab, { tools })).map(({ name, input }) =>
      name === "docs" ? `docs ${input.operation}` : name,
    );
    const work = names.filter((name, index) => name !== "plan" && name !== names[index - 1]);
    expect(work.slice(1, 8)).toEqual([
      "propose_contract",
      "docs list",
      "docs add",
      "docs search",
      "write",
      "installed_api",
      "start_run",
    ]);
  });

  it("goes on without documentation when it cannot be had", async () => {
    const tools = [...TOOL_NAMES, "docs"].map((name) => ({ name, input_schema: { type: "object" } }));
    const failure = { error: { code: "docs/busy", message: "Busy.", mend: "Wait." } };
    const lab = scriptedLab({ scores: SCORES, override: ({ name }) => (name === "docs" ? failure : null) });
    const talk = await converse(TASK, lab, { tools });
    expect(callsOf(talk, "docs")).toHaveLength(1);
    expect(callsOf(talk, "publish_model")).toHaveLength(1);
  });

  it("says once, at the start, that it is no language model", async () => {
    const talk = await converse(TASK, scriptedLab({ scores: SCORES }));
    const said = talk.replies.filter(({ text }) => text.includes("no language model"));
    expect(said).toEqual([talk.replies[0]]);
  });

  it("proposes the report's suggestion and says why", async () => {
    const talk = await converse(TASK, scriptedLab({ scores: SCORES }));
    expect(callsOf(talk, "propose_contract")[0]?.input).toEqual(SUGGESTION);
    expect(talk.replies[1]?.text).toMatch(
      /Metric: accuracy, because .*Split: stratified, because .*"id" \(It names the row\)/,
    );
  });

  it("trains the baseline alone first and hands in every candidate on validation", async () => {
    const talk = await converse(TASK, scriptedLab({ scores: SCORES }));
    expect(families(callsOf(talk, "start_run"))).toEqual([
      "linear",
      "svm",
      "forest",
      "boosting",
      "mlp",
      "forest",
      "forest",
    ]);
    const first = callsOf(talk, "submit_for_evaluation")[0];
    expect(first?.input).toEqual({ runs: ["run_1"], set: "validation" });
  });

  it("measures the leader's noise with the same arguments and other seeds", async () => {
    const talk = await converse(TASK, scriptedLab({ scores: SCORES }));
    const [original, repeated] = callsOf(talk, "start_run").filter(
      (call) => families([call])[0] === "forest",
    );
    expect(repeated?.input.args).toEqual(original?.input.args);
    expect(repeated?.input.seeds).toEqual([1, 2]);
    const submitted = callsOf(talk, "submit_for_evaluation").map(({ input }) => input.runs);
    expect(submitted).toContainEqual(["run_3", "run_6", "run_7"]);
  });

  it("refits what was found on train and validation, and scores the sealed test once", async () => {
    const talk = await converse(TASK, scriptedLab({ scores: SCORES }));
    const refit = callsOf(talk, "start_run").at(-1)?.input;
    expect(refit).toMatchObject({ refit: true, seeds: [0] });
    expect(refit?.args).toEqual(["--family", "forest", "--refit", "--params", "runs/run_3/params.json"]);
    const tests = callsOf(talk, "submit_for_evaluation").filter(({ input }) => input.set === "test");
    expect(tests.map(({ input }) => input.runs)).toEqual([["run_8"]]);
    expect(callsOf(talk, "publish_model")[0]?.input.run).toBe("run_8");
  });

  it("closes the plan before the last word", async () => {
    const talk = await converse(TASK, scriptedLab({ scores: SCORES }));
    const plans = callsOf(talk, "plan").map(({ input }) => input.steps as { status: string }[]);
    expect(plans[0]?.map(({ status }) => status).slice(0, 2)).toEqual(["active", "pending"]);
    expect(plans.at(-1)?.every(({ status }) => status === "done")).toBe(true);
    expect(new Set(plans.map((steps) => JSON.stringify(steps))).size).toBe(plans.length);
  });
});

describe("tables of pixels", () => {
  it("are tried with the families for pictures and need no code for image files", async () => {
    const features = Array.from({ length: 64 }, (_, index) => ({ name: `pixel ${index}`, kind: "number" }));
    const classes = ["0", "1", "2"];
    const lab = scriptedLab({ scores: SCORES, contract: { input_kind: "image", features, classes } });
    const talk = await converse(TASK, lab);
    expect(families(callsOf(talk, "start_run")).slice(0, 5)).toEqual([
      "linear",
      "svm",
      "forest",
      "mlp",
      "knn",
    ]);
    expect(callsOf(talk, "write").map(({ input }) => input.path)).not.toContain("recipes/image_features.py");
  });
});

describe("selection", () => {
  it("takes the simplest candidate that the evaluator cannot tell from the leader", async () => {
    const lab = scriptedLab({ scores: { ...SCORES, svm: 0.895 }, indistinguishable: ["svm"] });
    const talk = await converse(TASK, lab);
    expect(families(callsOf(talk, "start_run")).at(-1)).toBe("svm");
    expect(talk.replies.some(({ text }) => text.includes("cannot tell the forest of trees from it"))).toBe(
      true,
    );
  });

  it("takes an indistinguishable leader when verified lead and cross-validation agree beyond noise and error", async () => {
    const claimed = (value: number, error: number) => ({ cv_accuracy: value, cv_standard_error: error });
    const chosen = async (error: number): Promise<string | undefined> => {
      const lab = scriptedLab({
        scores: { ...SCORES, svm: 0.895 },
        indistinguishable: ["svm"],
        claims: { svm: claimed(0.85, error), forest: claimed(0.9, error) },
      });
      return families(callsOf(await converse(TASK, lab), "start_run")).at(-1);
    };
    expect([await chosen(0.01), await chosen(0.03)]).toEqual(["forest", "svm"]);
  });

  it("takes a leader whose verified lead exceeds the noise and one standard error of the paired difference", async () => {
    const chosen = async (svm: number): Promise<string | undefined> => {
      const lab = scriptedLab({ scores: { ...SCORES, svm }, indistinguishable: ["svm"] });
      return families(callsOf(await converse(TASK, lab), "start_run")).at(-1);
    };
    expect([await chosen(SCORES.forest - 0.01), await chosen(SCORES.forest - 0.03)]).toEqual([
      "svm",
      "forest",
    ]);
  });

  it("follows the direction of the metric", async () => {
    const lab = scriptedLab({
      scores: { linear: 3, svm: 2, forest: 2.5, boosting: 2.4, mlp: 2.9 },
      lowerIsBetter: true,
      contract: { task_type: "regression", metric: "rmse", direction: "minimize", classes: null },
    });
    const talk = await converse(TASK, lab);
    expect(families(callsOf(talk, "start_run")).at(-1)).toBe("svm");
  });

  it("tries the other candidates also when the agreed target is reached early", async () => {
    const stop = { target_value: 0.75, rule: "" };
    const talk = await converse(TASK, scriptedLab({ scores: SCORES, contract: { stop } }));
    expect(new Set(families(callsOf(talk, "start_run"))).size).toBe(Object.keys(SCORES).length);
    expect(talk.replies.some(({ text }) => text.includes("The agreed target is reached."))).toBe(true);
  });
});

describe("what goes wrong", () => {
  it("drops a candidate whose run fails, and says why", async () => {
    const lab = scriptedLab({
      scores: SCORES,
      override: (call) =>
        call.name === "start_run" && families([call])[0] === "svm"
          ? JSON.stringify({
              runs: [
                record(
                  { id: "run_90", seed: 0 },
                  { exit_code: 1, has_model: false, log_tail: "ValueError: no" },
                ),
              ],
            })
          : null,
    });
    const talk = await converse(TASK, lab);
    expect(families(callsOf(talk, "start_run")).filter((family) => family === "svm")).toHaveLength(1);
    expect(talk.replies.at(-1)?.text).toContain(
      "support vector machine: dropped, run_90 failed with exit code 1: ValueError: no",
    );
    expect(callsOf(talk, "publish_model")).toHaveLength(1);
  });

  it("tries a run that ran out of memory once more on fewer rows", async () => {
    const lab = scriptedLab({
      scores: SCORES,
      override: (call) =>
        call.name === "start_run" &&
        families([call])[0] === "forest" &&
        !(call.input.args as string[]).includes("--max-rows")
          ? JSON.stringify({
              runs: [
                record({ id: "run_90", seed: 0 }, { ended: "memory", exit_code: null, has_model: false }),
              ],
            })
          : null,
    });
    const talk = await converse(TASK, lab);
    const forests = callsOf(talk, "start_run").filter((call) => families([call])[0] === "forest");
    expect(forests[1]?.input.args).toEqual(expect.arrayContaining(["--max-rows", "200"]));
  });

  it("starts an interrupted call again", async () => {
    const interrupted = { error: { code: "tool/interrupted", message: "stopped", mend: "repeat" } };
    const lab = scriptedLab({
      scores: SCORES,
      override: (call, nth) =>
        ["start_run", "inspect_data", "publish_model"].includes(call.name) && nth === 1 ? interrupted : null,
    });
    const talk = await converse(TASK, lab);
    expect(families(callsOf(talk, "start_run")).slice(0, 3)).toEqual(["linear", "linear", "svm"]);
    expect(talk.replies.at(-1)?.text).toContain("The model is published");
  });

  it.each([
    ["inspect_data", "data/missing_file"],
    ["propose_contract", "contract/rare_class"],
    ["write", "disk/full"],
    ["start_run", "sandbox/unavailable"],
    ["publish_model", "publish/no_token"],
  ])("ends honestly when %s answers %s", async (name, code) => {
    const failure = { error: { code, message: "It went wrong", mend: "Do this" } };
    const talk = await converse(
      TASK,
      scriptedLab({ scores: SCORES, override: (call) => (call.name === name ? failure : null) }),
    );
    const last = talk.replies.at(-1);
    expect(last?.stopReason).toBe("end_turn");
    expect(last?.text).toMatch(/I stop here.*Cause: It went wrong\. Mend: Do this\./s);
    expect(callsOf(talk, name).length).toBeGreaterThan(0);
  });

  it("publishes nothing when the sealed test is refused", async () => {
    const failure = {
      error: { code: "evaluation/budget_exhausted", message: "The test was used", mend: "Start anew" },
    };
    const lab = scriptedLab({
      scores: SCORES,
      override: (call) => (call.input.set === "test" ? failure : null),
    });
    const talk = await converse(TASK, lab);
    expect(callsOf(talk, "publish_model")).toEqual([]);
    expect(talk.replies.at(-1)?.text).toContain("The test was used");
  });

  it("goes on with what is scored when the validation queries are used up", async () => {
    const failure = { error: { code: "evaluation/budget_exhausted", message: "No queries left", mend: "" } };
    const lab = scriptedLab({
      scores: SCORES,
      override: (call, nth) =>
        call.name === "submit_for_evaluation" && nth > 2 && call.input.set === "validation" ? failure : null,
    });
    const talk = await converse(TASK, lab);
    expect(callsOf(talk, "publish_model")).toHaveLength(1);
  });

  it("starts nothing more when a run is refused for want of budget, and publishes what is verified", async () => {
    const failure = {
      error: { code: "budget/spent", message: "More than is left of 60 s.", mend: "Finish." },
    };
    const lab = scriptedLab({
      scores: SCORES,
      override: (call, nth) => (call.name === "start_run" && nth > 2 ? failure : null),
    });
    const talk = await converse(TASK, lab);
    expect(families(callsOf(talk, "start_run"))).toEqual(["linear", "svm", "forest"]);
    const tested = callsOf(talk, "submit_for_evaluation").filter(({ input }) => input.set === "test");
    expect(tested).toMatchObject([{ input: { runs: ["run_2"] } }]);
    expect(callsOf(talk, "publish_model")).toHaveLength(1);
    expect(talk.replies.map(({ text }) => text).join(" ")).toContain(
      "The budget for runs is spent, so run_2",
    );
  });

  it("ends with the reasons when no candidate works", async () => {
    const broken = JSON.stringify({
      runs: [record({ id: "run_1", seed: 0 }, { exit_code: 1, has_model: false, log_tail: "Boom" })],
    });
    const talk = await converse(
      TASK,
      scriptedLab({ scores: {}, override: (call) => (call.name === "start_run" ? broken : null) }),
    );
    expect(talk.replies.at(-1)?.text).toMatch(
      /nothing to publish\. linear model: run_1 failed with exit code 1: Boom/,
    );
  });

  it("proposes fewer terms when the full proposal is invalid", async () => {
    const failure = { error: { code: "contract/invalid", message: "No such split", mend: "" } };
    const lab = scriptedLab({
      scores: SCORES,
      override: (call, nth) => (call.name === "propose_contract" && nth === 1 ? failure : null),
    });
    const talk = await converse(TASK, lab);
    expect(callsOf(talk, "propose_contract")[1]?.input).toEqual({
      task_type: "classification",
      input_kind: "tabular",
      target: "species",
      exclude: SUGGESTION.exclude,
    });
  });

  it("reads the contract that is already in force", async () => {
    const failure = { error: { code: "contract/already_fixed", message: "fixed", mend: "" } };
    const numbered = JSON.stringify(CONTRACT, null, 2)
      .split("\n")
      .map((line, index) => `${String(index + 1).padStart(6)}  ${line}`)
      .join("\n");
    const lab = scriptedLab({
      scores: SCORES,
      override: (call) =>
        call.name === "propose_contract" ? failure : call.name === "read" ? numbered : null,
    });
    const talk = await converse(TASK, lab);
    expect(callsOf(talk, "read")[0]?.input).toEqual({ path: "data/task.json" });
    expect(callsOf(talk, "publish_model")).toHaveLength(1);
  });

  it("asks for the target when neither report nor words name one", async () => {
    const talk = await converse(
      "Make a model",
      scriptedLab({ scores: SCORES, report: { suggestion: null, target: null } }),
    );
    expect(talk.replies.at(-1)?.text).toContain("--target");
    expect(callsOf(talk, "inspect_data")).toHaveLength(1);
  });

  it("looks again with the column that the words name", async () => {
    const lab = scriptedLab({
      scores: SCORES,
      override: (call) =>
        call.name === "inspect_data" && call.input.target === undefined
          ? JSON.stringify({ rows: 9, columns: [{ name: "width", kind: "number" }], suggestion: null })
          : null,
    });
    const talk = await converse("Predict the width of petals", lab);
    expect(callsOf(talk, "inspect_data")[1]?.input).toEqual({ target: "width" });
  });

  it("tries again what failed when the person speaks again", async () => {
    const failure = { error: { code: "data/missing_file", message: "No file", mend: "" } };
    const failed = await converse(TASK, scriptedLab({ scores: SCORES, override: () => failure }));
    const talk = await converse(
      [...failed.messages, { role: "user", content: "The file is there now" }],
      scriptedLab({ scores: SCORES }),
    );
    expect(callsOf(talk, "publish_model")).toHaveLength(1);
  });

  it("says that the work is finished when it is asked again", async () => {
    const done = await converse(TASK, scriptedLab({ scores: SCORES }));
    const talk = await converse(
      [...done.messages, { role: "user", content: "Make it better" }],
      scriptedLab({ scores: SCORES }),
    );
    expect(talk.replies).toHaveLength(1);
    expect(talk.replies[0]?.text).toContain("The work on this task is finished");
  });

  it("reads results whose middle was left out", async () => {
    const features = Array.from({ length: 2_000 }, (_, index) => ({
      name: `column ${index}`,
      kind: "number",
    }));
    const cut = (text: string): string =>
      text.length <= 20_000
        ? text
        : `${text.slice(0, 5_000)}\n[… ${text.length - 20_000} characters left out; the whole output is in .output/x.txt …]\n${text.slice(-15_000)}`;
    const artefacts = Array.from({ length: 200 }, (_, index) => ({
      path: `file ${index}`,
      bytes: 1,
      sha256: "0".repeat(64),
    }));
    const lab = scriptedLab({
      scores: SCORES,
      report: { columns_omitted: 1_996 },
      contract: { features },
      override: (call) =>
        call.name === "start_run" && families([call])[0] === "svm"
          ? cut(
              JSON.stringify({
                runs: [record({ id: "run_2", seed: 0 }, { artefacts, exit_code: 1, has_model: false })],
              }),
            )
          : null,
    });
    const talk = await converse(TASK, (call) => {
      const answer = lab(call);
      return typeof answer === "string" ? cut(answer) : answer;
    });
    expect(callsOf(talk, "publish_model")).toHaveLength(1);
    expect(talk.replies.at(-1)?.text).toContain("support vector machine: dropped");
    // More columns than rows: boosting and a network would only take long.
    expect(new Set(families(callsOf(talk, "start_run")))).toEqual(new Set(["linear", "svm", "forest"]));
  });
});

describe("as an engine", () => {
  it("gives the same bytes for the same conversation", async () => {
    const { messages } = await converse(TASK, scriptedLab({ scores: SCORES }));
    const request = requestOf(messages.slice(0, 5));
    expect(JSON.stringify((await reply(request)).events)).toBe(JSON.stringify((await reply(request)).events));
  });

  it("gives every tool call of a conversation its own id", async () => {
    const ids = callsOf(await converse(TASK, scriptedLab({ scores: SCORES }))).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("streams a well-formed message in small pieces", async () => {
    const { events } = await reply(requestOf([{ role: "user", content: TASK }]));
    expect(events[0]?.type).toBe("message_start");
    expect(events.at(-1)?.type).toBe("message_stop");
    const sizes = events.flatMap((event) => {
      if (event.type !== "content_block_delta") return [];
      return "text" in event.delta
        ? [event.delta.text.length]
        : "partial_json" in event.delta
          ? [event.delta.partial_json.length]
          : [];
    });
    expect(Math.max(...sizes)).toBeLessThan(100);
    expect(sizes.length).toBeGreaterThan(10);
  });

  it("writes files in batches that fit the output limit", async () => {
    const talk = await converse(TASK, scriptedLab({ scores: SCORES }), { max_tokens: 8_000 });
    const batches = talk.replies
      .map(({ calls }) => calls.filter(({ name }) => name === "write").length)
      .filter((size) => size > 0);
    expect(batches.length).toBeGreaterThan(1);
    expect(talk.replies.every(({ stopReason }) => stopReason !== "max_tokens")).toBe(true);
    expect(callsOf(talk, "publish_model")).toHaveLength(1);
  });

  it("stops at max_tokens in the middle of a call", async () => {
    const { messages } = await converse(TASK, scriptedLab({ scores: SCORES }));
    const { events, stopReason } = await reply(requestOf(messages.slice(0, 3), { max_tokens: 150 }));
    expect(stopReason).toBe("max_tokens");
    const delta = events.find((event) => event.type === "message_delta");
    expect(delta?.type === "message_delta" && delta.usage.output_tokens).toBe(150);
  });

  it("ends before a stop sequence", async () => {
    const { text, stopReason, calls } = await reply(
      requestOf([{ role: "user", content: TASK }], { stop_sequences: ["First I"] }),
    );
    expect(stopReason).toBe("stop_sequence");
    expect(text).not.toContain("First I");
    expect(calls).toEqual([]);
  });

  it("makes one call at a time when it may not make several, and none when none is allowed", async () => {
    const single = await converse(TASK, scriptedLab({ scores: SCORES }), {
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    });
    expect(Math.max(...single.replies.map(({ calls }) => calls.length))).toBe(1);
    expect(callsOf(single, "publish_model")).toHaveLength(1);
    const none = await reply(requestOf([{ role: "user", content: TASK }], { tool_choice: { type: "none" } }));
    expect([none.calls, none.stopReason]).toEqual([[], "end_turn"]);
  });

  it("says what it is when it has no tools to work with", async () => {
    const { text, calls, stopReason } = await reply(
      requestOf([{ role: "user", content: "Hello" }], { tools: [] }),
    );
    expect(text).toContain("no language model");
    expect(text).toContain("I cannot talk freely");
    expect([calls, stopReason]).toEqual([[], "end_turn"]);
  });

  it("works without a plan and without publishing when those tools are missing", async () => {
    const tools = TOOL_NAMES.filter((name) => name !== "plan" && name !== "publish_model").map((name) => ({
      name,
      input_schema: { type: "object" },
    }));
    const talk = await converse(TASK, scriptedLab({ scores: SCORES }), { tools });
    expect(talk.replies.at(-1)?.text).toContain("publishing was not offered");
  });

  it("stops when the signal aborts", async () => {
    const controller = new AbortController();
    const stream = createRecipesEngine().generate(requestOf([{ role: "user", content: TASK }]), {
      signal: controller.signal,
      headers: new Headers(),
      workspace: "default",
    });
    const seen: string[] = [];
    await expect(async () => {
      for await (const event of stream) {
        seen.push(event.type);
        if (seen.length === 5) controller.abort();
      }
    }).rejects.toThrow();
    expect(seen).toHaveLength(5);
  });

  it("estimates tokens and costs nothing", async () => {
    const engine = createRecipesEngine();
    const options = { signal: new AbortController().signal, headers: new Headers(), workspace: "default" };
    const short = await engine.countTokens(requestOf([{ role: "user", content: "a" }]), options);
    const long = await engine.countTokens(requestOf([{ role: "user", content: "a".repeat(401) }]), options);
    expect(long - short).toBe(100);
    expect(await engine.listModels(options)).toMatchObject([{ id: "default", supportsImages: false }]);
  });
});

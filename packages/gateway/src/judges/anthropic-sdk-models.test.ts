import Anthropic from "@anthropic-ai/sdk";
import { scriptedEngine } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { createGateway } from "../create-gateway.ts";
import { serveGateway } from "../serve-gateway.ts";
import { anthropicSdk } from "./anthropic-sdk-judge.ts";

const NAMES = Array.from({ length: 45 }, (_, index) => `model-${index}`);

it("the client pages through the list of models and finds each of them by its id", async () => {
  verifies("models.list");
  const app = createGateway({ engines: { scripted: scriptedEngine([], { models: NAMES }) } });
  await using gateway = await serveGateway({ app });
  const { models } = anthropicSdk({ url: gateway.url, key: "any" });
  const ids: string[] = [];
  for await (const model of models.list({ limit: 10 })) ids.push(model.id);
  expect(ids).toEqual(NAMES.map((name) => `scripted/${name}`));
  expect(await models.retrieve("scripted/model-7")).toMatchObject({ type: "model", id: "scripted/model-7" });
  await expect(models.retrieve("scripted/nobody")).rejects.toThrow(Anthropic.NotFoundError);
});

it("the client pages backwards, too", async () => {
  const app = createGateway({ engines: { scripted: scriptedEngine([], { models: NAMES }) } });
  await using gateway = await serveGateway({ app });
  const { models } = anthropicSdk({ url: gateway.url, key: "any" });
  const page = await models.list({ limit: 10, before_id: "scripted/model-30" });
  expect(page.data.map(({ id }) => id)).toEqual(NAMES.slice(20, 30).map((name) => `scripted/${name}`));
  expect(page.has_more).toBe(true);
});

import { expect, it } from "vitest";
import { credentialsFor } from "../http/credentials.ts";
import { WebClient } from "../http/web-client.ts";
import { HUGGING_FACE, hubAccess, openHub } from "./hub.ts";

it("a token goes to its hub and, of huggingface.co, to its viewer; to nobody else", () => {
  const { credentials, ownServers } = hubAccess({ url: HUGGING_FACE, token: "hf_secret" });
  const sentTo = (url: string) => credentialsFor(new URL(url), credentials).authorization;
  expect(sentTo("https://huggingface.co/api/models")).toBe("Bearer hf_secret");
  expect(sentTo("https://datasets-server.huggingface.co/splits")).toBe("Bearer hf_secret");
  for (const url of [
    "http://huggingface.co/api/models",
    "https://huggingface.co:8443/api/models",
    "https://cdn-lfs.huggingface.co/x",
    "https://huggingface.co.example.org/",
  ])
    expect(sentTo(url)).toBeUndefined();
  expect(ownServers).toEqual([]);
  expect(hubAccess({ url: HUGGING_FACE, token: null }).credentials).toEqual({});
});

it("the embedded hub is the person's own server, and has no viewer", () => {
  const url = "http://127.0.0.1:4811/";
  const access = hubAccess({ url, token: "hf_local" });
  expect(access).toEqual({
    credentials: { "127.0.0.1:4811": { authorization: "Bearer hf_local" } },
    ownServers: ["127.0.0.1:4811"],
  });
  const web = new WebClient({ cache: null });
  expect(openHub(web, url)).toEqual({ web, url: "http://127.0.0.1:4811", viewerUrl: null });
});

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { JsonStream } from "../src/json/json-stream.ts";

/** Takes the pieces of one text, reads the partial value after each of them, and gives the whole value. */
export type Parse = (pieces: Iterable<string>) => unknown;

/** Kept where the optimiser cannot see that nobody wants it. */
export let lastSeen: unknown;

/** Exact versions of what we are compared with. */
export const PEERS: readonly string[] = [
  "@streamparser/json@0.0.26",
  "jsonriver@1.1.1",
  "partial-json@0.1.7",
  "ai@6.0.326",
  "@anthropic-ai/sdk@1.12.0",
];

/** How ours is read: the further a reader looks, the more it costs. */
export const READERS: Readonly<Record<string, Parse>> = {
  "the value": readAsItGrows(() => {}),
  "the value, and all events": (pieces) => {
    const stream = new JsonStream({ events: true });
    for (const piece of pieces) {
      for (const event of stream.push(piece)) lastSeen = event;
      lastSeen = stream.value;
    }
    return stream.value;
  },
  "the last character of each text event": (pieces) => {
    const stream = new JsonStream({ events: true });
    for (const piece of pieces) {
      for (const event of stream.push(piece)) if (event.type === "text") lastSeen = event.text.at(-1);
    }
    return stream.value;
  },
  "the length of the open string": readAsItGrows((value) => {
    lastSeen = (value as { body?: string } | undefined)?.body?.length;
  }),
  "the last character of the open string": readAsItGrows((value) => {
    lastSeen = (value as { body?: string } | undefined)?.body?.at(-1);
  }),
};

export const OURS = "JsonStream";
export const FLOOR = "JSON.parse once, at the end";

/** `folder` is where the peers are installed. Each is loaded only when it is asked for. */
export function parsers(folder: string): Readonly<Record<string, () => Promise<Parse>>> {
  const load = <Module>(path: string): Promise<Module> =>
    import(pathToFileURL(join(folder, "node_modules", path)).href) as Promise<Module>;
  return {
    [OURS]: async () => readAsItGrows(() => {}),
    "@streamparser/json 0.0.26": async () => {
      const { JSONParser } = await load<StreamParserModule>("@streamparser/json/dist/mjs/index.js");
      return streamparser(JSONParser);
    },
    "jsonriver 1.1.1": async () => {
      const { parse } = await load<JsonRiverModule>("jsonriver/dist/index.js");
      return async (pieces) => {
        for await (const value of parse(asynchronously(pieces))) lastSeen = value;
        return lastSeen;
      };
    },
    "partial-json 0.1.7": async () => {
      const { parse } = await load<{ parse: (text: string) => unknown }>("partial-json/dist/index.js");
      return again(parse);
    },
    "ai 6.0.326, parsePartialJson": async () => {
      const { parsePartialJson } = await load<AiModule>("ai/dist/index.mjs");
      return again(async (text) => (await parsePartialJson(text)).value);
    },
    "@anthropic-ai/sdk 1.12.0, partialParse": async () => {
      const path = "@anthropic-ai/sdk/_vendor/partial-json-parser/parser.mjs";
      const { partialParse } = await load<{ partialParse: (text: string) => unknown }>(path);
      return again(partialParse);
    },
    [FLOOR]: async () => (pieces) => {
      let text = "";
      for (const piece of pieces) text += piece;
      return JSON.parse(text) as unknown;
    },
  };
}

function readAsItGrows(look: (value: unknown) => void): Parse {
  return (pieces) => {
    const stream = new JsonStream();
    for (const piece of pieces) {
      stream.push(piece);
      lastSeen = stream.value;
      look(lastSeen);
    }
    stream.end();
    return stream.value;
  };
}

/** For parsers without state: they get the whole text so far after every piece. */
function again(parse: (text: string) => unknown): Parse {
  return async (pieces) => {
    let text = "";
    for (const piece of pieces) {
      text += piece;
      try {
        lastSeen = await parse(text);
      } catch {
        // Some refuse a text that shows no value yet.
      }
    }
    return lastSeen;
  };
}

function streamparser(JSONParser: StreamParserModule["JSONParser"]): Parse {
  return (pieces) => {
    const parser = new JSONParser({ emitPartialTokens: true, emitPartialValues: true });
    let root: unknown;
    parser.onValue = ({ value, key, parent, stack }) => {
      // A partial string is not put into the tree: that is left to the one who reads it.
      if (parent !== undefined && key !== undefined && value !== undefined) parent[key] = value;
      root = stack.length === 0 ? value : (stack[1]?.value ?? parent);
    };
    for (const piece of pieces) {
      parser.write(piece);
      lastSeen = root;
    }
    return root;
  };
}

async function* asynchronously(pieces: Iterable<string>): AsyncGenerator<string> {
  yield* pieces;
}

interface StreamParserModule {
  readonly JSONParser: new (options: {
    emitPartialTokens: boolean;
    emitPartialValues: boolean;
  }) => {
    onValue: (info: {
      readonly value: unknown;
      readonly key: string | number | undefined;
      readonly parent: Record<string | number, unknown> | undefined;
      readonly stack: readonly { readonly value: unknown }[];
    }) => void;
    write(text: string): void;
  };
}

interface JsonRiverModule {
  readonly parse: (pieces: AsyncIterable<string>) => AsyncIterable<unknown>;
}

interface AiModule {
  readonly parsePartialJson: (text: string) => Promise<{ readonly value: unknown }>;
}

import { expect, test } from "vitest";
import { ModelPool } from "./model-pool.ts";

const signal = new AbortController().signal;

interface Fake {
  readonly name: string;
  readonly bytes: number;
  close(): Promise<void>;
}

/** A pool of models that take 10 bytes each, and a note of what was done. */
function pool(memoryLimit = 20): { readonly pool: ModelPool<Fake>; readonly log: string[] } {
  const log: string[] = [];
  const load = async (name: string): Promise<Fake> => {
    log.push(`load ${name}`);
    if (name === "bad") throw new Error("damaged");
    return {
      name,
      bytes: 10,
      close: async () => {
        log.push(`close ${name}`);
      },
    };
  };
  return { pool: new ModelPool<Fake>({ memoryLimit, measure: async () => 10, load }), log };
}

test("a model is loaded once, however many ask for it at the same time, and stays", async () => {
  const it = pool();
  const [a, b] = await Promise.all([it.pool.acquire("a", { signal }), it.pool.acquire("a", { signal })]);
  a.release();
  b.release();
  await it.pool.acquire("a", { signal });
  expect(it.log).toEqual(["load a"]);
});

test("the model unused for longest makes room", async () => {
  const it = pool();
  for (const name of ["a", "b", "a", "c"]) (await it.pool.acquire(name, { signal })).release();
  expect(it.log).toEqual(["load a", "load b", "close b", "load c"]);
});

test("models in use stay, and another is refused for the time being", async () => {
  const it = pool();
  await it.pool.acquire("a", { signal });
  const b = await it.pool.acquire("b", { signal });
  await expect(it.pool.acquire("c", { signal })).rejects.toMatchObject({
    status: 529,
    headers: { "retry-after": "10" },
  });
  b.release();
  await it.pool.acquire("c", { signal });
  expect(it.log).toEqual(["load a", "load b", "close b", "load c"]);
});

test("what could not be loaded is tried again", async () => {
  const it = pool();
  await expect(it.pool.acquire("bad", { signal })).rejects.toThrow("damaged");
  await expect(it.pool.acquire("bad", { signal })).rejects.toThrow("damaged");
  expect(it.log).toEqual(["load bad", "load bad"]);
});

test("a broken model is closed when its last user is done, and loaded anew for the next", async () => {
  const it = pool();
  const lease = await it.pool.acquire("a", { signal });
  it.pool.discard("a");
  await it.pool.acquire("a", { signal });
  expect(it.log).toEqual(["load a", "load a"]);
  lease.release();
  await Promise.resolve();
  await Promise.resolve();
  expect(it.log).toEqual(["load a", "load a", "close a"]);
});

test("whoever stops waiting does not stop the load for others", async () => {
  const it = pool();
  const controller = new AbortController();
  const gone = it.pool.acquire("a", { signal: controller.signal });
  const stays = it.pool.acquire("a", { signal });
  controller.abort(new Error("left"));
  await expect(gone).rejects.toThrow("left");
  expect((await stays).model.name).toBe("a");
});

test("closing closes everything, and nothing can be had after that", async () => {
  const it = pool();
  await it.pool.acquire("a", { signal });
  await it.pool.close();
  expect(it.log).toEqual(["load a", "close a"]);
  await expect(it.pool.acquire("a", { signal })).rejects.toThrow("closed");
});

import { AsyncLocalStorage } from "node:async_hooks";
import type { Llama, LlamaModel } from "node-llama-cpp";

/** Keeps llama.cpp or a model from being disposed of until it is itself. */
interface PreventDisposalHandle {
  dispose(): void;
}

/** What node-llama-cpp 3.22.1 keeps to itself; the version is pinned. */
interface DisposeGuard {
  createPreventDisposalHandle(...options: readonly unknown[]): PreventDisposalHandle;
}

const made = new AsyncLocalStorage<PreventDisposalHandle[]>();
const watched = new WeakSet<DisposeGuard>();

/**
 * Makes something that belongs to `owner`, a model of llama.cpp or a context of a model. When that fails, nothing that
 * it left behind keeps the owner from being disposed of.
 *
 * Models and contexts take hold of their owner in their constructors. node-llama-cpp forgets to dispose of those whose
 * loading fails then, and the owner knows them by a weak reference only: once they are collected as garbage, disposing
 * of the owner would wait for them for ever.
 */
export async function letGoOnFailure<T>(owner: Llama | LlamaModel, make: () => Promise<T>): Promise<T> {
  watch(guardOf(owner));
  const handles: PreventDisposalHandle[] = [];
  try {
    return await made.run(handles, make);
  } catch (error) {
    for (const handle of handles) handle.dispose();
    throw error;
  }
}

/** Notes each handle for whoever had it made, since others go on with the same owner meanwhile. */
function watch(guard: DisposeGuard): void {
  if (watched.has(guard)) return;
  watched.add(guard);
  const create = guard.createPreventDisposalHandle.bind(guard);
  guard.createPreventDisposalHandle = (...options) => {
    const handle = create(...options);
    made.getStore()?.push(handle);
    return handle;
  };
}

function guardOf(owner: Llama | LlamaModel): DisposeGuard {
  const guards = owner as unknown as {
    readonly _backendDisposeGuard?: DisposeGuard;
    readonly _backendModelDisposeGuard?: DisposeGuard;
  };
  const guard = guards._backendModelDisposeGuard ?? guards._backendDisposeGuard;
  if (!guard) throw new Error("This version of node-llama-cpp keeps its handles elsewhere");
  return guard;
}

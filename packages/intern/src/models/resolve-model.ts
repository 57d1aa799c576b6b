import { InternError } from "../failures/intern-error.ts";
import { chooseModel, type ModelChoice } from "./choose-model.ts";
import { type ModelPlace, openEngines } from "./open-models.ts";

/** How long an endpoint may take to say which models it has. */
const PATIENCE_MS = 10_000;

/**
 * The model that will think, checked before a session is made: its engine exists and answers, and it knows the name.
 * Throws an {@link InternError} that says what is wrong and what would work.
 */
export async function resolveModel(options: {
  readonly wanted: string | null;
  readonly place: ModelPlace;
  readonly signal: AbortSignal;
}): Promise<ModelChoice> {
  const { wanted, place, signal } = options;
  const { env } = place;
  const choice = wanted === null ? chooseModel(env) : { model: wanted, reason: "you asked for it" };
  // A remote Messages server knows its own models; it is asked when the first request is sent.
  if (env.ML_INTERN_MESSAGES_URL !== undefined) return choice;
  await using opened = openEngines(place);
  const { engines } = opened;
  const [prefix = "", ...rest] = choice.model.split("/");
  const name = rest.join("/");
  const engine = engines[prefix];
  if (engine === undefined) {
    const why = prefix === "anthropic" ? "ANTHROPIC_API_KEY is not set" : `there is no engine "${prefix}"`;
    throw new InternError("model/unknown", `The model ${choice.model} cannot be used: ${why}.`, {
      mend: `A model is named ENGINE/NAME, with an engine of: ${Object.keys(engines).join(", ")}. \`ml-intern models\` lists what can think here.`,
    });
  }
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const models = await engine.listModels({ signal: patience }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw unreachable(choice.model, error, patience.aborted);
  });
  const known = models.find(({ id }) => id === name) ?? (name === "" ? models[0] : undefined);
  if (known !== undefined) return { ...choice, model: `${prefix}/${known.id}` };
  // Some servers list nothing, or less than they serve: then the name is taken at its word.
  if (models.length === 0 && name !== "") return choice;
  const names = models.slice(0, 8).map(({ id }) => `${prefix}/${id}`);
  throw new InternError("model/unknown", `${prefix} has no model "${name}".`, {
    mend:
      names.length === 0
        ? `Name one: ${prefix}/NAME.`
        : `It has: ${names.join(", ")}${models.length > 8 ? ", …" : ""}.`,
  });
}

function unreachable(model: string, error: unknown, late: boolean): InternError {
  const message = late
    ? `no answer within ${PATIENCE_MS / 1000} s`
    : error instanceof Error
      ? error.message
      : String(error);
  const mend =
    error instanceof Error && "mend" in error
      ? String(error.mend)
      : "Start the server or check its URL and key";
  return new InternError("model/unreachable", `${model} does not answer: ${message}`, {
    mend: `${mend} \`--model recipes/default\` works offline.`.replace("  ", " "),
    cause: error,
  });
}

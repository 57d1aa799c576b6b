import type { Documentation } from "@ml-intern/research";
import { loadInternConfiguration } from "../configuration/load-configuration.ts";
import type { Environment } from "../models/endpoints.ts";
import { createLibrary } from "./library.ts";

/** The documentation that the intern searches, for faces that show and change it. */
export async function openDocs(place: {
  readonly home: string;
  readonly env: Environment;
}): Promise<Documentation> {
  const { web: settings } = await loadInternConfiguration(place);
  const reading = await createLibrary({ ...place, settings }).open();
  return await reading.documentation();
}

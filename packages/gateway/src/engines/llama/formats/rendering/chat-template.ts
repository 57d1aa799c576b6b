import { Template } from "@huggingface/jinja";
import type { TemplateTool } from "./template-message.ts";

/** Messages in the very words of the template at hand. */
export type TemplateInput = readonly Readonly<Record<string, unknown>>[];

export interface RenderOptions {
  readonly messages: TemplateInput;
  readonly tools?: readonly TemplateTool[];
  readonly thinking?: boolean;
  /** Default true. */
  readonly generationPrompt?: boolean;
}

export interface ChatTemplateOptions {
  readonly source: string;
  readonly bosToken: string;
  readonly eosToken: string;
  readonly now: () => Date;
}

/** A model's own template. `render` throws what the template raises. */
export class ChatTemplate {
  readonly source: string;
  readonly #template: Template;
  readonly #constants: Readonly<Record<string, unknown>>;

  constructor({ source, bosToken, eosToken, now }: ChatTemplateOptions) {
    this.source = source;
    // The interpreter has a `strftime_now` of its own that reads the clock, and lets nobody replace it.
    this.#template = new Template(source.replaceAll("strftime_now", "formatted_now"));
    this.#constants = {
      bos_token: bosToken,
      eos_token: eosToken,
      formatted_now: (format: string) => formatDate(now(), format),
    };
  }

  render({ messages, tools, thinking = false, generationPrompt = true }: RenderOptions): string {
    return this.#template.render({
      ...this.#constants,
      messages,
      add_generation_prompt: generationPrompt,
      enable_thinking: thinking,
      thinking,
      ...(tools && tools.length > 0 ? { tools } : {}),
    });
  }

  /** The rendered text, or null when the template refuses. */
  tryRender(options: RenderOptions): string | null {
    try {
      return this.render(options);
    } catch {
      // What the template raises says in its own way that it does not know such messages.
      return null;
    }
  }
}

const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** What templates use of Python's `strftime`, in UTC. */
function formatDate(date: Date, format: string): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const month = MONTHS[date.getUTCMonth()] ?? "";
  const day = DAYS[date.getUTCDay()] ?? "";
  const parts: Readonly<Record<string, string>> = {
    Y: String(date.getUTCFullYear()),
    m: two(date.getUTCMonth() + 1),
    d: two(date.getUTCDate()),
    e: String(date.getUTCDate()).padStart(2),
    B: month,
    b: month.slice(0, 3),
    A: day,
    a: day.slice(0, 3),
    H: two(date.getUTCHours()),
    M: two(date.getUTCMinutes()),
    S: two(date.getUTCSeconds()),
    "%": "%",
  };
  return format.replace(/%-?([YmdeBbAaHMS%])/g, (whole, letter: string) => parts[letter] ?? whole);
}

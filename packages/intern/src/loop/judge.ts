import type { Message } from "@ml-intern/messages";
import { InternError } from "../failures/intern-error.ts";
import type { SessionState } from "../session/session-state.ts";
import type { TurnResult } from "./endings.ts";
import type { Goal, GoalPlace } from "./goal.ts";
import { EMPTY_REPLY, REPLY_CUT_OFF } from "./guidance.ts";

export interface JudgeOptions extends GoalPlace {
  readonly goal: Goal;
  /** Whether the person began the turn with words, and not for the first time. */
  readonly isAnother: boolean;
  /** Makes room in a conversation that has outgrown the model. */
  readonly makeRoom: () => Promise<void>;
}

/** How often in a row a model that stops too early is asked to go on; not again after the same words. */
const NUDGES = 2;
const EMPTY_REPLIES = 3;
/** Replies without a call, in a row, that only the output limit ended. */
const ENDLESS_REPLIES = 3;

/** Decides after each answer whether the turn goes on. */
export class Judge {
  readonly #options: JudgeOptions;
  #called = false;
  #nudges = 0;
  #lastWords = "";
  #emptyReplies = 0;
  #endlessReplies = 0;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** What an answer means for the turn; null when it goes on. Throws where the model refuses, or has nothing to say again and again. */
  async judge(message: Message): Promise<TurnResult | null> {
    const { session, goal, isAnother, makeRoom } = this.#options;
    const { content, stop_reason } = message;
    if (content.some(({ type }) => type === "tool_use")) {
      this.#called = true;
      this.#nudges = 0;
      this.#emptyReplies = 0;
      this.#endlessReplies = 0;
      return null;
    }
    if (stop_reason === "max_tokens" && ++this.#endlessReplies > ENDLESS_REPLIES)
      throw neverEnds(session.state);
    if (stop_reason === "model_context_window_exceeded") {
      await makeRoom();
      return await this.#goOn(REPLY_CUT_OFF);
    }
    if (stop_reason === "refusal") throw refused(message);
    if (content.every((block) => block.type !== "text" || block.text.trim() === "")) {
      if (++this.#emptyReplies > EMPTY_REPLIES) throw saysNothing(session.state);
      return await this.#goOn(EMPTY_REPLY);
    }
    // What the person said meanwhile has to be heard first.
    if (session.state.unheard.length > 0) return null;
    const judgement = await goal.judge({ message, isReply: isAnother && !this.#called }, this.#options);
    if (judgement.kind === "end") return judgement.result;
    if (judgement.kind === "go_on") return await this.#goOn(judgement.guidance);
    const words = JSON.stringify(content);
    if (this.#nudges >= NUDGES || words === this.#lastWords) return judgement.otherwise;
    this.#nudges++;
    this.#lastWords = words;
    return await this.#goOn(judgement.guidance);
  }

  async #goOn(guidance: string | null): Promise<null> {
    if (guidance !== null) await this.#options.session.append({ type: "guidance", text: guidance });
    return null;
  }
}

function refused({ model, content }: Message): InternError {
  const words = content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join(" ");
  return new InternError("model/failed", `${model} refused to go on. ${words}`.trim(), {
    mend: "Say the task differently, or continue with another model: `ml-intern resume --model …`.",
  });
}

function neverEnds({ options }: SessionState): InternError {
  return new InternError("model/failed", `${options.model} wrote without end, and called no tool.`, {
    mend: "Everything is kept: continue with `ml-intern resume`, or with another --model.",
  });
}

function saysNothing({ options }: SessionState): InternError {
  return new InternError("model/failed", `${options.model} gave only empty replies.`, {
    mend: "Everything is kept: continue with `ml-intern resume`, or with another --model.",
  });
}

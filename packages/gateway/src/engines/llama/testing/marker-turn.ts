import type { AnswerParser, AnswerPart, ChatTurn } from "../formats/chat-format.ts";

/** `{"n":` and a number: what a call of {@link markerTurn} looks like. */
export const CALL_GRAMMAR = 'root ::= "{\\"n\\":" [0-9]+ "}"';

/**
 * The simplest turn with everything in it: thinking up to `</t>` when asked for, then text, in which `<go>` begins a
 * call under {@link CALL_GRAMMAR}.
 */
export function markerTurn({ thinks = false }: { readonly thinks?: boolean } = {}): ChatTurn {
  return {
    prompt: ["Say something.\n"],
    grammar: null,
    thinkingEnd: thinks ? "</t>" : null,
    createParser: () => markerParser(thinks),
  };
}

function markerParser(thinks: boolean): AnswerParser {
  let place: AnswerParser["place"] = thinks ? "thinking" : "text";
  let held = "";

  /** What comes before the marker, or as much as cannot be its beginning. */
  function until(marker: string): { readonly text: string; readonly found: boolean } {
    const at = held.indexOf(marker);
    if (at >= 0) {
      const text = held.slice(0, at);
      held = held.slice(at + marker.length);
      return { text, found: true };
    }
    let keep = Math.min(marker.length - 1, held.length);
    while (!marker.startsWith(held.slice(held.length - keep))) keep--;
    const text = held.slice(0, held.length - keep);
    held = held.slice(held.length - keep);
    return { text, found: false };
  }

  function push(piece: string): readonly AnswerPart[] {
    held += piece;
    const parts: AnswerPart[] = [];
    for (;;) {
      const marker = { thinking: "</t>", text: "<go>", call: "}" }[place];
      const { text, found } = until(marker);
      if (text !== "" && place !== "call") parts.push({ type: place, text });
      if (place === "call") {
        if (text !== "") parts.push({ type: "tool_call_arguments", text });
        if (!found) return parts;
        parts.push(
          { type: "tool_call_arguments", text: "}" },
          { type: "tool_call_end" },
          { type: "grammar_end" },
        );
        place = "text";
      } else {
        if (!found) return parts;
        const isCall = place === "text";
        place = isCall ? "call" : "text";
        if (isCall) {
          const rest = held;
          held = "";
          parts.push({ type: "tool_call_start", name: "count" });
          parts.push({ type: "grammar_start", grammar: CALL_GRAMMAR, rest });
          return parts;
        }
      }
    }
  }

  return {
    get place() {
      return place;
    },
    push,
    end() {
      const text = held;
      held = "";
      return text === "" ? [] : [{ type: place === "thinking" ? "thinking" : "text", text }];
    },
  };
}

/** A conversation as chat templates take it: Chat Completions' messages, with arguments as objects. */
export interface TemplateMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  readonly thinking?: string;
  readonly calls?: readonly TemplateCall[];
  /** The call that a tool's message answers. */
  readonly callId?: string;
  /** The tool whose result this is. */
  readonly name?: string;
}

export interface TemplateCall {
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface TemplateTool {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description: string;
    readonly parameters: Readonly<Record<string, unknown>>;
  };
}

/** A place that speaks Chat Completions, as data. `name` is the prefix of its models: `ollama/llama3.3`. */
export interface Endpoint {
  readonly name: string;
  readonly title: string;
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  /** True when the person named it (a variable is set); a well-known local port alone is not a wish. */
  readonly configured: boolean;
  /** What to set to make it usable. */
  readonly mend: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const LOCAL_SERVERS = [
  { name: "ollama", title: "Ollama", variable: "OLLAMA_BASE_URL", port: 11434 },
  { name: "vllm", title: "vLLM", variable: "VLLM_BASE_URL", port: 8000 },
  { name: "sglang", title: "SGLang", variable: "SGLANG_BASE_URL", port: 30000 },
  { name: "llamacpp", title: "llama-server", variable: "LLAMACPP_BASE_URL", port: 8080 },
  { name: "lmstudio", title: "LM Studio", variable: "LMSTUDIO_BASE_URL", port: 1234 },
] as const;

export function endpoints(env: Environment): Endpoint[] {
  const local = LOCAL_SERVERS.map(({ name, title, variable, port }): Endpoint => {
    const url = env[variable];
    return {
      name,
      title,
      baseUrl: withVersion(url ?? `http://127.0.0.1:${port}`),
      apiKey: env[variable.replace("_BASE_URL", "_API_KEY")],
      configured: url !== undefined,
      mend: `Start ${title}, or set ${variable} to where it listens.`,
    };
  });
  return [
    {
      name: "openai",
      title: "OpenAI-compatible endpoint",
      baseUrl: env.OPENAI_BASE_URL ?? "https://api.openai.com/v1",
      apiKey: env.OPENAI_API_KEY,
      configured: env.OPENAI_BASE_URL !== undefined || env.OPENAI_API_KEY !== undefined,
      mend: "Set OPENAI_BASE_URL (any OpenAI-compatible server) and, where it asks for one, OPENAI_API_KEY.",
    },
    {
      name: "hf",
      title: "Hugging Face router",
      baseUrl: env.HF_ROUTER_BASE_URL ?? "https://router.huggingface.co/v1",
      apiKey: env.HF_TOKEN,
      configured: env.HF_TOKEN !== undefined,
      mend: "Set HF_TOKEN to a Hugging Face token that may call inference.",
    },
    ...local,
  ];
}

/** Loopback endpoints cost nothing per token and never leave the machine. */
export function isLocal(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl);
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}

function withVersion(url: string): string {
  const trimmed = url.replace(/\/+$/, "");
  return trimmed.endsWith("/v1") ? trimmed : `${trimmed}/v1`;
}

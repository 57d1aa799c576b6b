/** The card of the dataset, written when the repository is made and then left to the person. */
export const TRACE_CARD: string = `---
pretty_name: ml-intern sessions
tags:
- agent-traces
- ml-intern
configs:
- config_name: default
  data_files: sessions/**/*.jsonl
---

# ml-intern sessions

Traces of sessions, in the format of Claude Code: one JSON object a line, chained by \`parentUuid\`. Each upload of a session adds a
file \`sessions/<date>/<session>/<first event>-<last event>.jsonl\`; joined in the order of their names they are the whole trace.

Keys, tokens, passwords, private keys and home directories were replaced by labels such as \`[redacted hf_token 3f2a]\` before they
left the machine; the same label stands for the same secret. No detector is perfect: look through a trace before you make this
repository public.
`;

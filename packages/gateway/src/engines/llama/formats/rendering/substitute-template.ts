import type { ChatMetadata } from "../chat-format.ts";

const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const GEMMA =
  "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}" +
  "{% for message in messages %}{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else 'user') + '\\n' + message['content'] + '<end_of_turn>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}";

const LLAMA3 =
  "{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] + '<|eot_id|>' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}";

const PLAIN =
  "{{ bos_token }}{% for message in messages %}{{ message['role'] + ':\\n' + message['content'] + '\\n\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ 'assistant:\\n' }}{% endif %}";

/** A template for a file that has none, by the turn marks that its vocabulary knows. */
export function substituteTemplate({ specialTokens }: Pick<ChatMetadata, "specialTokens">): string {
  if (!specialTokens || specialTokens.includes("<|im_start|>")) return CHATML;
  if (specialTokens.includes("<start_of_turn>")) return GEMMA;
  return specialTokens.includes("<|start_header_id|>") ? LLAMA3 : PLAIN;
}

/** Small chat templates with the structure and the marks of real ones. */

const CHATML_MESSAGES = `{%- for message in messages %}
{%- if message.role == "assistant" %}
{{- '<|im_start|>assistant\\n' + message.content }}
{%- for call in message.tool_calls or [] %}
{%- if loop.first and message.content or not loop.first %}{{- '\\n' }}{% endif %}
{{- '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}\\n</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- elif message.role == "tool" %}
{%- if loop.first or messages[loop.index0 - 1].role != "tool" %}{{- '<|im_start|>user' }}{% endif %}
{{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}
{%- if loop.last or messages[loop.index0 + 1].role != "tool" %}{{- '<|im_end|>\\n' }}{% endif %}
{%- elif not (loop.first and message.role == "system") %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endif %}
{%- endfor %}`;

const CHATML_SYSTEM = `{%- if messages[0].role == "system" or tools %}
{{- '<|im_start|>system\\n' }}
{%- if messages[0].role == "system" %}{{- messages[0].content }}{% endif %}
{%- if tools %}
{{- '\\n\\n<tools>' }}{% for tool in tools %}{{- '\\n' + (tool | tojson) }}{% endfor %}{{- '\\n</tools>' }}
{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endif %}`;

/** As Qwen 2.5's. */
export const HERMES_TEMPLATE: string = `${CHATML_SYSTEM}${CHATML_MESSAGES}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{% endif %}`;

/** As Qwen 3's: thinking is switched off by an empty one in the prompt. */
export const SWITCHED_THINKING_TEMPLATE: string = `${HERMES_TEMPLATE}
{%- if add_generation_prompt and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{% endif %}`;

/** As QwQ's: the prompt ends within thinking, whatever is asked. */
export const OPENED_THINKING_TEMPLATE: string = `${HERMES_TEMPLATE}
{%- if add_generation_prompt %}{{- '<think>\\n' }}{% endif %}`;

/** As Qwen3-Coder's. */
export const XML_TEMPLATE: string = HERMES_TEMPLATE.replace(
  `'<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}\\n</tool_call>'`,
  `'<tool_call>\\n<function=' + call.function.name + '>\\n' }}{% for key, value in call.function.arguments | items %}{{- '<parameter=' + key + '>\\n' + (value if value is string else value | tojson) + '\\n</parameter>\\n' }}{% endfor %}{{- '</function>\\n</tool_call>'`,
);

/** As Llama 3.2's: one call in a turn, tools in what the user says first, a date. */
export const LLAMA3_TEMPLATE: string = `{{- bos_token }}
{%- if messages[0].role == "system" %}{% set system = messages[0].content %}{% set messages = messages[1:] %}{% else %}{% set system = "" %}{% endif %}
{{- '<|start_header_id|>system<|end_header_id|>\\n\\nToday Date: ' + strftime_now("%d %b %Y") + '\\n\\n' + system + '<|eot_id|>' }}
{%- for message in messages %}
{%- if 'tool_calls' in message %}
{%- if message.tool_calls | length != 1 %}{{- raise_exception("one call only") }}{% endif %}
{%- set call = message.tool_calls[0].function %}
{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n{"name": "' + call.name + '", "parameters": ' + (call.arguments | tojson) + '}<|eot_id|>' }}
{%- elif message.role == "tool" %}
{{- '<|start_header_id|>ipython<|end_header_id|>\\n\\n' + (message.content | tojson) + '<|eot_id|>' }}
{%- else %}
{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' }}
{%- if loop.first and tools %}{% for tool in tools %}{{- (tool | tojson(indent=4)) + '\\n\\n' }}{% endfor %}{% endif %}
{{- message.content + '<|eot_id|>' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}`;

const MISTRAL_START = `{{- bos_token }}
{%- if messages[0].role == "system" %}{% set system = messages[0].content %}{% set messages = messages[1:] %}{% endif %}
{%- set ns = namespace(index=0) %}
{%- for message in messages %}
{%- if message.role != "tool" and not message.tool_calls %}
{%- if (message.role == "user") != (ns.index % 2 == 0) %}{{- raise_exception("roles must alternate") }}{% endif %}
{%- set ns.index = ns.index + 1 %}
{%- endif %}
{%- endfor %}
{%- for message in messages %}
{%- if message.role == "user" %}
{%- if loop.first and tools %}{{- '[AVAILABLE_TOOLS]' + (tools | tojson) + '[/AVAILABLE_TOOLS]' }}{% endif %}
{{- '[INST]' }}{% if loop.last and system is defined %}{{- system + '\\n\\n' }}{% endif %}{{- message.content + '[/INST]' }}
{%- elif message.role == "tool" %}
{%- if message.tool_call_id | length != 9 %}{{- raise_exception("ids have nine characters") }}{% endif %}
{{- '[TOOL_RESULTS]' + message.content + '[/TOOL_RESULTS]' }}
{%- elif message.tool_calls %}`;
const MISTRAL_END = `
{%- else %}
{{- message.content + eos_token }}
{%- endif %}
{%- endfor %}`;

/** As Mistral Nemo's: turns must alternate, ids have nine characters, text beside calls is left out. */
export const MISTRAL_LIST_TEMPLATE: string = `${MISTRAL_START}
{{- '[TOOL_CALLS][' }}{% for call in message.tool_calls %}{{- call.function | tojson }}{% if not loop.last %}{{- ', ' }}{% endif %}{% endfor %}{{- ']' + eos_token }}${MISTRAL_END}`;

/** As Devstral's. */
export const MISTRAL_TEMPLATE: string = `${MISTRAL_START}
{%- for call in message.tool_calls %}{{- '[TOOL_CALLS]' + call.function.name + '[ARGS]' + (call.function.arguments | tojson) }}{% endfor %}{{- eos_token }}${MISTRAL_END}`;

/** As Gemma 2's: no system prompt, no tools, turns must alternate. */
export const GEMMA_TEMPLATE: string = `{{- bos_token }}
{%- if messages[0].role == "system" %}{{- raise_exception("no system role") }}{% endif %}
{%- for message in messages %}
{%- if (message.role == "user") != (loop.index0 % 2 == 0) %}{{- raise_exception("roles must alternate") }}{% endif %}
{{- '<start_of_turn>' + ("model" if message.role == "assistant" else message.role) + '\\n' + message.content | trim + '<end_of_turn>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<start_of_turn>model\\n' }}{% endif %}`;

/** As Gemma 4's. */
export const GEMMA4_TEMPLATE: string = `{{- bos_token }}
{%- if messages[0].role == "system" or tools %}{{- '<|turn>system\\n' }}{% if messages[0].role == "system" %}{{- messages[0].content }}{% endif %}
{%- for tool in tools or [] %}{{- '<|tool>declaration:' + tool.function.name + '<tool|>' }}{% endfor %}{{- '<turn|>\\n' }}{% endif %}
{%- for message in messages %}
{%- if message.role == "tool" %}{{- '<|tool_response>response:' + message.name + '{value:<|"|>' + message.content + '<|"|>}<tool_response|>' }}
{%- elif message.role != "system" %}
{{- '<|turn>' + ("model" if message.role == "assistant" else message.role) + '\\n' + message.content }}
{%- for call in message.tool_calls or [] %}{{- '<|tool_call>call:' + call.function.name + '{' }}{% for key, value in call.function.arguments | items %}{{- key + ':' + ('<|"|>' + value + '<|"|>' if value is string else value | tojson) }}{% if not loop.last %}{{- ',' }}{% endif %}{% endfor %}{{- '}<tool_call|>' }}{% endfor %}
{{- '<turn|>\\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|turn>model\\n' }}{% if not enable_thinking %}{{- '<|channel>thought\\n<channel|>' }}{% endif %}{% endif %}`;

/** As LFM2's: earlier calls are left out, results are a role of their own. */
export const LFM2_TEMPLATE: string = `{{- bos_token }}
{%- set ns = namespace(system="") %}
{%- if messages[0].role == "system" %}{% set ns.system = messages[0].content %}{% set messages = messages[1:] %}{% endif %}
{%- if tools %}{% set ns.system = ns.system + "\\nList of tools: <|tool_list_start|>" + (tools | tojson) + "<|tool_list_end|>" %}{% endif %}
{%- if ns.system %}{{- '<|im_start|>system\\n' + ns.system + '<|im_end|>\\n' }}{% endif %}
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.role == "tool" %}{{- '<|tool_response_start|>' + message.content + '<|tool_response_end|>' }}{% else %}{{- message.content }}{% endif %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{% endif %}`;

/** As DeepSeek R1's, with the tools told of; a message without text must be null. */
export const DEEPSEEK_TEMPLATE: string = `{{- bos_token }}
{%- for tool in tools or [] %}{{- (tool | tojson) + '\\n' }}{% endfor %}
{%- for message in messages %}
{%- if message.role == "system" %}{{- message.content }}
{%- elif message.role == "user" %}{{- '<｜User｜>' + message.content }}
{%- elif message.role == "tool" %}{{- '<｜tool▁outputs▁begin｜><｜tool▁output▁begin｜>' + message.content + '<｜tool▁output▁end｜><｜tool▁outputs▁end｜>' }}
{%- else %}
{%- if message.content is not none %}{{- '<｜Assistant｜>' + message.content + '<｜end▁of▁sentence｜>' }}{% endif %}
{%- if message.tool_calls %}{{- '<｜Assistant｜><｜tool▁calls▁begin｜>' }}{% for call in message.tool_calls %}{{- '<｜tool▁call▁begin｜>function<｜tool▁sep｜>' + call.function.name + '\\n\`\`\`json\\n' + (call.function.arguments | tojson) + '\\n\`\`\`<｜tool▁call▁end｜>' }}{% endfor %}{{- '<｜tool▁calls▁end｜><｜end▁of▁sentence｜>' }}{% endif %}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<｜Assistant｜><think>\\n' }}{% endif %}`;

/** As DeepSeek V3.1's. */
export const DEEPSEEK_V3_TEMPLATE: string = DEEPSEEK_TEMPLATE.replace(
  "function<｜tool▁sep｜>' + call",
  "' + call",
)
  .replace("+ '\\n```json\\n' +", "+ '<｜tool▁sep｜>' +")
  .replace("'\\n```<｜tool▁call▁end｜>'", "'<｜tool▁call▁end｜>'");

/** As Granite 3's: earlier calls are left out. */
export const GRANITE_TEMPLATE: string = `{%- if tools %}{{- '<|start_of_role|>available_tools<|end_of_role|>' + (tools | tojson) + '<|end_of_text|>\\n' }}{% endif %}
{%- for message in messages %}{{- '<|start_of_role|>' + message.role + '<|end_of_role|>' + message.content + '<|end_of_text|>\\n' }}{% endfor %}
{%- if add_generation_prompt %}{{- '<|start_of_role|>assistant<|end_of_role|>' }}{% endif %}`;

/** As Phi-4-mini's, with the tools where other templates take them. */
export const PHI_TEMPLATE: string = `{%- if tools %}{{- '<|system|><|tool|>' + (tools | tojson) + '<|/tool|><|end|>' }}{% endif %}
{%- for message in messages %}{{- '<|' + message.role + '|>' + message.content + '<|end|>' }}{% endfor %}
{%- if add_generation_prompt %}{{- '<|assistant|>' }}{% endif %}`;

/** As gpt-oss': channels, one call in a message, thinking or text beside it. */
export const HARMONY_TEMPLATE: string = `{{- '<|start|>system<|message|>Current date: ' + strftime_now("%Y-%m-%d") + '<|end|>' }}
{%- if messages[0].role == "system" %}{% set instructions = messages[0].content %}{% set messages = messages[1:] %}{% else %}{% set instructions = "" %}{% endif %}
{%- if instructions or tools %}{{- '<|start|>developer<|message|>' + instructions }}{% for tool in tools or [] %}{{- '\\ntype ' + tool.function.name + ' = ' + (tool.function.parameters | tojson) }}{% endfor %}{{- '<|end|>' }}{% endif %}
{%- set last = namespace(name="") %}
{%- for message in messages %}
{%- if message.role == "user" %}{{- '<|start|>user<|message|>' + message.content + '<|end|>' }}
{%- elif message.role == "tool" %}{{- '<|start|>functions.' + last.name + ' to=assistant<|channel|>commentary<|message|>' + (message.content | tojson) + '<|end|>' }}
{%- elif message.tool_calls %}
{%- if message.content and message.thinking %}{{- raise_exception("either content or thinking") }}{% endif %}
{%- if message.content or message.thinking %}{{- '<|start|>assistant<|channel|>analysis<|message|>' + (message.content or message.thinking) + '<|end|>' }}{% endif %}
{%- set call = message.tool_calls[0].function %}{% set last.name = call.name %}
{{- '<|start|>assistant to=functions.' + call.name + '<|channel|>commentary json<|message|>' + (call.arguments | tojson) + '<|call|>' }}
{%- else %}{{- '<|start|>assistant<|channel|>final<|message|>' + message.content + '<|end|>' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start|>assistant' }}{% endif %}`;

import type { ChatFormat, ChatMetadata, ChooseFormatOptions } from "./chat-format.ts";
import { familyOf, untaught } from "./families.ts";
import { type OpenTurnOptions, openTurn } from "./open-turn.ts";
import { ChatTemplate } from "./rendering/chat-template.ts";
import { probeTemplate } from "./rendering/probe-template.ts";
import { SpecialText } from "./rendering/special-text.ts";
import { substituteTemplate } from "./rendering/substitute-template.ts";

/**
 * The format of a model's conversations, from what its file says. The family is told by the marks in the template, what
 * the template can do by rendering small conversations with it. Throws when the template is no Jinja template.
 */
export function chooseFormat(
  metadata: ChatMetadata,
  { now = () => new Date() }: ChooseFormatOptions = {},
): ChatFormat {
  const main = prepare(metadata.template ?? substituteTemplate(metadata), metadata, now);
  const source = metadata.namedTemplates?.tool_use;
  const forTools = source === undefined ? main : prepare(source, metadata, now);
  return {
    family: forTools.family.name,
    supportsTools: forTools.family.nativeTools,
    supportsThinking: thinks(main) || thinks(forTools),
    openTurn: (request) => openTurn(request, (request.tools ?? []).length > 0 ? forTools : main),
  };
}

function prepare(source: string, metadata: ChatMetadata, now: () => Date): OpenTurnOptions {
  const { architecture, bosToken, eosToken, specialTokens = [] } = metadata;
  const template = new ChatTemplate({ source, bosToken, eosToken, now });
  const found = probeTemplate(template);
  const native = familyOf({ architecture, template: source });
  const family = found.tools ? native : untaught(native);
  return {
    family,
    template,
    // A model that is told of tools in our words must also see its earlier calls as we ask for them.
    abilities: family.nativeTools ? found : { ...found, callArguments: null, toolRole: false },
    special: new SpecialText({ specialTokens, template: source }),
  };
}

function thinks({ family, template }: OpenTurnOptions): boolean {
  return family.thinking.some(
    ({ open, close }) => template.source.includes(open) || template.source.includes(close),
  );
}

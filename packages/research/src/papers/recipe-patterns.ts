/** How papers write the settings of a training, by the name that a recipe gives them. A value must hold a digit. */
export const SETTINGS: readonly { readonly name: string; readonly words: string }[] = [
  { name: "learning rate", words: String.raw`learning[-_ ]rates?|(?:\\mathrm\{)?\blr\b\}?` },
  { name: "batch size", words: "(?:mini-?)?batch[-_ ]sizes?" },
  { name: "warm-up", words: "warm-?up(?:[-_ ](?:ratio|steps|proportion))?" },
  { name: "weight decay", words: "weight[-_ ]decay" },
  { name: "dropout", words: String.raw`(?:lora_|\b)dropout(?: (?:rate|probability))?` },
  { name: "rank", words: String.raw`\branks?\b|["']r["']|\blora_r\b` },
  { name: "alpha", words: String.raw`lora[_ -]alpha|LoRA \$?\\alpha\$?` },
  { name: "sequence length", words: "(?:sequence|context)[-_ ]lengths?|max_seq_len(?:gth)?" },
  { name: "epochs", words: String.raw`(?:number of |num_train_|\b)epochs` },
  { name: "steps", words: "(?:training|optimi[sz]ation|gradient|max)[-_ ]steps" },
  { name: "temperature", words: String.raw`\btemperatures?\b` },
  { name: "gradient clipping", words: "gradient clipping|clip(?:ping)? norm|max_grad_norm" },
  { name: "label smoothing", words: "label smoothing" },
  { name: "momentum", words: String.raw`\bmomentum\b` },
];

/** Settings whose value comes before their name, or is a name itself; the first group is the value. */
export const NAMED_SETTINGS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  {
    name: "optimizer",
    pattern: /\b(AdamW|Adam|SGD|Adafactor|Lion|LAMB|Muon|RMSProp|Adagrad|Shampoo|SOAP)\b/g,
  },
  {
    name: "schedule",
    pattern:
      /\b((?:cosine|linear|constant|polynomial|inverse[- ]square[- ]root|WSD)(?: learning rate)?) (?:schedule|scheduler|decay|annealing)\b/gi,
  },
  { name: "epochs", pattern: /\b(\d+(?:\.\d+)?) (?:training )?epochs?\b/g },
  {
    name: "steps",
    pattern: /\b(\d[\d,.]*[kKM]?) (?:(?:training|optimi[sz]ation|gradient|update|RL|SFT) )?steps\b/g,
  },
  {
    name: "seeds",
    pattern: /(?<!than )\b(\d+|two|three|four|five|six|eight|ten|twenty)\$? (?:random |different )?seeds\b/g,
  },
  { name: "precision", pattern: /\b(bf16|bfloat16|fp16|fp8|float16|mixed[- ]precision)\b/gi },
  {
    name: "hardware",
    pattern: /\b(\d+ ?[x×]? ?(?:NVIDIA )?(?:[ABH]\d{2,3}0?|V100|L40S?|RTX \d{4}|TPU ?v\d\w?)(?: GPUs?)?)\b/g,
  },
];

const COUNT = "(?:two|three|four|five|six|seven|eight|nine|ten|\\d+)";
const NAME = String.raw`[A-Z][\w+-]*(?:[ -](?:[A-Z0-9][\w+-]*|of))*`;

export const DATA: readonly RegExp[] = [
  new RegExp(
    String.raw`\b(?:on|the|of|from|using) (${NAME}) (?:data ?sets?|corpus|corpora|benchmarks?|test sets?|training sets?)\b`,
    "g",
  ),
  /\b(GLUE|SuperGLUE|MMLU(?:-Pro)?|GSM8K|SQuAD(?: ?v?[12](?:\.\d)?)?|ImageNet(?:-\d+[kK])?|CIFAR-100?|MNIST|COCO|ADE20K|WikiText-\d+|C4|FineWeb(?:-Edu)?|The Pile|OpenWebText|SlimPajama|RedPajama|LibriSpeech|HumanEval|MBPP|HellaSwag|TriviaQA|Natural Questions|WMT\d{2}|XSum|AIME ?\d{0,4}|SWE-bench(?: Verified)?|UltraFeedback|UltraChat|OpenOrca|VBench)\b/g,
  new RegExp(String.raw`\b(${COUNT} (?:[a-z-]+ ){0,2}(?:tasks|data ?sets|benchmarks|corpora))\b`, "gi"),
  /\b(\d[\d,.]*[KMBT]?(?: (?:million|billion|trillion))? (?:[\w-]+ ){0,2}(?:tokens|examples|images|sentences|trajectories|documents|dialogues|pairs|triples))\b/g,
];

export const MODELS: readonly RegExp[] = [
  /\b([A-Z][A-Za-z]+[\w.]*(?:-[\w.]+)*-\d+(?:\.\d+)?[BM](?:-[A-Za-z][\w.]*)*)(?![\w-])/g,
  /\b((?:Ro|De|Al|Distil|Mo[bd]ern)?BERT[a-z]*(?:-(?:base|large))?|GPT-[234]\w*|Ll[aA][mM]A(?:[- ]?[1-4](?:\.\d)?)?|Qwen[\d.]*|Mi[sx]tral|Gemma(?: ?\d)?|T5(?:-\w+)?|ViT-[BLHG](?:\/\d+)?|ResNet-\d+|Swin Transformer|Whisper|DeepSeek-\w+|Phi-\d)\b/g,
  /\b(?:fine-?tun|train|initiali[sz]|evaluat)\w* (?:an?|the|our|with an?) ((?:[\w.-]+ ){0,4}(?:model|network|transformer|classifier|encoder|decoder|backbone)(?: with [\d.,]+ ?(?:million|billion|[MB]) parameters)?)(?![\w-])/gi,
];

export const METRIC: RegExp =
  /\b(?:top-[15] )?(?:accuracy|exact match|F1(?: score)?|BLEU|ROUGE-?[12L]?|perplexity|pass@\d+|word error rate|WER|CER|mAP|(?:box|mask) AP|mIoU|AUROC|AUC|FID|NDCG(?:@\d+)?|MRR|EM|win rate|RMSE|MAE|Spearman|Pearson|Matthews|VisionReward)\b/gi;

/**
 * Questions for measuring the search over documentation.
 *
 * How they were written: from the tables of contents of all 284 pages of the corpus, the text of the pages on trouble and on
 * memory, and the beginnings of sections drawn by chance, before there was any index; set down as an engineer would type them, and
 * never run while they were written. Names that a page turned out not to hold were put right before the first run. Each names
 * the pages whose text answers it, and where it matters the section; further pages are given only where they answer as well. The
 * kind `paraphrase` avoids the words of the page where it can; the other kinds use them more than people who do not know the page
 * would, so that plain BM25 does well on them too. The same author wrote questions and index. The halves guard against fitting
 * the index to single questions: `tune` was looked at while the ranking was weighed, `held` was only measured.
 */
export interface DocsQuestion {
  readonly kind: "how-to" | "parameter" | "error" | "name" | "paraphrase";
  readonly question: string;
  /** `library/page`, each of which answers it. */
  readonly pages: readonly string[];
  /** The heading under which the answer is, where the page is long; only of the first page. */
  readonly section?: string;
}

const questions: readonly DocsQuestion[] = [
  // TRL
  {
    kind: "how-to",
    question: "how to train only on assistant messages in sft",
    pages: ["trl/sft_trainer"],
    section: "Train on assistant messages only",
  },
  {
    kind: "how-to",
    question: "write a custom reward function for GRPO",
    pages: ["trl/grpo_trainer"],
    section: "Using a custom reward function",
  },
  {
    kind: "how-to",
    question: "convert a preference dataset to unpaired preference for KTO",
    pages: ["trl/dataset_formats"],
    section: "From preference to unpaired preference dataset",
  },
  {
    kind: "how-to",
    question: "run vllm server for online training on separate gpus",
    pages: ["trl/vllm_integration", "trl/speeding_up_training", "trl/grpo_trainer"],
  },
  {
    kind: "how-to",
    question: "launch training on hugging face jobs with a uv script",
    pages: ["trl/jobs_training"],
    section: "Using uv Scripts",
  },
  {
    kind: "how-to",
    question: "use a yaml config file with the trl command line",
    pages: ["trl/clis"],
    section: "Using Configuration Files",
  },
  {
    kind: "how-to",
    question: "fine-tune with qlora 4bit in trl",
    pages: ["trl/peft_integration"],
    section: "QLoRA: Quantized Low-Rank Adaptation",
  },
  {
    kind: "how-to",
    question: "slurm script for multi node trl training",
    pages: ["trl/distributing_training"],
    section: "Option 2: SLURM Launch (HPC Clusters)",
  },
  { kind: "how-to", question: "turn off telemetry usage statistics collection", pages: ["trl/usage_stats"] },
  { kind: "how-to", question: "train a process reward model with step labels", pages: ["trl/prm_trainer"] },
  {
    kind: "parameter",
    question: "packing_strategy bfd_split vs wrapped",
    pages: ["trl/reducing_memory_usage"],
    section: "Packing",
  },
  {
    kind: "parameter",
    question: "scale_rewards and beta in GRPOConfig",
    pages: ["trl/grpo_trainer"],
  },
  {
    kind: "parameter",
    question: "lmbda GKDConfig student data fraction",
    pages: ["trl/gkd_trainer"],
    section: "Usage tips",
  },
  {
    kind: "parameter",
    question: "desirable_weight undesirable_weight",
    pages: ["trl/kto_trainer"],
    section: "Imbalanced data",
  },
  {
    kind: "parameter",
    question: "vllm_mode colocate gpu memory utilization",
    pages: ["trl/vllm_integration", "trl/grpo_trainer"],
  },
  {
    kind: "parameter",
    question: "model_init_kwargs dtype bfloat16 SFTConfig",
    pages: ["trl/sft_trainer"],
    section: "Model initialization",
  },
  {
    kind: "error",
    question: "out of memory while training with trl, what can I reduce",
    pages: ["trl/reducing_memory_usage", "trl/quickstart"],
  },
  {
    kind: "error",
    question: "generated completions never stop, model does not emit EOS",
    pages: ["trl/online_dpo_trainer", "trl/nash_md_trainer", "trl/xpo_trainer"],
    section: "Encourage EOS token generation",
  },
  {
    kind: "name",
    question: "LogCompletionsCallback",
    pages: ["trl/callbacks", "trl/online_dpo_trainer", "trl/nash_md_trainer", "trl/xpo_trainer"],
  },
  {
    kind: "name",
    question: "is_chat_template_prefix_preserving",
    pages: ["trl/chat_template_utils", "trl/chat_templates"],
  },
  { kind: "name", question: "AutoModelForCausalLMWithValueHead", pages: ["trl/ppo_trainer"] },
  { kind: "name", question: "environment_factory", pages: ["trl/openenv", "trl/grpo_trainer"] },
  {
    kind: "paraphrase",
    question: "which columns must my data have for preference tuning",
    pages: ["trl/dataset_formats", "trl/dpo_trainer"],
  },
  {
    kind: "paraphrase",
    question: "learn from thumbs up and thumbs down feedback instead of pairs",
    pages: ["trl/kto_trainer", "trl/bco_trainer"],
  },
  {
    kind: "paraphrase",
    question: "reward that calls a slow web service without blocking the others",
    pages: ["trl/grpo_trainer"],
    section: "Example 5: Asynchronous reward functions",
  },
  {
    kind: "paraphrase",
    question: "split very long sequences over several cards so that context fits",
    pages: [
      "trl/distributing_training",
      "accelerate/concept_guides/context_parallelism",
      "accelerate/concept_guides/sequence_parallelism",
    ],
  },
  {
    kind: "paraphrase",
    question: "is an adapter as good as updating every weight",
    pages: ["trl/lora_without_regret"],
  },
  {
    kind: "paraphrase",
    question: "teach a small model from a bigger one whose tokenizer differs",
    pages: ["trl/gold_trainer"],
  },
  // PEFT
  {
    kind: "how-to",
    question: "merge lora weights into base model",
    pages: ["peft/package_reference/lora", "peft/developer_guides/checkpoint"],
    section: "Merge LoRA weights into the base model",
  },
  {
    kind: "how-to",
    question: "combine several adapters with TIES or DARE",
    pages: ["peft/developer_guides/model_merging"],
    section: "Merge method",
  },
  {
    kind: "how-to",
    question: "swap adapters at runtime without recompiling",
    pages: ["peft/package_reference/hotswap"],
  },
  {
    kind: "how-to",
    question: "use peft on my own torch MLP that is not from transformers",
    pages: ["peft/developer_guides/custom_models"],
    section: "Multilayer perceptron",
  },
  {
    kind: "how-to",
    question: "initialize lora with LoftQ for a quantized model",
    pages: ["peft/developer_guides/quantization", "peft/package_reference/lora"],
    section: "LoftQ initialization",
  },
  {
    kind: "how-to",
    question: "convert another peft method's adapter into lora so vllm can serve it",
    pages: ["peft/package_reference/lora_conversion"],
  },
  {
    kind: "how-to",
    question: "add new tokens to tokenizer and train only their embeddings",
    pages: [
      "peft/package_reference/trainable_tokens",
      "peft/developer_guides/troubleshooting",
      "peft/package_reference/lora",
    ],
  },
  {
    kind: "how-to",
    question: "finetune 70b with qlora and fsdp on two gpus",
    pages: ["peft/accelerate/fsdp"],
    section: "Use PEFT QLoRA and FSDP for finetuning large models on multiple GPUs",
  },
  {
    kind: "how-to",
    question: "different rank per layer in LoraConfig",
    pages: ["peft/package_reference/lora"],
    section: "Fine grained control over ranks and alpha (scaling)",
  },
  {
    kind: "parameter",
    question: "autocast_adapter_dtype",
    pages: ["peft/developer_guides/troubleshooting"],
    section: "Selecting the dtype of the adapter",
  },
  {
    kind: "parameter",
    question: "init_lora_weights gaussian pissa olora",
    pages: ["peft/package_reference/lora"],
    section: "Initialization",
  },
  {
    kind: "parameter",
    question: "modules_to_save classification head",
    pages: ["peft/developer_guides/troubleshooting", "peft/developer_guides/custom_models"],
    section: "Randomly initialized layers",
  },
  {
    kind: "parameter",
    question: "use_dora ephemeral_gpu_offload",
    pages: ["peft/package_reference/lora_variant_dora"],
  },
  {
    kind: "error",
    question: "ValueError: Attempting to unscale FP16 gradients.",
    pages: ["peft/developer_guides/troubleshooting"],
    section: "ValueError: Attempting to unscale FP16 gradients",
  },
  {
    kind: "error",
    question: "TypeError: LoraConfig.__init__() got an unexpected keyword argument",
    pages: ["peft/developer_guides/troubleshooting"],
    section: "Version mismatch",
  },
  {
    kind: "error",
    question: "loaded adapter gives different random predictions every time",
    pages: ["peft/developer_guides/troubleshooting"],
    section: "Bad results from a loaded PEFT model",
  },
  {
    kind: "name",
    question: "inject_adapter_in_model",
    pages: ["peft/developer_guides/low_level_api", "peft/package_reference/functional"],
  },
  {
    kind: "name",
    question: "PeftMixedModel",
    pages: ["peft/developer_guides/mixed_models", "peft/package_reference/peft_model"],
  },
  { kind: "name", question: "VeRAConfig", pages: ["peft/package_reference/vera"] },
  {
    kind: "name",
    question: "AutoPeftModelForCausalLM",
    pages: ["peft/package_reference/auto_class", "peft/quicktour"],
  },
  {
    kind: "paraphrase",
    question: "what files does save_pretrained write for an adapter",
    pages: ["peft/developer_guides/checkpoint"],
    section: "PEFT files",
  },
  {
    kind: "paraphrase",
    question: "serve requests for several users, each with their own fine-tune, in one batch",
    pages: ["peft/package_reference/lora"],
    section: "Inference with different LoRA adapters in the same batch",
  },
  {
    kind: "paraphrase",
    question: "learn tasks one after another without forgetting the earlier ones",
    pages: ["peft/package_reference/osf", "trl/sdft_trainer"],
  },
  {
    kind: "paraphrase",
    question: "scale activations by learned vectors with the fewest trainable weights",
    pages: ["peft/package_reference/ia3"],
  },
  {
    kind: "paraphrase",
    question: "train an input prefix of virtual words while the network is frozen",
    pages: [
      "peft/package_reference/prompt_tuning",
      "peft/package_reference/prefix_tuning",
      "peft/package_reference/p_tuning",
      "peft/methods/overview",
    ],
  },
  {
    kind: "paraphrase",
    question: "loss goes down but the fine-tuned model is no better than before",
    pages: ["peft/developer_guides/troubleshooting"],
    section: "Training runs but the model does not improve",
  },
  // Accelerate
  {
    kind: "how-to",
    question: "gradient accumulation with accelerate",
    pages: ["accelerate/usage_guides/gradient_accumulation", "accelerate/basic_tutorials/migration"],
  },
  {
    kind: "how-to",
    question: "launch distributed training from a jupyter notebook",
    pages: ["accelerate/basic_tutorials/notebook"],
  },
  {
    kind: "how-to",
    question: "resume from a checkpoint in the middle of an epoch skipping batches",
    pages: ["accelerate/usage_guides/checkpoint"],
    section: "Restoring the state of the DataLoader",
  },
  {
    kind: "how-to",
    question: "log to wandb with accelerator init_trackers",
    pages: ["accelerate/usage_guides/tracking"],
  },
  {
    kind: "how-to",
    question: "migrate from FSDP1 to FSDP2 config",
    pages: ["accelerate/concept_guides/fsdp1_vs_fsdp2"],
    section: "How to Switch to FSDP2",
  },
  {
    kind: "how-to",
    question: "profile flops and memory of a training loop, export chrome trace",
    pages: ["accelerate/usage_guides/profiler"],
  },
  {
    kind: "how-to",
    question: "run code only on the main process",
    pages: ["accelerate/basic_tutorials/execution", "accelerate/concept_guides/deferring_execution"],
  },
  {
    kind: "how-to",
    question: "use two deepspeed models at once, teacher and student",
    pages: ["accelerate/usage_guides/deepspeed_multiple_model"],
  },
  {
    kind: "parameter",
    question: "device_map auto max_memory per gpu",
    pages: ["accelerate/concept_guides/big_model_inference", "accelerate/usage_guides/big_modeling"],
    section: "Designing a device map",
  },
  {
    kind: "parameter",
    question: "fsdp_sharding_strategy vs zero stage",
    pages: ["accelerate/usage_guides/fsdp", "accelerate/concept_guides/fsdp_and_deepspeed"],
  },
  {
    kind: "parameter",
    question: "find_executable_batch_size starting_batch_size",
    pages: ["accelerate/basic_tutorials/troubleshooting", "accelerate/package_reference/utilities"],
    section: "Out-of-Memory",
  },
  {
    kind: "parameter",
    question: "comm_hook powerSGD DistributedDataParallelKwargs",
    pages: ["accelerate/usage_guides/ddp_comm_hook"],
    section: "PowerSGD Hook",
  },
  {
    kind: "error",
    question: "DistributedOperationException Cannot apply desired operation due to shape mismatches",
    pages: ["accelerate/basic_tutorials/troubleshooting"],
    section: "Mismatched tensor shapes",
  },
  {
    kind: "error",
    question: "script hangs after one rank breaks out of the loop",
    pages: ["accelerate/basic_tutorials/troubleshooting", "accelerate/concept_guides/deferring_execution"],
    section: "Early stopping",
  },
  {
    kind: "error",
    question: "CUDA out of memory automatically find a smaller batch size",
    pages: ["accelerate/basic_tutorials/troubleshooting"],
    section: "Out-of-Memory",
  },
  {
    kind: "error",
    question: "different results on one gpu and eight gpus with the same script",
    pages: ["accelerate/concept_guides/performance", "accelerate/basic_tutorials/troubleshooting"],
  },
  {
    kind: "name",
    question: "init_empty_weights",
    pages: [
      "accelerate/concept_guides/big_model_inference",
      "accelerate/package_reference/big_modeling",
      "accelerate/quicktour",
      "accelerate/usage_guides/big_modeling",
    ],
  },
  {
    kind: "name",
    question: "FullyShardedDataParallelPlugin",
    pages: ["accelerate/package_reference/fsdp", "accelerate/usage_guides/fsdp"],
  },
  {
    kind: "name",
    question: "prepare_pippy",
    pages: ["accelerate/package_reference/inference", "accelerate/usage_guides/distributed_inference"],
  },
  {
    kind: "name",
    question: "accelerate estimate-memory",
    pages: ["accelerate/usage_guides/model_size_estimator", "accelerate/package_reference/cli"],
  },
  { kind: "paraphrase", question: "train on my macbook's gpu", pages: ["accelerate/usage_guides/mps"] },
  {
    kind: "paraphrase",
    question: "how much vram do I need for this checkpoint before downloading it",
    pages: ["accelerate/usage_guides/model_size_estimator", "accelerate/package_reference/cli"],
  },
  {
    kind: "paraphrase",
    question: "workers average their weights only every few steps because the network is slow",
    pages: ["accelerate/usage_guides/local_sgd"],
  },
  {
    kind: "paraphrase",
    question: "8-bit float training on hopper cards",
    pages: [
      "accelerate/usage_guides/low_precision_training",
      "accelerate/concept_guides/low_precision_training",
    ],
  },
  {
    kind: "paraphrase",
    question: "put layers that do not fit on the gpu on disk",
    pages: ["accelerate/concept_guides/big_model_inference", "accelerate/usage_guides/big_modeling"],
    section: "Disk offload only",
  },
  // Datasets
  {
    kind: "how-to",
    question: "load a csv file from a url",
    pages: ["datasets/loading", "datasets/tabular_load"],
    section: "Remote files",
  },
  {
    kind: "how-to",
    question: "split a dataset into train and test",
    pages: ["datasets/process"],
    section: "Split",
  },
  {
    kind: "how-to",
    question: "map a function with multiple processes",
    pages: ["datasets/process"],
    section: "Multiprocessing",
  },
  {
    kind: "how-to",
    question: "push a dataset to the hub as private",
    pages: ["datasets/upload_dataset"],
    section: "Upload with Python",
  },
  {
    kind: "how-to",
    question: "create image dataset from folders with class names as labels",
    pages: ["datasets/image_dataset", "datasets/image_load", "datasets/create_dataset"],
    section: "ImageFolder",
  },
  {
    kind: "how-to",
    question: "stream a dataset without downloading and shuffle it",
    pages: ["datasets/stream"],
    section: "Shuffle",
  },
  {
    kind: "how-to",
    question: "define splits and configs in the README yaml of the dataset repo",
    pages: ["datasets/repository_structure"],
    section: "Define your splits and subsets in YAML",
  },
  {
    kind: "how-to",
    question: "interleave datasets with probabilities",
    pages: ["datasets/process", "datasets/stream"],
    section: "Interleave",
  },
  {
    kind: "how-to",
    question: "resample audio to 16khz",
    pages: ["datasets/audio_process", "datasets/use_dataset", "datasets/quickstart"],
  },
  {
    kind: "how-to",
    question: "read from a postgres database",
    pages: ["datasets/tabular_load", "datasets/loading"],
    section: "PostgreSQL",
  },
  {
    kind: "parameter",
    question: "load_dataset download_mode force_redownload",
    pages: ["datasets/cache"],
    section: "Download mode",
  },
  {
    kind: "parameter",
    question: "stopping_strategy all_exhausted",
    pages: ["datasets/process", "datasets/stream"],
    section: "Interleave",
  },
  {
    kind: "parameter",
    question: "map remove_columns batched batch_size returns more rows",
    pages: ["datasets/about_map_batch", "datasets/process"],
  },
  { kind: "parameter", question: "HF_HUB_OFFLINE", pages: ["datasets/loading"], section: "Offline" },
  {
    kind: "error",
    question: "TypeError: cannot pickle 'generator' object",
    pages: ["datasets/troubleshoot"],
    section: "Pickling issues when using `Dataset.from_generator`",
  },
  {
    kind: "error",
    question: "429 too many requests push_to_hub quota commit",
    pages: ["datasets/troubleshoot"],
    section: "`Too Many Requests`",
  },
  {
    kind: "name",
    question: "to_tf_dataset",
    pages: ["datasets/use_with_tensorflow"],
    section: "Using `to_tf_dataset()`",
  },
  {
    kind: "name",
    question: "IterableDataset state_dict load_state_dict",
    pages: ["datasets/stream", "datasets/use_with_pytorch"],
    section: "Save a dataset checkpoint and resume iteration",
  },
  { kind: "name", question: "add_faiss_index", pages: ["datasets/faiss_es"], section: "FAISS" },
  {
    kind: "name",
    question: "split_dataset_by_node",
    pages: ["datasets/use_with_pytorch", "datasets/package_reference/main_classes"],
    section: "Distributed",
  },
  {
    kind: "paraphrase",
    question: "why is my processing function run again instead of reusing the stored result",
    pages: ["datasets/about_cache", "datasets/cache"],
  },
  {
    kind: "paraphrase",
    question: "how can a table bigger than ram be opened",
    pages: ["datasets/about_arrow"],
    section: "Memory-mapping",
  },
  {
    kind: "paraphrase",
    question: "lazy or eager, which kind of dataset should I choose for terabytes",
    pages: ["datasets/about_mapstyle_vs_iterable"],
  },
  {
    kind: "paraphrase",
    question: "brain scans and other medical volumes",
    pages: ["datasets/nifti_dataset"],
  },
  // smolagents
  {
    kind: "how-to",
    question: "run agent code in docker sandbox",
    pages: ["smolagents/en/tutorials/secure_code_execution"],
    section: "Docker setup",
  },
  {
    kind: "how-to",
    question: "use tools from an MCP server in an agent",
    pages: ["smolagents/en/tutorials/tools"],
    section: "Use tools from an MCP server",
  },
  {
    kind: "how-to",
    question: "define a custom tool with the tool decorator",
    pages: ["smolagents/en/tutorials/tools", "smolagents/en/guided_tour"],
  },
  {
    kind: "how-to",
    question: "agent that answers questions over a sql database",
    pages: ["smolagents/en/examples/text_to_sql"],
  },
  {
    kind: "how-to",
    question: "trace agent runs with langfuse",
    pages: ["smolagents/en/tutorials/inspect_runs"],
    section: "Setting up telemetry with 🪢 Langfuse",
  },
  {
    kind: "parameter",
    question: "additional_authorized_imports",
    pages: ["smolagents/en/guided_tour", "smolagents/en/tutorials/secure_code_execution"],
  },
  {
    kind: "parameter",
    question: "planning_interval agent",
    pages: ["smolagents/en/tutorials/building_good_agents", "smolagents/en/examples/plan_customization"],
    section: "4. Extra planning",
  },
  {
    kind: "parameter",
    question: "final_answer_checks",
    pages: ["smolagents/en/guided_tour"],
    section: "Customizing agent termination conditions",
  },
  {
    kind: "name",
    question: "LiteLLMRouterModel",
    pages: ["smolagents/en/reference/models"],
    section: "LiteLLMRouterModel",
  },
  {
    kind: "name",
    question: "VisitWebpageTool",
    pages: ["smolagents/en/reference/default_tools", "smolagents/en/examples/multiagents"],
  },
  {
    kind: "paraphrase",
    question: "let a person check what the bot is going to do before it goes on",
    pages: ["smolagents/en/examples/plan_customization"],
  },
  {
    kind: "paraphrase",
    question: "shorten what was remembered of earlier steps, such as old screenshots",
    pages: ["smolagents/en/tutorials/memory", "smolagents/en/examples/web_browser"],
  },
  {
    kind: "paraphrase",
    question: "when is a fixed workflow better than letting the llm decide",
    pages: ["smolagents/en/conceptual_guides/intro_agents"],
  },
  {
    kind: "error",
    question: "my agent keeps failing at the task, how do I find out why",
    pages: ["smolagents/en/tutorials/building_good_agents"],
    section: "How to debug your agent",
  },
];

/** Those that may be looked at while the ranking is changed, and those that only measure it. */
export const halves: { readonly tune: readonly DocsQuestion[]; readonly held: readonly DocsQuestion[] } = {
  tune: questions.filter((_, index) => index % 2 === 0),
  held: questions.filter((_, index) => index % 2 === 1),
};

import { anthropicSdkJudge } from "./anthropic-sdk-judge.ts";
import { describeJudge } from "./describe-judge.ts";

describeJudge("@anthropic-ai/sdk with its streaming helper", anthropicSdkJudge({ streams: true }));
describeJudge("@anthropic-ai/sdk without streaming", anthropicSdkJudge({ streams: false }));

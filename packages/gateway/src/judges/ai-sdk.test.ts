import { aiSdkJudge } from "./ai-sdk-judge.ts";
import { describeJudge } from "./describe-judge.ts";

describeJudge("@ai-sdk/anthropic, streaming", aiSdkJudge({ streams: true }));
describeJudge("@ai-sdk/anthropic without streaming", aiSdkJudge({ streams: false }));

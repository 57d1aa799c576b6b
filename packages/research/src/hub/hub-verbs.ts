/** Verbs that leave a hub as it is. */
const READS = [
  "searchHub",
  "inspectHubDataset",
  "readDatasetRows",
  "inspectHubModel",
  "downloadHubRepo",
  "listHubFiles",
  "readHubFile",
  "listHubRefs",
  "listHubDiscussions",
  "readHubDiscussion",
] as const;

/** Verbs that change something on a hub: a tool asks for approval first. */
const WRITES = [
  "createHubRepo",
  "uploadHubFiles",
  "deleteHubFiles",
  "createHubBranch",
  "deleteHubBranch",
  "createHubTag",
  "deleteHubTag",
  "openHubDiscussion",
  "commentOnHubDiscussion",
  "changeHubDiscussion",
  "mergeHubPullRequest",
] as const;

export type HubReadVerb = (typeof READS)[number];
export type HubWriteVerb = (typeof WRITES)[number];

export const HUB_READS: ReadonlySet<HubReadVerb> = new Set(READS);
export const HUB_WRITES: ReadonlySet<HubWriteVerb> = new Set(WRITES);

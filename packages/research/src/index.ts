export {
  type DocsPage,
  type DocsResult,
  type DocsSource,
  Documentation,
  type DocumentationOptions,
  openDocumentation,
} from "./docs/documentation.ts";
export { DocumentationError, type DocumentationErrorCode } from "./docs/documentation-error.ts";
export type { ContentsEntry, DocsPart } from "./docs/read-part.ts";
export type { SiteResult } from "./docs/search-site.ts";
export type { Origin } from "./docs/sources/source.ts";
export type { DocsProgress, UpdatedSource } from "./docs/update-source.ts";
export { versionWarning } from "./docs/version-warning.ts";
export { type Example, findExamples } from "./github/find-examples.ts";
export { type FileList, type ListedFile, listFiles } from "./github/list-files.ts";
export { type GithubFile, readGithubFile } from "./github/read-file.ts";
export { type CodeHit, type Found, searchCode } from "./github/search-code.ts";
export { type RepositoryHit, searchRepositories } from "./github/search-repositories.ts";
export { asFetch } from "./http/as-fetch.ts";
export { jsonOf, textOf } from "./http/contents.ts";
export type { Credentials } from "./http/credentials.ts";
export { type Fetch, publicFetch } from "./http/fetch.ts";
export type { HostManners } from "./http/host-gates.ts";
export type { HostPolicy } from "./http/host-policy.ts";
export { type WebAnswer, WebClient, type WebClientOptions, type WebRequest } from "./http/web-client.ts";
export { WebError, type WebErrorCode } from "./http/web-error.ts";
export type { ChatFacts, TrainingForm } from "./hub/datasets/chat-facts.ts";
export { chatFacts, trainingForms } from "./hub/datasets/chat-facts.ts";
export type {
  ColumnFacts,
  DatasetFacts,
  DatasetNote,
  Figures,
  TableFacts,
} from "./hub/datasets/dataset-facts.ts";
export { describeDataset } from "./hub/datasets/describe-dataset.ts";
export { type DatasetInspection, inspectHubDataset } from "./hub/datasets/inspect-hub-dataset.ts";
export { type DatasetRows, type RowQuestion, readDatasetRows } from "./hub/datasets/read-dataset-rows.ts";
export {
  type Download,
  type DownloadOptions,
  type DownloadProgress,
  downloadHubRepo,
} from "./hub/downloads/download-hub-repo.ts";
export { HUGGING_FACE, type Hub, type HubEndpoint, hubAccess, openHub } from "./hub/hub.ts";
export { type HubRepo, hubRepo, type RepoKind } from "./hub/hub-repo.ts";
export { HUB_READS, HUB_WRITES, type HubReadVerb, type HubWriteVerb } from "./hub/hub-verbs.ts";
export { describeModel } from "./hub/models/describe-model.ts";
export { inspectHubModel } from "./hub/models/inspect-hub-model.ts";
export type { ConfigFacts, ModelFacts, Parameters } from "./hub/models/model-facts.ts";
export { type Access, describeAccess } from "./hub/repo-facts.ts";
export { changeHubDiscussion } from "./hub/repositories/change-hub-discussion.ts";
export { commentOnHubDiscussion } from "./hub/repositories/comment-on-hub-discussion.ts";
export type { Commit, CommitOptions } from "./hub/repositories/commit-changes.ts";
export { createHubBranch } from "./hub/repositories/create-hub-branch.ts";
export { createHubRepo } from "./hub/repositories/create-hub-repo.ts";
export { createHubTag } from "./hub/repositories/create-hub-tag.ts";
export { deleteHubBranch } from "./hub/repositories/delete-hub-branch.ts";
export { deleteHubFiles } from "./hub/repositories/delete-hub-files.ts";
export { deleteHubTag } from "./hub/repositories/delete-hub-tag.ts";
export type { Discussion } from "./hub/repositories/discussion.ts";
export { listHubDiscussions } from "./hub/repositories/list-hub-discussions.ts";
export { type HubFile, listHubFiles } from "./hub/repositories/list-hub-files.ts";
export { type HubRef, type HubRefs, listHubRefs } from "./hub/repositories/list-hub-refs.ts";
export { mergeHubPullRequest } from "./hub/repositories/merge-hub-pull-request.ts";
export { openHubDiscussion } from "./hub/repositories/open-hub-discussion.ts";
export { type DiscussionDetails, readHubDiscussion } from "./hub/repositories/read-hub-discussion.ts";
export { type HubFileText, readHubFile } from "./hub/repositories/read-hub-file.ts";
export { uploadHubFiles } from "./hub/repositories/upload-hub-files.ts";
export {
  describeHit,
  type HubHit,
  type HubSearch,
  type HubSort,
  searchHub,
} from "./hub/search/search-hub.ts";
export { htmlToMarkdown } from "./markdown/html-to-markdown.ts";
export { type ReadablePage, readablePage } from "./markdown/readable-page.ts";
export {
  type CitationDirection,
  type CitationGraph,
  type CitationProgress,
  type CitedPaper,
  citationGraph,
} from "./papers/citation-graph.ts";
export {
  type LinkedResource,
  type LinkedResources,
  linkedResources,
  type ResourceKind,
} from "./papers/linked-resources.ts";
export { PAPER_MANNERS } from "./papers/manners.ts";
export type { Missing, Paper, PaperIds, PaperSource } from "./papers/paper.ts";
export { paperDetails } from "./papers/paper-details.ts";
export { PaperError, type PaperErrorCode } from "./papers/paper-error.ts";
export { type PaperId, parsePaperId } from "./papers/paper-id.ts";
export { type PaperReading, readPaper } from "./papers/read-paper.ts";
export { extractRecipe, type Recipe, type RecipeField } from "./papers/recipe.ts";
export { recommendPapers } from "./papers/recommend-papers.ts";
export { type FoundPapers, type PaperSearch, searchPapers } from "./papers/search-papers.ts";
export { searchSnippets } from "./papers/search-snippets.ts";
export type { Snippet } from "./papers/semantic-scholar.ts";
export { trendingPapers } from "./papers/trending-papers.ts";
export { type ReadPage, readPage } from "./web/read-page.ts";
export { type SearchProvider, searchCredentials } from "./web/search-provider.ts";
export { type FoundPage, searchWeb } from "./web/search-web.ts";

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
export { jsonOf, textOf } from "./http/contents.ts";
export type { Credentials } from "./http/credentials.ts";
export type { Fetch } from "./http/fetch.ts";
export type { HostManners } from "./http/host-gates.ts";
export type { HostPolicy } from "./http/host-policy.ts";
export { type WebAnswer, WebClient, type WebClientOptions, type WebRequest } from "./http/web-client.ts";
export { WebError, type WebErrorCode } from "./http/web-error.ts";
export {
  type Download,
  type DownloadOptions,
  type DownloadProgress,
  downloadHubRepo,
} from "./hub/downloads/download-hub-repo.ts";
export { HUGGING_FACE, type Hub, type HubEndpoint, hubAccess, openHub } from "./hub/hub.ts";
export { type HubRepo, hubRepo, type RepoKind } from "./hub/hub-repo.ts";
export { HUB_READS, HUB_WRITES, type HubReadVerb, type HubWriteVerb } from "./hub/hub-verbs.ts";
export { type Access, describeAccess } from "./hub/repo-facts.ts";
export { type ReadPage, readPage } from "./web/read-page.ts";
export { type SearchProvider, searchCredentials } from "./web/search-provider.ts";
export { type FoundPage, searchWeb } from "./web/search-web.ts";

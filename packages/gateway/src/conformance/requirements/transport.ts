import type { Requirement } from "../requirement.ts";

/** Routes, bodies and connections. */
export const TRANSPORT: readonly Requirement[] = [
  {
    id: "routes.messages",
    source: "A1.1",
    rule: "POST /v1/messages answers a request, and POST /v1/messages/count_tokens counts its tokens.",
    level: "must",
  },
  {
    id: "routes.models",
    source: "A1.1",
    rule: "GET /v1/models lists the models and GET /v1/models/{id} describes one, also when its id holds slashes.",
    level: "must",
  },
  {
    id: "routes.batches",
    source: "A1.1",
    rule: "Batches are created, listed, read, cancelled and deleted under /v1/messages/batches, and their results read under /results.",
    level: "must",
  },
  {
    id: "routes.query-is-ignored",
    source: "A1.2",
    rule: "A query such as ?beta=true changes nothing.",
    level: "must",
  },
  {
    id: "routes.without-prefix",
    source: "A1.3",
    rule: "Every route also answers without /v1.",
    level: "must",
  },
  {
    id: "routes.base-url-with-path",
    source: "A1.4",
    rule: "A base URL with a path is a matter of whatever mounts the server there; the server itself answers at the root and under /v1.",
    level: "choice",
    because:
      "A prefix belongs to the proxy that adds it. Paths under another prefix get a 404 that names the routes.",
  },
  {
    id: "routes.unknown",
    source: "A1.1",
    rule: "Any other path or method is a 404 in the API's error envelope.",
    level: "must",
  },
  {
    id: "routes.no-redirect",
    source: "A1.8",
    rule: "No route answers with a redirect.",
    level: "must",
  },
  {
    id: "routes.head-probe",
    source: "A1.9",
    rule: "HEAD / is answered.",
    level: "must",
  },
  {
    id: "streaming.from-body-only",
    source: "A1.5",
    rule: "Only stream: true in the body makes an answer a stream, whatever Accept says.",
    level: "must",
  },
  {
    id: "response.json-content-type",
    source: "A1.6",
    rule: "An answer that is no stream has content-type application/json.",
    level: "must",
  },
  {
    id: "stream.headers",
    source: "A1.7",
    rule: "A stream is a 200 with content-type text/event-stream; charset=utf-8 and cache-control: no-cache.",
    level: "must",
  },
  {
    id: "stream.flushed-per-event",
    source: "A1.7",
    rule: "Each event leaves when it is made; nothing waits for the next one or for a full buffer.",
    level: "must",
  },
  {
    id: "body.limit",
    source: "A1.10",
    rule: "A Messages or count_tokens body over 32 MB is 413 request_too_large, whether its length is declared or not.",
    level: "must",
  },
  {
    id: "body.limit-is-seen",
    source: "A1.10",
    rule: "Over a socket the client reads the 413 instead of a reset, and the server stops keeping what it still sends.",
    level: "should",
  },
  {
    id: "body.batch-limit",
    source: "A1.10",
    rule: "A batch's body over 256 MB is 413 request_too_large.",
    level: "must",
  },
  {
    id: "body.encodings",
    source: "A1.11",
    rule: "Bodies may be compressed with gzip, deflate or br.",
    level: "choice",
    because:
      "Nothing is gained by refusing what Node can undo; a limit on what comes out keeps small bodies from becoming large ones.",
  },
  {
    id: "body.encoding-unsupported",
    source: "A1.11",
    rule: "Any other Content-Encoding is 400 with error_code request_body_encoding_unsupported.",
    level: "must",
  },
  {
    id: "body.encoding-invalid",
    source: "A1.11",
    rule: "A body that cannot be decoded is 400 with error_code request_body_encoding_invalid.",
    level: "must",
  },
  {
    id: "body.too-large-after-decoding",
    source: "A1.11",
    rule: "A body that decodes to more than the limit is 413 with error_code request_body_too_large_after_decoding.",
    level: "must",
  },
  {
    id: "body.not-json",
    source: "A1.10",
    rule: "A body that is empty, not UTF-8 or not JSON is 400 invalid_request_error and says so.",
    level: "must",
  },
  {
    id: "body.half-surrogate",
    source: "A1.10",
    rule: "A string that holds half of a surrogate pair is 400.",
    level: "choice",
    because:
      "The API refuses it too: no encoding of text can hold it, and an engine would be sent something else than the client meant.",
  },
  {
    id: "body.depth",
    source: "A1.10",
    rule: "A body nested deeper than 256 levels is 400, before it is built.",
    level: "choice",
    because: "The API names no limit; deeper values are attacks on recursive readers.",
  },
  {
    id: "body.any-content-type",
    source: "A1.10",
    rule: "The body is read as JSON whatever its content-type says; a byte order mark is skipped, and of members with one name the last counts.",
    level: "choice",
    because:
      "Clients with a missing or wrong content-type work. Web pages cannot use this to get around CORS: without keys, pages from elsewhere are refused by their origin.",
  },
  {
    id: "body.message-count",
    source: "A1.12",
    rule: "At most 100,000 messages.",
    level: "must",
  },
  {
    id: "connection.disconnect-cancels",
    source: "A1.13",
    rule: "When the client leaves, generation stops, before the first event and after it.",
    level: "must",
  },
  {
    id: "connection.half-closed",
    source: "A1.13",
    rule: "A client that has closed its sending side may still read: a stream goes on for as long as it does, an answer that has not begun must begin soon.",
    level: "choice",
    because:
      "HTTP allows it, and a client that has gone looks the same until something is sent to it. So a stream is probed with comments, and what is silent counts as left.",
  },
  {
    id: "connection.headers-in-time",
    source: "A1.14",
    rule: "A stream's headers leave with the first event, or after 30 s without one, so that clients do not give up on a long prompt.",
    level: "should",
  },
  {
    id: "client.long-answers-stream",
    source: "A1.15",
    rule: "The official client refuses to send a request for more than 21,333 tokens unless it streams; streamed, it is served.",
    level: "may",
  },
];

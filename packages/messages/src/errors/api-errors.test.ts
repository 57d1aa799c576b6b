import { expect, it } from "vitest";
import { apiErrorBody, apiErrorType } from "./api-errors.ts";

it("each status has the type of the API's table", () => {
  const table: readonly [number, string][] = [
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [402, "billing_error"],
    [403, "permission_error"],
    [404, "not_found_error"],
    [409, "conflict_error"],
    [413, "request_too_large"],
    [422, "invalid_request_error"],
    [429, "rate_limit_error"],
    [500, "api_error"],
    [502, "api_error"],
    [503, "api_error"],
    [504, "timeout_error"],
    [529, "overloaded_error"],
  ];
  for (const [status, type] of table) expect(apiErrorType(status)).toBe(type);
});

it("an error body is the API's envelope", () => {
  expect(apiErrorBody({ type: "api_error", message: "m" }, "req_1")).toEqual({
    type: "error",
    error: { type: "api_error", message: "m" },
    request_id: "req_1",
  });
});

import type { ApiErrorBody, ApiErrorDetail, ApiErrorType } from "../types.ts";

/** The status that goes with each error type. */
export const API_ERROR_STATUS: Readonly<Record<ApiErrorType, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** The error type for any status: its own where the API has one, `invalid_request_error` for other 4xx, else `api_error`. */
export function apiErrorType(status: number): ApiErrorType {
  const exact = (Object.keys(API_ERROR_STATUS) as ApiErrorType[]).find(
    (type) => API_ERROR_STATUS[type] === status,
  );
  if (exact) return exact;
  return status >= 400 && status < 500 ? "invalid_request_error" : "api_error";
}

/** The body of every error response. */
export function apiErrorBody(error: ApiErrorDetail, requestId: string): ApiErrorBody {
  return { type: "error", error, request_id: requestId };
}

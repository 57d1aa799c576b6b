import { invalidRequest } from "../gateway-error.ts";

/** A part of a list, as the API's clients page through it. */
export interface Page<Item> {
  readonly data: readonly Item[];
  readonly has_more: boolean;
  readonly first_id: string | null;
  readonly last_id: string | null;
}

/**
 * The page of a list that a query asks for: `limit` items (20) from the start, after `after_id`, or up to `before_id`.
 * Throws `invalid_request` for a wrong `limit`; an id that is not in the list counts as its start.
 */
export function pageOf<Item extends { readonly id: string }>(
  all: readonly Item[],
  { limit, after_id: afterId, before_id: beforeId }: Readonly<Record<string, string>>,
): Page<Item> {
  const size = pageSize(limit);
  const place = (id: string): number => all.findIndex((item) => item.id === id);
  const end = beforeId === undefined ? all.length : Math.max(place(beforeId), 0);
  const start =
    beforeId === undefined ? (afterId === undefined ? 0 : place(afterId) + 1) : Math.max(end - size, 0);
  const data = all.slice(start, Math.min(start + size, end));
  return {
    data,
    has_more: beforeId === undefined ? start + size < all.length : start > 0,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

function pageSize(limit: string | undefined): number {
  const size = Number(limit ?? 20);
  if (!Number.isInteger(size) || size < 1 || size > 1000) {
    throw invalidRequest("limit: Input should be a valid integer from 1 to 1000");
  }
  return size;
}

import { WebError } from "./web-error.ts";

/** A path of a file as part of an address: its slashes stay. Throws `web/bad_url` for one that leads out of its place. */
export function pathInUrl(path: string): string {
  const parts = path.split("/");
  if (parts.some((part) => part === "." || part === "..")) {
    throw new WebError("web/bad_url", `${JSON.stringify(path.slice(0, 200))} is no path of a file.`, {
      url: path,
      mend: "Write it from the root of the repository, without `.` and `..`.",
    });
  }
  return parts.map(encodeURIComponent).join("/");
}

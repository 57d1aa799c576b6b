/** One event as it stands on the wire: an `event:` line, one `data:` line, an empty line. */
export function encodeSse(event: { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Without control characters other than line breaks and tabs: escape sequences would reach the person's terminal. */
export function plainText(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, "");
}

/** What somebody else says as one line that a terminal and a table can take. */
export function plainWords(text: string, longest: number): string {
  return text
    .slice(0, longest)
    .replace(/\p{Cc}+/gu, ' ')
    .toWellFormed();
}

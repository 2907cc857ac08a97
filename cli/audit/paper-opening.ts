/** KRW a new paper account holds, by contract (design.md §6); undefined for accounts whose beginning nobody recorded. */
export function openingKrwOf(account: string): string | undefined {
  return account.startsWith('paper-') ? '10000000' : undefined;
}

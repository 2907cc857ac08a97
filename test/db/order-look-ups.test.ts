import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { noteClear, noteUnclear, takeTurns } from '../../db/order-look-ups.ts';
import { useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();

describe('turns', () => {
  it('are given to all where they are few, and nothing is written', async () => {
    expect(await takeTurns(db, 'few', ['a', 'b'], 2)).toEqual(['a', 'b']);
    expect(await takeTurns(db, 'few', [], 2)).toEqual([]);
    const { rows } = await sql`SELECT FROM order_look_ups WHERE account = 'few'`.execute(db);
    expect(rows).toEqual([]);
  });

  it('go round: first in the order given, then to whoever has waited longest', async () => {
    const names = ['e', 'd', 'c', 'b', 'a'];
    const turns: (readonly string[])[] = [];
    for (let look = 0; look < 5; look += 1) turns.push([...(await takeTurns(db, 'many', names, 2))].sort());
    expect(turns).toEqual([['d', 'e'], ['b', 'c'], ['a', turns[2]?.[1]], expect.any(Array), expect.any(Array)]);
    expect(new Set(turns.slice(0, 3).flat()).size).toBe(5);
    expect(new Set(turns.flat()).size).toBe(5);
    // Ten turns for five: nobody waits for a third look.
    for (const name of names) expect(turns.flat().filter((one) => one === name)).toHaveLength(2);
  });
});

describe('an answer that cannot be believed', () => {
  it('is timed from its first time on until it clears', async () => {
    expect(await noteUnclear(db, 'unclear', 'x')).toBeLessThan(30_000);
    await sql`UPDATE order_look_ups SET unclear_since = unclear_since - interval '1 minute'`.execute(db);
    expect(await noteUnclear(db, 'unclear', 'x')).toBeGreaterThanOrEqual(60_000);
    expect(await noteUnclear(db, 'another', 'x')).toBeLessThan(30_000);

    await noteClear(db, 'unclear', 'x');
    expect(await noteUnclear(db, 'unclear', 'x')).toBeLessThan(30_000);
  });

  it('does not count as a turn', async () => {
    await noteUnclear(db, 'both', 'b');
    expect(await takeTurns(db, 'both', ['a', 'b'], 1)).toEqual(['a']);
    expect(await takeTurns(db, 'both', ['a', 'b'], 1)).toEqual(['b']);
  });
});

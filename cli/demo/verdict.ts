import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { connectDatabase } from '../../db/connect.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { operateSchedules } from '../../schedules/operate.ts';
import { auditAccount } from '../audit/audit.ts';
import type { AuditResult } from '../audit/findings.ts';
import { openingKrwOf } from '../audit/paper-opening.ts';
import { connectTemporal } from '../temporal-session.ts';
import { paperKeys } from '../up/paper-keys.ts';
import { targetOf } from '../up/run-addresses.ts';
import type { DemoBot, DemoSummary } from './demo-bot.ts';
import type { OrderWatch } from './order-watch.ts';

const PAUSE_ATTEMPTS = 5;
const SETTLE_MS = 15_000;
const LOOK_EVERY_MS = 200;
/** A run that had begun may only now decide and place its order: calm for a second is calm. */
const CALM_LOOKS = 6;

/** Lets no new order begin and waits until the ones under way have ended: then both records can be counted. */
export async function settle(bot: DemoBot, watch: OrderWatch): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await pauseTrading(bot);
      break;
    } catch (error) {
      // Temporal may just be coming back.
      if (attempt === PAUSE_ATTEMPTS) throw error;
      await sleep(1_000);
    }
  }
  const giveUpAt = performance.now() + SETTLE_MS;
  for (let calm = 0; calm < CALM_LOOKS && performance.now() < giveUpAt; ) {
    await sleep(LOOK_EVERY_MS);
    calm = (await watch.countUnderWay()) === 0 ? calm + 1 : 0;
  }
}

async function pauseTrading({ instance }: DemoBot): Promise<void> {
  const connection = await connectTemporal(targetOf(instance));
  try {
    const client = new Client({ connection, namespace: instance.temporalNamespace });
    await operateSchedules(client, 'pause', { kind: 'trade', reason: 'the crash demo counts its orders' });
  } finally {
    await connection.close();
  }
}

/** Holds the ledger against the exchange's public endpoints, by the auditor, which shares no code with the ledger. */
export async function auditDemo({ instance, dataDir }: DemoBot): Promise<AuditResult> {
  const { account, databaseUrl, exchangeUrl } = instance;
  if (account === null) throw new Error('the demo trades an account of its own');
  const exchange = createUpbitClient({ baseUrl: exchangeUrl, keys: paperKeys(dataDir) });
  const db = connectDatabase(databaseUrl, { applicationName: 'durabit-demo', maxConnections: 2 });
  try {
    return await auditAccount({ exchange, db, account, openingKrw: await openingKrwOf(db, account) });
  } finally {
    await db.destroy();
  }
}

/** Everything that was counted when all was over. */
export interface Evidence {
  readonly audit: AuditResult;
  readonly summary: DemoSummary | undefined;
  /** From the exchange's own files. */
  readonly acceptedIdentifiers: readonly string[];
}

export interface Verdict {
  readonly kept: boolean;
  readonly lines: readonly string[];
}

/** What it all comes to, the last line understandable by anybody; what speaks against it stands before. */
export function judge({ audit, summary, acceptedIdentifiers }: Evidence): Verdict {
  const faults = audit.findings.map(({ check, detail }) => `${check}: ${detail}`);
  const twice = acceptedIdentifiers.length - new Set(acceptedIdentifiers).size;
  if (twice > 0) faults.push(`the exchange's own file holds ${twice} identifiers twice`);
  if (acceptedIdentifiers.length !== audit.orders_at_exchange) {
    faults.push(
      `the exchange's own file holds ${acceptedIdentifiers.length} orders, it shows ${audit.orders_at_exchange}`,
    );
  }
  if (audit.orders_at_exchange === 0) faults.push('no order reached the exchange, so nothing was shown');
  if (summary === undefined) faults.push('the bot ended without a summary');
  if (summary?.ledger_equals_exchange === false) faults.push('when it ended the bot itself found its ledger wrong');
  const { new: closed, missing } = summary?.candles ?? { new: 'unknown', missing: 'unknown' };
  const { orders_at_exchange: there, orders_in_ledger: here, lost } = audit;
  const duplicates = audit.duplicates + twice;
  const kept = faults.length === 0 && missing === 0 && duplicates === 0 && lost === 0 && there === here;
  return {
    kept,
    lines: [
      ...faults.map((fault) => `WRONG  ${fault}`),
      ...audit.in_flight.map(({ detail }) => `still on its way: ${detail}`),
      audit.ledger_equals_exchange
        ? `money: ledger and exchange agree to the last decimal place, ${audit.fills_at_exchange} fills`
        : 'money: ledger and exchange do NOT agree',
      `candles closed ${closed}, candles missing ${missing}`,
      `orders at the exchange ${there}, in the ledger ${here}, duplicates ${duplicates}, lost ${lost}`,
    ],
  };
}

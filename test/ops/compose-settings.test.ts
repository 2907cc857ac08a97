import { describe, expect, test } from 'vitest';
import { speedOf } from '../../cli/described-bot.ts';
import { accountToTrade } from '../../config/account.ts';
import { promotionRule } from '../../config/promotion.ts';
import { readSettings, settingsSchema } from '../../config/settings.ts';
import { UserError } from '../../config/user-error.ts';
import { USUAL_BOOK } from '../../exchange/matching/book/parameters.ts';
import type { HeldBook } from '../../exchange/paper/state/binding.ts';
import { composedBot } from '../../ops/compose/bot.ts';
import { exchangeArguments } from '../../ops/compose/exchange-arguments.ts';
import { PAPER_EXCHANGE } from '../../ops/compose/exchange-relay.ts';
import { TASK_QUEUES } from '../../workers/task-queues.ts';
import { composeFile, ownServices, SECRETS, variablesOfComposeFile } from './compose-file.ts';

const own = ownServices(composeFile());
const known = Object.keys(settingsSchema.shape);

/** Settings no container is given, and why not. */
const NOT_FOR_CONTAINERS: Readonly<Record<string, string>> = {
  TEMPORAL_API_KEY: 'the Temporal server is one of the containers',
  UPBIT_ACCESS_KEY_FILE: 'the account is that of the paper exchange, whose key comes from .env',
  UPBIT_SECRET_KEY_FILE: 'the account is that of the paper exchange, whose key comes from .env',
  TEMPORAL_PORT: 'on which port of this machine it is published; inside it is always the same',
  TEMPORAL_UI_PORT: 'on which port of this machine it is published; inside it is always the same',
  PAPER_PORT: 'on which port of this machine it is published; inside it is always the same',
  PAPER_CONTROL_PORT: 'faults are for trying things out on one machine',
  POSTGRES_PORT: 'on which port of this machine it is published; inside it is always the same',
  TEMPORAL_CLI_PATH: 'nothing is embedded',
};

function environmentOf(name: string, values: Record<string, string> = {}): Record<string, string> {
  return { ...(composeFile({ ...SECRETS, ...values }).services[name]?.environment ?? {}) };
}

describe('the settings of the containers', () => {
  test.each(own)('%s is given settings there are', (_, { environment = {} }) => {
    expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('every setting reaches a container, or it is said why not', () => {
    const given = new Set(own.flatMap(([, { environment = {} }]) => Object.keys(environment)));
    expect(known.filter((name) => !given.has(name)).sort()).toEqual(Object.keys(NOT_FOR_CONTAINERS).sort());
  });

  test('what .env may say is a setting, one of the two passwords, or what the exchange is started with', () => {
    const passwords = ['DATABASE_PASSWORD', 'TEMPORAL_DATABASE_PASSWORD'];
    const started = ['PAPER_FEED', 'PAPER_BOOK', 'PAPER_DEPTH', 'PAPER_SPREAD'];
    expect(variablesOfComposeFile().filter((name) => !known.includes(name))).toEqual([...passwords, ...started].sort());
  });

  test.each(own)('%s finds them valid', (_, { environment = {} }) => {
    expect(() => readSettings(environment)).not.toThrow();
  });

  test('what .env says reaches those it is for', () => {
    const said = {
      MARKETS: 'KRW-ETH',
      THRESHOLD: '0.3',
      FEE_RATE: '0.0004',
      FEE_BUFFER: '0.0006',
      AGGRESSIVENESS: '0.002',
      CANDLE_INTERVAL_MS: '1000',
      PROMOTION: 'off',
    };
    expect(environmentOf('trader', said)).toMatchObject(said);
    const { THRESHOLD: _, ...simulated } = { ...said, OPTIMIZER_WINDOW: '5000' };
    expect(environmentOf('optimizer', simulated)).toMatchObject(simulated);
    for (const name of ['exchange', 'collector']) {
      expect(environmentOf(name, said)).toMatchObject({ MARKETS: 'KRW-ETH', CANDLE_INTERVAL_MS: '1000' });
    }
    for (const name of ['collector', 'trader']) {
      expect(environmentOf(name, { FEED_MODE: 'websocket' })).toMatchObject({ FEED_MODE: 'websocket' });
    }
  });

  test('an empty line in .env is an unset setting', () => {
    const empty = {
      MARKETS: '',
      CANDLE_INTERVAL_MS: '',
      TRADE_TIMEFRAME: '',
      FEED_MODE: '',
      UPBIT_BASE_URL: '',
      THRESHOLD: '',
    };
    expect(readSettings(environmentOf('trader', empty))).toEqual(readSettings(environmentOf('trader')));
  });
});

describe('what is traded', () => {
  const asking = ['migrations', 'namespace', 'account', 'schedules'];

  test('paper money in real time, on the account of the paper exchange', () => {
    const trader = readSettings(environmentOf('trader'));
    const exchange = readSettings(environmentOf('exchange'));
    expect(accountToTrade(trader)).toMatchObject({ mode: 'paper', endpoint: 'http://127.0.0.1:8787' });
    expect([trader.UPBIT_ACCESS_KEY, trader.UPBIT_SECRET_KEY]).toEqual([
      exchange.PAPER_ACCESS_KEY,
      exchange.PAPER_SECRET_KEY,
    ]);
    expect(composedBot(environmentOf('trader')).addresses).toMatchObject({ speed: 1, candleIntervalMs: 60_000 });
    expect(promotionRule(readSettings(environmentOf('optimizer')))).toBe('in-sample');
  });

  test('at the address the relay brings the paper exchange to', () => {
    expect(environmentOf('trader').UPBIT_BASE_URL).toBe(`http://127.0.0.1:${PAPER_EXCHANGE.port}`);
    expect(composeFile().services).toHaveProperty(PAPER_EXCHANGE.host);
  });

  // One that took the run for a collecting one would remove the trading schedules as unwanted.
  test.each(asking)('%s knows of the same account as the trader', (name) => {
    expect(composedBot(environmentOf(name)).traded).toEqual(composedBot(environmentOf('trader')).traded);
    expect(composedBot(environmentOf(name)).addresses).toEqual(composedBot(environmentOf('trader')).addresses);
  });

  test('nothing, where .env names Upbit and no mode', () => {
    const collecting = { UPBIT_BASE_URL: 'https://api.upbit.com', TRADING_MODE: '' };
    for (const name of [...asking, ...Object.keys(TASK_QUEUES)]) {
      expect(composedBot(environmentOf(name, collecting)).traded).toBeNull();
    }
  });

  test('refused, where .env names Upbit and forgets the mode', () => {
    expect(() => composedBot(environmentOf('trader', { UPBIT_BASE_URL: 'https://api.upbit.com' }))).toThrow(
      /not on this machine and may take real money/,
    );
  });

  test('collector and optimizer get no key, and nobody the other database’s password', () => {
    for (const name of ['collector', 'optimizer']) {
      expect(JSON.stringify(environmentOf(name))).not.toContain(SECRETS.PAPER_SECRET_KEY);
    }
    for (const [name] of own) expect(JSON.stringify(environmentOf(name))).not.toContain('temporal-db');
    expect(JSON.stringify(environmentOf('temporal'))).not.toContain('bot-db');
  });

  test('a container that lacks an address says which', () => {
    const { TEMPORAL_ADDRESS: _, ...rest } = environmentOf('trader');
    expect(() => composedBot(rest)).toThrow('not set: TEMPORAL_ADDRESS');
  });
});

/** What the exchange is started with where `.env` says this. */
function asked(said: Record<string, string>, held?: HeldBook) {
  const { command = [], environment = {} } = composeFile({ ...SECRETS, ...said }).services.exchange ?? {};
  return exchangeArguments(command, { speed: speedOf(readSettings(environment)), held });
}

describe('the prices of the paper exchange', () => {
  test.each([{}, { PAPER_FEED: '' }, { PAPER_FEED: 'simulated' }])('are simulated where .env says %o', (said) => {
    expect(asked(said)).toMatchObject({ feed: 'simulated', source: undefined });
    expect(asked({ ...said, CANDLE_INTERVAL_MS: '1000' })).toMatchObject({ feed: 'simulated' });
  });

  test('are live ones of Upbit, in real time, where .env asks for them', () => {
    const live = { feed: 'upbit', source: 'https://api.upbit.com' };
    expect(asked({ PAPER_FEED: 'upbit' })).toEqual({ ...live, book: USUAL_BOOK });
    expect(asked({ PAPER_FEED: 'upbit', PAPER_BOOK: 'endless' })).toEqual({ ...live, book: undefined });
  });

  // What is traded stays paper money: neither the address nor the keys are another's.
  test('change nothing for those who trade', () => {
    for (const name of ['trader', 'collector', 'account']) {
      expect(environmentOf(name, { PAPER_FEED: 'upbit' })).toEqual(environmentOf(name));
    }
  });
});

describe('the order book of the paper exchange', () => {
  test('is that of durabit up, with the spread and depth of .env', () => {
    expect(asked({}).book).toEqual(USUAL_BOOK);
    expect(asked({ PAPER_BOOK: '', PAPER_SPREAD: '', PAPER_DEPTH: '' }).book).toEqual(USUAL_BOOK);
    expect(asked({ PAPER_BOOK: 'levels', PAPER_DEPTH: '250000' }).book).toEqual({ ...USUAL_BOOK, depthKrw: 250_000 });
    expect(asked({ PAPER_SPREAD: '80' }).book).toEqual({ ...USUAL_BOOK, spreadPpm: 80 });
  });

  test('is none where .env says so, or where its volume began without one', () => {
    expect(asked({ PAPER_BOOK: 'endless' }, { book: USUAL_BOOK }).book).toBeUndefined();
    expect(asked({}, { book: undefined }).book).toBeUndefined();
    expect(asked({ PAPER_BOOK: 'levels' }, { book: undefined }).book).toEqual(USUAL_BOOK);
  });
});

test.each([
  [{ PAPER_FEED: 'live' }, 'simulated, upbit'],
  [{ PAPER_FEED: 'replay' }, 'simulated, upbit'],
  [{ PAPER_FEED: 'upbit', CANDLE_INTERVAL_MS: '1000' }, 'CANDLE_INTERVAL_MS=1000 does not go with PAPER_FEED=upbit'],
  [{ PAPER_FEED: 'upbit', PAPER_DEPTH: '250000' }, '--depth does not go with --feed upbit'],
  [{ PAPER_BOOK: 'maze' }, 'levels, endless'],
  [{ PAPER_BOOK: 'endless', PAPER_SPREAD: '80' }, '--spread goes with --book levels'],
  [{ PAPER_BOOK: 'levels', PAPER_DEPTH: 'deep' }, '--depth'],
])('a paper exchange is refused where .env says %o', (said, why) => {
  expect(() => asked(said)).toThrow(UserError);
  expect(() => asked(said)).toThrow(/^PAPER_FEED, PAPER_BOOK, PAPER_SPREAD, PAPER_DEPTH in \.env: /);
  expect(() => asked(said)).toThrow(why);
});

/**
 * The house's one-way doors (docs/architecture.md). Rooms not named under `to` are closed; `config` and `process` are open to all (but `strategy`).
 * A `type-only` import leaves nothing at run time, which is why workflows may name the types of activities.
 */
const rooms = [
  'workflows',
  'activities',
  'workers',
  'schedules',
  'db',
  'strategy',
  'exchange',
  'backtest',
  'cli',
  'dashboard',
  'test',
];

const mayImport = {
  strategy: [],
  config: [],
  process: [],
  exchange: ['strategy'],
  db: ['strategy'],
  backtest: ['strategy'],
  activities: ['exchange', 'db', 'backtest', 'strategy'],
  workflows: ['strategy'],
  schedules: ['workflows', 'workers', 'strategy'],
  workers: ['activities', 'workflows', 'exchange', 'db', 'strategy'],
  cli: ['workers', 'schedules', 'activities', 'workflows', 'exchange', 'db', 'backtest', 'strategy'],
};

const oneWay = Object.entries(mayImport).map(([room, open]) => {
  const closed = rooms.filter((other) => other !== room && !open.includes(other));
  if (room === 'strategy') closed.push('config', 'process');
  if (room === 'config' || room === 'workflows') closed.push('process');
  return {
    name: `${room}-imports-only-what-lies-below-it`,
    severity: 'error',
    from: { path: `^${room}/` },
    to: {
      path: `^(${closed.join('|')})/`,
      ...(room === 'workflows' ? { dependencyTypesNot: ['type-only'] } : {}),
      ...(room === 'backtest' ? { pathNot: '^exchange/matching/' } : {}),
    },
  };
});

export default {
  forbidden: [
    ...oneWay,
    {
      name: 'workflows-are-deterministic-orchestration',
      comment: 'No I/O, no clock, no arithmetic of money: of packages only the Temporal ones, and no part of Node.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { pathNot: ['^(workflows|activities|strategy|config)/', 'node_modules/@temporalio/(workflow|common)/'] },
    },
    {
      name: 'workflows-take-only-types-of-config',
      comment: 'config reads files and the environment.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^config/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pure-rooms-do-no-io',
      severity: 'error',
      from: { path: '^(strategy|exchange/(matching|numbers))/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'matching-knows-no-exchange',
      severity: 'error',
      from: { path: '^exchange/(matching|numbers)/' },
      to: { path: '^exchange/(paper|upbit)/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-development-package-in-the-product',
      severity: 'error',
      from: { pathNot: '^test/|^vitest' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/histories' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};

import { CLIENT_MODULE, GATED_CALLS, GATED_FUNCTIONS } from '../visit.ts';
import type { PreloadOptions } from './options.ts';
import { type ModuleText, replaceModule, urlOf } from './replace-module.ts';

const TRADING_STATE = 'db/trading-state.ts';

/** Puts gates around the trader's functions, and the fault asked for into those it is about. */
export function gateModules({ gatePort, broken }: PreloadOptions): void {
  const gate = `${urlOf('test/chaos/preload/gated.ts')}?port=${gatePort}&broken=${broken}`;
  const replacements: Record<string, ModuleText> = {
    [CLIENT_MODULE]: (real) => `
      import * as real from ${real};
      export * from ${real};
      import { gatedClient } from ${JSON.stringify(gate)};
      export const createUpbitClient = gatedClient(real.createUpbitClient, ${JSON.stringify(GATED_CALLS)});`,
    [TRADING_STATE]: (real) => `
      import * as real from ${real};
      export * from ${real};
      import { built } from ${JSON.stringify(gate)};
      export const maySend = built('maySend', real.maySend);`,
  };
  for (const [path, names] of Object.entries(GATED_FUNCTIONS)) {
    replacements[path] = (real) => `
      import * as real from ${real};
      export * from ${real};
      import { gated } from ${JSON.stringify(gate)};
      ${names.map((name) => `export const ${name} = gated('${name}', real.${name});`).join('\n')}`;
  }
  replaceModule(replacements);
}

import { createServer, Socket } from 'node:net';
import { UserError } from '../../config/user-error.ts';
import { portHolder } from './port-holder.ts';

/** A loopback port the run is going to listen on. */
export interface PortNeed {
  readonly port: number;
  /** What for: `the Temporal server`. */
  readonly purpose: string;
  /** What changes it: `TEMPORAL_PORT`. */
  readonly setting: string;
}

/** @throws {UserError} listing every port that is taken, by whom if it can be told, and the setting that changes it. */
export async function checkPorts(needs: readonly PortNeed[]): Promise<void> {
  const faults = (await Promise.all(needs.map((need, index) => faultOf(need, needs.slice(0, index))))).flat();
  if (faults.length > 0) throw new UserError(faults.join('\n'));
}

/** A free loopback port, for those who may take any. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

async function faultOf({ port, purpose, setting }: PortNeed, earlier: readonly PortNeed[]): Promise<string[]> {
  const twin = earlier.find((need) => need.port === port);
  if (twin !== undefined) return [`${twin.setting} and ${setting} are both ${port}; give one of them another port`];
  const code = await listenError(port);
  if (code === null && !(await accepts(port))) return [];
  if (code === 'EACCES') return [`port ${port} for ${purpose} needs more rights; choose another with ${setting}`];
  const holder = portHolder(port);
  const by = holder === null ? '' : ` by ${holder}`;
  return [`port ${port}, needed for ${purpose}, is in use${by}; stop that or choose another port with ${setting}`];
}

function listenError(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** On macOS one may listen on 127.0.0.1 although another listens on every address; only connecting shows it. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new Socket();
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(1_000, () => answer(false));
    socket.once('error', () => answer(false));
    socket.connect(port, '127.0.0.1', () => answer(true));
  });
}

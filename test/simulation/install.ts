/**
 * Turns this process into a simulator before any of the bot's code is loaded: the clock, the network and the server of
 * workflows are the simulated ones wherever code reaches for the real ones. Nothing in the bot's code knows of it.
 */
import { createRequire, registerHooks } from 'node:module';
import { KEYS } from './keys.ts';
import { installSynchronousSigning } from './signing.ts';
import { VirtualSocket } from './virtual-socket.ts';
import { installVirtualTime } from './virtual-time.ts';

const standIn = new URL('./workflow-stand-in.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@temporalio/workflow' ? { url: standIn, shortCircuit: true } : next(specifier, context),
});

// What is printed goes out through real sockets, which are made at first use.
void [process.stdout, process.stderr];
const net = createRequire(import.meta.url)('node:net') as { Socket: unknown };
net.Socket = VirtualSocket;

installVirtualTime();
await installSynchronousSigning(KEYS.secretKey);

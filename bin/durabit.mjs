#!/usr/bin/env node
// The one way in: `npm start`, `npm test`, `npx durabit …` and every npm script begin here.
// No static import, so that even a Node too old for the rest can still parse this file and say so.
const major = Number(process.versions.node.split('.')[0]);

if (major < 18) {
  process.stderr.write(
    `durabit: Node.js ${process.versions.node} is too old; install Node.js 18 or newer (24.9 or newer is best) and try again.\n`,
  );
  process.exitCode = 1;
} else {
  import('./door/main.mjs').then(({ main }) => main(process.argv.slice(2)));
}

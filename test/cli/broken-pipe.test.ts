import { once } from 'node:events';
import { expect, it } from 'vitest';
import { openBotFolder } from '../support/running-bot.ts';

it('ends as usual when nobody reads its output any more, as in `durabit --help | head -1`', async () => {
  const bot = await openBotFolder();
  try {
    const { child, finished } = bot.start(['--help']);
    child.stdout?.destroy();
    await once(child, 'exit');
    expect(await finished).toEqual({ code: 0, stdout: '', stderr: '' });
  } finally {
    bot.remove();
  }
});

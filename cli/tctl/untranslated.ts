/** Commands on schedules that are not translated, with the short names the retired tool had for them. */
const SCHEDULE_COMMANDS: Readonly<Record<string, string>> = {
  create: 'the bot makes its own schedules: npx durabit schedules apply',
  c: 'the bot makes its own schedules: npx durabit schedules apply',
  update: 'change the settings, then: npx durabit schedules apply',
  up: 'change the settings, then: npx durabit schedules apply',
  backfill: 'a run fetches all since the last stored candle by itself: npx durabit trigger collect',
  delete: 'keep it from running with: npx durabit pause; or remove it with: temporal schedule delete --schedule-id ID',
  rm: 'keep it from running with: npx durabit pause; or remove it with: temporal schedule delete --schedule-id ID',
};

/** Groups of commands of the retired tool, and where `temporal` has them. */
const GROUPS: Readonly<Record<string, string>> = {
  workflow: 'temporal workflow --help',
  wf: 'temporal workflow --help',
  activity: 'temporal activity --help',
  act: 'temporal activity --help',
  taskqueue: 'temporal task-queue --help',
  tq: 'temporal task-queue --help',
  namespace: 'temporal operator namespace --help',
  n: 'temporal operator namespace --help',
  cluster: 'temporal operator cluster --help',
  cl: 'temporal operator cluster --help',
  batch: 'temporal batch --help',
  admin: 'temporal operator --help',
  adm: 'temporal operator --help',
  dataconverter: 'temporal --help',
  dc: 'temporal --help',
  config: 'temporal config --help',
  c: 'temporal config --help',
};

/** What to type instead, where words such as `workflow list` were a command of the retired tool that is not translated. */
export function insteadOf([group = '', name = '']: readonly string[]): string | undefined {
  if (group !== 'schedule') {
    const command = GROUPS[group];
    return command && `tctl ${group} is not translated, tctl schedule alone is; see: ${command}`;
  }
  const cure = SCHEDULE_COMMANDS[name];
  return cure && `tctl schedule ${name} is not translated; ${cure}`;
}

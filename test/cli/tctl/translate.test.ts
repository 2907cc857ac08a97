import { describe, expect, it } from 'vitest';
import { translate } from '../../../cli/tctl/translate.ts';
import { UserError } from '../../../config/user-error.ts';

/** The words as a shell splits them, without quoting. */
const asked = (line: string) => translate(line.split(' '));

function refusal(line: string): { message: string; exitCode: number } {
  try {
    asked(line);
  } catch (error) {
    if (error instanceof UserError) return { message: error.message, exitCode: error.exitCode };
    throw error;
  }
  throw new Error(`${line} was translated`);
}

describe('what is translated', () => {
  it.each([
    ['schedule pause --schedule_id trade-KRW-BTC --reason why', 'pause', 'npx tctl schedule pause'],
    ['schedule unpause --schedule_id trade-KRW-BTC --reason why', 'resume', 'npx tctl schedule unpause'],
    ['schedule toggle --schedule_id trade-KRW-BTC --pause --reason why', 'pause', 'npx tctl schedule toggle --pause'],
    [
      'schedule toggle --unpause --schedule_id trade-KRW-BTC --reason why',
      'resume',
      'npx tctl schedule toggle --unpause',
    ],
    ['schedule trigger --schedule_id trade-KRW-BTC --reason why', 'trigger', 'npx tctl schedule trigger'],
  ])('%s', (line, does, words) => {
    expect(asked(line).wish).toEqual({ does, words, scheduleId: 'trade-KRW-BTC', reason: 'why', overlap: undefined });
  });

  it.each([
    'schedule pause --schedule_id reconcile --reason why',
    'schedule pause --schedule_id=reconcile --reason=why',
    'schedule pause --schedule-id reconcile --reason why',
    'schedule pause --sid reconcile --re why',
    'schedule pause -sid reconcile -re why',
    'schedule pause -s reconcile -r why',
    '--schedule_id reconcile schedule --reason why pause',
  ])('the same flags under every name and spelling they had: %s', (line) => {
    expect(asked(line)).toEqual(asked('schedule pause --schedule_id reconcile --reason why'));
  });

  it('a reason keeps what looks like a flag or an equals sign', () => {
    const { wish } = translate(['schedule', 'pause', '-s', 'reconcile', '--reason', '--pause a=b']);
    expect(wish).toMatchObject({ reason: '--pause a=b' });
    expect(translate(['schedule', 'pause', '-s', 'reconcile', '--reason=a=b']).wish).toMatchObject({ reason: 'a=b' });
  });

  it.each(['--print_json', '--pj', '--pjson', '--print_raw', '--raw', '--json', '-o json', '--output=json'])(
    'an answer as JSON with %s',
    (flag) => {
      expect(asked(`schedule list ${flag}`)).toMatchObject({ wish: { does: 'list' }, json: true });
      expect(asked('schedule list').json).toBe(false);
    },
  );

  it.each(['--address', '--ad'])('the server by %s, the namespace and the data directory, before or behind', (flag) => {
    const where = { address: 'there:7233', namespace: 'n', dataDir: '/d' };
    expect(asked(`${flag} there:7233 --ns n schedule ls --data-dir /d`)).toMatchObject(where);
    expect(asked(`schedule ls ${flag} there:7233 --namespace n --data_dir /d`)).toMatchObject(where);
  });

  it('an overlap policy in any case, by the name it has in Temporal', () => {
    const overlap = (name: string) => asked(`schedule trigger -s reconcile --overlap_policy ${name}`).wish;
    expect(overlap('Skip')).toMatchObject({ overlap: 'SKIP' });
    expect(overlap('bufferone')).toMatchObject({ overlap: 'BUFFER_ONE' });
    expect(overlap('BufferAll')).toMatchObject({ overlap: 'BUFFER_ALL' });
    expect(overlap('CancelOther')).toMatchObject({ overlap: 'CANCEL_OTHER' });
    expect(overlap('TerminateOther')).toMatchObject({ overlap: 'TERMINATE_OTHER' });
    expect(overlap('AllowAll')).toMatchObject({ overlap: 'ALLOW_ALL' });
  });

  it.each(['--help', 'schedule', 'schedule --help', 'schedule pause -h', 'help', 'schedule help'])(
    'help: %s',
    (line) => {
      expect(asked(line).wish).toEqual({ does: 'help' });
    },
  );
});

describe('what is refused with exit code 2', () => {
  it.each([
    ['schedule create --schedule_id x --interval 1m', /not translated; .*npx durabit schedules apply/],
    ['schedule update --sid x', /change the settings, then: npx durabit schedules apply/],
    ['schedule backfill --sid x --start_time a --end_time b', /not translated; .*npx durabit trigger collect/],
    ['schedule delete --sid x', /temporal schedule delete --schedule-id/],
    ['schedule rm --sid x', /temporal schedule delete --schedule-id/],
    ['workflow list --query a', /tctl workflow is not translated.*temporal workflow --help/],
    ['--ns durabit wf show -w a', /temporal workflow --help/],
    ['namespace describe', /temporal operator namespace --help/],
    ['admin cluster describe', /temporal operator --help/],
    ['schedule resume --sid x', /there is no tctl schedule resume; see: npx tctl --help/],
    ['schedul pause --sid x', /there is no tctl schedul pause/],
    ['schedule pause', /tctl schedule pause needs --schedule_id, for example/],
    ['schedule pause --sid', /--sid needs a value/],
    ['schedule pause --sid=', /--sid needs a value/],
    ['schedule pause --sid a --schedule_id b', /--schedule_id is given twice/],
    ['schedule pause trade-KRW-BTC --sid a', /has no use for "trade-KRW-BTC"/],
    ['schedule pause --sid a --overlap_policy Skip', /tctl schedule pause does not take --overlap_policy/],
    ['schedule list --sid a', /tctl schedule list does not take --schedule_id/],
    ['schedule pause --sid a --tls_cert_path x', /--tls_cert_path is no flag of it; see: npx tctl --help/],
    ['schedule toggle --sid a', /needs one of --pause and --unpause/],
    ['schedule toggle --sid a --pause --unpause', /needs one of --pause and --unpause/],
    ['schedule toggle --sid a --pause=maybe', /--pause=maybe: must be true or false/],
    ['schedule trigger --sid a --overlap_policy Never', /Never: must be one of Skip, BufferOne, BufferAll/],
    ['schedule list --output csv', /--output csv: must be table or json/],
  ])('%s', (line, says) => {
    const { message, exitCode } = refusal(line);
    expect(message).toMatch(says);
    expect(exitCode).toBe(2);
  });
});

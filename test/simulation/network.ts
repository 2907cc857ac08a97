import { httpDate } from '../../exchange/paper/wire/times.ts';
import type { Rates } from './faults.ts';
import { ELSEWHERE, type Host, nextStep } from './host.ts';
import type { Answer, World } from './world.ts';

/** What becomes of a request. */
interface Course {
  /** Whether the exchange does what it is asked. */
  readonly effect: boolean;
  /** What the bot hears: the answer, one that is none, nothing at all, that the connection broke or never was; or it hears nothing more. */
  readonly hears: 'answer' | 'unclear' | 'nothing' | 'break' | 'no connection' | 'death';
  /** Milliseconds on the way there, on the way back, until a created order is shown. */
  readonly there?: readonly [number, number];
  readonly back?: readonly [number, number];
  readonly shown?: readonly [number, number];
  readonly standsStill?: true;
}

/**
 * After so many milliseconds nothing of a request shows up at the exchange any more that was not there: the ledger waits
 * five seconds from the commit of `sending`, and the request leaves up to half a second after that.
 */
export const LATEST_MS = 4_400;

const COURSES = {
  'the process dies before the request arrives': { effect: false, hears: 'death' },
  'the process dies before it has the answer': { effect: true, hears: 'death' },
  'the request is lost': { effect: false, hears: 'nothing' },
  'the answer is lost': { effect: true, hears: 'nothing' },
  'the connection breaks before the request arrives': { effect: false, hears: 'break' },
  'the connection breaks before the answer arrives': { effect: true, hears: 'break' },
  'refused without being looked at': { effect: false, hears: 'unclear' },
  'the answer says something else than what happened': { effect: true, hears: 'unclear' },
  'the answer is slow': { effect: true, hears: 'answer', back: [300, 2_900] },
  'the process stands still': { effect: true, hears: 'answer', standsStill: true },
  'the order is shown late': { effect: true, hears: 'answer', shown: [100, LATEST_MS] },
  'the connection breaks and the order is shown late': { effect: true, hears: 'break', shown: [100, LATEST_MS] },
  'the connection breaks and the request arrives late': { effect: true, hears: 'break', there: [500, LATEST_MS] },
  'nobody listens': { effect: false, hears: 'no connection' },
  'the answer says something else and the order is shown late': {
    effect: true,
    hears: 'unclear',
    shown: [100, LATEST_MS],
  },
} satisfies Record<string, Course>;

type HttpFault = keyof typeof COURSES;

/** How often each strikes a request that reads or cancels. */
const READ_FAULTS: Rates<HttpFault> = {
  'the process dies before the request arrives': 0.0004,
  'the process dies before it has the answer': 0.0004,
  'the request is lost': 0.002,
  'the answer is lost': 0.002,
  'the connection breaks before the request arrives': 0.002,
  'the connection breaks before the answer arrives': 0.002,
  'refused without being looked at': 0.003,
  'the answer says something else than what happened': 0.001,
  'the answer is slow': 0.004,
  'the process stands still': 0.0006,
  'the order is shown late': 0,
  'the connection breaks and the order is shown late': 0,
  'the connection breaks and the request arrives late': 0,
  'nobody listens': 0.002,
  'the answer says something else and the order is shown late': 0,
};

/** The same for one that creates: what must not happen twice. */
const CREATE_FAULTS: Rates<HttpFault> = {
  'the process dies before the request arrives': 0.006,
  'the process dies before it has the answer': 0.01,
  'the request is lost': 0.006,
  'the answer is lost': 0.01,
  'the connection breaks before the request arrives': 0.006,
  'the connection breaks before the answer arrives': 0.01,
  'refused without being looked at': 0.015,
  'the answer says something else than what happened': 0.04,
  'the answer is slow': 0.01,
  'the process stands still': 0.005,
  'the order is shown late': 0.01,
  'the connection breaks and the order is shown late': 0.02,
  'the connection breaks and the request arrives late': 0.02,
  'nobody listens': 0.015,
  'the answer says something else and the order is shown late': 0.015,
};

/** Answers that are none, and how they look. */
const UNCLEAR: readonly [Answer, ...Answer[]] = [
  { status: 500, body: '{"error":{"name":"server_error","message":"try later"}}' },
  { status: 502, body: '<html>bad gateway</html>' },
  { status: 503, body: '' },
  { status: 429, body: '' },
  { status: 429, body: '{"error":{"name":"too_many_requests","message":"Too many API requests."}}' },
  { status: 400, body: '{"error":{"name":"market_offline","message":"under maintenance"}}' },
  { status: 400, body: '{"error":{"name":"too_many_request_order","message":"too many orders"}}' },
  { status: 401, body: '{"error":{"name":"nonce_used","message":"nonce"}}' },
  { status: 200, body: '{"half an ans' },
];
/** It blocks the bot's client for five minutes. */
const BANNED: Answer = { status: 418, body: '' };

/** Requests to the simulated exchange, in place of `fetch`. */
export async function simulatedFetch(world: World, request: Request): Promise<Response> {
  const { time, chance, story, exchange } = world;
  const { host, name: step } = nextStep();
  const sentAt = time.now;
  const url = new URL(request.url);
  const creates = request.method === 'POST';
  const body = creates ? await request.text() : '';
  const name = `${step} (${request.method} ${url.pathname}${about(url)})`;
  const fault = faultOf(world, host, name, creates);
  const course: Course = fault === undefined ? { effect: true, hears: 'answer' } : COURSES[fault];
  const within = (what: string, range: readonly [number, number]) => chance.between(`${name} ${what}`, ...range);
  if (creates) noteCreate(world, body, sentAt);
  if (course.standsStill) world.standStill(host, name);

  return new Promise<Response>((resolve, reject) => {
    const answerWith = ({ status, body: text }: Answer) => {
      const date = httpDate(world.marketTime(time.now));
      const headers = { date, 'content-type': 'application/json', 'remaining-req': 'group=default; min=1799; sec=29' };
      story.trace(`${name} answered: ${status} ${text}`);
      time.after(within('back', course.back ?? [2, 10]), () => resolve(new Response(text, { status, headers })), host);
    };
    if (course.hears === 'no connection') {
      time.after(within('refused', [0.2, 5]), () => reject(chance.oneOf(`${name} fails`, NO_CONNECTION)()), host);
      return;
    }
    if (course.hears === 'break') time.after(within('breaks', [5, 80]), () => reject(broken()), host);
    time.after(
      within('there', course.there ?? [2, 10]),
      () => {
        const visibleFrom = sentAt + (course.shown === undefined ? 0 : within('shown', course.shown));
        const answer = course.effect ? exchange.handle(request.method, url, body, visibleFrom) : undefined;
        if (course.hears === 'death') world.kill(host);
        else if (course.hears === 'answer' && answer !== undefined) answerWith(answer);
        else if (course.hears === 'unclear') answerWith(chance.of(`${name} ban`) < 0.01 ? BANNED : unclear());
      },
      ELSEWHERE,
    );
    const unclear = () => chance.oneOf(`${name} says`, UNCLEAR);
  });
}

function faultOf({ time, faults, nobodyListensUntil }: World, host: Host, name: string, creates: boolean) {
  if (time.now < nobodyListensUntil && !faults.over) return 'nobody listens';
  if (!host.faulty) return undefined;
  return faults.strike(name, creates ? CREATE_FAULTS : READ_FAULTS, creates ? 'order' : 'anywhere');
}

function about({ searchParams }: URL): string {
  const identifier = searchParams.get('identifier');
  return identifier === null ? '' : ` ${identifier}`;
}

function noteCreate({ exchange, story }: World, body: string, sentAt: number): void {
  const { identifier = '' } = JSON.parse(body) as Record<string, string>;
  exchange.creates.push({ identifier, sentAt });
  story.tell(`bot: sends ${identifier}`);
}

/** As undici reports that there was no connection: nobody took the call, at one address or at each, or the name is not known. */
const NO_CONNECTION: readonly [() => TypeError, ...(() => TypeError)[]] = [
  () => fetchFailed(systemError('ECONNREFUSED', 'connect')),
  () =>
    fetchFailed(new AggregateError([systemError('ECONNREFUSED', 'connect'), systemError('EHOSTUNREACH', 'connect')])),
  () => fetchFailed(systemError('ENOTFOUND', 'getaddrinfo')),
];

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}

function fetchFailed(cause: Error): TypeError {
  return new TypeError('fetch failed', { cause });
}

/** As undici reports a broken connection. */
function broken(): TypeError {
  return fetchFailed(systemError('ECONNRESET', 'read'));
}

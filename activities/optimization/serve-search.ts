import type { MessagePort } from 'node:worker_threads';
import { judge } from '../../backtest/metrics.ts';
import { prepareMarket } from '../../backtest/prepared-market.ts';
import { planSearch } from '../../backtest/search.ts';
import { scaleTerms } from '../../backtest/simulate.ts';
import { ensembleText } from '../../strategy/ensemble.ts';
import type { SearchAnswers, SearchJob, SearchQuestion } from './search-job.ts';

/** A thread's side: works out what it is asked. The first question brings the job, the others are about it. */
export function serveSearch(port: MessagePort): void {
  let work: ReturnType<typeof take> | undefined;
  port.on('message', (question: SearchQuestion) => {
    if (question.kind === 'plan') work = take(question.job);
    if (work === undefined) throw new Error(`asked for a ${question.kind} before any job`);
    port.postMessage(work(question));
  });
}

function take(job: SearchJob): (question: SearchQuestion) => SearchAnswers[keyof SearchAnswers] {
  const market = prepareMarket(job.bars, job.decidedFrom, job.terms);
  const terms = scaleTerms(job.terms);
  const { candidates, distinct, chunks, run } = planSearch(market, terms, job.space);
  return (question) => {
    switch (question.kind) {
      case 'plan':
        return { candidates: candidates.length, distinct, chunks };
      case 'chunk':
        return run(question.chunk);
      case 'judge': {
        const ensemble = candidates[question.candidate];
        if (ensemble === undefined) throw new RangeError(`there is no candidate ${question.candidate}`);
        return { ...ensembleText(ensemble), metrics: judge(market, terms, ensemble) };
      }
    }
  };
}

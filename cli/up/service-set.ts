import type { PartCondition } from './part-condition.ts';
import { createService, type Service, type ServiceContext } from './service.ts';
import { layersOf } from './step-graph.ts';
import { nameOf, type Step } from './supervisor-plan.ts';

/** All services of a plan. */
export interface ServiceSet {
  start(name: string): Promise<void>;
  /** Stops all of one kind, those that depend on others first. */
  stop(kind: 'server' | 'worker'): Promise<void>;
  /** Stops workers, then servers; stopping twice is harmless. */
  stopAll(): Promise<void>;
  restarts(): Record<string, number>;
  /** How each service is doing, in the order of the plan. */
  conditions(): readonly PartCondition[];
}

export function createServiceSet(steps: readonly Step[], context: ServiceContext): ServiceSet {
  const nodes = steps.map((step) => ({ name: nameOf(step), dependsOn: step.dependsOn, step }));
  const services = new Map<string, Service>();
  for (const step of steps) {
    if (step.kind !== 'task') {
      services.set(step.service.name, createService(step.service, context, step.afterRestart));
    }
  }

  const layers = layersOf(nodes).reverse();

  async function stop(kind: 'server' | 'worker'): Promise<void> {
    for (const layer of layers) {
      const those = layer.filter(({ step }) => step.kind === kind);
      const results = await Promise.allSettled(those.map(({ name }) => services.get(name)?.stop()));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    }
  }

  return {
    start: async (name) => services.get(name)?.start(),
    stop,
    stopAll: async () => {
      await stop('worker');
      await stop('server');
    },
    restarts: () => Object.fromEntries([...services].map(([name, service]) => [name, service.restarts()])),
    conditions: () => [...services.values()].map((service) => service.condition()),
  };
}

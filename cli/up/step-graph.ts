/** Something that is started after others, by name. */
export interface Node {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * Starts every node as soon as what it depends on has started; rejects with the first fault, after which nothing new
 * is started.
 *
 * @throws when a dependency has no node or nodes wait for each other.
 */
export async function startInOrder<T extends Node>(
  nodes: readonly T[],
  start: (node: T) => Promise<void>,
): Promise<void> {
  layersOf(nodes);
  let failed = false;
  const started = new Map<string, Promise<void>>();
  const startOnce = (node: T): Promise<void> => {
    const promise = started.get(node.name) ?? startAfterOthers(node);
    started.set(node.name, promise);
    return promise;
  };
  async function startAfterOthers(node: T): Promise<void> {
    await Promise.all(nodes.filter(({ name }) => node.dependsOn.includes(name)).map(startOnce));
    if (failed) return;
    try {
      await start(node);
    } catch (error) {
      failed = true;
      throw error;
    }
  }
  await Promise.all(nodes.map(startOnce));
}

/** Groups in the order of the start: every node comes after the groups that hold what it depends on. */
export function layersOf<T extends Node>(nodes: readonly T[]): T[][] {
  const names = new Set(nodes.map(({ name }) => name));
  if (names.size !== nodes.length) throw new Error('two steps have the same name');
  for (const { name, dependsOn } of nodes) {
    const unknown = dependsOn.find((other) => !names.has(other));
    if (unknown !== undefined) throw new Error(`step ${name} depends on ${unknown}, which does not exist`);
  }
  const layers: T[][] = [];
  const placed = new Set<string>();
  while (placed.size < nodes.length) {
    const layer = nodes.filter((node) => !placed.has(node.name) && node.dependsOn.every((name) => placed.has(name)));
    if (layer.length === 0) throw new Error('steps depend on each other in a circle');
    for (const { name } of layer) placed.add(name);
    layers.push(layer);
  }
  return layers;
}

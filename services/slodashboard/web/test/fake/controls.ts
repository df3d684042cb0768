// The controls of the components of the fake back end. They switch nothing.

import type { Control, ControlChange, ControlOption, Controls as All, Switch, Switches } from '../../src/api/types';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const option = (name: string, help = '', min = 0, max = 0): ControlOption => ({ name, help, min, max });

function control(name: string, help: string, ...options: readonly ControlOption[]): Control {
  const start = options[0]?.name ?? '';
  return { name, help, options, option: start, start, forSeconds: 0 };
}

const outgoing = [
  control('upstream-limit', 'what bounds the attempts in flight at each upstream',
    option('adaptive', 'the load that the upstream reports'), option('static', 'a constant', 1, 10_000), option('none', 'nothing')),
  control('breaker', 'refuses calls to an upstream that fails, until trials succeed', option('on'), option('off')),
];
const queue = [control('queue', 'how requests wait for a slot', option('fifo', 'first in, first out'), option('lifo-codel', 'newest first while the queue does not empty'))];
const balancing = [control('balancing', 'which healthy replica gets a lookup', option('round-robin', 'each in turn'), option('random', 'any'))];

/** How many processes a component has: all but one of them have one. */
export const replicasOf = (component: string): number => (component === 'merchant-service' ? 3 : 1);

export class Controls {
  readonly #of: ReadonlyMap<string, readonly Mutable<Control>[]>;
  readonly #switches: Switch[] = [];

  /** The services have a queue. */
  constructor(services: readonly string[]) {
    const all: [string, readonly Control[]][] = [
      ...services.map((id): [string, readonly Control[]] => [id, queue]),
      ['experience-api', outgoing], ['rating-lb', balancing], ['enrichment-worker', outgoing],
    ];
    this.#of = new Map(all.map(([id, controls]) => [id, structuredClone(controls)]));
  }

  get components(): readonly string[] {
    return [...this.#of.keys()];
  }

  of(component: string): All | undefined {
    const controls = this.#of.get(component);
    return controls && { component, controls, replicas: replicasOf(component) };
  }

  set(component: string, { control, ...change }: ControlChange): All | undefined {
    const found = this.#of.get(component)?.find(({ name }) => name === control);
    if (found) this.#apply(component, found, { forSeconds: 0, ...change });
    return this.of(component);
  }

  reset(component: string): All | undefined {
    for (const one of this.#of.get(component) ?? []) this.#apply(component, one, { option: one.start, forSeconds: 0 });
    return this.of(component);
  }

  #apply(component: string, control: Mutable<Control>, change: Pick<Control, 'option' | 'forSeconds'>): void {
    const [option = ''] = change.option.split('=');
    if (change.option !== control.option) this.#switches.push({ at: new Date().toISOString(), component, control: control.name, option });
    Object.assign(control, change);
  }

  switches(): Switches {
    return { switches: this.#switches };
  }
}

// The changes that a user can make. Each one refreshes the feeds it affects.

import { call } from './client';
import { capacityFeed, controlsFeed, experiments, faultFeed, flame, queues, runs, scenarios } from './feeds';
import type { Capacity, CapacityChange, ControlChange, Controls, ExperimentBody, ExperimentRun, Experiments, Fault, FaultChange, Flame, Scenario } from './types';

const part = encodeURIComponent;

export async function setScenario(id: string, active: boolean, intensity?: number): Promise<void> {
  const body = active && intensity !== undefined ? { active, intensity } : { active };
  await call<Scenario>(`/api/scenario/${part(id)}`, { method: 'POST', body });
  await Promise.all([scenarios.again(), runs.again()]);
}

// Changes of a component's settings return how many replicas took them.

export async function setFault(service: string, change: FaultChange): Promise<number> {
  const { replicas } = await call<Fault>(`/api/faults/${part(service)}`, { method: 'PUT', body: change });
  await faultFeed(service).again();
  return replicas;
}

export async function resetFault(service: string): Promise<number> {
  const { replicas } = await call<Fault>(`/api/faults/${part(service)}`, { method: 'DELETE' });
  await faultFeed(service).again();
  return replicas;
}

export async function setCapacity(service: string, change: CapacityChange): Promise<number> {
  const { replicas } = await call<Capacity>(`/api/capacity/${part(service)}`, { method: 'PUT', body: change });
  await capacityFeed(service).again();
  return replicas;
}

export async function resetCapacity(service: string): Promise<number> {
  const { replicas } = await call<Capacity>(`/api/capacity/${part(service)}`, { method: 'DELETE' });
  await capacityFeed(service).again();
  return replicas;
}

/** Switches controls one after the other, up to the first that is refused. */
export async function setControls(component: string, changes: readonly ControlChange[]): Promise<number> {
  let taken = 0;
  try {
    for (const body of changes) taken = (await call<Controls>(`/api/controls/${part(component)}`, { method: 'PUT', body })).replicas;
  } finally {
    await controlsFeed(component).again();
  }
  return taken;
}

export async function resetControls(component: string): Promise<number> {
  const { replicas } = await call<Controls>(`/api/controls/${part(component)}`, { method: 'DELETE' });
  await controlsFeed(component).again();
  return replicas;
}

export async function replay(queue: string, which: { id: string } | { all: true }): Promise<number> {
  const { replayed } = await call<{ replayed: number }>(`/api/queues/${part(queue)}/replay`, { method: 'POST', body: which });
  await queues.again();
  return replayed;
}

export async function compareFlames(): Promise<void> {
  await call<Flame>('/api/flame', { method: 'POST' });
  await flame.again();
}

export async function startExperiment(id: string, options: ExperimentBody): Promise<void> {
  await call<ExperimentRun>(`/api/experiments/${part(id)}`, { method: 'POST', body: options });
  await Promise.all([experiments.again(), scenarios.again()]);
}

export async function stopExperiment(): Promise<void> {
  await call<Experiments>('/api/experiments', { method: 'DELETE' });
  await Promise.all([experiments.again(), scenarios.again()]);
}

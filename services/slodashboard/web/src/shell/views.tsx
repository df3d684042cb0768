// The table of views. To add one, add a folder and an entry here. A view is loaded when it is first shown.

import { lazy, type ComponentType } from 'react';
import type { IconName } from '../ui/icons';

export interface ViewEntry {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  readonly Page: ComponentType;
  /** The view under whose navigation entry it is; empty: it has its own. */
  readonly under: string;
}

const entry = (id: string, label: string, icon: IconName, load: () => Promise<{ default: ComponentType }>, under = ''): ViewEntry => ({
  id,
  label,
  icon,
  Page: lazy(load),
  under,
});

export const views: readonly ViewEntry[] = [
  entry('overview', 'Overview', 'overview', () => import('../overview/overview')),
  entry('topology', 'Topology', 'topology', () => import('../topology/topology')),
  entry('scenarios', 'Scenarios', 'scenarios', () => import('../scenarios/scenarios')),
  entry('hybrid', 'Hybrid reads', 'hybrid', () => import('../hybrid/hybrid')),
  entry('experiments', 'Experiments', 'experiments', () => import('../experiments/experiments')),
  entry('hash', 'Heavy hash', 'experiments', () => import('../hash/hash'), 'experiments'),
  entry('queues', 'Queues', 'queues', () => import('../queues/queues')),
];

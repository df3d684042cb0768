// The table of views. To add one, add a folder and an entry here. A view is loaded when it is first shown.

import { lazy, type ComponentType } from 'react';
import type { IconName } from '../ui/icons';

export interface ViewEntry {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  readonly Page: ComponentType;
}

const entry = (id: string, label: string, icon: IconName, load: () => Promise<{ default: ComponentType }>): ViewEntry => ({
  id,
  label,
  icon,
  Page: lazy(load),
});

export const views: readonly ViewEntry[] = [
  entry('overview', 'Overview', 'overview', () => import('../overview/overview')),
  entry('topology', 'Topology', 'topology', () => import('../topology/topology')),
  entry('scenarios', 'Scenarios', 'scenarios', () => import('../scenarios/scenarios')),
  entry('hybrid', 'Hybrid reads', 'hybrid', () => import('../hybrid/hybrid')),
  entry('hash', 'Heavy hash', 'hash', () => import('../hash/hash')),
  entry('queues', 'Queues', 'queues', () => import('../queues/queues')),
];

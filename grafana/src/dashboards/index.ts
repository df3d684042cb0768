// All dashboards, in the order of a tour.

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { experience } from './experience.js';
import { experiment } from './experiment.js';
import { load } from './load.js';
import { overview } from './overview.js';
import { queues } from './queues.js';
import { readModel } from './read-model.js';
import { runtime } from './runtime.js';
import { stack } from './stack.js';

export function dashboards(): Dashboard[] {
  return [overview(), experience(), queues(), readModel(), runtime(), load(), experiment(), stack()];
}

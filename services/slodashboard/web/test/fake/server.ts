// A back end without a platform, for tests of the page alone. It serves the built page and the API. Its answers have the API's types and are
// validated against openapi.json (check.ts).

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Capacity, CapacityChange, Code, ControlChange, Controls as ControlsOf, ExperimentBody, Fault, FaultChange, Flame, Links, Meta, Page, Replayed, ReplayBody, ScenarioBody } from '../../src/api/types';
import { faultOfAnswer, operationOf } from './check';
import { Controls, replicasOf } from './controls';
import * as data from './data';
import { Experiments, reports } from './experiments';
import { Scenarios } from './scenarios';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'";
const configured = { latencyMinMs: 35, latencyMaxMs: 250, failureRate: 0.015, blackhole: false };
const slots: data.Slots = { capacity: 128, queue: 256, discipline: 'fifo', slowAbove: 1, slowdown: 1, abandoned: 'drop' };
const faulty = ['deal-service', 'price-service', 'inventory-service', 'rating-service-a', 'rating-service-b', 'merchant-service'];
const report = '/api/flame/report/';

/** A refusal, as the API writes it. */
export interface Refusal {
  readonly status: number;
  readonly code: Code;
  readonly error: string;
  readonly since?: string;
}

class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.error);
  }
}

const unavailable = new Set(['sli', 'slo', 'whatIf', 'topology', 'node', 'hybrid', 'hash', 'queues', 'switches']);

export class Fake {
  readonly scenarios = new Scenarios();
  readonly experiments = new Experiments();
  readonly controls = new Controls(faulty);
  /** When Prometheus was lost. While it is set, calls that need Prometheus are refused. */
  lostSince: string | undefined = undefined;
  /** READ_MODEL of the API. */
  readModel = true;
  /** Refuses the next change. */
  refuse: Refusal | undefined = undefined;
  /** Answers that do not match the API's description. */
  readonly problems: string[] = [];
  /** How many times faster its clock runs than the real one. */
  speed = 1;
  readonly #began = Date.now();
  readonly #asked = new Map<string, number>();
  readonly #faults: Record<string, typeof configured> = Object.fromEntries(faulty.map((id) => [id, { ...configured }]));
  readonly #slots: Record<string, data.Slots> = Object.fromEntries(faulty.map((id) => [id, { ...slots }]));
  #flame: Flame = { state: 'idle', step: null, startedAt: null, endedAt: null, error: '', report: null };
  #dead: data.Dead = {
    'enrichment-jobs': [],
    'critical-jobs': [
      data.deadJob(Date.now() / 1000, 'purchase-7f3a', 'fraud-check', 'fraud check of d-00042: synthetic failure'),
      data.deadJob(Date.now() / 1000, 'purchase-81bc', 'email-receipt', 'email receipt: synthetic failure'),
    ],
  };
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));

  #answer(operation: string, parameter: string, query: URLSearchParams, body: unknown): unknown {
    const now = (this.#began + (Date.now() - this.#began) * this.speed) / 1000;
    const past = query.has('history');
    switch (operation) {
      case 'sli':
        return data.sli(now, past);
      case 'slo':
        return data.slo(now);
      case 'whatIf':
        return data.whatIf(now, query.get('objective') ?? '', Number(query.get('targetMs')));
      case 'topology':
        return data.topology(now, this.#faults, this.#slots);
      case 'node':
        return data.nodeHistory(now, parameter);
      case 'busyTraces':
        return data.busyTraces(now);
      case 'hybrid':
        return data.hybrid(now, past, this.readModel);
      case 'hash':
        return data.hash(now, past, this.scenarios.running);
      case 'queues':
        return data.queues(now, past, this.#dead);
      case 'replay':
        return this.#replay(parameter, body as ReplayBody);
      case 'scenarios':
        return this.scenarios.all();
      case 'runs':
        return this.scenarios.history();
      case 'scenario':
        return this.#scenario(parameter, (body ?? {}) as ScenarioBody);
      case 'experiments':
        return this.experiments.all();
      case 'experiment':
        return this.#experiment(parameter);
      case 'runExperiment':
        this.#experiment(parameter);
        this.scenarios.experiment = parameter;
        return this.experiments.start(parameter, (body ?? {}) as ExperimentBody);
      case 'stopExperiment':
        this.scenarios.experiment = '';
        this.experiments.stop();
        return this.experiments.all();
      case 'faults':
        return this.#fault(parameter, {});
      case 'setFaults':
        return this.#fault(parameter, body as FaultChange);
      case 'resetFaults':
        return this.#fault(parameter, configured);
      case 'capacity':
        return this.#capacity(parameter, {});
      case 'setCapacity':
        return this.#capacity(parameter, body as CapacityChange);
      case 'resetCapacity':
        return this.#capacity(parameter, slots);
      case 'controls':
        return known(this.controls.of(parameter), parameter);
      case 'setControl':
        return known(this.controls.set(parameter, body as ControlChange), parameter);
      case 'resetControls':
        return known(this.controls.reset(parameter), parameter);
      case 'switches':
        return this.controls.switches();
      case 'flame':
        return this.#flame;
      case 'compareFlames':
        return this.#compare();
      case 'links':
        return links;
      case 'meta':
        return meta(this.controls.components);
      default:
        throw new Refused({ status: 404, code: 'not_found', error: `the fake does not answer ${operation}` });
    }
  }

  /** How often a path was requested. */
  asked(path: string): number {
    return this.#asked.get(path) ?? 0;
  }

  #scenario(id: string, { active, intensity }: ScenarioBody): unknown {
    if (!this.scenarios.has(id)) throw new Refused({ status: 404, code: 'not_found', error: `unknown scenario: ${id}` });
    this.scenarios.set(id, active ?? undefined, intensity ?? undefined);
    return this.scenarios.describe(id);
  }

  #experiment(id: string): unknown {
    const detail = this.experiments.detail(id);
    if (!detail) throw new Refused({ status: 404, code: 'not_found', error: `no such experiment: ${id}` });
    return detail;
  }

  #replay(queue: string, { id }: ReplayBody): Replayed {
    if (queue !== 'enrichment-jobs' && queue !== 'critical-jobs') throw new Refused({ status: 404, code: 'not_found', error: `unknown queue: ${queue}` });
    const before = this.#dead[queue].length;
    this.#dead = { ...this.#dead, [queue]: id ? this.#dead[queue].filter((job) => job.id !== id) : [] };
    return { replayed: before - this.#dead[queue].length };
  }

  #fault(service: string, { forSeconds, ...change }: FaultChange): Fault {
    const fault = this.#faults[service];
    if (!fault) throw new Refused({ status: 404, code: 'not_found', error: `unknown service: ${service}` });
    Object.assign(fault, change);
    return { service, replicas: replicasOf(service), ...fault, forSeconds: forSeconds ?? 0 };
  }

  #capacity(service: string, { forSeconds, ...change }: CapacityChange): Capacity {
    const capacity = this.#slots[service];
    if (!capacity) throw new Refused({ status: 404, code: 'not_found', error: `unknown service: ${service}` });
    Object.assign(capacity, change);
    return { service, replicas: replicasOf(service), ...capacity, ...data.served(capacity), forSeconds: forSeconds ?? 0 };
  }

  #compare(): Flame {
    const step = { name: 'profile of bad', number: 2, of: 5, elapsedSec: 3, takesSec: 10, goroutines: 40, runnable: 12 };
    this.#flame = { ...this.#flame, state: 'running', step, startedAt: new Date().toISOString() };
    return this.#flame;
  }

  /** Ends the running comparison of flame graphs with a report. */
  finishComparison(): void {
    const now = new Date().toISOString();
    this.#flame = {
      ...this.#flame, state: 'done', step: null, endedAt: now,
      report: {
        madeAt: now, title: 'Bad against good', meaning: 'With bad, lists wait for a processor.', url: `${report}report.html`,
        rows: [{ id: 'p99', label: 'List p99', unit: 'ms', bad: 486, good: 61, better: 'lower' }],
        files: [{ name: 'base.pb.gz', url: `${report}base.pb.gz` }],
      },
    };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    if (url.pathname.startsWith(report)) return send(response, 200, '.html', '<!doctype html><title>Report</title><h1>Flame graphs</h1>');
    if (url.pathname.startsWith(reports)) return send(response, 200, '.html', '<!doctype html><title>Report</title><h1>A run</h1>');
    if (url.pathname.startsWith('/api/')) return this.#serveAPI(request, response, url);
    const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname);
    try {
      return send(response, 200, extname(path), await readFile(join(dist, path)));
    } catch {
      return send(response, 404, '.html', 'not found');
    }
  }

  async #serveAPI(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    this.#asked.set(url.pathname, this.asked(url.pathname) + 1);
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const method = request.method ?? 'GET';
    const found = operationOf(method, url.pathname);
    try {
      if (!found) throw new Refused({ status: 404, code: 'not_found', error: `not found: ${url.pathname}` });
      this.#refuse(method, found.id);
      const answer = this.#answer(found.id, found.parameter, url.searchParams, text === '' ? undefined : JSON.parse(text));
      const fault = faultOfAnswer(found.id, answer);
      if (fault) this.problems.push(`${method} ${url.pathname}: ${fault}`);
      send(response, 200, '.json', JSON.stringify(answer));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (!found) this.problems.push(`${method} ${url.pathname}: the API has no such call`);
      const { status, ...problem } = error.refusal;
      send(response, status, '.json', JSON.stringify({ ...problem, warnings: [], meta: {} }));
    }
  }

  #refuse(method: string, operation: string): void {
    if (method !== 'GET' && this.refuse) {
      const refusal = this.refuse;
      this.refuse = undefined;
      throw new Refused(refusal);
    }
    if (this.lostSince !== undefined && unavailable.has(operation))
      throw new Refused({ status: 503, code: 'prometheus_unavailable', error: 'prometheus: connection refused', since: this.lostSince });
  }

  /** Starts to serve on a free port. */
  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': types[type] ?? 'application/json', 'content-security-policy': policy, 'cache-control': 'no-store' });
  response.end(body);
}

function known(controls: ControlsOf | undefined, component: string): ControlsOf {
  if (!controls) throw new Refused({ status: 404, code: 'not_found', error: `no component with these settings: ${component}` });
  return controls;
}

function meta(controlled: readonly string[]): Meta {
  const now = new Date().toISOString();
  return { version: 'fake', startedAt: now, now, pollSec: 2, tokenRequired: false, locked: false, prometheus: { ok: true, since: now, reason: '' }, services: faulty, controlled };
}

const page = (id: Page['id'], label: string, links: Page['links'] = []): Page => ({ id, label, available: true, url: `http://127.0.0.1:9/${id}`, links });
const links: Links = {
  pages: [
    page('grafana', 'Grafana', [{ id: 'overview', label: 'Overview', url: 'http://127.0.0.1:9/d/overview?from={from}&to={to}' }]),
    page('tempo', 'Tempo', [{ id: 'traces', label: 'Traces', url: 'http://127.0.0.1:9/explore?service={service}&from={from}&to={to}' }, { id: 'trace', label: 'Trace', url: 'http://127.0.0.1:9/explore?trace={trace}' }]),
    page('pyroscope', 'Pyroscope', [{ id: 'profile', label: 'Profile', url: 'http://127.0.0.1:9/p?service={service}&from={from}&to={to}' }]),
    page('prometheus', 'Prometheus', [{ id: 'graph', label: 'Graph', url: 'http://127.0.0.1:9/query?g0.expr={query}' }]), page('alertmanager', 'Alertmanager'), page('queue-ui', 'queue-ui'),
  ],
};

// A back end that is none: serves the built page and answers as the API does, for tests of the page alone.
// `node test/fake/server.mjs 3199` runs it by itself.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as data from './data.mjs';
import { Scenarios } from './scenarios.mjs';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'";
const configured = { latencyMinMs: 35, latencyMaxMs: 250, failureRate: 0.015, blackhole: false };
const faulty = ['deal-service', 'price-service', 'inventory-service', 'rating-service-a', 'rating-service-b', 'merchant-service'];

class Refused extends Error {
  constructor(status, code, message, more = {}) {
    super(message);
    Object.assign(this, { status, code, more });
  }
}

export class Fake {
  scenarios = new Scenarios();
  /** Set to a time, everything of Prometheus is refused with it. */
  lostSince = undefined;
  /** Refuses the next change with this. */
  refuse = undefined;
  requests = 0;
  /** How much faster than ours its clock goes. */
  speed = 1;
  #began = Date.now();
  #asked = new Map();
  #faults = Object.fromEntries(faulty.map((id) => [id, { ...configured }]));
  #flame = { state: 'idle', step: null, startedAt: null, endedAt: null, error: '', report: null };
  #dead = {
    'enrichment-jobs': [],
    'critical-jobs': [
      data.deadJob(Date.now() / 1000, 'purchase-7f3a', 'fraud-check', 'fraud check of d-00042: synthetic failure'),
      data.deadJob(Date.now() / 1000, 'purchase-81bc', 'email-receipt', 'email receipt: synthetic failure'),
    ],
  };

  answer(method, url, body) {
    const now = (this.#began + (Date.now() - this.#began) * this.speed) / 1000;
    const past = url.searchParams.has('history');
    const [, , name, ...rest] = url.pathname.split('/');
    if (method !== 'GET' && this.refuse) {
      const refused = this.refuse;
      this.refuse = undefined;
      throw new Refused(...refused);
    }
    const lost = this.lostSince && ['sli', 'slo', 'topology', 'hybrid', 'hash', 'queues'].includes(name) && method === 'GET';
    if (lost) throw new Refused(503, 'prometheus_unavailable', 'prometheus: connection refused', { since: this.lostSince });
    switch (name) {
      case 'sli':
        return data.sli(now, past);
      case 'slo':
        return data.slo(now);
      case 'topology':
        return rest[0] ? data.nodeHistory(now, rest[0]) : data.topology(now, this.#faults);
      case 'hybrid':
        return data.hybrid(now, past);
      case 'hash':
        return data.hash(now, past, this.scenarios.running);
      case 'queues':
        return method === 'POST' ? this.#replay(rest[0], body) : data.queues(now, past, this.#dead);
      case 'scenarios':
        return rest[0] === 'history' ? this.scenarios.history() : this.scenarios.all();
      case 'scenario':
        this.scenarios.set(rest[0], body.active, body.intensity);
        return this.scenarios.describe(rest[0]);
      case 'faults':
        return this.#fault(method, rest[0], body);
      case 'flame':
        return method === 'POST' ? this.#compare() : this.#flame;
      case 'links':
        return links;
      case 'meta':
        return { version: 'fake', startedAt: new Date().toISOString(), now: new Date().toISOString(), pollSec: 2, tokenRequired: false, locked: false, prometheus: { ok: true, since: new Date().toISOString(), reason: '' }, services: faulty };
      default:
        throw new Refused(404, 'not_found', `there is no ${url.pathname}`);
    }
  }

  /** How often a path was asked for. */
  asked(path) {
    return this.#asked.get(path) ?? 0;
  }

  #replay(queue, { id }) {
    const before = this.#dead[queue].length;
    this.#dead[queue] = id ? this.#dead[queue].filter((job) => job.id !== id) : [];
    return { replayed: before - this.#dead[queue].length };
  }

  #fault(method, service, body) {
    const { forSeconds = 0, ...fault } = method === 'DELETE' ? configured : (body ?? {});
    Object.assign(this.#faults[service], fault);
    return { service, ...this.#faults[service], forSeconds };
  }

  #compare() {
    this.#flame = { ...this.#flame, state: 'running', step: { name: 'profile of bad', number: 2, of: 5, elapsedSec: 3, takesSec: 10, goroutines: 40, runnable: 12 }, startedAt: new Date().toISOString() };
    setTimeout(() => {
      const report = {
        madeAt: new Date().toISOString(), title: 'Bad against good', meaning: 'With bad, lists wait for a processor.', url: '/flame/report.html',
        rows: [{ id: 'p99', label: 'List p99', unit: 'ms', bad: 486, good: 61, better: 'lower' }], files: [{ name: 'base.pb.gz', url: '/flame/base.pb.gz' }],
      };
      this.#flame = { ...this.#flame, state: 'done', step: null, endedAt: new Date().toISOString(), report };
    }, 2500);
    return this.#flame;
  }

  async serve(request, response) {
    const url = new URL(request.url, 'http://fake');
    if (url.pathname.startsWith('/api/')) return this.#serveAPI(request, response, url);
    if (url.pathname.startsWith('/flame/')) return send(response, 200, '.html', '<!doctype html><title>Report</title><h1>Flame graphs</h1>');
    const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname);
    try {
      return send(response, 200, extname(path), await readFile(join(dist, path)));
    } catch {
      return send(response, 404, '.html', 'not found');
    }
  }

  async #serveAPI(request, response, url) {
    this.requests++;
    this.#asked.set(url.pathname, this.asked(url.pathname) + 1);
    let text = '';
    for await (const chunk of request) text += chunk;
    try {
      const answer = this.answer(request.method, url, text === '' ? undefined : JSON.parse(text));
      send(response, 200, '.json', JSON.stringify(answer));
    } catch (error) {
      const { status = 500, code = 'internal', message, more } = error;
      send(response, status, '.json', JSON.stringify({ error: message, code, warnings: [], meta: {}, ...more }));
    }
  }

  /** Listens on a free port, or the given one; resolves to its URL. */
  listen(port = 0) {
    this.server = createServer((request, response) => void this.serve(request, response));
    return new Promise((resolve) => {
      this.server.listen(port, '127.0.0.1', () => resolve(`http://127.0.0.1:${this.server.address().port}`));
    });
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': types[type] ?? 'application/json', 'content-security-policy': policy, 'cache-control': 'no-store' });
  response.end(body);
}

const page = (id, label, links = []) => ({ id, label, available: true, url: `http://127.0.0.1:9/${id}`, links });
const links = {
  pages: [
    page('grafana', 'Grafana', [{ id: 'overview', label: 'Overview', url: 'http://127.0.0.1:9/d/overview?from={from}&to={to}' }]),
    page('tempo', 'Tempo', [{ id: 'traces', label: 'Traces', url: 'http://127.0.0.1:9/explore?service={service}&from={from}&to={to}' }, { id: 'trace', label: 'Trace', url: 'http://127.0.0.1:9/explore?trace={trace}' }]),
    page('pyroscope', 'Pyroscope', [{ id: 'profile', label: 'Profile', url: 'http://127.0.0.1:9/p?service={service}&from={from}&to={to}' }]),
    page('prometheus', 'Prometheus'), page('alertmanager', 'Alertmanager'), page('queue-ui', 'queue-ui'),
  ],
};

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await new Fake().listen(Number(process.argv[2] ?? 0)));

// The whole platform, as `deals up` runs it, on its default ports: one at a time.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const url = 'http://127.0.0.1:3100';

const binary = process.env['DEALS'] ?? fileURLToPath(new URL('../../../../../bin/deals', import.meta.url));

const patience = 90_000;

function answers(): Promise<boolean> {
  return fetch(`${url}/api/sli`).then(
    (response) => response.ok,
    () => false,
  );
}

export interface Running {
  readonly pid: number;
  readonly command: string;
}

export class Stack {
  readonly #child: ChildProcess;
  readonly #folder: string;
  /** Milliseconds since 1970. */
  readonly started = Date.now();
  #output = '';

  private constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'deals-page-'));
    this.#child = spawn(binary, ['up', '--state-dir', this.#folder], { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-4000);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
  }

  static async start(): Promise<Stack> {
    const stack = new Stack();
    const end = Date.now() + patience;
    while (!(await answers())) {
      if (stack.#child.exitCode === null && Date.now() < end) {
        await setTimeout(250);
        continue;
      }
      await stack.stop();
      throw new Error(`deals up did not come up:\n${stack.#output}`);
    }
    return stack;
  }

  /** Returns the processes of this platform whose command line contains all words. */
  find(...words: readonly string[]): readonly Running[] {
    const all = processes();
    const ours = new Set([this.#child.pid]);
    // A child may come before its parent.
    for (let known = 0; known !== ours.size; ) {
      known = ours.size;
      for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
    }
    return all.filter(({ pid, command }) => ours.has(pid) && words.every((word) => command.includes(word)));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGINT');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function processes(): readonly (Running & { readonly parent: number })[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parent, command }];
      } catch {
        return []; // it has ended
      }
    });
}

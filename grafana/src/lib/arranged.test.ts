import assert from 'node:assert/strict';
import { test } from 'node:test';

import { arranged } from './arranged.js';

const made = {
  title: 'Load',
  panels: [
    { id: 1, title: 'Users', transparent: false, unit: 'short' },
    { id: 2, title: 'Requests', unit: 'reqps' },
  ],
};

test('empty fields that Grafana adds or omits, and the order of fields, are no edits', () => {
  const saved = {
    version: 7,
    panels: [
      { unit: 'short', title: 'Users', id: 1, pluginVersion: '13.0.0', links: [] },
      { unit: 'reqps', title: 'Requests', id: 2 },
    ],
    title: 'Load',
    preload: false,
  };
  assert.equal(JSON.stringify(arranged(saved, made)), JSON.stringify(made));
});

test('changed, added, moved and removed elements are kept', () => {
  const saved = {
    title: 'Load',
    panels: [
      { id: 2, title: 'Requests per second', unit: 'reqps', description: 'New.' },
      { id: 3, title: 'Added' },
      { id: 1, title: 'Users', transparent: false },
    ],
  };
  assert.equal(JSON.stringify(arranged(saved, made)), JSON.stringify(saved));
});

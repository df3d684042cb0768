'use strict';

// Each graph is a list of boxes, callers before callees. A function at one place in the call tree has the same node number in all graphs.
const graphs = [...document.querySelectorAll('.graph')].map((element) => ({
  name: document.getElementById(`${element.id}-label`).textContent,
  element,
  boxes: [...element.children].map((box) => ({
    box,
    node: Number(box.dataset.node),
    level: Number(box.getAttribute('aria-level')),
    name: box.firstElementChild.textContent.split('\n', 1)[0].toLowerCase(),
    left: parseFloat(box.getAttribute('x')),
    width: parseFloat(box.getAttribute('width')),
  })),
}));
const search = document.getElementById('search');
const found = document.getElementById('found');
const detail = document.getElementById('detail');

// Returns the box and its callers, up to the root.
function path({ boxes }, index) {
  const callers = [boxes[index]];
  for (let i = index - 1; i >= 0; i--) {
    if (boxes[i].level < callers.at(-1).level) callers.push(boxes[i]);
  }
  return callers;
}

// Zooms every graph to the first of the nodes that the graph contains.
function zoom(nodes) {
  for (const graph of graphs) {
    const node = nodes.find((wanted) => graph.boxes.some((b) => b.node === wanted)) ?? 0;
    zoomTo(graph, graph.boxes.findIndex((b) => b.node === node));
  }
}

function zoomTo(graph, index) {
  const { left, width } = graph.boxes[index];
  const callers = new Set(path(graph, index).slice(1));
  for (const b of graph.boxes) {
    const above = callers.has(b);
    const inside = b.left >= left - 1e-3 && b.left + b.width <= left + width + 1e-3 && b.level >= graph.boxes[index].level;
    b.box.classList.toggle('above', above);
    b.box.classList.toggle('away', !above && !inside);
    b.box.setAttribute('x', above ? '0%' : `${((b.left - left) / width) * 100}%`);
    b.box.setAttribute('width', above ? '100%' : `${(b.width / width) * 100}%`);
  }
}

function find(text) {
  const wanted = text.trim().toLowerCase();
  const shares = graphs.map((graph) => {
    let share = 0;
    let end = 0; // right edge of the last counted hit; hits below it are part of it
    graph.element.classList.toggle('searching', wanted !== '');
    for (const b of graph.boxes) {
      const hit = wanted !== '' && b.name.includes(wanted);
      b.box.classList.toggle('hit', hit);
      if (hit && b.left >= end - 1e-3) {
        share += b.width;
        end = b.left + b.width;
      }
    }
    return `${share.toFixed(1)} % of ${graph.name}`;
  });
  found.textContent = wanted === '' ? '' : `found: ${shares.slice(0, 2).join(', ')}`;
}

function focus({ box }) {
  for (const other of box.parentNode.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', '-1');
  box.setAttribute('tabindex', '0');
  box.focus();
}

const shown = ({ box }) => !box.classList.contains('away');

// The box that an arrow key moves to.
const arrows = {
  ArrowUp: (graph, index) => path(graph, index)[1],
  ArrowDown: ({ boxes }, index) => boxes.slice(index + 1, index + 2).find((b) => b.level > boxes[index].level && shown(b)),
  ArrowRight: ({ boxes }, index) => boxes.slice(index + 1).find((b) => b.level === boxes[index].level && shown(b)),
  ArrowLeft: ({ boxes }, index) => boxes.slice(0, index).findLast((b) => b.level === boxes[index].level && shown(b)),
};

function press(graph, index, event) {
  const next = arrows[event.key]?.(graph, index);
  if (next) focus(next);
  else if (event.key === 'Enter' || event.key === ' ') zoom(path(graph, index).map((b) => b.node));
  else if (!(event.key in arrows)) return;
  event.preventDefault();
}

for (const graph of graphs) {
  const indexOf = (event) => {
    const box = event.target.closest('.f');
    return box ? graph.boxes.findIndex((b) => b.box === box) : -1;
  };
  const on = (name, act) =>
    graph.element.addEventListener(name, (event) => {
      const index = indexOf(event);
      if (index >= 0) act(index, event);
    });
  const describe = (index) => (detail.textContent = graph.boxes[index].box.firstElementChild.textContent);
  on('click', (index) => {
    zoom(path(graph, index).map((b) => b.node));
    focus(graph.boxes[index]);
  });
  on('keydown', (index, event) => press(graph, index, event));
  on('pointerover', describe);
  on('focusin', describe);
}

search.addEventListener('input', () => find(search.value));
search.form.addEventListener('submit', (event) => event.preventDefault());
search.form.addEventListener('reset', () => {
  zoom([0]);
  find('');
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') search.form.reset();
  if (event.key === '/' && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  }
});

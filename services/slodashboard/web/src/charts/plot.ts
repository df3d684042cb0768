// The options of uPlot: grid, time axis, markers of scenarios and controls, the area beyond a target.

import uPlot from 'uplot';
import { digits, sayRound, type Unit } from '../lib/format';
import { paint } from '../lib/theme';
import { type ChartData, type Marker, placeTexts, timeRange, valueRange } from './model';

export interface PlotSpec {
  readonly unit: Unit;
  readonly height: number;
  readonly target: number | undefined;
  readonly labelled: boolean;
  /** Returns the data to draw. It is called on each drawing. */
  readonly current: () => { readonly data: ChartData; readonly markers: readonly Marker[] };
  readonly hover: (index: number | null) => void;
}

const font = '11px -apple-system, "Segoe UI", Inter, Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';

export function toAligned(data: ChartData): uPlot.AlignedData {
  return [data.times as number[], ...data.lines.map((line) => line.values as (number | null)[])];
}

export function options(spec: PlotSpec, width: number): uPlot.Options {
  const { data } = spec.current();
  return {
    width,
    height: spec.height,
    padding: [spec.labelled ? 14 : 6, 14, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: data.span ? 'span' : 'deals' },
      drag: { x: false, y: false },
      points: { size: 6 },
      y: false,
    },
    scales: {
      x: { range: () => timeRange(spec.current().data) },
      y: { range: (_, __, highest) => valueRange(highest, spec.target) },
    },
    axes: [timeAxis(data.span !== undefined), valueAxis(spec.unit, spec.height)],
    series: [
      {},
      ...data.lines.map((line) => ({
        label: line.label,
        stroke: paint(line.color),
        width: line.thin ? 1 : 1.5,
        ...(line.dashed ? { dash: [4, 3] } : {}),
        points: { show: false },
        spanGaps: false,
      })),
    ],
    hooks: {
      drawClear: [(plot) => drawShades(plot, spec), (plot) => drawTarget(plot, spec.target)],
      draw: [(plot) => drawMarkers(plot, spec)],
      setCursor: [(plot) => spec.hover(plot.cursor.idx ?? null)],
    },
  };
}

/** inSpan: the times are seconds from a start. */
function timeAxis(inSpan: boolean): uPlot.Axis {
  const two = (n: number): string => String(n).padStart(2, '0');
  return {
    stroke: paint('text-3'),
    font,
    size: 22,
    gap: 4,
    space: (_, __, from, to) => (to - from < 4 * 60 ? 92 : 54),
    incrs: [5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600],
    grid: { show: false },
    ticks: { stroke: paint('line-strong'), width: 1, size: 3 },
    values: (_, splits, __, ___, step) =>
      splits.map((seconds) => {
        if (inSpan) return step < 300 ? `${seconds} s` : `${seconds / 60} min`;
        const at = new Date(seconds * 1000);
        const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
        return step < 60 ? `${clock}:${two(at.getSeconds())}` : clock;
      }),
  };
}

// Ticks of counts are whole numbers.
const whole = [1, 2, 5].flatMap((digit) => [1, 10, 100, 1e3, 1e4, 1e5, 1e6].map((power) => digit * power)).sort((a, b) => a - b);

function valueAxis(unit: Unit, height: number): uPlot.Axis {
  return {
    stroke: paint('text-3'),
    font,
    size: 46,
    gap: 4,
    space: height < 130 ? 26 : 34,
    ...(unit === 'count' ? { incrs: whole } : {}),
    grid: { stroke: paint('line'), width: 1 },
    ticks: { show: false },
    values: (_, splits) => splits.map((value) => tick(value, unit)),
  };
}

/** The unit is in the title, except for times, whose unit depends on the value. */
function tick(value: number, unit: Unit): string {
  if (unit === 's' && value > 0 && value < 600) return `${sayRound(value, 'calls')} s`;
  if (unit === 'ms' || unit === 's') return sayRound(value, unit).replace('\u202f', ' ');
  if (value > 0 && value < 1) return String(Number(value.toPrecision(3)));
  if (Number.isInteger(value)) return value >= 10_000 ? `${digits(value / 1000)}k` : String(value);
  return sayRound(value, 'calls');
}

function drawShades(plot: uPlot, spec: PlotSpec): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = paint('bad-tint');
  for (const { fromSec, toSec } of spec.current().data.span?.shades ?? []) {
    const x = plot.valToPos(fromSec, 'x', true);
    ctx.fillRect(x, bbox.top, plot.valToPos(toSec, 'x', true) - x, bbox.height);
  }
  ctx.restore();
}

function drawTarget(plot: uPlot, target: number | undefined): void {
  if (target === undefined) return;
  const { left, top, width } = plot.bbox;
  const y = plot.valToPos(target, 'y', true);
  if (y <= top) return;
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = paint('bad-tint');
  ctx.fillRect(left, top, width, y - top);
  ctx.strokeStyle = paint('bad');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(left, y);
  ctx.lineTo(left + width, y);
  ctx.stroke();
  ctx.restore();
}

function drawMarkers(plot: uPlot, spec: PlotSpec): void {
  const { min, max } = plot.scales['x'] ?? {};
  if (min === undefined || max === undefined) return;
  const shown = spec.current().markers.filter(({ time }) => time >= min && time <= max);
  const { ctx } = plot;
  ctx.save();
  ctx.font = font.replace('11px', `${10 * devicePixelRatio}px`);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  const texts = shown.map((marker) => ({
    x: Math.round(plot.valToPos(marker.time, 'x', true)),
    width: marker.kind !== 'stop' && spec.labelled ? ctx.measureText(marker.label).width : 0,
  }));
  const places = placeTexts(texts, plot.bbox.left + plot.bbox.width, 8 * devicePixelRatio);
  shown.forEach((marker, i) => {
    drawMarker(plot, marker, texts[i]?.x ?? 0);
    const place = places[i];
    if (place !== undefined) ctx.fillText(marker.label, place, plot.bbox.top - 4 * devicePixelRatio);
  });
  ctx.restore();
}

function drawMarker(plot: uPlot, marker: Marker, x: number): void {
  const { ctx } = plot;
  const { top, height } = plot.bbox;
  const dot = devicePixelRatio;
  ctx.strokeStyle = paint('line-strong');
  ctx.fillStyle = paint('text-3');
  ctx.lineWidth = dot;
  ctx.setLineDash(marker.kind === 'stop' ? [2 * dot, 3 * dot] : []);
  ctx.beginPath();
  ctx.moveTo(x + 0.5, top);
  ctx.lineTo(x + 0.5, top + height);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.beginPath();
  switch (marker.kind) {
    case 'start':
      polygon(ctx, [x, top], [x + 5 * dot, top + 3 * dot], [x, top + 6 * dot]);
      break;
    case 'stop':
      ctx.rect(x - 4 * dot, top, 4 * dot, 5 * dot);
      break;
    case 'switch':
      polygon(ctx, [x, top], [x + 4 * dot, top + 4 * dot], [x, top + 8 * dot], [x - 4 * dot, top + 4 * dot]);
  }
  ctx.fill();
}

function polygon(ctx: CanvasRenderingContext2D, ...points: readonly (readonly [x: number, y: number])[]): void {
  for (const [x, y] of points) ctx.lineTo(x, y);
}

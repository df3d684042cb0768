import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { say, type Unit } from '../lib/format';
import { useShade } from '../lib/theme';
import { none, useMarkers } from './markers';
import { type ChartData, type Marker, isNumber, merge, sayTime, summarize } from './model';
import { options, toAligned } from './plot';
import { ChartTable } from './table';
import '../styles/charts.css';

export interface ChartProps {
  readonly title: string;
  readonly unit: Unit;
  /** The unit in words, such as "requests per second". */
  readonly unitName: string;
  readonly data: ChartData;
  readonly target?: number;
  readonly height?: number;
  /** Hides the title, for a chart inside an element that has one. */
  readonly untitled?: boolean;
}

export function Chart({ title, unit, unitName, data, target, height = 160, untitled = false }: ChartProps): ReactNode {
  const id = useId();
  const [hovered, setHovered] = useState<number | null>(null);
  const [asTable, setAsTable] = useState(false);
  const ofPlatform = useMarkers();
  const markers = data.span ? none : ofPlatform;
  const merged = useMemo(() => merge(data), [data]);
  const at = hovered ?? data.times.length - 1;
  const time = hovered === null ? undefined : data.times[at];

  return (
    <figure className={untitled ? 'chart untitled' : 'chart'} aria-labelledby={id}>
      <figcaption className="chart-head">
        <span id={id} className={untitled ? 'sr-only' : 'chart-title'}>
          {title}
          <span className="chart-unit">{unitName}</span>
        </span>
        <span className="sr-only">{summarize(merged, unit)}</span>
        <button type="button" className="link quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          <span className="sr-only">{title} as </span>table
        </button>
        {(!untitled || time !== undefined) && <Legend data={merged} unit={unit} at={at} time={time} />}
      </figcaption>
      {asTable ? (
        <ChartTable title={title} data={merged} unit={unit} markers={markers} />
      ) : (
        <Canvas unit={unit} height={height} target={target} data={data} markers={markers} labelled={!untitled} hover={setHovered} />
      )}
    </figure>
  );
}

interface LegendProps {
  readonly data: ChartData;
  readonly unit: Unit;
  readonly at: number;
  readonly time: number | undefined;
}

/** The names of the lines, with their latest values or those under the pointer. */
function Legend({ data, unit, at, time }: LegendProps): ReactNode {
  return (
    <span className="legend" aria-hidden="true">
      {data.lines.map(({ label, color, dashed, values }) => (
        <span key={label} className="legend-item">
          <i className={dashed ? 'swatch dashed' : 'swatch'} style={{ color: `var(--${color})` }} />
          {label}
          {(time !== undefined || !data.span) && <b>{isNumber(values[at]) ? say(values[at], unit) : '–'}</b>}
        </span>
      ))}
      {time !== undefined && <time>{sayTime(data, time)}</time>}
    </span>
  );
}

interface CanvasProps {
  readonly unit: Unit;
  readonly height: number;
  readonly target: number | undefined;
  readonly data: ChartData;
  readonly markers: readonly Marker[];
  readonly labelled: boolean;
  readonly hover: (index: number | null) => void;
}

function Canvas({ unit, height, target, data, markers, labelled, hover }: CanvasProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const current = useRef({ data, markers });
  const shade = useShade();
  const lines = data.lines.map((line) => line.label).join();
  current.current = { data, markers };

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const spec = { unit, height, target, labelled, hover, current: () => current.current };
    const made = new uPlot(options(spec, element.clientWidth), toAligned(current.current.data), element);
    plot.current = made;
    const resized = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [unit, height, target, labelled, lines, shade, hover]);

  useEffect(() => {
    plot.current?.setData(toAligned(data));
  }, [data, markers]);

  const empty = data.lines.every(({ values }) => !values.some(isNumber));
  return (
    <div ref={box} className="canvas" style={{ height }} aria-hidden="true">
      {empty && <p className="canvas-empty">no data</p>}
    </div>
  );
}

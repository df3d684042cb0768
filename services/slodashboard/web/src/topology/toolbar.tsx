import type { ReactNode } from 'react';

interface Props {
  readonly zoomIn: () => void;
  readonly zoomOut: () => void;
  readonly fit: () => void;
  readonly reset: () => void;
  readonly moved: boolean;
}

export function Toolbar({ zoomIn, zoomOut, fit, reset, moved }: Props): ReactNode {
  return (
    <div className="graph-tools" role="group" aria-label="Graph">
      <button type="button" className="button small" aria-label="Zoom out" onClick={zoomOut}>
        −
      </button>
      <button type="button" className="button small" aria-label="Zoom in" onClick={zoomIn}>
        +
      </button>
      <button type="button" className="button small" onClick={fit}>
        Fit
      </button>
      <button type="button" className="button small" onClick={reset} disabled={!moved}>
        Reset positions
      </button>
    </div>
  );
}

import { Component, type ReactNode } from 'react';

interface Props {
  readonly children: ReactNode;
}

interface Caught {
  readonly error: Error | undefined;
}

/** Shows an error message in place of a view that throws. The rest of the page keeps working. */
export class Boundary extends Component<Props, Caught> {
  override state: Caught = { error: undefined };

  static getDerivedStateFromError(error: unknown): Caught {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="panel empty" role="alert">
        <p>This view could not be shown: {error.message}</p>
        <p>
          <button type="button" className="button" onClick={() => this.setState({ error: undefined })}>
            Try again
          </button>
        </p>
      </div>
    );
  }
}

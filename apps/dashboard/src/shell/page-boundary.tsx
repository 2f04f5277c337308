import { Component, type ReactNode } from 'react';
import { Failure } from '../parts/failure.tsx';
import { text } from '../text/index.ts';

interface State {
  readonly error: Error | null;
}

/** A page that breaks, or a part of it that a newer version has replaced, does not take the rest with it. */
export class PageBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(cause: unknown): State {
    return { error: new Error(text.brokenPage, { cause }) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error ? <Failure error={error} onRetry={() => location.reload()} /> : this.props.children;
  }
}

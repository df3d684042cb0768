import { useEffect, useRef, type ReactNode } from 'react';
import { experiments, sli } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Experiments } from '../api/types';
import { useRoute } from '../lib/router';
import { View } from '../ui/view';
import { Cards } from './cards';
import { Experiment } from './detail';
import './experiments.css';

export default function ExperimentsView(): ReactNode {
  const feed = useFeed(experiments);
  const [id] = useRoute().rest;
  useArrival(id);
  const lost = useFeed(sli).error?.code === 'prometheus_unavailable';
  if (id !== undefined) return <Experiment key={id} id={id} all={feed.data} missing={feed.data && missing(feed.data, lost)} />;
  return (
    <View
      title="Experiments"
      lead="An experiment runs settings of the platform one after the other under the same load, and compares what they do with what it promises. Predict the outcome first."
      feed={feed}
    >
      {(all) => <Cards all={all} missing={missing(all, lost)} />}
    </View>
  );
}

/** Goes to the title when another experiment is shown, or all, as a page load does. */
function useArrival(id: string | undefined): void {
  const before = useRef(id);
  useEffect(() => {
    if (before.current !== id) {
      scrollTo(0, 0);
      document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    }
    before.current = id;
  }, [id]);
}

/** Returns the reason why no experiment can run, if so. */
function missing({ available, reason }: Experiments, lost: boolean): string | undefined {
  if (!available) return reason;
  return lost ? 'Prometheus does not answer, so nothing can be measured' : undefined;
}

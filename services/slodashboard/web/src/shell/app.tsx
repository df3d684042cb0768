import { Suspense, useEffect, useRef, type ReactNode } from 'react';
import { sli } from '../api/feeds';
import { useFeed } from '../api/feed';
import { useRoute } from '../lib/router';
import { Notices } from '../ui/notices';
import { TokenDialog } from '../ui/token';
import { Banner, Experimenting, Locked } from './banner';
import { Boundary } from './boundary';
import { Nav, Outside } from './nav';
import { ThemeSwitch } from './theme-switch';
import { Vitals } from './vitals';
import { views } from './views';

export function App(): ReactNode {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const view = views.find(({ id }) => id === route.view) ?? views[0];
  const stale = useFeed(sli).error !== undefined;
  const shown = view?.id;
  useTitle(view?.label ?? '', main);
  if (!view) return null;

  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <div className="app">
        <Nav current={view.under || view.id} />
        <div className="stage">
          <Vitals />
          <Banner />
          <Locked />
          <Experimenting route={route} />
          <main ref={main} tabIndex={-1} className={stale ? 'stale' : undefined}>
            <Boundary key={shown}>
              <Suspense fallback={<div className="skeleton" aria-busy="true" aria-label="Loading" />}>
                <view.Page />
              </Suspense>
            </Boundary>
          </main>
          <footer>
            <Outside />
            <ThemeSwitch />
          </footer>
        </div>
      </div>
      <Notices />
      <TokenDialog />
    </>
  );
}

/** Sets the document's title, and on a change of view scrolls to the top and moves the focus, as a page load does. */
function useTitle(label: string, main: { readonly current: HTMLElement | null }): void {
  const before = useRef<string>(undefined);
  useEffect(() => {
    document.title = `${label} · Deals Under Load`;
    if (before.current !== undefined && before.current !== label) {
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
    before.current = label;
  }, [label, main]);
}

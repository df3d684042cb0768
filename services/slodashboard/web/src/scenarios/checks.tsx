import type { ReactNode } from 'react';
import type { Check, Expectation } from '../api/types';
import { clock, digits, sayRound } from '../lib/format';
import { Icon, type IconName } from '../ui/icons';

interface Props {
  readonly expectations: readonly Expectation[];
  readonly checks: readonly Check[];
  readonly live: boolean;
}

interface Sign {
  readonly icon: IconName | undefined;
  readonly tone: string;
  readonly word: string;
}

const signs: Readonly<Record<Check['state'], Sign>> = {
  pending: { icon: 'clock', tone: 'quiet', word: 'not yet' },
  met: { icon: 'check', tone: 'good-text', word: 'met now' },
  lost: { icon: 'clock', tone: 'watch-text', word: 'lost' },
  'not-met': { icon: 'cross', tone: 'bad-text', word: 'not met in time' },
  recovering: { icon: 'clock', tone: 'good-text', word: 'met, recovering' },
  recovered: { icon: 'check', tone: 'good-text', word: 'met, recovered' },
  'not-recovered': { icon: 'alert', tone: 'watch-text', word: 'met, not recovered in time' },
};

const untried: Sign = { icon: undefined, tone: 'quiet', word: 'not checked' };

/** The expectations of a scenario, and whether each is met, was met, or was not. */
export function Checks({ expectations, checks, live }: Props): ReactNode {
  if (expectations.length === 0) return null;
  return (
    <ul className="checks" aria-label="Expectations" aria-live={live ? 'polite' : 'off'}>
      {expectations.map((expectation) => (
        <Line key={expectation.id} expectation={expectation} check={checks.find(({ id }) => id === expectation.id)} live={live} />
      ))}
    </ul>
  );
}

const holds = ({ above, below }: Expectation, value: number): boolean => (above === null ? value < (below ?? 0) : value > above);

/** Returns when the check was met or lost. */
function when({ state, metAt, lostAt }: Check, live: boolean): string {
  if (live && state === 'met') return 'met now';
  if (state === 'lost' && lostAt !== null) return `lost at ${clock(lostAt)}`;
  return metAt === null ? '' : `met at ${clock(metAt)}`;
}

interface LineProps {
  readonly expectation: Expectation;
  readonly check: Check | undefined;
  readonly live: boolean;
}

function Line({ expectation, check, live }: LineProps): ReactNode {
  const { icon, tone, word } = check && (live || check.state !== 'pending') ? signs[check.state] : untried;
  const { above, below, text, query } = expectation;
  const bound = above === null ? `< ${sayRound(below ?? 0, 'calls')}` : `> ${sayRound(above, 'calls')}`;
  return (
    <li>
      <span className={`mark ${tone}`}>{icon ? <Icon name={icon} size={14} /> : <i className="ring" />}</span>
      <span title={query}>
        {text}
        <span className="sr-only">: {word}</span>
        {check?.note && <span className="quiet note">{check.note}</span>}
      </span>
      <span className="check-value" aria-hidden={live}>
        {check && check.value !== null && <b className={holds(expectation, check.value) ? 'good-text' : 'muted'}>{digits(check.value)}</b>}
        <span className="quiet">{bound}</span>
        {check?.metAt && <span className={`met-at ${tone}`}>{when(check, live)}</span>}
      </span>
    </li>
  );
}

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
  met: { icon: 'check', tone: 'good-text', word: 'holds now' },
  lost: { icon: 'clock', tone: 'watch-text', word: 'held earlier, not now' },
  'not-met': { icon: 'cross', tone: 'bad-text', word: 'not seen in time' },
  recovering: { icon: 'clock', tone: 'good-text', word: 'seen, recovering' },
  recovered: { icon: 'check', tone: 'good-text', word: 'seen, recovered' },
  'not-recovered': { icon: 'alert', tone: 'watch-text', word: 'seen, not recovered in time' },
};

const untried: Sign = { icon: undefined, tone: 'quiet', word: 'not seen' };

/** What a learner should see, each with a mark once it is seen. */
export function Checks({ expectations, checks, live }: Props): ReactNode {
  if (expectations.length === 0) return null;
  return (
    <ul className="checks" aria-label="What should be seen" aria-live={live ? 'polite' : 'off'}>
      {expectations.map((expectation) => (
        <Line key={expectation.id} expectation={expectation} check={checks.find(({ id }) => id === expectation.id)} live={live} />
      ))}
    </ul>
  );
}

/** Seen once is seen; the number beside it says whether it is so now. */
const holds = ({ above, below }: Expectation, value: number): boolean => (above === null ? value < (below ?? 0) : value > above);

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
        {check?.metAt && <span className="quiet met-at">at {clock(check.metAt)}</span>}
      </span>
    </li>
  );
}

import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { experimentFeed } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { ExperimentDetail, ExperimentRun, Experiments } from '../api/types';
import { href } from '../lib/router';
import { View } from '../ui/view';
import { Charts } from './charts';
import { Explanation } from './explanation';
import { History } from './history';
import { goesOn, spanOf } from './options';
import { Predict } from './prediction';
import { type Prediction, forgetPrediction, isWhole, keepPrediction, recallPrediction } from './predictions';
import { Replayed } from './replayed';
import { Run } from './run';
import { Setup } from './setup';
import { Verdict } from './verdict';

interface Props {
  readonly id: string;
  /** Undefined until it is loaded. */
  readonly all: Experiments | undefined;
  readonly missing: string | undefined;
}

/** An experiment, from its question to the explanation. */
export function Experiment({ id, all, missing }: Props): ReactNode {
  const feed = useFeed(experimentFeed(id));
  const run = all?.run ?? undefined;
  useNewVerdict(id, run);
  const back = <a href={href('experiments')}>All experiments</a>;
  if (feed.error?.code === 'not_found')
    return (
      <>
        <h1 tabIndex={-1}>Experiments</h1>
        <p className="panel empty" role="status">
          There is no experiment {id}. {back}
        </p>
      </>
    );
  return (
    <View title={feed.data?.title ?? id} lead={feed.data?.question ?? ''} aside={back} feed={feed}>
      {(experiment) => <Column experiment={experiment} run={run} missing={missing} />}
    </View>
  );
}

/** Loads the experiment anew when a run of it has ended. */
function useNewVerdict(id: string, run: ExperimentRun | undefined): void {
  const running = run?.experiment === id && goesOn(run);
  const before = useRef(false);
  useEffect(() => {
    if (before.current && !running) void experimentFeed(id).again();
    before.current = running;
  }, [id, running]);
}

interface ColumnProps {
  readonly experiment: ExperimentDetail;
  readonly run: ExperimentRun | undefined;
  readonly missing: string | undefined;
}

function Column({ experiment, run, missing }: ColumnProps): ReactNode {
  const { id, arms, predictions, result, verdicts } = experiment;
  const [prediction, predict] = useState(() => recallPrediction(id, predictions));
  const whole = isWhole(prediction, predictions);
  const own = run?.experiment === id ? run : undefined;
  const running = own && goesOn(own) ? own : undefined;
  const [fixed, fix] = useFixed(running !== undefined, whole, result !== null);
  const change = (changed: Prediction): void => {
    keepPrediction(id, changed);
    predict(changed);
  };
  const anew = (): void => {
    forgetPrediction(id);
    predict({});
    fix(false);
  };
  return (
    <div className="stack experiment">
      <Setup experiment={experiment} />
      {predictions.length > 0 && (
        <Predict
          questions={predictions}
          prediction={prediction}
          fixed={running !== undefined || fixed}
          choose={(question, choice) => change({ ...prediction, [question]: choice })}
          anew={fixed && !running ? anew : undefined}
        />
      )}
      <Run experiment={experiment} run={own} blocked={blocked(experiment.replay ? experiment.missing || undefined : missing, run, id, whole)} />
      <OverTime experiment={experiment} running={running} />
      {result && <Verdict result={result} arms={arms} />}
      {result ? (
        <Explanation experiment={experiment} result={result} prediction={prediction} />
      ) : (
        <p className="panel empty">The explanation is shown with the first verdict.</p>
      )}
      {verdicts.length > 0 && <History verdicts={verdicts} />}
    </div>
  );
}

/** Reports whether a prediction is fixed: it was whole before a run, or before its outcome was shown. */
function useFixed(running: boolean, whole: boolean, known: boolean): [fixed: boolean, fix: (fixed: boolean) => void] {
  const [fixed, fix] = useState(known && whole);
  useEffect(() => {
    if (running) fix(whole);
  }, [running, whole]);
  return [fixed, fix];
}

/** Returns the reason why a run can't be started, if so. */
function blocked(missing: string | undefined, run: ExperimentRun | undefined, id: string, predicted: boolean): ReactNode {
  if (missing !== undefined) return missing;
  if (run && run.experiment !== id && goesOn(run))
    return (
      <>
        Another experiment is running: <a href={href('experiments', run.experiment)}>{run.experiment}</a>
      </>
    );
  return predicted ? undefined : 'Predict the outcome first: answer all questions above.';
}

interface OverTimeProps {
  readonly experiment: ExperimentDetail;
  readonly running: ExperimentRun | undefined;
}

/** The charts of the current run, else of the last result. */
function OverTime({ experiment, running }: OverTimeProps): ReactNode {
  const { arms, disturbed, lengthSec, result, replay } = experiment;
  const length = (running ? running.lengthSec : result?.lengthSec) || lengthSec;
  const span = useMemo(() => spanOf(disturbed, lengthSec, length), [disturbed, lengthSec, length]);
  if (result?.replay && !running) return <Replayed replay={result.replay} arms={arms} span={span} />;
  if (replay) return null;
  if (running) return <Charts charts={running.charts} arms={arms} span={span} live />;
  return result && <Charts charts={result.charts} arms={arms} span={span} live={false} />;
}

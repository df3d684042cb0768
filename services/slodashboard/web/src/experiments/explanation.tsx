import type { ReactNode } from 'react';
import type { ExperimentDetail, ExperimentResult } from '../api/types';
import { Icon } from '../ui/icons';
import { Panel } from '../ui/panel';
import { Compared } from './prediction';
import type { Prediction } from './predictions';

interface Props {
  readonly experiment: ExperimentDetail;
  readonly result: ExperimentResult;
  readonly prediction: Prediction;
}

/** Why it is so. The explanation is a page of the platform, rendered when it was built. */
export function Explanation({ experiment, result, prediction }: Props): ReactNode {
  const { explanation, predictions, code } = experiment;
  return (
    <Panel title="Explanation">
      <div className="stack explanation">
        {predictions.length > 0 && (
          <section aria-label="Prediction and outcome">
            <h3>Prediction and outcome</h3>
            <Compared questions={predictions} prediction={prediction} answers={result.answers} />
          </section>
        )}
        <div className="prose" dangerouslySetInnerHTML={{ __html: explanation }} />
        <div className="grid cols-2">
          <Published experiment={experiment} />
          <section>
            <h3>Measured here</h3>
            <ul>
              {result.promises.map(({ text, measured }) => (
                <li key={text}>
                  {text} <span className="muted">Measured: {measured}.</span>
                </li>
              ))}
            </ul>
          </section>
        </div>
        {code.length > 0 && (
          <section>
            <h3>The code that makes the difference</h3>
            <ul>
              {code.map(({ file, function: name, what }) => (
                <li key={`${file} ${name}`}>
                  <code>{name}</code> in <code>{file}</code>: <span className="muted">{what}</span>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </Panel>
  );
}

function Published({ experiment: { mirrors } }: { readonly experiment: ExperimentDetail }): ReactNode {
  return (
    <section>
      <h3>Published</h3>
      <ul>
        {mirrors.map(({ text, url }) => (
          <li key={text}>
            {url === '' ? (
              text
            ) : (
              <a href={url} target="_blank" rel="noreferrer">
                {text} <Icon name="out" size={11} />
              </a>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

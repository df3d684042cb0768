// Asks for the token that changes from another machine need, when the first change is refused.

import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';

interface Question {
  readonly why: string;
  readonly answer: (token: string | undefined) => void;
}

const listeners = new Set<() => void>();
let question: Question | undefined;

function publish(changed: Question | undefined): void {
  question = changed;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Resolves to undefined if the dialog is cancelled. */
export function askForToken(why: string): Promise<string | undefined> {
  question?.answer(undefined);
  return new Promise((resolve) => {
    const answer = (token: string | undefined): void => {
      publish(undefined);
      resolve(token);
    };
    publish({ why, answer });
  });
}

export function TokenDialog(): ReactNode {
  const asked = useSyncExternalStore(subscribe, () => question);
  return asked ? <Dialog asked={asked} /> : null;
}

function Dialog({ asked }: { readonly asked: Question }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [token, setToken] = useState('');
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="token-title" onCancel={() => asked.answer(undefined)}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          asked.answer(token);
        }}
      >
        <h2 id="token-title">This change needs a token</h2>
        <p className="muted">{asked.why}</p>
        <label className="stack">
          ADMIN_TOKEN
          <input type="password" autoComplete="off" required value={token} onChange={(event) => setToken(event.target.value)} />
        </label>
        <div className="row end">
          <button type="button" className="button" onClick={() => asked.answer(undefined)}>
            Cancel
          </button>
          <button type="submit" className="button primary">
            Continue
          </button>
        </div>
      </form>
    </dialog>
  );
}

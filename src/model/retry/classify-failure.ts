import type { FailureClass } from '../chat-model.js';
import type { FailureFacts } from '../wire/request-failure.js';
import { readServerError } from '../wire/server-error.js';
import { rules, type Symptoms } from './failure-table.js';

/** What a failure means and what to do about it. */
export interface ClassifiedFailure {
  /** Name of the row of the table that decided. */
  readonly rule: string;
  readonly class: FailureClass;
  readonly status: number | null;
  readonly message: string;
  readonly hint: string | undefined;
  /** How long the server asked to be left alone. */
  readonly retryAfterMs: number | null;
  /** Ask /health before retrying: this failure is also what a dying server looks like. */
  readonly askHealth: boolean;
}

/** True when sending the same request again cannot help, whichever server it goes to. Takes a journal's class too. */
export function isFinal(failureClass: string): boolean {
  return failureClass === 'permanent' || failureClass === 'context';
}

/** Judges one failed request by the table. Pure. */
export function classifyFailure(facts: FailureFacts): ClassifiedFailure {
  const symptoms = symptomsOf(facts);
  const rule = rules.find((candidate) => candidate.matches(symptoms));
  if (rule === undefined) throw new Error('the last rule of the failure table matches everything');
  return {
    rule: rule.name,
    class: rule.class,
    status: facts.kind === 'status' ? facts.status : null,
    message: messageOf(facts, symptoms),
    hint: rule.hint,
    retryAfterMs: facts.kind === 'status' ? facts.retryAfterMs : null,
    askHealth: rule.askHealth === true,
  };
}

function symptomsOf(facts: FailureFacts): Symptoms {
  const none = { kind: facts.kind, status: null, code: null, param: null, text: '', emptyBody: false };
  switch (facts.kind) {
    case 'status':
    case 'error-in-stream': {
      const error = readServerError(facts.body);
      const inStream = error.code !== null && error.code >= 400 && error.code < 600 ? error.code : 500;
      return {
        ...none,
        status: facts.kind === 'status' ? facts.status : inStream,
        param: error.param,
        text: error.type === null ? error.message : `${error.type}: ${error.message}`,
        emptyBody: facts.body.trim() === '',
      };
    }
    case 'connection':
      return { ...none, code: facts.code, text: facts.message };
    case 'idle':
      return none;
    case 'protocol':
      return { ...none, text: facts.message };
  }
}

function messageOf(facts: FailureFacts, symptoms: Symptoms): string {
  switch (facts.kind) {
    case 'status':
      return `HTTP ${facts.status}: ${symptoms.emptyBody ? '(empty body)' : symptoms.text}`;
    case 'error-in-stream':
      return `error inside the stream: ${symptoms.text}`;
    case 'connection':
      return facts.message;
    case 'idle':
      return `no byte for ${facts.idleMs} ms ${facts.started ? 'in the middle of the answer' : 'after the request was sent'}${
        facts.engineStillMs === undefined
          ? ''
          : `; the engine has generated nothing for ${Math.round(facts.engineStillMs / 1000)} s while requests run`
      }`;
    case 'protocol':
      return facts.message;
  }
}

import { CannotResumeError } from '../../agent/resume/cannot-resume.js';
import { SandboxError } from '../../base/errors.js';
import { agentPolicies } from '../../dataset/network/network-phases.js';
import { environmentSpec } from '../environment/environment-spec.js';
import type { LeftTrial } from './claim-file.js';
import type { Step } from '../take-steps.js';
import type { Observed, WithImage } from '../trial-state.js';
import { fetchVerifierImages } from '../verifier-images.js';

/** Goes on in the sandbox that a process before this one left, which must be the very same. Throws CannotResumeError otherwise. */
export function adoptEnvironment({ claim, answers }: LeftTrial): Step<WithImage, Observed> {
  return async (state, signal) => {
    const { trial, images } = state;
    const { agent, environment: wanted } = trial.spec.task;
    const shell = answers.findLast((answer) => 'shell' in answer)?.shell ?? claim.ticket.shell;
    const policies = agentPolicies(trial.spec.task);
    const spec = await environmentSpec(trial, wanted, { images, user: agent.user, policies });
    try {
      const environment = await trial.engine.adoptEnvironment({ ...claim.ticket, shell }, spec, signal);
      const verifierImages = fetchVerifierImages(trial, signal);
      const { started_at: startedAt, times, warnings, initial } = claim;
      return { ...state, startedAt, times, warnings, verifierImages, environment, initial };
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      throw new CannotResumeError(`its sandbox is not to be had: ${error.message}`, { cause: error });
    }
  };
}

import { SandboxError } from '../base/errors.js';
import { labelledTrial, managedLabel } from './cleanup/labels.js';
import { openSandboxShell } from './sandbox-shell.js';
import type { AppliedLimits, Sandbox, SandboxSpec } from './sandbox.js';
import type { SandboxTicket } from './sandbox-ticket.js';
import { lookAtLedger } from './shell/heritage/predecessor.js';
import { inspectContainer, type ContainerReport } from './container/container-report.js';
import { containerSandbox } from './container/container-sandbox.js';
import type { ContainerContext } from './container/create-container.js';
import { engineStreams } from './container/engine-streams.js';
import { openHostView } from './container/limits/host-view.js';

/**
 * A running sandbox that another process made. Its labels must name the trial, its PID 1 must show the token, and its supervisor
 * must have kept its ledger; throws SandboxError otherwise. Whoever gets it removes it by disposing it.
 */
export async function adoptSandbox(
  context: ContainerContext,
  ticket: SandboxTicket,
  { spec, signal }: { readonly spec: SandboxSpec; readonly signal: AbortSignal | undefined },
): Promise<Sandbox> {
  const { id, name } = ticket.container;
  const report = await inspectContainer(context.client, id, `look for the sandbox ${name}`);
  if (!report.running) throw new SandboxError(`sandbox ${name} is not running any more`);
  const labelled = labelledTrial(report.labels);
  const { job, trial } = spec.owner;
  if (report.labels[managedLabel] !== '1' || labelled.job !== job || labelled.trial !== trial)
    throw new SandboxError(`container ${name} is not the sandbox of trial ${trial} of job ${job}`);
  try {
    return await goOnIn(context, ticket, { spec, signal, report });
  } catch (error) {
    context.removals.schedule(id);
    throw error;
  }
}

async function goOnIn(
  context: ContainerContext,
  ticket: SandboxTicket,
  {
    spec,
    signal,
    report,
  }: {
    readonly spec: SandboxSpec;
    readonly signal: AbortSignal | undefined;
    readonly report: ContainerReport;
  },
): Promise<Sandbox> {
  const { token, shell: shellTicket } = ticket;
  const { id, name } = ticket.container;
  if (ticket.image.id !== spec.image.id)
    throw new SandboxError(`sandbox ${name} was made from another image of ${spec.image.reference}`);
  const source = { containerId: id, hostPid: report.hostPid, token };
  const host = await openHostView(context.isLocal ? source : null);
  const streams = engineStreams(context.client, { id, label: name, token, host });
  // Runs only where PID 1 shows the token.
  await lookAtLedger(streams, shellTicket.supervisor, { user: shellTicket.user, signal });
  const shell = await openSandboxShell(streams, { label: name, spec, ticket: shellTicket, signal });
  return containerSandbox(context, spec, {
    container: { id, name, report, limits: ticket.limits as unknown as AppliedLimits, streams, host },
    shell,
    imageUser: ticket.image_user,
    bashPath: ticket.bash_path,
  });
}

import { z } from 'zod';
import type { ClockReading } from '../../base/agent-clock.js';
import type { ChatReply, TokenCount } from '../../model/chat-model.js';
import type { CommandResult } from '../../sandbox/sandbox.js';
import { shellTicketSchema } from '../../sandbox/shell/heritage/shell-ticket.js';

/** Whatever is ours and was checked when it came in: only its being there is looked at again. */
const ours = <T>() => z.custom<T>((value) => typeof value === 'object' && value !== null);
const clock = ours<ClockReading>();

/**
 * One thing that an agent was told from outside, as it is kept until the agent has ended. The loop is a function of these and of
 * nothing else: who gives them again, in order, has the conversation, the counts and the budget again.
 */
export const answerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('count'), counted: ours<TokenCount>().nullable(), clock }),
  z.strictObject({ kind: z.literal('reply'), reply: ours<ChatReply>(), clock }),
  z.strictObject({
    kind: z.literal('command'),
    command: z.string(),
    result: ours<CommandResult>(),
    shell: shellTicketSchema,
    clock,
  }),
  /** The supervisor that the next command is given to. */
  z.strictObject({ kind: z.literal('shell'), shell: shellTicketSchema }),
]);
export type Answer = z.infer<typeof answerSchema>;
/** What a loop is told, and what it asks for. */
export type Told = Exclude<Answer, { kind: 'shell' }>;

import { chatBody, tokenizeBody } from '../wire/chat-body.js';
import type { ChatMessage, ChatRequest, Sampling, ToolDefinition } from '../chat-model.js';
import { classifyFailure } from '../retry/classify-failure.js';
import type { ChatClient, SentReply } from '../wire/chat-client.js';
import type { PreflightCheck } from './preflight-report.js';
import { checkText } from './text-check.js';
import { recoverToolCalls } from '../recover/recover-tool-calls.js';
import { RequestFailure } from '../wire/request-failure.js';
import { countPromptTokens } from '../wire/tokens.js';

/** What the checks that talk to the model need. */
export interface Canary {
  readonly chat: ChatClient;
  readonly model: string;
  readonly tool: ToolDefinition | null;
  readonly sampling: Sampling;
  readonly recovers: boolean;
  readonly signal: AbortSignal;
}

const canaryTokens = 512;
const prompt: readonly ChatMessage[] = [
  { role: 'system', content: 'You work in a terminal.' },
  {
    role: 'user',
    content: 'Think of one word about it, then run the command `echo ready` and nothing else.',
  },
];
const noTokenizer: PreflightCheck = {
  name: 'tokenizer',
  state: 'warn',
  detail: 'no /tokenize: the size of a request is estimated from the last usage, and marked so',
  mend: 'vLLM has /tokenize; a proxy in front of it may hide it: give --base-url of vLLM itself.',
};

/** Whether the server counts the tokens of a conversation before it is sent. */
export async function checkTokenizer(canary: Canary): Promise<PreflightCheck> {
  const tokens = await countTokens(canary, prompt);
  if (tokens === null) return noTokenizer;
  return {
    name: 'tokenizer',
    state: 'ok',
    detail: `/tokenize counts (${tokens} for the canary)`,
    mend: null,
  };
}

/**
 * Sends one conversation through the model twice, side by side: as the harness would, and with thinking off where
 * the template knows the switch, so that a long thought cannot hide whether calls are parsed. Then replays it.
 */
export async function checkCanary(canary: Canary): Promise<readonly PreflightCheck[]> {
  const [asRun, quick] = await Promise.all([ask(canary, {}), ask(canary, { enable_thinking: false })]);
  const thought = thoughtOf(asRun);
  return [
    ...(canary.tool === null ? await checkText(canary) : [toolCallCheck(canary, asRun, quick)]),
    thoughtCheck(asRun, thought),
    ...(thought === null || thought.text.trim() === '' || !('content' in asRun)
      ? []
      : [await historyCheck(canary, asRun, thought)]),
  ];
}

type Answer = SentReply | { readonly failure: string; readonly mend: string | null };

async function ask(canary: Canary, templateSwitch: Readonly<Record<string, unknown>>): Promise<Answer> {
  const { extra } = canary.sampling;
  const kwargs = {
    ...(extra?.['chat_template_kwargs'] as Record<string, unknown> | undefined),
    ...templateSwitch,
  };
  const sampling = {
    ...canary.sampling,
    extra: { ...extra, ...(Object.keys(kwargs).length === 0 ? {} : { chat_template_kwargs: kwargs }) },
  };
  try {
    return await canary.chat.send(chatBody(canary.model, request(canary, prompt, sampling)), {
      headers: {},
      idleTimeoutMs: 60_000,
      signal: canary.signal,
    });
  } catch (error) {
    if (!(error instanceof RequestFailure))
      return { failure: 'no answer within the time of the check', mend: null };
    const { message, hint } = classifyFailure(error.facts);
    return { failure: message, mend: hint ?? null };
  }
}

function toolCallCheck(canary: Canary, asRun: Answer, quick: Answer): PreflightCheck {
  const answers = [asRun, quick].filter((answer) => 'content' in answer);
  const name = 'tool-call';
  const [first] = answers;
  if (first === undefined) return failed(name, [asRun, quick]);
  if (answers.some((answer) => answer.toolCalls.length > 0)) {
    return { name, state: 'ok', detail: 'a tool call comes back as one', mend: null };
  }
  const tools = canary.tool === null ? [] : [canary.tool.name];
  const inText = answers.find((answer) => recoverToolCalls(answer, tools).toolCalls.length > 0);
  if (inText === undefined) {
    const detail = 'the model called no tool in the canary, so the parser could not be seen at work';
    return { name, state: 'warn', detail, mend: null };
  }
  const xml = `${inText.content ?? ''}${inText.thought?.text ?? ''}`.includes('<function');
  return {
    name,
    state: canary.recovers ? 'warn' : 'fail',
    detail: 'the tool call was left in the text',
    mend: `Start vLLM with --enable-auto-tool-choice --tool-call-parser ${xml ? 'qwen3_xml' : 'hermes'}, or use a harness with tool_calls: recover.`,
  };
}

/** A thought of the answer, and what the answer looks like without it. */
interface SeenThought {
  readonly where: 'content' | 'reasoning' | 'reasoning_content';
  readonly text: string;
  readonly rest: string | null;
}

function thoughtOf(answer: Answer): SeenThought | null {
  if (!('content' in answer)) return null;
  const { content, thought } = answer;
  if (thought !== null) return { where: thought.field, text: thought.text, rest: content };
  const close = content?.indexOf('</think>') ?? -1;
  if (content === null || close === -1) return null;
  return {
    where: 'content',
    text: content.slice(0, close),
    rest: content.slice(close + '</think>'.length).trimStart(),
  };
}

function thoughtCheck(answer: Answer, thought: SeenThought | null): PreflightCheck {
  const name = 'thought';
  if (thought !== null) return { name, state: 'ok', detail: `thoughts come in ${thought.where}`, mend: null };
  if (!('content' in answer)) return failed(name, [answer]);
  if (answer.finishReason === 'length') {
    return { name, state: 'warn', detail: `no end of a thought within ${canaryTokens} tokens`, mend: null };
  }
  return { name, state: 'ok', detail: 'the model does not think aloud', mend: null };
}

/**
 * Whether the server renders a thought that is sent back: the prompt must grow by it, or by half of it where a template trims
 * or joins it. What the thought's text takes is measured in the user's message, which no template drops.
 */
async function historyCheck(
  canary: Canary,
  answer: SentReply,
  thought: SeenThought,
): Promise<PreflightCheck> {
  const name = 'history';
  const rest = historyWith(answer, thought.where === 'content' ? thought.rest : answer.content, false);
  const [whole, bare, told] = await Promise.all([
    promptSize(canary, historyWith(answer, answer.content, true)),
    promptSize(canary, rest),
    promptSize(
      canary,
      rest.map((one) => withText(one, thought.text.trim())),
    ),
  ]);
  if (whole === null || bare === null || told === null) {
    return { name, state: 'warn', detail: 'could not be measured in the time of the check', mend: null };
  }
  const grown = whole - bare;
  if (grown >= (told - bare) / 2) {
    return {
      name,
      state: 'ok',
      detail: `a thought sent back adds ${grown} tokens to the prompt`,
      mend: null,
    };
  }
  return {
    name,
    state: 'warn',
    detail: `a thought sent back adds ${grown} tokens: the server drops the model's thoughts between turns`,
    mend: 'Start vLLM without --reasoning-parser (thoughts then stay in the content), or use vLLM 0.16 or later.',
  };
}

/** The user's message with more text, any other as it is. */
function withText(message: ChatMessage, text: string): ChatMessage {
  return message.role === 'user' ? { ...message, content: `${message.content}\n${text}` } : message;
}

function historyWith(
  answer: SentReply,
  content: string | null,
  withThought: boolean,
): readonly ChatMessage[] {
  return [
    ...prompt,
    { role: 'assistant', content, thought: withThought ? answer.thought : null, toolCalls: answer.toolCalls },
    ...answer.toolCalls.map((call) => ({ role: 'tool' as const, content: 'ready', toolCallId: call.id })),
  ];
}

/** From the tokenizer, else from the usage of a request for one token. */
async function promptSize(canary: Canary, messages: readonly ChatMessage[]): Promise<number | null> {
  const counted = await countTokens(canary, messages);
  if (counted !== null) return counted;
  const body = chatBody(canary.model, { ...request(canary, messages, canary.sampling), maxTokens: 1 });
  const options = { headers: {}, idleTimeoutMs: 60_000, signal: canary.signal };
  const reply = await canary.chat.send(body, options).catch(() => null);
  return reply?.usage.promptTokens ?? null;
}

async function countTokens(canary: Canary, messages: readonly ChatMessage[]): Promise<number | null> {
  const { model, signal } = canary;
  const body = tokenizeBody(model, request(canary, messages, canary.sampling));
  return countPromptTokens(canary.chat.address, body, { headers: {}, timeoutMs: 60_000, signal }).catch(
    () => null,
  );
}

function request(canary: Canary, messages: readonly ChatMessage[], sampling: Sampling): ChatRequest {
  return { messages, tools: canary.tool === null ? [] : [canary.tool], sampling, maxTokens: canaryTokens };
}

function failed(name: PreflightCheck['name'], answers: readonly Answer[]): PreflightCheck {
  const failures = answers.filter((answer) => 'failure' in answer);
  const told = failures.find(({ mend }) => mend !== null) ?? failures[0];
  const slow = told?.mend === null && told.failure.startsWith('no answer');
  return {
    name,
    state: slow ? 'warn' : 'fail',
    detail: told?.failure ?? 'no answer',
    mend: told?.mend ?? null,
  };
}

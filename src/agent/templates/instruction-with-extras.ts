import { readBoundedYaml } from '../../base/bounded-yaml.js';
import { SandboxError } from '../../base/errors.js';
import type { TaskMcpServer } from '../../dataset/task.js';
import type { AgentContext } from '../agent.js';
import { earlierConversation } from './earlier-conversation.js';

/** A description is one of a page; a larger file is none. */
const maxSkillBytes = 256 * 1024;
const mostSkills = 200;
const searchLimitMs = 10_000;

/**
 * The instruction with the task's MCP servers and skills behind it, character for character as Harbor's terminus-2 (the servers:
 * also its mini-swe-agent) puts them, and with an earlier conversation in front of it, as text. What a model makes of them is its own: there are no tools for them.
 */
export async function instructionWithExtras({
  task,
  sandbox,
  clock,
}: Pick<AgentContext, 'task' | 'sandbox' | 'clock'>): Promise<string> {
  const { mcpServers, skillsDir } = task.environment;
  const earlier = task.conversation === null ? '' : await earlierConversation(task, task.conversation);
  const servers = mcpServers.length === 0 ? '' : serverList(mcpServers);
  const skills = skillsDir === null ? '' : await skillBlock(sandbox, skillsDir, clock.signal);
  return earlier + task.instruction + servers + skills;
}

function serverList(servers: readonly TaskMcpServer[]): string {
  const lines = servers.map(({ name, transport, url, command, args }) =>
    transport === 'stdio'
      ? `- ${name}: stdio transport, command: ${command ?? ''} ${args.join(' ')}\n`
      : `- ${name}: ${transport} transport, url: ${url ?? ''}\n`,
  );
  return `\n\nMCP Servers:\nThe following MCP servers are available for this task.\n${lines.join('')}`;
}

interface Skill {
  readonly name: string;
  readonly description: string;
  readonly location: string;
}

/** Skills are folders below `dir` with a SKILL.md whose front matter has a name and a description; others are passed over. */
async function skillBlock(
  sandbox: AgentContext['sandbox'],
  dir: string,
  signal: AbortSignal,
): Promise<string> {
  const find = ['find', dir, '-mindepth', '2', '-maxdepth', '2', '-name', 'SKILL.md', '-type', 'f'];
  const found = await sandbox.exec(find, { timeoutMs: searchLimitMs, signal });
  const places = found.exitCode === 0 ? found.stdout.split('\n').filter((line) => line !== '') : [];
  const skills: Skill[] = [];
  for (const location of places.sort().slice(0, mostSkills)) {
    const text = await readSkill(sandbox, location, signal);
    const skill = text === null ? null : frontMatter(text);
    if (skill !== null) skills.push({ ...skill, location });
  }
  if (skills.length === 0) return '';
  return `\n<available_skills>\n${skills.map(element).join('')}</available_skills>`;
}

/** Null for a file that is too large or cannot be read. */
async function readSkill(
  sandbox: AgentContext['sandbox'],
  location: string,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    return (await sandbox.readFile(location, maxSkillBytes, signal))?.toString('utf8') ?? null;
  } catch (error) {
    if (error instanceof SandboxError) return null;
    throw error;
  }
}

/** Name and description of a skill, by the YAML before its text; null where it has none. */
export function frontMatter(text: string): Omit<Skill, 'location'> | null {
  const header = /^---\n(.*?)\n---/s.exec(text)?.[1];
  if (header === undefined) return null;
  const reading = readBoundedYaml(header);
  if (reading.kind === 'problem' || typeof reading.value !== 'object' || reading.value === null) return null;
  const { name, description } = reading.value as { readonly name?: unknown; readonly description?: unknown };
  return typeof name === 'string' && typeof description === 'string' ? { name, description } : null;
}

function element(skill: Skill): string {
  const lines = (['name', 'description', 'location'] as const).map((key) =>
    skill[key] === '' ? `    <${key} />\n` : `    <${key}>${escaped(skill[key])}</${key}>\n`,
  );
  return `  <skill>\n${lines.join('')}  </skill>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

import type { JobScore } from '../../score/job/job-score.js';
import type { Picture } from '../charts/job-charts.js';
import { escapeMarkdown } from '../text/delimited.js';
import { scoreLines } from './score-details.js';
import { renderScoreMarkdown } from './score-formats.js';

/** The report as Markdown; pictures are linked as files under `pictureDir`. */
export function renderReportMarkdown(
  scores: readonly JobScore[],
  pictures: readonly Picture[],
  pictureDir: string,
): string {
  const shared = pictures.filter((picture) => !picture.name.startsWith('job'));
  const sections = scores.map((score, index) => {
    const own = pictures.filter((picture) => picture.name.startsWith(`job${index + 1}-`));
    const lines = scoreLines(score).map(
      ([name, text]) => `- **${escapeMarkdown(name)}**: ${escapeMarkdown(text)}`,
    );
    return [
      `## ${escapeMarkdown(score.name)}`,
      lines.join('\n'),
      ...own.map((picture) => link(picture, pictureDir)),
    ].join('\n\n');
  });
  const parts = [
    '# Terminal-Bench report',
    renderScoreMarkdown(scores).trim(),
    ...shared.map((picture) => link(picture, pictureDir)),
    ...sections,
  ];
  return `${parts.join('\n\n')}\n`;
}

function link({ name, finding }: Picture, dir: string): string {
  return `![${escapeMarkdown(finding)}](${encodeURI(dir)}/${name}.svg)`;
}

import type { TopLevelSpec } from 'vega-lite';
import { EnvironmentError } from '../../base/errors.js';
import { safeText } from '../../base/safe-text.js';

/** A chart as data: a Vega-Lite specification with its values inside. */
export type ChartSpec = TopLevelSpec;

/**
 * Renders a chart to SVG, without DOM, canvas or network. The same specification gives the same bytes: ids of
 * gradients and clips are counted from zero each time. Vega is loaded on first use, because most commands draw
 * nothing and loading takes half a second.
 */
export async function renderChart(spec: ChartSpec): Promise<string> {
  const [{ compile }, vega] = await loadVega();
  const { spec: compiled } = compile(spec, { config: chartConfig, logger: vega.logger(vega.Error) });
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', loader: noLoader(vega.loader()) });
  try {
    // Names of models and jobs stand in a chart; vega escapes markup in them and nothing else.
    return safeText(await view.toSVG(), { lines: 'many' });
  } finally {
    view.finalize();
  }
}

/** Charts cannot be drawn here: vega and the packages it brings are not installed with tbench. */
export class ChartsMissingError extends EnvironmentError {}

/** Not a dependency of every installation: 57 packages and 60 MB for four pictures. */
async function loadVega() {
  try {
    return await Promise.all([import('vega-lite'), import('vega')]);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new ChartsMissingError('charts are drawn by vega, which is not installed', {
      hint: 'npm install vega vega-lite, where tbench is installed (-g if it is).',
    });
  }
}

/** A chart holds its data; one that asks for more must not get it. */
function noLoader<T extends { load: unknown }>(loader: T): T {
  loader.load = () => Promise.reject(new Error('charts load nothing'));
  return loader;
}

const chartConfig = {
  font: 'system-ui, sans-serif',
  background: 'white',
  view: { stroke: null },
  axis: { grid: true, gridColor: '#eee', labelLimit: 320, titleFontWeight: 'normal' },
  legend: { titleFontWeight: 'normal', labelLimit: 320 },
  title: { anchor: 'start', fontSize: 13 },
} as const;

/** Colours that hold apart for colour-blind readers (Okabe and Ito 2008). */
export const palette = {
  blue: '#0072b2',
  orange: '#e69f00',
  green: '#009e73',
  red: '#d55e00',
  pink: '#cc79a7',
  sky: '#56b4e9',
  yellow: '#f0e442',
  grey: '#bbbbbb',
  black: '#333333',
} as const;

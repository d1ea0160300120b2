// audit/plot.ts: lines over time by uPlot; a chunk of its own, loaded when a chart is shown
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { moment } from '../text/time';

export interface Line {
  name: string;
  /** A colour of base.css: "--accent". */
  colour: string;
  /** Lines differ by more than their colour. */
  dash?: number[];
  values: (number | null)[];
}

export interface Plot {
  at_s: number[];
  lines: Line[];
  unit: string;
}

const HEIGHT = 220;
const DAY_S = 86400;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Hours as the reader's language writes them; days where the ticks are days. */
function tick(at_s: number, step_s: number): string {
  const shown: Intl.DateTimeFormatOptions = step_s >= DAY_S
    ? { month: 'short', day: 'numeric' } : { hour: '2-digit', minute: '2-digit' };
  return new Intl.DateTimeFormat(undefined, shown).format(at_s * 1000);
}

function options(plot: Plot, width: number): uPlot.Options {
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
  };
  return {
    width,
    height: HEIGHT,
    scales: { y: { range: (_u, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [{ ...axis, space: 70, values: (_u, ticks, _axis, _space, step_s) => ticks.map((t) => tick(t, step_s)) }, { ...axis, size: 64, values: (_u, ticks) => ticks.map((t) => `${t.toLocaleString()}${plot.unit}`) }],
    series: [
      { label: 'Time', value: (_u: uPlot, v: number | null) => v == null ? '–' : moment(v * 1000, false) },
      ...plot.lines.map((line) => ({
        label: line.name,
        stroke: colour(line.colour),
        width: 2,
        ...(line.dash ? { dash: line.dash } : {}),
        value: (_u: uPlot, v: number | null) => v == null ? '–' : `${v.toLocaleString()}${plot.unit}`,
      })),
    ],
  };
}

/** Draws into the element, again when its width or the colours change; returns how to end it. */
export function draw(element: HTMLElement, plot: Plot): () => void {
  const data = [plot.at_s, ...plot.lines.map((l) => l.values)] as uPlot.AlignedData;
  let chart = new uPlot(options(plot, element.clientWidth), data, element);
  const resized = new ResizeObserver(() => {
    if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height: HEIGHT });
  });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let frame = 0;
  // Not before the page itself has its new colours.
  const redraw = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      chart.destroy();
      chart = new uPlot(options(plot, element.clientWidth), data, element);
    });
  };
  resized.observe(element);
  dark.addEventListener('change', redraw);
  return () => {
    cancelAnimationFrame(frame);
    resized.disconnect();
    dark.removeEventListener('change', redraw);
    chart.destroy();
  };
}

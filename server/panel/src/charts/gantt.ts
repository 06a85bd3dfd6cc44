// A plan before and after a change: operations on their resources over time.

import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";
import { dayForm } from "../language/dates";
import { localeOf } from "../language/numbers";
import type { Gantt, GanttTask } from "./forms";
import { clippedWithin, frame, nameAxis, type Drawing, type Look } from "./look";

const THICK = 15;
const GAP = 2;
const APART = 14;
const LANE_NAME = { narrow: 14, wide: 26 };
const DAY = 86_400_000;
const HOUR = 3_600_000;

/** A moment as the plant's clocks say it, so that no reader's time zone moves it. */
export const wall = (text: string): number => Date.parse(`${text.slice(0, 16).replace(" ", "T")}Z`);

/** Number of the track that each task lies in: those of one lane and plan that overlap lie in several. */
export function tracksOf(tasks: readonly GanttTask[]): number[] {
  const ends = new Map<string, number[]>();
  const found = tasks.map(() => 0);
  const order = tasks.map((_, i) => i).sort((a, b) => wall(tasks[a]!.start) - wall(tasks[b]!.start));
  for (const i of order) {
    const task = tasks[i]!;
    const key = `${task.plan} ${task.lane}`;
    const free = ends.get(key) ?? [];
    ends.set(key, free);
    const at = free.findIndex((end) => end <= wall(task.start));
    const track = at < 0 ? free.length : at;
    free[track] = wall(task.end);
    found[i] = track;
  }
  return found;
}

export function gantt(data: Gantt, look: Look): Drawing {
  const { texts } = look;
  const tasks = data.tasks.filter((task) => data.lanes.includes(task.lane) && wall(task.end) >= wall(task.start));
  const hasBoth = new Set(tasks.map((task) => task.plan)).size > 1;
  const tracks = tracksOf(tasks);
  const deep = (plan: GanttTask["plan"]): number => Math.max(0, ...tasks.map((task, i) => (task.plan === plan ? tracks[i]! + 1 : 0)));
  const [above, below] = [deep("before"), deep("after")];
  const thick = (above + below) * (THICK + GAP);
  const draw = (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI): unknown => {
    const i = api.value(3) as number;
    const task = tasks[i]!;
    const [x0 = 0, y = 0] = api.coord([api.value(0), api.value(2)]);
    const [x1 = 0] = api.coord([api.value(1), api.value(2)]);
    const isBefore = task.plan === "before";
    const top = y - thick / 2 + (tracks[i]! + (isBefore ? 0 : above)) * (THICK + GAP);
    const width = Math.max(2, x1 - x0);
    const colour = task.isMoved ? look.series[1] : isBefore ? look.soft : look.series[0];
    const style = isBefore ? { fill: "none", stroke: colour, lineWidth: task.isMoved ? 1.8 : 1.2, lineDash: [3, 2] } : { fill: colour, stroke: task.isMoved ? look.ink : "none", lineWidth: 1.4 };
    const children: unknown[] = [{ type: "rect", shape: { x: x0, y: top, width, height: THICK, r: 3 }, style }];
    const room = Math.floor((width - 8) / 6.4);
    if (task.label.length <= room) children.push({ type: "text", style: { text: task.label, x: x0 + 4, y: top + THICK / 2, fill: isBefore || task.isMoved ? look.ink : look.sheet, font: `11px ${look.font}`, textVerticalAlign: "middle" } });
    return { type: "group", children };
  };
  const plan = (task: GanttTask): string => (task.plan === "before" ? texts.before : texts.after);
  const moments = tasks.flatMap((task) => [wall(task.start), wall(task.end)]);
  const isLong = Math.max(...moments) - Math.min(...moments) > 3 * DAY;
  const form = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => new Intl.DateTimeFormat(localeOf(look.spoken), { ...options, timeZone: "UTC" });
  const tick = form({ ...dayForm(look.spoken), ...(isLong ? {} : { hour: "2-digit", minute: "2-digit" }) });
  const whole = form({ ...dayForm(look.spoken), year: "numeric", hour: "2-digit", minute: "2-digit" });
  const said = (text: string): string => whole.format(wall(text));
  const hasMoved = tasks.some((task) => task.isMoved);
  return {
    title: data.title,
    unit: "",
    height: data.lanes.length * (thick + APART) + 40,
    notes: [...(hasBoth ? [texts.plans] : []), ...(hasMoved ? [texts.movedBars] : [])],
    sheet: {
      title: data.title,
      columns: [texts.task, texts.resource, hasBoth ? `${texts.before} / ${texts.after}` : texts.after, texts.start, texts.end, texts.moved],
      names: ["task", "resource", "plan", "start", "end", "moved"],
      kinds: ["text", "text", "text", "text", "text", "flag"],
      units: ["", "", "", "", "", ""],
      rows: tasks.map((task) => [task.label, task.lane, plan(task), said(task.start), said(task.end), task.isMoved]),
      truncated: false,
      total_rows: null,
      restates: true,
    },
    option: {
      ...frame(look),
      useUTC: true,
      grid: { top: 6, left: 0, right: 14, bottom: 4, containLabel: true },
      tooltip: {
        ...(frame(look)["tooltip"] as object),
        trigger: "item",
        formatter: ({ dataIndex }: { dataIndex: number }) => {
          const task = tasks[dataIndex];
          return task ? [task.label, task.lane, `${plan(task)}: ${said(task.start)} – ${said(task.end)}`, ...(task.isMoved ? [texts.moved] : [])].join("\n") : "";
        },
      },
      xAxis: { type: "time", minInterval: isLong ? DAY : HOUR, splitNumber: look.isNarrow ? 3 : 8, axisLine: { lineStyle: { color: look.soft } }, axisLabel: { color: look.soft, hideOverlap: true, formatter: (value: number) => tick.format(value) }, splitLine: { show: true, lineStyle: { color: look.line } } },
      yAxis: nameAxis(look, data.lanes, { inverse: true, splitLine: { show: true, lineStyle: { color: look.line } }, axisLabel: { color: look.ink, interval: 0, formatter: (name: string) => clippedWithin(name, look.isNarrow ? LANE_NAME.narrow : LANE_NAME.wide) } }),
      series: [
        {
          type: "custom",
          clip: true,
          renderItem: draw,
          encode: { x: [0, 1], y: 2 },
          data: tasks.map((task, i) => [wall(task.start), wall(task.end), data.lanes.indexOf(task.lane), i]),
          markLine: data.now ? { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: look.warn, width: 1.5, type: "solid" }, data: [{ xAxis: wall(data.now) }] } : undefined,
        },
      ],
    },
  };
}

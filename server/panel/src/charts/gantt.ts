// A plan before and after a change: operations on their resources over time.

import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";
import { moment } from "../language/dates";
import { localeOf } from "../language/numbers";
import type { Gantt } from "./forms";
import { clipped, frame, nameAxis, type Drawing, type Look } from "./look";

const LANE = 46;
const THICK = 15;
const DAY = 86_400_000;

export function gantt(data: Gantt, look: Look): Drawing {
  const { texts } = look;
  const tasks = data.tasks.filter((task) => data.lanes.includes(task.lane) && Date.parse(task.end) >= Date.parse(task.start));
  const hasBoth = new Set(tasks.map((task) => task.plan)).size > 1;
  const draw = (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI): unknown => {
    const task = tasks[api.value(3) as number]!;
    const [x0 = 0, y = 0] = api.coord([api.value(0), api.value(2)]);
    const [x1 = 0] = api.coord([api.value(1), api.value(2)]);
    const isBefore = task.plan === "before";
    const top = hasBoth ? (isBefore ? y - THICK - 1 : y + 1) : y - THICK / 2;
    const width = Math.max(2, x1 - x0);
    const fill = task.isLate ? look.bad : look.series[0];
    const style = isBefore ? { fill: "none", stroke: task.isLate ? look.bad : look.soft, lineWidth: 1.2, lineDash: [3, 2] } : { fill };
    const children: unknown[] = [{ type: "rect", shape: { x: x0, y: top, width, height: THICK, r: 3 }, style }];
    if (width > 34) {
      const text = clipped(task.label, Math.floor((width - 8) / 6.4));
      children.push({ type: "text", style: { text, x: x0 + 5, y: top + THICK / 2, fill: isBefore ? look.ink : look.sheet, font: `11px ${look.font}`, textVerticalAlign: "middle" } });
    }
    return { type: "group", children };
  };
  const plan = (name: "before" | "after"): string => (name === "before" ? texts.before : texts.after);
  const moments = tasks.flatMap((task) => [Date.parse(task.start), Date.parse(task.end)]);
  const isLong = Math.max(...moments) - Math.min(...moments) > 3 * DAY;
  const time = new Intl.DateTimeFormat(localeOf(look.spoken), { day: "2-digit", month: "2-digit", ...(isLong ? {} : { hour: "2-digit", minute: "2-digit" }) });
  return {
    title: data.title,
    unit: "",
    height: data.lanes.length * LANE + 46,
    notes: [],
    sheet: {
      title: data.title,
      columns: [texts.task, texts.resource, hasBoth ? `${texts.before} / ${texts.after}` : texts.after, texts.start, texts.end],
      names: ["task", "resource", "plan", "start", "end"],
      kinds: ["text", "text", "text", "text", "text"],
      units: ["", "", "", "", ""],
      rows: tasks.map((task) => [task.label, task.lane, plan(task.plan), moment(task.start, look.spoken), moment(task.end, look.spoken)]),
      truncated: false,
      total_rows: null,
      restates: true,
    },
    option: {
      ...frame(look),
      grid: { top: 6, left: 0, right: 14, bottom: 4, containLabel: true },
      tooltip: {
        ...(frame(look)["tooltip"] as object),
        trigger: "item",
        formatter: ({ dataIndex }: { dataIndex: number }) => {
          const task = tasks[dataIndex];
          return task ? `${task.label}\n${plan(task.plan)}: ${moment(task.start, look.spoken)} – ${moment(task.end, look.spoken)}` : "";
        },
      },
      xAxis: { type: "time", minInterval: isLong ? DAY : 3_600_000, axisLine: { lineStyle: { color: look.soft } }, axisLabel: { color: look.soft, hideOverlap: true, formatter: (value: number) => time.format(value) }, splitLine: { show: true, lineStyle: { color: look.line } } },
      yAxis: nameAxis(look, data.lanes, { inverse: true, splitLine: { show: true, lineStyle: { color: look.line } }, axisLabel: { color: look.ink, interval: 0, formatter: (name: string) => clipped(name, look.isNarrow ? 14 : 26) } }),
      series: [
        {
          type: "custom",
          renderItem: draw,
          encode: { x: [0, 1], y: 2 },
          data: tasks.map((task, i) => [Date.parse(task.start), Date.parse(task.end), data.lanes.indexOf(task.lane), i]),
          markLine: data.now ? { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: look.warn, width: 1.5, type: "solid" }, data: [{ xAxis: Date.parse(data.now) }] } : undefined,
        },
      ],
    },
  };
}

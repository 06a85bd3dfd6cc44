// Stock day by day: what comes, what goes, and when it falls below what should be there.

import { plain } from "../language/characters";
import { day } from "../language/dates";
import { compared } from "../language/numbers";
import type { Projection } from "./forms";
import { exact, frame, nameAxis, valueAxis, type Drawing, type Look } from "./look";

/** Stretches of days below the safety stock, or below zero where there is none: first position, and the one after. */
export function shortages(data: Projection): [number, number][] {
  const floor = data.safety ?? "0";
  const found: [number, number][] = [];
  data.days.forEach((one, i) => {
    if (compared(one.stock, floor) >= 0) return;
    const last = found.at(-1);
    if (last && last[1] === i) last[1] = i + 1;
    else found.push([i, i + 1]);
  });
  return found;
}

export function projection(data: Projection, look: Look): Drawing {
  const { texts, spoken } = look;
  const unit = plain(data.unit);
  const days = data.days.map((one) => day(one.day, spoken));
  const short = shortages(data);
  const said = (i: number): string => {
    const one = data.days[i];
    if (!one) return "";
    const amount = (text: string): string => exact(text, "quantity", unit, spoken);
    return [days[i], `${texts.stock}: ${amount(one.stock)}`, `${texts.receipts}: ${amount(one.receipts)}`, `${texts.issues}: ${amount(one.issues)}`].join("\n");
  };
  const lines: unknown[] = [];
  if (data.safety !== null) lines.push({ yAxis: Number(data.safety), label: { formatter: texts.safety, color: look.soft, position: "insideEndTop" }, lineStyle: { color: look.warn, type: "dashed" } });
  return {
    title: data.title,
    unit,
    height: look.isNarrow ? 240 : 300,
    notes: short.length ? [(data.safety === null ? texts.belowZero : texts.belowSafety)(days[short[0]![0]]!)] : [],
    sheet: {
      title: data.title,
      columns: [texts.day, texts.stock, texts.receipts, texts.issues],
      names: ["day", "stock", "receipts", "issues"],
      kinds: ["date", "quantity", "quantity", "quantity"],
      units: ["", unit, unit, unit],
      rows: data.days.map((one) => [one.day, one.stock, one.receipts, one.issues]),
      truncated: false,
      total_rows: null,
      restates: true,
    },
    option: {
      ...frame(look),
      legend: { top: 0, left: 0, textStyle: { color: look.ink, fontSize: 12 }, itemWidth: 18, itemHeight: 10 },
      grid: { top: 34, left: 0, right: 16, bottom: 4, containLabel: true },
      tooltip: { ...(frame(look)["tooltip"] as object), trigger: "axis", formatter: (shown: { dataIndex: number }[]) => said(shown[0]?.dataIndex ?? 0) },
      xAxis: nameAxis(look, days),
      yAxis: valueAxis(look),
      series: [
        {
          name: texts.stock,
          type: "line",
          step: "end",
          symbol: "none",
          lineStyle: { width: 2.5 },
          data: data.days.map((one) => Number(one.stock)),
          markLine: { silent: true, symbol: "none", data: lines },
          markArea: { silent: true, itemStyle: { color: look.bad, opacity: 0.12 }, data: short.map(([from, to]) => [{ xAxis: from }, { xAxis: Math.min(to, days.length - 1) }]) },
        },
        { name: texts.receipts, type: "bar", barMaxWidth: 12, color: look.series[3], data: data.days.map((one) => Number(one.receipts)) },
        { name: texts.issues, type: "bar", barGap: "-100%", barMaxWidth: 12, color: look.series[1], data: data.days.map((one) => -Number(one.issues)) },
      ],
    },
  };
}

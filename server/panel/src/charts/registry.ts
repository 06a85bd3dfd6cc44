// Which form draws which data.

import { bridge } from "./bridge";
import type { ChartData } from "./forms";
import { gantt } from "./gantt";
import type { Drawing, Look } from "./look";
import { projection } from "./projection";
import { ofSpec } from "./series";

/** The drawing of a chart's data; null where the data does not have what the chart needs. */
export function drawingOf(data: ChartData, look: Look): Drawing | null {
  switch (data.form) {
    case "answer":
      return ofSpec(data.spec, data.answer, look);
    case "bridge":
      return bridge(data.data, look);
    case "gantt":
      return gantt(data.data, look);
    case "projection":
      return projection(data.data, look);
  }
}

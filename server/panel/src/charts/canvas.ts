// ECharts with the few charts that are needed, drawing SVG. Loaded when the first chart is opened.

import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendScrollComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { ChartData } from "./forms";
import type { Drawing, Look } from "./look";
import { drawingOf } from "./registry";

use([BarChart, CustomChart, LineChart, ScatterChart, AriaComponent, GridComponent, LegendScrollComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export { drawingOf };
export type { ChartData, Drawing, Look };

/** Draws into an element, which is sized already. */
export function drawn(place: HTMLElement, drawing: Drawing, width: number): ECharts {
  const chart = init(place, null, { renderer: "svg", width, height: drawing.height });
  chart.setOption(drawing.option);
  return chart;
}

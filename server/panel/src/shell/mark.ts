// The sign of the product.

import { svg, html, type TemplateResult } from "lit";

export const mark: TemplateResult = html`<svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">${svg`<rect width="32" height="32" rx="8" fill="var(--pw-accent)"></rect><path d="M7 24V13l6 4v-4l6 4V8h6v16z" fill="var(--pw-accent-ink)"></path><path d="M11 20.5h3M18 20.5h3" stroke="var(--pw-accent)" stroke-width="2" stroke-linecap="round"></path>`}</svg>`;

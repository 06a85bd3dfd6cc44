import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** KiB, compressed, that the browser may need before it can show the panel. */
const FIRST_PAINT = 350;

/** Prints what a first visit transfers, and fails the build where it is too much. */
function weighed(): Plugin {
  return {
    name: "weighed",
    generateBundle(_, bundle) {
      const size = (name: string): number => {
        const part = bundle[name];
        if (!part) return 0;
        return gzipSync(part.type === "chunk" ? part.code : part.source).length / 1024;
      };
      const first = new Set<string>();
      const take = (name: string): void => {
        const part = bundle[name];
        if (!part || first.has(name)) return;
        first.add(name);
        if (part.type === "chunk") part.imports.forEach(take);
      };
      const chunks = Object.values(bundle).filter((part) => part.type === "chunk");
      for (const chunk of chunks) if (chunk.isEntry || chunk.name === "panel") take(chunk.fileName);
      for (const part of Object.values(bundle)) if (part.type === "asset" && part.fileName.endsWith(".css")) first.add(part.fileName);
      const total = [...first].reduce((sum, name) => sum + size(name), 0);
      const charts = chunks.filter((chunk) => !first.has(chunk.fileName)).map((chunk) => `${chunk.name} ${size(chunk.fileName).toFixed(0)}`);
      this.info(`first paint ${total.toFixed(0)} KiB gz of ${FIRST_PAINT}; later, where needed: ${charts.join(", ") || "nothing"}`);
      if (total > FIRST_PAINT) this.error(`first paint needs ${total.toFixed(0)} KiB gz, more than ${FIRST_PAINT}`);
    },
  };
}

/** Puts the licence of every package that is in the built files beside them. */
function licensed(): Plugin {
  return {
    name: "licensed",
    generateBundle(_, bundle) {
      const roots = new Set<string>();
      for (const part of Object.values(bundle)) {
        if (part.type !== "chunk") continue;
        for (const id of part.moduleIds) {
          const found = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id);
          if (found) roots.add(found[0]);
        }
      }
      const texts = [...roots].sort().flatMap((root) => {
        if (!existsSync(`${root}/package.json`)) return [];
        const { name, version, license } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as Record<string, string>;
        const files = readdirSync(root).filter((file) => /^(licen[cs]e|notice)/i.test(file) && statSync(`${root}/${file}`).isFile()).sort();
        return [[`${name} ${version}: ${license}`, ...files.map((file) => readFileSync(`${root}/${file}`, "utf8").trim())].join("\n\n")];
      });
      this.emitFile({ type: "asset", fileName: "licences.txt", source: `${texts.join(`\n\n${"=".repeat(80)}\n\n`)}\n` });
    },
  };
}

/** Writes each file compressed beside itself, once, for the service to send (server/panel_files.py). */
function compressed(): Plugin {
  return {
    name: "compressed",
    writeBundle({ dir }, bundle) {
      for (const name of Object.keys(bundle)) {
        const content = readFileSync(join(dir ?? "dist", name));
        writeFileSync(join(dir ?? "dist", `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string };

export default defineConfig({
  // Relative, so that the same files serve at /panel/, behind a prefix, and to a page of another origin.
  base: "./",
  define: { __VERSION__: JSON.stringify(version) },
  build: {
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: { index: "index.html", embed: "src/embed.ts" },
      output: {
        entryFileNames: (chunk) => (chunk.name === "embed" ? "embed.js" : "assets/[name]-[hash].js"),
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  plugins: [weighed(), licensed(), compressed()],
});

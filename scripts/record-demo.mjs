// Runs the demo and draws what the terminal showed as docs/demo.svg: the picture in the README is a recording, not a mock-up.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const COLUMNS = 118;
/** Lines of the beginning, of one candidate in the middle, and of the end. */
const HEAD = 21;
const MIDDLE = 13;
const TAIL = 28;
const COLOURS = {
  1: "font-weight:bold",
  2: "opacity:.55",
  31: "fill:#ff7b72",
  33: "fill:#e3b341",
  36: "fill:#79c0ff",
  "1;32": "fill:#56d364;font-weight:bold",
};
const ESCAPE = String.fromCharCode(27);
const SEQUENCE = new RegExp(`(${ESCAPE}\\[[\\d;]*m)`);
const LINE = 17;
const CHARACTER = 8;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { stdout, status } = spawnSync(process.execPath, [join(root, "bin/ml-intern.mjs"), "demo"], {
  env: { ...process.env, FORCE_COLOR: "1" },
  encoding: "utf8",
  maxBuffer: 64 * 1024 * 1024,
});
if (status !== 0) {
  process.stderr.write(`the demo ended with ${status}\n`);
  process.exit(1);
}
const lines = stdout.replaceAll(homedir(), "~").trimEnd().split("\n").flatMap(wrap);
const middle = lines.findIndex((line) => line.includes("run_2 support vector machine (seed")) - 3;
const skip = (from, to) => (to > from ? [`\u001b[2m      … ${to - from} lines …\u001b[0m`] : []);
const shown = [
  "\u001b[1m$ npm run demo\u001b[0m",
  ...lines.slice(0, HEAD),
  ...skip(HEAD, middle),
  ...lines.slice(middle, middle + MIDDLE),
  ...skip(middle + MIDDLE, lines.length - TAIL),
  ...lines.slice(-TAIL),
];
writeFileSync(join(root, "docs/demo.svg"), draw(shown));

/** Splits a line at the width of the picture; a colour goes on in the next line. */
function wrap(line) {
  const pieces = [];
  let text = "";
  let width = 0;
  let colour = "";
  for (const part of line.split(SEQUENCE)) {
    if (part.startsWith(ESCAPE)) {
      colour = part === "\u001b[0m" ? "" : part;
      text += part;
      continue;
    }
    for (const character of part) {
      if (width === COLUMNS) {
        pieces.push(`${text}\u001b[0m`);
        text = `${colour}    `;
        width = 4;
      }
      text += character;
      width++;
    }
  }
  return [...pieces, text];
}

function draw(rows) {
  const height = rows.length * LINE + 30;
  const width = COLUMNS * CHARACTER + 40;
  const body = rows.map(
    (row, index) => `<text x="20" y="${30 + index * LINE}" xml:space="preserve">${spans(row)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="13" fill="#e6edf3"><rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n${body.join("\n")}\n</svg>\n`;
}

function spans(row) {
  let style = "";
  return row
    .split(SEQUENCE)
    .map((part) => {
      if (part.startsWith(ESCAPE)) {
        const code = part.slice(2, -1);
        style = COLOURS[code] ?? "";
        return "";
      }
      const text = part.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      return style === "" ? text : `<tspan style="${style}">${text}</tspan>`;
    })
    .join("");
}

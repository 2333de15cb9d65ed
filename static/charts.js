// Draws each figure of the page from the table behind it. The table is what is true: without this
// file, or without the library, tables stand open and nothing is missing.
"use strict";

const SERIES = 6;
const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3], [4, 4], [1, 4]];
const POINTS = ["circle", "rect", "triangle", "rectRot", "crossRot", "star"];
const ROW = 34; // pixels of height that a lying bar takes
const charts = [];

/** A colour of the style sheet as it is now, light or dark. */
function ink(name) {
  const probe = document.createElement("span");
  probe.className = `chart-ink chart-ink-${name}`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/** Lines over a bar's colour, so that bars differ in shape too; the first stays plain. */
function pattern(index, colour, ground) {
  if (index === 0) return colour;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = pen.fillStyle = ground;
  pen.lineWidth = 1.5;
  const strokes = {
    1: [[-2, 2, 2, -2], [0, 8, 8, 0], [6, 10, 10, 6]],
    2: [[4, 0, 4, 8]],
    3: [[-2, 6, 2, 10], [0, 0, 8, 8], [6, -2, 10, 2]],
    4: [[0, 4, 8, 4]],
    5: [[4, 0, 4, 8], [0, 4, 8, 4]],
  }[index % SERIES] ?? [];
  pen.beginPath();
  for (const [x, y, toX, toY] of strokes) {
    pen.moveTo(x, y);
    pen.lineTo(toX, toY);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

/** What the table says: the names of its rows, and each drawn column's values and words. */
function read(table) {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  const drawn = heads.map((_, at) => at).filter((at) => heads[at].dataset.drawn !== undefined);
  return {
    names: rows.map((row) => row.cells[0].textContent),
    short: rows.map((row) => row.cells[0].dataset.short ?? row.cells[0].textContent),
    series: drawn.map((at) => ({
      name: heads[at].textContent,
      values: rows.map((row) => {
        const value = row.cells[at].dataset.value;
        return value === undefined ? null : Number(value);
      }),
      words: rows.map((row) => row.cells[at].textContent),
    })),
  };
}

/** Steps of one order differ in lightness; kinds differ in colour and pattern. */
function bars(one, index, ordered) {
  const colour = ink(`${ordered ? "step-" : ""}${(index % SERIES) + 1}`);
  const fill = ordered ? colour : pattern(index, colour, ink("surface"));
  return {
    label: one.name,
    data: one.values,
    backgroundColor: fill,
    hoverBackgroundColor: fill,
    borderColor: ordered ? ink("step-6") : colour,
    hoverBorderColor: ink("text"),
    borderWidth: 1,
    maxBarThickness: 26,
  };
}

function line(one, index) {
  const colour = ink((index % SERIES) + 1);
  return {
    label: one.name,
    data: one.values,
    borderColor: colour,
    backgroundColor: colour,
    borderDash: DASHES[index % SERIES],
    borderWidth: 2,
    pointStyle: POINTS[index % SERIES],
    pointRadius: one.values.length > 20 ? 2.5 : 4,
    spanGaps: true,
  };
}

function axis(stacked, percent, value) {
  const options = {
    stacked,
    ticks: { color: ink("muted"), maxRotation: 0, autoSkipPadding: 12 },
    grid: { color: ink("line"), display: value },
    border: { color: ink("line") },
  };
  if (!value) return options;
  const number = new Intl.NumberFormat(document.documentElement.lang);
  options.beginAtZero = true;
  options.ticks.callback = (tick) => number.format(tick) + (percent ? " %" : "");
  if (percent) options.suggestedMax = 10;
  else options.ticks.precision = 0;
  return options;
}

function options(figure, found) {
  const [shape, stacked] = figure.dataset.drawing.split("-");
  const percent = figure.dataset.percent !== undefined;
  const lying = shape === "bars";
  const category = axis(Boolean(stacked), percent, false);
  const value = axis(Boolean(stacked), percent, true);
  if (lying) category.ticks.autoSkip = false;
  return {
    animation: false,
    maintainAspectRatio: false,
    indexAxis: lying ? "y" : "x",
    interaction: { mode: "index", axis: lying ? "y" : "x", intersect: false },
    scales: lying ? { x: value, y: category } : { x: category, y: value },
    plugins: {
      legend: {
        display: found.series.length > 1,
        position: "bottom",
        labels: { color: ink("text"), usePointStyle: shape === "lines", boxWidth: 16, boxHeight: shape === "lines" ? 7 : 11 },
      },
      tooltip: {
        callbacks: {
          title: ([item]) => found.names[item.dataIndex],
          label: (item) => said(found.series[item.datasetIndex], item.dataIndex),
        },
      },
    },
  };
}

/** A cell as the table words it. */
function said(series, at) {
  return `${series.name}: ${series.words[at]}`;
}

/** Arrow keys walk over the rows of a picture, and say each. */
function walk(canvas, chart, found, figure) {
  let at = -1;
  const say = figure.querySelector("[data-say]");
  const show = (row) => {
    const active = found.series.map((_, index) => ({ datasetIndex: index, index: row }));
    const shown = row < 0 ? [] : active;
    chart.setActiveElements(shown);
    chart.tooltip.setActiveElements(shown, { x: 0, y: 0 });
    chart.update("none");
    const words = found.series.map((one) => said(one, row)).join(", ");
    say.textContent = row < 0 ? "" : `${found.names[row]}: ${words}`;
  };
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    at = Math.min(Math.max(at + step, 0), found.names.length - 1);
    show(at);
  });
  canvas.addEventListener("blur", () => show((at = -1)));
}

function draw(figure) {
  const place = figure.querySelector(".chart-place");
  const found = read(figure.querySelector("table"));
  const [shape] = figure.dataset.drawing.split("-");
  const ordered = figure.dataset.ordered !== undefined;
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-labelledby", `${figure.id}-title ${figure.id}-finding`);
  if (shape === "bars") place.style.height = `${found.names.length * ROW + 90}px`;
  place.replaceChildren(canvas);
  place.hidden = false;
  const chart = new Chart(canvas, {
    type: shape === "lines" ? "line" : "bar",
    data: {
      labels: found.short,
      datasets: found.series.map((one, index) =>
        shape === "lines" ? line(one, index) : bars(one, index, ordered),
      ),
    },
    options: options(figure, found),
  });
  charts.push(chart);
  walk(canvas, chart, found, figure);
}

function drawAll() {
  for (const chart of charts.splice(0)) chart.destroy();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  for (const figure of document.querySelectorAll("figure[data-drawing]")) draw(figure);
}

if (typeof Chart !== "undefined") {
  drawAll();
  for (const fold of document.querySelectorAll("figure[data-drawing] details")) fold.open = false;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
}

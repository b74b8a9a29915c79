// Wires the page's controls to its data and hands both to plotly; charts are plotly's, numbers come from Python.
"use strict";

const LAB = JSON.parse(document.getElementById("data-of-the-lab").textContent);
const $ = (id) => document.getElementById(id);
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];
const LIBRARIES = { pytorch: "PyTorch", jax: "JAX", keras: "Keras", numpy: "NumPy" };
const WORDS = {
  ordered: "↓ ordered", critical: "= critical", chaotic: "↑ chaotic", unbounded: "⇈ unbounded", "not determined": "? not determined",
};

// --- small helpers ---

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value;
const last = (list) => list[list.length - 1];
const ten = (log) => (log === null ? null : 10 ** log);

// What is not seen first is drawn once the page is open.
function afterLoad(task) {
  if (document.readyState === "complete") task();
  else addEventListener("load", () => setTimeout(task));
}

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== null) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function superscript(whole) {
  return String(whole).replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));
}

function number(value) {
  if (value === null || value === undefined) return "–";
  if (value === 0) return "0";
  const power = Math.floor(Math.log10(Math.abs(value)));
  if (power < -3 || power > 4) return `${(value / 10 ** power).toFixed(1)} × 10${superscript(power)}`;
  return String(Number(value.toPrecision(3)));
}

const share = (part) => `${(100 * part).toFixed(1).replace(/\.0$/, "")} %`;

function segments(id, name, values, label, changed) {
  $(id).replaceChildren(...values.map((value, k) => {
    const box = element("label", null);
    const input = element("input", null, { type: "radio", name, value });
    input.checked = k === 0;
    input.addEventListener("change", changed);
    box.append(input, element("span", label(value)));
    return box;
  }));
}

function options(id, pairs) {
  $(id).replaceChildren(...pairs.map(([value, text]) => element("option", text, { value })));
}

function table(id, caption, head, rows) {
  const line = (cells, tag) => {
    const row = element("tr", null);
    row.append(...cells.map((cell, k) => element(k === 0 && tag === "td" ? "th" : tag, cell, k === 0 && tag === "td" ? { scope: "row" } : tag === "th" ? { scope: "col" } : {})));
    return row;
  };
  const top = element("thead", null);
  top.append(line(head, "th"));
  const body = element("tbody", null);
  body.append(...rows.map((row) => line(row, "td")));
  $(id).replaceChildren(element("caption", caption), top, body);
}

function say(id, text) {
  $(`${id}-text`).textContent = text;
  $(id).setAttribute("aria-label", text);
}

// --- charts ---

function axis(title, more = {}) {
  return {
    title: { text: title, font: { size: 13 }, standoff: 8 }, gridcolor: colour("grid"), linecolor: colour("line"), zeroline: false,
    exponentformat: "power", automargin: true, ticks: "outside", tickcolor: colour("line"), fixedrange: true, ...more,
  };
}

function draw(id, traces, xaxis, yaxis, more = {}) {
  const layout = {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 8, r: 10, t: 34, b: 8 },
    font: { family: "ui-sans-serif, system-ui, sans-serif", size: 12.5, color: colour("ink") },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" }, hovermode: "closest",
    hoverlabel: { font: { family: "ui-sans-serif, system-ui, sans-serif" } }, xaxis, yaxis, ...more,
  };
  Plotly.react($(id), traces, layout, { displayModeBar: false, responsive: true });
}

// A log axis over what is drawn, half a decade at least, so that noise does not look like a trend.
function decades(lists, least = 0.5) {
  const known = lists.flat().filter((v) => v !== null);
  if (known.length === 0) return [-0.5, 0.5];
  const low = Math.min(...known), high = Math.max(...known), extra = Math.max(0.06 * (high - low), (least - high + low) / 2, 0.03);
  return [low - extra, high + extra];
}

// Where the ticks of a log axis stand: powers of ten, over short ranges 1, 2, 5; plotly knows where over less than that.
function logAxis(title, range, more = {}) {
  const span = range[1] - range[0], ticks = [];
  if (span < 0.75) return axis(title, { type: "log", range, nticks: 6, ...more });
  const every = Math.max(1, Math.round(span / 6));
  for (let p = Math.floor(range[0]); p <= range[1]; p += 1) {
    const within = span > 1.6 ? (p % every === 0 ? [1] : []) : [1, 2, 5];
    ticks.push(...within.map((d) => d * 10 ** p).filter((v) => Math.log10(v) >= range[0] && Math.log10(v) <= range[1]));
  }
  const text = (v) => (span > 1.6 && (v < 0.01 || v > 100) ? `10<sup>${Math.round(Math.log10(v))}</sup>` : number(v));
  return axis(title, { type: "log", range, tickvals: ticks, ticktext: ticks.map(text), ...more });
}

function band(id, layers, [estimate, low, high], predicted, title) {
  const both = layers.filter((_, k) => low[k] !== null && high[k] !== null);
  const ends = (list) => both.map((l) => ten(list[l - 1]));
  const traces = [
    { x: both, y: ends(high), mode: "lines", line: { width: 0 }, hoverinfo: "skip", showlegend: false },
    { x: both, y: ends(low), mode: "lines", line: { width: 0 }, fill: "tonexty", fillcolor: colour("band"), hoverinfo: "skip", name: "interval" },
    { x: layers, y: estimate.map(ten), mode: "lines+markers", line: { color: colour("measured"), width: 2.2 }, marker: { size: 5 }, name: "simulated" },
    { x: layers, y: predicted.map(ten), mode: "lines", line: { color: colour("predicted"), width: 2.4, dash: "dash" }, name: "predicted" },
  ];
  const range = decades([estimate, low, high, predicted]);
  draw(id, traces, axis("layer", { range: [0.5, layers.length + 0.5] }), logAxis(title, range));
}

// One row a layer, the first on top; each is drawn to the same height.
function histograms(id, found, what) {
  const bins = found.shares[0].length, [low, high] = found.ends, step = (high - low) / bins, rows = found.layers.length;
  const edges = Array.from({ length: bins + 1 }, (_, k) => 10 ** (low + k * step)), traces = [], annotations = [];
  found.shares.forEach((shares, k) => {
    const floor = rows - 1 - k, peak = Math.max(...shares, 1), paint = colour(`layer-${k + 1}`);
    const line = { x: edges, mode: "lines", showlegend: false, hoverinfo: "skip" };
    traces.push(
      { ...line, y: edges.map(() => floor), line: { width: 1, color: paint } },
      { ...line, y: [...shares.map((s) => floor + (0.86 * s) / peak), floor], line: { shape: "hv", width: 1.8, color: paint }, fill: "tonexty", fillcolor: `${paint}44`, hoverinfo: "text", text: shares.map((s) => `layer ${found.layers[k]}: ${s / 10} %`) },
    );
    const zeros = found.zeros[k], small = found.beyond[k];
    const beside = zeros === 1000 ? "all exactly 0" : [zeros ? `${share(Math.round(zeros) / 1000)} are 0` : "", small >= 5 ? `${share(small / 1000)} smaller` : ""].filter(Boolean).join(", ");
    if (beside) annotations.push({ text: beside, xref: "paper", x: 0, xanchor: "left", y: floor + 0.46, showarrow: false, font: { size: 11, color: colour("soft") } });
  });
  const places = found.layers.map((_, k) => rows - 1 - k);
  draw(id, traces, logAxis(`size of the ${what}`, [low, high]), axis("", { range: [-0.12, rows], tickvals: places, ticktext: found.layers.map((l) => `layer ${l}`), showgrid: false, ticks: "" }), { annotations, margin: { l: 8, r: 10, t: 8, b: 8 } });
}

// The size that half of a layer's values exceed, of those that are not exactly 0; null if it is smaller than the scale.
function middle(found, k) {
  const half = (1000 - found.zeros[k]) / 2, [low, high] = found.ends, bins = found.shares[k].length;
  let below = found.beyond[k];
  if (below >= half) return null;
  for (let b = 0; b < bins; b += 1) {
    below += found.shares[k][b];
    if (below >= half) return 10 ** (low + ((b + 0.5) * (high - low)) / bins);
  }
  return 10 ** high;
}

function sayHistograms(id, found, what) {
  if (found === null) {
    say(id, `Some ${what} are no finite numbers any more.`);
    return;
  }
  const ends = [0, found.layers.length - 1].map((k) => {
    const size = middle(found, k), zeros = found.zeros[k], layer = `in layer ${found.layers[k]}`;
    if (zeros === 1000) return `${layer} all are exactly 0`;
    const rest = size === null ? "is too small to be drawn" : `exceeds ${number(size)}`;
    return zeros ? `${layer} ${share(zeros / 1000)} are exactly 0, and half of the others ${rest}` : `${layer} half ${rest}`;
  });
  say(id, `Each row is one layer: how its ${what} are spread over powers of ten. Of them, ${ends.join("; ")}. Rows that move left from layer to layer shrink, to the right they grow; all are drawn to the same height.`);
}

// --- at initialization ---

function cell() {
  const activation = LAB.activations[$("activation").value], stop = activation.stops[Number($("weight").value)];
  const place = stop.biases[LAB.grid.biases.indexOf(chosen("bias"))], depth = chosen("depth");
  return { activation, stop, place, depth, found: place.cells[`${depth}:${chosen("width")}`] };
}

function changeActivation() {
  const { stops } = LAB.activations[$("activation").value], before = Number($("weight").dataset.weight || 0);
  const near = (k) => Math.abs(Math.log(stops[k].weight / before));
  const kept = before > 0 ? stops.reduce((best, _, k) => (near(k) < near(best) ? k : best), 0) : stops.findIndex((s) => s.rule);
  $("weight").max = stops.length - 1;
  $("weight").value = kept;
  showCell();
}

function showCell() {
  const { activation, stop, place, depth, found } = cell(), layers = found.q[0].map((_, k) => k + 1), { regime } = place;
  $("weight").dataset.weight = stop.weight;
  $("weight-value").textContent = stop.label + (stop.rule ? ", the derived rule" : "");
  $("weight").setAttribute("aria-valuetext", $("weight-value").textContent);
  $("use-rule").disabled = stop.rule;
  $("stops").textContent = `Stops: ${activation.stops.map((s) => s.label).join(", ")}.`;
  $("expression").textContent = `f(z) = ${activation.expression}`;
  $("phase").textContent = WORDS[regime.phase];
  $("forward-word").textContent = `signal ${regime.forward}`;
  $("backward-word").textContent = regime.backward === "not determined" ? "" : `gradients ${regime.backward}`;
  $("regime").textContent = place.sentence;
  band("forward", layers, found.q, place.prediction.q.slice(0, layers.length), "second moment of z");
  band("backward", layers, found.g, place.prediction.g[depth], "second moment of the gradient");
  sayBand("forward", layers, found.q, place.prediction.q, ["layer 1", `layer ${depth}`], "of the pre-activations z, relative to the input's, goes");
  sayBand("backward", layers, found.g.map((l) => [...l].reverse()), [...place.prediction.g[depth]].reverse(), [`layer ${depth}`, "layer 1"], "of what arrives at a layer's inputs, relative to the gradient at the end, goes");
  afterLoad(() => {
    for (const [id, key] of [["activations", "a"], ["gradients", "d"]]) {
      histograms(id, found[key], id);
      sayHistograms(id, found[key], id);
    }
    showNumbers(layers, found, place.prediction, depth);
    showRule(activation);
    showReasons(place.because);
  });
}

function sayBand(id, layers, [estimate, low, high], predicted, [from, to], what) {
  const known = layers.filter((_, k) => estimate[k] !== null && k < predicted.length);
  const inside = known.filter((l) => (low[l - 1] ?? -Infinity) - 1e-4 <= predicted[l - 1] && predicted[l - 1] <= (high[l - 1] ?? Infinity) + 1e-4);
  const missing = layers.length - layers.filter((_, k) => estimate[k] !== null).length;
  const whole = predicted.length >= layers.length;
  const theory = whole ? `By theory the second moment ${what} from ${number(ten(predicted[0]))} at ${from} to ${number(ten(predicted[layers.length - 1]))} at ${to}.` : "Theory is not certified for all of these layers.";
  const ends = [[estimate[0], from], [last(estimate), to]].filter(([v]) => v !== null).map(([v, place]) => `${number(ten(v))} at ${place}`);
  const seen = known.length === 0 ? "" : ` Simulated networks have ${ends.length ? ends.join(" and ") : "known means between"}; the prediction lies in the interval in ${inside.length} of ${known.length} layers.`;
  const open = missing ? ` In ${missing} layers the mean is too skewed to be estimated from ${LAB.grid.networks} networks.` : "";
  say(id, theory + seen + open);
}

function showNumbers(layers, found, prediction, depth) {
  const interval = ([, low, high], k) => (low[k] === null && high[k] === null ? "–" : `${number(ten(low[k]))} to ${number(ten(high[k]))}`);
  const row = (l, k) => [
    String(l), number(ten(prediction.q[k] ?? null)), number(ten(found.q[0][k])), interval(found.q, k),
    number(ten(prediction.g[depth][k] ?? null)), number(ten(found.g[0][k])), interval(found.g, k),
  ];
  const head = ["layer", "E z²: predicted", "simulated", "interval", "gradient: predicted", "simulated", "interval"];
  table("table", `${LAB.grid.networks} networks, drawn by the sampler "${found.method}", ${found.dead} of them dead; predictions are proven to within ${number(prediction.error)}, relative`, head, layers.map(row));
  $("notes").textContent = found.notes.join(". ");
}

function showRule({ name, rule, edges }) {
  const value = (n) => (n === null ? "–" : `${n.exact !== null && n.exact.length < 34 ? `${n.exact} = ` : ""}${Number(Number(n.value).toPrecision(7))} (${n.status})`);
  const side = (label, r) => [label, r.second_moment === null ? "undefined" : value(r.second_moment), r.gain === null ? "–" : value(r.gain), r.weight_variance ?? "–"];
  table("rule", `${name}: what keeps second moments where E z² = 1`, ["direction", "E f² or E f′²", "gain", "Var(W)"], [side("forward", rule.forward), side("backward", rule.backward)]);
  $("rule-title").textContent = `The rule for ${name}`;
  const bias = chosen("bias"), edge = edges[bias];
  $("edge").textContent = edge.weight === null
    ? `Edge of chaos with bias variance ${bias}: none. ${edge.message}`
    : `Edge of chaos with bias variance ${bias}: n Var(W) = ${Number(Number(edge.weight).toPrecision(7))}.${edge.message ? ` Here ${edge.message}.` : ""}`;
  $("scope").textContent = rule.scope;
  $("snippet").textContent = rule.snippets[chosen("library")] ?? "There is no number to write here.";
}

// --- during training ---

const runsOf = (data) => LAB.training[`${data}:${chosen("trained-activation")}`].runs;

function showTraining() {
  const name = $("init").value, moons = LAB.training[`moons:${chosen("trained-activation")}`];
  const run = moons.runs.find((r) => r.init === name), taken = Math.min(Number($("snapshot").value), run.snapshots.length - 1);
  const shot = run.snapshots[taken];
  $("snapshot-value").textContent = String(shot.step);
  $("snapshot").setAttribute("aria-valuetext", `${shot.step} steps`);
  const seen = runsOf(chosen("data")).find((r) => r.init === name);
  $("outcome").textContent = outcome(seen);
  $("outcome-loss").textContent = seen.diverged ? "" : `loss ${number(seen.final)}, ${share(seen.accuracy)} right`;
  $("init-text").textContent = LAB.inits[name].text;
  showLosses(name, seen);
  showDecision(moons, run, shot);
  for (const [id, key, what] of [["trained-activations", "a", "activations"], ["trained-gradients", "d", "gradients"]]) {
    if (shot[key] !== null) histograms(id, shot[key], what);
    sayHistograms(id, shot[key], what);
  }
  showAccuracy(name);
  showReasons(LAB.inits[name].because);
}

function outcome(run) {
  if (run.diverged) return "⇈ diverged";
  if (run.symmetric) return "≡ units stayed identical";
  return run.final < 0.5 * run.loss[0] ? "✓ learned" : "– hardly learned";
}

function showLosses(name, seen) {
  const runs = runsOf(chosen("data"));
  const traces = runs.map((run, k) => ({
    x: run.steps, y: run.loss, mode: "lines", name: run.init, opacity: run.init === name ? 1 : 0.6,
    line: { color: colour(`init-${k + 1}`), width: run.init === name ? 3.6 : 1.5, dash: run.init === name ? "solid" : DASHES[k % 5] },
  }));
  traces.sort((a, b) => a.line.width - b.line.width);
  const logs = runs.map((r) => r.loss.map((v) => (v === null || v <= 0 ? null : Math.log10(v))));
  draw("loss", traces, axis("step"), logAxis("loss of a batch", decades(logs)), { legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 11 }, traceorder: "normal" } });
  const start = seen.loss[0] === null ? "overflows within the first steps" : `begins at ${number(seen.loss[0])}`;
  const end = seen.diverged ? "and leaves the range of numbers: training diverged" : `and is ${number(seen.final)} on all training data in the end`;
  say("loss", `From ${name} on ${chosen("data")} the loss ${start} ${end}. The thick line is ${name}; a point is a mean over a few steps.`);
}

function showDecision(moons, run, shot) {
  const [x, y] = moons.axes, bytes = Uint8Array.from(atob(shot.decision), (c) => c.charCodeAt(0));
  const z = y.map((_, row) => Array.from(bytes.slice(row * x.length, (row + 1) * x.length), (b) => b / 255));
  const dots = (label, symbol) => {
    const rows = moons.examples.label.map((l, k) => (l === label ? k : -1)).filter((k) => k >= 0);
    return {
      x: rows.map((k) => moons.examples.x[k]), y: rows.map((k) => moons.examples.y[k]), mode: "markers", name: label ? "lower moon" : "upper moon",
      marker: { symbol, size: 7, color: colour(`class-${label + 1}`), line: { width: 1, color: colour("card") } }, hoverinfo: "skip",
    };
  };
  const scale = [[0, colour("class-1")], [0.5, colour("between")], [1, colour("class-2")]];
  const traces = [
    { type: "heatmap", x, y, z, zmin: 0, zmax: 1, colorscale: scale, opacity: 0.55, zsmooth: "best", showscale: false, hovertemplate: "probability of the lower moon: %{z:.2f}<extra></extra>" },
    { type: "contour", x, y, z, contours: { start: 0.5, end: 0.5, size: 1, coloring: "none" }, line: { color: colour("ink"), width: 2 }, showlegend: false, showscale: false, hoverinfo: "skip" },
    dots(0, "circle"), dots(1, "diamond"),
  ];
  draw("decision", traces, axis("", { range: [x[0], last(x)], showgrid: false }), axis("", { range: [y[0], last(y)], showgrid: false }));
  const ended = run.diverged && shot === last(run.snapshots) ? " There is no later network: training diverged." : "";
  say("decision", `After ${shot.step} steps from ${run.init} the network is right about ${share(shot.right)} of the examples. The line is where it is undecided; the shade says which moon it decides for, and how surely.${ended}`);
}

function showAccuracy(name) {
  const key = `digits:${chosen("trained-activation")}`;
  $("accuracy-figure").hidden = !(key in LAB.training);
  if (!(key in LAB.training)) return;
  const runs = LAB.training[key].runs, width = (r) => (r.init === name ? 3 : 0);
  const bars = (label, field, paint) => ({
    type: "bar", name: label, x: runs.map((r) => r.init), y: runs.map((r) => 100 * (r[field] ?? 0)),
    text: runs.map((r) => (r[field] === null ? "diverged" : (100 * r[field]).toFixed(0))), textposition: "outside", cliponaxis: false,
    marker: { color: paint, line: { color: colour("ink"), width: runs.map(width) } }, hovertemplate: "%{x}: %{y:.1f} %",
  });
  draw("accuracy", [bars("training images", "accuracy", colour("measured")), bars("held-out images", "test", colour("predicted"))], axis(""), axis("% right", { range: [0, 112], tickvals: [0, 25, 50, 75, 100] }), { barmode: "group" });
  const run = runs.find((r) => r.init === name);
  say("accuracy", run.diverged
    ? `From ${name} training on digits diverged. Guessing is right in 10 %.`
    : `From ${name} the network reads ${share(run.accuracy)} of the images that it was trained on, and ${share(run.test)} of those that were held out. Guessing is right in 10 %.`);
}

function showRuns() {
  const rows = Object.values(LAB.training).flatMap(({ data, activation, runs }) => runs.map((r) => [
    r.init, activation, data, number(r.loss[0]), number(r.final), r.accuracy === null ? "–" : share(r.accuracy), r.test === null ? "–" : share(r.test), outcome(r),
  ]));
  table("runs", "Every run of training on this page", ["initialization", "activation", "data", "first loss", "final loss", "training", "held out", "outcome"], rows);
}

// --- the derivation ---

function showReasons(because) {
  $("because").replaceChildren(...because.map(([name, why]) => {
    const button = element("button", `${LAB.proofs[name].title}: ${why}`, { type: "button", "data-theorem": name });
    button.addEventListener("click", () => showProof(name));
    return button;
  }));
  showProof(because[0][0]);
}

function html(tag, text, className) {
  const made = element(tag, null, className ? { class: className } : {});
  made.innerHTML = text; // made by this page's writer from the library, with nothing of anybody else's in it
  return made;
}

function showProof(name) {
  const proof = LAB.proofs[name];
  $("theorem").value = name;
  for (const button of $("because").children) button.setAttribute("aria-pressed", String(button.dataset.theorem === name));
  const title = element("h3", `${proof.title} `);
  title.append(element("span", proof.verdict, { class: "word" }));
  const parts = [title, html("div", proof.prose, "small"), html("div", proof.claim, "formula")];
  if (proof.definitions.length) parts.push(html("p", `where ${proof.definitions.join(", ")}`));
  const givens = element("details", null);
  givens.append(element("summary", `${proof.givens.length} assumptions`), html("ul", proof.givens.map((g) => `<li>${g}</li>`).join("")));
  const links = element("ol", null);
  links.append(...proof.links.map(link));
  parts.push(givens, element("h3", proof.links.length === 1 ? "One link" : `${proof.links.length} links`), links);
  if (proof.beside.length) parts.push(element("h3", "Beside it"));
  for (const other of proof.beside) {
    const said = html("div", other.claim, "formula");
    said.append(element("span", other.verdict, { class: "word" }));
    parts.push(html("div", other.prose, "small"), said);
  }
  parts.push(html("div", proof.closing, "small"));
  $("proof").replaceChildren(...parts);
}

function link({ start, formula, reason, verdict, uses, facts }) {
  const item = element("li", null), used = element("p", uses.length ? "Uses " : "Uses no assumption. ", { class: "small" });
  uses.forEach((text, k) => used.append(k ? ", " : "", element("code", text)));
  if (facts.length) used.append(`${uses.length ? ". " : ""}Leans on ${facts.join(", ")}. `);
  used.append(" ", element("span", verdict, { class: "word" }));
  item.append(html("p", reason || "as claimed", "reason"));
  if (start) item.append(html("div", start, "formula"));
  item.append(html("div", formula, "formula"), used);
  return item;
}

// --- the page ---

function theme(name) {
  document.documentElement.dataset.theme = name;
  $("theme").setAttribute("aria-pressed", String(name === "dark"));
  $("theme").textContent = name === "dark" ? "Light" : "Dark";
}

function show() {
  const signals = chosen("view") === "signals";
  $("signals").hidden = !signals;
  $("training").hidden = signals;
  (signals ? showCell : showTraining)();
}

function start() {
  const { grid, activations, training, proofs } = LAB, dark = matchMedia("(prefers-color-scheme: dark)");
  theme(dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => { theme(dark.matches ? "dark" : "light"); show(); });
  $("theme").addEventListener("click", () => { theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"); show(); });
  for (const input of document.getElementsByName("view")) input.addEventListener("change", show);
  options("activation", Object.keys(activations).map((name) => [name, name]));
  segments("bias", "bias", grid.biases, String, showCell);
  segments("depth", "depth", grid.depths.map(String), String, showCell);
  segments("width", "width", grid.widths.map(String), String, showCell);
  last($("depth").querySelectorAll("input")).checked = true;
  last($("width").querySelectorAll("input")).checked = true;
  segments("library", "library", Object.keys(LIBRARIES), (key) => LIBRARIES[key], showCell);
  $("activation").addEventListener("change", changeActivation);
  $("weight").addEventListener("input", showCell);
  $("use-rule").addEventListener("click", () => { $("weight").value = cell().activation.stops.findIndex((s) => s.rule); showCell(); });
  options("init", grid.training.inits.map((name) => [name, name]));
  segments("trained-activation", "trained-activation", grid.training.activations, String, showTraining);
  segments("data", "data", [...new Set(Object.values(training).map((t) => t.data))].sort().reverse(), String, showTraining);
  if (grid.training.inits.includes("xavier")) $("init").value = "xavier";
  $("init").addEventListener("change", showTraining);
  $("snapshot").max = grid.training.snapshots.length - 1;
  $("snapshot").value = $("snapshot").max;
  $("snapshot").addEventListener("input", showTraining);
  options("theorem", Object.values(proofs).map((p) => [p.name, `${p.title} (${p.name})`]));
  $("theorem").addEventListener("change", () => showProof($("theorem").value));
  $("grid").textContent = `At initialization: ${grid.cells.toLocaleString("en")} kinds of networks were computed beforehand, and nothing between them. Activations ${grid.activations.join(", ")}; n Var(W) ${grid.weights.join(", ")} and each activation's own rule; bias variances ${grid.biases.join(", ")}; depths ${grid.depths.join(", ")}; widths ${grid.widths.join(", ")}; Gaussian weights, inputs with |x|² = n; ${grid.networks} networks each, seed ${grid.seed}. An interval misses the mean with probability at most ${grid.error_rate}. Histograms show a few more networks.`;
  const t = grid.training;
  $("runs-grid").textContent = `During training: depth ${t.depth}, width ${t.moons_width} on the moons${t.digits ? ` and ${t.digits_width} on the digits (1,797 real images)` : ""}; ${t.steps} steps of gradient descent at rate ${t.learning_rate}, batches of ${t.batch_size}, cross-entropy, a fifth held out, seed ${t.seed}. All runs begin from the same draws.`;
  changeActivation();
  afterLoad(showRuns);
}

start();
afterLoad(() => { document.documentElement.dataset.ready = String(Math.round(performance.now())); });

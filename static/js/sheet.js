// A sheet of paper is keyed in fast: a press ticks a whole session, and a row of numbers is typed in one go, the cursor
// going on by itself. Without this file the buttons ask the server to tick, and Tab leads from field to field.
"use strict";

const sheet = document.querySelector("[data-sheet]");

function boxesOf(slot) {
  const boxes = [...sheet.querySelectorAll("input[name='done'][data-slot]")];
  return slot === "all" ? boxes : boxes.filter((box) => box.dataset.slot === slot);
}

sheet?.addEventListener("click", (event) => {
  const button = event.target.closest("button[name='tick']");
  if (!button) return;
  event.preventDefault();
  const boxes = boxesOf(button.value);
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
});

// "4", "10" and "B" are whole; "1" may become 10. A hyphen leaves a place empty, and so does a space but for one that ends a 1.
function parts(text, letters) {
  return text.toUpperCase().match(letters ? /[A-Z]|[ -]/g : /10|[0-9]|[ -]/g) ?? [];
}

function rowOf(input) {
  return [...sheet.querySelectorAll(`input[data-cell="${input.dataset.cell}"]`)];
}

for (const input of sheet?.querySelectorAll("input[data-cell]") ?? []) input.removeAttribute("maxlength");

sheet?.addEventListener("input", (event) => {
  const input = event.target;
  if (!input.dataset.cell || event.inputType?.startsWith("delete")) return;
  const letters = "letter" in input.dataset;
  const found = parts(input.value, letters);
  if (!found.length) return;
  const row = rowOf(input);
  let place = row.indexOf(input);
  let last = null;
  for (const part of found) {
    if (place >= row.length) break;
    const empty = part === " " || part === "-";
    // After a 1 the space only ends it: the cursor goes to the next place now
    if (part === " " && last === "1") { last = part; continue; }
    row[place].value = empty ? "" : part;
    place += 1;
    last = part;
  }
  const open = found.at(-1) === "1" && !letters;
  const next = row[Math.min(open ? place - 1 : place, row.length - 1)];
  next.focus();
  next.select?.();
  if (open) next.setSelectionRange(1, 1);
});

// Enter goes to the next row, as on a list of figures; the button saves.
sheet?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.dataset.cell) return;
  event.preventDefault();
  const cells = [...sheet.querySelectorAll("input[data-cell]")];
  cells.find((cell) => Number(cell.dataset.cell) > Number(event.target.dataset.cell))?.focus();
});

// How a colour looks on light and dark pages, and how well it reads, while it is chosen. The server measures again.
"use strict";

(() => {
  const form = document.querySelector("[data-look]");
  if (!form) return;
  const GROUNDS = { light: ["#FBF8F3", "#FFFFFF", "#F2EDE4"], dark: ["#14191B", "#1C2326", "#0F1315"] };
  const ENOUGH = 4.5;
  const follow = form.elements.follow;
  const words = (name) => form.querySelector(`[data-look-words=${name}]`).textContent;

  const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const linear = (share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const faintest = (colour, theme) => Math.min(...GROUNDS[theme].map((ground) => contrast(colour, ground)));
  const mixed = (colour, ground, share) => {
    const base = channels(ground);
    const parts = channels(colour).map((part, at) => Math.round((part * share + base[at] * (1 - share)) * 255));
    return `rgb(${parts.join(" ")})`;
  };

  // As the server finds it: lighter in small steps until it reads; here the way to white stands for the hue.
  function forDark(colour) {
    for (let share = 1; share >= 0; share -= 0.02) {
      const [red, green, blue] = channels(colour).map((part) => part * share + 1 - share);
      const hex = `#${[red, green, blue].map((part) => Math.round(part * 255).toString(16).padStart(2, "0")).join("")}`;
      if (faintest(hex, "dark") >= ENOUGH) return hex;
    }
    return "#FFFFFF";
  }

  function show() {
    form.querySelector("[data-look-dark]").hidden = follow.checked;
    for (const theme of ["light", "dark"]) {
      const taken = form.elements[theme].value;
      const colour = theme === "dark" && follow.checked ? forDark(form.elements.light.value) : taken;
      const ratio = faintest(colour, theme);
      const says = form.querySelector(`[data-look-says=${theme}]`);
      const figure = (Math.floor(ratio * 100) / 100).toLocaleString(document.documentElement.lang);
      says.textContent = words(ratio >= ENOUGH ? "enough" : "faint").replace("{ratio}", figure);
      const panel = document.querySelector(`[data-look-preview=${theme}]`).style;
      panel.setProperty("--brand", colour);
      panel.setProperty("--on-brand", theme === "light" ? "#FFFFFF" : "#06201E");
      panel.setProperty("--brand-tint", mixed(colour, GROUNDS[theme][1], 0.14));
    }
  }

  form.addEventListener("input", show);
  show();
})();

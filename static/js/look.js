// How a colour looks on light and dark pages, and how well it reads, while it is chosen. The server measures again.
"use strict";

(() => {
  const form = document.querySelector("[data-look]");
  if (!form) return;
  const GROUNDS = { light: ["#FBF8F3", "#FFFFFF", "#F2EDE4"], dark: ["#14191B", "#1C2326", "#0F1315"] };
  const ENOUGH = 4.5;
  const EASILY = 7;
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

  function hls(colour) {
    const [red, green, blue] = channels(colour);
    const [top, low] = [Math.max(red, green, blue), Math.min(red, green, blue)];
    const [span, light] = [top - low, (top + low) / 2];
    if (!span) return [0, light, 0];
    const sixth = top === red ? ((green - blue) / span + 6) % 6 : top === green ? (blue - red) / span + 2 : (red - green) / span + 4;
    return [sixth / 6, light, span / (1 - Math.abs(2 * light - 1))];
  }

  function hex(hue, light, saturation) {
    const part = (n) => {
      const k = (n + hue * 12) % 12;
      const share = light - saturation * Math.min(light, 1 - light) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
      return Math.round(share * 255).toString(16).padStart(2, "0");
    };
    return `#${part(0)}${part(8)}${part(4)}`;
  }

  // As the server finds it: the same hue, as light as it takes to be read easily.
  function forDark(colour) {
    const [hue, lightness, saturation] = hls(colour);
    for (let step = Math.round(lightness * 400); step <= 400; step += 1) {
      const found = hex(hue, step / 400, saturation);
      if (faintest(found, "dark") >= EASILY) return found;
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

// One set in words, from its figures, as entry_words of clients/templatetags/dose.py says it: for figures that were changed
// here, until the server says them.
"use strict";

window.setWords = (() => {
  const patterns = JSON.parse(document.querySelector("[data-set-words]").dataset.setWords);
  const language = document.documentElement.lang;

  const filled = (name, values) => patterns[name].replace(/%\((\w+)\)(02)?[ds]/g, (_whole, key, pad) => String(values[key]).padStart(pad ? 2 : 0, "0"));

  function duration(seconds) {
    if (seconds < patterns.minutes_from) return filled("seconds", { seconds });
    const time = { minutes: Math.floor(seconds / 60), seconds: seconds % 60 };
    return filled(time.seconds ? "both" : "minutes", time);
  }

  // `side` is the word for it, empty where there is none.
  return ({ reps = "", seconds = "", load_kg = "", band = "" }, side) => {
    const held = Number(seconds) > 0;
    const counted = reps !== "" && reps !== null;
    let set = counted ? filled(Number(reps) === 1 ? "once" : "reps", { reps }) : duration(Number(seconds));
    if (counted && held) set = filled("turns", { reps, hold: duration(Number(seconds)) });
    if (side) set = filled("side", { set, side });
    if (Number(load_kg)) set = filled("load", { set, load: Number(load_kg).toLocaleString(language, { useGrouping: false }) });
    if (band) set = filled("band", { set, colour: patterns.bands[band] });
    return set;
  };
})();

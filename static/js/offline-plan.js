// What is to do without a network, from the plan on this device and from what the device did since. Pure.
"use strict";

window.offlinePlan = (() => {
  const dayIn = (zone, moment) => new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(moment);

  // Side by side: all items of one exercise are one screen.
  function screens(items) {
    const found = new Map();
    for (const item of items) found.set(item.exercise, [...(found.get(item.exercise) || []), item]);
    return [...found.values()];
  }

  // Set 1 left, set 1 right, set 2 left …; a side with fewer sets ends earlier.
  function rows(items) {
    const most = Math.max(...items.map((item) => item.sets));
    const numbers = Array.from({ length: most }, (_, n) => n + 1);
    return numbers.flatMap((number) => items.filter((item) => number <= item.sets).map((item) => ({ item, number })));
  }

  const FIGURES = ["reps", "seconds", "load_kg", "band"];

  // One set as it stands: filled in by the plan, or with the figures that were told on this device since.
  function setOf(item, number) {
    const asked = item.each[number - 1];
    const told = item.changed.get(number);
    if (!told) return asked;
    const set = { ...asked, ...told };
    set.told = setWords(set, item.short);
    if (asked.reps !== null) set.turns = Number(set.reps) * (item.alternating ? 2 : 1);
    if (asked.hold) set.hold = Number(set.seconds);
    return { ...set, window: set.hold * set.turns };
  }

  // Seconds until the next set: the change of sides within one, else the rest that was asked for.
  const pauseAfter = (row, following) => (!following ? 0 : following.number === row.number ? row.item.change : row.item.rest);

  const sameItem = (item, named) => Boolean(named) && (named.id ? named.id === item.id : named.exercise === item.exercise && named.side === item.side);

  function belongs(session, act, zone) {
    if (act.session?.id) return act.session.id === session.id;
    const began = act.kind === "start" ? act.device_time : act.session?.started;
    return Boolean(began) && act.session.number === session.number && dayIn(zone, new Date(began)) === session.day;
  }

  // Each act of this device in its order on top of what the plan knew.
  function withActs(session, acts, zone) {
    const items = session.items.map((item) => ({ ...item, done: new Set(item.done || []), changed: new Map(), skipped: Boolean(item.skipped) }));
    const state = { ...session, items, begun: Boolean(session.id), finished: false, ref: session.id ? { id: session.id } : null };
    for (const act of acts) {
      if (!belongs(session, act, zone)) continue;
      if (act.kind === "start" && act.done && !state.ref) {
        state.ref = { key: act.key, number: act.session.number, started: act.device_time };
        state.begun = true;
      }
      if (act.kind === "finish") state.finished = true;
      if (act.kind === "tightness") state.tightness = { ...state.tightness, [act.what.when]: act.what.value };
      for (const item of items) {
        if (act.kind === "set" && sameItem(item, act.item)) {
          item.done[act.done ? "add" : "delete"](act.number);
          if (act.what) item.changed.set(act.number, Object.fromEntries(FIGURES.filter((name) => name in act.what).map((name) => [name, act.what[name]])));
        }
        const exercise = items.find((each) => sameItem(each, act.item))?.exercise;
        if (exercise !== item.exercise) continue;
        if (act.kind === "stop") item.stopped = true; // and is not taken up again
        if (["skip", "stop", "unskip"].includes(act.kind)) item.skipped = item.stopped || act.kind !== "unskip";
      }
    }
    return state;
  }

  const DAY = 24 * 3600_000;

  // The sessions of today, those that are going on first. `unsent` are keys of acts that the plan cannot know.
  function sessionsOf(plan, acts, unsent, now) {
    const today = dayIn(plan.zone, now);
    const newer = acts.filter((act) => unsent.has(act.key) || act.device_time >= plan.asked_at);
    const known = acts.filter((act) => act.kind === "start" || newer.includes(act));
    const planned = (day) => (plan.days.find((each) => each.day === day)?.sessions || []).map((each) => ({ ...each, day }));
    const withAll = (session) => withActs(session, known, plan.zone);
    const overMidnight = planned(dayIn(plan.zone, now - DAY)).map(withAll);
    const goesOn = ({ ref, finished }) => ref?.started && !finished && now - new Date(ref.started) < plan.goes_on * 1000;
    return [...overMidnight.filter(goesOn), ...[...plan.open, ...planned(today)].map(withAll)];
  }

  // The next day after this one on which there is something to do; null where the plan knows none.
  const nextDay = (plan, now) => plan.days.find((each) => each.day > dayIn(plan.zone, now) && each.sessions.length)?.day || null;

  const settled = (items) => items.every((item) => item.skipped || item.done.size >= item.sets);

  // Which tightness the screen at this place asks: before the first set of the release block, after its last; else "".
  function tightnessAt(session, place) {
    const all = screens(session.items);
    const release = [...all.keys()].filter((each) => all[each][0].release);
    if (!session.tightness || !release.length) return "";
    const over = release.every((each) => settled(all[each]));
    const begun = session.items.some((item) => item.skipped || item.done.size);
    if (place === release.at(-1) && over && "before" in session.tightness) return "after";
    return place === release[0] && !begun ? "before" : "";
  }

  return { FIGURES, nextDay, pauseAfter, rows, screens, sessionsOf, setOf, settled, tightnessAt };
})();

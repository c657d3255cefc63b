// Tabs that scroll sideways on a small screen begin where the current one can be seen.
"use strict";

for (const current of document.querySelectorAll(".workplace-places [aria-current], .client-tabs [aria-current], .timeline-kinds [aria-current]")) {
  const strip = current.closest(".workplace-nav, .segmented");
  const from = strip.getBoundingClientRect();
  const own = current.getBoundingClientRect();
  if (own.right > from.right || own.left < from.left) strip.scrollLeft += own.left - from.left - (from.width - own.width) / 2;
}

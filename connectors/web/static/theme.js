"use strict";
// Before anything is drawn, so that a dark screen never flashes white.
try {
  const kept = localStorage.getItem("theme");
  if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
} catch { /* no storage: the system's choice */ }

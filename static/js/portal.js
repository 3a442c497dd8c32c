// Small conveniences only: every page works without this file.
"use strict";

// The error summary takes the focus, also in browsers that ignore autofocus on it.
const errors = document.getElementById("errors");
if (errors) {
  errors.focus();
}

// A passkey that was refused or cancelled is said in words, where the page has a place for it.
document.addEventListener("allauth.error", (event) => {
  const place = document.getElementById("passkey-error");
  if (place) {
    event.preventDefault();
    place.hidden = false;
    place.focus();
  }
});

// Two minutes before the session ends, say so, and let one button go on (WCAG 2.2.1).
const sessionEnd = document.getElementById("session-end");
if (sessionEnd) {
  const warn = () => {
    sessionEnd.hidden = false;
  };
  const wait = () => setTimeout(warn, (Number(sessionEnd.dataset.seconds) - 120) * 1000);
  let timer = wait();
  sessionEnd.querySelector("button").addEventListener("click", async () => {
    const answer = await fetch(sessionEnd.dataset.url, { method: "HEAD", credentials: "same-origin" });
    if (answer.ok && !answer.redirected) {
      sessionEnd.hidden = true;
      clearTimeout(timer);
      timer = wait();
    } else {
      location.reload();
    }
  });
}

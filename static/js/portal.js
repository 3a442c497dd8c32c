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

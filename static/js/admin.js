// Mends of Django's admin that no template reaches; the pages work without this file.
"use strict";

// A select with search has no name of its own: give it the words of the field's label.
function nameSearchBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const box = select.parentElement.querySelector(".select2-selection");
    if (label && box) {
      label.id = label.id || `${select.id}_label`;
      const shown = box.querySelector(".select2-selection__rendered");
      shown.removeAttribute("role"); // the words inside the box are no field of their own
      shown.removeAttribute("aria-readonly");
      box.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
    }
  }
}

// The hint of a filter box is a bare <span>, which may carry no name: it is a picture.
function nameHints() {
  for (const hint of document.querySelectorAll("span.help-tooltip[aria-label]")) {
    hint.setAttribute("role", "img");
  }
}

// After the admin's own callbacks, which build the boxes.
if (window.django && window.django.jQuery) {
  window.django.jQuery(nameSearchBoxes);
  window.addEventListener("load", () => setTimeout(nameHints)); // these are built on load
  document.addEventListener("formset:added", () => setTimeout(nameSearchBoxes));
}
